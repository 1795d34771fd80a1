import { AcceptOrder, acceptedBefore } from './accept-order.ts';
import { LEAST_POINTS, type Candidate } from './candidates.ts';
import { assign, FORBIDDEN } from './hungarian.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';

/** A pair that was settled on, and by how many points it beats the best other way. */
export interface Decision {
  readonly candidate: Candidate;
  readonly margin: number;
}

/** A captured session whose partner cannot be told. */
export interface Doubt {
  readonly captured: CapturedTraits;
  /** Log sessions that fit about equally well. */
  readonly rivals: readonly Candidate[];
}

export interface AssignmentResult {
  readonly decisions: readonly Decision[];
  readonly doubts: readonly Doubt[];
}

/** A pair that beats all others of both its sides by so much is taken before the rest is weighed as a whole. */
const PLAIN_MARGIN = 6;
/** Below this the second-best way is as good as the best one. */
export const LEAST_MARGIN = 2.5;
/** An ICID order against the order of accepting costs so much for each two sessions. */
const INVERSION = 3;
/** Groups of entangled sessions up to this size are solved exactly; larger ones only as far as pairs stand out. */
const EXACT_CELLS = 4_000;
const EXACT_ROWS = 40;
const RIVALS_NAMED = 5;

/**
 * Decides which captured session is which log session, one to one, over all of them together. With `gaps` some are known to be missing on a side:
 * then the order of accepting alone decides nothing among sessions that look alike, because a run of them may just as well be shifted by one.
 */
export function assignPairs(lists: readonly (readonly Candidate[])[], gaps: boolean): AssignmentResult {
  const pool = new Pool(lists);
  const decisions: Decision[] = [];
  pool.takePlain(PLAIN_MARGIN, decisions);
  const order = new AcceptOrder(decisions.filter(isAnchor).map(({ candidate }) => ({ id: candidate.logged.id, acceptUs: candidate.captured.acceptUs })));
  pool.addOrder(order);
  pool.takePlain(PLAIN_MARGIN, decisions);
  const doubts: Doubt[] = [];
  for (const group of pool.groups()) decideGroup(group, gaps, decisions, doubts);
  return { decisions, doubts };
}

function isAnchor({ candidate }: Decision): boolean {
  return candidate.logged.kind === 'icid' && candidate.captured.sawOpen && (candidate.likeness.identity !== null || candidate.likeness.basis.includes('MAIL'));
}

function worth(candidate: Candidate): number {
  return candidate.points + candidate.orderPoints;
}

/** The candidates that are still open. */
class Pool {
  readonly #byCaptured = new Map<CapturedTraits, readonly Candidate[]>();
  readonly #byLogged = new Map<LoggedSession, Candidate[]>();

  constructor(lists: readonly (readonly Candidate[])[]) {
    for (const list of lists) {
      const [first] = list;
      if (!first) continue;
      this.#byCaptured.set(first.captured, list);
      for (const candidate of list) {
        const known = this.#byLogged.get(candidate.logged);
        if (known) known.push(candidate);
        else this.#byLogged.set(candidate.logged, [candidate]);
      }
    }
  }

