import type { NumberColumn } from '../model/number-column.ts';
import type { AcceptOrder } from './accept-order.ts';
import { sortIntoBuckets } from './buckets.ts';
import type { CandidateTable } from './candidate-table.ts';
import { LEAST_POINTS, type Candidate } from './candidates.ts';
import type { Decisions } from './decisions.ts';
import type { RowLists } from './row-lists.ts';

/** The candidates that are still open. An entry is a row's place in the lists; log sessions are named by numbers of its own. */
export class Pool {
  readonly #table: CandidateTable;
  readonly #lists: RowLists;
  /** By entry. */
  readonly #listOf: NumberColumn;
  readonly #loggedOf: NumberColumn;
  /** The entries of each log session: where they begin, and which they are. */
  readonly #loggedStarts: NumberColumn;
  readonly #loggedEntries: NumberColumn;
  /** 1 for lists that are not open any more. */
  readonly #isClosed: NumberColumn;
  /** 1 for log sessions that are not free any more. */
  readonly #isGiven: NumberColumn;

  constructor(table: CandidateTable, lists: RowLists) {
    const { newColumn } = table;
    this.#table = table;
    this.#lists = lists;
    this.#listOf = newColumn(4);
    this.#isClosed = newColumn(1);
    for (let list = 0; list < lists.length; list++) {
      const [from, to] = [lists.fromOf(list), lists.toOf(list)];
      for (let entry = from; entry < to; entry++) this.#listOf.add(list);
      this.#isClosed.add(to > from ? 0 : 1);
    }
    this.#loggedOf = numberLogged(table, lists.rows);
    this.#isGiven = newColumn(1);
    this.#loggedStarts = newColumn(4);
    this.#loggedEntries = newColumn(4);
    sortIntoBuckets(
      lists.rows.length,
      (entry) => this.#loggedOf.get(entry),
      this.#loggedStarts,
      (entry, place) => this.#loggedEntries.set(place, entry),
    );
  }

  #isOpen(list: number): boolean {
    return this.#isClosed.get(list) === 0;
  }

  #isFree(logged: number): boolean {
    return this.#isGiven.get(logged) === 0;
  }

  #worthOf(entry: number): number {
    return this.#table.worthOf(this.#lists.rows.get(entry));
  }

  /** Entries of a log session; none where it was given away. */
  *#entriesOf(logged: number): Generator<number> {
    if (!this.#isFree(logged)) return;
    const to = this.#loggedStarts.get(logged + 1);
    for (let at = this.#loggedStarts.get(logged); at < to; at++) yield this.#loggedEntries.get(at);
  }

  /** Takes every pair that beats its rivals on both sides by `margin`; what it frees may make others plain, so it looks again at those. */
  takePlain(margin: number, decisions: Decisions): void {
    let again = new Set<number>();
    const look = (list: number): void => {
      const plain = this.#isOpen(list) ? this.#plainOf(list, margin) : null;
      if (!plain) return;
      this.#isClosed.set(list, 1);
      decisions.add(this.#lists.rows.get(plain.entry), plain.margin);
      const logged = this.#loggedOf.get(plain.entry);
      this.#noteRivals(logged, again);
      const to = this.#lists.toOf(list);
      for (let other = this.#lists.fromOf(list); other < to; other++) this.#noteRivals(this.#loggedOf.get(other), again);
      this.#isGiven.set(logged, 1);
    };
    for (let list = 0; list < this.#lists.length; list++) look(list);
    while (again.size > 0) {
      const waiting = again;
      again = new Set();
      for (const list of waiting) look(list);
    }
  }

  /** Lists that are open and have a candidate for the log session. */
  #noteRivals(logged: number, noted: Set<number>): void {
    for (const entry of this.#entriesOf(logged)) {
      const list = this.#listOf.get(entry);
      if (this.#isOpen(list)) noted.add(list);
    }
  }

  #plainOf(list: number, margin: number): { readonly entry: number; readonly margin: number } | null {
    let best = -1;
    let most = -Infinity;
    let rival = -Infinity;
    const to = this.#lists.toOf(list);
    for (let entry = this.#lists.fromOf(list); entry < to; entry++) {
      if (!this.#isFree(this.#loggedOf.get(entry))) continue;
      const worth = this.#worthOf(entry);
      rival = Math.max(rival, Math.min(most, worth));
      if (worth <= most) continue;
      best = entry;
      most = worth;
    }
    if (most < LEAST_POINTS) return null;
    for (const other of this.#entriesOf(this.#loggedOf.get(best))) {
      if (other !== best && this.#isOpen(this.#listOf.get(other))) rival = Math.max(rival, this.#worthOf(other));
    }
    const ahead = most - rival;
    return ahead >= margin ? { entry: best, margin: ahead } : null;
  }

  #openOf(list: number): number[] {
    const open: number[] = [];
    if (!this.#isOpen(list)) return open;
    const to = this.#lists.toOf(list);
    for (let entry = this.#lists.fromOf(list); entry < to; entry++) if (this.#isFree(this.#loggedOf.get(entry))) open.push(entry);
    return open;
  }

  addOrder(order: AcceptOrder): void {
    for (let entry = 0; entry < this.#listOf.length; entry++) {
      if (!this.#isOpen(this.#listOf.get(entry))) continue;
      const row = this.#lists.rows.get(entry);
      const { captured, logged } = this.#table.pairAt(row);
      this.#table.setOrderPoints(row, order.weigh(captured, logged));
    }
  }

  /** Sessions that hang together by open candidates, group by group. */
  *groups(): Generator<Candidate[]> {
    const seen = new Uint8Array(this.#lists.length);
    for (let start = 0; start < seen.length; start++) {
      if (seen[start] === 1 || !this.#isOpen(start)) continue;
      seen[start] = 1;
      const group: Candidate[] = [];
      const queue = [start];
      for (let list = queue.pop(); list !== undefined; list = queue.pop()) {
        for (const entry of this.#openOf(list)) {
          if (this.#worthOf(entry) < LEAST_POINTS) continue;
          group.push(this.#table.at(this.#lists.rows.get(entry)));
          for (const other of this.#entriesOf(this.#loggedOf.get(entry))) {
            const further = this.#listOf.get(other);
            if (seen[further] === 1 || !this.#isOpen(further)) continue;
            seen[further] = 1;
            queue.push(further);
          }
        }
      }
      if (group.length > 0) yield group;
    }
  }
}

/** The log sessions of the rows, numbered from 0. */
function numberLogged(table: CandidateTable, rows: NumberColumn): NumberColumn {
  const numbers = table.newColumn(4);
  // Counted from 1.
  const known = table.newColumn(4);
  let count = 0;
  for (const row of rows) {
    const logged = table.loggedOf(row);
    if (known.get(logged) === 0) known.set(logged, ++count);
    numbers.add(known.get(logged) - 1);
  }
  return numbers;
}
