import type { Moment } from '../../model/evidence.ts';
import type { Cause, Confidence } from '../../model/report.ts';
import type { Stage } from '../../model/smtp.ts';
import { packetOf } from '../../model/tcp.ts';
import { otherSide, type EpochUs } from '../../model/units.ts';
import { hidesWords } from '../../model/tls.ts';
import { hidesLastWords, isProgress } from '../case.ts';
import { conclude, party, type CaseView, type Finding, type Rule } from '../finding.ts';
import { capInferred, inferenceOf, inferredDebt, inferredFacts, inferredStage, isAtLeast } from '../inferred.ts';
import { lower, saw, type Observation } from '../observation.ts';
import { fitsTimer } from '../timers.ts';
import { dwarfsRhythm, waitBefore } from '../waiting.ts';

/** Inside TLS the words are hidden: the log tells what was said last, the packets who fell silent and who closed. */
export const hiddenByTls: Rule = {
  name: 'hidden-by-tls',
  conclude(view) {
    if (!hidesLastWords(view.scene)) return null;
    return gaveUp(view) ?? byLog(view) ?? withoutLog(view);
  },
};

/** Where the log does not tell how the session ended; that a delivery was closed says nothing of its end. */
function withoutLog(view: CaseView): Finding | null {
  const { log, input } = view;
  if (log?.ending) return log.ending === 'closed' && input.session.delivery ? byInference(view) : null;
  return view.scene.connection.bothDirections ? (byInference(view) ?? byRecords(view)) : unreadable(view);
}

/** Lengths of one side's records alone do not tell a QUIT from other commands. */
function unreadable(view: CaseView): Finding | null {
  if (!view.ending || view.ending.kind === 'rst') return null;
  const client = party(view, view.scene.roles.client);
  return conclude(view, {
    cause: 'undetermined',
    causeConfidence: 'undetermined',
    actor: 'undetermined',
    actorConfidence: 'undetermined',
    support: [saw('tls-hides', { what: 'the last words' })],
    alternatives: [
      { cause: 'completed', actor: client, confidence: 'limited', decidedBy: 'appliance-capture' },
      { cause: 'premature-fin', actor: client, confidence: 'limited', decidedBy: 'appliance-capture' },
    ],
  });
}

/** After a long silence the first record comes from the side that gave up: its farewell, whoever sends the first FIN then. */
function gaveUp(view: CaseView): Finding | null {
  const { scene, ending, input, log } = view;
  const untilUs = ending?.atUs ?? scene.connection.lastUs;
  const words = scene.segments.filter((segment) => isProgress(segment) && segment.atUs <= untilUs);
  const farewell = words.findLast((segment, i) => {
    const before = words[i - 1];
    return before !== undefined && segment.atUs - before.atUs >= 2_000_000;
  });
  const first = farewell ?? (ending && ending.kind !== 'rst' ? ending.segment : null);
  if (!first) return null;
  const wait = waitBefore(scene, first.atUs);
  if (!wait || !dwarfsRhythm(wait)) return null;
  // More was said afterwards: the pause was one of the session's own.
  if (recordsBetween(view, first.atUs, untilUs) > 3) return null;
  const by = party(view, first.side);
  // In the middle of a message the side that spoke last still owes the rest: only the server's own farewell tells that it had waited.
  if (first.side !== scene.roles.server && wait.debtor === first.side) return null;
  const other = otherSide(first.side);
  const saysAborted = log?.ending === 'aborted' || log?.ending === 'timeout' || (log?.ending === 'no-answer' && by === 'appliance');
  const inference = inferenceOf(view);
  const notice = first.side === scene.roles.server && inference && isAtLeast(inference.notice, 'yes', 'moderate') ? inference.notice : null;
  const fits =
    by === 'appliance' && (fitsTimer(wait.seconds, input.site.inboundTimeoutSeconds) || fitsTimer(wait.sinceOpenSeconds, input.site.inboundTimeoutSeconds));
  if (!saysAborted && !fits && !notice) return null;
  const support: Observation[] = [
    saw('tls-hides', { what: 'the farewell' }),
    saw(
      'wait-before-end',
      { by, owedBy: party(view, other), what: inferredDebt(view, first.atUs)?.what ?? wait.what, seconds: wait.seconds, rhythmSeconds: wait.rhythmSeconds },
      [{ input: first.input, number: first.packet }],
    ),
  ];
  if (notice) support.push(saw('notice-in-records', { by, confidence: notice.confidence }, [{ input: first.input, number: first.packet }]));
  if (fits)
    support.push(
      saw('wait-fits-timer', {
        by,
        seconds: wait.seconds,
        timer: `timeout for unsuccessful inbound connections (${input.site.inboundTimeoutSeconds} s)`,
        reading: 'since the last word',
      }),
    );
  return conclude(view, {
    cause: 'timeout',
    causeConfidence: saysAborted && fits ? 'strong' : 'moderate',
    actor: by,
    actorConfidence: 'moderate',
    stage: hiddenStage(view),
    silentSide: party(view, other),
    rung: 'stack',
    support: [...support, ...(log?.observations ?? [])],
    decidedUs: first.atUs,
    packet: { input: first.input, number: first.packet },
  });
}

