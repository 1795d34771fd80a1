import { acceptedBefore } from './accept-order.ts';
import { LEAST_POINTS, worth, type Candidate } from './candidates.ts';
import { assign, FORBIDDEN } from './hungarian.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';

/** Below this the second-best way is as good as the best one. */
export const LEAST_MARGIN = 2.5;
/** An ICID order against the order of accepting costs so much for each two sessions. */
export const INVERSION = 3;

/** The column of each row; columns beyond the log sessions mean no partner. */
interface Solution {
  readonly columns: Int32Array;
}

/** One entangled group: captured sessions by log sessions, each captured one with the way out of having no partner. */
export class Matrix {
  readonly #rows: readonly CapturedTraits[];
  readonly #columns: readonly LoggedSession[];
  readonly #cells: (Candidate | null)[];
  readonly #cost: Float64Array;
  readonly #width: number;

  constructor(group: readonly Candidate[], rows: readonly CapturedTraits[], columns: readonly LoggedSession[]) {
    this.#rows = rows;
    this.#columns = columns;
    this.#width = columns.length + rows.length;
    this.#cells = Array.from({ length: rows.length * columns.length }, () => null);
    this.#cost = new Float64Array(rows.length * this.#width).fill(FORBIDDEN);
    const rowOf = new Map(rows.map((captured, row) => [captured.index, row]));
    const columnOf = new Map(columns.map((logged, column) => [logged.index, column]));
    for (const candidate of group) {
      const row = rowOf.get(candidate.captured.index) ?? 0;
      const column = columnOf.get(candidate.logged.index) ?? 0;
      this.#cells[row * columns.length + column] = candidate;
      this.#cost[row * this.#width + column] = LEAST_POINTS - worth(candidate);
    }
    for (let row = 0; row < rows.length; row++) this.#cost[row * this.#width + columns.length + row] = 0;
  }

  candidateAt(row: number, column: number): Candidate | null {
    return column < 0 || column >= this.#columns.length ? null : (this.#cells[row * this.#columns.length + column] ?? null);
  }

  /** The cheapest assignment, put into accepting order wherever that costs less than the disorder. */
  solve(): Solution {
    const free = assign(this.#cost, this.#rows.length, this.#width);
    const orderly = this.#inOrder();
    const columns = this.#price(orderly) <= this.#price(free) ? orderly : free;
    for (let changed = true, rounds = 0; changed && rounds < this.#rows.length; rounds++) {
      changed = false;
      const now = this.#price(columns);
      for (let a = 0; a < columns.length && !changed; a++) {
        for (let b = a + 1; b < columns.length && !changed; b++) {
          const swapped = this.#swap(columns, a, b);
          if (!swapped || this.#price(swapped) >= now - 1e-9) continue;
          columns.set(swapped);
          changed = true;
        }
      }
    }
    return { columns };
  }

  /** By how much the solution beats the best one in which `row` has another partner, and who the partners in close ones are; `inversion` prices disorder. */
  rivalry(row: number, solution: Solution, inversion: number): { margin: number; rivals: Candidate[] } {
    let margin = Infinity;
    const rivals: Candidate[] = [];
    const cost = this.#price(solution.columns, inversion);
    const consider = (columns: Int32Array): void => {
      if (columns[row] === solution.columns[row]) return;
      const extra = this.#price(columns, inversion) - cost;
      margin = Math.min(margin, extra);
      if (extra >= LEAST_MARGIN) return;
      const other = this.candidateAt(row, columns[row] ?? -1);
      if (other) rivals.push(other);
    };
    for (let other = 0; other < this.#rows.length; other++) {
      if (other !== row) {
        const swapped = this.#swap(solution.columns, row, other);
        if (swapped) consider(swapped);
      }
    }
    // The cheapest ways without this pair: any, and the one that keeps the order (a whole run may be shifted by one).
    const cell = row * this.#width + (solution.columns[row] ?? 0);
    const kept = this.#cost[cell] ?? FORBIDDEN;
    this.#cost[cell] = FORBIDDEN;
    const others = [assign(this.#cost, this.#rows.length, this.#width), this.#inOrder()];
    this.#cost[cell] = kept;
    for (const other of others) consider(other);
    return { margin, rivals };
  }

  /** The cheapest assignment in which both sides keep their order, by dynamic programming. */
  #inOrder(): Int32Array {
    const [rows, columns] = [this.#rows.length, this.#columns.length];
    // best[row][column]: the least cost of the rows from `row` on with the columns from `column` on.
    const best = new Float64Array((rows + 1) * (columns + 1));
    const at = (row: number, column: number): number => best[row * (columns + 1) + column] ?? 0;
    const alone = (row: number): number => this.#cost[row * this.#width + columns + row] ?? FORBIDDEN;
    const paired = (row: number, column: number): number => (this.#cost[row * this.#width + column] ?? FORBIDDEN) + at(row + 1, column + 1);
    for (let row = rows - 1; row >= 0; row--) {
      best[row * (columns + 1) + columns] = alone(row) + at(row + 1, columns);
      for (let column = columns - 1; column >= 0; column--) {
        best[row * (columns + 1) + column] = Math.min(alone(row) + at(row + 1, column), at(row, column + 1), paired(row, column));
      }
    }
    const found = new Int32Array(rows);
    for (let row = 0, column = 0; row < rows; row++) {
      while (column < columns && at(row, column) === at(row, column + 1)) column++;
      const isPaired = column < columns && at(row, column) === paired(row, column);
      found[row] = isPaired ? column : columns + row;
      if (isPaired) column++;
    }
    return found;
  }

  #swap(columns: Int32Array, a: number, b: number): Int32Array | null {
    const toA = columns[b] ?? -1;
    const toB = columns[a] ?? -1;
    const own = (row: number, column: number): number => (column >= this.#columns.length ? this.#columns.length + row : column);
    const swapped = columns.slice();
    swapped[a] = own(a, toA);
    swapped[b] = own(b, toB);
    if (swapped[a] === columns[a] && swapped[b] === columns[b]) return null;
    const cost = (row: number): number => this.#cost[row * this.#width + (swapped[row] ?? 0)] ?? FORBIDDEN;
    return cost(a) >= FORBIDDEN || cost(b) >= FORBIDDEN ? null : swapped;
  }

  #price(columns: Int32Array, inversion = INVERSION): number {
    let total = 0;
    for (let row = 0; row < columns.length; row++) total += this.#cost[row * this.#width + (columns[row] ?? 0)] ?? FORBIDDEN;
    return inversion === 0 ? total : total + inversion * this.#inversions(columns);
  }

  #inversions(columns: Int32Array): number {
    let count = 0;
    for (let a = 0; a < columns.length; a++) {
      const first = this.#columns[columns[a] ?? -1];
      if (first?.kind !== 'icid') continue;
      for (let b = a + 1; b < columns.length; b++) {
        const second = this.#columns[columns[b] ?? -1];
        const [x, y] = [this.#rows[a], this.#rows[b]];
        if (second?.kind !== 'icid' || !x || !y) continue;
        if (acceptedBefore(x, y) * (first.id - second.id) < 0) count++;
      }
    }
    return count;
  }
}
