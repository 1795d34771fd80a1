import { type NewColumn, NumberColumn } from '../model/number-column.ts';
import type { Steps } from '../model/steps.ts';
import type { DurationUs } from '../model/units.ts';
import { AddressBook } from './addresses.ts';
import { assignPairs, type AssignmentResult, type Doubt } from './assign.ts';
import { Bits } from './bits.ts';
import { CandidateTable } from './candidate-table.ts';
import { findCandidates, findNamed, isSettledBy, type Candidate, type Frame } from './candidates.ts';
import { Decisions } from './decisions.ts';
import { NONE_PROMPT, type PromptKinds } from './events.ts';
import { compare } from './likeness.ts';
import type { LogIndex } from './log-index.ts';
import { accidentalFits, type Decided, missRatesByPairs, type MissRates, NamedAbsences } from './missing.ts';
import { RowLists } from './row-lists.ts';
import { type AlignedPairs, fitTimes, learnPromptness } from './timing.ts';
import type { ChosenTraits } from './traits-list.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';

/** Who belongs to whom at one clock offset. */
export interface SearchOutcome extends AssignmentResult {
  readonly table: CandidateTable;
  readonly translations: AddressBook['translations'];
  /** Not all log sessions that could be partners were weighed. */
  readonly crowded: boolean;
}

/** A pair without an identity in it is not taken when it is an accident with more than this probability. */
const MOST_RISK = 5e-5;
/** Both partners of a missing pair must be missing for a run of sessions to be shifted unseen: more likely than this, and order proves nothing. */
const MOST_SHIFT = 1e-3;
const DOUBTS_NAMED = 5;

/** Looks for partners at a known clock offset and decides; what the sure pairs tell about addresses, promptness and gaps is used for the others. */
export function* searchPairs(
  captured: ChosenTraits<CapturedTraits>,
  index: LogIndex,
  clock: { readonly offsetUs: number; readonly uncertaintyUs: DurationUs },
  balancers: ReadonlySet<string>,
  newColumn: NewColumn,
): Steps<SearchOutcome> {
  const book = new AddressBook(balancers);
  const start: Frame = { ...clock, prompt: NONE_PROMPT, gaps: false, addresses: book, aliases: (ip) => book.aliases(ip) };
  const table = new CandidateTable(captured, index.sessions, newColumn);
  const { known, prompt: promptByName, rates: named } = yield* learnFromNames(captured, index, start, book, table);
  const gaps = named !== null && shiftRisk(named) > MOST_SHIFT;
  const frame: Frame = { ...start, prompt: promptByName, gaps };
  let found = yield* searchOnce(captured, index, frame, table, known, named !== null);
  // The first round shows better than the few settled pairs which lines are written at once.
  const prompt = learnPromptness(pairsOf(table, found.decisions.rows), clock.offsetUs, clock.uncertaintyUs);
  if ([...prompt].some((kind) => !frame.prompt.has(kind))) {
    found = yield* searchOnce(captured, index, { ...frame, prompt: new Set([...prompt, ...frame.prompt]) }, table, found, named !== null);
  }
  const rates = named ?? missRatesByPairs(captured, index, clock.offsetUs, decidedOf(table, found.decisions.rows));
  const { decisions, doubts } = withoutAccidents(found, table, rates, index, frame);
  return {
    table,
    decisions,
    doubts: [...doubts, ...faintDoubts(found, table, decisions, doubts)],
    translations: book.translations,
    crowded: found.crowded,
  };
}

/** For each captured session the rows of its candidates, and, by its place, of those that would only be named. */
interface Searched {
  readonly candidates: RowLists;
  readonly faint: ReadonlyMap<number, readonly number[]>;
  /** Places of sessions for which another search would find the same. */
  readonly lasting: Bits;
}

/** What one search found. */
interface Found extends Searched, AssignmentResult {
  readonly crowded: boolean;
}

