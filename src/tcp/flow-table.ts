import { formatAddress } from '../model/address.ts';
import type { SegmentView } from '../model/packet.ts';

const NONE = -1;

/**
 * Finds what belongs to a pair of addresses and ports, in either order, without making a key object: open addressing over typed arrays,
 * the key read from the packet's octets. An entry's number stays the same until it is removed; removed numbers are used again.
 */
export class FlowTable<T> {
  /** After `find` and `findKey`: the packet runs against the order in which the entry was added. */
  reversed = false;
  readonly values: (T | undefined)[] = [];
  readonly #family: 4 | 6;
  /** 32-bit words of one address. */
  readonly #words: number;
  readonly #stride: number;
  #buckets = new Int32Array(256);
  #keys: Int32Array;
  #hashes = new Int32Array(128);
  #free: number[] = [];
  #used = 0;
  #count = 0;
  readonly #probe: Int32Array;
  #probeHash = 0;

  constructor(family: 4 | 6) {
    this.#family = family;
    this.#words = family === 4 ? 1 : 4;
    this.#stride = 2 * this.#words + 1;
    this.#keys = new Int32Array(128 * this.#stride);
    this.#probe = new Int32Array(this.#stride);
  }

  get size(): number {
    return this.#count;
  }

  /** The entry of the segment's connection, or -1. */
  find(view: SegmentView): number {
    const words = this.#words;
    const probe = this.#probe;
    const octets = view.view;
    let at = view.addressAt;
    for (let i = 0; i < 2 * words; i++, at += 4) probe[i] = octets.getInt32(at);
    probe[2 * words] = (view.srcPort << 16) | view.dstPort;
    return this.#search();
  }

  /** The same by the octets of the addresses; -1 also where they are of the other family. */
  findKey(source: Uint8Array, sourcePort: number, destination: Uint8Array, destinationPort: number): number {
    if (source.length !== this.#words * 4 || destination.length !== source.length) return NONE;
    for (let i = 0; i < this.#words; i++) {
      this.#probe[i] = wordOf(source, i * 4);
      this.#probe[this.#words + i] = wordOf(destination, i * 4);
    }
    this.#probe[2 * this.#words] = (sourcePort << 16) | destinationPort;
    return this.#search();
  }

  /** Adds what the last `find` did not find; the value may be set afterwards. */
  add(value: T | undefined): number {
    if ((this.#count + 1) * 2 > this.#buckets.length) this.#rehash(this.#buckets.length * 2);
    const entry = this.#free.pop() ?? this.#used++;
    if (entry >= this.#hashes.length) this.#growEntries();
    this.#keys.set(this.#probe, entry * this.#stride);
    this.#hashes[entry] = this.#probeHash;
    this.values[entry] = value;
    this.#count++;
    this.#place(entry);
    return entry;
  }

  /** Forgets an entry; those behind it close up, so that searches never cross graves. */
  remove(entry: number): void {
    const buckets = this.#buckets;
    const mask = buckets.length - 1;
    let hole = (this.#hashes[entry] ?? 0) & mask;
    while (buckets[hole] !== entry + 1) hole = (hole + 1) & mask;
    let next = (hole + 1) & mask;
    for (let other = buckets[next] ?? 0; other !== 0; other = buckets[next] ?? 0) {
      const home = (this.#hashes[other - 1] ?? 0) & mask;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        buckets[hole] = other;
        hole = next;
      }
      next = (next + 1) & mask;
    }
    buckets[hole] = 0;
    this.values[entry] = undefined;
    this.#free.push(entry);
    this.#count--;
  }

  /** Address text of one end: 0 the source of the packet for which the entry was added, 1 its destination. */
  addressOf(entry: number, end: 0 | 1): string {
    const at = entry * this.#stride + end * this.#words;
    if (this.#family === 4) {
      const word = this.#keys[at] ?? 0;
      return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
    }
    const octets = new Uint8Array(16);
    for (let i = 0; i < 16; i++) octets[i] = (this.#keys[at + (i >> 2)] ?? 0) >>> (24 - (i & 3) * 8);
    return formatAddress(octets, 0, 6);
  }

  portOf(entry: number, end: 0 | 1): number {
    const ports = this.#keys[entry * this.#stride + 2 * this.#words] ?? 0;
    return end === 0 ? ports >>> 16 : ports & 0xffff;
  }

  #search(): number {
    const probe = this.#probe;
    const words = this.#words;
    const ports = probe[2 * words] ?? 0;
    let source = ports >>> 16;
    let destination = ports & 0xffff;
    for (let i = 0; i < words; i++) {
      source = mix(source, probe[i] ?? 0);
      destination = mix(destination, probe[words + i] ?? 0);
    }
    // Adding makes both directions fall into one bucket.
    const hash = finish((source + destination) | 0);
    this.#probeHash = hash;
    const buckets = this.#buckets;
    const mask = buckets.length - 1;
    for (let bucket = hash & mask; ; bucket = (bucket + 1) & mask) {
      const entry = (buckets[bucket] ?? 0) - 1;
      if (entry < 0) return NONE;
      if (this.#hashes[entry] === hash && this.#matches(entry, ports)) return entry;
    }
  }

  #matches(entry: number, ports: number): boolean {
    const keys = this.#keys;
    const probe = this.#probe;
    const words = this.#words;
    const at = entry * this.#stride;
    const known = keys[at + 2 * words] ?? 0;
    if (known === ports) {
      let i = 0;
      while (i < 2 * words && keys[at + i] === probe[i]) i++;
      if (i === 2 * words) {
        this.reversed = false;
        return true;
      }
    }
    if (known !== ((ports << 16) | (ports >>> 16))) return false;
    for (let i = 0; i < words; i++) {
      if (keys[at + i] !== probe[words + i] || keys[at + words + i] !== probe[i]) return false;
    }
    this.reversed = true;
    return true;
  }

  #place(entry: number): void {
    const mask = this.#buckets.length - 1;
    let bucket = (this.#hashes[entry] ?? 0) & mask;
    while (this.#buckets[bucket] !== 0) bucket = (bucket + 1) & mask;
    this.#buckets[bucket] = entry + 1;
  }

  #rehash(length: number): void {
    const old = this.#buckets;
    this.#buckets = new Int32Array(length);
    for (const entry of old) if (entry !== 0) this.#place(entry - 1);
  }

  #growEntries(): void {
    const hashes = new Int32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    const keys = new Int32Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#keys = keys;
  }
}

function wordOf(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 24) | ((octets[at + 1] ?? 0) << 16) | ((octets[at + 2] ?? 0) << 8) | (octets[at + 3] ?? 0);
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ Math.imul(word, 0x85ebca6b), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function finish(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0xc2b2ae35);
  return mixed ^ (mixed >>> 13);
}
