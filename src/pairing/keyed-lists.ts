import { partitionPoint } from '../model/bisect.ts';

const FIRST_ROWS = 64;

/** Numbers listed under keys: twelve octets each. A text is known by its hash alone. */
export class KeyedLists {
  #keys = new Float64Array(FIRST_ROWS);
  #values = new Uint32Array(FIRST_ROWS);
  #count = 0;

  add(key: number, value: number): void {
    if (this.#count === this.#keys.length) this.#resize(this.#count + (this.#count >> 1));
    this.#keys[this.#count] = key;
    this.#values[this.#count++] = value;
  }

  #resize(rows: number): void {
    const [keys, values] = [this.#keys.subarray(0, this.#count), this.#values.subarray(0, this.#count)];
    this.#keys = new Float64Array(rows);
    this.#keys.set(keys);
    this.#values = new Uint32Array(rows);
    this.#values.set(values);
  }

  /** To be called when all are there. Numbers of one key are put into that order, repeats in a row once. */
  close(order: (a: number, b: number) => number): void {
    const [keys, values] = [this.#keys, this.#values];
    const rows = new Uint32Array(this.#count).map((_, at) => at);
    rows.sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || order(values[a] ?? 0, values[b] ?? 0) || a - b);
    const isFirst = (at: number, row: number): boolean => {
      const before = rows[at - 1] ?? row;
      return before === row || keys[before] !== keys[row] || values[before] !== values[row];
    };
    const kept = rows.filter((row, at) => isFirst(at, row));
    this.#keys = new Float64Array(kept.length);
    this.#values = new Uint32Array(kept.length);
    for (const [at, row] of kept.entries()) {
      this.#keys[at] = keys[row] ?? 0;
      this.#values[at] = values[row] ?? 0;
    }
    this.#count = kept.length;
  }

  /** Borrowed. */
  of(key: number): Uint32Array {
    const from = partitionPoint(this.#count, (at) => (this.#keys[at] ?? 0) < key);
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
