import { canonicalAddress } from '../model/address.ts';
import type { CapturedSession } from '../model/pairing.ts';
import type { SmtpDialogue, SmtpReply, SmtpTransaction } from '../model/smtp.ts';
import { SegmentNote, type TcpConnection } from '../model/tcp.ts';
import { SECOND_US, type EpochUs } from '../model/units.ts';
import { hidesWords } from '../model/tls.ts';
import { turnsOf } from './encrypted-lines.ts';
import type { NewTraits } from './captured-table.ts';
import { normaliseMessageId, normalisePath, normaliseText, type CapturedTalk, type CapturedText, type Span } from './traits.ts';

/** A log line about a command whose reply is not in the file is taken to follow within this time. */
const UNSEEN_REPLY_US = 1.5 * SECOND_US;
/** The same for the connection's first line, which waits for the reverse lookup: a resolver's usual patience. */
const UNSEEN_GREETING_US = 5 * SECOND_US;

/** Reduces a captured connection to what can be compared with a log. */
export function describeCaptured({ connection, dialogue }: CapturedSession): NewTraits {
  const originatorIp = canonicalAddress(connection.originator.ip);
  const responderIp = canonicalAddress(connection.responder.ip);
  const octets = connection.originator.octets + connection.responder.octets;
  const acceptUs = connection.establishedUs ?? connection.firstUs;
  const greetingUs = dialogue.greeting?.at.atUs ?? null;
  const firstWordUs = dialogue.events[0]?.at.atUs ?? null;
  const endUs = endOf(connection, dialogue);
  const quit = dialogue.quit === null ? null : dialogue.events[dialogue.quit];
  const quitReply = quit?.kind === 'command' && quit.reply !== null ? dialogue.events[quit.reply] : null;
  const tls = dialogue.tls;
  const clearAndWhole = dialogue.isSmtp && !hidesWords(tls) && connection.sawSyn && !dialogue.gaps.client && dialogue.eventsDropped === 0;
  const talks = dialogue.transactions.map((transaction) => describeTalk(dialogue, transaction));
  return {
    originatorIp,
    responderIp,
    responderPort: connection.responder.port,
    sawOpen: connection.sawSyn,
    accepted: connection.establishedUs !== null || octets > 0,
    firstUs: connection.firstUs,
    acceptUs,
    open: { fromUs: acceptUs, toUs: Math.max(acceptUs, greetingUs ?? Math.min(firstWordUs ?? endUs ?? Infinity, acceptUs + UNSEEN_GREETING_US)) },
    lastUs: connection.lastUs,
    endUs,
    endNoticedUs: endUs === null ? null : noticedBy(dialogue, endUs),
    quitUs: quit?.at.atUs ?? null,
    quitAnswered: quitReply?.kind === 'reply' && quitReply.code === 221,
    heloName: dialogue.heloName === null ? null : { text: normaliseText(dialogue.heloName)?.toLowerCase() ?? '', whole: !dialogue.gaps.client },
    greetingCode: dialogue.greeting?.code ?? null,
    readable: clearAndWhole && connection.bothDirections,
    tls: tls ? { fromUs: tls.firstUs, toUs: handshakeEnd(dialogue, tls.firstUs) } : null,
    tlsEstablished: tls?.established ?? false,
    encryptedOctets: tls && hidesWords(tls) && !dialogue.gaps.client ? tls.applicationOctets[0] : null,
    encryptedTurns: turnsOf(dialogue),
    talks,
    namesMessages: talks.some((talk) => talk.acceptedMid !== null || talk.messageId !== null),
  };
}

/** First sign of the end. Resets that the receiver ignores (RFC 5961) are none. */
function endOf(connection: TcpConnection, dialogue: SmtpDialogue): EpochUs | null {
  let endUs = Infinity;
  for (const endpoint of [connection.originator, connection.responder]) {
    if (endpoint.fin) endUs = Math.min(endUs, endpoint.fin.atUs);
    for (const index of endpoint.rsts) {
      const rst = connection.segments.at(index);
      if ((rst.notes & SegmentNote.rstOutside) === 0) endUs = Math.min(endUs, rst.atUs);
    }
  }
  const quit = dialogue.quit === null ? null : dialogue.events[dialogue.quit];
  if (quit) endUs = Math.min(endUs, quit.at.atUs);
  for (const event of dialogue.events) {
    if (event.kind === 'reply' && event.code === 421 && event.role !== 'greeting') endUs = Math.min(endUs, event.at.atUs);
  }
  return endUs === Infinity ? null : endUs;
}

