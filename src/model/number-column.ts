const PAGE_BITS = 11;
const PAGE_VALUES = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_VALUES - 1;
/** Pages of a column that stay in memory where there is a file for the others: what is asked for stands near what was asked for last. */
const RESIDENT_PAGES = 8;

/** A file that columns share for the pages that memory need not hold. */
export interface PageFile {
  /** Where there is room for so many octets. */
  reserve(octets: number): number;
  /** False when they could not be written. */
  write(octets: Uint8Array, at: number): boolean;
  /** Fills `octets`. */
  read(octets: Uint8Array, at: number): void;
}

/** Octets of a value: 1: whole numbers from 0 to 255; 4: from 0 to 2^32-1; 8: all numbers. */
export type ValueOctets = 1 | 4 | 8;
export type NewColumn = (octets: ValueOctets) => NumberColumn;

type Page = Uint8Array | Uint32Array | Float64Array;

/**
 * Numbers by index, as many as there need be; what was never set is 0. They stand in pages, so that what grows is not copied. With a file only the pages that
 * were fetched last are in memory; where nothing can be written, all are.
 */
export class NumberColumn implements Iterable<number> {
  readonly #octets: ValueOctets;
  readonly #file: PageFile | null;
  /** Those in memory, by number. */
  readonly #pages: (Page | undefined)[] = [];
  /** Numbers of those in memory, the one that was fetched first at `next`. */
  readonly #resident: number[] = [];
  #next = 0;
  /** Nothing more can be written: all stay. */
  #isStuck = false;
  /** Where pages stand in the file, by number. */
  readonly #places: (number | undefined)[] = [];
  /** Pages that differ from what stands in the file, and the one that was set last. */
  readonly #changed = new Set<number>();
  #lastChanged = -1;
  #length = 0;

  constructor(octets: ValueOctets, file: PageFile | null = null) {
    this.#octets = octets;
    this.#file = file;
  }

  /** One more than the highest index that was set. */
  get length(): number {
    return this.#length;
  }

  *[Symbol.iterator](): Generator<number> {
    for (let at = 0; at < this.#length; at++) yield this.get(at);
  }

  /** A copy of all values. */
  values(): Float64Array {
    const values = new Float64Array(this.#length);
    for (let at = 0; at < this.#length; at++) values[at] = this.get(at);
    return values;
  }

  /** Forgets all of them; what stands in the file is not used any more. */
  clear(): void {
    this.#length = this.#pages.length = this.#resident.length = this.#places.length = this.#next = 0;
    this.#changed.clear();
    this.#lastChanged = -1;
  }

  add(value: number): void {
    this.set(this.#length, value);
  }

  set(at: number, value: number): void {
    const number = at >>> PAGE_BITS;
    const page = this.#pages[number] ?? this.#fetch(number);
    page[at & PAGE_MASK] = value;
    if (number !== this.#lastChanged) {
      this.#changed.add(number);
      this.#lastChanged = number;
    }
    if (at >= this.#length) this.#length = at + 1;
  }

  get(at: number): number {
    if (at >= this.#length) return 0;
    const number = at >>> PAGE_BITS;
    const page = this.#pages[number] ?? this.#fetch(number);
    return page[at & PAGE_MASK] ?? 0;
  }

  #fetch(number: number): Page {
    const place = this.#places[number];
    const free = this.#makeRoom();
    const page = free ?? this.#newPage();
    if (place !== undefined) this.#file?.read(octetsOf(page), place);
    else free?.fill(0);
    while (this.#pages.length < number) this.#pages.push(undefined);
    this.#pages[number] = page;
    this.#resident[this.#next] = number;
    this.#next = (this.#next + 1) % RESIDENT_PAGES;
    return page;
  }

  #newPage(): Page {
    return this.#octets === 1 ? new Uint8Array(PAGE_VALUES) : this.#octets === 4 ? new Uint32Array(PAGE_VALUES) : new Float64Array(PAGE_VALUES);
  }

  /** The memory of a page that was put away; null where a new one may be made. */
  #makeRoom(): Page | null {
    if (this.#file === null || this.#isStuck) return null;
    const number = this.#resident[this.#next];
    const page = number === undefined ? undefined : this.#pages[number];
    if (number === undefined || page === undefined) return null;
    if (this.#changed.has(number) && !this.#putAway(this.#file, number, page)) {
      this.#isStuck = true;
      return null;
    }
    this.#pages[number] = undefined;
    return page;
  }

  #putAway(file: PageFile, number: number, page: Page): boolean {
    const place = this.#places[number] ?? file.reserve(page.byteLength);
    if (!file.write(octetsOf(page), place)) return false;
    this.#places[number] = place;
    this.#changed.delete(number);
    if (this.#lastChanged === number) this.#lastChanged = -1;
    return true;
  }
}

function octetsOf({ buffer }: Page): Uint8Array {
  return new Uint8Array(buffer);
}
