import { partitionPoint } from '../model/bisect.ts';
import { GrowingColumn } from '../model/growing-column.ts';
import { countTo } from './traits-list.ts';

/** Numbers listed under keys: twelve octets each. A text is known by its hash alone. */
export class KeyedLists {
  /** As they came; let go when all are there. */
  #added: { readonly keys: GrowingColumn; readonly values: GrowingColumn } | null = { keys: GrowingColumn.ofDoubles(), values: GrowingColumn.ofWholes() };
  #keys = new Float64Array(0);
  #values = new Uint32Array(0);

  add(key: number, value: number): void {
    this.#added?.keys.add(key);
    this.#added?.values.add(value);
  }

  /** To be called when all are there. Numbers of one key are put into that order, repeats in a row once. */
  close(order: (a: number, b: number) => number): void {
    if (this.#added === null) return;
    const { keys, values } = this.#added;
    const rows = countTo(keys.length).sort((a, b) => keys.get(a) - keys.get(b) || order(values.get(a), values.get(b)) || a - b);
    let count = 0;
    for (const [at, row] of rows.entries()) {
      const before = rows[at - 1] ?? row;
      if (at === 0 || keys.get(before) !== keys.get(row) || values.get(before) !== values.get(row)) rows[count++] = row;
    }
    this.#keys = Float64Array.from(rows.subarray(0, count), (row) => keys.get(row));
    this.#values = rows.subarray(0, count).map((row) => values.get(row));
    this.#added = null;
  }

  /** Borrowed. */
  of(key: number): Uint32Array {
    const from = partitionPoint(this.#keys.length, (at) => (this.#keys[at] ?? 0) < key);
    let to = from;
    for (let step = 1; step > 0; ) {
      // Most lists are short: forward in growing steps, then back in shrinking ones.
      if (this.#keys[to + step - 1] === key) {
        to += step;
        step *= 2;
      } else step >>= 1;
    }
    return this.#values.subarray(from, to);
  }
}

/** FNV-1a twice, from two beginnings: 53 bits. Two texts of a log with the same one are not to be expected. `kind` tells equal texts apart. */
export function keyOf(text: string, kind: number): number {
  let low = 0x811c9dc5;
  let high = 0x01234567;
  for (let i = -1; i < text.length; i++) {
    const code = i < 0 ? kind : text.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x01000193) ^ (low >>> 15);
  }
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
}
