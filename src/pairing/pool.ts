import type { AcceptOrder } from './accept-order.ts';
import type { CandidateTable, RowLists } from './candidate-table.ts';
import { LEAST_POINTS, type Candidate } from './candidates.ts';
import type { Decisions } from './decisions.ts';

/** With fewer candidates than this, log sessions are numbered in a map instead of an array over all. */
const FEW = 1 << 12;

/** The candidates that are still open. Lists and log sessions are named by numbers of its own. */
export class Pool {
  readonly #table: CandidateTable;
  readonly #starts: Uint32Array;
  /** By entry, list after list: its row, its list and its log session. */
  readonly #rows: Uint32Array;
  readonly #lists: Uint32Array;
  readonly #logged: Uint32Array;
  /** The entries of each log session. */
  readonly #loggedStarts: Uint32Array;
  readonly #loggedEntries: Uint32Array;
  readonly #isOpen: Uint8Array;
  readonly #isFree: Uint8Array;

  constructor(table: CandidateTable, { starts, rows }: RowLists) {
    this.#table = table;
    this.#starts = starts;
    this.#rows = rows;
    this.#lists = new Uint32Array(rows.length);
    this.#isOpen = new Uint8Array(starts.length - 1);
    for (let list = 0; list < this.#isOpen.length; list++) {
      const [from, to] = this.#rangeOf(list);
      this.#lists.fill(list, from, to);
      this.#isOpen[list] = to > from ? 1 : 0;
    }
    const { numbers, count } = numberLogged(table, rows);
    this.#logged = numbers;
    this.#isFree = new Uint8Array(count).fill(1);
    this.#loggedStarts = new Uint32Array(count + 1);
    for (const logged of numbers) this.#loggedStarts[logged + 1] = (this.#loggedStarts[logged + 1] ?? 0) + 1;
    for (let i = 0; i < count; i++) this.#loggedStarts[i + 1] = (this.#loggedStarts[i + 1] ?? 0) + (this.#loggedStarts[i] ?? 0);
    const next = this.#loggedStarts.slice();
    this.#loggedEntries = new Uint32Array(rows.length);
    for (let entry = 0; entry < numbers.length; entry++) {
      const logged = numbers[entry] ?? 0;
      const at = next[logged] ?? 0;
      this.#loggedEntries[at] = entry;
      next[logged] = at + 1;
    }
  }

  #rangeOf(list: number): [from: number, to: number] {
    return [this.#starts[list] ?? 0, this.#starts[list + 1] ?? 0];
  }

