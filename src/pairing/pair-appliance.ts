import { type NewColumn, NumberColumn } from '../model/number-column.ts';
import type { Steps } from '../model/steps.ts';
import { SECOND_US, type DurationUs } from '../model/units.ts';
import type { Doubt } from './assign.ts';
import type { CandidateTable } from './candidate-table.ts';
import { Decisions } from './decisions.ts';
import type { LogIndex } from './log-index.ts';
import { nearestQuarter, type OffsetSupport } from './plausible.ts';
import { pairsOf, searchPairs, type SearchOutcome } from './search.ts';
import type { AlignedPairs } from './timing.ts';
import type { ChosenTraits } from './traits-list.ts';
import type { CapturedTraits } from './traits.ts';
import { measureOffset, voteOffset, type OffsetVote } from './vote.ts';

/** What pairing one appliance's log with the captured sessions came to. */
export interface AppliancePairs {
  /** What decisions and doubts name by row; null where nothing was weighed. */
  readonly table: CandidateTable | null;
  readonly decisions: Decisions;
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
/** With no pair at all, an offset that may be off by more than this is none. */
const MOST_DOUBT_US = 1 * SECOND_US;
/** A user's own figure is good to about this. */
const GIVEN_ROOM_US = 0.5 * SECOND_US;

/** Pairs the captured sessions with the sessions of one appliance's log. `givenOffsetUs` fixes the clock offset. */
export function* pairAppliance(
  captured: ChosenTraits<CapturedTraits>,
  index: LogIndex,
  balancers: ReadonlySet<string>,
  zoneKnown: boolean,
  givenOffsetUs: number | null,
  newColumn: NewColumn,
): Steps<AppliancePairs> {
  // A given offset leaves only the zone to be found, where that is unknown.
  const vote = givenOffsetUs !== null && zoneKnown ? null : yield* voteOffset(captured, index, zoneKnown);
  if (vote === 'tie') return { ...NOTHING, caveats: [TIE] };
  if (vote !== null && 'refusedUs' in vote) return { ...NOTHING, caveats: [describeRefusal(vote.refusedUs)] };
  const fixedUs = givenOffsetUs === null ? null : givenOffsetUs + (vote ? nearestQuarter(vote.offsetUs - givenOffsetUs) : 0);
  if (vote === null && (fixedUs === null || !zoneKnown)) return NOTHING;
  const { outcome, clock } =
    fixedUs === null && vote
      ? yield* searchAndMeasure(captured, index, vote, balancers, newColumn)
      : yield* searchAt(captured, index, fixedUs ?? 0, balancers, newColumn);
  return { ...outcome, clock, caveats: outcome.crowded ? [CROWDED] : [] };
}

interface Searched {
  readonly outcome: SearchOutcome;
  readonly clock: MeasuredOffset | null;
}

/** Pairs at an offset that is not to be argued with. */
function* searchAt(
  captured: ChosenTraits<CapturedTraits>,
  index: LogIndex,
  offsetUs: number,
  balancers: ReadonlySet<string>,
  newColumn: NewColumn,
): Steps<Searched> {
  const outcome = yield* searchPairs(captured, index, { offsetUs, uncertaintyUs: GIVEN_ROOM_US }, balancers, newColumn);
  return { outcome, clock: { offsetUs, uncertaintyUs: GIVEN_ROOM_US, fitting: 0, lines: 0, support: null } };
}

/** Pairs at the offset of the vote, measures it from the pairs, and pairs once more where the two differ much. */
function* searchAndMeasure(
  captured: ChosenTraits<CapturedTraits>,
  index: LogIndex,
  vote: OffsetVote,
  balancers: ReadonlySet<string>,
  newColumn: NewColumn,
): Steps<Searched> {
  let { offsetUs } = vote;
  let uncertaintyUs = Math.max(LEAST_ROOM_US, vote.uncertaintyUs) + vote.doubtUs;
  let outcome = yield* searchPairs(captured, index, { offsetUs, uncertaintyUs }, balancers, newColumn);
  let measured = measureOffset(alignedPairs(outcome), offsetUs);
  if (measured && Math.abs(measured.offsetUs - offsetUs) > RESEARCH_US) {
    offsetUs = measured.offsetUs;
    uncertaintyUs = Math.max(LEAST_ROOM_US, measured.uncertaintyUs) + vote.doubtUs;
    outcome = yield* searchPairs(captured, index, { offsetUs, uncertaintyUs }, balancers, newColumn);
    measured = measureOffset(alignedPairs(outcome), offsetUs) ?? measured;
  }
  // Twins that cannot be told apart still tell the time; a crowd in which nothing can be told does not.
  if (!measured && vote.doubtUs > MOST_DOUBT_US) return { outcome, clock: null };
  const { fitting, lines } = measured ?? { fitting: 0, lines: 0 };
  return {
    outcome,
    clock: { offsetUs: measured?.offsetUs ?? offsetUs, uncertaintyUs: measured?.uncertaintyUs ?? uncertaintyUs, fitting, lines, support: vote.support },
  };
}

const NOTHING: AppliancePairs = { table: null, decisions: new Decisions(), doubts: [], clock: null, translations: [], caveats: [] };
const TIE = 'Several clock offsets between log and capture fit equally well: sessions of the two were not joined.';
/** Says why envelopes that fit far apart were not believed. */
function describeRefusal(offsetUs: number): string {
  const hours = Math.abs(offsetUs) / (3600 * SECOND_US);
  const size = hours < DAYS_FROM_HOURS ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} days`;
  const side = offsetUs > 0 ? 'later' : 'earlier';
  return `Sessions of the log about ${size} ${side} resemble captured ones, but a job repeats its envelopes: nothing that cannot come again (MID in the reply, Message-ID, queue identifier) joins them, so they were left unpaired. The log may be of another time than the capture.`;
}

const DAYS_FROM_HOURS = 22;
const CROWDED = 'So many log sessions share one address and moment that not all of them were weighed; sessions without readable content may be left unpaired.';

function alignedPairs({ table, decisions: { rows } }: SearchOutcome): AlignedPairs {
  const step = Math.max(1, rows.length / PAIRS_MEASURED);
  const chosen = new NumberColumn(4);
  for (let i = 0; i < rows.length; i += step) chosen.add(rows.get(Math.floor(i)));
  return pairsOf(table, chosen);
}
