import type { LineRef } from '../model/evidence.ts';
import type { LogLine } from '../model/maillog.ts';
import type { OctetStore } from '../model/octet-store.ts';
import type { Source } from '../model/source.ts';
import { SECOND_US, type WallUs } from '../model/units.ts';
import { hideCredentials } from './credentials.ts';
import type { LogEntry } from './entry.ts';
import { type LineOctets, LogOctets } from './line-octets.ts';
import { asciiText, decode } from './octet-text.ts';
import { entryOfText, readEntry } from './read-entry.ts';
import type { TextBlock } from './text-blocks.ts';

/** Names a line of the table. Histories hold these instead of lines, so that millions cost little. */
export type LineId = number;
/** No line. */
export const NO_LINE: LineId = -1;

const PAGE_BITS = 12;
const PAGE_ROWS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_ROWS - 1;
const ROW_OCTETS = 18;
/** Full pages in memory where there is a store for the others: a hundred thousand lines. */
const PAGES_KEPT = 32;

/** A row of the table, and the text where that stands nowhere so. */
interface LineRow {
  block: number;
  number: number;
  seconds: number;
  from: number;
  length: number;
  made: string | null;
}

interface Page {
  readonly octets: Uint8Array;
  readonly seconds: Uint32Array;
  readonly numbers: Uint32Array;
  readonly blocks: Uint32Array;
  readonly from: Uint32Array;
  readonly length: Uint16Array;
}

/**
 * All lines that histories mention: where each stands, 18 octets a line. Texts are cut out of the file again on demand.
 */
export class LineTable {
  /** Null for pages that are in the store, or whose lines nobody asks for any more. */
  readonly #pages: (Page | null)[] = [];
  readonly #store: OctetStore | null;
  /** Where full pages are in the store. */
  readonly #addresses: number[] = [];
  /** Full pages in memory, those read longest ago first. */
  readonly #kept: number[] = [];
  /** Lines of such pages that somebody still asks for, by the number under which they stand now. */
  #moved = new Map<LineId, LineId>();
  readonly #octets: LogOctets;
  /** Texts that do not stand so in a block: rejoined from several lines, or changed. */
  readonly #made = new Map<LineId, string>();
  #count = 0;
  readonly #row: LineRow = { block: 0, number: 0, seconds: 0, from: 0, length: 0, made: null };

  /** `recentBlocks`: held although they could be read again. `store`: takes what memory need not hold. */
  constructor(recentBlocks = 0, store: OctetStore | null = null) {
    this.#octets = new LogOctets(recentBlocks, store);
    this.#store = store;
  }

  addBlock(source: Source, block: TextBlock): number {
    return this.#octets.add(source, block);
  }

  /** A line whose text stands in a block at `from`, `length` octets long (at most 65,535). */
  add(block: number, number: number, seconds: number, from: number, length: number): LineId {
    const id = this.#count++;
    const row = id & PAGE_MASK;
    if (row === 0) this.#begin();
    const page = this.#pages[id >>> PAGE_BITS];
    if (!page) return NO_LINE;
    page.seconds[row] = seconds;
    page.numbers[row] = number;
    page.blocks[row] = block;
    page.from[row] = from;
    page.length[row] = length;
    return id;
  }

