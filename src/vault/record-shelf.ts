import type { OctetStore, Shelf } from '../model/octet-store.ts';
import { RecordCodec } from './record-codec.ts';

/** Keeps records of one type in the store. */
export class RecordShelf<T> implements Shelf<T> {
  readonly #store: OctetStore;
  readonly #codec = new RecordCodec();

  constructor(store: OctetStore) {
    this.#store = store;
  }

  keep(record: T): number {
    return this.#store.keep(this.#codec.pack(record));
  }

  get(address: number): T {
    return this.#codec.unpack(this.#store.blockOf(address), this.#store.placeOf(address)) as T;
  }
}