/** Words are counted by records: how they were cut into segments tells nothing. */
function recordsBetween({ scene }: CaseView, afterUs: EpochUs, untilUs: EpochUs): number {
  return scene.dialogue.tls?.records.filter(({ at }) => at.atUs > afterUs && at.atUs <= untilUs).length ?? 0;
}

const BY_LOG: Readonly<Partial<Record<string, Cause>>> = { completed: 'completed', 'by-sender': 'client-quit', closed: 'client-quit', rejected: 'rejected' };

/** The log knows what was said; the packets must not contradict it. */
function byLog(view: CaseView): Finding | null {
  const { log, ending, scene } = view;
  const said = log?.ending ? BY_LOG[log.ending] : undefined;
  // `by sender` is also written for RSET: the QUIT may have come when nothing was open any more.
  const cause = log?.ending === 'by-sender' && endedInOrder(view) ? 'completed' : said;
  if (!log || !cause || !ending) return null;
  // A delivery that only closes may have ended in any way.
  if (log.ending === 'closed' && view.input.session.delivery) return null;
  // The message, or most of it, stood unanswered when the connection ended: what the log accepted later, nobody heard.
  if (cause === 'completed' && unansweredOctets(view) > COMMAND_OCTETS) return null;
  const quiet = cause === 'rejected' ? scene.roles.server : scene.roles.client;
  const stage: Stage = cause === 'completed' || (cause === 'client-quit' && log.aborted === 0) ? 'quit' : log.stage;
  const quit = quitOf(view, cause);
  return conclude(view, {
    cause,
    causeConfidence: cause === 'completed' || log.ending === 'by-sender' ? 'strong' : 'moderate',
    actor: party(view, quiet),
    actorConfidence: 'moderate',
    stage,
    rung: 'stack',
    support: [saw('tls-hides', { what: 'the last words' }), ...log.observations, ...(quit?.support ?? [])],
    ...(quit ? { decidedUs: quit.at.atUs, packet: quit.at.packet } : {}),
    alternatives: [{ cause: 'premature-fin', actor: party(view, scene.roles.client), confidence: 'limited', decidedBy: 'injection-debug' }],
  });
}

function endedInOrder(view: CaseView): boolean {
  const inference = inferenceOf(view);
  return inference !== null && isAtLeast(inference.completed, 'yes', 'strong');
}

/** The record that held the QUIT that the log tells of. What was completed needs no second witness. */
function quitOf(view: CaseView, cause: Cause): { at: Moment; support: Observation[] } | null {
  if (cause !== 'client-quit') return null;
  const inference = inferenceOf(view);
  if (!inference?.quitAt || inference.quit.answer !== 'yes') return null;
  return { at: inference.quitAt, support: inferredFacts(view).filter(({ kind }) => kind === 'quit-in-records') };
}

/** Without a log: what the records were by their lengths and their order, as far as that is likely enough. */
function byInference(view: CaseView): Finding | null {
  const inference = inferenceOf(view);
  const { scene, ending } = view;
  if (!inference || !ending || inference.quit.answer !== 'yes') return null;
  const { completed, quit, quitAt, stage } = inference;
  if (completed.answer === 'unknown') return null;
  const client = party(view, scene.roles.client);
  return conclude(view, {
    cause: completed.answer === 'yes' ? 'completed' : 'client-quit',
    causeConfidence: capInferred(lower(quit.confidence, completed.confidence)),
    actor: client,
    actorConfidence: 'moderate',
    stage: stage?.stage ?? 'quit',
    rung: 'stack',
    support: [saw('tls-hides', { what: 'the last words' }), ...inferredFacts(view)],
    alternatives: [{ cause: 'premature-fin', actor: client, confidence: 'limited', decidedBy: 'injection-debug' }],
    ...(quitAt ? { decidedUs: quitAt.atUs, packet: quitAt.packet } : {}),
  });
}

