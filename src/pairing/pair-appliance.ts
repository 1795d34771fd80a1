import { SECOND_US, type DurationUs } from '../model/units.ts';
import type { Doubt } from './assign.ts';
import type { Decision } from './pool.ts';
import { indexLog } from './log-index.ts';
import { nearestQuarter, type OffsetSupport } from './plausible.ts';
import { searchPairs } from './search.ts';
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
  // A given offset leaves only the zone to be found, where that is unknown.
  const vote = givenOffsetUs !== null && zoneKnown ? null : voteOffset(captured, index, zoneKnown);
  if (vote === 'tie') return { ...NOTHING, caveats: [TIE] };
  const fixedUs = givenOffsetUs === null ? null : givenOffsetUs + (vote ? nearestQuarter(vote.offsetUs - givenOffsetUs) : 0);
  if (vote === null && (fixedUs === null || !zoneKnown)) return NOTHING;
  let offsetUs = fixedUs ?? vote?.offsetUs ?? 0;
  let uncertaintyUs = fixedUs === null ? Math.max(LEAST_ROOM_US, vote?.uncertaintyUs ?? 0) + (vote?.doubtUs ?? 0) : GIVEN_ROOM_US;
  let outcome = searchPairs(captured, index, { offsetUs, uncertaintyUs }, balancers);
  let measured = measureOffset(alignedPairs(outcome.decisions), offsetUs);
  if (fixedUs === null && measured && Math.abs(measured.offsetUs - offsetUs) > RESEARCH_US) {
    offsetUs = measured.offsetUs;
    uncertaintyUs = Math.max(LEAST_ROOM_US, measured.uncertaintyUs) + (vote?.doubtUs ?? 0);
    outcome = searchPairs(captured, index, { offsetUs, uncertaintyUs }, balancers);
    measured = measureOffset(alignedPairs(outcome.decisions), offsetUs) ?? measured;
  }
  const clock: MeasuredOffset = {
    offsetUs: fixedUs ?? measured?.offsetUs ?? offsetUs,
    uncertaintyUs: fixedUs === null ? (measured?.uncertaintyUs ?? uncertaintyUs) : GIVEN_ROOM_US,
    fitting: measured?.fitting ?? 0,
    lines: measured?.lines ?? 0,
    support: vote?.support ?? null,
  };
  return { ...outcome, clock, caveats: outcome.crowded ? [CROWDED] : [] };
}

const NOTHING: AppliancePairs = { decisions: [], doubts: [], clock: null, translations: [], caveats: [] };
const TIE = 'Several clock offsets between log and capture fit equally well: sessions of the two were not joined.';
const CROWDED = 'So many log sessions share one address and moment that not all of them were weighed; sessions without readable content may be left unpaired.';

function alignedPairs(decisions: readonly Decision[]): { captured: CapturedTraits; logged: LoggedSession; alignment: readonly number[] }[] {
  const step = Math.max(1, decisions.length / PAIRS_MEASURED);
  const pairs = [];
  for (let i = 0; i < decisions.length; i += step) {
    const decision = decisions[Math.floor(i)];
    if (decision) pairs.push({ captured: decision.candidate.captured, logged: decision.candidate.logged, alignment: decision.candidate.likeness.alignment });
  }
  return pairs;
}
