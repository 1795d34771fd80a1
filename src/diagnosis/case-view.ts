import type { JudgeInput } from '../model/judgement.ts';
import { STAGES, stageAt, type Stage } from '../model/smtp.ts';
import { SegmentNote, type Segment } from '../model/tcp.ts';
import { has, isData, lacksWords, type Scene } from './case.ts';
import type { CaseView } from './finding.ts';
import { heardBetween, isServerUnheard } from './half-heard.ts';
import { viewLog, type LogView } from './log-view.ts';
import { findSignals, strayResets, type Signal } from './signals.ts';
import { waitBefore, type Wait } from './waiting.ts';

/** Lays a captured session out for the rules. */
export function viewCase(input: JudgeInput, scene: Scene): CaseView {
  const signals = findSignals(scene);
  const ending = signals[0] ?? null;
  return new CapturedCase(input, scene, signals, ending, viewLog(input));
}

class CapturedCase implements CaseView {
  readonly input: JudgeInput;
  readonly scene: Scene;
  readonly signals: readonly Signal[];
  readonly strays: readonly Segment[];
  readonly ending: Signal | null;
  readonly log: LogView | null;
  readonly stage: Stage;
  #wait: Wait | null | undefined;

  constructor(input: JudgeInput, scene: Scene, signals: readonly Signal[], ending: Signal | null, log: LogView | null) {
    this.input = input;
    this.scene = scene;
    this.signals = signals;
    this.strays = strayResets(scene);
    this.ending = ending;
    this.log = log;
    this.stage = stageOf(scene, ending, log);
  }

  /** Who owed what is asked of few sessions. */
  get wait(): Wait | null {
    if (this.#wait === undefined) this.#wait = this.ending ? waitBefore(this.scene, this.ending.atUs) : null;
    return this.#wait;
  }
}

function stageOf(scene: Scene, ending: Signal | null, log: LogView | null): Stage {
  const { connection, dialogue, roles } = scene;
  if (connection.sawSyn && connection.establishedUs === null && !scene.flagsAlone && !scene.segments.some(isData)) return 'connect';
  const seen = ending ? stageAt(dialogue, ending.atUs, ending.packet) : (dialogue.stages.at(-1)?.stage ?? 'connect');
  const known = seen === 'connect' ? 'banner' : seen === 'data-command' && inChunk(dialogue) ? 'data-body' : heardStage(scene, seen, ending);
  if (!log || !lacksWords(scene)) return known;
  const inEnvelope = log.stage === 'rcpt' && dialogue.transactions.length === 0;
  // Octets of the client that are no commands, after recipients were accepted, can only be the message.
  if (inEnvelope && !connection.sawSyn && scene.endpoint(roles.client).octets > 0 && !dialogue.events.some((event) => event.kind === 'command' && event.known))
    return 'data-body';
  // That no message was begun tells nothing of HELO, where all that the packets say is there.
  if (log.stage === 'helo' && connection.sawSyn && !scene.lossyCapture) return known;
  return later(known, log.stage);
}

/** In a capture of one direction the acknowledgements tell whether a message had begun that is not in the file, and whether one that is was answered. */
function heardStage(scene: Scene, seen: Stage, ending: Signal | null): Stage {
  if (scene.connection.bothDirections || (seen !== 'data-command' && seen !== 'data-end')) return seen;
  const change = scene.dialogue.stages.findLast(({ stage }) => stage === seen);
  if (!change) return seen;
  const fromUs = change.at.atUs;
  const untilUs = ending?.atUs ?? scene.connection.lastUs;
  if (!isServerUnheard(scene)) {
    // What came with the FIN belongs to the message, the FIN itself does not.
    const octets = (ending?.unseen?.octets ?? 0) + heardBetween(scene, fromUs, untilUs);
    return seen === 'data-command' && octets > 0 ? 'data-body' : seen;
  }
  // What had to be repeated had not arrived, and what was heard then was no answer to it.
  const repeated = scene.segments.some((segment) => segment.atUs > fromUs && segment.atUs < untilUs && has(segment, REPEATED));
  return seen === 'data-end' && !repeated && heardBetween(scene, fromUs, untilUs) > 0 ? 'idle-after-message' : seen;
}

const REPEATED = SegmentNote.retransmission | SegmentNote.spuriousRetransmission;

/** BDAT is followed by its octets at once (RFC 3030): whoever said it is inside the message, even if not one octet arrived. */
function inChunk({ events }: Scene['dialogue']): boolean {
  const last = events.findLast((event) => event.kind === 'command');
  return last?.kind === 'command' && last.verb === 'BDAT';
}

function later(a: Stage, b: Stage): Stage {
  if (b === 'quit') return a;
  // A message that the log has accepted lies behind, unless the packets show a later one.
  if (b === 'idle-after-message' && STAGES.indexOf(a) >= STAGES.indexOf('mail')) return a;
  return STAGES.indexOf(a) >= STAGES.indexOf(b) ? a : b;
}
