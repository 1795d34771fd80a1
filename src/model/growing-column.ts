const PAGE_BITS = 12;
const PAGE_VALUES = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_VALUES - 1;

type Page = Uint8Array | Uint32Array | Float64Array;

/** Numbers in the order in which they came, in pages: what grows is not copied, and the memory of what is let go fits what comes next. */
export class GrowingColumn implements Iterable<number> {
  readonly #make: () => Page;
  readonly #pages: Page[] = [];
  #length = 0;

  private constructor(make: () => Page) {
    this.#make = make;
  }

  /** Whole numbers from 0 to 255. */
  static ofOctets(): GrowingColumn {
    return new GrowingColumn(() => new Uint8Array(PAGE_VALUES));
  }

  /** Whole numbers from 0 to 2^32-1. */
  static ofWholes(): GrowingColumn {
    return new GrowingColumn(() => new Uint32Array(PAGE_VALUES));
  }

  static ofDoubles(): GrowingColumn {
    return new GrowingColumn(() => new Float64Array(PAGE_VALUES));
  }

  get length(): number {
    return this.#length;
  }

  *[Symbol.iterator](): Generator<number> {
    for (let at = 0; at < this.#length; at++) yield this.get(at);
  }

  /** A copy of all values. */
  values(): Float64Array {
    const values = new Float64Array(this.#length);
    for (const [number, page] of this.#pages.entries()) {
      const from = number * PAGE_VALUES;
      values.set(page.subarray(0, Math.min(PAGE_VALUES, this.#length - from)), from);
    }
    return values;
  }

  add(value: number): void {
    const at = this.#length++;
    if ((at & PAGE_MASK) === 0) this.#pages.push(this.#make());
    this.set(at, value);
  }

  /** Of one that was added. */
  set(at: number, value: number): void {
    const page = this.#pages[at >>> PAGE_BITS];
    if (page) page[at & PAGE_MASK] = value;
  }

  get(at: number): number {
    return this.#pages[at >>> PAGE_BITS]?.[at & PAGE_MASK] ?? 0;
  }
}
