const FIRST_ROWS = 1 << 8;

/** Numbers in the order in which they came. */
export class GrowingColumn {
  readonly #make: (rows: number) => Uint32Array | Float64Array;
  #values: Uint32Array | Float64Array;
  #length = 0;

  constructor(make: (rows: number) => Uint32Array | Float64Array) {
    this.#make = make;
    this.#values = make(FIRST_ROWS);
  }

  get length(): number {
    return this.#length;
  }

  /** A copy of all values. */
  values(): Float64Array {
    return Float64Array.from(this.#values.subarray(0, this.#length));
  }

  add(value: number): void {
    if (this.#length === this.#values.length) {
      const values = this.#make(this.#length + (this.#length >> 1));
      values.set(this.#values);
      this.#values = values;
    }
    this.#values[this.#length++] = value;
  }

  get(at: number): number {
    return this.#values[at] ?? 0;
  }
}
