import type { Steps } from '../model/steps.ts';
import { AcceptOrder } from './accept-order.ts';
import type { CandidateTable } from './candidate-table.ts';
import { worth, type Candidate } from './candidates.ts';
import { Decisions } from './decisions.ts';
import { INVERSION, LEAST_MARGIN, Matrix } from './matrix.ts';
import { Pool } from './pool.ts';
import { RowLists } from './row-lists.ts';

/** A captured session whose partner cannot be told. */
export interface Doubt {
  /** Its index. */
  readonly captured: number;
  /** Rows of log sessions that fit about equally well. */
  readonly rivals: readonly number[];
}

export interface AssignmentResult {
  readonly decisions: Decisions;
  readonly doubts: readonly Doubt[];
}

/** A pair that beats all others of both its sides by so much is taken before the rest is weighed as a whole. */
const PLAIN_MARGIN = 6;
/** Groups of entangled sessions up to this size are solved exactly; larger ones only as far as pairs stand out. */
const EXACT_CELLS = 4_000;
const EXACT_ROWS = 40;
const RIVALS_NAMED = 5;

/**
 * Decides which captured session is which log session, one to one, over all of them together. With `gaps` some are known to be missing on a side:
 * then the order of accepting alone decides nothing among sessions that look alike, because a run of them may just as well be shifted by one.
 */
export function* assignPairs(table: CandidateTable, lists: RowLists, gaps: boolean): Steps<AssignmentResult> {
  const pool = new Pool(table, lists);
  const decisions = new Decisions();
  pool.takePlain(PLAIN_MARGIN, decisions);
  pool.addOrder(orderOf(table, decisions));
  pool.takePlain(PLAIN_MARGIN, decisions);
  const doubts: Doubt[] = [];
  for (const group of pool.groups()) {
    decideGroup(table, group, gaps, decisions, doubts);
    yield;
  }
  return { decisions, doubts };
}

/** Pairs with a name in them, or the sender, tell in which order connections were accepted. */
function orderOf(table: CandidateTable, { rows }: Decisions): AcceptOrder {
  const [ids, times] = [new Float64Array(rows.length), new Float64Array(rows.length)];
  let count = 0;
  for (const row of rows) {
    const { captured, logged } = table.pairAt(row);
    if (logged.kind !== 'icid' || !captured.sawOpen || !(table.isNamed(row) || table.basisOf(row).includes('MAIL'))) continue;
    ids[count] = logged.id;
    times[count] = captured.acceptUs;
    count++;
  }
  return new AcceptOrder(ids.subarray(0, count), times.subarray(0, count));
}

function decideGroup(table: CandidateTable, group: readonly Candidate[], gaps: boolean, decisions: Decisions, doubts: Doubt[]): void {
  const rows = onceEach(group.map(({ captured }) => captured)).sort((a, b) => a.acceptUs - b.acceptUs);
  const columns = onceEach(group.map(({ logged }) => logged)).sort((a, b) => a.id - b.id);
  if (rows.length > EXACT_ROWS || rows.length * (columns.length + rows.length) > EXACT_CELLS) {
    decideCrowd(table, group, decisions, doubts);
    return;
  }
  const matrix = new Matrix(group, rows, columns);
  const solved = matrix.solve();
  for (const [row, captured] of rows.entries()) {
    const mine = matrix.candidateAt(row, solved.columns[row] ?? -1);
    const { margin, rivals } = matrix.rivalry(row, solved, gaps ? 0 : INVERSION);
    const fits = mine !== null && (!gaps || isClean(mine));
    if (mine && fits && margin >= LEAST_MARGIN) {
      const outOrdered = gaps ? [] : matrix.rivalry(row, solved, 0).rivals;
      decisions.add(mine.row, margin, named(outOrdered.filter((rival) => rival.logged.index !== mine.logged.index)));
    } else if (mine || rivals.length > 0) doubts.push({ captured: captured.index, rivals: named(mine ? [mine, ...rivals] : rivals) });
  }
}

/** Each session once, where it came first. */
function onceEach<T extends { readonly index: number }>(sessions: readonly T[]): T[] {
  const found = new Map<number, T>();
  for (const session of sessions) if (!found.has(session.index)) found.set(session.index, session);
  return [...found.values()];
}

/** No line lies elsewhere than it should, or the envelope itself speaks for the pair. */
function isClean({ likeness, times }: Candidate): boolean {
  return likeness.identity !== null || times.worstSeconds <= MISFIT_SECONDS || (likeness.addressAgrees === true && likeness.basis.includes('MAIL'));
}

const MISFIT_SECONDS = 0.3;

/** Too many to solve: whatever stands out is taken, the rest is doubtful. */
function decideCrowd(table: CandidateTable, group: readonly Candidate[], decisions: Decisions, doubts: Doubt[]): void {
  const lists = new Map<number, Candidate[]>();
  for (const candidate of group) {
    const list = lists.get(candidate.captured.index);
    if (list) list.push(candidate);
    else lists.set(candidate.captured.index, [candidate]);
  }
  const open = new RowLists(table.newColumn);
  for (const list of lists.values()) {
    for (const { row } of list) open.add(row);
    open.endList();
  }
  const before = decisions.length;
  new Pool(table, open).takePlain(LEAST_MARGIN + 1, decisions);
  const taken = Array.from({ length: decisions.length - before }, (_, at) => decisions.rows.get(before + at));
  const settled = new Set(taken.map((row) => table.capturedOf(row)));
  const given = new Set(taken.map((row) => table.loggedOf(row)));
  for (const [captured, list] of lists) {
    const left = list.filter(({ logged }) => !given.has(logged.index));
    if (!settled.has(captured) && left.length > 0) doubts.push({ captured, rivals: named(left) });
  }
}

/** Rows of the best ones. */
function named(candidates: readonly Candidate[]): number[] {
  const rows = new Map(candidates.map((candidate) => [candidate.row, candidate]));
  const best = [...rows.values()].sort((a, b) => worth(b) - worth(a) || a.logged.id - b.logged.id);
  return best.slice(0, RIVALS_NAMED).map(({ row }) => row);
}
