import type { LineHead } from './line-head.ts';
import { DAY_SECONDS, type YearGuess } from './stamps.ts';

/** Beginnings that are kept: days, levels and hosts that take turns. */
const MAX_TEMPLATES = 8;
const BLANK = 32;
const ZERO = 48;
const COLON = 58;
/** `hh:mm:ss` */
const TIME_OCTETS = 8;

/**
 * Heads of lines that differ from one seen before in the time of day alone, told by comparing octets: nearly all lines of a log. Only
 * what is new is read closely.
 */
export class HeadTemplates {
  readonly #years: YearGuess;
  readonly #templates: Template[] = [];
  #latest: Template | null = null;

  constructor(years: YearGuess) {
    this.#years = years;
  }

  /** The head of the line from `at` to `end`; null where it must be read closely. */
  match(view: DataView, at: number, end: number): LineHead | null {
    const head = this.#latest === null ? null : this.#latest.match(view, at, end);
    return this.#accepted(head ?? this.#matchOther(view, at, end));
  }

  #matchOther(view: DataView, at: number, end: number): LineHead | null {
    for (const template of this.#templates) {
      if (template === this.#latest) continue;
      const head = template.match(view, at, end);
      if (head === null) continue;
      this.#latest = template;
      return head;
    }
    return null;
  }

  /** Without a year, the same day may be that of another one. */
  #accepted(head: LineHead | null): LineHead | null {
    return head === null || !head.yearless || this.#years.isNear(head.seconds) ? head : null;
  }

  /**
   * Keeps the head that was read from `octets`: all that stands before the text. Only with a level and a blank at its end does the same
   * beginning mean the same head.
   */
  learn(octets: Uint8Array, head: LineHead): void {
    if (head.level === null || octets.length < TIME_OCTETS || octets.at(-1) !== BLANK || head.timesAt.some((at) => at < 0)) return;
    this.#latest = new Template(octets, head);
    if (this.#templates.length === MAX_TEMPLATES) this.#templates.shift();
    this.#templates.push(this.#latest);
  }
}

/** One beginning, its digits of time left out of the comparison. */
class Template {
  readonly #length: number;
  readonly #fours: Int32Array;
  readonly #masks: Int32Array;
  readonly #last: number;
  readonly #lastMask: number;
  readonly #timesAt: readonly number[];
  readonly #timeAt: number;
  /** Digits that may be any: parts of a second. */
  readonly #digitsAt: readonly number[];
  /** Midnight of its day. */
  readonly #daySeconds: number;
  /** The latest head, and the octets of its time if no digit but those of one time vary. */
  #head: LineHead;
  #hourMinute = 0;
  #minuteSecond = 0;

  constructor(octets: Uint8Array, head: LineHead) {
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    const mask = new Uint8Array(octets.length).fill(255);
    const digitsAt: number[] = [];
    for (const at of head.timesAt) {
      for (const place of [0, 1, 3, 4, 6, 7]) mask[at + place] = 0;
      for (const place of partsOfSecond(octets, at + TIME_OCTETS)) {
        mask[place] = 0;
        digitsAt.push(place);
      }
    }
    const masks = new DataView(mask.buffer);
    const count = (octets.length - 1) >> 2;
    this.#length = octets.length;
    this.#masks = Int32Array.from({ length: count }, (_, i) => masks.getInt32(4 * i, true));
    this.#fours = Int32Array.from({ length: count }, (_, i) => view.getInt32(4 * i, true) & (this.#masks[i] ?? 0));
    this.#lastMask = masks.getInt32(octets.length - 4, true);
    this.#last = view.getInt32(octets.length - 4, true) & this.#lastMask;
    this.#timesAt = head.timesAt;
    this.#timeAt = head.timesAt.at(-1) ?? 0;
    this.#digitsAt = digitsAt;
    this.#daySeconds = head.seconds - secondsInDay(view, this.#timeAt);
    this.#head = head;
  }

  match(view: DataView, at: number, end: number): LineHead | null {
    const behind = at + this.#length;
    if (behind > end || (view.getInt32(behind - 4, true) & this.#lastMask) !== this.#last) return null;
    const fours = this.#fours;
    const masks = this.#masks;
    for (let i = 0; i < fours.length; i++) if ((view.getInt32(at + 4 * i, true) & (masks[i] ?? 0)) !== fours[i]) return null;
    const timeAt = at + this.#timeAt;
    const hourMinute = view.getInt32(timeAt, true);
    const minuteSecond = view.getInt32(timeAt + 4, true);
    if (hourMinute === this.#hourMinute && minuteSecond === this.#minuteSecond && this.#hasDigits(view, at)) return this.#head;
    for (const other of this.#timesAt) if (secondsInDay(view, at + other) < 0) return null;
    if (!this.#hasDigits(view, at)) return null;
    const seconds = this.#daySeconds + secondsInDay(view, timeAt);
    if (seconds !== this.#head.seconds) this.#head = atSeconds(this.#head, seconds);
    this.#hourMinute = hourMinute;
    this.#minuteSecond = minuteSecond;
    return this.#head;
  }

  /** What varies beside the time that counts. */
  #hasDigits(view: DataView, at: number): boolean {
    for (const place of this.#digitsAt) if (!isDigit(view.getUint8(at + place))) return false;
    for (let i = 0; i < this.#timesAt.length - 1; i++) if (secondsInDay(view, at + (this.#timesAt[i] ?? 0)) < 0) return false;
    return true;
  }
}

/** Spelled out, so that all heads are objects of one form: what reads them is quick only then. */
function atSeconds({ textAt, level, host, tag, yearless, form, zoneSeconds, timesAt }: LineHead, seconds: number): LineHead {
  return { seconds, textAt, level, host, tag, yearless, form, zoneSeconds, timesAt };
}

/** Where the digits behind the seconds stand, if there are any. */
function partsOfSecond(octets: Uint8Array, from: number): number[] {
  const places: number[] = [];
  const mark = octets[from];
  if (mark !== 46 && mark !== 44) return places;
  for (let at = from + 1; isDigit(octets[at] ?? 0); at++) places.push(at);
  return places;
}

/** `hh:mm:ss` as seconds; -1 where no such time stands, or none that a day has. */
function secondsInDay(view: DataView, at: number): number {
  const hour = pair(view, at);
  const minute = pair(view, at + 3);
  const second = pair(view, at + 6);
  if (hour < 0 || minute < 0 || second < 0 || view.getUint8(at + 2) !== COLON || view.getUint8(at + 5) !== COLON) return -1;
  const seconds = hour * 3600 + minute * 60 + second;
  return seconds > DAY_SECONDS ? -1 : seconds;
}

function pair(view: DataView, at: number): number {
  const ten = view.getUint8(at);
  const one = view.getUint8(at + 1);
  return isDigit(ten) && isDigit(one) ? (ten - ZERO) * 10 + one - ZERO : -1;
}

function isDigit(octet: number): boolean {
  return octet >= ZERO && octet <= ZERO + 9;
}