/** Looks for the partners of all but those for which what is `known` lasts. */
function* searchOnce(
  captured: ChosenTraits<CapturedTraits>,
  index: LogIndex,
  frame: Frame,
  table: CandidateTable,
  known: Searched,
  gapsAreKnown: boolean,
): Steps<Found> {
  const [candidates, faint, lasting] = [new RowLists(table.newColumn), new Map<number, readonly number[]>(), new Bits()];
  let crowded = false;
  for (let place = 0; place < captured.length; place++) {
    if (known.lasting.has(place)) {
      for (const row of known.candidates.of(place)) candidates.add(row);
      const faded = known.faint.get(place);
      if (faded) faint.set(place, faded);
      lasting.add(place);
    } else {
      const search = findCandidates(captured.at(place), index, frame);
      crowded ||= search.crowded;
      for (const candidate of search.candidates) candidates.add(table.add(candidate));
      if (search.faint.length > 0)
        faint.set(
          place,
          search.faint.map((candidate) => table.add(candidate)),
        );
      if (search.isLasting && !search.crowded) lasting.add(place);
      yield;
    }
    candidates.endList();
  }
  table.forgetOrder();
  const lists = withoutStrangers(table, candidates);
  const gaps = gapsAreKnown ? frame.gaps : hasOrphans(captured, table, lists, index, frame.offsetUs);
  return { candidates, faint, lasting, crowded, ...(yield* assignPairs(table, lists, gaps)) };
}

function shiftRisk({ inLog, inCapture }: MissRates): number {
  return inLog * inCapture;
}

const NONE_FAINT: ReadonlyMap<number, readonly number[]> = new Map();

/** What names tell before anything else is known. */
interface ByName {
  /** Sessions that a MID settles, whatever is learned. */
  readonly known: Searched;
  readonly prompt: PromptKinds;
  readonly rates: MissRates | null;
}

/** Learns from pairs that one name settles, whatever the addresses: translations, which lines are written at once, and how many sessions are missing. */
function* learnFromNames(captured: ChosenTraits<CapturedTraits>, index: LogIndex, frame: Frame, book: AddressBook, table: CandidateTable): Steps<ByName> {
  const settled = { captured: new NumberColumn(4), logged: new NumberColumn(4) };
  const known = { candidates: new RowLists(table.newColumn), faint: NONE_FAINT, lasting: new Bits() };
  let place = 0;
  const absences = new NamedAbsences(index, frame.offsetUs);
  for (const one of captured) {
    absences.note(one);
    const { candidates, isLasting } = findNamed(one, index, frame);
    if (isLasting && isSettledBy(candidates)) {
      for (const candidate of candidates) known.candidates.add(table.add(candidate));
      known.lasting.add(place);
    }
    known.candidates.endList();
    place++;
    yield;
    const [best, second] = candidates;
    if (!best || second?.likeness.identity === best.likeness.identity) continue;
    settled.captured.add(one.index);
    settled.logged.add(best.logged.index);
  }
  const at = (pair: number) => {
    const [one, logged] = [captured.of(settled.captured.get(pair)), index.sessions.of(settled.logged.get(pair))];
    return { captured: one, logged, likeness: compare(one, logged, book, index) };
  };
  const { length } = settled.captured;
  for (let pair = 0; pair < length; pair++) {
    const logged = index.sessions.of(settled.logged.get(pair));
    book.learn(peerOf(captured.of(settled.captured.get(pair)), logged), logged.peerIp);
  }
  return { known, prompt: learnPromptness({ length, at }, frame.offsetUs, frame.uncertaintyUs), rates: absences.rates(captured) };
}

/** The candidates of these rows, in their order. */
export function pairsOf(table: CandidateTable, rows: NumberColumn): AlignedPairs {
  return { length: rows.length, at: (place) => table.at(rows.get(place)) };
}

/** The remote address as captured. */
function peerOf(captured: CapturedTraits, logged: LoggedSession): string {
  return logged.kind === 'icid' ? captured.originatorIp : captured.responderIp;
}

