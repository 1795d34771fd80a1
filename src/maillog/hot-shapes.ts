import type { LogEntry } from './entry.ts';

/**
 * The shapes that make up nearly all of a busy log, read without regular expressions and in place. It gives exactly what the
 * table of patterns gives, or null, whereupon the table is asked; a test holds the two together.
 */
export function readHotShape(text: string, from: number, to: number): LogEntry | null {
  switch (text.charCodeAt(from)) {
    case 77: // M
      if (text.startsWith('MID ', from)) return readMid(text, from, to);
      return text.startsWith('Message ', from) ? readMessage(text, from, to) : null;
    case 73: // I
      return text.startsWith('ICID ', from) ? readIcid(text, from, to) : null;
    case 83: // S
      return text.startsWith('Start MID ', from) ? readStart(text, from, to) : null;
    case 78: // N
      if (text.startsWith('New SMTP ICID ', from)) return readNewIcid(text, from, to);
      return text.startsWith('New SMTP DCID ', from) ? readNewDcid(text, from, to) : null;
    case 68: // D
      if (text.startsWith('DCID ', from)) return readDcid(text, from, to);
      return text.startsWith('Delivery start DCID ', from) ? readDeliveryStart(text, from, to) : null;
    default:
      return null;
  }
}

/** Position behind the last number that was read. Shared, since the readers are not re-entrant and a pair per number would cost. */
let cursor = 0;

/** The number at `at`, or -1; leaves `cursor` behind it. */
function readNumber(text: string, at: number, to: number): number {
  let value = 0;
  let i = at;
  while (i < to) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    i++;
  }
  cursor = i;
  return i === at || i - at > 15 ? -1 : value;
}

/** Whether exactly `word` fills the text from `at` to `to`. */
function isRest(text: string, word: string, at: number, to: number): boolean {
  return to - at === word.length && text.startsWith(word, at);
}

/** `<a@b>` without its brackets, or the text as it stands. */
function addressBetween(text: string, at: number, to: number): string {
  if (text.charCodeAt(at) === 60 && text.charCodeAt(to - 1) === 62 && to - at >= 2) return text.slice(at + 1, to - 1);
  return text.slice(at, to);
}

/** A quoted text without escapes; null when it must be looked at more closely. */
function plainQuoted(text: string, at: number, to: number): string | null {
  if (to - at < 2 || text.charCodeAt(at) !== 39 || text.charCodeAt(to - 1) !== 39) return null;
  const value = text.slice(at + 1, to - 1);
  return value.includes('\\') ? null : value;
}

const MAX_SCAN_TAIL = 150;
/** By the first letter, so that few are tried. */
const SCAN_HEADS: Readonly<Record<number, readonly string[]>> = {
  65: ['AMP file reputation verdict : '],
  68: ['DKIM: ', 'DMARC: '],
  79: ['Outbreak Filters: '],
  83: ['SPF: helo identity ', 'SPF: mailfrom identity ', 'SPF: pra identity '],
  97: ['antivirus negative'],
  105: ['interim verdict using engine: ', 'interim AV verdict using '],
  117: ['using engine: '],
};

function readMid(text: string, from: number, to: number): LogEntry | null {
  const mid = readNumber(text, from + 4, to);
  if (mid < 0 || text.charCodeAt(cursor) !== 32) return null;
  const at = cursor + 1;
  switch (text.charCodeAt(at)) {
    case 73: // I
      return text.startsWith('ICID ', at) ? readMidIcid(text, mid, at + 5, to) : null;
    case 77: // M
      if (text.startsWith("Message-ID '", at)) {
        const messageId = plainQuoted(text, at + 11, to);
        return messageId === null || messageId.length > 4000 ? null : { kind: 'mid-message-id', mid, messageId };
      }
      return null;
    case 83: // S
      if (text.startsWith("Subject '", at)) {
        const subject = plainQuoted(text, at + 8, to);
        return subject === null || subject.length > 8000 ? null : { kind: 'mid-subject', mid, subject };
      }
      break;
    case 114: // r
      return text.startsWith('ready ', at) ? readReady(text, mid, at + 6, to) : null;
    case 113: // q
      return isRest(text, 'queued for delivery', at, to) ? { kind: 'mid-queued', mid } : null;
    case 109: // m
      return text.startsWith('matched all recipients for per-recipient policy ', at) ? readPolicy(text, mid, at + 48, to) : null;
    case 82: // R
      return text.startsWith('RID [', at) ? readResponse(text, mid, at + 5, to) : null;
    default:
      break;
  }
  return readScan(text, mid, at, to);
}

