import type { Moment } from '../model/evidence.ts';
import { type ArrivalView, momentOf } from '../model/tcp.ts';
import { latin1 } from './line-reader.ts';
import type { OpenTransaction } from './transactions.ts';

const LF = 10;
const CR = 13;
const DOT = 46;

/**
 * Looks for the end of mail data, CRLF.CRLF (RFC 5321, 4.1.1.4), wherever the stream is cut, and counts the message's octets:
 * leading dots that were stuffed (4.5.2) and the final dot line are not counted. LF.LF and CR.CR do not end it.
 */
class DataScanner {
  /** How much of CRLF.CRLF the stream ends with; 2 is the start of a line, where a body begins. */
  #matched = 2;
  #octets = 0;

  get octets(): number {
    return this.#octets - (this.#matched > 2 ? this.#matched - 2 : 0);
  }

  /** Octets of a dot line that have come: 0 where the stream is in no such line. */
  get dotLine(): number {
    return Math.max(0, this.#matched - 2);
  }

  /** Returns the offset behind the final dot line, or -1 when it is not there. */
  scan(bytes: Uint8Array, start: number, end: number): number {
    let i = start;
    while (i < end) {
      if (this.#matched > 0) {
        this.#step(bytes[i] ?? 0);
        i++;
        if (this.#matched === 5) {
          this.#matched = 2;
          this.#octets += i - start - 3;
          return i;
        }
        continue;
      }
      const found = findDotLine(bytes, i, end);
      if (found < 0) {
        if (bytes[end - 1] === CR) this.#matched = 1;
        else if (bytes[end - 1] === LF && end - 2 >= i && bytes[end - 2] === CR) this.#matched = 2;
        break;
      }
      this.#matched = 3;
      i = found + 3;
    }
    this.#octets += end - start;
    return -1;
  }

  #step(octet: number): void {
    const matched = this.#matched;
    if (octet === CR && matched === 3) this.#matched = 4;
    else if (octet === LF && matched === 4) this.#matched = 5;
    else if (octet === DOT && matched === 2) this.#matched = 3;
    else if (octet === LF && matched === 1) this.#matched = 2;
    else {
      // A dot line that goes on had one dot too many.
      if (matched > 2) this.#octets--;
      this.#matched = octet === CR ? 1 : 0;
    }
  }

  /** The message ended earlier than the stream told. */
  setOctets(octets: number): void {
    this.#octets = octets;
    this.#matched = 0;
  }

  /** `length` octets that are not searched. */
  count(length: number): void {
    this.#octets += length;
    this.#matched = 0;
  }

  /** `length` octets are missing. A line may begin behind them: after a loss the final dot often comes in a segment of its own. */
  skip(length: number): void {
    this.#octets += length;
    this.#matched = 2;
  }
}

const LF_DOT = Buffer.from('\n.');

/** Offset of the next CRLF with a dot behind it, or -1: looks at every third octet only, where nothing of the three stands (Boyer and Moore). */
function findDotLine(bytes: Uint8Array, start: number, end: number): number {
  let at = start + 2;
  while (at < end) {
    const octet = bytes[at] ?? 0;
    // Letters and digits are above all three.
    if (octet > DOT) at += 3;
    else if (octet === DOT) {
      if (bytes[at - 1] === LF && bytes[at - 2] === CR) return at - 2;
      at += 3;
    } else at += octet === LF ? 1 : octet === CR ? 2 : 3;
  }
  return -1;
}

/** Offset of the next `what`, or -1. */
function find(what: Buffer, bytes: Uint8Array, start: number, end: number): number {
  const found = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).indexOf(what);
  return found < 0 ? -1 : start + found;
}

/** The first line that decides whether lines end with CRLF is looked for in this many octets. */
const STYLE_OCTETS = 1_000;
/** Commands behind a loose final dot are kept up to this many octets. */
const TAIL_OCTETS = 512;

/** A final dot line that ends with a bare LF: servers that accept it (Sendmail does) show by their reply that they took it. */
export interface LooseEnd {
  readonly octets: number;
  readonly at: Moment;
  /** What came behind it; null when it is more than could be commands. */
  tail: string | null;
}

/**
 * Looks for LF `.` LF in messages whose lines end with bare LF. It ends no message here (RFC 5321, 2.3.8 forbids it, and AsyncOS does not take it),
 * until a final reply shows that this server did.
 */
