import type { Source } from '../../model/source.ts';
import { countLines } from './count-lines.ts';
import { entryAround, lineEnd, lineStart } from './entry-lines.ts';
import type { Finder } from './finder.ts';
import { IdColumn } from './id-columns.ts';
import { type IdSink, scanIds } from './scan-ids.ts';
import { Windows } from './windows.ts';

const NEWLINE = 10;
const BLOCK_BYTES = 1 << 22;
/** The first and the last octets of a file are kept whole: they tell what it is, and from when to when. */
const EDGE_BYTES = 1 << 14;
/** The number of the line is noted this often. */
const MARK_BYTES = 1 << 14;
/** Read around a place, so that the whole entry is there. */
const MARGIN_BYTES = 1 << 14;
/** Places near one another are read at once. */
const WINDOW_BYTES = 1 << 22;

/** The kinds of numbers that lines name. */
export type IdKind = 'mid' | 'icid' | 'dcid';
/** Numbers that are looked for, by kind. */
export type WantedIds = Readonly<Record<IdKind, ReadonlySet<number>>>;

/** How many numbers may still be noted; shared by all files. Beyond, only those that are known to be wanted are. */
export interface Budget {
  left: number;
}

/** A file on its way through the sieve. */
export class SiftedFile {
  readonly source: Source;
  /** The lines that were kept, by number from 1. */
  readonly kept = new Map<number, string>();
  lines = 0;
  /** Whether every number of the file was noted, or only the wanted ones. */
  complete = true;
  columns: Readonly<Record<IdKind, IdColumn>> = newColumns();
  messageIds = new IdColumn();
  readonly #markAt: number[] = [];
  /** Line feeds before each mark. */
  readonly #markLines: number[] = [];
  #octets = 0;
  #scanned = false;

  constructor(source: Source) {
    this.source = source;
  }

  /**
   * Goes through the file once and notes where which numbers stand. Gives the places where the finder's texts and file headers stand; null where the file
   * cannot be sifted: UTF-16, or lines longer than a block.
   */
  async scan(
    finder: Finder | null,
    wanted: WantedIds,
    budget: Budget,
    onOctets: (octets: number) => void,
    signal: AbortSignal | null,
  ): Promise<number[] | null> {
    this.columns = newColumns();
    this.messageIds = new IdColumn();
    this.complete = budget.left > 0;
    const reader = this.source.open();
    const places: number[] = [];
    let base = 0;
    const sink = this.#sink(wanted, budget, () => base);
    try {
      let current = newBuffer();
      let spare = newBuffer();
      let count = await fill(reader, current.octets, 0);
      for (let length = count; ; ) {
        onOctets(count);
        const { octets, words } = current;
        if (base === 0 && (isUtf16(octets) || octets.subarray(0, Math.min(length, 4096)).includes(0))) return null;
        const ended = length < BLOCK_BYTES;
        const end = ended ? length : octets.lastIndexOf(NEWLINE, length - 1) + 1;
        if (end === 0 && length > 0 && !ended) return null;
        octets.copy(spare.octets, 0, end, length);
        // The next block is read while this one is looked through.
        const reading = ended ? null : fill(reader, spare.octets, length - end);
        scanIds(octets, end, sink);
        finder?.find(octets, end, (at) => places.push(base + at) && at + 1);
        if (!this.#scanned) for (const at of headersIn(octets, end)) places.push(base + at);
        if (!this.#scanned) this.#mark(octets, words, base, end);
        base += end;
        if (reading === null || signal?.aborted) break;
        // oxlint-disable-next-line no-await-in-loop -- one block after the other
        count = await reading;
        length = length - end + count;
        [current, spare] = [spare, current];
      }
      this.#octets = base;
      this.#scanned = true;
      return places;
    } finally {
      await reader.close();
    }
  }

  #sink(wanted: WantedIds, budget: Budget, baseOf: () => number): IdSink {
    const note = (kind: IdKind) => {
      const column = this.columns[kind];
      const known = wanted[kind];
      return (id: number, at: number): void => {
        if (budget.left > 0) budget.left--;
        else if (known.has(id)) this.complete = false;
        else {
          this.complete = false;
          return;
        }
        column.add(id, baseOf() + at);
      };
    };
    return { mid: note('mid'), icid: note('icid'), dcid: note('dcid'), messageId: (hash, at) => this.messageIds.add(hash, baseOf() + at) };
  }

  #mark(octets: Buffer, words: Int32Array, base: number, end: number): void {
    for (let at = 0; at < end; at += MARK_BYTES) {
      this.#markAt.push(base + at);
      this.#markLines.push(this.lines);
      this.lines += countLines(octets, words, at, Math.min(end, at + MARK_BYTES));
    }
    if (end > 0 && end < BLOCK_BYTES && octets[end - 1] !== NEWLINE) this.lines++;
  }

