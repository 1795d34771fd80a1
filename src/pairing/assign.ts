import { AcceptOrder } from './accept-order.ts';
import { worth, type Candidate } from './candidates.ts';
import { INVERSION, LEAST_MARGIN, Matrix } from './matrix.ts';
import { Pool, type Decision } from './pool.ts';
import type { CapturedTraits } from './traits.ts';

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
    if (mine && fits && margin >= LEAST_MARGIN) {
      const outOrdered = gaps ? [] : matrix.rivalry(row, solved, 0).rivals;
      decisions.push({ candidate: mine, margin, outOrdered: named(outOrdered.filter((rival) => rival.logged !== mine.logged)) });
    } else if (mine || rivals.length > 0) doubts.push({ captured, rivals: named(mine ? [mine, ...rivals] : rivals) });
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