  /** A new page; the one before is full, and will not change. */
  #begin(): void {
    const full = this.#pages.at(-1);
    if (full && this.#store !== null) {
      this.#addresses.push(this.#store.keep(full.octets));
      this.#keep(this.#pages.length - 1);
    }
    this.#pages.push(pageOf(new Uint8Array(PAGE_ROWS * ROW_OCTETS)));
  }

  #keep(number: number): void {
    const oldest = this.#kept.length === PAGES_KEPT ? this.#kept.shift() : undefined;
    if (oldest !== undefined) this.#pages[oldest] = null;
    this.#kept.push(number);
  }

  #page(line: LineId): Page | null {
    const number = line >>> PAGE_BITS;
    return this.#pages[number] ?? this.#fetch(number);
  }

  #fetch(number: number): Page | null {
    const address = this.#addresses[number];
    if (address === undefined || this.#store === null) return null;
    const octets = new Uint8Array(PAGE_ROWS * ROW_OCTETS);
    const block = this.#store.blockOf(address);
    const at = this.#store.placeOf(address);
    octets.set(block.subarray(at, at + octets.length));
    const page = pageOf(octets);
    this.#pages[number] = page;
    this.#keep(number);
    return page;
  }

  /** Gives a line another text than the one that stands in its block. */
  replaceText(id: LineId, text: string): void {
    this.#made.set(id, text);
  }

  /** Lines that were added so far. */
  get count(): number {
    return this.#count;
  }

  /** Forgets the lines before `before`, except those that are still asked for. */
  release(before: LineId, kept: Iterable<LineId>): void {
    const moved = new Map<LineId, LineId>();
    const lastPage = before >>> PAGE_BITS;
    for (const id of kept) {
      if (id < 0 || this.#now(id) >>> PAGE_BITS >= lastPage) {
        if (this.#moved.has(id)) moved.set(id, this.#now(id));
        continue;
      }
      if (moved.has(id)) continue;
      const { block, number, seconds, from, length } = this.rowView(id);
      moved.set(id, this.add(block, number, seconds, from, length));
    }
    this.#moved = moved;
    this.#pages.fill(null, 0, lastPage);
    for (const id of this.#made.keys()) if (id < lastPage * PAGE_ROWS && !moved.has(id)) this.#made.delete(id);
  }

  /** Where a line stands, to be added again. Good until the next call. */
  rowView(id: LineId): Readonly<LineRow> {
    const now = this.#now(id);
    const page = this.#page(now);
    const at = now & PAGE_MASK;
    const row = this.#row;
    row.block = page?.blocks[at] ?? 0;
    row.number = page?.numbers[at] ?? 0;
    row.seconds = page?.seconds[at] ?? 0;
    row.from = page?.from[at] ?? 0;
    row.length = page?.length[at] ?? 0;
    row.made = this.#made.size === 0 ? null : (this.#made.get(id) ?? null);
    return row;
  }

  #now(id: LineId): LineId {
    return this.#moved.size === 0 ? id : (this.#moved.get(id) ?? id);
  }

  seconds(line: LineId): number {
    const id = this.#now(line);
    return this.#page(id)?.seconds[id & PAGE_MASK] ?? 0;
  }

  line(id: LineId): LogLine {
    return new TableLine(this, id);
  }

  lineOrNull(id: LineId): LogLine | null {
    return id === NO_LINE ? null : new TableLine(this, id);
  }

  ref(line: LineId): LineRef {
    const id = this.#now(line);
    const page = this.#page(id);
    const row = id & PAGE_MASK;
    return { input: this.#octets.input(page?.blocks[row] ?? -1), line: page?.numbers[row] ?? 0 };
  }

  /** The line's text without credentials: nothing else of a line is ever shown. */
  text(id: LineId): string {
    return hideCredentials(this.#rawText(id));
  }

  #rawText(id: LineId): string {
    return this.#made.get(id) ?? this.original(id);
  }

  /** The text as it stands in the file, credentials and all: to be compared, never shown. */
  original(id: LineId): string {
    const length = this.#length(id);
    const found = this.#find(id, length);
    if (found === null) return '';
    const { at } = this.#octets;
    return found.ascii ? asciiText(found.octets, at, at + length) : decode(found.octets, at, at + length);
  }

  /** What the line says, read again. */
  entry(id: LineId): LogEntry | null {
    if (this.#made.has(id)) return entryOfText(this.text(id));
    const length = this.#length(id);
    const found = this.#find(id, length);
    return found === null ? null : readEntry(found, this.#octets.at, this.#octets.at + length);
  }

  #length(line: LineId): number {
    const id = this.#now(line);
    return this.#page(id)?.length[id & PAGE_MASK] ?? 0;
  }

  #find(line: LineId, length: number): LineOctets | null {
    const id = this.#now(line);
    const page = this.#page(id);
    const row = id & PAGE_MASK;
    return this.#octets.of(page?.blocks[row] ?? -1, page?.from[row] ?? 0, length);
  }
}

/** The columns of a page, one behind the other. */
function pageOf(octets: Uint8Array): Page {
  const { buffer } = octets;
  const column = (at: number): Uint32Array => new Uint32Array(buffer, at * PAGE_ROWS * 4, PAGE_ROWS);
  return {
    octets,
    seconds: column(0),
    numbers: column(1),
    blocks: column(2),
    from: column(3),
    length: new Uint16Array(buffer, 4 * PAGE_ROWS * 4, PAGE_ROWS),
  };
}

/** What a line says, read again from its text. */
export function entryOfLine(line: LogLine): LogEntry | null {
  return line instanceof TableLine ? line.entry : entryOfText(line.text);
}

/** A line, read from the table when it is looked at. */
class TableLine implements LogLine {
  readonly #table: LineTable;
  readonly #id: LineId;
  #ref: LineRef | null = null;

  constructor(table: LineTable, id: LineId) {
    this.#table = table;
    this.#id = id;
  }

  /** What it says, without making a text of it where that can be spared. */
  get entry(): LogEntry | null {
    return this.#table.entry(this.#id);
  }

  get ref(): LineRef {
    return (this.#ref ??= this.#table.ref(this.#id));
  }

  get atUs(): WallUs {
    return this.#table.seconds(this.#id) * SECOND_US;
  }

  get text(): string {
    return this.#table.text(this.#id);
  }

  toJSON(): LogLine {
    return { ref: this.ref, atUs: this.atUs, text: this.text };
  }
}
