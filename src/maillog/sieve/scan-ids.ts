/** Takes what the scanner finds; `at` octets from the beginning of what was scanned. */
export interface IdSink {
  /** `MID 7`, `MID [7`, `ESAMID=7`, `Message 7 to RID`, `rewritten to 7`, `Bounced: 7:0`. */
  mid(id: number, at: number): void;
  icid(id: number, at: number): void;
  dcid(id: number, at: number): void;
  /** A hash of the text behind `Message-ID`. */
  messageId(hash: number, at: number): void;
}

const BLANK = 32;
const MINUS = 45;
const COLON = 58;
const EQUALS = 61;
const BRACKET = 91;
const C = 67;
const D = 68;
const I = 73;
const M = 77;
const R = 82;
const SMALL_D = 100;
const SMALL_E = 101;
const NEWLINE = 10;

const REWRITTEN = Buffer.from(' rewritten to ');
const ORIGINALLY = Buffer.from(' originally ');
const MESSAGE = Buffer.from('essage ');
const TO = Buffer.from(' to ');
const OUNCED = Buffer.from('ounced: ');
const ELAYED = Buffer.from('elayed: ');
const ID_OF_MESSAGE = Buffer.from('essage-ID ');

/** Octets that are looked at closely. */
const TELLING = new Uint8Array(256);
for (const octet of [D, I, COLON, SMALL_D]) TELLING[octet] = 1;

/** Behind the number that was read last. Shared: the scanner is not re-entrant. */
let behind = 0;

/**
 * Finds every number of a message or a connection in `octets[0..end)`, whatever the lines around look like. Looks at every second octet only:
 * one of the two of `ID` is always among them, and one of the two of `d:`.
 */
export function scanIds(octets: Uint8Array, end: number, sink: IdSink): void {
  for (let at = 2; at < end; at += 2) {
    const octet = octets[at] ?? 0;
    if (TELLING[octet] === 0) continue;
    if (octet === D) {
      if (octets[at - 1] === I) readId(octets, at, end, sink);
    } else if (octet === I) {
      if (octets[at + 1] === D) readId(octets, at + 1, end, sink);
    } else if (octet === COLON) {
      if (octets[at - 1] === SMALL_D) readBounce(octets, at, end, sink);
    } else if (octets[at + 1] === COLON) readBounce(octets, at + 1, end, sink);
  }
}

/** What stands before an `ID` whose D is at `at` tells what it is of. */
function readId(octets: Uint8Array, at: number, end: number, sink: IdSink): void {
  const before = octets[at - 2];
  if (before === C) {
    const kind = octets[at - 3];
    if (kind !== I && kind !== D) return;
    const id = numberBehind(octets, at + 1, end);
    if (id < 0) return;
    if (kind === I) sink.icid(id, at);
    else sink.dcid(id, at);
  } else if (before === M) {
    const from = stands(octets, at + 1, end, ORIGINALLY) ? at + ORIGINALLY.length : at + 1;
    const id = numberBehind(octets, from, end);
    if (id < 0) return;
    sink.mid(id, at);
    if (octets[behind + 1] !== REWRITTEN[1] || octets[behind + 2] !== REWRITTEN[2] || !stands(octets, behind, end, REWRITTEN)) return;
    const to = digitsAt(octets, behind + REWRITTEN.length, end);
    if (to >= 0) sink.mid(to, at);
  } else if (before === R) {
    if (stands(octets, at - 6, end, TO)) readPending(octets, at - 6, end, sink);
  } else if (before === MINUS) {
    if (stands(octets, at - ID_OF_MESSAGE.length + 2, end, ID_OF_MESSAGE)) sink.messageId(hashLine(octets, at + 2, end), at);
  }
}

/** `Message 7 to RID [0] pending …`; `at`: of the blank before `to`. */
function readPending(octets: Uint8Array, at: number, end: number, sink: IdSink): void {
  let from = at;
  while (from > 0 && isDigit(octets[from - 1])) from--;
  if (from < at && stands(octets, from - MESSAGE.length, end, MESSAGE)) sink.mid(digitsAt(octets, from, end), from);
}

/** `Bounced: 7:0 From:` of bounce_logs; `at`: of the colon. */
function readBounce(octets: Uint8Array, at: number, end: number, sink: IdSink): void {
  if (octets[at - 2] !== SMALL_E || (!stands(octets, at - 6, end, OUNCED) && !stands(octets, at - 6, end, ELAYED))) return;
  const id = digitsAt(octets, at + 2, end);
  if (id >= 0) sink.mid(id, at);
}

/** The number behind `ID`: ` 7`, ` [7`, `: 7`, `=7`; negative where there is none. */
function numberBehind(octets: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && (octets[at] === BLANK || octets[at] === COLON || octets[at] === EQUALS)) at++;
  if (at === from) return -1;
  if (octets[at] === BRACKET) at++;
  return digitsAt(octets, at, end);
}

function digitsAt(octets: Uint8Array, from: number, end: number): number {
  let id = 0;
  let at = from;
  while (at < end && isDigit(octets[at])) id = id * 10 + (octets[at++] ?? 0) - 48;
  behind = at;
  return at === from || at - from > 15 ? -1 : id;
}

function stands(octets: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  if (at < 0 || at + text.length > end) return false;
  for (let i = 0; i < text.length; i++) if (octets[at + i] !== text[i]) return false;
  return true;
}

function isDigit(octet: number | undefined): boolean {
  return octet !== undefined && octet >= 48 && octet <= 57;
}

/** Of the rest of the line, quotes and blanks left out (FNV-1a, 32 bits). */
function hashLine(octets: Uint8Array, from: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < end; at++) {
    const octet = octets[at] ?? 0;
    if (octet === NEWLINE) break;
    if (octet <= BLANK || octet === 34 || octet === 39) continue;
    hash = Math.imul(hash ^ octet, 0x01000193);
  }
  return hash >>> 0;
}

/** The hash of the Message-ID that a line of the log names; null for other lines. */
export function hashMessageId(line: string): number | null {
  const found = /^[^']{0,100}MID \d+ Message-ID /.exec(line);
  return found ? hashLine(Buffer.from(line.slice(found[0].length), 'latin1'), 0, line.length) : null;
}
