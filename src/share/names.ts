/** Octets of which the keys of `NameIndex` consist. */
const KEY_OCTETS = 4;
const KEY_BITS = 20;
const WORD = 0x20;

/** Names of at least four octets, found in passing: the time depends on the text, hardly on how many they are. */
export class NameIndex {
  /** One bit for each hash of a beginning. */
  readonly #beginnings = new Uint32Array((1 << KEY_BITS) / WORD);
  /** By the first four octets: the names that begin so, by length. */
  readonly #byKey = new Map<number, Map<number, Set<string>>>();
  readonly #isWhole: boolean;
  /** `names`: octets as latin1 characters. `isWhole`: what is part of a longer word or number is not the name. */
  constructor(names: Iterable<string>, isWhole: boolean) {
    this.#isWhole = isWhole;
    for (const name of names) {
      if (name.length < KEY_OCTETS) continue;
      const key = keyAt(Buffer.from(name.slice(0, KEY_OCTETS), 'latin1'), 0);
      const hash = hashOf(key);
      this.#beginnings[hash >>> 5] = (this.#beginnings[hash >>> 5] ?? 0) | (1 << (hash & 31));
      const lengths = this.#byKey.get(key) ?? new Map<number, Set<string>>();
      this.#byKey.set(key, lengths);
      lengths.set(name.length, (lengths.get(name.length) ?? new Set()).add(name));
    }
  }

  /** Calls `onFound` with each name that stands in `octets`, and its place. */
  search(octets: Uint8Array, onFound: (name: string, at: number) => void): void {
    for (let at = 0; at + KEY_OCTETS <= octets.length; at++) {
      if (this.#isWhole && isPart(octets[at - 1])) continue;
      const key = keyAt(octets, at);
      const hash = hashOf(key);
      if (((this.#beginnings[hash >>> 5] ?? 0) & (1 << (hash & 31))) === 0) continue;
      for (const [length, names] of this.#byKey.get(key) ?? []) {
        if (at + length > octets.length || (this.#isWhole && isPart(octets[at + length]))) continue;
        const found = Buffer.from(octets.buffer, octets.byteOffset + at, length).toString('latin1');
        if (names.has(found)) onFound(found, at);
      }
    }
  }
}

function keyAt(octets: Uint8Array, at: number): number {
  return (((octets[at] ?? 0) << 24) | ((octets[at + 1] ?? 0) << 16) | ((octets[at + 2] ?? 0) << 8) | (octets[at + 3] ?? 0)) >>> 0;
}

/** Multiplicative hashing (Knuth 6.4). */
function hashOf(key: number): number {
  return Math.imul(key, 0x9e37_79b1) >>> (32 - KEY_BITS);
}

/** A letter or a digit. */
function isPart(octet: number | undefined): boolean {
  if (octet === undefined) return false;
  return (octet >= 0x61 && octet <= 0x7a) || (octet >= 0x30 && octet <= 0x39) || (octet >= 0x41 && octet <= 0x5a);
}
