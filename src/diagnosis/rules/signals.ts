import { packetOf, SegmentNote, type Segment } from '../../model/tcp.ts';
import type { Stage } from '../../model/smtp.ts';
import { hidesWords } from '../../model/tls.ts';
import { SECOND_US } from '../../model/units.ts';
import { attributeReset } from '../attribution.ts';
import { attributeFin, type FinAttribution } from '../fin-attribution.ts';
import type { Actor, Cause, Confidence } from '../../model/report.ts';
import { alikeTo, capOf } from '../equal-pictures.ts';
import { conclude, logFacts, party, type CaseView, type Finding, type Rival, type Rule } from '../finding.ts';
import type { MechanismName } from '../hypotheses.ts';
import { capInferred, inferenceOf, inferredFacts } from '../inferred.ts';
import { hidesLastWords, isProgress, lacksLastWords, nextSeq, sentBefore, type Scene } from '../case.ts';
import { advancesOf, mayAnswerClose, type UnseenClose } from '../half-heard.ts';
import { isCounter } from '../observers/reset/stack.ts';
import { lower, saw, type Observation } from '../observation.ts';
import { shapeOf } from '../reset-shape.ts';
import type { Signal } from '../signals.ts';
import { hiddenStage } from './encrypted.ts';

/** A reset ended an established session. */
export const reset: Rule = {
  name: 'reset',
  conclude(view): Finding | null {
    const { ending, scene } = view;
    if (ending?.kind !== 'rst' || !ending.segment) return null;
    const by = party(view, ending.side);
    const server = scene.endpoint(scene.roles.server);
    const beforeBanner =
      scene.connection.sawSyn &&
      scene.connection.bothDirections &&
      !scene.flagsAlone &&
      scene.dialogue.greeting === null &&
      server.octets === 0 &&
      server.ackedTo <= 1;
    const { actor, confidence, support, against, boxOdds } = attributeReset(scene, ending.segment);
    const abort = shapeOf(ending.segment) === 'reactive' ? 'knows-nothing' : 'aborts';
    const cause = beforeBanner ? 'refused' : 'rst';
    const signal = beforeBanner
      ? saw('reset-before-banner', { by }, [ending.packet])
      : saw(
          'rst-first',
          { by, stage: stageOfEnd(view), exact: (ending.segment.notes & SegmentNote.rstExact) !== 0, shape: shapeOf(ending.segment), seq: ending.segment.seq },
          [packetOf(ending.segment)],
        );
    const oneSided = !scene.connection.bothDirections;
    return conclude(view, {
      cause,
      causeConfidence: !oneSided ? 'strong' : hidesLastWords(scene) ? 'limited' : 'moderate',
      actor,
      actorConfidence: oneSided && confidence === 'strong' ? 'moderate' : confidence,
      stage: beforeBanner ? 'banner' : hiddenStage(view),
      rung: actor === 'middlebox' ? 'box' : actor === 'undetermined' ? 'address' : 'stack',
      support: [signal, ...support, ...withoutQuit(view), ...(actor === by ? [] : genuineReset(scene, ending.segment, by)), ...lostLines(view)],
      against: [...against, ...contradictions(view, 'a reset')],
      mechanism: beforeBanner ? 'refuses' : actor === 'middlebox' ? 'forges-reset' : abort,
      alternatives:
        ending.side === scene.ownSide || confidence === 'proven' ? [] : alikeTo(beforeBanner ? 'peer-refuses' : 'peer-resets', { cause, actor, named: by }),
      rivals: otherMakers(cause, by, actor, abort, boxOdds),
    });
  },
};

/** What the named host's own reset would have looked like, for whoever doubts that it is not the one. */
function genuineReset(scene: Scene, rst: Segment, by: Actor): Observation[] {
  const before = sentBefore(scene, rst);
  const last = before.at(-1);
  if (!last) return [];
  const nextId = isCounter(before) ? (last.ipId + 1) & 0xffff : null;
  const seq = Math.max(...before.map(nextSeq));
  return [saw('genuine-reset', { by, seq, ttl: last.ttl, nextId, timestamps: last.tsVal >= 0 }, [packetOf(last)])];
}

/** The two who may have made the RST, as its own signs weigh them; the one that the finding names is left out. */
function otherMakers(cause: Cause, named: Actor, actor: Actor, abort: MechanismName, boxOdds: number): Rival[] {
  const makers: Rival[] = [
    { cause, actor: 'middlebox', mechanism: 'forges-reset', log10Odds: -boxOdds },
    { cause, actor: named, mechanism: abort, log10Odds: boxOdds },
  ];
  return makers.filter((maker) => maker.actor !== actor);
}

