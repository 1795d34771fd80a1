import { SECOND_US, type DurationUs } from '../model/units.ts';
import { AddressBook } from './addresses.ts';
import { assignPairs, type Decision, type Doubt } from './assign.ts';
import { findCandidates, type Candidate, type Frame } from './candidates.ts';
import { indexLog, type LogIndex } from './log-index.ts';
import type { OffsetSupport } from './plausible.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';
import { measureOffset, voteOffset } from './vote.ts';

/** What pairing one appliance's log with the captured sessions came to. */
export interface AppliancePairs {
  readonly decisions: readonly Decision[];
  readonly doubts: readonly Doubt[];
  /** Log clock minus capture clock, still with the zone in it where the zone is unknown. Null when nothing joins the clocks. */
  readonly clock: MeasuredOffset | null;
  readonly translations: readonly { readonly captured: string; readonly logged: readonly string[] }[];
  readonly caveats: readonly string[];
}

export interface MeasuredOffset {
  readonly offsetUs: number;
  readonly uncertaintyUs: DurationUs;
  /** Log lines that fit, and all that were compared. */
  readonly fitting: number;
  readonly lines: number;
  readonly support: OffsetSupport | null;
}

/** Pairs that are measured for the final offset; more make it no better. */
const PAIRS_MEASURED = 10_000;
/** A final offset this far from the first one makes the windows of the first search too narrow. */
const RESEARCH_US = 0.5 * SECOND_US;
/** The offset is searched with at least this much room. */
const LEAST_ROOM_US = 0.1 * SECOND_US;
/** A user's own figure is good to about this. */
const GIVEN_ROOM_US = 0.5 * SECOND_US;

/** Pairs the captured sessions with the sessions of one appliance's log. `givenOffsetUs` fixes the clock offset. */
export function pairAppliance(
  captured: readonly CapturedTraits[],
  logged: readonly LoggedSession[],
  balancers: ReadonlySet<string>,
  zoneKnown: boolean,
  givenOffsetUs: number | null,
): AppliancePairs {
  const index = indexLog(logged);
  const fixed = givenOffsetUs !== null && zoneKnown;
  const vote = fixed ? null : voteOffset(captured, index, zoneKnown);
  if (vote === 'tie') return { ...NOTHING, caveats: ['Several clock offsets between log and capture fit equally well: sessions of the two were not joined.'] };
  if (!fixed && !vote) return NOTHING;
  let offsetUs = fixed ? givenOffsetUs : (vote?.offsetUs ?? 0);
  let roomUs = fixed ? GIVEN_ROOM_US : Math.max(LEAST_ROOM_US, vote?.uncertaintyUs ?? 0);
  let outcome = searchAndAssign(captured, index, offsetUs, roomUs, balancers);
  let measured = measureOffset(alignedPairs(outcome.decisions), offsetUs);
  if (!fixed && measured && Math.abs(measured.offsetUs - offsetUs) > RESEARCH_US) {
    offsetUs = measured.offsetUs;
    roomUs = Math.max(LEAST_ROOM_US, measured.uncertaintyUs);
    outcome = searchAndAssign(captured, index, offsetUs, roomUs, balancers);
    measured = measureOffset(alignedPairs(outcome.decisions), offsetUs) ?? measured;
  }
  const clock: MeasuredOffset = {
    offsetUs: fixed ? givenOffsetUs : (measured?.offsetUs ?? offsetUs),
    uncertaintyUs: fixed ? GIVEN_ROOM_US : (measured?.uncertaintyUs ?? roomUs),
    fitting: measured?.fitting ?? 0,
    lines: measured?.lines ?? 0,
    support: vote?.support ?? null,
  };
  return { ...outcome, clock, caveats: outcome.crowded ? [CROWDED] : [] };
}

const NOTHING: AppliancePairs = { decisions: [], doubts: [], clock: null, translations: [], caveats: [] };
const CROWDED = 'So many log sessions share one address and moment that not all of them were weighed; sessions without readable content may be left unpaired.';

interface Outcome extends Pick<AppliancePairs, 'decisions' | 'doubts' | 'translations'> {
  readonly crowded: boolean;
}

