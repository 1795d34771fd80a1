import { DCID, ICID, NEW_DCID, NEW_ICID, readDcid, readIcid, readNewDcid, readNewIcid } from './hot-connections.ts';
import type { HotKind, HotLine } from './hot-line.ts';
import { behindNumber, indexOf, readNumber, Word } from './words.ts';

/** Shorter lines are none of these; longer ones are the table's business. */
const SHORTEST = 11;
const LONGEST = 16_384;

const BLANK = 32;
const QUOTE = 39;
const COMMA = 44;
const LESS = 60;
const CLOSE_BRACKET = 93;

const MID = new Word('MID ');
const THEN_MID = new Word(' MID ');
const THEN_ICID = new Word(' ICID ');
const MESSAGE = new Word('Message ');
const START_MID = new Word('Start MID ');
const DELIVERY_START = new Word('Delivery start DCID ');

/**
 * The shapes that make up nearly all of a busy log, told from the octets of a line, which must be ASCII.
 * What is told, and with `entryOfHot` its entry, is exactly what the table of patterns gives, or null, whereupon the table is asked;
 * a test holds the two together. Only a carriage return inside a text, at which the table balks, passes here.
 */
export function recognise(view: DataView, from: number, to: number, line: HotLine): HotKind | null {
  if (to - from < SHORTEST || to - from > LONGEST) return null;
  switch (view.getUint8(from)) {
    case 77: // M
      if (MID.isAt(view, from, to)) return readMid(view, from, to, line);
      return MESSAGE.isAt(view, from, to) ? readMessage(view, from, to, line) : null;
    case 73: // I
      return ICID.isAt(view, from, to) ? readIcid(view, from, to, line) : null;
    case 83: // S
      return START_MID.isAt(view, from, to) ? readStart(view, from, to, line) : null;
    case 78: // N
      if (NEW_ICID.isAt(view, from, to)) return readNewIcid(view, from, to, line);
      return NEW_DCID.isAt(view, from, to) ? readNewDcid(view, from, to, line) : null;
    case 68: // D
      if (DCID.isAt(view, from, to)) return readDcid(view, from, to, line);
      return DELIVERY_START.isAt(view, from, to) ? readTransfer(view, from + DELIVERY_START.length, to, line, 'dcid-start') : null;
    default:
      return null;
  }
}

const MESSAGE_ID = new Word('Message-ID ');
const SUBJECT = new Word('Subject ');
const READY = new Word('ready ');
const QUEUED = new Word('queued for delivery');
const POLICY = new Word('matched all recipients for per-recipient policy ');
const RID = new Word('RID [');
const RID_APART = new Word('RID  [');
const HELO = new Word('SDR: Domains for which SDR is requested: reverse DNS host: ');

function readMid(view: DataView, from: number, to: number, line: HotLine): HotKind | null {
  line.mid = readNumber(view, from + MID.length, to);
  const at = behindNumber() + 1;
  if (line.mid < 0 || at >= to || view.getUint8(at - 1) !== BLANK) return null;
  switch (view.getUint8(at)) {
    case 73: // I
      return ICID.isAt(view, at, to) ? readMidIcid(view, at + ICID.length, to, line) : null;
    case 77: // M
      return MESSAGE_ID.isAt(view, at, to) ? readQuoted(view, at + MESSAGE_ID.length, to, 4000, line, 'mid-message-id') : readScan(view, at, to);
    case 83: // S
      if (SUBJECT.isAt(view, at, to)) return readQuoted(view, at + SUBJECT.length, to, 8000, line, 'mid-subject');
      return HELO.isAt(view, at, to) ? readHelo(view, at + HELO.length, to, line) : readScan(view, at, to);
    case 114: // r
      return READY.isAt(view, at, to) ? readReady(view, at + READY.length, to, line) : null;
    case 113: // q
      return QUEUED.isAll(view, at, to) ? 'mid-queued' : null;
    case 109: // m
      return POLICY.isAt(view, at, to) ? readPolicy(view, at + POLICY.length, to, line) : null;
    case 82: // R
      if (RID.isAt(view, at, to)) return readResponse(view, at + RID.length, to, line);
      return RID_APART.isAt(view, at, to) ? readResponse(view, at + RID_APART.length, to, line) : null;
    default:
      return readScan(view, at, to);
  }
}