  #worthOf(entry: number): number {
    return this.#table.worthOf(this.#rows[entry] ?? 0);
  }

  #listOf(entry: number): number {
    return this.#lists[entry] ?? 0;
  }

  #loggedOf(entry: number): number {
    return this.#logged[entry] ?? 0;
  }

  /** Entries of a log session; none where it was given away. */
  #entriesOf(logged: number): Uint32Array {
    return this.#isFree[logged] === 1 ? this.#loggedEntries.subarray(this.#loggedStarts[logged], this.#loggedStarts[logged + 1]) : NONE;
  }

  /** Takes every pair that beats its rivals on both sides by `margin`; what it frees may make others plain, so it looks again at those. */
  takePlain(margin: number, decisions: Decisions): void {
    let again = new Set<number>();
    const look = (list: number): void => {
      const plain = this.#isOpen[list] === 1 ? this.#plainOf(list, margin) : null;
      if (!plain) return;
      this.#isOpen[list] = 0;
      decisions.add(this.#rows[plain.entry] ?? 0, plain.margin);
      const logged = this.#loggedOf(plain.entry);
      this.#noteRivals(logged, again);
      const [from, to] = this.#rangeOf(list);
      for (let other = from; other < to; other++) this.#noteRivals(this.#loggedOf(other), again);
      this.#isFree[logged] = 0;
    };
    for (let list = 0; list < this.#isOpen.length; list++) look(list);
    while (again.size > 0) {
      const waiting = again;
      again = new Set();
      for (const list of waiting) look(list);
    }
  }

  /** Lists that are open and have a candidate for the log session. */
  #noteRivals(logged: number, noted: Set<number>): void {
    for (const entry of this.#entriesOf(logged)) {
      const list = this.#listOf(entry);
      if (this.#isOpen[list] === 1) noted.add(list);
    }
  }

  #plainOf(list: number, margin: number): { readonly entry: number; readonly margin: number } | null {
    let best = -1;
    let most = -Infinity;
    let rival = -Infinity;
    const [from, to] = this.#rangeOf(list);
    for (let entry = from; entry < to; entry++) {
      if (this.#isFree[this.#loggedOf(entry)] !== 1) continue;
      const worth = this.#worthOf(entry);
      rival = Math.max(rival, Math.min(most, worth));
      if (worth <= most) continue;
      best = entry;
      most = worth;
    }
    if (most < LEAST_POINTS) return null;
    for (const other of this.#entriesOf(this.#loggedOf(best))) {
      if (other !== best && this.#isOpen[this.#listOf(other)] === 1) rival = Math.max(rival, this.#worthOf(other));
    }
    const ahead = most - rival;
    return ahead >= margin ? { entry: best, margin: ahead } : null;
  }

  #openOf(list: number): number[] {
    const open: number[] = [];
    if (this.#isOpen[list] !== 1) return open;
    const [from, to] = this.#rangeOf(list);
    for (let entry = from; entry < to; entry++) if (this.#isFree[this.#loggedOf(entry)] === 1) open.push(entry);
    return open;
  }

  addOrder(order: AcceptOrder): void {
    for (let entry = 0; entry < this.#rows.length; entry++) {
      if (this.#isOpen[this.#listOf(entry)] !== 1) continue;
      const row = this.#rows[entry] ?? 0;
      const { captured, logged } = this.#table.pairAt(row);
      this.#table.setOrderPoints(row, order.weigh(captured, logged));
    }
  }

  /** Sessions that hang together by open candidates, group by group. */
  *groups(): Generator<Candidate[]> {
    const seen = new Uint8Array(this.#isOpen.length);
    for (let start = 0; start < seen.length; start++) {
      if (seen[start] === 1 || this.#isOpen[start] !== 1) continue;
      const group: Candidate[] = [];
      const queue = [start];
      for (let list = queue.pop(); list !== undefined; list = queue.pop()) {
        for (const entry of this.#openOf(list)) {
          if (this.#worthOf(entry) < LEAST_POINTS) continue;
          group.push(this.#table.at(this.#rows[entry] ?? 0));
          for (const other of this.#entriesOf(this.#loggedOf(entry))) {
            const further = this.#listOf(other);
            if (seen[further] === 1 || this.#isOpen[further] !== 1) continue;
            seen[further] = 1;
            queue.push(further);
          }
        }
      }
      if (group.length > 0) yield group;
    }
  }
}

const NONE = new Uint32Array(0);

/** The log sessions of the rows, numbered from 0. */
function numberLogged(table: CandidateTable, rows: Uint32Array): { readonly numbers: Uint32Array; readonly count: number } {
  const numbers = new Uint32Array(rows.length);
  let count = 0;
  if (rows.length < FEW) {
    const known = new Map<number, number>();
    for (const [entry, row] of rows.entries()) {
      const logged = table.loggedOf(row);
      const number = known.get(logged) ?? count++;
      known.set(logged, number);
      numbers[entry] = number;
    }
    return { numbers, count };
  }
  const most = rows.reduce((last, row) => Math.max(last, table.loggedOf(row)), 0);
  const known = new Uint32Array(most + 1);
  for (let entry = 0; entry < rows.length; entry++) {
    const logged = table.loggedOf(rows[entry] ?? 0);
    if (known[logged] === 0) known[logged] = ++count;
    numbers[entry] = (known[logged] ?? 1) - 1;
  }
  return { numbers, count };
}