/** What an engine says, where it is short and plain; the rest is the table's. */
function readScan(text: string, mid: number, at: number, to: number): LogEntry | null {
  if (isRest(text, 'DLP no violation', at, to)) return { kind: 'mid-scan', mid };
  for (const head of SCAN_HEADS[text.charCodeAt(at)] ?? []) {
    if (!text.startsWith(head, at)) continue;
    const tail = to - at - head.length;
    return (tail >= 1 && tail <= MAX_SCAN_TAIL) || (tail === 0 && head === 'antivirus negative') ? { kind: 'mid-scan', mid } : null;
  }
  return null;
}

function readMidIcid(text: string, mid: number, from: number, to: number): LogEntry | null {
  const icid = readNumber(text, from, to);
  if (icid < 0) return null;
  if (text.startsWith(' From: <', cursor)) {
    const at = cursor + 7;
    return to - at <= 1000 ? { kind: 'mid-from', mid, icid, address: addressBetween(text, at, to) } : null;
  }
  if (!text.startsWith(' RID ', cursor)) return null;
  const rid = readNumber(text, cursor + 5, to);
  if (rid < 0 || rid > 999_999_999 || !text.startsWith(' To: <', cursor)) return null;
  const at = cursor + 5;
  return to - at <= 1000 ? { kind: 'mid-to', mid, icid, rid, address: addressBetween(text, at, to) } : null;
}

function readReady(text: string, mid: number, from: number, to: number): LogEntry | null {
  const octets = readNumber(text, from, to);
  if (octets < 0 || !text.startsWith(' bytes from <', cursor)) return null;
  const at = cursor + 12;
  return to - at <= 1000 ? { kind: 'mid-ready', mid, octets, from: addressBetween(text, at, to) } : null;
}

function readPolicy(text: string, mid: number, from: number, to: number): LogEntry | null {
  const inbound = text.startsWith(' in the inbound table', to - 21);
  const end = inbound ? to - 21 : text.startsWith(' in the outbound table', to - 22) ? to - 22 : -1;
  if (end <= from || end - from > 200) return null;
  return { kind: 'mid-policy', mid, policy: text.slice(from, end), table: inbound ? 'inbound' : 'outbound' };
}

/** `0, 1]`: the numbers; null for anything else. Leaves `cursor` behind the bracket. */
function readRids(text: string, from: number, to: number): number[] | null {
  const first = readNumber(text, from, to);
  if (first < 0) return null;
  const rids = [first];
  while (text.startsWith(', ', cursor)) {
    const next = readNumber(text, cursor + 2, to);
    if (next < 0) return null;
    rids.push(next);
  }
  if (text.charCodeAt(cursor) !== 93) return null;
  cursor++;
  return rids;
}

function readResponse(text: string, mid: number, from: number, to: number): LogEntry | null {
  const rids = readRids(text, from, to);
  if (rids === null || !text.startsWith(" Response '", cursor)) return null;
  const response = plainQuoted(text, cursor + 10, to);
  return response === null || response.length > 8000 ? null : { kind: 'mid-response', mid, rids, response };
}

function readMessage(text: string, from: number, to: number): LogEntry | null {
  const at = from + 8;
  if (text.startsWith('finished MID ', at)) {
    const mid = readNumber(text, at + 13, to);
    if (mid < 0) return null;
    if (isRest(text, ' done', cursor, to)) return { kind: 'mid-finished', mid, how: 'done' };
    return isRest(text, ' aborted', cursor, to) ? { kind: 'mid-finished', mid, how: 'aborted' } : null;
  }
  if (text.startsWith('aborted MID ', at)) {
    const mid = readNumber(text, at + 12, to);
    if (mid < 0) return null;
    if (isRest(text, ' Receiving aborted', cursor, to)) return { kind: 'mid-aborted', mid, how: 'receiving', by: null };
    return isRest(text, ' Receiving aborted by sender', cursor, to) ? { kind: 'mid-aborted', mid, how: 'by-sender', by: null } : null;
  }
  if (!text.startsWith('done DCID ', at)) return null;
  const dcid = readNumber(text, at + 10, to);
  if (dcid < 0 || !text.startsWith(' MID ', cursor)) return null;
  const mid = readNumber(text, cursor + 5, to);
  if (mid < 0 || !text.startsWith(' to RID [', cursor)) return null;
  const rids = readRids(text, cursor + 9, to);
  return rids !== null && cursor === to ? { kind: 'dcid-done', dcid, mid, rids, quarantine: false } : null;
}

