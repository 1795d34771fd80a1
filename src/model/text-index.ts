const FIRST_ROWS = 1 << 8;

/** Numbers by texts of which only a hash is kept, about 16 octets each: what is found may stand for another text, and has to be compared. */
export class TextIndex {
  /** By hash, the youngest row, counted from 1; 0: none. */
  #heads = new Uint32Array(FIRST_ROWS);
  #before = new Uint32Array(FIRST_ROWS);
  #hashes = new Uint32Array(FIRST_ROWS);
  #values = new Uint32Array(FIRST_ROWS);
  #count = 0;

  add(text: string, value: number): void {
    const row = ++this.#count;
    if (row === this.#values.length) this.#grow();
    this.#hashes[row] = hashOf(text);
    this.#values[row] = value;
    this.#enter(row);
  }

  #enter(row: number): void {
    const slot = (this.#hashes[row] ?? 0) & (this.#heads.length - 1);
    this.#before[row] = this.#heads[slot] ?? 0;
    this.#heads[slot] = row;
  }

  #grow(): void {
    const rows = this.#values.length * 2;
    this.#hashes = grown(this.#hashes, rows);
    this.#values = grown(this.#values, rows);
    this.#before = new Uint32Array(rows);
    this.#heads = new Uint32Array(rows);
    for (let row = 1; row < this.#count; row++) this.#enter(row);
  }

  /** In the order in which they were added. */
  find(text: string): number[] {
    const hash = hashOf(text);
    const found: number[] = [];
    for (let row = this.#heads[hash & (this.#heads.length - 1)] ?? 0; row > 0; row = this.#before[row] ?? 0) {
      if (this.#hashes[row] === hash) found.push(this.#values[row] ?? 0);
    }
    return found.toReversed();
  }
}

function grown(old: Uint32Array<ArrayBuffer>, rows: number): Uint32Array<ArrayBuffer> {
  const made = new Uint32Array(rows);
  made.set(old);
  return made;
}

/** FNV-1a, of 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // The low bits choose the place: let the high ones have a say.
  return (hash ^ (hash >>> 15)) >>> 0;
}
