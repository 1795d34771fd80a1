import type { Moment } from '../model/evidence.ts';
import type { SmtpReply } from '../model/smtp.ts';
import { authAnswered } from './auth-answered.ts';
import type { Conversation } from './conversation.ts';
import type { Draft } from './event-list.ts';
import { MailBody } from './mail-data.ts';
import { acceptedMidOf } from './reply-line.ts';
import { expectedAt, meaningOf } from './reply-meaning.ts';

/** A reply among the events. */
export interface Heard {
  readonly reply: Draft<SmtpReply>;
  readonly ordinal: number;
}

/** Keywords by which the answer to EHLO is told where its command is not in the file (IANA, SMTP service extensions). */
const KEYWORDS = /^(PIPELINING|SIZE|8BITMIME|STARTTLS|CHUNKING|SMTPUTF8|DSN|ENHANCEDSTATUSCODES|AUTH)\b/i;

/** A reply that fits nothing in the queue tells of a command that the file lacks. Returns whether it did. */
export function followEvidence(talk: Conversation, heard: Heard): boolean {
  const { reply } = heard;
  const { code, at } = reply;
  if (code === 354) {
    goAhead(talk, at);
    return true;
  }
  if (acceptedMidOf(reply.lines[0] ?? '') !== null) {
    messageAnswered(talk, heard);
    return true;
  }
  if (reply.role !== 'answer') {
    // Nobody asked for a challenge that could be seen; what follows answers it all the same.
    if (code === 334 && (talk.mode === 'commands' || talk.mode === 'uncertain')) talk.mode = 'challenge';
    return true;
  }
  if (code === 221) {
    talk.ledger.withdraw(-1);
    talk.stages.reach('quit', at);
  } else if (code === 235 || code === 334) {
    talk.authSeen = true;
    talk.stages.reach('auth', at);
    authAnswered(talk, code);
  } else if (code === 250 && reply.lines.slice(1).some((line) => KEYWORDS.test(line))) {
    talk.spokeSmtp = true;
    talk.esmtp = true;
    talk.capabilities = reply.lines.slice(1);
    talk.stages.reach('helo', at);
  } else return code === 250 && followEcho(talk, reply.lines[0] ?? '', at);
  return true;
}

function goAhead(talk: Conversation, at: Moment): void {
  if (talk.mode === 'body' || talk.mode === 'chunk' || talk.mode === 'tls' || talk.mode === 'lost') return;
  talk.stages.reach('data-command', at);
  talk.body = new MailBody(talk.ledger.resume() ?? talk.ledger.begin(-1, ''), false);
  talk.mode = 'body';
}

/** The final reply to a message of which at least the end is not in the file. */
function messageAnswered(talk: Conversation, { reply, ordinal }: Heard): void {
  const transaction = talk.ledger.isOpen && talk.ledger.current ? talk.ledger.current : talk.ledger.begin(-1, '');
  const accepted = reply.code < 400;
  transaction.ended = true;
  transaction.outcome = accepted ? 'accepted' : 'rejected';
  transaction.finalReply = ordinal;
  transaction.acceptedMid = accepted ? acceptedMidOf(reply.lines[0] ?? '') : null;
  if (accepted) talk.acceptedAny = true;
  if (talk.body?.started === false) {
    talk.body = null;
    talk.mode = 'commands';
  }
  talk.stages.reach(accepted ? 'idle-after-message' : 'data-end', reply.at);
}

/** AsyncOS repeats the path that it accepts (`250 sender <a@b> ok`, `250 recipient <c@d> ok`): the command can be told from it. */
function followEcho(talk: Conversation, text: string, at: Moment): boolean {
  const [, what, path = ''] = /^(sender|recipient) <(.*)> ok\s*$/.exec(text) ?? [];
  if (what === 'sender') {
    talk.ledger.begin(-1, path);
    talk.stages.reach('mail', at);
  } else if (what === 'recipient') {
    recipientAnswered(talk, path, 250, { ordinal: -1, at });
  }
  return what !== undefined;
}

function recipientAnswered(talk: Conversation, path: string, code: number, { ordinal, at }: { readonly ordinal: number; readonly at: Moment }): void {
  const transaction = talk.ledger.resume() ?? talk.ledger.begin(-1, '');
  talk.ledger.recipientAnswered(transaction, talk.ledger.addRecipient(transaction, path, -1), code, ordinal);
  talk.stages.reach('rcpt', at);
}

/**
 * Nothing of the client was heard, and the server answers. In captures out of order one reply may stand before its command; two of them, or one that
 * nobody gives unasked when all is over, show that the client's side is not in the file.
 */
export function hearAlone(talk: Conversation, heard: Heard): void {
  const early = talk.earlyReply;
  if (!talk.unseenCommands && !early) {
    talk.earlyReply = heard;
    return;
  }
  if (early) answerUnseen(talk, early);
  answerUnseen(talk, heard);
}

/** The file ends, and the client was not heard in it. */
export function settleAlone(talk: Conversation): void {
  const early = talk.earlyReply;
  if (early && !talk.clientHeard && early.reply.code < 400) answerUnseen(talk, early);
}

/** Takes a reply for the answer to what its text tells, or else to what comes next. */
function answerUnseen(talk: Conversation, heard: Heard): void {
  const { reply, ordinal } = heard;
  const { code, at } = reply;
  talk.unseenCommands = true;
  talk.earlyReply = null;
  reply.role = 'answer';
  if (followEvidence(talk, heard)) return;
  if (code === 220) {
    startTls(talk, at);
    return;
  }
  // Where it stands in a session whose beginning is missing cannot be told.
  if (!talk.greeting) return;
  // What the server did not understand began no step (RFC 5321, 4.2.3: 500 to 504).
  if (code >= 500 && code <= 504) return;
  const expected = expectedAt(talk.stages.current, talk.ledger.isOpen);
  const meaning = code < 300 ? meaningOf(reply.lines[0] ?? '', expected) : expected;
  if (meaning === 'HELO') talk.stages.reach('helo', at);
  else if (meaning === 'MAIL') {
    talk.ledger.mailAnswered(talk.ledger.begin(-1, ''), code, ordinal);
    talk.stages.reach('mail', at);
  } else if (meaning === 'RCPT') recipientAnswered(talk, '', code, { ordinal, at });
  else if (meaning === 'RSET') {
    talk.ledger.withdraw(ordinal);
    talk.goOn(true, at);
  } else messageAnswered(talk, heard);
}

/** A second 220: STARTTLS was said. */
function startTls(talk: Conversation, at: Moment): void {
  talk.starttlsSaid = true;
  talk.mode = 'tls-expected';
  talk.ledger.withdraw(-1);
  talk.stages.reach('starttls', at);
}
