import { NumberColumn } from '../model/number-column.ts';

/** Pairs that were settled on: the rows of their candidates, and by how many points each beats the best other way. */
export class Decisions {
  readonly rows = new NumberColumn(4);
  readonly margins = new NumberColumn(8);
  /** By place: rows that fit as well but for the order of accepting, which alone decided against them. */
  readonly #outOrdered = new Map<number, readonly number[]>();

  get length(): number {
    return this.rows.length;
  }

  add(row: number, margin: number, outOrdered: readonly number[] = NONE): void {
    if (outOrdered.length > 0) this.#outOrdered.set(this.length, outOrdered);
    this.rows.add(row);
    this.margins.add(margin);
  }

  outOrderedAt(place: number): readonly number[] {
    return this.#outOrdered.get(place) ?? NONE;
  }
}

const NONE: readonly number[] = [];
