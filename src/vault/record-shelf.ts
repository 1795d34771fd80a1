import type { OctetStore, Shelf } from '../model/octet-store.ts';

/** Octets of the length that stands before each record. */
const HEAD_OCTETS = 4;

/** Keeps records as JSON in the store. */
export class RecordShelf<T> implements Shelf<T> {
  readonly #store: OctetStore;
  #scratch = Buffer.allocUnsafeSlow(4096);

  constructor(store: OctetStore) {
    this.#store = store;
  }

  keep(record: T): number {
    const text = JSON.stringify(record);
    const most = HEAD_OCTETS + 3 * text.length;
    if (this.#scratch.length < most) this.#scratch = Buffer.allocUnsafeSlow(2 * most);
    const length = this.#scratch.write(text, HEAD_OCTETS);
    this.#scratch.writeUInt32LE(length, 0);
    return this.#store.keep(this.#scratch.subarray(0, HEAD_OCTETS + length));
  }

  get(address: number): T {
    const block = this.#store.blockOf(address);
    const at = this.#store.placeOf(address);
    const from = at + HEAD_OCTETS;
    return JSON.parse(block.toString('utf8', from, from + block.readUInt32LE(at))) as T;
  }
}
