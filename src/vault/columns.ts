import type { NumberColumn, NumberIndex } from '../model/octet-store.ts';
import type { ScratchFile } from './scratch-file.ts';

const PAGE_BITS = 12;
const PAGE_VALUES = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_VALUES - 1;
/** Pages of a column that stay in memory: what is asked for stands near what was asked for last. */
const RESIDENT_PAGES = 64;
const FIRST_HEADS = 1 << 12;

/** A scratch file that several columns share. */
export interface SharedScratch {
  /** Null where there is none. */
  readonly file: ScratchFile | null;
  /** Where there is room for so many octets. */
  reserve(octets: number): number;
}

interface ColumnPage {
  readonly values: Uint32Array | Float64Array;
  changed: boolean;
}

/** A column of which the pages used last are in memory, the others in a scratch file. Where nothing can be written, all stay in memory. */
export class PagedColumn implements NumberColumn {
  readonly #octets: 4 | 8;
  readonly #scratch: SharedScratch;
  /** Pages in memory by number, those used longest ago first. */
  readonly #resident = new Map<number, ColumnPage>();
  /** Where pages stand in the file, by number. */
  readonly #places: (number | undefined)[] = [];
  #page: ColumnPage | null = null;
  #number = -1;

  constructor(octets: 4 | 8, scratch: SharedScratch) {
    this.#octets = octets;
    this.#scratch = scratch;
  }

  get(at: number): number {
    const page = this.#turnTo(at >>> PAGE_BITS);
    return page.values[at & PAGE_MASK] ?? 0;
  }

  set(at: number, value: number): void {
    const page = this.#turnTo(at >>> PAGE_BITS);
    page.values[at & PAGE_MASK] = value;
    page.changed = true;
  }

  #turnTo(number: number): ColumnPage {
    if (number === this.#number && this.#page) return this.#page;
    let page = this.#resident.get(number);
    if (page) this.#resident.delete(number);
    else page = this.#fetch(number);
    this.#resident.set(number, page);
    this.#page = page;
    this.#number = number;
    return page;
  }

  #fetch(number: number): ColumnPage {
    const free = this.#resident.size >= RESIDENT_PAGES ? this.#putAwayOldest() : null;
    const values = free ?? (this.#octets === 4 ? new Uint32Array(PAGE_VALUES) : new Float64Array(PAGE_VALUES));
    const place = this.#places[number];
    if (place !== undefined) this.#scratch.file?.read(octetsOf(values), place);
    else if (free) free.fill(0);
    return { values, changed: false };
  }

  /** Its memory, to be used again; null where it has to stay. */
  #putAwayOldest(): Uint32Array | Float64Array | null {
    for (const [number, page] of this.#resident) {
      if (page.changed) {
        const place = this.#places[number] ?? this.#scratch.reserve(PAGE_VALUES * this.#octets);
        if (!this.#scratch.file?.write(octetsOf(page.values), place)) return null;
        this.#places[number] = place;
      }
      this.#resident.delete(number);
      return page.values;
    }
    return null;
  }
}

function octetsOf({ buffer }: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(buffer);
}

/** Chains of values by the lowest bits of their keys, so that neighbouring keys stand in one page. */
export class ColumnIndex implements NumberIndex {
  readonly #newColumn: () => NumberColumn;
  #heads: NumberColumn;
  #slots = FIRST_HEADS;
  readonly #keys: NumberColumn;
  readonly #values: NumberColumn;
  /** The entry before in the chain; entries count from 1. */
  readonly #before: NumberColumn;
  #count = 0;

  constructor(newColumn: () => NumberColumn) {
    this.#newColumn = newColumn;
    this.#heads = newColumn();
    this.#keys = newColumn();
    this.#values = newColumn();
    this.#before = newColumn();
  }

  add(key: number, value: number): void {
    if (this.#count === this.#slots) this.#grow();
    const entry = ++this.#count;
    this.#keys.set(entry, key);
    this.#values.set(entry, value);
    this.#chain(entry, key);
  }

  find(key: number): number[] {
    const found: number[] = [];
    for (let entry = this.#heads.get(key % this.#slots); entry > 0; entry = this.#before.get(entry)) {
      if (this.#keys.get(entry) === key) found.push(this.#values.get(entry));
    }
    return found;
  }

  #chain(entry: number, key: number): void {
    const slot = key % this.#slots;
    this.#before.set(entry, this.#heads.get(slot));
    this.#heads.set(slot, entry);
  }

  #grow(): void {
    this.#slots *= 2;
    this.#heads = this.#newColumn();
    for (let entry = 1; entry <= this.#count; entry++) this.#chain(entry, this.#keys.get(entry));
  }
}
