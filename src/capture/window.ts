import type { SourceReader } from '../model/source.ts';
import type { Tally } from './tally.ts';

/** Room in front of each buffer for the octets that the decoder has not used up yet: a few records. */
const CARRY_OCTETS = 65_536;

/**
 * The part of a file that is in memory. Decoders read `bytes` from `start` to `end` and move `start` behind what they have used up;
 * nothing in front of `start` survives `advance`. While one buffer is decoded the next one is being filled.
 */
export class Window {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  start = 0;
  end = 0;
  /** No octet follows `end`. */
  atEnd = false;
  /** Offset in the (unpacked) file of `bytes[0]`; negative while the first octets lie behind the carry. */
  base = 0;

  readonly #reader: SourceReader;
  readonly #tally: Tally;
  readonly #chunk: number;
  #spare: Uint8Array;
  #filling: Uint8Array;
  #pending: Promise<number> | null = null;
  #closed = false;

  constructor(reader: SourceReader, tally: Tally, chunkOctets: number) {
    this.#reader = reader;
    this.#tally = tally;
    this.#chunk = chunkOctets;
    this.#spare = Buffer.allocUnsafeSlow(CARRY_OCTETS + chunkOctets);
    this.#filling = Buffer.allocUnsafeSlow(CARRY_OCTETS + chunkOctets);
  }

  /** Offset in the file of the octet at `at` of `bytes`. */
  offsetOf(at: number): number {
    return this.base + at;
  }

  /** Adds at least one octet behind `end`, or sets `atEnd`. Unused octets keep their place in the file but not in `bytes`. Resolves to the octets added. */
  async advance(): Promise<number> {
    if (this.atEnd) return 0;
    this.#pending ??= this.#fill();
    const count = await this.#pending;
    this.#pending = null;
    if (count === 0) {
      this.atEnd = true;
      return 0;
    }
    const carried = this.end - this.start;
    const startOffset = this.offsetOf(this.start);
    if (carried <= CARRY_OCTETS) this.#swap(carried, count);
    else this.#grow(carried, count);
    this.base = startOffset - this.start;
    this.#pending = this.#fill();
    return count;
  }

  /** Lets the file go. A read under way is not waited for: on a pipe it may never come back. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#reader.close();
  }

  #swap(carried: number, count: number): void {
    const next = this.#filling;
    next.set(this.bytes.subarray(this.start, this.end), CARRY_OCTETS - carried);
    // A buffer that had grown is dropped here; the two of usual size stay.
    const free = this.bytes.length === next.length ? this.bytes : this.#spare;
    this.#use(next, CARRY_OCTETS - carried, CARRY_OCTETS + count);
    this.#filling = free;
    this.#spare = free;
  }

  /** A record longer than the carry: both parts go into a buffer of their own. */
  #grow(carried: number, count: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(carried + count, 2 * carried, this.#chunk + CARRY_OCTETS + 1));
    const previous = this.bytes;
    grown.set(previous.subarray(this.start, this.end), 0);
    grown.set(this.#filling.subarray(CARRY_OCTETS, CARRY_OCTETS + count), carried);
    if (previous.length === this.#filling.length) this.#spare = previous;
    this.#use(grown, 0, carried + count);
  }

  #use(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.start = start;
    this.end = end;
  }

  async #fill(): Promise<number> {
    try {
      return await this.#reader.read(this.#filling, CARRY_OCTETS, this.#chunk);
    } catch (error) {
      // A reader that is closed in the middle of a read complains, and nobody needs to hear it.
      if (!this.#closed) this.#tally.note('read-error', `offset ${this.offsetOf(this.end)}`, 1, error instanceof Error ? error.message : String(error));
      return 0;
    }
  }
}
