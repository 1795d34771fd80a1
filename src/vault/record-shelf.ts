import type { OctetStore } from '../model/octet-store.ts';
import { OctetReader, OctetWriter } from './octets.ts';
import { TextStore } from './texts.ts';

/** Keeps records that consist of texts, numbers, nulls, lists and records, as JSON in the store: for what is seldom asked for again. */
export class RecordShelf<T> {
  readonly #store: OctetStore;
  readonly #out = new OctetWriter();
  readonly #in = new OctetReader();
  readonly #texts = new TextStore();

  constructor(store: OctetStore) {
    this.#store = store;
  }

  keep(record: T): number {
    this.#out.clear();
    this.#texts.put(this.#out, JSON.stringify(record));
    return this.#store.keep(this.#out.octets.subarray(0, this.#out.length));
  }

  /** A record with the same content, anew with each call. */
  get(address: number): T {
    this.#in.octets = this.#store.blockOf(address);
    this.#in.at = this.#store.placeOf(address);
    return JSON.parse(this.#texts.get(this.#in)) as T;
  }
}
