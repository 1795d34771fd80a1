import type { Source } from '../../model/source.ts';
import { countLines } from './count-lines.ts';
import { Finder } from './finder.ts';
import type { Needle } from './needles.ts';

const NEWLINE = 10;
const BLOCK_BYTES = 1 << 22;
/** The first and the last octets of a file are kept whole: they tell what it is, and from when to when. */
const EDGE_BYTES = 1 << 14;
/** Lines that do not begin with a stamp belong to the one before; so many are followed. */
const MAX_CONTINUATION = 64;

/** The lines of a file that were kept, by number from 1. */
export type KeptLines = Map<number, string>;

/** So many blocks behind the current one are held: what a line names may have begun some lines, or some minutes, before it. */
const HELD_BLOCKS = 16;

/** What a search is told of a line that was kept; gives what to look for from a little before it on. Empty for nothing new. */
export type Learn = (line: string) => readonly Needle[];

/** A file on its way through the sieve, over several rounds. */
export class SiftedFile {
  readonly source: Source;
  readonly kept: KeptLines = new Map();
  lines = 0;
  /** Lines before each block: counted in the first round, the same in all. */
  readonly #firstLines: number[] = [];
  #counted = false;

  constructor(source: Source) {
    this.source = source;
  }

  /**
   * Goes through the file once and keeps the lines in which something is found, with those that continue them. What `learn` gives on the
   * way is looked for as well: in the blocks that are still held, and from there on. False where the file cannot be sifted: UTF-16, or
   * lines longer than a block.
   */
  async sift(needles: readonly Needle[], learn: Learn, onOctets: (octets: number) => void, signal: AbortSignal | null): Promise<boolean> {
    const reader = this.source.open();
    const sought = [...needles];
    let finder = new Finder(sought);
    const held: Block[] = [];
    try {
      let current = newBuffer();
      let count = await fill(reader, current.octets, 0);
      for (let at = 0, length = count; ; at++) {
        onOctets(count);
        const { octets } = current;
        if (at === 0 && (isUtf16(octets) || octets.subarray(0, Math.min(length, 4096)).includes(0))) return false;
        const ended = length < BLOCK_BYTES;
        const end = ended ? length : octets.lastIndexOf(NEWLINE, length - 1) + 1;
        if (end === 0 && length > 0 && !ended) return false;
        const next = (held.length === HELD_BLOCKS ? held.shift() : undefined) ?? newBuffer();
        octets.copy(next.octets, 0, end, length);
        // The next block is read while this one is looked through.
        const reading = ended ? null : fill(reader, next.octets, length - end);
        held.push({ octets: current.octets, words: current.words, end, firstLine: this.#firstLines[at] ?? this.lines });
        const learned = this.#look(held, finder, learn, at === 0, ended);
        if (learned.length > 0) {
          sought.push(...learned);
          finder = new Finder(sought);
        }
        if (reading === null || signal?.aborted) break;
        // oxlint-disable-next-line no-await-in-loop -- one block after the other
        count = await reading;
        length = length - end + count;
        current = next;
      }
      this.#counted = true;
      return true;
    } finally {
      await reader.close();
    }
  }

  /** Looks through the last of the held blocks; through all of them for what is learned there. */
  #look(held: readonly Block[], finder: Finder, learn: Learn, isFirst: boolean, isLast: boolean): Needle[] {
    const block = held.at(-1);
    if (!block) return [];
    const learned: Needle[] = [];
    let fresh = keepFound(block, finder, this.kept);
    while (fresh.length > 0) {
      const news = fresh.flatMap((line) => learn(line));
      if (news.length === 0) break;
      learned.push(...news);
      const also = new Finder(news);
      fresh = held.flatMap((one) => keepFound(one, also, this.kept));
    }
    if (this.#counted) return learned;
    const { octets, words, end } = block;
    if (isFirst) keepRange(block, 0, Math.min(EDGE_BYTES, end), this.kept);
    if (isLast) keepRange(block, Math.max(0, end - EDGE_BYTES), end, this.kept);
    this.#firstLines.push(block.firstLine);
    this.lines = block.firstLine + countLines(octets, words, 0, end);
    if (isLast && end > 0 && octets[end - 1] !== NEWLINE) this.lines++;
    return learned;
  }
}

interface WordBuffer {
  readonly octets: Buffer;
  readonly words: Int32Array;
}

function newBuffer(): WordBuffer {
  const octets = Buffer.alloc(BLOCK_BYTES);
  return { octets, words: new Int32Array(octets.buffer, octets.byteOffset, BLOCK_BYTES >>> 2) };
}

/** Fills the buffer; fewer octets than there is room for mean the end of the file. */
async function fill(reader: ReturnType<Source['open']>, buffer: Uint8Array, from: number): Promise<number> {
  let at = from;
  while (at < buffer.length) {
    // oxlint-disable-next-line no-await-in-loop -- one read after the other
    const count = await reader.read(buffer, at, buffer.length - at);
    if (count === 0) break;
    at += count;
  }
  return at - from;
}

function isUtf16(buffer: Uint8Array): boolean {
  return (buffer[0] === 0xff && buffer[1] === 0xfe) || (buffer[0] === 0xfe && buffer[1] === 0xff);
}

interface Block extends WordBuffer {
  readonly end: number;
  /** Lines before the block. */
  readonly firstLine: number;
}

/** Gives the entries that were not kept before, the lines of each joined. */
function keepFound(block: Block, finder: Finder, kept: KeptLines): string[] {
  const { octets: buffer, words, end, firstLine } = block;
  const fresh: string[] = [];
  let counted = 0;
  let number = firstLine;
  finder.find(buffer, end, (found) => {
    let from = lineStart(buffer, found);
    // What was found may stand in a line that continues another.
    for (let back = 0; back < MAX_CONTINUATION && from > 0 && !beginsEntry(buffer, from); back++) from = lineStart(buffer, from - 1);
    if (from > counted) {
      number += countLines(buffer, words, counted, from);
      counted = from;
    } else {
      from = counted;
    }
    let at = from;
    let isNew = false;
    const pieces: string[] = [];
    for (let piece = 0; piece < MAX_CONTINUATION + 1 && at < end; piece++) {
      const behind = lineEnd(buffer, at, end);
      if (at > found && beginsEntry(buffer, at)) break;
      const text = textOf(buffer, at, behind);
      pieces.push(text);
      number++;
      isNew ||= !kept.has(number);
      kept.set(number, text);
      at = behind;
    }
    if (isNew) fresh.push(pieces.join(' '));
    counted = at;
    return at;
  });
  return fresh;
}

function keepRange({ octets: buffer, words, end, firstLine }: Block, from: number, to: number, kept: KeptLines): void {
  let at = lineStart(buffer, from);
  let number = firstLine + countLines(buffer, words, 0, at);
  while (at < to) {
    const behind = lineEnd(buffer, at, end);
    number++;
    kept.set(number, textOf(buffer, at, behind));
    at = behind;
  }
}

function lineStart(buffer: Buffer, at: number): number {
  return at <= 0 ? 0 : buffer.lastIndexOf(NEWLINE, at - 1) + 1;
}

/** Behind the line feed. */
function lineEnd(buffer: Buffer, at: number, end: number): number {
  const newline = buffer.indexOf(NEWLINE, at);
  return newline < 0 || newline >= end ? end : newline + 1;
}

function textOf(buffer: Buffer, from: number, behind: number): string {
  return buffer.toString('latin1', from, buffer[behind - 1] === NEWLINE ? behind - 1 : behind);
}

/** `Tue Mar`, `Mar  3`, `<22>Mar`: a stamp, or the prompt of a pasted session. */
function beginsEntry(buffer: Buffer, at: number): boolean {
  const code = buffer[at] ?? 0;
  if (code === 60 || code === 62) return true;
  const isCapital = code >= 65 && code <= 90;
  return isCapital && isLower(buffer[at + 1] ?? 0) && isLower(buffer[at + 2] ?? 0) && buffer[at + 3] === 32;
}

function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}
