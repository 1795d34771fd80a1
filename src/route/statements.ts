import type { OctetStore } from '../model/octet-store.ts';
import { RecordShelf } from '../vault/index.ts';

/** Statements held as they are: those of sessions that ended alike. */
const MOST_SHARED = 256;

/** What the verdicts say, by the place of their sessions, because messages cite it: a number each, and the texts that few sessions share on a shelf. */
export class Statements {
  readonly #shelf: RecordShelf<string>;
  /** 0: not known yet; above: number of a shared one; below: where on the shelf. */
  readonly #places: Float64Array;
  readonly #shared: string[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(length: number, store: OctetStore) {
    this.#places = new Float64Array(length);
    this.#shelf = new RecordShelf<string>(store);
  }

  keep(place: number, statement: string): void {
    if (this.#places[place] === 0) this.#places[place] = this.#numberOf(statement) ?? -1 - this.#shelf.keep(statement);
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
    const number = this.#places[place] ?? 0;
    return number < 0 ? this.#shelf.get(-1 - number) : (this.#shared[number - 1] ?? null);
  }
}
