import type { DurationUs } from '../model/units.ts';
import { AddressBook } from './addresses.ts';
import { assignPairs, type AssignmentResult, type Doubt } from './assign.ts';
import type { Decision } from './pool.ts';
import { findCandidates, findNamed, type Candidate, type CandidateSearch, type Frame } from './candidates.ts';
import type { LogIndex } from './log-index.ts';
import { accidentalFits, missRatesByName, missRatesByPairs, type MissRates } from './missing.ts';
import { NONE_PROMPT } from './events.ts';
import { learnPromptness } from './timing.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';

/** Who belongs to whom at one clock offset. */
export interface SearchOutcome extends AssignmentResult {
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
export function searchPairs(
  captured: readonly CapturedTraits[],
  index: LogIndex,
  clock: { readonly offsetUs: number; readonly uncertaintyUs: DurationUs },
  balancers: ReadonlySet<string>,
): SearchOutcome {
  const book = new AddressBook(balancers);
  const start: Frame = { ...clock, prompt: NONE_PROMPT, gaps: false, addresses: book, aliases: (ip) => book.aliases(ip) };
  const settled = settledPairs(captured, index, start);
  for (const candidate of settled) book.learn(peerOf(candidate), candidate.logged.peerIp);
  const named = missRatesByName(captured, index, clock.offsetUs);
  const gaps = named !== null && shiftRisk(named) > MOST_SHIFT;
  const frame: Frame = { ...start, prompt: learnPromptness(settled, clock.offsetUs, clock.uncertaintyUs), gaps };
  let { searches, assigned } = searchOnce(captured, index, frame, named !== null);
  // The first round shows better than the few settled pairs which lines are written at once.
  const prompt = learnPromptness(
    assigned.decisions.map((decision) => decision.candidate),
    clock.offsetUs,
    clock.uncertaintyUs,
  );
  if ([...prompt].some((kind) => !frame.prompt.has(kind))) {
    ({ searches, assigned } = searchOnce(captured, index, { ...frame, prompt: new Set([...prompt, ...frame.prompt]) }, named !== null));
  }
  const rates = named ?? missRatesByPairs(captured, index, clock.offsetUs, decidedOf(assigned.decisions));
  const { decisions, doubts } = withoutAccidents(assigned, rates, index, book);
  return {
    decisions,
    doubts: [...doubts, ...faintDoubts(searches, decisions, doubts)],
    translations: book.translations,
    crowded: searches.some((search) => search.crowded),
  };
}

function searchOnce(
  captured: readonly CapturedTraits[],
  index: LogIndex,
  frame: Frame,
  gapsAreKnown: boolean,
): { searches: CandidateSearch[]; assigned: AssignmentResult } {
  const searches = captured.map((one) => findCandidates(one, index, frame));
  const lists = withoutStrangers(searches.map((search) => search.candidates));
  const gaps = gapsAreKnown ? frame.gaps : hasOrphans(captured, lists, index, frame.offsetUs);
  return { searches, assigned: assignPairs(lists, gaps) };
}

function shiftRisk({ inLog, inCapture }: MissRates): number {
  return inLog * inCapture;
}

/** Pairs that one name settles, whatever the addresses. */
function settledPairs(captured: readonly CapturedTraits[], index: LogIndex, frame: Frame): Candidate[] {
  return captured.flatMap((one) => {
    const [best, second] = findNamed(one, index, frame);
    if (!best) return [];
    return second && second.likeness.identity === best.likeness.identity ? [] : [best];
  });
}

/** The remote address of a candidate as captured. */
function peerOf({ captured, logged }: Candidate): string {
  return logged.kind === 'icid' ? captured.originatorIp : captured.responderIp;
}

/** Leaves out pairs with differing addresses where either side has a partner with its own address. */
function withoutStrangers(lists: readonly (readonly Candidate[])[]): (readonly Candidate[])[] {
  const known = new Set<LoggedSession>();
  for (const list of lists) for (const { likeness, logged } of list) if (likeness.addressAgrees) known.add(logged);
  return lists.map((list) => {
    const mine = list.some(({ likeness }) => likeness.addressAgrees);
    const fits = ({ likeness, logged }: Candidate) => likeness.addressAgrees !== false || likeness.identity !== null || !(mine || known.has(logged));
    return list.every(fits) ? list : list.filter(fits);
  });
}

/** Whether either side has a session, in the time that both cover, that nothing on the other fits. */
function hasOrphans(captured: readonly CapturedTraits[], lists: readonly (readonly Candidate[])[], index: LogIndex, offsetUs: number): boolean {
  const wanted = new Set<unknown>();
  for (const list of lists) for (const candidate of list) wanted.add(candidate.logged).add(candidate.captured);
  const { inLog, inCapture } = missRatesByPairs(captured, index, offsetUs, wanted);
  const none = missRatesByPairs(captured, index, offsetUs, new Set<unknown>([...captured, ...index.sessions]));
  return inLog > none.inLog && inCapture > none.inCapture;
}

function decidedOf(decisions: readonly Decision[]): Set<unknown> {
  return new Set(decisions.flatMap(({ candidate }): unknown[] => [candidate.captured, candidate.logged]));
}

function isNamed({ likeness }: Candidate): boolean {
  return likeness.identity !== null || (likeness.addressAgrees === true && likeness.contentPoints >= FULL_ENVELOPE);
}

/** Points for sender and recipient. */
const FULL_ENVELOPE = 8;
/** With more sessions than this missing on both sides, a line that does not fit is no mere oddity. */
const MOST_MISSING = 1e-5;

/** Turns decisions into doubts that are too likely an accident: a crowd of sessions alike, and partners missing on both sides. */
function withoutAccidents(assigned: AssignmentResult, rates: MissRates, index: LogIndex, book: AddressBook): AssignmentResult {
  const decisions: Decision[] = [];
  const doubts: Doubt[] = [...assigned.doubts];
  const base = shiftRisk(rates);
  for (const decision of assigned.decisions) {
    const { candidate } = decision;
    if (isNamed(candidate) || (base * accidentalFits(candidate, index, book) <= MOST_RISK && (base <= MOST_MISSING || candidate.times.against === 0)))
      decisions.push(decision);
    else doubts.push({ captured: candidate.captured, rivals: [candidate] });
  }
  return { decisions, doubts };
}

/** Sessions for which only faint partners were found: they are named. */
function faintDoubts(searches: readonly CandidateSearch[], decisions: readonly Decision[], doubts: readonly Doubt[]): Doubt[] {
  const done = decidedOf(decisions);
  const doubted = new Set(doubts.map((doubt) => doubt.captured));
  return searches.flatMap(({ candidates, faint }): Doubt[] => {
    const [first] = faint;
    if (!first || candidates.length > 0 || done.has(first.captured) || doubted.has(first.captured)) return [];
    return [{ captured: first.captured, rivals: faint.filter((candidate) => !done.has(candidate.logged)).slice(0, DOUBTS_NAMED) }];
  });
}
