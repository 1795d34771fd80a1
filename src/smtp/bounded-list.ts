/**
 * A list that keeps its beginning and its end. Items are named by ordinals (their index if nothing were ever dropped),
 * so that references stay valid while the middle goes; `positionOf` turns an ordinal into the index in `toArray()`.
 */
export class BoundedList<T> {
  readonly #half: number;
  readonly #head: T[] = [];
  #tail: T[] = [];
  #dropped = 0;

  constructor(limit: number) {
    this.#half = Math.max(1, limit >> 1);
  }

  /** Returns the ordinal of the new item. */
  add(item: T): number {
    const ordinal = this.length;
    if (this.#head.length < this.#half) {
      this.#head.push(item);
      return ordinal;
    }
    // The tail is cut in halves, so that each item is moved once at most on average.
    if (this.#tail.length >= 2 * this.#half) {
      this.#tail = this.#tail.slice(this.#half);
      this.#dropped += this.#half;
    }
    this.#tail.push(item);
    return ordinal;
  }

  /** Items ever added. */
  get length(): number {
    return this.#head.length + this.#dropped + this.#tail.length;
  }

  get dropped(): number {
    return this.#dropped;
  }

  last(): T | undefined {
    return this.#tail.at(-1) ?? this.#head.at(-1);
  }

  positionOf(ordinal: number): number | null {
    if (ordinal < 0) return null;
    if (ordinal < this.#head.length) return ordinal;
    const position = ordinal - this.#dropped;
    return position >= this.#head.length && ordinal < this.length ? position : null;
  }

  toArray(): T[] {
    return this.#tail.length === 0 ? this.#head : [...this.#head, ...this.#tail];
  }
}
