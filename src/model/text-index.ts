import { NumberColumn } from './number-column.ts';

const FIRST_HEADS = 1 << 8;

/** Numbers by texts of which only a hash is kept, about 16 octets each: what is found may stand for another text, and has to be compared. */
export class TextIndex {
  /** By hash, the youngest row, counted from 1; 0: none. */
  #heads = new Uint32Array(FIRST_HEADS);
  /** By row, the one before in its chain. */
  readonly #before = new NumberColumn(4);
  readonly #hashes = new NumberColumn(4);
  readonly #values = new NumberColumn(4);
  #count = 0;

  add(text: string, value: number): void {
    if (this.#count === this.#heads.length) this.#grow();
    const row = ++this.#count;
    this.#hashes.set(row, hashOf(text));
    this.#values.set(row, value);
    this.#enter(row);
  }

  #enter(row: number): void {
    const slot = this.#hashes.get(row) & (this.#heads.length - 1);
    this.#before.set(row, this.#heads[slot] ?? 0);
    this.#heads[slot] = row;
  }

  #grow(): void {
    this.#heads = new Uint32Array(this.#heads.length * 2);
    for (let row = 1; row <= this.#count; row++) this.#enter(row);
  }

  /** In the order in which they were added. */
  find(text: string): number[] {
    const hash = hashOf(text);
    const found: number[] = [];
    for (let row = this.#heads[hash & (this.#heads.length - 1)] ?? 0; row > 0; row = this.#before.get(row)) {
      if (this.#hashes.get(row) === hash) found.push(this.#values.get(row));
    }
    return found.toReversed();
  }
}

/** FNV-1a, of 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // The low bits choose the place: let the high ones have a say.
  return (hash ^ (hash >>> 15)) >>> 0;
}
