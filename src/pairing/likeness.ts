import { Basis } from './basis.ts';
import { fitEnvelope } from './encrypted-lines.ts';
import {
  MOST_MESSAGES,
  type CapturedTalk,
  type CapturedText,
  type CapturedTraits,
  type HistoryKind,
  type LoggedMessage,
  type LoggedSession,
} from './traits.ts';

/** How a pair of addresses is to be judged; learned from pairs that content settled. */
export interface AddressPolicy {
  /** Points for equal addresses (fewer for one that speaks for many clients), and what a difference costs. */
  weigh(capturedIp: string, loggedIp: string): number;
}

/** Which names several sessions of the log bear. */
export interface Namesakes {
  sharesMessageId(kind: HistoryKind, messageId: string): boolean;
}

/** What the content of a captured and a logged session says about whether they are the same. */
export interface Likeness {
  /** Points: content, addresses and manner of the end, without times. */
  readonly points: number;
  /** Points from content alone. */
  readonly contentPoints: number;
  /** In the words of `Pair.basis`. */
  readonly basis: readonly string[];
  /** Something that names one message in the world agrees: the MID in the reply, the Message-ID, the receiver's queue identifier. */
  readonly identity: 'mid' | 'message' | null;
  /** Something that cannot be in the same session: another MID in the reply, other senders. */
  readonly contradicted: boolean;
  readonly addressAgrees: boolean | null;
  /** For each captured transaction the index of its message, or -1. */
  readonly alignment: readonly number[];
}

/** Points by what agrees or differs. Addresses are weighed by `AddressPolicy`. */
const POINTS = {
  mid: 40,
  messageId: 15,
  sharedMessageId: 4,
  response: 15,
  plainResponse: 1,
  sender: 4,
  recipient: 4,
  size: 4,
  nearSize: 1,
  otherSize: -4,
  subject: 3,
  otherSubject: -2,
  helo: 2,
  otherHelo: -2,
  localAddress: 1,
  otherLocalAddress: -4,
  port: 1,
  otherPort: -20,
  tls: 1,
  otherTls: -10,
  unloggedTls: -8,
  refusal: 2,
  otherRefusal: -6,
  unsaidMessage: -10,
  unloggedMessage: -6,
  partMissing: -3,
  otherOutcome: -12,
  encryptedSize: 2,
  otherEncryptedSize: -10,
  encryptedLine: 1.5,
  paddedLine: 0.5,
  otherEncryptedLine: -2,
  byQuit: 2,
  otherManner: -3,
  contradiction: -40,
} as const;
/** No more than this from repeated agreement over many messages of one session. */
const MOST_MESSAGES_COUNTED = 3;
/** Messages that a captured transaction is looked for among: a session with thousands of them stays linear. */
const LOOK_AHEAD = 64;
/** The trace header that the appliance may add before it counts the octets of a message. */
const TRACE_HEADER_OCTETS = 600;

/** Compares by content and addresses. `peerIp` and `localIp` are those of the capture, seen from the appliance. */
export function compare(captured: CapturedTraits, logged: LoggedSession, addresses: AddressPolicy, namesakes: Namesakes): Likeness {
  let points = 0;
  const inbound = logged.kind === 'icid';
  const peerIp = inbound ? captured.originatorIp : captured.responderIp;
  const localIp = inbound ? captured.responderIp : captured.originatorIp;
  const addressAgrees = logged.peerIp === null ? null : logged.peerIp === peerIp;
  if (logged.peerIp !== null) points += addresses.weigh(peerIp, logged.peerIp);
  if (logged.localIp !== null) points += logged.localIp === localIp ? POINTS.localAddress : POINTS.otherLocalAddress;
  if (logged.peerPort !== null) points += logged.peerPort === captured.responderPort ? POINTS.port : POINTS.otherPort;
  const found: Found = { basis: addressAgrees ? Basis.none.with('address') : Basis.none, hasOwnMessage: false };
  const content = compareContent(captured, logged, namesakes, found);
  points += compareManner(captured, logged, content.alignment, found);
  const { contentPoints, identity, contradicted, alignment } = content;
  return { points: points + contentPoints, contentPoints, basis: found.basis.words, identity, contradicted, addressAgrees, alignment };
}

