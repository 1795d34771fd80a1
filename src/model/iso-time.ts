import type { EpochUs } from './units.ts';

const MINUTE_US = 60_000_000;
/** The minute that was asked for last, and its text up to the seconds: reports name many moments of one minute. */
let lastMinute = Number.NaN;
let lastHead: string | null = null;
/** The moment that was asked for last, and its text: neighbouring events often are of one. */
let lastUs = Number.NaN;
let lastText: string | null = null;

/** ISO 8601 in UTC with whole microseconds; null for what is no time of the calendar. */
export function isoMicroseconds(atUs: EpochUs): string | null {
  const wholeUs = Math.floor(atUs);
  if (wholeUs === lastUs) return lastText;
  const minute = Math.floor(wholeUs / MINUTE_US);
  if (minute !== lastMinute) {
    const date = new Date(minute * 60_000);
    lastHead = Number.isNaN(date.getTime()) ? null : date.toISOString().slice(0, -7);
    lastMinute = minute;
  }
  lastUs = wholeUs;
  lastText = lastHead === null ? null : withSeconds(lastHead, wholeUs - minute * MINUTE_US);
  return lastText;
}

function withSeconds(head: string, restUs: number): string {
  const seconds = Math.floor(restUs / 1_000_000);
  const micros = restUs - seconds * 1_000_000;
  return `${head}${seconds < 10 ? '0' : ''}${seconds}.${String(1_000_000 + micros).slice(1)}Z`;
}
