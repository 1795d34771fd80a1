import type { JudgeInput } from '../model/judgement.ts';
import { STAGES, stageAt, type Stage } from '../model/smtp.ts';
import { isData, lacksWords, type Scene } from './case.ts';
import type { CaseView } from './finding.ts';
import { viewLog, type LogView } from './log-view.ts';
import { findSignals, strayResets, type Signal } from './signals.ts';
import { waitBefore } from './waiting.ts';

/** Lays a captured session out for the rules. */
export function viewCase(input: JudgeInput, scene: Scene): CaseView {
  const signals = findSignals(scene);
  const ending = signals[0] ?? null;
  const log = viewLog(input);
  return {
    input,
    scene,
    signals,
    strays: strayResets(scene),
    ending,
    wait: ending ? waitBefore(scene, ending.atUs) : null,
    log,
    stage: stageOf(scene, ending, log),
  };
}

function stageOf(scene: Scene, ending: Signal | null, log: LogView | null): Stage {
  const { connection, dialogue, roles } = scene;
  const talked = scene.segments.some(isData);
  if (connection.sawSyn && connection.establishedUs === null && !talked) return 'connect';
  const seen = ending ? stageAt(dialogue, ending.atUs, ending.packet) : (dialogue.stages.at(-1)?.stage ?? 'connect');
  const known = seen === 'connect' ? 'banner' : seen === 'data-command' && inChunk(dialogue) ? 'data-body' : seen;
  if (!log || !lacksWords(scene)) return known;
  const inEnvelope = log.stage === 'rcpt' && dialogue.transactions.length === 0;
  // Octets of the client that are no commands, after recipients were accepted, can only be the message.
  if (inEnvelope && !connection.sawSyn && scene.endpoint(roles.client).octets > 0 && !dialogue.events.some((event) => event.kind === 'command' && event.known))
    return 'data-body';
  return later(known, log.stage);
}

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
