/**
 * Time stamps of log lines, as seconds of the wall clock counted as if it were UTC. No zone is applied: the offset of an
 * RFC 5424 stamp or of the file's header says how to read the clock, which is the business of pairing.
 */

export interface Stamp {
  /** Seconds since 1970 by the wall clock. */
  readonly seconds: number;
  /** Where the text behind the stamp begins. */
  readonly end: number;
  /** The stamp carries no year (RFC 3164). */
  readonly yearless: boolean;
  /** Where `hh:mm:ss` stands in it; -1 where the hour has one digit. */
  readonly timeAt: number;
  /** Offset from UTC in seconds, where the stamp itself tells it (RFC 5424, 6.2.3). */
  readonly zoneSeconds: number | null;
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
/** A day's last second, a leap second or midnight written as 24:00 included. */
export const DAY_SECONDS = 86_400;
/** Well below half a year. */
const NEAR_SECONDS = 100 * DAY_SECONDS;

const CTIME =
  /(?:(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat),? {1,2})?(?<month>[A-Z][a-z]{2}) {1,2}(?<day>\d{1,2}) (?<h>\d{1,2}):(?<m>\d{2}):(?<s>\d{2})(?:\.\d{1,9})?(?: (?<year>(?:19|20)\d{2})(?![\d.:]))?/y;
const ISO = /(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})[T ](?<h>\d{2}):(?<m>\d{2}):(?<s>\d{2})(?:[.,]\d{1,9})?(?<zone>Z|[+-]\d{2}:?\d{2})?/y;

/** Whether a ctime stamp may begin at `at`: cheap, no false negatives for `Www Mmm` and `Mmm dd`. */
function mayBeginStamp(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code >= 65 && code <= 90 && text.charCodeAt(at + 3) <= 44) || (code >= 48 && code <= 57);
}

/**
 * Reads the stamp at `at`: `Www Mmm dd hh:mm:ss yyyy`, the same without weekday or year (RFC 3164), or ISO 8601 (RFC 5424).
 * `yearFor` supplies the year of a stamp that has none, given month (from 0) and day. Null where no valid stamp stands.
 */
export function readStamp(text: string, at: number, yearFor: (month: number, day: number, secondsInDay: number) => number): Stamp | null {
  if (!mayBeginStamp(text, at)) return null;
  CTIME.lastIndex = at;
  const ctime = CTIME.exec(text)?.groups;
  if (ctime) {
    const index = MONTHS.indexOf(ctime['month'] ?? '-');
    if (index < 0 || index % 3 !== 0) return null;
    const month = index / 3;
    const day = Number(ctime['day']);
    const inDay = secondsInDay(ctime);
    const yearless = ctime['year'] === undefined;
    const year = yearless ? yearFor(month, day, inDay) : Number(ctime['year']);
    const seconds = wallSeconds(year, month, day, inDay);
    return seconds === null ? null : { seconds, end: CTIME.lastIndex, yearless, timeAt: timeAt(text, at), zoneSeconds: null };
  }
  ISO.lastIndex = at;
  const iso = ISO.exec(text)?.groups;
  if (!iso) return null;
  const seconds = wallSeconds(Number(iso['year']), Number(iso['month']) - 1, Number(iso['day']), secondsInDay(iso));
  return seconds === null ? null : { seconds, end: ISO.lastIndex, yearless: false, timeAt: timeAt(text, at), zoneSeconds: zoneSeconds(iso['zone']) };
}

/** The first colon of a stamp stands behind the hour. */
function timeAt(text: string, from: number): number {
  const hourAt = text.indexOf(':', from) - 2;
  return isDigit(text.charCodeAt(hourAt)) ? hourAt : -1;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function secondsInDay(part: Record<string, string | undefined>): number {
  return Number(part['h']) * 3600 + Number(part['m']) * 60 + Number(part['s']);
}

function zoneSeconds(zone: string | undefined): number | null {
  if (zone === undefined) return null;
  if (zone === 'Z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(-2)) * 60);
}

/** Null for dates that do not exist; a leap second (60) is let through. */
function wallSeconds(year: number, month: number, day: number, inDay: number): number | null {
  if (month < 0 || month > 11 || day < 1 || inDay > DAY_SECONDS) return null;
  const ms = Date.UTC(year, month, day);
  if (new Date(ms).getUTCDate() !== day) return null;
  return ms / 1000 + inDay;
}

/** What is known of the year of stamps that have none. */
export interface YearHint {
  /** The year to take for the first such stamp. */
  readonly fallbackYear?: number;
  /** Better: a moment (of the captures, say) to which the first such stamp shall be nearest. */
  readonly nearSeconds?: number;
}

/**
 * Supplies the year of stamps that have none. The log runs forward: the first stamp follows the hint (else the year that puts
 * it nearest to today, not in the future), and each later one takes the year that puts it nearest to the line before, so that
 * December is followed by January of the next year, and the 29th of February finds a leap year.
 */
export class YearGuess {
  readonly #hint: YearHint;
  #lastSeconds: number | null = null;

  constructor(hint: YearHint) {
    this.#hint = hint;
  }

  /** Every stamp read is told, also those with a year. */
  saw(seconds: number): void {
    this.#lastSeconds = seconds;
  }

  /** Whether the same day and month as in the line before must mean the same year. */
  isNear(seconds: number): boolean {
    return this.#lastSeconds !== null && Math.abs(seconds - this.#lastSeconds) < NEAR_SECONDS;
  }

  readonly yearFor = (month: number, day: number, inDay: number): number => {
    const { fallbackYear, nearSeconds } = this.#hint;
    const today = Date.now() / 1000;
    const near = this.#lastSeconds ?? nearSeconds ?? null;
    const base = near === null ? (fallbackYear ?? new Date().getUTCFullYear()) : new Date(near * 1000).getUTCFullYear();
    let best = base;
    let bestDistance = Number.POSITIVE_INFINITY;
    for (const year of [base, base - 1, base + 1, base - 2, base - 3, base - 4]) {
      const seconds = wallSeconds(year, month, day, inDay);
      if (seconds === null) continue;
      if (near === null) {
        if (fallbackYear !== undefined || seconds <= today + DAY_SECONDS) return year;
        continue;
      }
      const distance = Math.abs(seconds - near);
      if (distance >= bestDistance) continue;
      best = year;
      bestDistance = distance;
    }
    return best;
  };
}
