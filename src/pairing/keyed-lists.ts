import { partitionPoint } from '../model/bisect.ts';
import type { NewColumn, NumberColumn } from '../model/number-column.ts';
import { countTo } from './traits-list.ts';

/** Entries of a bucket, about. */
const BUCKET = 8;

/** Numbers listed under keys: eight octets each. A text is known by its hash alone, and a key by its bucket and its lowest 32 bits. */
export class KeyedLists {
  /** As they came; let go when all are there. */
  readonly #addedKeys: NumberColumn;
  readonly #addedValues: NumberColumn;
  /** Where the entries of each bucket begin, and where those of the last end. */
  #starts = new Uint32Array(2);
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
    const [keys, values] = [this.#keys, this.#values];
    let count = 0;
    for (let bucket = 0; bucket + 1 < this.#starts.length; bucket++) {
      const [from, to] = [this.#starts[bucket], this.#starts[bucket + 1]];
      const [ownKeys, ownValues] = [keys.slice(from, to), values.slice(from, to)];
      const entries = countTo(ownKeys.length);
      entries.sort((a, b) => (ownKeys[a] ?? 0) - (ownKeys[b] ?? 0) || order(ownValues[a] ?? 0, ownValues[b] ?? 0) || a - b);
      const first = count;
      this.#starts[bucket] = first;
      for (const entry of entries) {
        const [key, value] = [ownKeys[entry] ?? 0, ownValues[entry] ?? 0];
        if (count > first && keys[count - 1] === key && values[count - 1] === value) continue;
        keys[count] = key;
        values[count++] = value;
      }
    }
    this.#starts[this.#starts.length - 1] = count;
  }

  /** Bucket by bucket, in each as they came. */
  #fillBuckets(): void {
    const { length } = this.#addedKeys;
    const buckets = Math.max(1, Math.ceil(length / BUCKET));
    const starts = new Uint32Array(buckets + 1);
    const count = (bucket: number, more: number): number => (starts[bucket] = (starts[bucket] ?? 0) + more);
    for (let at = 0; at < length; at++) count(this.#addedKeys.get(at) % buckets, 1);
    // Where they end; filling from behind moves that to where they begin.
    for (let bucket = 1; bucket <= buckets; bucket++) count(bucket, starts[bucket - 1] ?? 0);
    this.#starts = starts;
    this.#keys = new Uint32Array(length);
    this.#values = new Uint32Array(length);
    for (let at = length - 1; at >= 0; at--) {
      const key = this.#addedKeys.get(at);
      const place = count(key % buckets, -1);
      this.#keys[place] = key >>> 0;
      this.#values[place] = this.#addedValues.get(at);
    }
    this.#addedKeys.clear();
    this.#addedValues.clear();
  }

  /** Borrowed. */
  of(key: number): Uint32Array {
    const bucket = key % (this.#starts.length - 1);
    const low = key >>> 0;
    const begin = this.#starts[bucket] ?? 0;
    const length = (this.#starts[bucket + 1] ?? 0) - begin;
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