class LooseScanner {
  #style: 'unknown' | 'crlf' | 'lf' = 'unknown';
  /** Octets so far. */
  #seen = 0;
  #last = LF;
  /** 0 in a line, 1 at its start, 2 behind a lone dot. */
  #state = 1;
  found: LooseEnd | null = null;

  scan(bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    if (this.#style === 'crlf') return;
    if (this.found) {
      this.#keepTail(bytes, start, end);
      return;
    }
    if (this.#style === 'unknown' && !this.#tellStyle(bytes, start, end)) return;
    let state = this.#state;
    for (let i = start; i < end; i++) {
      if (state === 0) {
        // Inside a line nothing matters but a dot at the start of a later one.
        const dot = find(LF_DOT, bytes, i, end);
        if (dot < 0) {
          state = bytes[end - 1] === LF ? 1 : 0;
          break;
        }
        i = dot + 1;
        state = 2;
        continue;
      }
      const octet = bytes[i];
      if (octet === LF && state === 2) {
        this.found = { octets: this.#seen + i - start - 1, at: momentOf(at), tail: '' };
        this.#keepTail(bytes, i + 1, end);
        return;
      }
      if (octet === LF) state = 1;
      else if (octet === DOT && state === 1) state = 2;
      else if (octet !== CR || state !== 2) state = 0;
    }
    this.#state = state;
    this.#seen += end - start;
  }

  /** Whether lines may end with bare LF: as the first one does; unknown until it ends. */
  #tellStyle(bytes: Uint8Array, start: number, end: number): boolean {
    const lf = bytes.subarray(start, end).indexOf(LF);
    if (lf >= 0) {
      const before = lf > 0 ? bytes[start + lf - 1] : this.#last;
      this.#style = before === CR ? 'crlf' : 'lf';
    } else if (this.#seen > STYLE_OCTETS) this.#style = 'crlf';
    this.#last = bytes[end - 1] ?? 0;
    return this.#style !== 'crlf';
  }

  #keepTail(bytes: Uint8Array, start: number, end: number): void {
    const found = this.found;
    if (!found || found.tail === null) return;
    found.tail = end - start > TAIL_OCTETS - found.tail.length ? null : found.tail + latin1(bytes, start, end);
  }
}

/** A message on its way: by DATA, or by one or more BDAT chunks. */
export class MailBody {
  readonly scanner = new DataScanner();
  readonly #loose = new LooseScanner();
  readonly transaction: OpenTransaction | null;
  /** Sent before the go-ahead was seen; lines are counted, because a server that refuses reads them as commands. */
  tentative: boolean;
  lines = 0;
  endsInMidLine = false;
  started = false;
  /** Octets of it are missing from the file. */
  hasGap = false;
  /** First octets behind the last gap, as long as they may be commands behind a final dot that fell into it; null when they are not. */
  afterGap: string | null = null;

  constructor(transaction: OpenTransaction | null, tentative: boolean) {
    this.transaction = transaction;
    this.tentative = tentative;
  }

  get looseEnd(): LooseEnd | null {
    return this.#loose.found;
  }

  /** Returns the offset behind the final dot, or -1. */
  feed(bytes: Uint8Array, start: number, end: number, at: ArrivalView): number {
    const stop = this.scanner.scan(bytes, start, end);
    const upTo = stop < 0 ? end : stop;
    if (stop < 0) this.#loose.scan(bytes, start, end, at);
    if (this.tentative) {
      for (let i = start; i < upTo; i++) if (bytes[i] === LF) this.lines++;
      this.endsInMidLine = bytes[upTo - 1] !== LF;
    }
    const transaction = this.transaction;
    if (!transaction) return stop;
    if (!transaction.header.isDone) transaction.header.feed(bytes, start, stop < 0 ? end : stop - 3);
    transaction.octets = this.scanner.octets;
    return stop;
  }

  /** Octets of a BDAT chunk: nothing in them ends anything (RFC 3030, 2). */
  feedChunk(bytes: Uint8Array, start: number, end: number): void {
    this.scanner.count(end - start);
    const transaction = this.transaction;
    if (!transaction) return;
    if (!transaction.header.isDone) transaction.header.feed(bytes, start, end);
    transaction.octets = this.scanner.octets;
  }

  /** Octets that are not in the file but reached the server. */
  skip(length: number): void {
    this.scanner.skip(length);
    if (!this.transaction) return;
    this.transaction.header.cut();
    this.transaction.octets = this.scanner.octets;
  }
}
