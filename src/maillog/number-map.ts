const CHUNK_BITS = 6;
const CHUNK = 1 << CHUNK_BITS;
const FIRST_CHUNKS = 1 << 4;

/** A map from whole numbers to numbers below 2^32. Numbers of a log run on, so that neighbours share a chunk: some six octets each. */
export class NumberMap {
  /** Where the chunk of a number begins, by what its neighbours have in common. */
  readonly #chunks = new Map<number, number>();
  #values = new Uint32Array(FIRST_CHUNKS * CHUNK);

  /** 0 where nothing was set. */
  get(key: number): number {
    const from = this.#chunks.get(Math.floor(key / CHUNK));
    return from === undefined ? 0 : (this.#values[from + (key % CHUNK)] ?? 0);
  }

  set(key: number, value: number): void {
    const common = Math.floor(key / CHUNK);
    const from = this.#chunks.get(common) ?? this.#newChunk(common);
    this.#values[from + (key % CHUNK)] = value;
  }

  #newChunk(common: number): number {
    const from = this.#chunks.size * CHUNK;
    this.#chunks.set(common, from);
    if (from + CHUNK > this.#values.length) {
      const values = new Uint32Array(this.#values.length + Math.max(CHUNK, this.#values.length >> 2));
      values.set(this.#values);
      this.#values = values;
    }
    return from;
  }
}