/** What has been found to agree so far. */
interface Found {
  basis: Basis;
  /** A Message-ID agrees that no other session of the log has. */
  hasOwnMessage: boolean;
}

type Content = Pick<Likeness, 'contentPoints' | 'identity' | 'contradicted' | 'alignment'>;

function compareContent(captured: CapturedTraits, logged: LoggedSession, namesakes: Namesakes, found: Found): Content {
  const alignment = align(captured.talks, logged);
  let points = 0;
  let counted = 0;
  let identity: Likeness['identity'] = null;
  for (const [k, at] of alignment.entries()) {
    const talk = captured.talks[k];
    const message = logged.messages[at];
    if (!talk || !message || counted >= MOST_MESSAGES_COUNTED) continue;
    counted++;
    points += compareMessage(talk, message, logged.kind, namesakes, found);
    if (logged.kind === 'icid') points += compareOutcome(captured, talk, message);
  }
  if (found.basis.has('accepted MID')) identity = 'mid';
  else if (found.hasOwnMessage || found.basis.has('response')) identity = 'message';
  if (inboundHelo(captured, logged)) {
    const same = sameText(captured.heloName, logged.heloName);
    points += same === 'other' ? POINTS.otherHelo : same === 'same' ? POINTS.helo : 0;
    if (same === 'same') found.basis = found.basis.with('HELO name');
  }
  const contradicted = identity !== 'mid' && contradicts(captured, logged, alignment);
  if (contradicted) points += POINTS.contradiction;
  else points += missingPoints(captured, logged, alignment);
  return { contentPoints: points, identity, contradicted, alignment };
}

function inboundHelo(captured: CapturedTraits, logged: LoggedSession): boolean {
  return logged.kind === 'icid' && captured.heloName !== null && logged.heloName !== null && (captured.tls === null || captured.readable);
}

function compareMessage(talk: CapturedTalk, message: LoggedMessage, kind: HistoryKind, namesakes: Namesakes, found: Found): number {
  const inbound = kind === 'icid';
  let points = 0;
  const agree = (word: string, gain: number): void => {
    points += gain;
    found.basis = found.basis.with(word);
  };
  if (inbound && talk.acceptedMid === message.mid) agree('accepted MID', POINTS.mid);
  if (message.sender !== null && sameText(talk.sender, message.sender) === 'same') agree('MAIL', POINTS.sender);
  if (overlaps(talk.recipients, message.recipients) === 'same') agree('RCPT', POINTS.recipient);
  points += compareMessageId(talk, message, kind, namesakes, found);
  if (talk.octets !== null && message.octets !== null) {
    const apart = Math.abs(talk.octets - message.octets);
    if (apart <= 8) agree('size', POINTS.size);
    // The appliance may count the trace header that it adds.
    else points += apart <= TRACE_HEADER_OCTETS + talk.octets * 0.02 ? POINTS.nearSize : POINTS.otherSize;
  }
  if (talk.subject !== null && message.subject !== null) {
    if (talk.subject === message.subject) agree('Subject', POINTS.subject);
    else if (inbound && isPlain(talk.subject) && isPlain(message.subject)) points += POINTS.otherSubject;
  }
  points += compareResponse(talk, message, found);
  return points;
}

/** Tries of one message, and its copies to several receivers, have one Message-ID. */
function compareMessageId({ messageId }: CapturedTalk, message: LoggedMessage, kind: HistoryKind, namesakes: Namesakes, found: Found): number {
  if (messageId === null || messageId !== message.messageId) return 0;
  found.basis = found.basis.with('Message-ID');
  if (namesakes.sharesMessageId(kind, messageId)) return POINTS.sharedMessageId;
  found.hasOwnMessage = true;
  return POINTS.messageId;
}

/** What was cut off before its end cannot be ready in the log. */
function compareOutcome({ readable, endUs }: CapturedTraits, talk: CapturedTalk, message: LoggedMessage): number {
  return message.octets !== null && readable && endUs !== null && talk.dataEnd === null && talk.finalCode === null ? POINTS.otherOutcome : 0;
}

