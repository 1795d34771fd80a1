import { SECOND_US } from '../model/units.ts';

/** What speaks for a clock offset. */
export interface OffsetSupport {
  /** Captured sessions that have a fitting partner at it. */
  readonly sessions: number;
  /** Those whose envelope agrees as well. */
  readonly withContent: number;
  /** Those with a Message-ID or a receiver's queue identifier. */
  readonly withMessage: number;
  /** Those whose reply names the MID. */
  readonly withMid: number;
  /** Those with something that no other session can have: the MID together with the envelope or address, or the receiver's queue identifier. */
  readonly withUnique: number;
  /** Those with a Message-ID that only one log session has. A retry hours later still has it. */
  readonly withOwnMessage: number;
  /** Most time between agreeing events of one pair, and between the agreeing sessions, in seconds. */
  readonly spreadSeconds: number;
}

/** How far an offset lies from what clocks do, from `same` (one host writes both) and `expected` (a mere drift) to `absurd`. */
type OffsetClass = 'same' | 'expected' | 'minutes' | 'zone' | 'year' | 'far' | 'absurd';

const MINUTE_US = 60 * SECOND_US;
const HOUR_US = 60 * MINUTE_US;
const DAY_US = 24 * HOUR_US;
const QUARTER_US = 15 * MINUTE_US;
/** Log and capture come from one host, or from hosts that keep the same time. */
const SAME_US = 1.5 * SECOND_US;
/** A clock that is kept at all drifts no further. */
const DRIFT_US = 2 * MINUTE_US;
/** Offsets of all zones in use: UTC-12:00 to UTC+14:00. */
const ZONE_FROM_US = -12 * HOUR_US;
const ZONE_TO_US = 14 * HOUR_US;
/** A header or a user errs by daylight saving, once or (Lord Howe's half hour aside) twice. */
const DAYLIGHT_US = 2 * HOUR_US;

export function nearestQuarter(offsetUs: number): number {
  return Math.round(offsetUs / QUARTER_US) * QUARTER_US;
}

/** The quarter of an hour nearest to an offset that is a possible zone, else 0. */
export function zonePart(offsetUs: number): number {
  const quarter = nearestQuarter(offsetUs);
  return quarter >= ZONE_FROM_US && quarter <= ZONE_TO_US ? quarter : 0;
}

function classify(offsetUs: number, zoneKnown: boolean): OffsetClass {
  const restUs = zoneKnown ? offsetUs : offsetUs - zonePart(offsetUs);
  const size = Math.abs(restUs);
  if (size <= SAME_US) return 'same';
  if (size <= DRIFT_US) return 'expected';
  if (size <= QUARTER_US) return 'minutes';
  const beside = Math.abs(size - Math.round(size / QUARTER_US) * QUARTER_US);
  if (size <= DAYLIGHT_US && beside <= DRIFT_US) return 'zone';
  if (size <= DAY_US + 2 * HOUR_US) return 'far';
  // A syslog stamp has no year; one that was guessed wrongly is off by exactly that.
  const wholeYear = [365, 366].some((days) => Math.abs(size - days * DAY_US) <= ZONE_TO_US);
  return wholeYear && beside <= DRIFT_US ? 'year' : 'absurd';
}

const PENALTIES: Readonly<Record<OffsetClass, number>> = { same: 0, expected: 1, minutes: 2.5, zone: 3.5, year: 4, far: 8, absurd: 12 };

/** Points by which an offset is disfavoured before any evidence; smaller ones rank before larger ones. */
export function penaltyOf(offsetUs: number, zoneKnown: boolean): number {
  const kind = classify(offsetUs, zoneKnown);
  const restUs = zoneKnown ? offsetUs : offsetUs - zonePart(offsetUs);
  return PENALTIES[kind] + 0.5 * Math.min(1, Math.abs(restUs) / DRIFT_US);
}

/** Whether a measured offset is more than hosts that keep the same time differ by, whatever the zone. */
export function isUnexpected({ offsetUs, support }: { readonly offsetUs: number; readonly support: OffsetSupport | null }): boolean {
  return support !== null && Math.abs(offsetUs - zonePart(offsetUs)) > SAME_US;
}

/** Whether an offset is so large that another day, or another run of the same job, is likelier than a clock that is wrong. */
export function isFar(offsetUs: number, zoneKnown: boolean): boolean {
  const kind = classify(offsetUs, zoneKnown);
  return kind === 'year' || kind === 'far' || kind === 'absurd';
}

/** Whether the support is enough for an offset that far from what is expected: an address alone proves nothing about a wild offset. */
export function isCredible(offsetUs: number, zoneKnown: boolean, support: OffsetSupport): boolean {
  const { sessions, withContent, withMessage, withMid, withUnique, withOwnMessage, spreadSeconds } = support;
  switch (classify(offsetUs, zoneKnown)) {
    case 'same':
      return sessions >= 1;
    case 'expected':
      // Without a zone, one offset in four lies so near to some zone by chance.
      return zoneKnown ? sessions >= 1 : withMid + withMessage + withContent >= 1 || sessions >= 2;
    case 'minutes':
      return withMid + withMessage + withContent >= 1 || (sessions >= 3 && spreadSeconds >= 10);
    case 'zone':
      return withMid + withMessage + withContent >= 1 || (sessions >= 2 && spreadSeconds >= 5);
    case 'year':
    case 'far':
    case 'absurd':
      // A job repeats its envelopes every day in the same rhythm, so that only what cannot come again joins another day, or far apart hours.
      return withUnique >= 1 || withOwnMessage >= 2;
    default:
      return false;
  }
}
