import { isAscii, isUtf8 } from 'node:buffer';
import type { SourceReader } from '../model/source.ts';

/** Octets read at a time. */
export const BLOCK_BYTES = 1 << 20;
const NEWLINE = 10;

/** A run of whole physical lines. Lines end in `\n`; only the last of a file may lack it. */
export interface TextBlock {
  readonly text: string;
  /** Every character is one octet of the file (false: UTF-16, already decoded). */
  readonly octets: boolean;
  /** All characters are ASCII, so no line needs decoding. */
  readonly ascii: boolean;
  /** It holds marks of terminals or pagers, so that every line must be cleaned. */
  readonly dirty: boolean;
  /** A line did not fit into a block; what follows its beginning was skipped. */
  readonly cut: boolean;
}

/**
 * Reads a text file as blocks of whole lines. Octets are mapped to characters one to one (latin1), so that line ends are found
 * without decoding; `decodeLine` turns a line into text. A UTF-8 byte order mark is dropped; UTF-16 with a byte order mark (as
 * PowerShell writes) is decoded.
 */
export class TextBlocks {
  readonly #reader: SourceReader;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  #held = 0;
  #ended = false;
  #skippingLine = false;
  #encoding: 'octets' | 'utf16le' | 'utf16be' | null = null;

  constructor(reader: SourceReader, blockBytes: number) {
    this.#reader = reader;
    this.#buffer = new Uint8Array(blockBytes);
  }

  /** The next block; null at the end of the file. */
  async next(): Promise<TextBlock | null> {
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
    const octets = this.#encoding === 'octets';
    const view = Buffer.from(this.#buffer.buffer, this.#buffer.byteOffset, octets ? end : end & ~1);
    if (this.#encoding === 'utf16be') view.swap16();
    const text = view.toString(octets ? 'latin1' : 'utf16le');
    const block = { text, octets, ascii: octets && isAscii(view), dirty: isDirty(octets ? view : text), cut };
    this.#drop(end);
    return block;
  }
}

/** Escape, backspace, NUL, or the pager's prompt. */
function isDirty(content: Buffer | string): boolean {
  return ['\u001b', '\b', '\0', 'Press Any Key'].some((mark) => content.includes(mark));
}

/** Text of a line that was mapped octet by octet: UTF-8 where it is valid, else latin1 as it stands. */
export function decodeLine(octets: string): string {
  // oxlint-disable-next-line no-control-regex -- the whole ASCII range is meant
  if (/^[\x00-\x7f]*$/.test(octets)) return octets;
  const bytes = Buffer.from(octets, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : octets;
}