/** Leaves out pairs with differing addresses where either side has a partner with its own address. */
function withoutStrangers(table: CandidateTable, lists: RowLists): RowLists {
  const known = new Set<number>();
  let strangers = 0;
  for (const row of lists.rows) {
    if (table.addressAgrees(row)) known.add(table.loggedOf(row));
    else strangers++;
  }
  if (strangers === 0) return lists;
  const isStranger = (row: number, list: readonly number[]): boolean => {
    const { likeness, logged } = table.at(row);
    if (likeness.addressAgrees !== false || likeness.identity !== null) return false;
    return known.has(logged.index) || list.some((other) => table.addressAgrees(other));
  };
  const chosen = new RowLists(table.newColumn);
  for (let at = 0; at < lists.length; at++) {
    const list = lists.of(at);
    for (const row of list) if (!isStranger(row, list)) chosen.add(row);
    chosen.endList();
  }
  return chosen;
}

/** Whether either side has a session, in the time that both cover, that nothing on the other fits. */
function hasOrphans(captured: ChosenTraits<CapturedTraits>, table: CandidateTable, lists: RowLists, index: LogIndex, offsetUs: number): boolean {
  const { inLog, inCapture } = missRatesByPairs(captured, index, offsetUs, decidedOf(table, lists.rows));
  const none = missRatesByPairs(captured, index, offsetUs, { captured: () => true, logged: () => true });
  return inLog > none.inLog && inCapture > none.inCapture;
}

function decidedOf(table: CandidateTable, rows: Iterable<number>): Decided {
  const [captured, logged] = [new Bits(), new Bits()];
  for (const row of rows) {
    captured.add(table.capturedOf(row));
    logged.add(table.loggedOf(row));
  }
  return { captured: (at) => captured.has(at), logged: (at) => logged.has(at) };
}

function isNamed({ likeness }: Candidate): boolean {
  return likeness.identity !== null || (likeness.addressAgrees === true && likeness.contentPoints >= FULL_ENVELOPE);
}

/** Points for sender and recipient. */
const FULL_ENVELOPE = 8;
/** With more sessions than this missing on both sides, a line that does not fit is no mere oddity. */
const MOST_MISSING = 1e-5;

/** Turns decisions into doubts that are too likely an accident: a crowd of sessions alike, and partners missing on both sides. */
function withoutAccidents(found: Found, table: CandidateTable, rates: MissRates, index: LogIndex, frame: Frame): AssignmentResult {
  const decisions = new Decisions();
  const doubts: Doubt[] = [...found.doubts];
  const base = shiftRisk(rates);
  // Of few pairs one that is wrong would speak for itself: its own late line shows that lines may be late.
  const byOthers =
    base > MOST_MISSING ? { ...frame, prompt: learnPromptness(pairsOf(table, found.decisions.rows), frame.offsetUs, frame.uncertaintyUs, 1) } : null;
  for (let place = 0; place < found.decisions.length; place++) {
    const row = found.decisions.rows.get(place);
    const candidate = table.at(row);
    if (isNamed(candidate) || (base * accidentalFits(candidate, index, frame.addresses) <= MOST_RISK && (byOthers === null || !isOdd(candidate, byOthers))))
      decisions.add(row, found.decisions.margins.get(place), found.decisions.outOrderedAt(place));
    else doubts.push({ captured: candidate.captured.index, rivals: [row] });
  }
  return { decisions, doubts };
}

/** Whether a line does not fit although its kind does with the other pairs. */
function isOdd({ captured, logged, likeness, times }: Candidate, frame: Frame): boolean {
  if (times.fitting === times.compared) return false;
  return times.against > 0 || fitTimes(captured, logged, likeness.alignment, frame).against > 0;
}

/** Sessions for which only faint partners were found: they are named. */
function faintDoubts({ candidates, faint }: Found, table: CandidateTable, { rows }: Decisions, doubts: readonly Doubt[]): Doubt[] {
  const done = decidedOf(table, rows);
  const doubted = new Set(doubts.map((doubt) => doubt.captured));
  const found: Doubt[] = [];
  for (const [list, rivals] of faint) {
    const [first] = rivals;
    if (first === undefined || candidates.toOf(list) > candidates.fromOf(list)) continue;
    const captured = table.capturedOf(first);
    if (done.captured(captured) || doubted.has(captured)) continue;
    found.push({ captured, rivals: rivals.filter((row) => !done.logged(table.loggedOf(row))).slice(0, DOUBTS_NAMED) });
  }
  return found;
}
