import type { CapturedSession } from '../model/pairing.ts';
import { type ClockOffset, clockBetween, matchVantages } from '../vantage/index.ts';
import { APPLIANCE, type Vantage } from './read-vantages.ts';

/** Views of one connection, by the name of the point. */
export type Views = ReadonlyMap<string, CapturedSession>;

interface JoinedViews {
  readonly viewsOf: (captured: CapturedSession) => Views | null;
  /** Clock of the second point minus the clock of the first. */
  readonly clockOf: (first: string, second: string) => ClockOffset | null;
}

/** A connection at one point. */
function nameOf({ connection }: CapturedSession): string {
  return `${connection.vantage} ${connection.stream}`;
}

/** Which captured connections are one and the same, over all points: each is joined to the first point that has it. */
export function joinViews(vantages: readonly Vantage[]): JoinedViews {
  const groups: Map<string, CapturedSession>[] = [];
  const groupOf = new Map<string, Map<string, CapturedSession>>();
  for (const vantage of [...vantages].sort((a, b) => Number(b.name === APPLIANCE) - Number(a.name === APPLIANCE))) {
    const free = new Set<CapturedSession>(vantage.sessions);
    for (const earlier of new Set(groups.flatMap((group) => [...group.keys()]))) {
      const known = groups.filter((group) => !group.has(vantage.name)).flatMap((group) => group.get(earlier) ?? []);
      for (const { here, there } of matchVantages(known, [...free])) {
        const group = groupOf.get(nameOf(here));
        if (!group || group.has(vantage.name)) continue;
        group.set(vantage.name, there);
        groupOf.set(nameOf(there), group);
        free.delete(there);
      }
    }
    for (const session of free) {
      const group = new Map([[vantage.name, session]]);
      groups.push(group);
      groupOf.set(nameOf(session), group);
    }
  }
  const clocks = new Map<string, ClockOffset | null>();
  return {
    viewsOf: (captured) => groupOf.get(nameOf(captured)) ?? null,
    clockOf: (first, second) => {
      const key = JSON.stringify([first, second]);
      const known = clocks.get(key);
      if (known !== undefined) return known;
      const matches = groups.flatMap((group) => {
        const [there, here] = [group.get(first), group.get(second)];
        return here && there ? [{ here, there, basis: 'addresses' as const }] : [];
      });
      const clock = clockBetween(matches);
      clocks.set(key, clock);
      return clock;
    },
  };
}