  /** Keeps the lines of both ends. To be asked for at last: what is kept already is not given again. */
  async keepEdges(): Promise<void> {
    const octets = this.#octets;
    const windows = new Windows(this.source);
    for (const from of octets > 2 * EDGE_BYTES ? [0, octets - EDGE_BYTES] : [0]) {
      const to = octets > 2 * EDGE_BYTES ? from + EDGE_BYTES : octets;
      // oxlint-disable-next-line no-await-in-loop -- the second lies behind the first
      const { octets: window, number, begin } = await this.#window(windows, from, to);
      const start = lineStart(window, from - begin);
      this.#keepLines(window, start, Math.min(window.length, to - begin), number + linesBetween(window, 0, start));
    }
    await windows.close();
  }

  /** Reads from the last mark that leaves room before `from`, up to a little behind `to`. `number`: of the line in which it begins. */
  async #window(windows: Windows, from: number, to: number): Promise<{ octets: Buffer; number: number; begin: number }> {
    let low = 0;
    for (let high = this.#markAt.length - 1; low < high; ) {
      const middle = (low + high + 1) >> 1;
      if ((this.#markAt[middle] ?? 0) <= from - MARGIN_BYTES) low = middle;
      else high = middle - 1;
    }
    const begin = this.#markAt[low] ?? 0;
    return { octets: await windows.read(begin, Math.min(this.#octets, to + MARGIN_BYTES)), number: (this.#markLines[low] ?? 0) + 1, begin };
  }

  /** Keeps the entries that stand at these places; gives those that were not kept before, the lines of each joined. */
  async keep(places: readonly number[]): Promise<string[]> {
    const ordered = Float64Array.from(places).sort();
    const windows = new Windows(this.source);
    const fresh: string[] = [];
    for (let at = 0; at < ordered.length; ) {
      const first = ordered[at] ?? 0;
      let last = at;
      while ((ordered[last + 1] ?? Infinity) - (ordered[last] ?? 0) < MARK_BYTES && (ordered[last + 1] ?? 0) - first < WINDOW_BYTES) last++;
      // oxlint-disable-next-line no-await-in-loop -- one part after the other
      const { octets, number, begin } = await this.#window(windows, first, (ordered[last] ?? 0) + 1);
      let counted = 0;
      let done = 0;
      let line = number;
      for (; at <= last; at++) {
        const place = (ordered[at] ?? 0) - begin;
        if (place < done) continue;
        const { from, to } = entryAround(octets, place);
        line += linesBetween(octets, counted, from);
        const text = this.#keepLines(octets, from, to, line);
        if (text !== null) fresh.push(text);
        counted = from;
        done = to;
      }
    }
    await windows.close();
    return fresh;
  }

  /** Keeps the lines from `from` to `to`, the first of them with this number; gives them joined where one is new. */
  #keepLines(octets: Buffer, from: number, to: number, first: number): string | null {
    const pieces: string[] = [];
    let isNew = false;
    for (let at = from, number = first; at < to; number++) {
      const next = lineEnd(octets, at);
      const text = octets.toString('latin1', at, octets[next - 1] === NEWLINE ? next - 1 : next);
      isNew ||= !this.kept.has(number);
      this.kept.set(number, text);
      pieces.push(text);
      at = next;
    }
    return isNew ? pieces.join(' ') : null;
  }
}

function newColumns(): Readonly<Record<IdKind, IdColumn>> {
  return { mid: new IdColumn(), icid: new IdColumn(), dcid: new IdColumn() };
}

function linesBetween(octets: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = octets.indexOf(NEWLINE, from); at >= 0 && at < to; at = octets.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** What stands in the header of a file: of which appliance it is; the line behind tells the zone. */
const HEADER = Buffer.from(' SN: ');

function headersIn(octets: Buffer, end: number): number[] {
  const places: number[] = [];
  for (let at = octets.indexOf(HEADER); at >= 0 && at < end; at = octets.indexOf(HEADER, at + 1)) {
    const next = lineEnd(octets, at);
    places.push(Math.max(0, lineStart(octets, at) - 1), at, ...(next < end ? [next] : []));
  }
  return places;
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
