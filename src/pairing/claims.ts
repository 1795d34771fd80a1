import { worth, type Candidate } from './candidates.ts';
import type { AppliancePairs } from './pair-appliance.ts';
import { penaltyOf } from './plausible.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';

/** The log of one appliance. */
export interface ApplianceLog {
  readonly appliance: string;
  readonly sessions: readonly LoggedSession[];
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
export function settleClaims(
  logs: readonly ApplianceLog[],
  captured: readonly CapturedTraits[],
  pairOne: (log: ApplianceLog, captured: readonly CapturedTraits[]) => AppliancePairs,
): SettledLog[] {
  const first = byPairs(logs.map((log) => ({ ...log, result: pairOne(log, captured) })));
  const owners = new Map<CapturedTraits, { readonly log: SettledLog; readonly points: number }>();
  for (const log of first) {
    for (const { candidate } of log.result.decisions) {
      const points = pointsOf(candidate, log);
      const owner = owners.get(candidate.captured);
      if (!owner || points > owner.points) owners.set(candidate.captured, { log, points });
    }
  }
  const settled = first.map((log): SettledLog => {
    const lost = log.result.decisions.some(({ candidate }) => owners.get(candidate.captured)?.log !== log);
    if (!lost) return log;
    const open = captured.filter((one) => (owners.get(one)?.log ?? log) === log);
    return { ...log, result: pairOne(log, open) };
  });
  return byPairs(settled);
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
