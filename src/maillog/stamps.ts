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
  /** Offset from UTC in seconds, where the stamp itself tells it (RFC 5424, 6.2.3). */
  readonly zoneSeconds: number | null;
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const DAYS = 'SunMonTueWedThuFriSat';
const DAY_SECONDS = 86_400;

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
    return seconds === null ? null : { seconds, end: CTIME.lastIndex, yearless, zoneSeconds: null };
  }
  ISO.lastIndex = at;
  const iso = ISO.exec(text)?.groups;
  if (!iso) return null;
  const seconds = wallSeconds(Number(iso['year']), Number(iso['month']) - 1, Number(iso['day']), secondsInDay(iso));
  return seconds === null ? null : { seconds, end: ISO.lastIndex, yearless: false, zoneSeconds: zoneSeconds(iso['zone']) };
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

/**
 * The file form `Www Mmm dd hh:mm:ss yyyy`, by hand: seconds, or -1. The stamp is 24 characters long, or 23 where a
 * one-digit day has a single blank before it; `ctimeLength` tells.
 */
export function readCtime(text: string, at: number): number {
  const weekday = DAYS.indexOf(text.slice(at, at + 3));
  if (weekday < 0 || weekday % 3 !== 0 || text.charCodeAt(at + 3) !== 32 || text.charCodeAt(at + 7) !== 32) return -1;
  const month = MONTHS.indexOf(text.slice(at + 4, at + 7));
  if (month < 0 || month % 3 !== 0) return -1;
  const length = ctimeLength(text, at);
  const end = at + length;
  const day = text.charCodeAt(end - 16) === 32 ? digit(text, end - 15) : pair(text, end - 16);
  const hour = pair(text, end - 13);
  const minute = pair(text, end - 10);
  const second = pair(text, end - 7);
  if (text.charCodeAt(end - 11) !== 58 || text.charCodeAt(end - 8) !== 58 || text.charCodeAt(end - 14) !== 32) return -1;
  const year = pair(text, end - 4) * 100 + pair(text, end - 2);
  if (!(day >= 0 && hour >= 0 && minute >= 0 && second >= 0 && year >= 1970)) return -1;
  return wallSeconds(year, month / 3, day, hour * 3600 + minute * 60 + second) ?? -1;
}

/** 24, or 23 for a one-digit day behind a single blank. */
export function ctimeLength(text: string, at: number): number {
  return text.charCodeAt(at + 8) !== 32 && text.charCodeAt(at + 9) === 32 ? 23 : 24;
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 48;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}

function pair(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
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
