/**
 * The last octets of one direction, kept so that a retransmission can be compared with what came first.
 * A ring that doubles up to its limit; positions are relative sequence numbers.
 */
export class RecentOctets {
  #ring: Uint8Array;
  /** Relative number of the octet behind the last one kept, and of the first one still kept. */
  #end = 0;
  #begin = 0;

  constructor(capacity: number) {
    this.#ring = new Uint8Array(capacity);
  }

  get capacity(): number {
    return this.#ring.length;
  }

  get kept(): number {
    return this.#end - this.#begin;
  }

  /** Doubles; what is kept stays. */
  grow(): void {
    const old = this.#ring;
    const ring = new Uint8Array(old.length * 2);
    for (let at = this.#begin; at < this.#end; at++) ring[at % ring.length] = old[at % old.length] ?? 0;
    this.#ring = ring;
  }

  /** Notes octets `from` on; a jump forgets what was before it. */
  add(from: number, bytes: Uint8Array, start: number, end: number): void {
    if (from !== this.#end) this.#begin = from;
    this.#end = from + end - start;
    const ring = this.#ring;
    const size = ring.length;
    if (end - start > size) {
      from += end - start - size;
      start = end - size;
    }
    const at = from % size;
    const length = end - start;
    const first = Math.min(length, size - at);
    if (length <= 48) for (let i = 0; i < length; i++) ring[(at + i) % size] = bytes[start + i] ?? 0;
    else {
      ring.set(bytes.subarray(start, start + first), at);
      if (first < length) ring.set(bytes.subarray(start + first, end), 0);
    }
    this.#begin = Math.max(this.#begin, this.#end - size);
  }

  /** Whether any octet from `from` on that is still kept differs from `bytes`. */
  differs(from: number, bytes: Uint8Array, start: number, end: number): boolean {
    const ring = this.#ring;
    const size = ring.length;
    const last = Math.min(this.#end, from + end - start);
    for (let at = Math.max(from, this.#begin); at < last; at++) {
      if (ring[at % size] !== bytes[start + at - from]) return true;
    }
    return false;
  }
}
