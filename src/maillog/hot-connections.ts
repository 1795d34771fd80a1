import type { HotKind, HotLine } from './hot-line.ts';
import { behindNumber, endOfWord, indexOf, readNumber, Word } from './words.ts';

const BLANK = 32;
const OPEN = 40;
const CLOSE = 41;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;

/** How lines of connections begin. */
export const ICID = new Word('ICID ');
export const DCID = new Word('DCID ');
export const NEW_ICID = new Word('New SMTP ICID ');
export const NEW_DCID = new Word('New SMTP DCID ');

const ENDS_CLOSE = new Word(' close');
const ENDS_LOST = new Word(' lost');
const TLS = new Word(' TLS success protocol ');
const CIPHER = new Word(' cipher ');
const FOR = new Word(' for ');

export function readDcid(view: DataView, from: number, to: number, line: HotLine): HotKind | null {
  line.dcid = readNumber(view, from + DCID.length, to);
  if (line.dcid < 0) return null;
  const at = behindNumber();
  if (ENDS_CLOSE.isAll(view, at, to)) return 'dcid-close';
  const end = readTls(view, at, to, line);
  return end === to || (end > 0 && FOR.isAt(view, end, to) && to - end <= 300) ? 'dcid-tls' : null;
}

/** ` TLS success protocol P cipher C`; gives the place behind it, or -1. */
function readTls(view: DataView, at: number, to: number, line: HotLine): number {
  if (!TLS.isAt(view, at, to)) return -1;
  line.a = at + TLS.length;
  line.aEnd = endOfWord(view, line.a, to);
  if (line.aEnd === line.a || !CIPHER.isAt(view, line.aEnd, to)) return -1;
  line.b = line.aEnd + CIPHER.length;
  line.bEnd = endOfWord(view, line.b, to);
  return line.bEnd === line.b ? -1 : line.bEnd;
}

/** What the HAT decides. */
const ACTIONS = ['ACCEPT', 'RELAY', 'REJECT', 'TCPREFUSE', 'CONTINUE'].map((word) => ({ word, action: new Word(` ${word} SG `) }));

export function readIcid(view: DataView, from: number, to: number, line: HotLine): HotKind | null {
  line.icid = readNumber(view, from + ICID.length, to);
  if (line.icid < 0) return null;
  const at = behindNumber();
  if (ENDS_CLOSE.isAll(view, at, to)) return 'icid-close';
  if (ENDS_LOST.isAll(view, at, to)) return 'icid-lost';
  for (const { word, action } of ACTIONS) {
    if (!action.isAt(view, at, to)) continue;
    line.word = word;
    return readGroup(view, at + action.length, to, line);
  }
  return readTls(view, at, to, line) === to ? 'icid-tls' : null;
}

const MATCH = new Word(' match ');
const SBRS = new Word(' SBRS ');
const SBRS_ALONE = new Word('SBRS');
const NOT_ENABLED = new Word('not enabled');

/** `GROUP match WHAT[ SBRS SCORE[ country NAME]]`, with single blanks and none inside the values. */
function readGroup(view: DataView, from: number, to: number, line: HotLine): HotKind | null {
  line.a = from;
  line.aEnd = endOfWord(view, from, to);
  if (line.aEnd === from || !MATCH.isAt(view, line.aEnd, to)) return null;
  line.b = line.aEnd + MATCH.length;
  line.bEnd = endOfWord(view, line.b, to);
  if (line.bEnd === line.b || line.bEnd - line.b > 200 || !isPlainMatch(view, line.b, line.bEnd)) return null;
  line.c = 0;
  line.cEnd = 0;
  if (line.bEnd === to) return SBRS_ALONE.isAll(view, line.b, to) ? null : 'icid-policy';
  if (!SBRS.isAt(view, line.bEnd, to)) return null;
  line.c = line.bEnd + SBRS.length;
  line.cEnd = NOT_ENABLED.isAt(view, line.c, to) ? line.c + NOT_ENABLED.length : endOfWord(view, line.c, to);
  if (line.cEnd === line.c || (line.cEnd < to && !isCountry(view, line.cEnd, to))) return null;
  return 'icid-policy';
}

const COUNTRY = new Word(' country ');

