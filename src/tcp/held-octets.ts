import type { ArrivalView } from '../model/tcp.ts';
import type { EpochUs } from '../model/units.ts';

/** Octets `from` to `to` (relative, `to` excluded) that wait; `bytes` is null where the snap length cut them off. */
export interface HeldPiece {
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array | null;
  readonly atUs: EpochUs;
  readonly input: number;
  readonly packet: number;
  /** Ordinal of the segment that brought them. */
  readonly ordinal: number;
}

/** What a piece costs besides its octets, so that many tiny ones count too. */
const PIECE_COST = 96;
/** Taken pieces are moved out of the list when they are this many and the larger part of it. */
const TAKEN = 64;

/** Octets of one direction that wait for a hole or for an answer, in order and without overlaps: what came first stays. */
export class HeldOctets {
  /** Ascending; those before `#head` have been taken. */
  readonly #pieces: HeldPiece[] = [];
  #head = 0;
  /** Octets charged to the budget. */
  cost = 0;
  /** Result of the last `add`: octets that had not been held before. */
  added = 0;
  /** Result of the last `add`: an overlap held other octets. */
  conflict = false;

  /** The piece that stands first in the stream. */
  get first(): HeldPiece | undefined {
    return this.#pieces[this.#head];
  }

  /** Copies what is new of `length` octets at `from`; `captured` of them are in `bytes` from `start`. */
  add(from: number, length: number, bytes: Uint8Array, start: number, captured: number, at: ArrivalView, ordinal: number): void {
    this.added = 0;
    this.conflict = false;
    const end = from + length;
    const insert = (index: number, low: number, high: number): number => {
      const fresh = cut(low, high, from, bytes, start, captured, at, ordinal);
      for (const piece of fresh) this.cost += costOf(piece);
      this.added += high - low;
      this.#pieces.splice(index, 0, ...fresh);
      return fresh.length;
    };
    let index = this.#firstEndingAfter(from);
    for (let next = from; next < end; index++) {
      const piece = this.#pieces[index];
      if (!piece || piece.from >= end) {
        insert(index, next, end);
        return;
      }
      if (piece.from > next) {
        index += insert(index, next, piece.from);
        next = piece.from;
      }
      const until = Math.min(piece.to, end);
      if (!this.conflict && piece.bytes && differ(piece, next, Math.min(until, from + captured), bytes, start - from)) this.conflict = true;
      next = until;
    }
  }

  /** Removes the first piece. */
  takeFirst(): void {
    this.cost -= costOf(this.first);
    this.#head++;
    if (this.#head < TAKEN || this.#head * 2 < this.#pieces.length) return;
    this.#pieces.splice(0, this.#head);
    this.#head = 0;
  }

  /** How far the pieces reach from `to` on without a hole. */
  reachFrom(to: number): number {
    for (let i = this.#head; i < this.#pieces.length; i++) {
      const piece = this.#pieces[i];
      if (!piece || piece.from > to) break;
      if (piece.to > to) to = piece.to;
    }
    return to;
  }

  /** Whether all octets `from` to `to` are held. */
  holds(from: number, to: number): boolean {
    for (let i = this.#firstEndingAfter(from); from < to; i++) {
      const piece = this.#pieces[i];
      if (!piece || piece.from > from) return false;
      from = piece.to;
    }
    return true;
  }

  clear(): void {
    this.#pieces.length = 0;
    this.#head = 0;
    this.cost = 0;
  }

  #firstEndingAfter(from: number): number {
    let low = this.#head;
    let high = this.#pieces.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#pieces[middle]?.to ?? 0) > from) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** One piece, or two where the snap length cut within. `base` is the relative number of `bytes[start]`. */
function cut(from: number, to: number, base: number, bytes: Uint8Array, start: number, captured: number, at: ArrivalView, ordinal: number): HeldPiece[] {
  const { atUs, input, packet } = at;
  const edge = Math.max(from, Math.min(to, base + captured));
  const pieces: HeldPiece[] = [];
  if (edge > from)
    pieces.push({ from, to: edge, bytes: new Uint8Array(bytes.subarray(start + from - base, start + edge - base)), atUs, input, packet, ordinal });
  if (edge < to) pieces.push({ from: edge, to, bytes: null, atUs, input, packet, ordinal });
  return pieces;
}

function costOf(piece: HeldPiece | undefined): number {
  return PIECE_COST + (piece?.bytes?.length ?? 0);
}

/** Whether octets `from` to `to` of the stream differ; octet n of the stream is `bytes[n + shift]`. */
function differ(piece: HeldPiece, from: number, to: number, bytes: Uint8Array, shift: number): boolean {
  for (let i = from; i < to; i++) if (piece.bytes?.[i - piece.from] !== bytes[i + shift]) return true;
  return false;
}