/** Without a log: a short record, a short answer and a close at once look like QUIT and 221, and no more than that. */
function byRecords(view: CaseView): Finding | null {
  const { scene, ending } = view;
  const inference = inferenceOf(view);
  if (!ending || ending.kind === 'rst' || isLastWordRead(view) || (inference && isAtLeast(inference.quit, 'no', 'moderate'))) return null;
  const words = scene.segments.filter((segment) => isProgress(segment) && segment.atUs <= ending.atUs);
  const answer = words.findLast((segment) => segment.side === scene.roles.server);
  const command = words.findLast((segment) => segment.side === scene.roles.client && segment.index < (answer?.index ?? 0));
  const looksLikeQuit =
    answer && command && answer.atUs - command.atUs < 5_000_000 && command.length < 80 && answer.length < 120 && ending.atUs - answer.atUs < 5_000_000;
  if (!looksLikeQuit) return null;
  const [clientOctets] = scene.dialogue.tls?.applicationOctets ?? [0, 0];
  const confidence: Confidence = 'limited';
  return conclude(view, {
    cause: clientOctets > MESSAGE_OCTETS ? 'completed' : 'client-quit',
    causeConfidence: confidence,
    actor: party(view, scene.roles.client),
    actorConfidence: 'moderate',
    stage: 'quit',
    rung: 'stack',
    support: [saw('tls-hides', { what: 'the last words' }), saw('records-like-quit', { by: party(view, scene.roles.client) }, [command, answer].map(packetOf))],
    alternatives: [{ cause: 'premature-fin', actor: party(view, scene.roles.client), confidence: 'limited', decidedBy: 'injection-debug' }],
  });
}

/** Keys of one side only: what the client said last came out of TLS, and nothing of it is left to guess. */
function isLastWordRead({ scene: { dialogue }, ending }: CaseView): boolean {
  const untilUs = ending?.atUs ?? Number.POSITIVE_INFINITY;
  const last = dialogue.events.findLast(
    (event) =>
      event.at.atUs <= untilUs &&
      (event.kind === 'tls' ? event.side === dialogue.client && event.what === 'application-data' : event.kind === 'command' || event.kind.startsWith('data-')),
  );
  return dialogue.tls?.content === 'partly' && last !== undefined && last.kind !== 'tls';
}

/** Envelopes without a message stay below this many octets of TLS records. */
const MESSAGE_OCTETS = 900;

/**
 * The step that TLS hides: what the log shows last, and what the records tell beside it. After the last answer of the server the client
 * sends commands of some dozen octets, or the message.
 */
export function hiddenStage(view: CaseView): Stage {
  const { log, scene } = view;
  const { tls } = scene.dialogue;
  if (!tls?.established || !hidesWords(tls)) return view.stage;
  const inferred = inferredStage(view);
  if (inferred !== null) return inferred;
  if (!log) return view.stage;
  const unanswered = unansweredOctets(view);
  if (log.stage === 'idle-after-message') return unanswered > COMMAND_OCTETS ? 'data-end' : log.stage;
  return (log.stage === 'mail' || log.stage === 'rcpt') && unanswered > COMMAND_OCTETS ? 'data-body' : log.stage;
}

/** Octets of the client behind the server's last word before the end. None are known to be where the file has holes. */
function unansweredOctets({ scene, ending }: CaseView): number {
  if (!scene.connection.bothDirections || scene.lossyCapture) return 0;
  const untilUs = ending?.atUs ?? scene.connection.lastUs;
  const words = scene.segments.filter((segment) => isProgress(segment) && segment.atUs < untilUs);
  const answer = words.findLast((segment) => segment.side === scene.roles.server);
  return words
    .filter((segment) => segment.side === scene.roles.client && segment.index > (answer?.index ?? -1))
    .reduce((sum, segment) => sum + segment.length, 0);
}

/** A command in a TLS record stays below this (RFC 5321, 4.5.3.1.4: 512 octets). */
const COMMAND_OCTETS = 512;