/** ` country NAME` to the end, the name of letters and blanks. */
function isCountry(view: DataView, at: number, to: number): boolean {
  if (!COUNTRY.isAt(view, at, to) || to - at < 10 || to - at > 60) return false;
  for (let i = at + COUNTRY.length; i < to; i++) {
    const letter = view.getUint8(i) | 32;
    if (letter !== BLANK && (letter < 97 || letter > 122)) return false;
  }
  return true;
}

/** At most one bracket, which ends it. */
function isPlainMatch(view: DataView, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const octet = view.getUint8(i);
    if (octet === CLOSE_BRACKET) return i === to - 1;
    if (octet === OPEN_BRACKET && (i === from || view.getUint8(to - 1) !== CLOSE_BRACKET)) return false;
  }
  return true;
}

const INTERFACE = new Word(' interface ');
const ADDRESS = new Word(' address ');
const PTR = new Word(' reverse dns host ');
const VERIFIED = new Word(' verified yes');
const UNVERIFIED = new Word(' verified no');
const PORT = new Word(' port ');

/** `<n> interface NAME (LOCAL) address PEER reverse dns host PTR verified yes|no` */
export function readNewIcid(view: DataView, from: number, to: number, line: HotLine): HotKind | null {
  line.icid = readNumber(view, from + NEW_ICID.length, to);
  if (line.icid < 0 || !INTERFACE.isAt(view, behindNumber(), to)) return null;
  line.a = behindNumber() + INTERFACE.length;
  line.aEnd = indexOf(view, OPEN, line.a, to) - 1;
  if (!isPlainName(view, line.a, line.aEnd) || view.getUint8(line.aEnd) !== BLANK) return null;
  line.b = line.aEnd + 2;
  line.bEnd = indexOf(view, CLOSE, line.b, to);
  if (!isAddress(view, line.b, line.bEnd) || !ADDRESS.isAt(view, line.bEnd + 1, to)) return null;
  line.c = line.bEnd + 1 + ADDRESS.length;
  line.cEnd = endOfWord(view, line.c, to);
  if (!isAddress(view, line.c, line.cEnd) || !PTR.isAt(view, line.cEnd, to)) return null;
  line.d = line.cEnd + PTR.length;
  line.dEnd = endOfWord(view, line.d, to);
  if (line.dEnd === line.d) return null;
  line.word = VERIFIED.isAll(view, line.dEnd, to) ? 'yes' : 'no';
  return line.word === 'yes' || UNVERIFIED.isAll(view, line.dEnd, to) ? 'icid-open' : null;
}

/** At most one blank, inside; no parenthesis. */
function isPlainName(view: DataView, from: number, to: number): boolean {
  if (to <= from || to - from > 40) return false;
  let blanks = 0;
  for (let i = from; i < to; i++) {
    const octet = view.getUint8(i);
    if (octet < BLANK || octet === OPEN || octet === CLOSE) return false;
    if (octet === BLANK && (++blanks > 1 || i === from || i === to - 1)) return false;
  }
  return true;
}

/** Figures and letters of an address of either family, which is not looked at further here. */
function isAddress(view: DataView, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const octet = view.getUint8(i);
    if (octet < 46 || octet > 122 || (octet > 58 && octet < 65)) return false;
  }
  return to > from;
}

/** `<n> interface LOCAL address REMOTE port PORT` */
export function readNewDcid(view: DataView, from: number, to: number, line: HotLine): HotKind | null {
  line.dcid = readNumber(view, from + NEW_DCID.length, to);
  if (line.dcid < 0 || !INTERFACE.isAt(view, behindNumber(), to)) return null;
  line.a = behindNumber() + INTERFACE.length;
  line.aEnd = endOfWord(view, line.a, to);
  if (line.aEnd - line.a > 80 || !isAddress(view, line.a, line.aEnd) || !ADDRESS.isAt(view, line.aEnd, to)) return null;
  line.b = line.aEnd + ADDRESS.length;
  line.bEnd = endOfWord(view, line.b, to);
  if (!isAddress(view, line.b, line.bEnd) || !PORT.isAt(view, line.bEnd, to)) return null;
  line.number = readNumber(view, line.bEnd + PORT.length, to);
  return line.number >= 0 && behindNumber() === to && to - line.bEnd <= 11 ? 'dcid-open' : null;
}
