import type { ArrivalView } from '../model/tcp.ts';
import type { EpochUs } from '../model/units.ts';

/** Octets `from` to `to` (relative, `to` excluded) that wait behind a hole; `bytes` is null where the snap length cut them off. */
export interface HeldPiece {
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array | null;
  readonly atUs: EpochUs;
  readonly input: number;
  readonly packet: number;
}

/** What a piece costs besides its octets, so that many tiny ones count too. */
const PIECE_COST = 96;

/** Out-of-order octets of one direction, in order and without overlaps: what came first stays. */
export class HeldOctets {
  /** Ascending. */
  readonly pieces: HeldPiece[] = [];
  /** Octets charged to the budget. */
  cost = 0;
  /** Result of the last `add`: octets that had not been held before. */
  added = 0;
  /** Result of the last `add`: an overlap held other octets. */
  conflict = false;

  /** Copies what is new of `length` octets at `from`; `captured` of them are in `bytes` from `start`. */
  add(from: number, length: number, bytes: Uint8Array, start: number, captured: number, at: ArrivalView): void {
    this.added = 0;
    this.conflict = false;
    const end = from + length;
    let index = this.#firstEndingAfter(from);
    for (let next = from; next < end; index++) {
      const piece = this.pieces[index];
      if (!piece || piece.from >= end) {
        this.#insert(index, next, end, from, bytes, start, captured, at);
        return;
      }
      if (piece.from > next) {
        index += this.#insert(index, next, piece.from, from, bytes, start, captured, at);
        next = piece.from;
      }
      const until = Math.min(piece.to, end);
      if (!this.conflict && piece.bytes && differ(piece, next, Math.min(until, from + captured), bytes, start - from)) this.conflict = true;
      next = until;
    }
  }

  /** Removes the first piece. */
  takeFirst(count: number): void {
    for (let i = 0; i < count; i++) this.cost -= costOf(this.pieces[i]);
    this.pieces.splice(0, count);
  }

  clear(): void {
    this.pieces.length = 0;
    this.cost = 0;
  }

  #firstEndingAfter(from: number): number {
    let low = 0;
    let high = this.pieces.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.pieces[middle]?.to ?? 0) > from) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #insert(index: number, from: number, to: number, base: number, bytes: Uint8Array, start: number, captured: number, at: ArrivalView): number {
    this.added += to - from;
    const { atUs, input, packet } = at;
    const edge = Math.min(to, base + captured);
    const fresh: HeldPiece[] = [];
    if (edge > from) fresh.push({ from, to: edge, bytes: bytes.slice(start + from - base, start + edge - base), atUs, input, packet });
    const cutFrom = Math.max(from, edge);
    if (cutFrom < to) fresh.push({ from: cutFrom, to, bytes: null, atUs, input, packet });
    for (const piece of fresh) this.cost += costOf(piece);
    this.pieces.splice(index, 0, ...fresh);
    return fresh.length;
  }
}

function costOf(piece: HeldPiece | undefined): number {
  return PIECE_COST + (piece?.bytes?.length ?? 0);
}

/** Whether octets `from` to `to` of the stream differ; octet n of the stream is `bytes[n + shift]`. */
function differ(piece: HeldPiece, from: number, to: number, bytes: Uint8Array, shift: number): boolean {
  for (let i = from; i < to; i++) if (piece.bytes?.[i - piece.from] !== bytes[i + shift]) return true;
  return false;
}
