/** Reading fixed words and numbers of a line out of octets, without making any text of them. */

/** A fixed text of ASCII, at least four octets long; compared four at a time. */
export class Word {
  readonly length: number;
  readonly #fours: Int32Array;
  readonly #last: number;

  constructor(text: string) {
    const octets = Buffer.from(text, 'latin1');
    this.length = octets.length;
    this.#last = octets.readInt32LE(octets.length - 4);
    this.#fours = Int32Array.from({ length: (octets.length - 1) >> 2 }, (_, i) => octets.readInt32LE(4 * i));
  }

  /** Whether it stands at `at`, wholly before `to`. */
  isAt(view: DataView, at: number, to: number): boolean {
    const end = at + this.length;
    if (end > to || view.getInt32(end - 4, true) !== this.#last) return false;
    const fours = this.#fours;
    for (let i = 0; i < fours.length; i++) if (view.getInt32(at + 4 * i, true) !== fours[i]) return false;
    return true;
  }

  /** Whether it fills exactly what stands from `at` to `to`. */
  isAll(view: DataView, at: number, to: number): boolean {
    return to - at === this.length && this.isAt(view, at, to);
  }
}

/** Whether all octets from `from` to `to` are ASCII. */
export function isPlain(view: DataView, from: number, to: number): boolean {
  let at = from;
  for (; at + 4 <= to; at += 4) if ((view.getInt32(at, true) & 0x80808080) !== 0) return false;
  for (; at < to; at++) if (view.getUint8(at) > 127) return false;
  return true;
}

/** Where the last number that was read ends. Shared, since a pair for each number would cost; no reader is entered twice. */
let numberEnd = 0;

/** The number of at most 15 digits at `at`, or -1; `behindNumber` tells where it ends. */
export function readNumber(view: DataView, at: number, to: number): number {
  let value = 0;
  let i = at;
  for (; i < to; i++) {
    const digit = view.getUint8(i) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  numberEnd = i;
  return i === at || i - at > 15 ? -1 : value;
}

export function behindNumber(): number {
  return numberEnd;
}

/** Where the word that begins at `from` ends, at the latest at `to`. */
export function endOfWord(view: DataView, from: number, to: number): number {
  let at = from;
  while (at < to && view.getUint8(at) > 32) at++;
  return at;
}

/** Where an octet stands first, or `to`. */
export function indexOf(view: DataView, octet: number, from: number, to: number): number {
  let at = from;
  while (at < to && view.getUint8(at) !== octet) at++;
  return at;
}
