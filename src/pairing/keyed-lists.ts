import { partitionPoint } from '../model/bisect.ts';
import { type NewColumn, NumberColumn } from '../model/number-column.ts';
import { sortIntoBuckets } from './buckets.ts';
import { countTo } from './traits-list.ts';

/** Entries of a bucket, about. */
const BUCKET = 8;

/** Numbers listed under keys: eight octets each. A text is known by its hash alone, and a key by its bucket and its lowest 32 bits. */
export class KeyedLists {
  /** As they came; let go when all are there. */
  readonly #addedKeys: NumberColumn;
  readonly #addedValues: NumberColumn;
  /** Where the entries of each bucket begin, and where those of the last end. */
  readonly #starts = new NumberColumn(4);
  /** In order within a bucket. */
  #keys = new Uint32Array(0);
  #values = new Uint32Array(0);

  constructor(newColumn: NewColumn) {
    this.#addedKeys = newColumn(8);
    this.#addedValues = newColumn(4);
  }

  add(key: number, value: number): void {
    this.#addedKeys.add(key);
    this.#addedValues.add(value);
  }

  /** To be called when all are there. Numbers of one key are put into that order, repeats in a row once. */
  close(order: (a: number, b: number) => number): void {
    this.#fillBuckets();
    const [keys, values, starts] = [this.#keys, this.#values, this.#starts];
    let count = 0;
    for (let bucket = 0; bucket + 1 < starts.length; bucket++) {
      const [from, to] = [starts.get(bucket), starts.get(bucket + 1)];
      const [ownKeys, ownValues] = [keys.slice(from, to), values.slice(from, to)];
      const entries = countTo(ownKeys.length);
      entries.sort((a, b) => (ownKeys[a] ?? 0) - (ownKeys[b] ?? 0) || order(ownValues[a] ?? 0, ownValues[b] ?? 0) || a - b);
      const first = count;
      starts.set(bucket, first);
      for (const entry of entries) {
        const [key, value] = [ownKeys[entry] ?? 0, ownValues[entry] ?? 0];
        if (count > first && keys[count - 1] === key && values[count - 1] === value) continue;
        keys[count] = key;
        values[count++] = value;
      }
    }
    starts.set(starts.length - 1, count);
  }

  /** Bucket by bucket, in each as they came. */
  #fillBuckets(): void {
    const [keys, values] = [this.#addedKeys, this.#addedValues];
    const buckets = Math.max(1, Math.ceil(keys.length / BUCKET));
    this.#starts.set(buckets - 1, 0);
    this.#keys = new Uint32Array(keys.length);
    this.#values = new Uint32Array(keys.length);
    sortIntoBuckets(
      keys.length,
      (entry) => keys.get(entry) % buckets,
      this.#starts,
      (entry, place) => {
        this.#keys[place] = keys.get(entry) >>> 0;
        this.#values[place] = values.get(entry);
      },
    );
    keys.clear();
    values.clear();
  }

  /** Borrowed. */
  of(key: number): Uint32Array {
    const bucket = key % (this.#starts.length - 1);
    const low = key >>> 0;
    const begin = this.#starts.get(bucket);
    const length = this.#starts.get(bucket + 1) - begin;
    const from = partitionPoint(length, (at) => (this.#keys[begin + at] ?? 0) < low);
    const to = partitionPoint(length, (at) => (this.#keys[begin + at] ?? 0) <= low);
    return this.#values.subarray(begin + from, begin + to);
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
