import type { SmtpReply, SmtpTransaction, Stage } from '../../model/smtp.ts';
import { stageAt } from '../../model/smtp.ts';
import type { Actor } from '../../model/report.ts';
import type { EpochUs } from '../../model/units.ts';
import type { Segment } from '../../model/tcp.ts';
import { sentBefore, soleOf, type Scene } from '../case.ts';
import { isServerUnheard } from '../half-heard.ts';
import { MIN_BASELINE } from '../observers/reset/observer.ts';
import { conclude, logFacts, party, revise, serverCapture, type CaseView, type Finding, type Rule } from '../finding.ts';
import { saw, type Observation } from '../observation.ts';
import { segmentOf } from '../signals.ts';

/** A 4xx or 5xx to the last thing that was tried ended it, whoever closed. */
export const rejected: Rule = {
  name: 'rejected',
  conclude(view) {
    const { ending } = view;
    if (!ending) return null;
    const by = party(view, view.scene.roles.server);
    const refusal = ending.reply ?? lastRefusal(view, ending.atUs);
    if (!refusal) return lacksReplies(view.scene) && view.log?.ending === 'rejected' ? refusedByLog(view, by) : null;
    const to = wordOf(view, refusal);
    return conclude(view, {
      cause: 'rejected',
      causeConfidence: 'strong',
      actor: by,
      actorConfidence: 'strong',
      stage: stageOfRefusal(view, refusal),
      rung: 'function',
      support: [saw('reply-rejected', { by, code: refusal.code, to, text: refusal.lines.join(' ') }, [refusal.at.packet]), ...logFacts(view, 'log-rejected')],
      decidedUs: refusal.at.atUs,
      packet: refusal.at.packet,
    });
  },
};

/** Of what the server said at least a part is not in the file. */
function lacksReplies(scene: Scene): boolean {
  return isServerUnheard(scene) || scene.dialogue.gaps.server;
}

/** What the server said is not in the file; the log has it. */
function refusedByLog(view: CaseView, by: Actor): Finding {
  return conclude(view, {
    cause: 'rejected',
    causeConfidence: 'moderate',
    actor: by,
    actorConfidence: 'moderate',
    stage: stageBeforeQuit(view),
    rung: 'function',
    support: logFacts(view, 'log-rejected'),
    line: view.log?.line?.ref ?? null,
  });
}

/** The step that was refused, also where it was withdrawn by RSET before the end. */
function stageOfRefusal(view: CaseView, refusal: SmtpReply): Stage {
  const { dialogue } = view.scene;
  const withdrawn = dialogue.events.some((event) => event.kind === 'command' && event.verb === 'RSET' && event.at.atUs > refusal.at.atUs);
  return withdrawn ? stageAt(dialogue, refusal.at.atUs, refusal.at.packet) : stageBeforeQuit(view);
}

/** The refusal of the last thing that the client tried, unless something later was answered well. */
function lastRefusal({ scene }: CaseView, beforeUs: EpochUs): SmtpReply | null {
  const { events } = scene.dialogue;
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i];
    if (!event || event.at.atUs > beforeUs) continue;
    if (event.kind === 'reply') {
      if (event.role !== 'answer' || event.code === 221) continue;
      const tried = event.to === null ? undefined : events[event.to];
      if (tried?.kind === 'command' && IDLE_VERBS.has(tried.verb)) continue;
      return event.code >= 400 ? event : null;
    }
    // Something tried and not yet answered is no refusal.
    if ((event.kind === 'command' && !IDLE_VERBS.has(event.verb)) || event.kind === 'data-end') {
      if (event.kind === 'command' && !event.complete) continue;
      if (event.reply === null) return null;
    }
  }
  return null;
}

/** Commands that try nothing. */
const IDLE_VERBS = new Set(['QUIT', 'RSET', 'NOOP']);

function wordOf({ scene }: CaseView, { to, role }: SmtpReply): string {
  if (to === null) return role === 'answer' ? 'a command that is not in the file' : 'the connection';
  const event = scene.dialogue.events[to];
  if (event?.kind === 'command') return event.verb;
  return 'the end of data';
}

/** QUIT with no transaction open and a message accepted: everything that follows is noise. */
export const completed: Rule = {
  name: 'completed',
  settles: true,
  conclude(view) {
    const { ending } = view;
    if (ending?.kind !== 'quit') return null;
    const accepted = acceptedBy(view);
    if ((accepted === 0 && !endedUnanswered(view)) || openAtQuit(view)) return null;
    return quitFinding(view, 'completed', accepted, 'quit');
  },
};

/** QUIT while a transaction was open, or without any message. */
export const clientQuit: Rule = {
  name: 'client-quit',
  conclude(view) {
    if (view.ending?.kind !== 'quit') return null;
    const finding = quitFinding(view, 'client-quit', acceptedBy(view), openAtQuit(view) ? stageBeforeQuit(view) : 'quit');
    return saidNothingElse(view.scene) ? revise(finding, afterUnheardGreeting(view)) : finding;
  },
};

/** The greeting is not in the file, and QUIT was the client's answer to it: a probe, or the greeting refused it. */
function saidNothingElse(scene: Scene): boolean {
  const { events, greeting } = scene.dialogue;
  const said = events.filter((event) => event.kind === 'command');
  return scene.connection.sawSyn && greeting === null && lacksReplies(scene) && said.length === 1 && said[0]?.verb === 'QUIT';
}

function afterUnheardGreeting(view: CaseView): Partial<Finding> {
  const by = party(view, view.scene.roles.server);
  return {
    causeConfidence: 'limited',
    actorConfidence: 'limited',
    alternatives: [{ cause: 'rejected', actor: by, confidence: 'limited', decidedBy: serverCapture(by) }],
  };
}

