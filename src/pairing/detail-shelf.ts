import type { Shelf } from '../model/octet-store.ts';

/** So many sessions of each side keep their details as they are: small inputs are not packed at all. */
const AT_HAND = 512;
/** Further sessions of each side whose details are unpacked at present: neighbours in time are compared with the same ones. */
const UNPACKED = 256;
/** Sessions of each side of which an object is at hand. */
const OBJECTS = 1 << 10;

/** Something whose details are on a shelf. */
export interface Kept<T> {
  readonly index: number;
  unpacked: T | null;
}

export class DetailShelf<T> {
  readonly #shelf: Shelf<T>;
  readonly #unpacked: (Kept<T> | undefined)[] = [];
  #next = 0;
  /** The first ones, as they are. */
  #atHand: T[] = [];

  constructor(shelf: Shelf<T>) {
    this.#shelf = shelf;
  }

  /** The address by which they are found again; below 0 where they stay at hand. */
  keep(details: T): number {
    return this.#atHand.length < AT_HAND ? -this.#atHand.push(details) : this.#shelf.keep(details);
  }

  /** Lets go what is at hand. */
  clear(): void {
    this.#atHand = [];
    this.#unpacked.length = 0;
    this.#next = 0;
  }

  unpack(kept: Kept<T>, address: number): T {
    const atHand = this.#atHand[-address - 1];
    if (atHand) return (kept.unpacked = atHand);
    const oldest = this.#unpacked[this.#next];
    if (oldest) oldest.unpacked = null;
    this.#unpacked[this.#next] = kept;
    this.#next = (this.#next + 1) % UNPACKED;
    const details = this.#shelf.get(address);
    kept.unpacked = details;
    return details;
  }
}

/** The objects by index that were asked for last. */
export class Objects<T extends { readonly index: number }> {
  #made: (T | undefined)[] = [];
  readonly #make: (index: number) => T;

  constructor(make: (index: number) => T) {
    this.#make = make;
  }

  clear(): void {
    this.#made = [];
  }

  of(index: number): T {
    const slot = index & (OBJECTS - 1);
    const known = this.#made[slot];
    if (known?.index === index) return known;
    const made = this.#make(index);
    this.#made[slot] = made;
    return made;
  }
}