function readDeliveryStart(text: string, from: number, to: number): LogEntry | null {
  const dcid = readNumber(text, from + 20, to);
  if (dcid < 0 || !text.startsWith(' MID ', cursor)) return null;
  const mid = readNumber(text, cursor + 5, to);
  if (mid < 0 || !text.startsWith(' to RID [', cursor)) return null;
  const rids = readRids(text, cursor + 9, to);
  return rids !== null && cursor === to ? { kind: 'dcid-start', dcid, mid, rids, quarantine: false } : null;
}

function readStart(text: string, from: number, to: number): LogEntry | null {
  const mid = readNumber(text, from + 10, to);
  if (mid < 0 || !text.startsWith(' ICID ', cursor)) return null;
  const icid = readNumber(text, cursor + 6, to);
  return icid >= 0 && cursor === to ? { kind: 'mid-start', mid, icid, note: null } : null;
}

function readDcid(text: string, from: number, to: number): LogEntry | null {
  const dcid = readNumber(text, from + 5, to);
  return dcid >= 0 && isRest(text, ' close', cursor, to) ? { kind: 'dcid-close', dcid } : null;
}

function readIcid(text: string, from: number, to: number): LogEntry | null {
  const icid = readNumber(text, from + 5, to);
  if (icid < 0 || text.charCodeAt(cursor) !== 32) return null;
  const at = cursor + 1;
  if (isRest(text, 'close', at, to)) return { kind: 'icid-close', icid };
  if (isRest(text, 'lost', at, to)) return { kind: 'icid-lost', icid };
  if (text.startsWith('ACCEPT SG ', at)) return readPolicyOf(text, icid, 'ACCEPT', at + 10, to);
  if (text.startsWith('RELAY SG ', at)) return readPolicyOf(text, icid, 'RELAY', at + 9, to);
  return null;
}

/** What was last cut out in this place: the same few values come again and again, and one string serves them all. */
interface Memo {
  text: string;
}

function remembered(memo: Memo, text: string, from: number, to: number): string {
  if (memo.text.length === to - from && text.startsWith(memo.text, from)) return memo.text;
  memo.text = text.slice(from, to);
  return memo.text;
}

const lastGroup: Memo = { text: '' };
const lastMatch: Memo = { text: '' };
const lastScore: Memo = { text: '' };
const lastInterface: Memo = { text: '' };
const lastLocal: Memo = { text: '' };

/** `GROUP match WHAT SBRS SCORE[ country NAME]`, with single blanks and none inside the values. */
function readPolicyOf(text: string, icid: number, action: string, from: number, to: number): LogEntry | null {
  const groupEnd = endOfWord(text, from, to);
  if (groupEnd === from || !text.startsWith(' match ', groupEnd)) return null;
  const matchAt = groupEnd + 7;
  const matchEnd = endOfWord(text, matchAt, to);
  if (matchEnd === matchAt || matchEnd - matchAt > 200 || !text.startsWith(' SBRS ', matchEnd) || !isPlainMatch(text, matchAt, matchEnd)) return null;
  const scoreAt = matchEnd + 6;
  const scoreEnd = endOfWord(text, scoreAt, to);
  if (scoreAt >= to || scoreEnd === scoreAt || (scoreEnd < to && !isCountry(text, scoreEnd, to))) return null;
  const group = remembered(lastGroup, text, from, groupEnd);
  const match = remembered(lastMatch, text, matchAt, matchEnd);
  const score = remembered(lastScore, text, scoreAt, scoreEnd);
  return { kind: 'icid-policy', icid, action, group, match, score };
}

/** ` country NAME` to the end, the name of letters and blanks. */
function isCountry(text: string, at: number, to: number): boolean {
  if (!text.startsWith(' country ', at) || to - at < 10 || to - at > 60) return false;
  for (let i = at + 9; i < to; i++) {
    const code = text.charCodeAt(i) | 32;
    if (code !== 32 && (code < 97 || code > 122)) return false;
  }
  return true;
}

