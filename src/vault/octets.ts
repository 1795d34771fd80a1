/** Numbers as octets: seven bits each, the low ones first; a set high bit says that more follow. */

/** Whole numbers whose differences are still exact when doubled. */
function fits(value: number): boolean {
  return Number.isInteger(value) && value < 2 ** 51 && value > -(2 ** 51) && !Object.is(value, -0);
}

/** Numbers up to here need no division, and doubled they are still small integers. */
const SMALL = 2 ** 29;

/** Octets of seven bits each whose sum stays a small integer; larger numbers are two of these. */
const SHIFTED_BITS = 28;
const SHIFTED = 2 ** SHIFTED_BITS;

const float = new Float64Array(1);
const floatOctets = new Uint8Array(float.buffer);

/** Octets that grow; used again for each record. */
export class OctetWriter {
  octets = new Uint8Array(4096);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  /** A whole number from 0 to 2^53. */
  count(value: number): void {
    this.reserve(10);
    const { octets } = this;
    let at = this.length;
    if (value < 0x80) {
      octets[at] = value;
      this.length = at + 1;
      return;
    }
    let rest = value;
    if (value >= SHIFTED) {
      rest = Math.floor(value / SHIFTED);
      const low = value - rest * SHIFTED;
      for (let shift = 0; shift < SHIFTED_BITS; shift += 7) octets[at++] = (low >>> shift) | 0x80;
    }
    for (; rest >= 0x80; rest >>>= 7) octets[at++] = rest | 0x80;
    octets[at++] = rest;
    this.length = at;
  }

  /** Any number; small whole ones take least: 0, -1, 1, -2 become 1, 2, 3, 4, and 0 stands before eight octets of a double. */
  number(value: number): void {
    if (value > 0 && value < SMALL && (value | 0) === value) this.count(value * 2 + 1);
    else this.#anyNumber(value);
  }

  #anyNumber(value: number): void {
    if (fits(value)) {
      this.count(value >= 0 ? value * 2 + 1 : -value * 2);
      return;
    }
    this.count(0);
    this.reserve(8);
    float[0] = value;
    this.octets.set(floatOctets, this.length);
    this.length += 8;
  }

  reserve(more: number): void {
    if (this.length + more <= this.octets.length) return;
    const larger = new Uint8Array(Math.max(this.octets.length * 2, this.length + more));
    larger.set(this.octets);
    this.octets = larger;
  }
}

/** Lists are empty more often than not: one stands for all. */
const EMPTY: readonly never[] = [];

export class OctetReader {
  octets: Buffer = Buffer.alloc(0);
  at = 0;

  count(): number {
    const { octets } = this;
    let octet = octets[this.at++] ?? 0;
    if (octet < 0x80) return octet;
    let value = octet & 0x7f;
    for (let shift = 7; shift < SHIFTED_BITS; shift += 7) {
      octet = octets[this.at++] ?? 0;
      value |= (octet & 0x7f) << shift;
      if (octet < 0x80) return value;
    }
    return this.#largeCount(value);
  }

  /** The rest of a number that is too large for shifts alone. */
  #largeCount(low: number): number {
    const { octets } = this;
    let high = 0;
    let octet = 0x80;
    for (let shift = 0; octet >= 0x80; shift += 7) {
      octet = octets[this.at++] ?? 0;
      high |= (octet & 0x7f) << shift;
    }
    return low + high * SHIFTED;
  }

  number(): number {
    const value = this.count();
    if (value === 0) {
      floatOctets.set(this.octets.subarray(this.at, this.at + 8));
      this.at += 8;
      return float[0] ?? 0;
    }
    if (value < SHIFTED) return (value & 1) === 0 ? -(value >>> 1) : value >>> 1;
    // A remainder of numbers that may be large costs more than all else here.
    const half = Math.floor(value / 2);
    return half * 2 === value ? -half : half;
  }

  /** A count, and so many of what `next` reads. */
  list<T>(next: () => T): readonly T[] {
    const count = this.count();
    if (count === 0) return EMPTY;
    const list = [next()];
    while (list.length < count) list.push(next());
    return list;
  }
}
