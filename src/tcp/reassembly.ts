import type { ArrivalView, StreamGap, StreamSink } from '../model/tcp.ts';
import { SegmentNote } from '../model/tcp.ts';
import type { Side } from '../model/units.ts';
import type { TcpBudget } from './budget.ts';
import { addCaveat, type Connection } from './connection.ts';
import { noteGap } from './history.ts';
import type { Half } from './half.ts';
import { HeldOctets } from './held-octets.ts';
import { RecentOctets, RingStore } from './recent-octets.ts';

/** Puts octets in order and hands them on: each once, gaps as events, what came first wins. One for all connections of a tracker. */
export class Reassembly {
  readonly #budget: TcpBudget;
  /** Gives the sink of a connection, opening it at the first need. */
  readonly #sinkOf: (connection: Connection) => StreamSink;
  readonly #arrival: ArrivalView = { atUs: 0, input: 0, packet: 0 };
  #heldTotal = 0;
  readonly #rings: RingStore;

  constructor(budget: TcpBudget, sinkOf: (connection: Connection) => StreamSink) {
    this.#budget = budget;
    this.#sinkOf = sinkOf;
    this.#rings = new RingStore(budget);
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
    if (half.finReached && end > half.contiguousTo - 1) end = Math.min(end, half.contiguousTo - 1);
    if (end <= from) return 0;
    let notes = 0;
    if (from < half.contiguousTo && half.recent?.differs(from, bytes, start, start + Math.min(captured, end - from))) notes |= SegmentNote.conflictingOverlap;
    if (end <= half.contiguousTo) return notes;
    const skip = Math.max(0, half.contiguousTo - from);
    from += skip;
    start += skip;
    captured = Math.max(0, Math.min(captured - skip, end - from));
    length = end - from;
    if (from === half.contiguousTo && !half.stalled && !half.muted && (!half.held || half.held.pieces.length === 0)) {
      half.octets += length;
      this.#deliver(connection, direction, bytes, start, captured, length, at, ordinal);
      this.#reachFin(connection, direction);
      return notes;
    }
    half.held ??= new HeldOctets();
    const before = half.held.cost;
    half.held.add(from, length, bytes, start, captured, at);
    this.#heldTotal += half.held.cost - before;
    half.octets += half.held.added;
    if (half.held.conflict) notes |= SegmentNote.conflictingOverlap;
    this.drain(connection, direction, ordinal);
    while (half.held.cost > this.#budget.heldOctetsPerDirection || (this.#heldTotal > this.#budget.heldOctetsTotal && half.held.cost > 0)) {
      this.#overflow(connection, direction, ordinal);
    }
    return notes;
  }

  /** Hands on held octets as far as they are contiguous and nothing blocks them. */
  drain(connection: Connection, direction: Side, ordinal: number): void {
    const half = connection.halves[direction];
    const held = half.held;
    if (half.stalled || half.muted) return;
    if (held) {
      let count = 0;
      for (const piece of held.pieces) {
        if (piece.from > half.contiguousTo) break;
        count++;
        const skip = half.contiguousTo - piece.from;
        if (piece.to <= half.contiguousTo) continue;
        const bytes = piece.bytes ?? EMPTY;
        this.#deliver(connection, direction, bytes, skip, Math.max(0, bytes.length - skip), piece.to - half.contiguousTo, piece, ordinal);
      }
      if (count > 0) {
        const before = held.cost;
        held.takeFirst(count);
        this.#heldTotal += held.cost - before;
      }
    }
    this.#reachFin(connection, direction);
  }

  /** Gives up the octets before relative number `to` (or before what is held, if that is earlier) as a gap, then hands on what follows. */
  giveUp(connection: Connection, direction: Side, to: number, kind: StreamGap['kind'], at: ArrivalView, ordinal: number): void {
    const half = connection.halves[direction];
    this.drain(connection, direction, ordinal);
    while (half.contiguousTo < to) {
      const next = half.held?.pieces[0]?.from ?? to;
      const end = Math.min(to, next);
      if (end > half.contiguousTo) this.#gap(connection, direction, end - half.contiguousTo, kind, at, ordinal);
      const reached = half.contiguousTo;
      this.drain(connection, direction, ordinal);
      if (half.contiguousTo === reached && reached < to && (half.held?.pieces[0]?.from ?? to) <= reached) return;
    }
  }

  /** Registers that the FIN was seen and passes it on once the octets before it are complete. */
  reachFin(connection: Connection, direction: Side): void {
    this.#reachFin(connection, direction);
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

  #reachFin(connection: Connection, direction: Side): void {
    const half = connection.halves[direction];
    const { fin } = half;
    if (!fin || half.finReached || half.finBeyondHole || half.stalled || half.muted || half.contiguousTo !== fin.seq) return;
    half.finReached = true;
    half.contiguousTo++;
    this.#sinkOf(connection).fin(sideOf(connection, direction), this.#arrivalOf(fin));
  }

  #overflow(connection: Connection, direction: Side, ordinal: number): void {
    const half = connection.halves[direction];
    const first = half.held?.pieces[0];
    if (!first) return;
    if (half.muted) {
      const before = half.held?.cost ?? 0;
      half.held?.clear();
      this.#heldTotal -= before;
      return;
    }
    addCaveat(connection, 'more octets out of order than are held: the hole before them was given up');
    half.stalled = false;
    if (first.from > half.contiguousTo) this.#gap(connection, direction, first.from - half.contiguousTo, 'budget', first, ordinal);
    this.drain(connection, direction, ordinal);
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

const EMPTY = new Uint8Array(0);

/** The side that a direction stands for. */
export function sideOf(connection: Connection, direction: Side): Side {
  return direction === connection.originator ? 0 : 1;
}