/** Words of the engines, and how many octets may stand behind them. */
const SCANS: readonly (readonly [text: string, most: number])[] = [
  ['SPF: helo identity ', 1000],
  ['SPF: mailfrom identity ', 1000],
  ['SPF: pra identity ', 1000],
  ['DKIM: ', 2000],
  ['DMARC: ', 2000],
  ['SDR: Consolidated ', 3900],
  ['SDR: Tracker Header ', 3900],
  ['SDR: Message was ', 3900],
  ['interim verdict using engine: ', 200],
  ['interim AV verdict using ', 200],
  ['interim graymail verdict ', 200],
  ['using engine: ', 300],
  ['antivirus negative', 600],
  ['AMP file reputation ', 900],
  ['Outbreak Filters: ', 400],
  ['DLP no violation', 0],
  ['URL http', 16_000],
  ['Custom Log Entry: ', 16_000],
  ["attachment '", 3900],
  ['Message was ', 500],
];
/** By the first octet, so that few are tried. */
const SCANS_BY_OCTET: readonly (readonly { readonly word: Word; readonly most: number }[])[] = Array.from({ length: 128 }, (_, octet) =>
  SCANS.filter(([text]) => text.charCodeAt(0) === octet).map(([text, most]) => ({ word: new Word(text), most })),
);

function readScan(view: DataView, at: number, to: number): HotKind | null {
  const scans = SCANS_BY_OCTET[view.getUint8(at)];
  if (scans === undefined) return null;
  for (const { word, most } of scans) if (word.isAt(view, at, to)) return to - at - word.length <= most ? 'mid-scan' : null;
  return null;
}

/** A text in single quotes, its escapes not undone. */
function readQuoted(view: DataView, at: number, to: number, most: number, line: HotLine, kind: HotKind): HotKind | null {
  if (to - at < 2 || to - at > most + 2 || view.getUint8(at) !== QUOTE || view.getUint8(to - 1) !== QUOTE) return null;
  line.a = at;
  line.aEnd = to;
  return kind;
}

const FROM = new Word(' From: <');
const TO = new Word(' To: <');
const THEN_RID = new Word(' RID ');
const BY_RAT = new Word('> Rejected by RAT');
const LONGEST_ADDRESS = 1000;

function readMidIcid(view: DataView, from: number, to: number, line: HotLine): HotKind | null {
  line.icid = readNumber(view, from, to);
  if (line.icid < 0) return null;
  const at = behindNumber();
  if (FROM.isAt(view, at, to)) return readAddress(view, at + FROM.length - 1, to, line, 'mid-from');
  if (THEN_RID.isAt(view, at, to)) {
    line.number = readNumber(view, at + THEN_RID.length, to);
    const behind = behindNumber();
    if (line.number < 0 || line.number > 999_999_999 || !TO.isAt(view, behind, to)) return null;
    return readAddress(view, behind + TO.length - 1, to, line, 'mid-to');
  }
  if (!TO.isAt(view, at, to) || !BY_RAT.isAt(view, to - BY_RAT.length, to)) return null;
  return readAddress(view, at + TO.length - 1, to - BY_RAT.length + 1, line, 'mid-to-rejected');
}

/** `<a@b>` without blanks: anything else in the place of an address is looked at more closely. */
function readAddress(view: DataView, at: number, to: number, line: HotLine, kind: HotKind): HotKind | null {
  if (to - at < 2 || to - at > LONGEST_ADDRESS || view.getUint8(at) !== LESS || indexOf(view, BLANK, at, to) < to) return null;
  // What the table trims.
  if (view.getUint8(to - 1) < BLANK) return null;
  line.a = at;
  line.aEnd = to;
  return kind;
}

const BYTES_FROM = new Word(' bytes from <');

function readReady(view: DataView, from: number, to: number, line: HotLine): HotKind | null {
  line.number = readNumber(view, from, to);
  const at = behindNumber();
  if (line.number < 0 || !BYTES_FROM.isAt(view, at, to)) return null;
  return readAddress(view, at + BYTES_FROM.length - 1, to, line, 'mid-ready');
}

const INBOUND = new Word(' in the inbound table');
const OUTBOUND = new Word(' in the outbound table');

function readPolicy(view: DataView, from: number, to: number, line: HotLine): HotKind | null {
  const inbound = INBOUND.isAt(view, to - INBOUND.length, to);
  const end = inbound ? to - INBOUND.length : OUTBOUND.isAt(view, to - OUTBOUND.length, to) ? to - OUTBOUND.length : -1;
  if (end <= from || end - from > 200) return null;
  line.a = from;
  line.aEnd = end;
  line.word = inbound ? 'inbound' : 'outbound';
  return 'mid-policy';
}

const THEN_HELO = new Word(', helo: ');

