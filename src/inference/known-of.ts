import type { MessageHistory } from '../model/maillog.ts';
import type { CapturedSession, Session } from '../model/pairing.ts';
import type { SmtpDialogue } from '../model/smtp.ts';
import type { TcpConnection } from '../model/tcp.ts';
import type { EpochUs, Side } from '../model/units.ts';
import type { Known, KnownMessage } from './known.ts';

/** Where pairing itself was in doubt the log's envelope may be another session's. */
const DOUBTFUL = 'ambiguous';

/** Everything beside the records: the clear part, the log's envelope, and who closed. */
export function knownOf(session: Session, captured: CapturedSession): Known {
  const { connection, dialogue } = captured;
  const { injection, delivery } = session;
  const hasLog = (injection !== null || delivery !== null) && session.pair?.confidence !== DOUBTFUL;
  const close = firstClose(connection);
  const clear = dialogue.tls?.begin === 'starttls';
  return {
    begin: dialogue.tls?.begin ?? 'starttls',
    clientName: dialogue.heloName ?? (hasLog ? (injection?.heloName ?? null) : null),
    greeting: clear ? (dialogue.greeting?.lines[0] ?? null) : null,
    clearHelloOctets: clear ? helloReplyOctets(dialogue) : null,
    pipelining: offers(dialogue, 'PIPELINING'),
    chunking: offers(dialogue, 'CHUNKING'),
    isAppliance: session.direction === 'inbound',
    messages: !hasLog ? null : injection ? session.messages.map((message) => received(message)) : delivered(session),
    isWhole: hasLog && (injection ? injection.opened !== null && (injection.closed !== null || injection.lost !== null) : delivery?.closed !== null),
    closedBy: close === null ? null : close.side === dialogue.client ? 'client' : 'server',
    closedUs: close?.atUs ?? null,
  };
}

/** First FIN, or first reset. */
function firstClose({ originator, responder, segments }: TcpConnection): { side: Side; atUs: EpochUs } | null {
  let first: { side: Side; atUs: EpochUs } | null = null;
  for (const [side, end] of [originator, responder].entries()) {
    const times = [end.fin?.atUs, ...end.rsts.map((index) => segments.at(index).atUs)].filter((atUs) => atUs !== undefined);
    for (const atUs of times) if (first === null || atUs < first.atUs) first = { side: side === 0 ? 0 : 1, atUs };
  }
  return first;
}

/** Octets of the reply to EHLO: code, separator, text and line end of each line. */
function helloReplyOctets({ events }: SmtpDialogue): number | null {
  const hello = events.find((event) => event.kind === 'command' && event.verb === 'EHLO');
  const reply = hello?.kind === 'command' && hello.reply !== null ? events[hello.reply] : undefined;
  if (reply?.kind !== 'reply' || !reply.complete || reply.missing !== undefined) return null;
  return reply.lines.reduce((sum, line) => sum + line.length + 6, 0);
}

function offers({ capabilities }: SmtpDialogue, keyword: string): boolean {
  return capabilities.some((capability) => capability.toUpperCase().startsWith(keyword));
}

function received(message: MessageHistory): KnownMessage {
  const { mid, sender, recipients, ready, aborted } = message;
  return {
    mid,
    sender: sender === null ? null : bare(sender),
    recipients: recipients.map(({ address, rejectedBy }) => ({ address: bare(address), refused: rejectedBy !== null })),
    octets: ready?.octets ?? null,
    fate: ready ? 'accepted' : aborted?.how === 'by-sender' ? 'withdrawn' : aborted?.how === 'receiving' ? 'aborted' : 'unknown',
    response: null,
  };
}

/** What a delivery says follows from the message that it carries; its size differs by the headers that the appliance adds. */
function delivered({ delivery, messages }: Session): readonly KnownMessage[] {
  const byMid = new Map(messages.map((message) => [message.mid, message]));
  return (delivery?.deliveries ?? []).map((entry) => {
    const message = byMid.get(entry.mid);
    const recipients = message?.recipients.filter(({ rid }) => rid !== null && entry.rids.includes(rid)) ?? [];
    return {
      mid: entry.mid,
      sender: message?.sender == null ? null : bare(message.sender),
      recipients: recipients.map(({ address }) => ({ address: bare(address), refused: false })),
      octets: null,
      fate: entry.done ? 'accepted' : 'unknown',
      response: entry.response,
    };
  });
}

function bare(path: string): string {
  return path.trim().replace(/^</, '').replace(/>$/, '');
}
