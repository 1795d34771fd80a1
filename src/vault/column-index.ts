import type { NumberIndex } from '../model/octet-store.ts';
import type { NumberColumn } from '../model/number-column.ts';

const FIRST_HEADS = 1 << 12;

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
