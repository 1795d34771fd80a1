const PAIRS = 1 << 16;

/**
 * Finds any of several texts in octets, in one pass and by leaps: two octets at a time tell how far the window may jump (Wu and Manber,
 * "A fast algorithm for multi-pattern searching", 1994). ASCII letters match in both cases.
 */
export class Finder {
  readonly #leaps = new Uint8Array(PAIRS);
  readonly #ends = new Map<number, Uint8Array[]>();
  readonly #shortest: number;

  /** Texts of fewer than two octets cannot be looked for and are left out. */
  constructor(texts: readonly string[]) {
    const needles = texts.map((text): Uint8Array => Buffer.from(fold(text), 'utf8')).filter(({ length }) => length > 1);
    this.#shortest = needles.reduce((least, { length }) => Math.min(least, length), 255);
    this.#leaps.fill(this.#shortest - 1);
    for (const needle of needles) {
      for (let at = 1; at < this.#shortest; at++) {
        for (const pair of pairsOf(needle[at - 1] ?? 0, needle[at] ?? 0)) {
          const leap = this.#shortest - 1 - at;
          if (leap < (this.#leaps[pair] ?? 0)) this.#leaps[pair] = leap;
          if (leap > 0) continue;
          const known = this.#ends.get(pair);
          if (known) known.push(needle);
          else this.#ends.set(pair, [needle]);
        }
      }
    }
  }

  /** Calls back with the place of each find in `octets[0..end)`, in order; the callback gives the place from which to go on. */
  find(octets: Uint8Array, end: number, onFound: (at: number) => number): void {
    const leaps = this.#leaps;
    const shortest = this.#shortest;
    let at = shortest - 1;
    while (at < end) {
      const pair = ((octets[at - 1] ?? 0) << 8) | (octets[at] ?? 0);
      const leap = leaps[pair] ?? 1;
      if (leap > 0) {
        at += leap;
        continue;
      }
      const start = at - shortest + 1;
      at = this.#isHere(pair, octets, start, end) ? Math.max(at + 1, onFound(start) + shortest - 1) : at + 1;
    }
  }

  #isHere(pair: number, octets: Uint8Array, start: number, end: number): boolean {
    for (const needle of this.#ends.get(pair) ?? []) if (stands(needle, octets, start, end)) return true;
    return false;
  }
}

function stands(needle: Uint8Array, octets: Uint8Array, start: number, end: number): boolean {
  const behind = start + needle.length;
  if (behind > end) return false;
  for (let i = 0; i < needle.length; i++) if (lower(octets[start + i] ?? 0) !== needle[i]) return false;
  return true;
}

function fold(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function lower(octet: number): number {
  return octet >= 65 && octet <= 90 ? octet + 32 : octet;
}

/** A pair of folded octets in all its cases. */
function pairsOf(a: number, b: number): number[] {
  return cases(a).flatMap((first) => cases(b).map((second) => (first << 8) | second));
}

function cases(octet: number): number[] {
  return octet >= 97 && octet <= 122 ? [octet, octet - 32] : [octet];
}
