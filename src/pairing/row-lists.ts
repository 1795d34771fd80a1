import type { NewColumn, NumberColumn } from '../model/number-column.ts';

/** Rows of candidates, a list for each captured session, written one after the other. */
export class RowLists {
  /** List after list. */
  readonly rows: NumberColumn;
  /** Where in `rows` each list ends. */
  readonly #ends: NumberColumn;

  constructor(newColumn: NewColumn) {
    this.rows = newColumn(4);
    this.#ends = newColumn(4);
  }

  /** Lists that were ended. */
  get length(): number {
    return this.#ends.length;
  }

  /** To the list that is not ended yet. */
  add(row: number): void {
    this.rows.add(row);
  }

  endList(): void {
    this.#ends.add(this.rows.length);
  }

  /** Where in `rows` a list begins. */
  fromOf(list: number): number {
    return list === 0 ? 0 : this.#ends.get(list - 1);
  }

  toOf(list: number): number {
    return this.#ends.get(list);
  }

  of(list: number): number[] {
    const found: number[] = [];
    for (let at = this.fromOf(list); at < this.toOf(list); at++) found.push(this.rows.get(at));
    return found;
  }
}
