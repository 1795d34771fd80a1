/** Keeps records of octets for the whole run, wherever there is room for them. */
export interface OctetStore {
  /** Copies `octets`; returns the record's address, by which it is found again. */
  keep(octets: Uint8Array): number;
  /** The block that holds the record of that address. Borrowed: valid until the next call of the store. */
  blockOf(address: number): Buffer;
  /** Where in its block the record begins. */
  placeOf(address: number): number;
}

/** Keeps records that consist of texts, numbers, truth values, nulls, lists and records: for what is seldom asked for. */
export interface Shelf<T> {
  keep(record: T): number;
  /** A record with the same content, anew with each call. */
  get(address: number): T;
}

export type NewShelf = <T>() => Shelf<T>;

/** Numbers by index from 0 to 2^32-1, as long as it needs to be; what was never set is 0. */
export interface NumberColumn {
  get(at: number): number;
  set(at: number, value: number): void;
}

/** Finds numbers by another one, which several may share. */
export interface NumberIndex {
  /** Both from 0 to 2^32-1. Neighbouring keys are found faster than scattered ones. */
  add(key: number, value: number): void;
  /** The values of a key, the youngest first. */
  find(key: number): number[];
}

/** Room for what grows with the inputs and need not be in memory. */
export interface Archive {
  readonly records: OctetStore;
  /** `octets` 4: whole numbers from 0 to 2^32-1; 8: all numbers. */
  column(octets: 4 | 8): NumberColumn;
  index(): NumberIndex;
}

/** Where to put what memory need not hold. */
export interface Depot {
  readonly store: OctetStore;
  readonly newShelf: NewShelf;
}
