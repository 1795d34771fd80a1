import type { LineRef } from '../model/evidence.ts';
import type { LogLine } from '../model/maillog.ts';
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

const PAGE_BITS = 15;
const PAGE_ROWS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_ROWS - 1;

interface Page {
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
  readonly #pages: Page[] = [];
  readonly #octets = new LogOctets();
  /** Texts that do not stand so in a block: rejoined from several lines, or changed. */
  readonly #made = new Map<LineId, string>();
  #count = 0;

  addBlock(source: Source, block: TextBlock): number {
    return this.#octets.add(source, block);
  }

  /** A line whose text stands in a block at `from`, `length` octets long (at most 65,535). */
  add(block: number, number: number, seconds: number, from: number, length: number): LineId {
    const id = this.#count++;
    const row = id & PAGE_MASK;
    if (row === 0) this.#pages.push(newPage());
    const page = this.#pages[id >>> PAGE_BITS];
    if (!page) return NO_LINE;
    page.seconds[row] = seconds;
    page.numbers[row] = number;
    page.blocks[row] = block;
    page.from[row] = from;
    page.length[row] = length;
    return id;
  }

  /** Gives a line another text than the one that stands in its block. */
  replaceText(id: LineId, text: string): void {
    this.#made.set(id, text);
  }

  seconds(id: LineId): number {
    return this.#pages[id >>> PAGE_BITS]?.seconds[id & PAGE_MASK] ?? 0;
  }

  line(id: LineId): LogLine {
    return new TableLine(this, id);
  }

  lineOrNull(id: LineId): LogLine | null {
    return id === NO_LINE ? null : new TableLine(this, id);
  }

  ref(id: LineId): LineRef {
    const page = this.#pages[id >>> PAGE_BITS];
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

  #length(id: LineId): number {
    return this.#pages[id >>> PAGE_BITS]?.length[id & PAGE_MASK] ?? 0;
  }

  #find(id: LineId, length: number): LineOctets | null {
    const page = this.#pages[id >>> PAGE_BITS];
    const row = id & PAGE_MASK;
    return this.#octets.of(page?.blocks[row] ?? -1, page?.from[row] ?? 0, length);
  }
}

function newPage(): Page {
  return {
    seconds: new Uint32Array(PAGE_ROWS),
    numbers: new Uint32Array(PAGE_ROWS),
    blocks: new Uint32Array(PAGE_ROWS),
    from: new Uint32Array(PAGE_ROWS),
    length: new Uint16Array(PAGE_ROWS),
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

  constructor(table: LineTable, id: LineId) {
    this.#table = table;
    this.#id = id;
  }

  /** What it says, without making a text of it where that can be spared. */
  get entry(): LogEntry | null {
    return this.#table.entry(this.#id);
  }

  get ref(): LineRef {
    return this.#table.ref(this.#id);
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
