import type { PacketRef } from '../model/evidence.ts';
import type { DeliveryHistory, MessageHistory } from '../model/maillog.ts';
import type { SmtpDialogue, SmtpReply, SmtpTransaction } from '../model/smtp.ts';
import type { EpochUs } from '../model/units.ts';
import { hidesWords } from '../model/tls.ts';
import type { TracedSession } from './input.ts';
import { sayReply } from './words.ts';

/** What the packets show of one message on one connection. */
export interface CaptureView {
  readonly text: string;
  /** Null where the packets do not decide it. */
  readonly accepted: boolean | null;
  readonly reply: { readonly text: string; readonly atUs: EpochUs; readonly packet: PacketRef } | null;
}

/** Null where no packet of the connection was captured. */
export function viewDelivery({ session, statement }: TracedSession, history: MessageHistory, delivery: DeliveryHistory): CaptureView | null {
  if (!session.captured) return null;
  const { dialogue } = session.captured;
  return describeView(dialogue, findTransaction(dialogue, history, delivery.mids), statement, 'the receiver');
}

/** The same for the connection that the message came in on. */
export function viewReception({ session, statement }: TracedSession, history: MessageHistory): CaptureView | null {
  if (!session.captured) return null;
  const { dialogue } = session.captured;
  const named = dialogue.transactions.find((transaction) => transaction.acceptedMid === history.mid);
  const mids = session.injection?.mids ?? [];
  return describeView(dialogue, named ?? findTransaction(dialogue, history, mids), statement, 'the appliance');
}

function describeView(dialogue: SmtpDialogue, transaction: SmtpTransaction | null, statement: string, who: string): CaptureView {
  const reply = transaction === null ? null : finalReplyOf(dialogue, transaction);
  const behind = `; ${statement.charAt(0).toLowerCase()}${statement.slice(1)}`;
  if (transaction === null) return { text: hidesWords(dialogue.tls) ? `what was said is encrypted${behind}` : statement, accepted: null, reply: null };
  const accepted = transaction.outcome === 'accepted' ? true : transaction.outcome === 'rejected' ? false : null;
  const said = reply
    ? `${who} answered ${sayReply(reply.text)}`
    : transaction.ended
      ? `no answer to the end of the message is in it`
      : 'the message did not get to its end';
  return { text: `${said}${behind}`, accepted, reply };
}

function finalReplyOf({ events }: SmtpDialogue, { finalReply }: SmtpTransaction): CaptureView['reply'] {
  const event = finalReply === null ? undefined : events[finalReply];
  if (event?.kind !== 'reply') return null;
  return { text: textOf(event), atUs: event.at.atUs, packet: event.at.packet };
}

function textOf({ code, lines }: SmtpReply): string {
  return `${code} ${lines.join(' ')}`.trim();
}

/** The message's transaction: by its Message-ID, by its envelope where only one has it, else by position where the counts agree. */
function findTransaction({ transactions }: SmtpDialogue, history: MessageHistory, mids: readonly number[]): SmtpTransaction | null {
  const byId =
    history.messageId === null ? [] : transactions.filter(({ header }) => header.messageId !== null && header.messageId.includes(history.messageId ?? ''));
  if (byId.length === 1) return byId[0] ?? null;
  const byEnvelope = transactions.filter((transaction) => sameEnvelope(transaction, history));
  if (byEnvelope.length === 1) return byEnvelope[0] ?? null;
  return mids.length === transactions.length ? (transactions[mids.indexOf(history.mid)] ?? null) : null;
}

function sameEnvelope({ reversePath, recipients }: SmtpTransaction, history: MessageHistory): boolean {
  if (history.sender === null || reversePath.toLowerCase() !== history.sender.toLowerCase()) return false;
  const known = new Set(history.recipients.map(({ address }) => address.toLowerCase()));
  return recipients.length > 0 && recipients.every(({ forwardPath }) => known.has(forwardPath.toLowerCase()));
}
