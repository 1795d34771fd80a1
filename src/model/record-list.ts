/** Records in order that may be made anew each time they are asked for: whoever needs one again keeps it. Arrays are such lists. */
export interface RecordList<T> extends Iterable<T> {
  readonly length: number;
  map<U>(change: (record: T) => U): U[];
  filter(wants: (record: T) => boolean): T[];
  some(fits: (record: T) => boolean): boolean;
}

/** Lists of so many records are made once and held. */
const HELD_RECORDS = 2_000;

/** A list whose records are made with each walk over it. */
export class MadeList<T> implements RecordList<T> {
  readonly length: number;
  readonly #make: () => Iterable<T>;

  constructor(length: number, make: () => Iterable<T>) {
    this.length = length;
    this.#make = make;
  }

  /** A list of what `make` gives: `length` records, the same with each call. */
  static of<T>(length: number, make: () => Iterable<T>): RecordList<T> {
    return isLong(length) ? new MadeList(length, make) : [...make()];
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#make()[Symbol.iterator]();
  }

  map<U>(change: (record: T) => U): U[] {
    return Array.from(this, change);
  }

  filter(wants: (record: T) => boolean): T[] {
    const wanted: T[] = [];
    for (const record of this) if (wants(record)) wanted.push(record);
    return wanted;
  }

  some(fits: (record: T) => boolean): boolean {
    for (const record of this) if (fits(record)) return true;
    return false;
  }
}

/** Too many records to hold them all. */
export function isLong(length: number): boolean {
  return length > HELD_RECORDS;
}
