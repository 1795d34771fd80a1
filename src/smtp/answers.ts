import type { Moment, PacketRef } from '../model/evidence.ts';
import type { SmtpReply } from '../model/smtp.ts';
import { conceal } from './conceal.ts';
import { authAnswered } from './auth-answered.ts';
import type { Conversation } from './conversation.ts';
import { answersAuth, hideChallenge } from './credentials.ts';
import type { Draft } from './event-list.ts';
import { MailBody } from './mail-data.ts';
import { acceptedMidOf, enhancedCodeOf } from './reply-line.ts';
import type { Unanswered } from './reply-queue.ts';
import { reject } from './transactions.ts';
import { followEvidence, hearAlone } from './unseen-commands.ts';
import { carriesSecret, verbInfo } from './verbs.ts';

/** A reply as the server said it, lines joined. */
export interface HeardReply {
  readonly code: number;
  readonly lines: readonly string[];
  readonly at: Moment;
  readonly completedBy: PacketRef;
  readonly complete: boolean;
  readonly afterGap: boolean;
  readonly missing: number;
}

/** Takes a reply into the conversation: whom it answers, and what follows from that. */
export function hearReply(talk: Conversation, heard: HeardReply): void {
  const { code } = heard;
  const text = heard.lines[0] ?? '';
  const reply: Draft<SmtpReply> = {
    kind: 'reply',
    code,
    enhancedCode: enhancedCodeOf(code, text),
    lines: heard.lines,
    at: heard.at,
    completedBy: heard.completedBy,
    complete: heard.complete,
    afterGap: heard.afterGap,
    to: null,
    role: 'unsolicited',
  };
  if (heard.missing > 0) reply.missing = heard.missing;
  if (code === 421) talk.rhythm.discard();
  if (isGreeting(talk, code)) {
    reply.role = 'greeting';
    reply.lines = reply.lines.map((line) => talk.secrets.scrubKnown(line));
    if (talk.earlyClient) talk.oddityOnce(talk.client, 'before-greeting', talk.earlyClient.at, talk.earlyClient.text);
    talk.events.add(reply);
    talk.greeting = reply;
    return;
  }
  if (code > 0 && !talk.greeting) talk.greetingMissed = true;
  if (!heard.complete) {
    // The client never had it: it answers nothing yet.
    const oldest = talk.queue.oldest;
    if (oldest && code > 0) {
      reply.role = 'answer';
      reply.to = oldest.event < 0 ? null : oldest.event;
    }
    talk.events.add(hideSecrets(talk, reply, oldest ?? null));
    return;
  }
  if (code > 0 && code !== 421) showsEnd(talk, code);
  const entry = code === 0 ? null : talk.queue.match(code);
  if (answersAuth(code)) {
    talk.authSeen = true;
    if (entry) conceal(talk, entry);
    // Said without waiting for the challenge.
    if (code === 334) for (const waiting of talk.queue.waiting) conceal(talk, waiting);
  }
  if (entry) {
    reply.role = 'answer';
    answer(talk, entry, talk.events.add(hideSecrets(talk, reply, entry)), reply);
    return;
  }
  const ordinal = talk.events.add(hideSecrets(talk, reply, null));
  if (code === 0 || code === 421) return;
  if (!talk.clientHeard) {
    hearAlone(talk, { reply, ordinal });
    return;
  }
  // Nobody but who said QUIT is answered with 221 (RFC 5321, 4.2.3): it fell into the gap.
  const quitInGap = code === 221 && talk.gaps.client;
  if (talk.unseenCommands || talk.lostReplies || quitInGap) reply.role = 'answer';
  else talk.earlyReply = { ordinal, reply };
  followEvidence(talk, { reply, ordinal });
}

/** Ties a reply to what it answers and applies it. */
export function answer(talk: Conversation, entry: Unanswered, ordinal: number, reply: Draft<SmtpReply>): void {
  reply.role = 'answer';
  reply.to = entry.event < 0 ? null : entry.event;
  if (entry.command) entry.command.reply = ordinal;
  if (entry.data) entry.data.reply = ordinal;
  talk.earlyReply = null;
  talk.lostReplies = talk.lostReplies && talk.queue.length > 0;
  apply(talk, entry, reply, ordinal);
}

/** The first reply greets, unless it answers a command and cannot be a greeting (RFC 5321, 4.3.2: 220, 554; others refuse with 4xx and 5xx). */
function isGreeting(talk: Conversation, code: number): boolean {
  if (talk.greeting || code === 0) return false;
  if (talk.greetingMissed || talk.midStream)
    return code === 220 && talk.quit === null && !talk.queue.includes('STARTTLS') && !talk.queue.includes('XCLIENT') && talk.heloName === null;
  // A refusal that only authentication gets greets nobody who has spoken.
  return code === 220 || (code >= 400 && !(answersAuth(code) && talk.queue.length > 0));
}

