import type { NewColumn } from './number-column.ts';
import type { NumberIndex } from './number-index.ts';

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

/** Where to put what grows with the inputs and need not be in memory. */
export interface Depot {
  readonly store: OctetStore;
  readonly newShelf: NewShelf;
  readonly newColumn: NewColumn;
  readonly newIndex: () => NumberIndex;
}
