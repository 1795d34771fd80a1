import type { NumberColumn } from '../model/number-column.ts';
import type { Depot, Shelf } from '../model/octet-store.ts';

/** Statements held as they are: those of sessions that ended alike. */
const MOST_SHARED = 256;

/** What the verdicts say, by the place of their sessions, because messages cite it: a number each, and the texts that few sessions share on a shelf. */
export class Statements {
  readonly #shelf: Shelf<string>;
  /** 0: not known yet; above: number of a shared one; below: where on the shelf. */
  readonly #places: NumberColumn;
  readonly #shared: string[] = [];
  readonly #numbers = new Map<string, number>();

  constructor({ newColumn, newShelf }: Depot) {
    this.#places = newColumn(8);
    this.#shelf = newShelf<string>();
  }

  keep(place: number, statement: string): void {
    if (this.#places.get(place) === 0) this.#places.set(place, this.#numberOf(statement) ?? -1 - this.#shelf.keep(statement));
  }

  #numberOf(statement: string): number | null {
    const known = this.#numbers.get(statement);
    if (known !== undefined) return known;
    if (this.#shared.length === MOST_SHARED) return null;
    const number = this.#shared.push(statement);
    this.#numbers.set(statement, number);
    return number;
  }

  /** Null where it is not known yet. */
  at(place: number): string | null {
    const number = this.#places.get(place);
    return number < 0 ? this.#shelf.get(-1 - number) : (this.#shared[number - 1] ?? null);
  }
}