  /** Takes every pair that beats its rivals on both sides by `margin`; what it frees may make others plain, so it looks again at those. */
  takePlain(margin: number, decisions: Decision[]): void {
    let waiting = [...this.#byCaptured.keys()];
    while (waiting.length > 0) {
      const again = new Set<CapturedTraits>();
      for (const captured of waiting) {
        const decision = this.#plainOf(captured, margin);
        if (!decision) continue;
        decisions.push(decision);
        for (const other of this.#byLogged.get(decision.candidate.logged) ?? []) if (other.captured !== captured) again.add(other.captured);
        for (const other of this.#byCaptured.get(captured) ?? []) for (const rival of this.#byLogged.get(other.logged) ?? []) again.add(rival.captured);
        this.#byCaptured.delete(captured);
        this.#byLogged.delete(decision.candidate.logged);
      }
      waiting = [...again].filter((captured) => this.#byCaptured.has(captured));
    }
  }

  #plainOf(captured: CapturedTraits, margin: number): Decision | null {
    const open = this.#openOf(captured).sort((a, b) => worth(b) - worth(a));
    const [best, second] = open;
    if (!best || worth(best) < LEAST_POINTS) return null;
    let rival = second ? worth(second) : -Infinity;
    for (const other of this.#byLogged.get(best.logged) ?? []) {
      if (other !== best && this.#byCaptured.has(other.captured)) rival = Math.max(rival, worth(other));
    }
    const ahead = worth(best) - rival;
    return ahead >= margin ? { candidate: best, margin: ahead } : null;
  }

  #openOf(captured: CapturedTraits): Candidate[] {
    return (this.#byCaptured.get(captured) ?? []).filter((candidate) => this.#byLogged.has(candidate.logged));
  }

  addOrder(order: AcceptOrder): void {
    for (const list of this.#byCaptured.values()) for (const candidate of list) candidate.orderPoints = order.weigh(candidate.captured, candidate.logged);
  }

  /** Sessions that hang together by open candidates, group by group. */
  *groups(): Generator<Candidate[]> {
    const seen = new Set<CapturedTraits>();
    for (const start of this.#byCaptured.keys()) {
      if (seen.has(start)) continue;
      seen.add(start);
      const group: Candidate[] = [];
      const queue = [start];
      for (let captured = queue.pop(); captured; captured = queue.pop()) {
        for (const candidate of this.#openOf(captured)) {
          if (worth(candidate) < LEAST_POINTS) continue;
          group.push(candidate);
          for (const other of this.#byLogged.get(candidate.logged) ?? []) {
            if (seen.has(other.captured) || !this.#byCaptured.has(other.captured)) continue;
            seen.add(other.captured);
            queue.push(other.captured);
          }
        }
      }
      if (group.length > 0) yield group;
    }
  }
}

function decideGroup(group: readonly Candidate[], gaps: boolean, decisions: Decision[], doubts: Doubt[]): void {
  const rows = [...new Set(group.map((candidate) => candidate.captured))].sort((a, b) => a.acceptUs - b.acceptUs);
  const columns = [...new Set(group.map((candidate) => candidate.logged))].sort((a, b) => a.id - b.id);
  if (rows.length > EXACT_ROWS || rows.length * (columns.length + rows.length) > EXACT_CELLS) {
    decideCrowd(group, decisions, doubts);
    return;
  }
  const matrix = new Matrix(group, rows, columns);
  const solved = matrix.solve();
  for (const [row, captured] of rows.entries()) {
    const mine = matrix.candidateAt(row, solved.columns[row] ?? -1);
    const { margin, rivals } = matrix.rivalry(row, solved, gaps ? 0 : INVERSION);
    const fits = mine !== null && (!gaps || isClean(mine));
    if (mine && fits && margin >= LEAST_MARGIN) decisions.push({ candidate: mine, margin });
    else if (mine || rivals.length > 0) doubts.push({ captured, rivals: named(mine ? [mine, ...rivals] : rivals) });
  }
}

/** No line lies elsewhere than it should, or the envelope itself speaks for the pair. */
function isClean({ likeness, times }: Candidate): boolean {
  return likeness.identity !== null || times.worstSeconds <= MISFIT_SECONDS || (likeness.addressAgrees === true && likeness.basis.includes('MAIL'));
}

const MISFIT_SECONDS = 0.3;

/** Too many to solve: whatever stands out is taken, the rest is doubtful. */
function decideCrowd(group: readonly Candidate[], decisions: Decision[], doubts: Doubt[]): void {
  const lists = new Map<CapturedTraits, Candidate[]>();
  for (const candidate of group) {
    const list = lists.get(candidate.captured);
    if (list) list.push(candidate);
    else lists.set(candidate.captured, [candidate]);
  }
  const pool = new Pool([...lists.values()]);
  const before = decisions.length;
  pool.takePlain(LEAST_MARGIN + 1, decisions);
  const settled = new Set(decisions.slice(before).map((decision) => decision.candidate.captured));
  const taken = new Set(decisions.slice(before).map((decision) => decision.candidate.logged));
  for (const [captured, list] of lists) {
    const open = list.filter((candidate) => !taken.has(candidate.logged));
    if (!settled.has(captured) && open.length > 0) doubts.push({ captured, rivals: named(open) });
  }
}

function named(candidates: readonly Candidate[]): Candidate[] {
  return [...new Set(candidates)].sort((a, b) => worth(b) - worth(a) || a.logged.id - b.logged.id).slice(0, RIVALS_NAMED);
}

interface Solution {
  readonly columns: Int32Array;
}

/** One entangled group: captured sessions by log sessions, each captured one with the way out of having no partner. */
class Matrix {
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
    const rowOf = new Map(rows.map((captured, row) => [captured, row]));
    const columnOf = new Map(columns.map((logged, column) => [logged, column]));
    for (const candidate of group) {
      const row = rowOf.get(candidate.captured) ?? 0;
      const column = columnOf.get(candidate.logged) ?? 0;
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
    const columns = assign(this.#cost, this.#rows.length, this.#width);
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
    consider(this.#without(row, solution.columns[row] ?? 0));
    return { margin, rivals };
  }

  /** The cheapest assignment that leaves one cell out. */
  #without(row: number, column: number): Int32Array {
    const cell = row * this.#width + column;
    const kept = this.#cost[cell] ?? FORBIDDEN;
    this.#cost[cell] = FORBIDDEN;
    const columns = assign(this.#cost, this.#rows.length, this.#width);
    this.#cost[cell] = kept;
    return columns;
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
