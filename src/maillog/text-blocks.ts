import { isAscii } from 'node:buffer';
import type { SourceReader } from '../model/source.ts';

/** Octets read at a time. */
export const BLOCK_BYTES = 1 << 20;
/** Nobody pages by hand through more of a log than this. */
const MAX_PAGED_OCTETS = 1 << 23;
/** Escape, backspace, NUL. */
const MARKS = [27, 8, 0];
const PAGER = 'Press Any Key';
const SPACE = 32;
const NEWLINE = 10;

/** A run of whole physical lines. Lines end in `\n`; only the last of a file may lack it. */
export interface TextBlock {
  /** As they stand in the file; UTF-16 is turned into UTF-8. Valid until the next block is asked for. */
  readonly octets: Buffer;
  /** The same octets. */
  readonly view: DataView;
  /** Where the first of them stands in the file; -1 where the file has others in their place (UTF-16). */
  readonly position: number;
  /** How many octets of the file it stands for. */
  readonly fileOctets: number;
  /** All are ASCII, so that no line needs decoding. */
  readonly ascii: boolean;
  /** It holds marks of terminals, so that lines in which they stand must be cleaned. */
  readonly dirty: boolean;
  /** A pager's prompt stands in it, perhaps in the middle of lines, so that all must be cleaned. */
  readonly paged: boolean;
  /** A line did not fit into a block; what follows its beginning was skipped. */
  readonly cut: boolean;
}

/**
 * Reads a text file as blocks of whole lines. Nothing is decoded, except UTF-16 with a byte order
 * mark, as PowerShell writes it, or without one. A UTF-8 byte order mark is dropped.
 */
export class TextBlocks {
  readonly #reader: SourceReader;
  readonly #buffer: Buffer;
  #held = 0;
  /** Where the buffer's first octet stands in the file. */
  #position = 0;
  /** Octets of the last block that are still in the buffer. */
  #lent = 0;
  #ended = false;
  #skippingLine = false;
  #encoding: 'octets' | 'utf16le' | 'utf16be' | null = null;

  constructor(reader: SourceReader, blockBytes: number) {
    this.#reader = reader;
    this.#buffer = Buffer.allocUnsafeSlow(blockBytes);
  }

  /** The next block; null at the end of the file. */
  async next(): Promise<TextBlock | null> {
    this.#drop(this.#lent);
    this.#lent = 0;
    while (!this.#ended) {
      const room = this.#buffer.length - this.#held;
      // oxlint-disable-next-line no-await-in-loop -- one read after the other
      const count = await this.#reader.read(this.#buffer, this.#held, room);
      if (count === 0) this.#ended = true;
      this.#held += count;
      if (this.#encoding === null && !this.#sniff()) continue;
      if (this.#skippingLine) this.#skipLine();
      const block = this.#take();
      if (block) return block;
    }
    return null;
  }

  /** Settles the encoding by the first octets; false while there are too few. */
  #sniff(): boolean {
    if (this.#held < 4 && !this.#ended) return false;
    const [a, b, c, d] = this.#buffer;
    if (this.#held >= 2 && a === 0xff && b === 0xfe) return this.#begin('utf16le', 2);
    if (this.#held >= 2 && a === 0xfe && b === 0xff) return this.#begin('utf16be', 2);
    // Without the mark: a log begins with characters of ASCII.
    if (this.#held >= 4 && a !== 0 && b === 0 && c !== 0 && d === 0) return this.#begin('utf16le', 0);
    if (this.#held >= 4 && a === 0 && b !== 0 && c === 0 && d !== 0) return this.#begin('utf16be', 0);
    return this.#begin('octets', this.#held >= 3 && a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0);
  }

  #begin(encoding: 'octets' | 'utf16le' | 'utf16be', markBytes: number): true {
    this.#encoding = encoding;
    this.#drop(markBytes);
    return true;
  }

  #drop(bytes: number): void {
    this.#buffer.copyWithin(0, bytes, this.#held);
    this.#held -= bytes;
    this.#position += bytes;
  }

  #skipLine(): void {
    const at = this.#lineEnd(0, false);
    if (at < 0) {
      // An odd octet of a UTF-16 pair stays.
      this.#drop(this.#encoding === 'octets' ? this.#held : this.#held & ~1);
      return;
    }
    this.#drop(at);
    this.#skippingLine = false;
  }

  /** Offset behind the first (or last) line end at or behind `from`; -1 when there is none. */
  #lineEnd(from: number, last: boolean): number {
    const held = this.#buffer.subarray(from, this.#held);
    if (this.#encoding === 'octets') return (last ? held.lastIndexOf(NEWLINE) : held.indexOf(NEWLINE)) + 1 || -1;
    const low = this.#encoding === 'utf16le' ? 0 : 1;
    let at = -1;
    for (let i = 0; i + 1 < held.length; i += 2) {
      if (held[i + low] !== NEWLINE || held[i + 1 - low] !== 0) continue;
      at = from + i + 2;
      if (!last) break;
    }
    return at;
  }

  #take(): TextBlock | null {
    let end = this.#ended ? this.#held : this.#lineEnd(0, true);
    let cut = false;
    if (end < 0 && this.#held === this.#buffer.length) {
      end = this.#held;
      cut = true;
      this.#skippingLine = true;
    }
    if (end <= 0) return null;
    this.#lent = end;
    if (this.#encoding === 'octets') return this.#blockOf(this.#buffer.subarray(0, end), this.#position, end, cut);
    const pairs = this.#buffer.subarray(0, end & ~1);
    if (this.#encoding === 'utf16be') pairs.swap16();
    return this.#blockOf(Buffer.from(pairs.toString('utf16le'), 'utf8'), -1, end, cut);
  }

  #blockOf(octets: Buffer, position: number, fileOctets: number, cut: boolean): TextBlock {
    const dirty = MARKS.some((mark) => octets.includes(mark));
    const paged = this.#position <= MAX_PAGED_OCTETS && octets.includes(PAGER);
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    return { octets, view, position, fileOctets, ascii: isAscii(octets), dirty, paged, cut };
  }
}

/** Whether a mark of terminals stands from `from` to `to`. */
export function isMarked(view: DataView, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (view.getUint8(at) < SPACE && MARKS.includes(view.getUint8(at))) return true;
  return false;
}
