import type { Steps } from '../model/steps.ts';
import { worth, type Candidate } from './candidates.ts';
import type { AppliancePairs } from './pair-appliance.ts';
import { penaltyOf } from './plausible.ts';
import type { LogIndex } from './log-index.ts';
import type { ChosenTraits } from './traits-list.ts';
import type { CapturedTraits } from './traits.ts';

/** The log of one appliance. */
export interface ApplianceLog {
  readonly appliance: string;
  readonly index: LogIndex;
  readonly isZoneKnown: boolean;
}

/** A log with what it was joined with. */
export interface SettledLog extends ApplianceLog {
  readonly result: AppliancePairs;
}

/** Less than a MID in the reply, more than anything else that two appliances' logs differ in. */
const OTHER_LOCAL_ADDRESS = -25;

/**
 * Pairs every appliance's log and settles which log has a captured session that several claim: numbers, envelopes and clients may be the same in all of
 * them, but the captured server address, the end of the session and a plausible clock are those of one. A log that lost claims is paired once more without
 * what it lost, so that its clock does not rest on it. Logs with most pairs come first.
 */
export function* settleClaims(
  logs: readonly ApplianceLog[],
  captured: ChosenTraits<CapturedTraits>,
  pairOne: (log: ApplianceLog, captured: ChosenTraits<CapturedTraits>) => Steps<AppliancePairs>,
): Steps<SettledLog[]> {
  const paired: SettledLog[] = [];
  for (const log of logs) paired.push({ ...log, result: yield* pairOne(log, captured) });
  const first = byPairs(paired);
  if (first.length < 2) return first;
  // By index of the captured session: the place of the log that has it, counted from 1, and what speaks for that.
  const owners = new Uint32Array(captured.length);
  const best = new Float64Array(captured.length);
  for (const [place, log] of first.entries()) {
    for (const candidate of candidatesOf(log)) {
      const { index } = candidate.captured;
      const points = pointsOf(candidate, log);
      if (owners[index] !== 0 && points <= (best[index] ?? 0)) continue;
      owners[index] = place + 1;
      best[index] = points;
    }
  }
  const settled: SettledLog[] = [];
  for (const [place, log] of first.entries()) {
    const isLost = (index: number): boolean => owners[index] !== 0 && owners[index] !== place + 1;
    const { table, decisions } = log.result;
    if (table === null || !someOf(decisions.rows, (row) => isLost(table.capturedOf(row)))) {
      settled.push(log);
      continue;
    }
    const open = captured.filter((_, index) => !isLost(index));
    settled.push({ ...log, result: yield* pairOne(log, open) });
  }
  return byPairs(settled);
}

function someOf(rows: Iterable<number>, fits: (row: number) => boolean): boolean {
  for (const row of rows) if (fits(row)) return true;
  return false;
}

function* candidatesOf({ result: { table, decisions } }: SettledLog): Generator<Candidate> {
  if (table !== null) for (const row of decisions.rows) yield table.at(row);
}

function byPairs(logs: readonly SettledLog[]): SettledLog[] {
  return [...logs].sort((a, b) => b.result.decisions.length - a.result.decisions.length || (a.appliance < b.appliance ? -1 : 1));
}

/** What speaks for a claim. A clock that is far off makes it less likely than another log's whose clock is right. */
function pointsOf(candidate: Candidate, { result: { clock }, isZoneKnown }: SettledLog): number {
  const { captured, logged } = candidate;
  const localIp = logged.kind === 'icid' ? captured.responderIp : captured.originatorIp;
  const local = logged.localIp === null || logged.localIp === localIp ? 0 : OTHER_LOCAL_ADDRESS;
  return worth(candidate) + local - (clock === null ? 0 : penaltyOf(clock.offsetUs, isZoneKnown));
}