/** `PTR, helo: NAME[, ...]`: the name ends at a comma with a blank. */
function readHelo(view: DataView, from: number, to: number, line: HotLine): HotKind | null {
  let at = from;
  while (at < to && !THEN_HELO.isAt(view, at, to)) at++;
  if (at >= to || at - from > 300) return null;
  line.a = at + THEN_HELO.length;
  line.aEnd = indexOf(view, COMMA, line.a, to);
  if (line.aEnd - line.a > 300 || to - line.aEnd > 4000) return null;
  return line.aEnd === to || (line.aEnd + 1 < to && view.getUint8(line.aEnd + 1) === BLANK) ? 'mid-helo' : null;
}

/** Notes where `0, 1]` stands; gives the place behind the bracket, or -1. */
function readRids(view: DataView, from: number, to: number, line: HotLine): number {
  let at = from;
  for (;;) {
    if (readNumber(view, at, to) < 0) return -1;
    at = behindNumber();
    if (at >= to) return -1;
    if (view.getUint8(at) === CLOSE_BRACKET) break;
    if (view.getUint8(at) !== COMMA || at + 1 >= to || view.getUint8(at + 1) !== BLANK) return -1;
    at += 2;
  }
  line.b = from;
  line.bEnd = at;
  return at + 1;
}

const RESPONSE = new Word(' Response ');

function readResponse(view: DataView, from: number, to: number, line: HotLine): HotKind | null {
  const at = readRids(view, from, to, line);
  return at >= 0 && RESPONSE.isAt(view, at, to) ? readQuoted(view, at + RESPONSE.length, to, 8000, line, 'mid-response') : null;
}

const FINISHED = new Word('finished MID ');
const ABORTED = new Word('aborted MID ');
const DONE = new Word('done DCID ');
const ENDS_DONE = new Word(' done');
const ENDS_ABORTED = new Word(' aborted');
const RECEIVING_ABORTED = new Word(' Receiving aborted');
const ABORTED_BY_SENDER = new Word(' Receiving aborted by sender');

function readMessage(view: DataView, from: number, to: number, line: HotLine): HotKind | null {
  const at = from + MESSAGE.length;
  if (FINISHED.isAt(view, at, to)) {
    line.mid = readNumber(view, at + FINISHED.length, to);
    line.word = ENDS_DONE.isAll(view, behindNumber(), to) ? 'done' : 'aborted';
    return line.mid >= 0 && (line.word === 'done' || ENDS_ABORTED.isAll(view, behindNumber(), to)) ? 'mid-finished' : null;
  }
  if (ABORTED.isAt(view, at, to)) {
    line.mid = readNumber(view, at + ABORTED.length, to);
    line.word = RECEIVING_ABORTED.isAll(view, behindNumber(), to) ? 'receiving' : 'by-sender';
    return line.mid >= 0 && (line.word === 'receiving' || ABORTED_BY_SENDER.isAll(view, behindNumber(), to)) ? 'mid-aborted' : null;
  }
  return DONE.isAt(view, at, to) ? readTransfer(view, at + DONE.length, to, line, 'dcid-done') : null;
}

const TO_RID = new Word(' to RID [');
const HEADERS = new Word(" [('");
const MAX_HEADERS = 15_000;

/** `DCID MID <n> to RID [0, 1]`, of a message that is done with the headers that are logged. */
function readTransfer(view: DataView, from: number, to: number, line: HotLine, kind: HotKind): HotKind | null {
  line.dcid = readNumber(view, from, to);
  const at = behindNumber();
  if (line.dcid < 0 || !THEN_MID.isAt(view, at, to)) return null;
  line.mid = readNumber(view, at + THEN_MID.length, to);
  const behind = behindNumber();
  if (line.mid < 0 || !TO_RID.isAt(view, behind, to)) return null;
  const end = readRids(view, behind + TO_RID.length, to, line);
  if (end === to) return kind;
  if (end < 0 || kind !== 'dcid-done' || to - end > MAX_HEADERS) return null;
  return HEADERS.isAt(view, end, to) && view.getUint8(to - 1) === CLOSE_BRACKET ? kind : null;
}

function readStart(view: DataView, from: number, to: number, line: HotLine): HotKind | null {
  line.mid = readNumber(view, from + START_MID.length, to);
  const at = behindNumber();
  if (line.mid < 0 || !THEN_ICID.isAt(view, at, to)) return null;
  line.icid = readNumber(view, at + THEN_ICID.length, to);
  return line.icid >= 0 && behindNumber() === to ? 'mid-start' : null;
}
