import type { OctetStore } from '../model/octet-store.ts';
import { openedOnce, openScratch, type ScratchFile, scratchOf } from './scratch-file.ts';

/** Records share blocks of this size; a larger record has a row of them to itself. */
export const BLOCK_OCTETS = 1 << 18;
/** Octets that stay in memory. Sessions are asked for in the order of their beginning, not far from the order in which they ended. */
const RESIDENT_OCTETS = 16 << 20;

/** A store that lies in its scratch file as a whole: what another thread needs to read it. */
export interface WrittenStore {
  readonly descriptor: number;
  readonly blocks: number;
  /** Numbers and lengths of the rows of blocks that hold one large record. */
  readonly large: readonly (readonly [number: number, octets: number])[];
}

/**
 * Records in blocks; the blocks that were used last are in memory, the others in a scratch file. Where no file can be made or written
 * to, all of them stay in memory.
 */
export class BlockStore implements OctetStore {
  readonly #residentOctets: number;
  readonly #scratch: () => ScratchFile | null;
  /** Blocks in memory by number, those used longest ago first. */
  readonly #resident = new Map<number, Buffer>();
  #octets = 0;
  /** Lengths of the rows of blocks that hold one large record. */
  readonly #large = new Map<number, number>();
  readonly #written = new Set<number>();
  #last: Buffer = Buffer.alloc(0);
  #lastNumber = -1;
  #used = BLOCK_OCTETS;
  #blocks = 0;
  /** The block that was asked for before. */
  #recent: Buffer = this.#last;
  #recentNumber = -1;

  constructor(residentOctets = RESIDENT_OCTETS, open: () => ScratchFile | null = openScratch) {
    this.#residentOctets = residentOctets;
    this.#scratch = openedOnce(open);
  }

  /** A store that another thread has written: the same addresses lead to the same records. */
  static over({ descriptor, blocks, large }: WrittenStore, residentOctets: number): BlockStore {
    const store = new BlockStore(residentOctets, () => scratchOf(descriptor));
    store.#blocks = blocks;
    for (const [number, octets] of large) store.#large.set(number, octets);
    for (let number = 0; number < blocks; number++) store.#written.add(number);
    return store;
  }

  /** Writes all of it to the scratch file, so that others can read it; null where there is none. */
  writeOut(): WrittenStore | null {
    for (const [number, block] of this.#resident) if (!this.#putAway(number, block)) return null;
    const scratch = this.#scratch();
    return scratch && { descriptor: scratch.descriptor, blocks: this.#blocks, large: [...this.#large] };
  }

  keep(octets: Uint8Array): number {
    if (octets.length > BLOCK_OCTETS) return this.#keepLarge(octets);
    if (this.#used + octets.length > BLOCK_OCTETS) {
      this.#last = this.#add(BLOCK_OCTETS);
      this.#lastNumber = this.#blocks++;
      this.#resident.set(this.#lastNumber, this.#last);
      this.#used = 0;
    }
    const at = this.#used;
    this.#last.set(octets, at);
    this.#used += octets.length;
    return this.#lastNumber * BLOCK_OCTETS + at;
  }

  blockOf(address: number): Buffer {
    const number = Math.floor(address / BLOCK_OCTETS);
    if (number !== this.#recentNumber) {
      this.#recent = this.#fetch(number);
      this.#recentNumber = number;
    }
    return this.#recent;
  }

  placeOf(address: number): number {
    return address % BLOCK_OCTETS;
  }

  #keepLarge(octets: Uint8Array): number {
    const block = this.#add(octets.length);
    block.set(octets);
    const number = this.#blocks;
    this.#blocks += Math.ceil(octets.length / BLOCK_OCTETS);
    this.#large.set(number, octets.length);
    this.#resident.set(number, block);
    return number * BLOCK_OCTETS;
  }

  #fetch(number: number): Buffer {
    const known = this.#resident.get(number);
    if (known) {
      this.#resident.delete(number);
      this.#resident.set(number, known);
      return known;
    }
    const block = this.#add(this.#large.get(number) ?? BLOCK_OCTETS);
    this.#scratch()?.read(block, number * BLOCK_OCTETS);
    this.#resident.set(number, block);
    return block;
  }

  /** Memory for a block, taken from the blocks used longest ago where the budget is reached. */
  #add(length: number): Buffer {
    let free: Buffer | null = null;
    for (const [number, block] of this.#resident) {
      if (this.#octets + length <= this.#residentOctets) break;
      if (number === this.#lastNumber) continue;
      if (!this.#putAway(number, block)) break;
      this.#resident.delete(number);
      if (number === this.#recentNumber) this.#recentNumber = -1;
      this.#octets -= block.length;
      free = block;
    }
    this.#octets += length;
    return free?.length === length ? free : Buffer.allocUnsafeSlow(length);
  }

  /** Whether the block may leave memory. */
  #putAway(number: number, block: Buffer): boolean {
    if (this.#written.has(number)) return true;
    if (!this.#scratch()?.write(block, number * BLOCK_OCTETS)) return false;
    this.#written.add(number);
    return true;
  }
}