/** A FIN without QUIT and without notice. */
export const prematureFin: Rule = {
  name: 'premature-fin',
  conclude(view): Finding | null {
    const { ending, scene } = view;
    if ((ending?.kind !== 'fin' && ending?.kind !== 'close-notify') || !ending.segment) return null;
    // The QUIT may stand in a record, and one side's records alone do not tell.
    if (!scene.connection.bothDirections && !view.log?.ending && hidesLastWords(scene)) return null;
    const { side, unseen } = ending;
    const by = party(view, side);
    const { actor, confidence, support: signs } = unseen ? byAcknowledgement(by, unseen) : attributeFin(scene, ending.segment);
    const accepted = scene.dialogue.transactions.filter((transaction) => transaction.outcome === 'accepted').length;
    const before = accepted > 0 && view.stage === 'idle-after-message' ? [saw('message-accepted', { count: accepted })] : [];
    const against = contradictions(view, 'a FIN without QUIT');
    const unheard = heardUnseen(view, ending) || (ending.kind === 'fin' && !unseen && mayAnswerClose(scene, ending.segment));
    return conclude(view, {
      cause: 'premature-fin',
      causeConfidence: unheard ? 'limited' : lower(against.length > 0 || !scene.connection.sawSyn ? 'moderate' : 'strong', withoutQuitConfidence(view)),
      actor,
      actorConfidence: unheard ? lower(confidence, 'limited') : confidence,
      stage: hiddenStage(view),
      rung: actor === 'middlebox' ? 'box' : 'stack',
      support: [firstClose(view, ending, ending.segment), ...before, ...signs, ...withoutQuit(view), ...lostLines(view)],
      against,
      alternatives: side === scene.ownSide ? [] : alikeTo('peer-closes', { cause: 'premature-fin', actor, named: by }),
    });
  },
};

/**
 * The client kept silent for seconds, then acknowledged something that is not in the file, and closed: what it heard may have been the
 * server's farewell.
 */
function heardUnseen({ scene, log }: CaseView, ending: Signal): boolean {
  const { client, server } = scene.roles;
  if (ending.side !== client || ending.unseen || log?.ending === 'lost' || !lacksLastWords(scene, server)) return false;
  const word = scene.segments.findLast((segment) => segment.side === client && segment.atUs <= ending.atUs && isProgress(segment));
  const heard = advancesOf(scene, client).findLast(({ segment }) => segment.atUs <= ending.atUs);
  return word !== undefined && heard !== undefined && heard.segment.atUs - word.atUs >= 2 * SECOND_US;
}

function byAcknowledgement(by: Actor, { exact }: Pick<UnseenClose, 'exact'>): FinAttribution {
  return { actor: by, confidence: exact ? capOf('peer-closes') : 'limited', support: [] };
}

/** As the verdict names it: behind STARTTLS the step that the log and the records tell. */
function stageOfEnd(view: CaseView): Stage {
  return view.stage === 'starttls' ? hiddenStage(view) : view.stage;
}

/** What is seen of the first close: the FIN, a TLS close alert before it, or only the acknowledgement of a FIN that is not in the file. */
function firstClose(view: CaseView, ending: Signal, segment: Segment): Observation {
  const by = party(view, ending.side);
  if (ending.unseen) return saw('fin-acknowledged', { by }, [ending.packet]);
  if (ending.kind === 'close-notify') return saw('close-notify-first', { by }, [ending.packet]);
  return saw('fin-first', { by, stage: stageOfEnd(view), withData: segment.length > 0, seq: segment.seq + segment.length }, [ending.packet]);
}

/** That there was no QUIT is seen in clear, or told by the log; inside TLS it is inferred at best. */
function withoutQuitConfidence(view: CaseView): Confidence {
  if (view.log?.ending || view.scene.dialogue.tls?.established !== true || !hidesWords(view.scene.dialogue.tls)) return 'strong';
  const quit = inferenceOf(view)?.quit;
  return quit?.answer === 'no' ? capInferred(quit.confidence) : 'limited';
}

/** What encrypted records tell of an end without QUIT. */
function withoutQuit(view: CaseView): Observation[] {
  return inferredFacts(view).filter(({ kind }) => kind !== 'quit-in-records');
}

function lostLines(view: CaseView): Observation[] {
  return logFacts(view, 'log-lost', 'log-aborted', 'log-connection-error');
}

/** The log tells of words that the packets do not show: a proxy, another connection, or a hole in the file. */
function contradictions(view: CaseView, packets: string): Observation[] {
  const { log } = view;
  if (log?.ending !== 'by-sender' || !log.line) return [];
  return [saw('log-contradicts', { says: 'aborted by sender', packets }, [], [log.line.ref])];
}