/** No blank, and at most one bracket, which ends it. */
function isPlainMatch(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code === 32 || code === 93) return i === to - 1 && code === 93;
    if (code === 91 && (i === from || text.charCodeAt(to - 1) !== 93)) return false;
  }
  return true;
}

const BLANK = 32;
const OPEN = 40;
const CLOSE = 41;

/** Where the word that begins at `from` ends, at the latest at `to`. */
function endOfWord(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && text.charCodeAt(at) > BLANK) at++;
  return at;
}

/** Where `code` stands first, or `to`: a search that never leaves the line. */
function indexOfCode(text: string, code: number, from: number, to: number): number {
  let at = from;
  while (at < to && text.charCodeAt(at) !== code) at++;
  return at;
}

/** An IPv4 address in its one spelling, cut out; null for anything else (the table then looks at IPv6 and names). */
function isPlainAddress(text: string, from: number, to: number): boolean {
  let part = -1;
  let parts = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit === -2) {
      if (part < 0) return false;
      part = -1;
      continue;
    }
    if (digit < 0 || digit > 9 || part === 0) return false;
    if (part < 0) parts++;
    part = part < 0 ? digit : part * 10 + digit;
    if (part > 255) return false;
  }
  return parts === 4 && part >= 0;
}

/** `<n> interface NAME (LOCAL) address PEER reverse dns host PTR verified yes|no` */
function readNewIcid(text: string, from: number, to: number): LogEntry | null {
  const icid = readNumber(text, from + 14, to);
  if (icid < 0 || !text.startsWith(' interface ', cursor)) return null;
  const nameAt = cursor + 11;
  const nameEnd = indexOfCode(text, OPEN, nameAt, to) - 1;
  if (nameEnd <= nameAt || nameEnd - nameAt > 40 || text.charCodeAt(nameEnd) !== BLANK || !isPlainName(text, nameAt, nameEnd)) return null;
  const localEnd = indexOfCode(text, CLOSE, nameEnd, to);
  if (localEnd === to || !isPlainAddress(text, nameEnd + 2, localEnd) || !text.startsWith(' address ', localEnd + 1)) return null;
  const peerAt = localEnd + 10;
  const peerEnd = endOfWord(text, peerAt, to);
  if (peerEnd === to || !isPlainAddress(text, peerAt, peerEnd) || !text.startsWith(' reverse dns host ', peerEnd)) return null;
  const ptrAt = peerEnd + 18;
  const ptrEnd = endOfWord(text, ptrAt, to);
  if (ptrEnd === ptrAt || ptrEnd === to) return null;
  const verified = isRest(text, ' verified yes', ptrEnd, to);
  if (!verified && !isRest(text, ' verified no', ptrEnd, to)) return null;
  return {
    kind: 'icid-open',
    icid,
    interfaceName: remembered(lastInterface, text, nameAt, nameEnd),
    localIp: remembered(lastLocal, text, nameEnd + 2, localEnd),
    peerIp: text.slice(peerAt, peerEnd),
    reverseDns: text.slice(ptrAt, ptrEnd),
    verified,
  };
}

/** At most one blank, inside; no parenthesis. */
function isPlainName(text: string, from: number, to: number): boolean {
  let blanks = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code < BLANK || code === OPEN || code === CLOSE) return false;
    if (code === BLANK && (++blanks > 1 || i === from || i === to - 1)) return false;
  }
  return true;
}

/** `<n> interface LOCAL address REMOTE port PORT` */
function readNewDcid(text: string, from: number, to: number): LogEntry | null {
  const dcid = readNumber(text, from + 14, to);
  if (dcid < 0 || !text.startsWith(' interface ', cursor)) return null;
  const localAt = cursor + 11;
  const localEnd = endOfWord(text, localAt, to);
  if (localEnd === to || !isPlainAddress(text, localAt, localEnd) || !text.startsWith(' address ', localEnd)) return null;
  const remoteAt = localEnd + 9;
  const remoteEnd = endOfWord(text, remoteAt, to);
  if (remoteEnd === to || !isPlainAddress(text, remoteAt, remoteEnd) || !text.startsWith(' port ', remoteEnd)) return null;
  const port = readNumber(text, remoteEnd + 6, to);
  if (port < 0 || cursor !== to || to - remoteEnd > 11) return null;
  return { kind: 'dcid-open', dcid, interfaceName: text.slice(localAt, localEnd), remoteIp: text.slice(remoteAt, remoteEnd), remotePort: port };
}
