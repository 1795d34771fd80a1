import { canonicalAddress } from '../model/address.ts';
import type { LogLine, MailLog } from '../model/maillog.ts';
import type { CapturedList, PairingResult } from '../model/pairing.ts';
import type { Depot } from '../model/octet-store.ts';
import type { Site } from '../model/settings.ts';
import { runSteps, type Steps } from '../model/steps.ts';
import { SECOND_US } from '../model/units.ts';
import { identifyAppliance } from './appliance.ts';
import { Callers, findBalancers } from './balancers.ts';
import { CapturedTable } from './captured-table.ts';
import { describeCaptured } from './captured-traits.ts';
import { cautionOf, describeClock, mapClocks, type ApplianceClock } from './clock.ts';
import { findZones, readInstant, type LogZones } from './log-zones.ts';
import { LoggedTable } from './logged-table.ts';
import { describeDelivery, describeInjection } from './logged-traits.ts';
import { pairAppliance } from './pair-appliance.ts';
import { settleClaims } from './claims.ts';
import { Fates, listSessions } from './sessions.ts';

export { messagesOf } from './message-list.ts';

/** What is to be joined. Captured sessions of all vantage points may be given; those of the appliance are joined with the log. */
export interface PairingInput {
  readonly captured: CapturedList;
  readonly log: MailLog | null;
  readonly site: Site;
  /** Takes what grows with the sessions, and details that are looked at a few times only. */
  readonly depot: Depot;
}

/** The vantage point of a bare capture. */
const APPLIANCE_VANTAGE = 'appliance';

/**
 * Joins captured connections with the histories of the log, one to one, and the two clocks. Sessions come in order of their beginning: the captured
 * ones with what the log knows of them, then what only the log knows. Connections of other vantage points are left out: they are no sessions of their own.
 */
export function pairSessions(input: PairingInput): PairingResult {
  return runSteps(pairInSteps(input));
}

/** The same, session by session. */
export function* pairInSteps({ captured, log, site, depot }: PairingInput): Steps<PairingResult> {
  const vantage = vantageOf(captured);
  const { table, callersOf } = yield* describeAll(captured, vantage, depot);
  const caveats: string[] = [];
  const { fromUs, toUs } = table.span;
  const zones = log ? findZones(log, site.logTimeZone) : null;
  caveats.push(...(zones?.caveats ?? []));
  const { logTable, told, loggedCallers } = yield* describeLog(log, zones, fromUs, toUs, depot);
  const identity = identifyAppliance(table, told, site, vantage === APPLIANCE_VANTAGE);
  const addresses = new Set(identity.addresses);
  table.orient(addresses);
  const traits = table.all;
  const balancers = findBalancers(site.balancers, [inboundCallers(callersOf, addresses), loggedCallers]);
  const logged = logTable.all;
  const fates = new Fates(depot);
  const clocks: ApplianceClock[] = [];
  const results = yield* settleClaims(
    logTable.indexes().map((one) => ({ ...one, isZoneKnown: zones?.isKnown(one.appliance) ?? false })),
    traits,
    ({ index, isZoneKnown }, open) => pairAppliance(open, index, new Set(balancers), isZoneKnown, givenOffsetOf(site), depot.newColumn),
  );
  for (const { appliance, index, result } of results) {
    caveats.push(...result.caveats);
    fates.join(result);
    if (!result.clock || !zones) continue;
    const [first] = traits;
    const inputs = { log: index.sessions.at(0).input, capture: first?.session.connection.segments.at(0).input ?? 0 };
    const clock = describeClock(appliance, result.clock, result.decisions.length, zones, inputs, givenOffsetOf(site));
    clocks.push(clock);
    const caution = cautionOf(clock);
    if (caution !== null) caveats.push(caution);
  }
  for (const { result } of results) fates.doubt(result);
  const sessions = listSessions({ captured: traits, logged, fates, log });
  table.forgetDetails();
  logTable.forgetDetails();
  const applianceOf = (input: number): string | null => {
    const file = log?.files.find((candidate) => candidate.input === input);
    return file?.appliances.find((appliance) => clocks.some((clock) => clock.appliance === appliance)) ?? file?.appliances[0] ?? null;
  };
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

/** The appliance's where anything was captured there. */
function vantageOf(captured: CapturedList): string {
  for (const { connection } of captured) if (connection.vantage === APPLIANCE_VANTAGE) return APPLIANCE_VANTAGE;
  const [first] = captured;
  return first?.connection.vantage ?? APPLIANCE_VANTAGE;
}

/** The captured sessions of that vantage point, and who called, by the address that was called. */
function* describeAll(captured: CapturedList, vantage: string, depot: Depot): Steps<{ table: CapturedTable; callersOf: ReadonlyMap<string, Callers> }> {
  const table = new CapturedTable(captured, depot);
  const callersOf = new Map<string, Callers>();
  let place = 0;
  for (const session of captured) {
    if (session.connection.vantage === vantage) {
      const traits = describeCaptured(session);
      table.add(place, traits);
      const { originatorIp, responderIp, heloName } = traits;
      const callers = callersOf.get(responderIp) ?? new Callers();
      callersOf.set(responderIp, callers);
      callers.note(originatorIp, heloName?.whole ? heloName.text : null, session.dialogue.xclient !== null);
    }
    place++;
    yield;
  }
  return { table, callersOf };
}

/** All but the appliance itself where it called others. */
function inboundCallers(callersOf: ReadonlyMap<string, Callers>, appliance: ReadonlySet<string>): Callers {
  const inbound = new Callers();
  for (const [called, callers] of callersOf) inbound.join(callers, (ip) => appliance.has(called) || !appliance.has(ip));
  return inbound;
}

function givenOffsetOf(site: Site): number | null {
  return site.clockOffsetSeconds === null ? null : site.clockOffsetSeconds * SECOND_US;
}

interface DescribedLog {
  readonly logTable: LoggedTable;
  /** Addresses of the appliance's interfaces. */
  readonly told: ReadonlySet<string>;
  /** By the names in the log (the SDR lines carry them). */
  readonly loggedCallers: Callers;
}

/** All ICIDs and DCIDs of the log but the pseudo ones: ICID 0 is the appliance itself, DCID 0 no connection. */
function* describeLog(log: MailLog | null, zones: LogZones | null, fromUs: number, toUs: number, depot: Depot): Steps<DescribedLog> {
  const table = new LoggedTable(depot);
  const told = new Set<string>();
  const callers = new Callers();
  const described = { logTable: table, told, loggedCallers: callers };
  if (!log || !zones) return described;
  const at = (line: LogLine): number => readInstant(zones.of(line.ref.input), line.atUs, fromUs, toUs);
  let place = 0;
  for (const history of log.injections) {
    const { localIp, peerIp, heloName } = history;
    if (localIp !== null) told.add(canonicalAddress(localIp));
    if (peerIp !== null && heloName !== null) callers.note(canonicalAddress(peerIp), heloName.toLowerCase(), false);
    if (history.icid !== 0) table.add(describeInjection(history, place, log, at));
    place++;
    yield;
  }
  place = 0;
  for (const history of log.deliveries) {
    if (history.localIp !== null) told.add(canonicalAddress(history.localIp));
    if (history.dcid !== 0) table.add(describeDelivery(history, place, log, at));
    place++;
    yield;
  }
  return described;
}
