import type { LogLine, MailLog } from '../model/maillog.ts';
import type { CapturedList, Pair, PairingResult } from '../model/pairing.ts';
import type { NewShelf } from '../model/octet-store.ts';
import type { Site } from '../model/settings.ts';
import { SECOND_US } from '../model/units.ts';
import { identifyAppliance } from './appliance.ts';
import { findBalancers } from './balancers.ts';
import { CapturedTable } from './captured-table.ts';
import { describeCaptured } from './captured-traits.ts';
import { cautionOf, describeClock, mapClocks, type ApplianceClock } from './clock.ts';
import { findZones, readInstant, type LogZones } from './log-zones.ts';
import { LoggedTable } from './logged-table.ts';
import { describeDelivery, describeInjection } from './logged-traits.ts';
import { pairAppliance, type AppliancePairs } from './pair-appliance.ts';
import { settleClaims } from './claims.ts';
import { Fates, listSessions } from './sessions.ts';
import type { ChosenTraits } from './traits-list.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';

/** What is to be joined. Captured sessions of all vantage points may be given; those of the appliance are joined with the log. */
export interface PairingInput {
  readonly captured: CapturedList;
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
  const vantage = vantageOf(captured);
  const ours = seenFrom(captured, vantage);
  const identity = identifyAppliance(ours, log, site, vantage === APPLIANCE_VANTAGE);
  const addresses = new Set(identity.addresses);
  const table = new CapturedTable(ours, newShelf);
  for (const session of ours) table.add(describeCaptured(session, addresses));
  const traits = table.all.sorted(byBeginning);
  const balancers = findBalancers(site.balancers, traits, log);
  const caveats: string[] = [];
  const { fromUs, toUs } = table.span;
  const zones = log ? findZones(log, site.logTimeZone) : null;
  caveats.push(...(zones?.caveats ?? []));
  const logTable = describeLog(log, zones, fromUs, toUs, newShelf);
  const logged = logTable.all;
  const fates = new Fates(traits.length, logged.length, newShelf<Pair>());
  const clocks: ApplianceClock[] = [];
  const results = settleClaims(
    byAppliance(logged).map(([appliance, sessions]) => ({ appliance, sessions, isZoneKnown: zones?.isKnown(appliance) ?? false })),
    traits,
    ({ appliance, sessions }, open) => pairGroup(appliance, sessions, open, zones, balancers, site),
  );
  for (const { appliance, sessions, result } of results) {
    caveats.push(...result.caveats);
    fates.join(result);
    if (!result.clock || !zones) continue;
    const [first] = traits;
    const inputs = { log: sessions.at(0).input, capture: first?.session.connection.segments.at(0).input ?? 0 };
    const clock = describeClock(appliance, result.clock, result.decisions.length, zones, inputs, givenOffsetOf(site));
    clocks.push(clock);
    const caution = cautionOf(clock);
    if (caution !== null) caveats.push(caution);
  }
  for (const { result } of results) fates.doubt(result);
  table.forgetDetails();
  logTable.forgetDetails();
  const applianceOf = (input: number): string | null => {
    const file = log?.files.find((candidate) => candidate.input === input);
    return file?.appliances.find((appliance) => clocks.some((clock) => clock.appliance === appliance)) ?? file?.appliances[0] ?? null;
  };
  return {
    sessions: listSessions({ captured: traits, logged, fates, log }),
    clock: mapClocks(clocks, zones, applianceOf, fromUs, toUs),
    estimates: clocks.map((clock) => clock.estimate),
    applianceAddresses: identity.addresses,
    applianceBasis: identity.basis,
    balancers,
    caveats: [...new Set(caveats)],
  };
}

/** The appliance's where anything was captured there. */
function vantageOf(captured: CapturedList): string {
  for (const { connection } of captured) if (connection.vantage === APPLIANCE_VANTAGE) return APPLIANCE_VANTAGE;
  const [first] = captured;
  return first?.connection.vantage ?? APPLIANCE_VANTAGE;
}

/** Those of one vantage point: usually all. */
function seenFrom(captured: CapturedList, vantage: string): CapturedList {
  const places: number[] = [];
  let place = 0;
  for (const { connection } of captured) {
    if (connection.vantage === vantage) places.push(place);
    place++;
  }
  return places.length === place ? captured : places.flatMap((at) => captured.at(at) ?? []);
}

function pairGroup(
  appliance: string,
  sessions: ChosenTraits<LoggedSession>,
  traits: ChosenTraits<CapturedTraits>,
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
function describeLog(log: MailLog | null, zones: LogZones | null, fromUs: number, toUs: number, newShelf: NewShelf): LoggedTable {
  const table = new LoggedTable(log ? log.injections.length + log.deliveries.length : 0, newShelf);
  if (!log || !zones) return table;
  const at = (line: LogLine): number => readInstant(zones.of(line.ref.input), line.atUs, fromUs, toUs);
  let place = 0;
  for (const history of log.injections) {
    if (history.icid !== 0) table.add(describeInjection(history, place, log, at));
    place++;
  }
  place = 0;
  for (const history of log.deliveries) {
    if (history.dcid !== 0) table.add(describeDelivery(history, place, log, at));
    place++;
  }
  return table;
}

function byAppliance(logged: ChosenTraits<LoggedSession>): [string, ChosenTraits<LoggedSession>][] {
  const appliances = new Set<string>();
  for (const session of logged) appliances.add(session.appliance);
  return [...appliances].map((appliance) => [appliance, appliances.size === 1 ? logged : logged.filter((session) => session.appliance === appliance)]);
}

function byBeginning(a: CapturedTraits, b: CapturedTraits): number {
  return a.firstUs - b.firstUs || a.session.connection.stream - b.session.connection.stream;
}
