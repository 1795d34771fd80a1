import type { NumberColumn } from './number-column.ts';

const FIRST_HEADS = 1 << 12;

/** Finds numbers by another one, which several may share: chains of them by the lowest bits of their keys, so that neighbouring keys stand in one page. */
export class NumberIndex {
  readonly #newColumn: () => NumberColumn;
  #heads: NumberColumn;
  /** A power of two. */
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

  /** Both from 0 to 2^32-1. Neighbouring keys are found faster than scattered ones. */
  add(key: number, value: number): void {
    if (this.#count === this.#slots) this.#grow();
    const entry = ++this.#count;
    this.#keys.set(entry, key);
    this.#values.set(entry, value);
    this.#chain(entry, key);
  }

  /** The values of a key, the youngest first. */
  find(key: number): number[] {
    const found: number[] = [];
    for (let entry = this.#heads.get(key & (this.#slots - 1)); entry > 0; entry = this.#before.get(entry)) {
      if (this.#keys.get(entry) === key) found.push(this.#values.get(entry));
    }
    return found;
  }

  #chain(entry: number, key: number): void {
    const slot = key & (this.#slots - 1);
    this.#before.set(entry, this.#heads.get(slot));
    this.#heads.set(slot, entry);
  }

  #grow(): void {
    this.#slots *= 2;
    this.#heads = this.#newColumn();
    for (let entry = 1; entry <= this.#count; entry++) this.#chain(entry, this.#keys.get(entry));
  }
}