/** `Response '…'` repeats the receiver's text; with a queue identifier in it, it is unique. */
function compareResponse(talk: CapturedTalk, message: LoggedMessage, found: Found): number {
  if (talk.finalText === null || message.response === null) return 0;
  const said = talk.finalText;
  const logged = message.response.replace(/^\d{3}[ -]/, '');
  if (said !== logged && !said.endsWith(logged) && !logged.endsWith(said)) return 0;
  if (!/(?=.*\d.*\d.*\d)[\w.-]{6,}/.test(logged.replace(/^\d\.\d+\.\d+ /, ''))) return POINTS.plainResponse;
  found.basis = found.basis.with('response');
  return POINTS.response;
}

/** Alignments of a single transaction, by the index of its message plus one: nearly all sessions have one of these. */
const SINGLE: readonly (readonly number[])[] = Array.from({ length: LOOK_AHEAD + 1 }, (_, i) => [i - 1]);
const NONE: readonly number[] = [];

/** Aligns in order: each transaction with the next message that it can be. Rejected transactions have no message. */
function align(talks: readonly CapturedTalk[], logged: LoggedSession): readonly number[] {
  const [first] = talks;
  if (!first) return NONE;
  if (talks.length === 1) return SINGLE[1 + nextMatch(first, logged, 0)] ?? NONE;
  let next = 0;
  return talks.map((talk) => {
    const found = nextMatch(talk, logged, next);
    if (found >= 0) next = found + 1;
    return found;
  });
}

/** Index of the first message from `from` on that a transaction can be; -1 for none. */
function nextMatch(talk: CapturedTalk, { messages, kind }: LoggedSession, from: number): number {
  const to = Math.min(messages.length, from + LOOK_AHEAD);
  for (let i = from; i < to; i++) {
    const message = messages[i];
    if (message && canBe(talk, message, kind === 'icid')) return i;
  }
  return -1;
}

function canBe(talk: CapturedTalk, message: LoggedMessage, inbound: boolean): boolean {
  if (inbound && talk.acceptedMid !== null) return talk.acceptedMid === message.mid;
  if (message.sender !== null && sameText(talk.sender, message.sender) === 'other') return false;
  if (talk.recipients.length > 0 && message.recipients.length > 0) return overlaps(talk.recipients, message.recipients) !== 'other';
  if (talk.messageId !== null && message.messageId !== null) return talk.messageId === message.messageId;
  return message.sender !== null || message.recipients.length > 0;
}

function contradicts(captured: CapturedTraits, logged: LoggedSession, alignment: readonly number[]): boolean {
  // Envelopes in the clear, yet the log has the session encrypted.
  if (logged.tlsOk === true && captured.tls === null && captured.talks.length > 0) return true;
  if (lacksNamed(captured, logged, alignment)) return true;
  if (alignment.some((at) => at >= 0)) return false;
  const said = captured.talks.some((talk) => talk.mailAccepted);
  return said && logged.messages.some((message) => message.sender !== null);
}

/** The replies name MIDs of which the log session has none, although nothing of it is missing, or it accepted another message. */
function lacksNamed({ talks }: CapturedTraits, { kind, messages, whole }: LoggedSession, alignment: readonly number[]): boolean {
  if (kind !== 'icid' || messages.length === 0 || messages.length >= MOST_MESSAGES || !talks.some((talk) => talk.acceptedMid !== null)) return false;
  if (talks.some((talk, k) => talk.acceptedMid !== null && (alignment[k] ?? -1) >= 0)) return false;
  return whole || alignment.every((at) => at < 0) || messages.some((message) => message.octets !== null);
}

