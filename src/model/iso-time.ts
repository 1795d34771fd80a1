import type { EpochUs } from './units.ts';

const MINUTE_US = 60_000_000;
/** The minute that was asked for last, and its text up to the seconds: reports name many moments of one minute. */
let lastMinute = Number.NaN;
let lastHead: string | null = null;

/** ISO 8601 in UTC with whole microseconds; null for what is no time of the calendar. */
export function isoMicroseconds(atUs: EpochUs): string | null {
  const wholeUs = Math.floor(atUs);
  const minute = Math.floor(wholeUs / MINUTE_US);
  if (minute !== lastMinute) {
    const date = new Date(minute * 60_000);
    lastHead = Number.isNaN(date.getTime()) ? null : date.toISOString().slice(0, -7);
    lastMinute = minute;
  }
  if (lastHead === null) return null;
  const restUs = wholeUs - minute * MINUTE_US;
  const seconds = Math.floor(restUs / 1_000_000);
  const micros = restUs - seconds * 1_000_000;
  return `${lastHead}${seconds < 10 ? '0' : ''}${seconds}.${String(1_000_000 + micros).slice(1)}Z`;
}