/** What the server repeats of credentials, and challenges, are not kept. */
function hideSecrets(talk: Conversation, reply: Draft<SmtpReply>, entry: Unanswered | null): Draft<SmtpReply> {
  if (reply.code === 334) reply.lines = reply.lines.map(hideChallenge);
  else if (entry ? entry.verb !== 'EHLO' && (entry.verb === 'AUTH' || !entry.known || carriesSecret(entry.verb)) : talk.authSeen)
    reply.lines = reply.lines.map((line) => talk.secrets.scrub(line));
  // Before any secret was said nobody can repeat one.
  else if (!talk.secrets.isEmpty) reply.lines = reply.lines.map((line) => talk.secrets.scrubKnown(line));
  return reply;
}

/** A final reply while the message has no end: the end fell into a gap, or the server takes one that is none to the letter. */
function showsEnd(talk: Conversation, code: number): void {
  const { body } = talk;
  if (talk.mode !== 'body' || !body?.started || talk.queue.length > 0 || code === 354 || code === 334) return;
  if (body.hasGap || body.looseEnd || code < 300) talk.reader.endBody();
  // Refused while it is still on its way, as for its size.
  else if (code >= 400 && body.transaction) reject(body.transaction, talk.events.length);
}

function apply(talk: Conversation, entry: Unanswered, reply: Draft<SmtpReply>, ordinal: number): void {
  const { code } = reply;
  const { verb, transaction } = entry;
  const refused = code >= 400;
  if (code === 354) {
    goAhead(talk, entry);
    return;
  }
  if (verb === '.' || (verb === 'BDAT' && entry.data?.kind === 'data-end')) {
    finalReply(talk, entry, reply, ordinal);
    return;
  }
  if (verb === 'EHLO' || verb === 'LHLO') {
    if (refused) return;
    if (transaction) talk.ledger.withdrawOne(transaction, entry.event);
    talk.esmtp = true;
    talk.capabilities = reply.lines.slice(1);
  } else if (verb === 'HELO') {
    if (refused) return;
    if (transaction) talk.ledger.withdrawOne(transaction, entry.event);
    talk.esmtp = false;
    talk.capabilities = [];
  } else if (verbInfo(verb)?.stage === 'mail') {
    if (transaction) talk.ledger.mailAnswered(transaction, code, ordinal);
  } else if (verb === 'RCPT') {
    if (transaction) talk.ledger.recipientAnswered(transaction, entry.recipient, code, ordinal);
  } else if (verb === 'DATA') {
    if (!refused) return;
    if (transaction) reject(transaction, ordinal);
    talk.bodyWasCommands(ordinal);
    if (talk.mode === 'offered') talk.mode = 'commands';
  } else if (verb === 'BDAT') {
    if (refused) chunkRefused(talk, entry, code, ordinal);
  } else if (verb === 'STARTTLS') {
    talk.starttlsRefused = refused;
    if (!refused && talk.mode === 'commands') {
      talk.mode = 'tls-expected';
      talk.ledger.withdraw(entry.event);
    }
  } else if (verb === 'AUTH') authAnswered(talk, code);
  else if (!entry.known && answersAuth(code)) {
    talk.stages.reach('auth', entry.command?.at ?? reply.at);
    authAnswered(talk, code);
  } else if (verb === 'QUIT' && code >= 500) {
    // Refused, as for an argument (501): the session goes on.
    talk.quitIsFinal = false;
    talk.quit = null;
  }
}

function goAhead(talk: Conversation, entry: Unanswered): void {
  if (talk.mode === 'body' && talk.body) {
    talk.body.tentative = false;
    return;
  }
  if (talk.tentativeBody) {
    talk.tentativeBody.tentative = false;
    talk.tentativeBody = null;
    return;
  }
  if (talk.mode !== 'offered' && talk.mode !== 'uncertain' && entry.verb === 'DATA') return;
  if (talk.mode === 'chunk' || talk.mode === 'lost' || talk.mode === 'tls') return;
  talk.body = new MailBody(entry.transaction ?? talk.ledger.resume(), false);
  talk.mode = 'body';
}

function finalReply(talk: Conversation, entry: Unanswered, reply: Draft<SmtpReply>, ordinal: number): void {
  const { transaction } = entry;
  const accepted = reply.code < 400;
  if (transaction) {
    transaction.finalReply = ordinal;
    // LMTP answers for each recipient: one that is accepted is enough for the message to live on.
    if (accepted || transaction.outcome !== 'accepted') transaction.outcome = accepted ? 'accepted' : 'rejected';
    if (accepted) transaction.acceptedMid = acceptedMidOf(reply.lines[0] ?? '') ?? transaction.acceptedMid;
  }
  if (!accepted) return;
  talk.acceptedAny = true;
  if (talk.stages.current === 'data-end') talk.stages.reach('idle-after-message', reply.at);
}

/** A server that does not know BDAT reads the chunk as commands; one that refuses it otherwise takes the octets and throws them away (RFC 3030, 2). */
function chunkRefused(talk: Conversation, entry: Unanswered, code: number, ordinal: number): void {
  if (entry.transaction) reject(entry.transaction, ordinal);
  const { chunk } = talk;
  const unknownVerb = code === 500 || code === 502;
  const nothingSent = chunk !== null && talk.body?.started !== true;
  if (chunk?.entry === entry && (unknownVerb || nothingSent)) {
    talk.chunk = null;
    talk.mode = 'uncertain';
  }
  if (talk.mode !== 'chunk') talk.body = null;
}
