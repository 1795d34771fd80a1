import type { Moment, PacketRef } from '../model/evidence.ts';
import { type ArrivalView, momentOf } from '../model/tcp.ts';

/** A line as it came: octets as latin1, so that none is lost. */
export interface Line {
  /** Without its terminator; at most the reader's limit. */
  readonly text: string;
  /** Octets, terminator included, also those that were not kept or are not in the file. */
  readonly length: number;
  readonly at: Moment;
  readonly completedBy: PacketRef;
  /** False: the stream ended before the line did. */
  readonly complete: boolean;
  /** Ended by LF without CR. */
  readonly bareLineFeed: boolean;
  /** Longer than what is kept. */
  readonly overlong: boolean;
  /** Octets of it that are not in the file, 0 normally. */
  readonly missing: number;
}

const CR = 13;
const LF = 10;

export function latin1(bytes: Uint8Array, start: number, end: number): string {
  // Captures are read into buffers, of which each view would cost more than the text.
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.toString('latin1', start, end);
}

/** Collects one line at a time from pieces of a stream. */
export class LineReader {
  readonly #limit: number;
  #text = '';
  #length = 0;
  #at: Moment | null = null;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Octets of the unfinished line so far. */
  get pending(): number {
    return this.#length;
  }

  get pendingText(): string {
    return this.#text;
  }

  get pendingAt(): Moment | null {
    return this.#at;
  }

  /** Takes octets up to the end of the line; returns where it stopped. The line is finished when the octet before that is LF: then call `close`. */
  take(bytes: Uint8Array, start: number, end: number, at: ArrivalView): number {
    let stop = start;
    while (stop < end && bytes[stop] !== LF) stop++;
    if (stop < end) stop++;
    this.#at ??= momentOf(at);
    const keep = Math.min(stop - start, this.#limit - this.#text.length);
    if (keep > 0) this.#text += latin1(bytes, start, start + keep);
    this.#length += stop - start;
    return stop;
  }

  /** Hands the collected line over and begins a new one. `missing` octets behind it are known to be lost with it. */
  close(at: ArrivalView, complete: boolean, missing = 0): Line {
    const moment = this.#at ?? momentOf(at);
    const { packet } = moment;
    const terminator = terminatorOf(this.#text);
    const bareLineFeed = complete && missing === 0 && this.#length === this.#text.length && terminator !== 2;
    const line: Line = {
      text: terminator === 0 ? this.#text : this.#text.slice(0, -terminator),
      length: this.#length + missing,
      at: moment,
      // Nearly all lines come in one packet: one record stands for both.
      completedBy: packet.number === at.packet && packet.input === at.input ? packet : { input: at.input, number: at.packet },
      complete,
      bareLineFeed,
      overlong: this.#length > this.#text.length,
      missing,
    };
    this.drop();
    return line;
  }

  drop(): void {
    this.#text = '';
    this.#length = 0;
    this.#at = null;
  }
}

/** Octets of the line end that a text has: 2 for CRLF, 1 for a bare LF. */
export function terminatorOf(text: string): 0 | 1 | 2 {
  const { length } = text;
  if (text.charCodeAt(length - 1) !== LF) return 0;
  return text.charCodeAt(length - 2) === CR ? 2 : 1;
}

/** Control characters beside tab: no text of SMTP. */
export function isBinary(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const octet = text.charCodeAt(i);
    if ((octet < 0x20 && octet !== 9 && octet !== 13) || octet === 0x7f) return true;
  }
  return false;
}
