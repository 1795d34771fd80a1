import type { ArrivalView, Segment, StreamGap, StreamSink } from '../model/tcp.ts';
import { SegmentNote } from '../model/tcp.ts';
import type { Side } from '../model/units.ts';
import type { TcpBudget } from './budget.ts';
import { addCaveat, type Connection } from './connection.ts';
import type { Half } from './half.ts';
import { HeldOctets } from './held-octets.ts';
import { noteGap } from './history.ts';
import { RecentOctets, RingStore } from './recent-octets.ts';

const EMPTY = new Uint8Array(0);

/** Puts octets in order and hands them on: each once, gaps as events, what came first wins. One for all connections of a tracker. */
export class Reassembly {
  readonly #budget: TcpBudget;
  /** Gives the sink of a connection, opening it at the first need. */
  readonly #sinkOf: (connection: Connection) => StreamSink;
  readonly #rings: RingStore;
  readonly #arrival: ArrivalView = { atUs: 0, input: 0, packet: 0 };
  #heldTotal = 0;
  #overflowed = false;

  constructor(budget: TcpBudget, sinkOf: (connection: Connection) => StreamSink) {
    this.#budget = budget;
    this.#sinkOf = sinkOf;
    this.#rings = new RingStore(budget);
  }

  /** Octets were given up, or not kept to compare with, because those of all connections were too many. */
  get strained(): boolean {
    return this.#overflowed || this.#rings.refused;
  }

  /**
   * Takes `length` octets of direction `direction` from relative number `from` on; `captured` of them are in `bytes` from `start`.
   * Returns bits of `SegmentNote` that only the octets tell.
   */
  take(
    connection: Connection,
    direction: Side,
    from: number,
    length: number,
    bytes: Uint8Array,
    start: number,
    captured: number,
    at: ArrivalView,
    ordinal: number,
  ): number {
    const half = connection.halves[direction];
    let end = from + length;
    // Octets behind a FIN that was reached are no part of the stream (RFC 9293, 3.10.7.4).
    if (half.finReached) end = Math.min(end, half.contiguousTo - 1);
    if (end <= from) return 0;
    let notes = 0;
    if (from < half.contiguousTo && half.recent?.differs(from, bytes, start, start + Math.min(captured, end - from))) notes |= SegmentNote.conflictingOverlap;
    if (end <= half.contiguousTo) return notes;
    const skip = Math.max(0, half.contiguousTo - from);
    from += skip;
    start += skip;
    length = end - from;
    captured = Math.max(0, Math.min(captured - skip, length));
    if (from === half.contiguousTo && !half.held?.first && blockedFrom(connection, direction) > ordinal) {
      half.octets += length;
      this.#deliver(connection, direction, bytes, start, captured, length, at, ordinal);
      if (half.fin) this.#reachFin(connection, direction);
      return notes;
    }
    const held = (half.held ??= new HeldOctets());
    const before = held.cost;
    held.add(from, length, bytes, start, captured, at, ordinal);
    this.#heldTotal += held.cost - before;
    half.octets += held.added;
    if (held.conflict) notes |= SegmentNote.conflictingOverlap;
    this.drain(connection, ordinal);
    while (held.cost > this.#budget.heldOctetsPerDirection || (this.#heldTotal > this.#budget.heldOctetsTotal && held.cost > 0)) {
      if (held.cost <= this.#budget.heldOctetsPerDirection) this.#overflowed = true;
      this.#overflow(connection, direction, ordinal);
    }
    return notes;
  }

  /**
   * Hands on held octets and FINs of both directions as far as they are contiguous and nothing blocks them, in the order of their segments;
   * only of segments before `limit`.
   */
  drain(connection: Connection, ordinal: number, limit = Number.POSITIVE_INFINITY): void {
    for (;;) {
      const first = nextOrdinal(connection, 0);
      const second = nextOrdinal(connection, 1);
      if (Math.min(first, second) >= limit) return;
      const direction = first <= second ? 0 : 1;
      const half = connection.halves[direction];
      const piece = half.held?.first;
      if (!half.held || !piece || piece.from > half.contiguousTo) {
        this.#reachFin(connection, direction);
        continue;
      }
      const before = half.held.cost;
      half.held.takeFirst();
      this.#heldTotal += half.held.cost - before;
      const skip = half.contiguousTo - piece.from;
      if (piece.to <= half.contiguousTo) continue;
      const bytes = piece.bytes ?? EMPTY;
      this.#deliver(connection, direction, bytes, skip, Math.max(0, bytes.length - skip), piece.to - half.contiguousTo, piece, ordinal);
    }
  }

  /**
   * Gives up the holes before relative number `to` as gaps, handing on what stands between and behind them as far as it came before `limit`.
   */
  giveUp(
    connection: Connection,
    direction: Side,
    to: number,
    kind: StreamGap['kind'],
    at: ArrivalView,
    ordinal: number,
    limit = Number.POSITIVE_INFINITY,
  ): void {
    const half = connection.halves[direction];
    this.drain(connection, ordinal, limit);
    while (half.contiguousTo < to) {
      const end = Math.min(to, half.held?.first?.from ?? to);
      // What stands first has to wait: it follows when it no longer must.
      if (end <= half.contiguousTo) return;
      this.#gap(connection, direction, end - half.contiguousTo, kind, at, ordinal);
      this.drain(connection, ordinal, limit);
    }
  }

  /** Forgets what is held for a connection that is sealed. */
  release(connection: Connection): void {
    for (const half of connection.halves) {
      this.#heldTotal -= half.held?.cost ?? 0;
      if (half.recent) this.#rings.takeBack(half.recent.ring);
      half.held = null;
      half.recent = null;
    }
  }

  /** Whether all octets that were handed on can be taken back. */
  keepsAll({ halves }: Connection): boolean {
    return halves.every(({ octets, recent }) => (recent?.kept ?? 0) === octets);
  }

  /** Takes back what was handed on, the octets of direction 0 first. */
  withdraw(connection: Connection): Uint8Array {
    const { halves } = connection;
    const octets = new Uint8Array(halves[0].octets + halves[1].octets);
    halves[0].recent?.copyTo(octets, 0);
    halves[1].recent?.copyTo(octets, halves[0].octets);
    this.release(connection);
    return octets;
  }

  /** Hands on once more what was taken back, to a new sink; `segments` brought it, each in its turn, and no octets else. */
  tellAgain(connection: Connection, segments: readonly Segment[], octets: Uint8Array): void {
    const { halves } = connection;
    const places: [number, number] = [0, halves[0].octets];
    for (const half of halves) if (half.octets > 0) half.contiguousTo = 1;
    for (const { side: direction, length, atUs, input, packet } of segments) {
      this.#deliver(connection, direction, octets, places[direction], length, length, { atUs, input, packet }, 0);
      places[direction] += length;
    }
  }

  #deliver(
    connection: Connection,
    direction: Side,
    bytes: Uint8Array,
    start: number,
    captured: number,
    length: number,
    at: ArrivalView,
    ordinal: number,
  ): void {
    const half = connection.halves[direction];
    if (captured > 0) {
      this.#remember(half, bytes, start, captured);
      half.contiguousTo += captured;
      const sink = this.#sinkOf(connection);
      sink.octets(sideOf(connection, direction), bytes, start, start + captured, this.#arrivalOf(at));
    }
    if (captured < length) this.#gap(connection, direction, length - captured, 'snap', at, ordinal);
  }

  #gap(connection: Connection, direction: Side, length: number, kind: StreamGap['kind'], at: ArrivalView, ordinal: number): void {
    const half = connection.halves[direction];
    const from = half.contiguousTo;
    half.contiguousTo += length;
    if (connection.gaps.length < this.#budget.gaps) connection.gaps.push({ direction, from, length, kind, ordinal });
    else connection.gapsUnlisted++;
    noteGap(connection, direction);
    this.#sinkOf(connection).gap(sideOf(connection, direction), length, kind, this.#arrivalOf(at));
  }

  /** Passes the FIN on when the octets before it are complete. */
  #reachFin(connection: Connection, direction: Side): void {
    const half = connection.halves[direction];
    if (!half.fin || !finReachable(connection, direction)) return;
    half.finReached = true;
    half.contiguousTo++;
    this.#sinkOf(connection).fin(sideOf(connection, direction), this.#arrivalOf(half.fin));
  }

