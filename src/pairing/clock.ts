import type { ClockEstimate, ClockMap } from '../model/pairing.ts';
import { SECOND_US, type EpochUs, type WallUs } from '../model/units.ts';
import { readInstant, type LogZones } from './log-zones.ts';
import type { MeasuredOffset } from './pair-appliance.ts';
import { zonePart } from './plausible.ts';
import { fixedZone, type Zone } from './zone.ts';

/** The clock of one appliance's log against the capture. */
export interface ApplianceClock {
  readonly appliance: string;
  readonly estimate: ClockEstimate;
  /** The zone that was found out; null where the zone was known before. */
  readonly inferredZone: Zone | null;
}

/** Offsets above this are worth a sentence. */
const WORTH_SAYING_SECONDS = 2;

/** Splits what was measured into zone and offset, and words both. */
export function describeClock(
  appliance: string,
  measured: MeasuredOffset,
  pairs: number,
  zones: LogZones,
  inputs: { readonly log: number; readonly capture: number },
  givenOffsetUs: number | null,
): ApplianceClock {
  const known = zones.isKnown(appliance);
  const zoneUs = known ? 0 : zonePart(measured.offsetUs - (givenOffsetUs ?? 0));
  const inferredZone = known ? null : fixedZone(zoneUs / SECOND_US);
  const offsetSeconds = (measured.offsetUs - zoneUs) / SECOND_US;
  return {
    appliance,
    inferredZone,
    estimate: {
      logOffsetSeconds: round(offsetSeconds),
      uncertaintySeconds: round(Math.max(0.01, measured.uncertaintyUs / SECOND_US)),
      timeZone: known ? zones.nameOf(appliance) : (inferredZone?.name ?? null),
      timeZoneBasis: known
        ? zones.basisOf(appliance)
        : 'no header of the log tells its zone: the quarter of an hour nearest to the difference between log and capture was taken',
      basis: givenOffsetUs !== null ? 'given' : wordBasis(measured, pairs),
      pairs,
      log: inputs.log,
      capture: inputs.capture,
    },
  };
}

function wordBasis({ fitting, lines, support }: MeasuredOffset, pairs: number): string {
  if (pairs === 0) return `no pair is beyond doubt, but ${support?.sessions ?? 0} captured sessions have partners at this offset`;
  const parts = [`${pairs === 1 ? 'one pair' : `${pairs} pairs`} of session and log`, `${fitting} of ${lines} log lines fit`];
  if (support && support.withMid > 0) parts.push(`${support.withMid} ${support.withMid === 1 ? 'reply names its MID' : 'replies name their MID'}`);
  return parts.join('; ');
}

/** Says what an offset means that is larger than clocks usually differ. Null when there is nothing to say. */
export function cautionOf({ estimate }: ApplianceClock): string | null {
  const { logOffsetSeconds, pairs } = estimate;
  const size = Math.abs(logOffsetSeconds);
  if (size <= WORTH_SAYING_SECONDS) return null;
  const side = logOffsetSeconds > 0 ? 'ahead of' : 'behind';
  const single = pairs === 1 ? '; this rests on a single session' : '';
  return `The log's clock is ${size.toFixed(size < 100 ? 1 : 0)} s ${side} the capture's${reasonOf(size)}${single}.`;
}

/** Beyond the width of all zones (UTC-12:00 to UTC+14:00) no zone explains an offset. */
const ZONES_WIDE_SECONDS = 26 * 3600;

function reasonOf(seconds: number): string {
  if (seconds > ZONES_WIDE_SECONDS || Math.abs(seconds - DAY_SECONDS) <= BESIDE_SECONDS) {
    const days = seconds / DAY_SECONDS;
    const whole = Math.abs(days - Math.round(days)) * DAY_SECONDS <= BESIDE_SECONDS;
    const size = whole ? `${Math.round(days)} ${Math.round(days) === 1 ? 'day' : 'days'}` : `${days.toFixed(1)} days`;
    return `, which is ${size}: one of the two has a wrong date, or they are of different days`;
  }
  const hours = Math.round(seconds / 3600);
  const wholeHours = hours > 0 && Math.abs(seconds - hours * 3600) <= BESIDE_SECONDS;
  return wholeHours ? '; a whole number of hours points to the time zone or to daylight saving, not to the clock' : '';
}

const DAY_SECONDS = 86_400;
const BESIDE_SECONDS = 120;

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

/** Builds the map from log stamps to the capture's clock. A stamp is looked up by its input; `applianceOf` tells whose input that is. */
export function mapClocks(
  clocks: readonly ApplianceClock[],
  zones: LogZones | null,
  applianceOf: (input: number) => string | null,
  capturedFromUs: EpochUs,
  capturedToUs: EpochUs,
): ClockMap {
  const byAppliance = new Map(clocks.map((clock) => [clock.appliance, clock]));
  const [only] = clocks;
  const byInput = new Map<number, ApplianceClock | null>();
  const clockOf = (input: number): ApplianceClock | null => {
    const known = byInput.get(input);
    if (known !== undefined) return known;
    const found = findClock(input);
    byInput.set(input, found);
    return found;
  };
  const findClock = (input: number): ApplianceClock | null => {
    const appliance = applianceOf(input);
    const own = appliance === null ? undefined : byAppliance.get(appliance);
    // A file that names nobody (a debug log, an extract) belongs to the only appliance there is.
    return own ?? (clocks.length === 1 || appliance === null ? (only ?? null) : null);
  };
  const instant = (wallUs: WallUs, input: number, clock: ApplianceClock | null): EpochUs => {
    const zone = clock?.inferredZone ?? zones?.of(input) ?? fixedZone(0);
    const shiftUs = (clock?.estimate.logOffsetSeconds ?? 0) * SECOND_US;
    return readInstant(zone, wallUs, capturedFromUs + shiftUs, capturedToUs + shiftUs);
  };
  return {
    estimate: only?.estimate ?? null,
    toCapture(wallUs, input) {
      const clock = clockOf(input);
      return clock ? instant(wallUs, input, clock) - clock.estimate.logOffsetSeconds * SECOND_US : null;
    },
    toUtc: (wallUs, input) => instant(wallUs, input, clockOf(input)),
  };
}
