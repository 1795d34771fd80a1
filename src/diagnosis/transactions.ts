import type { DeliveryHistory, DeliveryProblem, HistoryList, MessageHistory } from '../model/maillog.ts';
import { MadeList, type RecordList } from '../model/record-list.ts';
import type { Impact, ReportTransaction } from '../model/report.ts';
import type { SmtpDialogue, SmtpTransaction, Stage } from '../model/smtp.ts';
import type { Session } from '../model/pairing.ts';
import { hidesWords } from '../model/tls.ts';
import { otherSide } from '../model/units.ts';
import type { JudgeInput } from '../model/judgement.ts';
import type { Finding } from './finding.ts';
import { saw, type Observation } from './observation.ts';

type Outcome = ReportTransaction['outcome'];

/** The session's transactions: as the packets show them, with the log's MIDs beside; from the log alone where there are no packets. */
export function listTransactions(session: Session, finding: Finding): RecordList<ReportTransaction> {
  const { messages, delivery } = session;
  const dialogue = session.captured?.dialogue;
  const paired = dialogue ? pairMids(dialogue, messages) : [];
  const seen = dialogue ? dialogue.transactions.map((transaction, i) => fromPackets(dialogue, transaction, paired[i] ?? null, finding, delivery === null)) : [];
  const named = new Set(paired.map((message) => message?.mid));
  let others = named.size === 0 ? messages.length : 0;
  if (named.size > 0) for (const { mid } of messages) if (!named.has(mid)) others++;
  if (others === 0) return seen;
  return MadeList.of(others + seen.length, function* () {
    for (const message of messages) if (!named.has(message.mid)) yield delivery ? fromDelivery(message, delivery) : fromLog(message, finding);
    yield* seen;
  });
}

/** By the MID in the appliance's reply, else by position from the end: a late capture lacks the first ones. */
function pairMids({ transactions }: SmtpDialogue, messages: HistoryList<MessageHistory>): (MessageHistory | null)[] {
  const mids = new Set(transactions.map(({ acceptedMid }) => acceptedMid));
  const byMid = new Map<number, MessageHistory>();
  for (const message of messages) if (mids.has(message.mid)) byMid.set(message.mid, message);
  const shift = messages.length - transactions.length;
  return transactions.map(({ acceptedMid }, i) => {
    if (acceptedMid !== null) return byMid.get(acceptedMid) ?? null;
    return shift >= 0 ? (messages.at(i + shift) ?? null) : null;
  });
}

function fromPackets(
  dialogue: SmtpDialogue,
  transaction: SmtpTransaction,
  message: MessageHistory | null,
  finding: Finding,
  inbound: boolean,
): ReportTransaction {
  const last = transaction === dialogue.transactions.at(-1);
  return {
    mid: transaction.acceptedMid ?? message?.mid ?? null,
    outcome: outcomeOf(transaction, message, finding, inbound),
    stage: last && transaction.outcome === 'open' ? finding.stage : stageOf(transaction),
    recipients: transaction.recipients.filter((recipient) => recipient.code === null || recipient.code < 400).length,
    octets: transaction.data === null ? null : transaction.octets,
  };
}

function outcomeOf(transaction: SmtpTransaction, message: MessageHistory | null, finding: Finding, inbound: boolean): ReportTransaction['outcome'] {
  if (transaction.outcome === 'accepted') return 'accepted';
  if (transaction.outcome === 'rejected') return 'rejected';
  // What the log says of its reception tells nothing of a message's delivery.
  if (message?.ready && inbound) return 'accepted';
  if (message?.aborted && inbound) return message.aborted.how === 'by-sender' ? 'withdrawn' : 'aborted';
  if (transaction.outcome === 'withdrawn') return 'withdrawn';
  // All of it arrived: what its receiver made of it is not in the inputs.
  if (transaction.ended) return 'unknown';
  return finding.cause === 'still-open' || finding.cause === 'undetermined' ? 'unknown' : 'aborted';
}

function stageOf(transaction: SmtpTransaction): Stage {
  if (transaction.outcome === 'accepted') return 'idle-after-message';
  if (transaction.ended) return 'data-end';
  if (transaction.octets > 0) return 'data-body';
  if (transaction.data !== null) return 'data-command';
  return transaction.recipients.length > 0 ? 'rcpt' : 'mail';
}

function fromLog(message: MessageHistory, finding: Finding): ReportTransaction {
  const accepted = message.ready !== null;
  const outcome = accepted
    ? 'accepted'
    : message.aborted
      ? message.aborted.how === 'by-sender'
        ? 'withdrawn'
        : 'aborted'
      : finding.cause === 'rejected'
        ? 'rejected'
        : 'unknown';
  return {
    mid: message.mid,
    outcome,
    stage: accepted ? 'idle-after-message' : message.recipients.length > 0 ? 'rcpt' : 'mail',
    recipients: message.recipients.filter((recipient) => recipient.rejectedBy === null).length,
    octets: message.ready?.octets ?? null,
  };
}