/** The last answer that was under way when the end came, else the end itself. */
function noticedBy(dialogue: SmtpDialogue, endUs: EpochUs): EpochUs {
  let noticedUs = endUs;
  for (const event of dialogue.events) if (event.kind === 'reply' && event.role === 'answer') noticedUs = Math.max(noticedUs, event.at.atUs);
  return noticedUs;
}

/** When the handshake was over as far as can be seen: the first application data, or word out of it, else a bounded time behind the first record. */
function handshakeEnd(dialogue: SmtpDialogue, fromUs: EpochUs): EpochUs {
  for (const event of dialogue.events) {
    const isOver = event.kind === 'tls' ? event.what === 'application-data' || event.what === 'alert' : event.kind !== 'gap' && event.decrypted === true;
    if (isOver && event.at.atUs >= fromUs) return event.at.atUs + UNSEEN_REPLY_US;
  }
  return fromUs + 2 * UNSEEN_REPLY_US;
}

function describeTalk(dialogue: SmtpDialogue, transaction: SmtpTransaction): CapturedTalk {
  const final = transaction.finalReply === null ? null : dialogue.events[transaction.finalReply];
  const reply = final?.kind === 'reply' ? final : null;
  const mailReply = replyTo(dialogue, transaction.mail);
  const whole = transaction.ended && !dialogue.gaps.client;
  return {
    sender: pathOf(dialogue, transaction.mail, transaction.reversePath),
    recipients: transaction.recipients.map((recipient) => pathOf(dialogue, recipient.command, recipient.forwardPath)),
    mailAccepted: mailReply !== null && mailReply.code >= 200 && mailReply.code < 300,
    mail: commandSpan(dialogue, transaction.mail),
    rcpts: transaction.recipients.map((recipient) => commandSpan(dialogue, recipient.command)),
    dataEnd: transaction.ended ? dataEndSpan(dialogue, transaction, reply) : null,
    octets: whole ? transaction.octets : null,
    messageId: normaliseMessageId(transaction.header.messageId),
    subject: normaliseText(transaction.header.subject),
    acceptedMid: transaction.acceptedMid,
    finalText: reply ? normaliseText(reply.lines.join(' ')) : null,
    finalCode: reply ? reply.code : null,
    withdrawnUs: transaction.withdrawnBy === null ? null : (dialogue.events[transaction.withdrawnBy]?.at.atUs ?? null),
  };
}

/** The path of MAIL or RCPT. One whose closing bracket is not in the file was cut. */
function pathOf(dialogue: SmtpDialogue, index: number, path: string): CapturedText {
  const command = dialogue.events[index];
  const argument = command?.kind === 'command' ? command.argument : '';
  const open = argument.indexOf('<');
  const bracketed = open < 0 ? path !== '' : argument.indexOf('>', open) > 0;
  return { text: normalisePath(path), whole: bracketed && command?.kind === 'command' && command.complete };
}

function replyTo(dialogue: SmtpDialogue, index: number): SmtpReply | null {
  const command = dialogue.events[index];
  if (!command || !('reply' in command) || command.reply === null) return null;
  const reply = dialogue.events[command.reply];
  return reply?.kind === 'reply' ? reply : null;
}

function commandSpan(dialogue: SmtpDialogue, index: number): Span | null {
  const fromUs = dialogue.events[index]?.at.atUs;
  if (fromUs === undefined) return null;
  return { fromUs, toUs: Math.max(fromUs, replyTo(dialogue, index)?.at.atUs ?? fromUs + UNSEEN_REPLY_US) };
}

function dataEndSpan(dialogue: SmtpDialogue, transaction: SmtpTransaction, final: SmtpReply | null): Span | null {
  const end = final?.to === null || final?.to === undefined ? null : dialogue.events[final.to];
  if (end && final && (end.kind === 'data-end' || end.kind === 'chunk-end')) return { fromUs: end.at.atUs, toUs: final.at.atUs };
  for (let i = Math.max(0, transaction.data ?? transaction.mail); i < dialogue.events.length; i++) {
    const event = dialogue.events[i];
    if (event?.kind === 'data-end') return { fromUs: event.at.atUs, toUs: event.at.atUs + UNSEEN_REPLY_US };
  }
  return null;
}