function searchAndAssign(
  captured: readonly CapturedTraits[],
  index: LogIndex,
  offsetUs: number,
  uncertaintyUs: DurationUs,
  balancers: ReadonlySet<string>,
): Outcome {
  const book = new AddressBook(balancers);
  const aliases = (ip: string): readonly string[] => book.aliases(ip);
  let lists = captured.map((one) => findCandidates(one, index, { offsetUs, uncertaintyUs, prompt: false, addresses: book, aliases }));
  const settled = settledPairs(lists.map((list) => list.candidates));
  for (const candidate of settled) book.learn(peerOf(candidate), candidate.logged.peerIp);
  // What the settled pairs tell about addresses and about the log's promptness changes the weight of all others.
  if (settled.length > 0) {
    const frame: Frame = { offsetUs, uncertaintyUs, prompt: isPrompt(settled), addresses: book, aliases };
    lists = captured.map((one) => findCandidates(one, index, frame));
  }
  const candidates = withoutStrangers(lists.map((list) => list.candidates));
  const { decisions, doubts } = assignPairs(candidates, hasGaps(captured, candidates, index, offsetUs));
  return { decisions, doubts, translations: book.translations, crowded: lists.some((list) => list.crowded && list.candidates.length > 0) };
}

/** Lines of settled pairs that must have been compared before promptness is believed, and the share that must fit. */
const LINES_FOR_PROMPTNESS = 15;
const PROMPT_SHARE = 0.97;

function isPrompt(settled: readonly Candidate[]): boolean {
  let fitting = 0;
  let compared = 0;
  for (const { times } of settled) {
    fitting += times.fitting;
    compared += times.compared;
  }
  return compared >= LINES_FOR_PROMPTNESS && fitting >= compared * PROMPT_SHARE;
}

/** Leaves out pairs with differing addresses where either side has a partner with its own address. */
function withoutStrangers(lists: readonly (readonly Candidate[])[]): (readonly Candidate[])[] {
  const known = new Set<LoggedSession>();
  for (const list of lists) for (const { likeness, logged } of list) if (likeness.addressAgrees) known.add(logged);
  return lists.map((list) => {
    const mine = list.some(({ likeness }) => likeness.addressAgrees);
    return list.filter(({ likeness, logged }) => likeness.addressAgrees !== false || likeness.identity !== null || !(mine || known.has(logged)));
  });
}

/** Whether sessions are known to be missing on either side: a captured one that fits nothing, or a log session in the captured time that nothing fits. */
function hasGaps(captured: readonly CapturedTraits[], lists: readonly (readonly Candidate[])[], index: LogIndex, offsetUs: number): boolean {
  const wanted = new Set<LoggedSession>();
  for (const list of lists) for (const candidate of list) wanted.add(candidate.logged);
  if (captured.some((one, i) => one.accepted && one.direction !== 'outbound' && lists[i]?.length === 0)) return true;
  const fromUs = captured.reduce((least, one) => Math.min(least, one.firstUs), Infinity) + offsetUs;
  const toUs = captured.reduce((most, one) => Math.max(most, one.lastUs), -Infinity) + offsetUs;
  return index.sessions.some((one) => one.kind === 'icid' && one.openedUs !== null && one.openedUs >= fromUs && one.openedUs <= toUs && !wanted.has(one));
}

/** Pairs whose content leaves no doubt, whatever the addresses. */
function settledPairs(lists: readonly (readonly Candidate[])[]): Candidate[] {
  return lists.flatMap(([best, second]) => {
    if (!best || best.likeness.identity === null) return [];
    return second && second.likeness.identity === best.likeness.identity ? [] : [best];
  });
}

/** The remote address of a candidate as captured. */
function peerOf({ captured, logged }: Candidate): string {
  return logged.kind === 'icid' ? captured.originatorIp : captured.responderIp;
}

function alignedPairs(decisions: readonly Decision[]): { captured: CapturedTraits; logged: LoggedSession; alignment: readonly number[] }[] {
  const step = Math.max(1, decisions.length / PAIRS_MEASURED);
  const pairs = [];
  for (let i = 0; i < decisions.length; i += step) {
    const decision = decisions[Math.floor(i)];
    if (decision) pairs.push({ captured: decision.candidate.captured, logged: decision.candidate.logged, alignment: decision.candidate.likeness.alignment });
  }
  return pairs;
}
