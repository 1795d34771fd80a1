import type { TcpBudget } from './budget.ts';

/** Sizes of the rings: dialogue lines, short messages, a whole flight of a body. Powers of two. */
const SIZES = [256, 512, 1 << 10, 2 << 10, 4 << 10, 8 << 10, 16 << 10, 32 << 10] as const;
const LARGEST = 32 << 10;
/** Rings of a size kept for reuse: new memory costs more than the octets that are copied into it. */
const SPARE = 64;

/** Lends the rings of `RecentOctets` within the budget. One for all connections of a tracker. */
export class RingStore {
  readonly #budget: TcpBudget;
  readonly #spare = new Map<number, Uint8Array[]>();
  #lent = 0;
  /** There was no room for one over all connections. */
  refused = false;

  constructor(budget: TcpBudget) {
    this.#budget = budget;
  }

  /** A ring for at least `wanted` octets, or the largest allowed; null where the budget has none larger than `than`. Its octets are arbitrary. */
  lend(wanted: number, than: number): Uint8Array | null {
    const size = SIZES.find((one) => one >= wanted) ?? LARGEST;
    if (size <= than || size > this.#budget.recentOctetsPerDirection) return null;
    if (this.#lent + size > this.#budget.recentOctetsTotal) {
      this.refused = true;
      return null;
    }
    this.#lent += size;
    return this.#spare.get(size)?.pop() ?? new Uint8Array(size);
  }

  takeBack(ring: Uint8Array): void {
    this.#lent -= ring.length;
    const spare = this.#spare.get(ring.length);
    if (!spare) this.#spare.set(ring.length, [ring]);
    else if (spare.length < SPARE) spare.push(ring);
  }
}

/**
 * The last octets of one direction, kept so that a retransmission can be compared with what came first. Positions are relative
 * sequence numbers; octet n stands at n modulo the ring's length.
 */
export class RecentOctets {
  #ring: Uint8Array;
  /** Relative number of the octet behind the last one kept, and of the first one still kept. */
  #end = 0;
  #begin = 0;

  constructor(ring: Uint8Array) {
    this.#ring = ring;
  }

  get ring(): Uint8Array {
    return this.#ring;
  }

  get kept(): number {
    return this.#end - this.#begin;
  }

  forget(): void {
    this.#begin = this.#end;
  }

  /** Moves to a larger ring; returns the old one. */
  moveTo(ring: Uint8Array): Uint8Array {
    const old = this.#ring;
    this.#ring = ring;
    const { length } = old;
    const begin = this.#begin;
    const end = this.#end;
    this.#begin = begin;
    this.#end = begin;
    const at = place(begin, length);
    const first = Math.min(end - begin, length - at);
    this.add(begin, old, at, at + first);
    this.add(begin + first, old, 0, end - begin - first);
    return old;
  }

  /** Notes octets `from` on; a jump forgets what was before it. */
  add(from: number, bytes: Uint8Array, start: number, end: number): void {
    if (start >= end) return;
    if (from !== this.#end) this.#begin = from;
    this.#end = from + end - start;
    const ring = this.#ring;
    const size = ring.length;
    const surplus = end - start - size;
    if (surplus > 0) {
      from += surplus;
      start += surplus;
    }
    const at = place(from, size);
    const length = end - start;
    const mask = size - 1;
    const first = Math.min(length, size - at);
    if (length <= 64) for (let i = 0; i < length; i++) ring[(at + i) & mask] = bytes[start + i] ?? 0;
    else {
      // Not `subarray`: a view of a buffer is a buffer, which takes longer to make.
      ring.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, first), at);
      if (first < length) ring.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start + first, length - first), 0);
    }
    this.#begin = Math.max(this.#begin, this.#end - size);
  }

  /** Copies all that is kept to `target` from `at` on. */
  copyTo(target: Uint8Array, at: number): void {
    const ring = this.#ring;
    const from = place(this.#begin, ring.length);
    const first = Math.min(this.kept, ring.length - from);
    target.set(ring.subarray(from, from + first), at);
    target.set(ring.subarray(0, this.kept - first), at + first);
  }

  /** Whether any octet from `from` on that is still kept differs from `bytes`. */
  differs(from: number, bytes: Uint8Array, start: number, end: number): boolean {
    const ring = this.#ring;
    const size = ring.length;
    const last = Math.min(this.#end, from + end - start);
    for (let at = Math.max(from, this.#begin); at < last; at++) {
      if (ring[place(at, size)] !== bytes[start + at - from]) return true;
    }
    return false;
  }
}

/** Place of a position in a ring whose size is a power of two; also of a negative one. */
function place(position: number, size: number): number {
  const rest = position % size;
  return rest < 0 ? rest + size : rest;
}
