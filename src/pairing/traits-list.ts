import type { TraitsList } from './traits.ts';

/** Some of the sessions of a table, in an order of its own. */
export class ChosenTraits<T> implements TraitsList<T> {
  readonly #of: (index: number) => T;
  readonly #indexes: Uint32Array;

  constructor(of: (index: number) => T, indexes: Uint32Array) {
    this.#of = of;
    this.#indexes = indexes;
  }

  get length(): number {
    return this.#indexes.length;
  }

  at(place: number): T {
    return this.#of(this.#indexes[place] ?? 0);
  }

  of(index: number): T {
    return this.#of(index);
  }

  *[Symbol.iterator](): Generator<T> {
    for (const index of this.#indexes) yield this.#of(index);
  }

  /** Those that fit, in the same order. */
  filter(fits: (one: T, index: number) => boolean): ChosenTraits<T> {
    return new ChosenTraits(
      this.#of,
      this.#indexes.filter((index) => fits(this.#of(index), index)),
    );
  }

  /** In another order, equals as they were. */
  sorted(compare: (a: T, b: T) => number): ChosenTraits<T> {
    return new ChosenTraits(
      this.#of,
      this.#indexes.toSorted((a, b) => compare(this.#of(a), this.#of(b)) || a - b),
    );
  }
}

export function countTo(count: number): Uint32Array {
  return new Uint32Array(count).map((_, at) => at);
}