/** A delivery's messages as its DCID lines tell of them. */
function fromDelivery(message: MessageHistory, delivery: DeliveryHistory): ReportTransaction {
  const entry = delivery.deliveries.find((candidate) => candidate.mid === message.mid);
  const problem = delivery.problems.find((candidate) => candidate.mid === message.mid);
  const refused = problem !== undefined && problem.code !== null && /^[45]/.test(problem.code);
  const outcome = entry?.response !== null && entry?.response !== undefined ? 'accepted' : refused ? 'rejected' : problem ? 'aborted' : 'unknown';
  return {
    mid: message.mid,
    outcome,
    stage: outcome === 'accepted' ? 'idle-after-message' : entry?.started ? 'mail' : 'connect',
    recipients: entry?.rids.length ?? message.recipients.length,
    octets: message.ready?.octets ?? null,
  };
}

/** Whether mail was lost, or may come twice. */
export function impactOf(session: Session, finding: Finding, transactions: RecordList<ReportTransaction>): Impact {
  if (finding.cause === 'still-open') return 'unknown';
  if (unheard(session, finding)) return 'duplicate-likely';
  const outcomes = new Set<Outcome>();
  let last: Outcome | null = null;
  for (const { outcome } of transactions) outcomes.add((last = outcome));
  if (session.delivery && session.direction === 'outbound') return impactOfDelivery(session.delivery, outcomes);
  if (outcomes.has('aborted')) return 'message-lost';
  if (finding.cause === 'client-quit' && last === 'withdrawn' && finding.stage !== 'quit') return 'message-lost';
  if (last === 'unknown' && session.direction !== 'outbound') return 'unknown';
  if (finding.cause === 'undetermined' && transactions.length > 0) return 'unknown';
  if (session.direction === 'outbound' && finding.cause !== 'completed' && [...outcomes].every((outcome) => outcome === 'unknown')) return 'unknown';
  return isOutOfSight(session, finding) ? 'unknown' : 'none';
}

/** TLS hides what was said, and no log tells: a message may have been under way. */
function isOutOfSight({ captured, injection, delivery }: Session, { cause }: Finding): boolean {
  const tls = captured?.dialogue.tls ?? null;
  return cause !== 'completed' && tls !== null && tls.established && hidesWords(tls) && injection === null && delivery === null;
}

/** The appliance tries a delayed message again; what it counts as possibly delivered it does not. */
function impactOfDelivery({ problems }: DeliveryHistory, outcomes: ReadonlySet<Outcome>): Impact {
  const has = (kind: DeliveryProblem['kind']) => problems.some((problem) => problem.kind === kind);
  if (has('possible-delivery')) return has('delayed') ? 'duplicate-likely' : 'unknown';
  if (has('delayed')) return 'none';
  if (has('bounced') && outcomes.has('aborted')) return 'message-lost';
  return [...outcomes].every((outcome) => outcome === 'accepted' || outcome === 'rejected') ? 'none' : 'unknown';
}

/** The last message was accepted, or may have been, and its sender does not know. */
export function unheardBy({ session }: JudgeInput, finding: Finding): Observation[] {
  if (finding.cause === 'still-open' || !unheard(session, finding)) return [];
  const outbound = session.direction === 'outbound';
  return [saw('accepted-unheard', { by: outbound ? 'appliance' : 'client', known: !outbound || answerNeverReached(session) })];
}

/** Accepted, but the client had left before it could hear so: it will send again. */
function unheard(session: Session, finding: Finding): boolean {
  if (finding.cause !== 'completed' && answerNeverReached(session)) return true;
  if (finding.stage !== 'data-end' || finding.cause === 'rejected') return false;
  const last = session.captured?.dialogue.transactions.at(-1);
  if (session.direction === 'outbound') return session.delivery?.problems.some((problem) => problem.kind === 'possible-delivery') ?? false;
  const { messages } = session;
  return (last?.ended ?? true) && (messages.at(messages.length - 1)?.ready ?? null) !== null;
}

/** The packets show it: the answer to the last message was never acknowledged. */
function answerNeverReached({ captured }: Session): boolean {
  if (!captured || !captured.connection.bothDirections) return false;
  const { connection, dialogue } = captured;
  const last = dialogue.transactions.at(-1);
  const reply = last?.outcome === 'accepted' && last.finalReply !== null ? dialogue.events[last.finalReply] : undefined;
  if (reply?.kind !== 'reply') return false;
  const server = otherSide(dialogue.client);
  const { ackedTo } = server === 0 ? connection.originator : connection.responder;
  const { number, input } = reply.completedBy;
  for (const segment of connection.segments) {
    if (segment.packet === number && segment.input === input) return segment.side === server && ackedTo < segment.seq + segment.length;
  }
  return false;
}
