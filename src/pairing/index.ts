import type { LogLine, MailLog } from '../model/maillog.ts';
import type { CapturedSession, PairingResult, Session } from '../model/pairing.ts';
import type { NewShelf } from '../model/octet-store.ts';
import type { Site } from '../model/settings.ts';
import { SECOND_US } from '../model/units.ts';
import { identifyAppliance } from './appliance.ts';
import { findBalancers } from './balancers.ts';
import { describeCaptured } from './captured-traits.ts';
import { cautionOf, describeClock, mapClocks, type ApplianceClock } from './clock.ts';
import { findZones, readInstant, type LogZones } from './log-zones.ts';
import { TraitsKeeper } from './kept-traits.ts';
import { describeDelivery, describeInjection } from './logged-traits.ts';
import { pairAppliance, type AppliancePairs } from './pair-appliance.ts';
import { settleClaims } from './claims.ts';
import { capturedSessions, loggedSessions, type CapturedFate } from './sessions.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';

/** What is to be joined. Captured sessions of all vantage points may be given; those of the appliance are joined with the log. */
export interface PairingInput {
  readonly captured: readonly CapturedSession[];
  readonly log: MailLog | null;
  readonly site: Site;
  /** Where details are put that are looked at a few times only. */
  readonly newShelf: NewShelf;
}

/** The vantage point of a bare capture. */
const APPLIANCE_VANTAGE = 'appliance';

/**
 * Joins captured connections with the histories of the log, one to one, and the two clocks. Sessions come in order of their beginning: the captured
 * ones with what the log knows of them, then what only the log knows. Connections of other vantage points are left out: they are no sessions of their own.
 */
export function pairSessions({ captured, log, site, newShelf }: PairingInput): PairingResult {
  const own = captured.filter(({ connection }) => connection.vantage === APPLIANCE_VANTAGE);
  const vantage = own.length > 0 ? APPLIANCE_VANTAGE : (captured[0]?.connection.vantage ?? APPLIANCE_VANTAGE);
  const ours = own.length > 0 ? own : captured.filter(({ connection }) => connection.vantage === vantage);
  const identity = identifyAppliance(ours, log, site, vantage === APPLIANCE_VANTAGE);
  const addresses = new Set(identity.addresses);
  const keeper = new TraitsKeeper(newShelf);
  const traits = ours.map((session) => keeper.keepCaptured(describeCaptured(session, addresses))).sort(byBeginning);
  const balancers = findBalancers(site.balancers, traits, log);
  const caveats: string[] = [];
  const fromUs = traits.reduce((least, one) => Math.min(least, one.firstUs), Infinity);
  const toUs = traits.reduce((most, one) => Math.max(most, one.lastUs), -Infinity);
  const zones = log ? findZones(log, site.logTimeZone) : null;
  caveats.push(...(zones?.caveats ?? []));
  const logged = log && zones ? describeLog(log, zones, fromUs, toUs, keeper) : [];
  const groups = byAppliance(logged);
  const fates = new Map<CapturedTraits, CapturedFate>();
  const clocks: ApplianceClock[] = [];
  const joined = new Set<LoggedSession>();
  const results = settleClaims(
    [...groups].map(([appliance, sessions]) => ({ appliance, sessions, isZoneKnown: zones?.isKnown(appliance) ?? false })),
    traits,
    ({ appliance, sessions }, open) => pairGroup(appliance, sessions, open, zones, balancers, site),
  );
  for (const { appliance, sessions, result } of results) {
    caveats.push(...result.caveats);
    for (const decision of result.decisions) {
      if (fates.has(decision.candidate.captured)) continue;
      fates.set(decision.candidate.captured, { decision });
      joined.add(decision.candidate.logged);
    }
    if (!result.clock || !zones) continue;
    const inputs = { log: sessions[0]?.input ?? 0, capture: traits[0]?.session.connection.segments.at(0).input ?? 0 };
    const clock = describeClock(appliance, result.clock, result.decisions.length, zones, inputs, givenOffsetOf(site));
    clocks.push(clock);
    const caution = cautionOf(clock);
    if (caution !== null) caveats.push(caution);
  }
  for (const { result } of results) for (const doubt of result.doubts) if (!fates.has(doubt.captured)) fates.set(doubt.captured, { doubt });
  const applianceOf = (input: number): string | null => {
    const file = log?.files.find((candidate) => candidate.input === input);
    return file?.appliances.find((appliance) => clocks.some((clock) => clock.appliance === appliance)) ?? file?.appliances[0] ?? null;
  };
  const sessions: Session[] = [...capturedSessions(traits, fates, log), ...loggedSessions(logged, joined, log)];
  return {
    sessions,
    clock: mapClocks(clocks, zones, applianceOf, fromUs, toUs),
    estimates: clocks.map((clock) => clock.estimate),
    applianceAddresses: identity.addresses,
    applianceBasis: identity.basis,
    balancers,
    caveats: [...new Set(caveats)],
  };
}

function pairGroup(
  appliance: string,
  sessions: readonly LoggedSession[],
  traits: readonly CapturedTraits[],
  zones: LogZones | null,
  balancers: readonly string[],
  site: Site,
): AppliancePairs {
  return pairAppliance(traits, sessions, new Set(balancers), zones?.isKnown(appliance) ?? false, givenOffsetOf(site));
}

function givenOffsetOf(site: Site): number | null {
  return site.clockOffsetSeconds === null ? null : site.clockOffsetSeconds * SECOND_US;
}

/** All ICIDs and DCIDs of the log but the pseudo ones: ICID 0 is the appliance itself, DCID 0 no connection. */
function describeLog(log: MailLog, zones: LogZones, fromUs: number, toUs: number, keeper: TraitsKeeper): LoggedSession[] {
  const at = (line: LogLine): number => readInstant(zones.of(line.ref.input), line.atUs, fromUs, toUs);
  const logged: LoggedSession[] = [];
  let place = 0;
  for (const history of log.injections) {
    if (history.icid !== 0) logged.push(keeper.keepLogged(describeInjection(history, place, log, at)));
    place++;
  }
  place = 0;
  for (const history of log.deliveries) {
    if (history.dcid !== 0) logged.push(keeper.keepLogged(describeDelivery(history, place, log, at)));
    place++;
  }
  return logged;
}

function byAppliance(logged: readonly LoggedSession[]): Map<string, LoggedSession[]> {
  const groups = new Map<string, LoggedSession[]>();
  for (const session of logged) {
    const group = groups.get(session.appliance);
    if (group) group.push(session);
    else groups.set(session.appliance, [session]);
  }
  return groups;
}

function byBeginning(a: CapturedTraits, b: CapturedTraits): number {
  return a.firstUs - b.firstUs || a.session.connection.stream - b.session.connection.stream;
}