function quitFinding(view: CaseView, cause: 'completed' | 'client-quit', accepted: number, stage: Stage): Finding {
  const { ending } = view;
  const by = party(view, view.scene.roles.client);
  const inferred = ending?.inferred === true;
  const elsewhere = ending?.segment != null && isFromElsewhere(view.scene, ending.segment);
  const packets = ending ? [ending.packet] : [];
  const support: Observation[] = [
    inferred
      ? saw('quit-inferred', { by, from: '221' }, packets)
      : saw('quit-sent', { by, open: cause === 'client-quit' && openAtQuit(view), accepted }, packets),
  ];
  if (accepted > 0) support.push(saw('message-accepted', { count: accepted }, acceptedPackets(view)));
  const unheard = cause === 'completed' && accepted === 0;
  if (unheard) support.push(saw('answer-unseen', { by: party(view, view.scene.roles.server) }));
  const log = cause === 'completed' ? logFacts(view, 'log-by-sender', 'log-ready', 'log-delivered') : logFacts(view, 'log-by-sender');
  const contradiction: Observation[] =
    cause === 'client-quit' && view.log?.ending === 'lost' && openAtQuit(view)
      ? [saw('log-contradicts', { says: 'lost', packets: 'a QUIT' }, [], view.log.line ? [view.log.line.ref] : [])]
      : [];
  return conclude(view, {
    cause,
    causeConfidence: unheard ? 'limited' : inferred ? (log.length > 0 ? 'strong' : 'moderate') : contradiction.length > 0 ? 'moderate' : 'strong',
    actor: by,
    actorConfidence: elsewhere ? 'limited' : inferred || contradiction.length > 0 ? 'moderate' : 'strong',
    stage,
    rung: 'stack',
    support: [...support, ...log],
    against: contradiction,
    alternatives: elsewhere ? [{ cause, actor: 'middlebox', confidence: 'limited', decidedBy: by === 'client' ? 'client-capture' : 'remote-capture' }] : [],
  });
}

/** The word came over another number of hops than everything that its side had sent: somebody may have written it into the stream. */
function isFromElsewhere(scene: Scene, word: Segment): boolean {
  const before = sentBefore(scene, word);
  const usual = soleOf(before.map(({ ttl }) => ttl));
  return word.side !== scene.ownSide && before.length >= MIN_BASELINE && usual !== undefined && usual !== word.ttl;
}

function acceptedBy({ scene, log }: CaseView): number {
  const seen = scene.dialogue.transactions.filter((transaction) => transaction.outcome === 'accepted').length;
  // A late capture does not hold the earlier messages; the log does.
  return repliesAreComplete(scene) ? seen : Math.max(seen, log?.accepted ?? 0);
}

function repliesAreComplete({ connection, lossyCapture }: Scene): boolean {
  return connection.sawSyn && connection.bothDirections && !lossyCapture;
}

function acceptedPackets({ scene }: CaseView) {
  return scene.dialogue.transactions.flatMap((transaction) => {
    const reply = transaction.finalReply === null ? undefined : scene.dialogue.events[transaction.finalReply];
    return transaction.outcome === 'accepted' && reply?.kind === 'reply' ? [reply.at.packet] : [];
  });
}

/** A message was sent to its end, and its answer is not in the inputs: nothing of the server is, or it fell into a gap, and the client had heard it. */
function endedUnanswered({ scene, log, ending }: CaseView): boolean {
  const { connection, dialogue, roles, segments } = scene;
  if (log || !dialogue.transactions.some(({ ended, finalReply }) => ended && finalReply === null)) return false;
  if (isServerUnheard(scene)) return true;
  const end = dialogue.events.findLast((event) => event.kind === 'data-end');
  const dot = end && segmentOf(segments, end.at.packet);
  const quit = ending?.segment;
  if (!dot || !quit) return false;
  return connection.gaps.some((gap) => gap.side === roles.server && gap.kind === 'capture' && gap.from < quit.ack && gap.from + gap.length > dot.ack);
}

/** The transaction that the QUIT interrupted. */
function openAtQuit(view: CaseView): boolean {
  const last = view.scene.dialogue.transactions.at(-1);
  if (last?.ended && endedUnanswered(view)) return false;
  if (!last) return view.scene.dialogue.quit === null && (view.log?.aborted ?? 0) > 0;
  // The answer to the end of data is not in the file; the log knows what it was.
  const logged =
    view.log &&
    !repliesAreComplete(view.scene) &&
    last.ended &&
    view.log.accepted >= view.scene.dialogue.transactions.filter((transaction) => transaction.ended).length;
  return !logged && isOpenAtQuit(view, last);
}

function isOpenAtQuit({ scene }: CaseView, transaction: SmtpTransaction): boolean {
  if (transaction.outcome === 'open') return true;
  if (transaction.outcome !== 'withdrawn') return false;
  // A QUIT that is not in the file withdrew it unless something that is did.
  if (scene.dialogue.quit === null) return transaction.withdrawnBy === null;
  return transaction.withdrawnBy === scene.dialogue.quit;
}

/** The step that a QUIT interrupted. */
export function stageBeforeQuit(view: CaseView): Stage {
  if (view.stage !== 'quit' || !view.ending) return view.stage;
  const change = view.scene.dialogue.stages.findIndex((candidate) => candidate.stage === 'quit');
  const before = view.scene.dialogue.stages[change - 1];
  if (before) return before.stage;
  return change > 0 ? stageAt(view.scene.dialogue, view.ending.atUs - 1) : (view.log?.stage ?? 'helo');
}