/** What one side has and the other, though complete, has not. */
function missingPoints(captured: CapturedTraits, logged: LoggedSession, alignment: readonly number[]): number {
  const aligned = alignment.filter((at) => at >= 0).length;
  const said = captured.talks.filter((talk) => talk.mailAccepted).length;
  // A delivery that failed early names its message, but never spoke of it.
  const noted = logged.kind === 'icid' ? logged.messages.length : logged.messages.filter((message) => message.doneUs !== null).length;
  let points = 0;
  if (captured.readable && noted > 0 && captured.talks.length === 0) points += POINTS.unsaidMessage;
  else if (captured.readable && noted > aligned) points += Math.max(-9, POINTS.partMissing * (noted - aligned));
  if (logged.whole && said > 0 && noted === 0) points += POINTS.unloggedMessage;
  else if (logged.whole && said > aligned) points += Math.max(-9, POINTS.partMissing * (said - aligned));
  return points;
}

/** Encryption, refusal and the manner of the end. */
function compareManner(captured: CapturedTraits, logged: LoggedSession, alignment: readonly number[], found: Found): number {
  let points = 0;
  if (logged.tlsOk === true) points += captured.tls ? POINTS.tls : captured.readable ? POINTS.otherTls : 0;
  else if (captured.tlsEstablished && logged.whole && logged.tlsOk === null) points += POINTS.unloggedTls;
  points += compareEncryptedLines(captured, logged, found);
  if (logged.kind === 'dcid') return points;
  if (captured.greetingCode !== null && logged.refused) points += captured.greetingCode >= 400 ? POINTS.refusal : POINTS.otherRefusal;
  points += compareEncryptedSize(captured, logged);
  const last = logged.messages.at(-1);
  if (last?.abortedBySender && (captured.tls === null || captured.readable)) {
    const withdrawn = captured.talks.some((talk, k) => talk.withdrawnUs !== null && alignment[k] === logged.messages.length - 1);
    points += withdrawn || captured.quitUs !== null ? POINTS.byQuit : captured.readable ? POINTS.otherManner : 0;
  }
  if (logged.lost && captured.quitAnswered) points += POINTS.otherManner;
  return points;
}

/** Inside TLS the accepted messages must at least fit, and a session without aborted data must not have sent much more. */
function compareEncryptedSize(captured: CapturedTraits, logged: LoggedSession): number {
  if (captured.encryptedOctets === null || logged.messages.length === 0 || logged.messages.length >= MOST_MESSAGES) return 0;
  let least = 0;
  for (const message of logged.messages) least += message.octets ?? 0;
  if (captured.encryptedOctets < least - TRACE_HEADER_OCTETS * logged.messages.length) return POINTS.otherEncryptedSize;
  if (logged.messages.some((message) => message.octets === null)) return 0;
  // Commands, record headers and authentication tags: a few hundred octets a message and a little in a hundred.
  const most = least * 1.03 + 2000 + 1500 * logged.messages.length;
  return captured.encryptedOctets <= most ? POINTS.encryptedSize : POINTS.otherEncryptedSize;
}

/** Commands and replies inside TLS are as long as the addresses that the log names. Several in one record are not taken apart here, so that a missing one says little. */
function compareEncryptedLines(captured: CapturedTraits, logged: LoggedSession, found: Found): number {
  const fit = captured.encryptedTurns ? fitEnvelope(captured.encryptedTurns, logged) : null;
  if (!fit || fit.found + fit.missing === 0) return 0;
  if (fit.missing === 0 && fit.isExact) found.basis = found.basis.with('record lengths');
  return fit.found * (fit.isExact ? POINTS.encryptedLine : POINTS.paddedLine) + Math.min(fit.missing, 2) * POINTS.otherEncryptedLine;
}

/** `cut`: as far as it can be read. */
type Sameness = 'same' | 'cut' | 'other';

function sameText(captured: CapturedText | null, logged: string | null): Sameness {
  if (captured === null || logged === null) return 'cut';
  if (captured.text === logged) return 'same';
  return !captured.whole && logged.startsWith(captured.text) ? 'cut' : 'other';
}

function overlaps(captured: readonly CapturedText[], logged: readonly string[]): Sameness {
  let best: Sameness = 'other';
  for (const one of captured) {
    for (const text of logged) {
      const same = sameText(one, text);
      if (same === 'same') return same;
      if (same === 'cut') best = same;
    }
  }
  return best;
}

/** Neither encoded words nor anything beyond ASCII, so that both sides wrote it alike. */
function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text) && !text.includes('=?') && !text.includes('\\');
}