  #overflow(connection: Connection, direction: Side, ordinal: number): void {
    const half = connection.halves[direction];
    const first = half.held?.first;
    if (!half.held || !first) return;
    if (half.muted) {
      this.#heldTotal -= half.held.cost;
      half.held.clear();
      return;
    }
    addCaveat(connection, 'more octets out of order than are held: the hole before them was given up');
    connection.halves[direction === 0 ? 1 : 0].unseenAck = null;
    if (first.from > half.contiguousTo) this.#gap(connection, direction, first.from - half.contiguousTo, 'budget', first, ordinal);
    this.drain(connection, ordinal);
  }

  #remember(half: Half, bytes: Uint8Array, start: number, length: number): void {
    let { recent } = half;
    if (!recent) {
      const ring = this.#rings.lend(length, 0);
      if (!ring) return;
      recent = new RecentOctets(ring);
      half.recent = recent;
    } else if (recent.kept + length > recent.ring.length) {
      const larger = this.#rings.lend(recent.kept + length, recent.ring.length);
      if (larger) this.#rings.takeBack(recent.moveTo(larger));
    }
    recent.add(half.contiguousTo, bytes, start, start + length);
  }

  #arrivalOf(at: ArrivalView): ArrivalView {
    const arrival = this.#arrival;
    arrival.atUs = at.atUs;
    arrival.input = at.input;
    arrival.packet = at.packet;
    return arrival;
  }
}

/** The side that a direction stands for. */
export function sideOf(connection: Connection, direction: Side): Side {
  return direction === connection.originator ? 0 : 1;
}

/**
 * Ordinal from which on this direction waits: its end acknowledged octets of the other that may still turn up, or its own RST held good.
 */
function blockedFrom(connection: Connection, direction: Side): number {
  const half = connection.halves[direction];
  const awaited = connection.halves[direction === 0 ? 1 : 0].unseenAck?.acks[0]?.ordinal ?? Number.POSITIVE_INFINITY;
  return half.muted ? Math.min(awaited, half.mutedFrom) : awaited;
}

/** Ordinal of what a direction could hand on next, infinite when nothing. */
function nextOrdinal(connection: Connection, direction: Side): number {
  const half = connection.halves[direction];
  const piece = half.held?.first;
  if (piece && piece.from <= half.contiguousTo) return piece.ordinal < blockedFrom(connection, direction) ? piece.ordinal : Number.POSITIVE_INFINITY;
  return half.fin && finReachable(connection, direction) ? half.fin.ordinal : Number.POSITIVE_INFINITY;
}

function finReachable(connection: Connection, direction: Side): boolean {
  const { fin, finReached, finBeyondHole, contiguousTo } = connection.halves[direction];
  return fin !== null && !finReached && !finBeyondHole && contiguousTo === fin.seq && fin.ordinal < blockedFrom(connection, direction);
}
