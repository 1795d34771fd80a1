import { packetOf, SegmentNote, type Segment } from '../../model/tcp.ts';
import { hidesWords } from '../../model/tls.ts';
import { otherSide } from '../../model/units.ts';
import { attributeReset } from '../attribution.ts';
import { attributeFin, type FinAttribution } from '../fin-attribution.ts';
import type { Actor, Cause, Confidence } from '../../model/report.ts';
import { alikeTo, capOf } from '../equal-pictures.ts';
import { conclude, logFacts, party, type CaseView, type Finding, type Rival, type Rule } from '../finding.ts';
import type { MechanismName } from '../hypotheses.ts';
import { capInferred, inferenceOf, inferredFacts } from '../inferred.ts';
import { nextSeq, sentBefore, type Scene } from '../case.ts';
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
    const beforeBanner =
      scene.connection.sawSyn && scene.connection.bothDirections && scene.dialogue.greeting === null && scene.endpoint(scene.roles.server).octets === 0;
    const { actor, confidence, support, against, boxOdds } = attributeReset(scene, ending.segment);
    const abort = shapeOf(ending.segment) === 'reactive' ? 'knows-nothing' : 'aborts';
    const cause = beforeBanner ? 'refused' : 'rst';
    const signal = beforeBanner
      ? saw('reset-before-banner', { by }, [ending.packet])
      : saw(
          'rst-first',
          { by, stage: view.stage, exact: (ending.segment.notes & SegmentNote.rstExact) !== 0, shape: shapeOf(ending.segment), seq: ending.segment.seq },
          [packetOf(ending.segment)],
        );
    const oneSided = !scene.connection.bothDirections;
    return conclude(view, {
      cause,
      causeConfidence: oneSided ? 'moderate' : 'strong',
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
    const unseen = unseenFin(view, ending);
    const side = unseen ? otherSide(ending.side) : ending.side;
    const by = party(view, side);
    const { actor, confidence, support: signs } = unseen ? peerByAcknowledgement(by) : attributeFin(scene, ending.segment);
    const accepted = scene.dialogue.transactions.filter((transaction) => transaction.outcome === 'accepted').length;
    const before = accepted > 0 && view.stage === 'idle-after-message' ? [saw('message-accepted', { count: accepted })] : [];
    const against = contradictions(view, 'a FIN without QUIT');
    return conclude(view, {
      cause: 'premature-fin',
      causeConfidence: lower(against.length > 0 || !scene.connection.sawSyn ? 'moderate' : 'strong', withoutQuitConfidence(view)),
      actor,
      actorConfidence: confidence,
      stage: hiddenStage(view),
      rung: actor === 'middlebox' ? 'box' : 'stack',
      support: [firstClose(view, ending, ending.segment, unseen), ...before, ...signs, ...withoutQuit(view), ...lostLines(view)],
      against,
      alternatives: side === scene.ownSide ? [] : alikeTo('peer-closes', { cause: 'premature-fin', actor, named: by }),
    });
  },
};

function peerByAcknowledgement(by: Actor): FinAttribution {
  return { actor: by, confidence: capOf('peer-closes'), support: [] };
}

/** What is seen of the first close: the FIN, a TLS close alert before it, or only the acknowledgement of a FIN that is not in the file. */
function firstClose(view: CaseView, ending: Signal, segment: Segment, unseen: Segment | null): Observation {
  if (unseen) return saw('fin-acknowledged', { by: party(view, otherSide(ending.side)) }, [packetOf(unseen)]);
  const by = party(view, ending.side);
  if (ending.kind === 'close-notify') return saw('close-notify-first', { by }, [ending.packet]);
  return saw('fin-first', { by, stage: view.stage, withData: segment.length > 0, seq: segment.seq + segment.length }, [ending.packet]);
}

/**
 * In a capture of one direction the other side's FIN cannot be seen, but its acknowledgement can: a FIN counts one, and nothing else that a
 * mail session sends is one octet long at its very end.
 */
function unseenFin({ scene }: CaseView, ending: Signal): Segment | null {
  if (scene.connection.bothDirections) return null;
  const acks = scene.segments.filter((segment) => segment.side === ending.side && segment.ack >= 0 && segment.atUs <= ending.atUs);
  const last = acks.at(-1);
  const first = last && acks.find((segment) => segment.ack === last.ack);
  const before = first && acks.findLast((segment) => segment.index < first.index);
  return first && before && first.ack - before.ack === 1 ? first : null;
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
