import { TCP_FIN, type SegmentView } from '../model/packet.ts';
import { SegmentNote } from '../model/tcp.ts';
import { SECOND_US, type Side } from '../model/units.ts';
import type { Connection } from './connection.ts';
import { arrivedTo, type Half, type UnseenAck } from './half.ts';
import type { Reassembly } from './reassembly.ts';
import { MAX_WINDOW } from './sequence.ts';

/** Captures from several queues or interfaces write packets out of order by less than this, and by less than so many packets. */
const DISORDER_US = 50_000;
const DISORDER_PACKETS = 3;
/** Acknowledgements whose notes can be taken back. */
const FEW = 32;

/**
 * What one end acknowledges of the other's stream. Octets that the file lacks may still turn up (disorder in the file), may never have
 * been sent (somebody answered in the sender's name), or are missing: until that is settled the acknowledging end's own octets wait, so
 * that no answer is told before what it answers.
 */
export function noteAck(connection: Connection, direction: Side, view: SegmentView, ack: number, reassembly: Reassembly, ordinal: number): void {
  const other: Side = direction === 0 ? 1 : 0;
  const acked = connection.halves[other];
  if (ack - Math.max(acked.contiguousTo, acked.sentTo) > MAX_WINDOW) return;
  if (ack > acked.ackedTo) acked.ackedTo = ack;
  if (acked.muted && ack > acked.mutedTo && heldFrom(acked) <= ack) unmute(connection, other, reassembly, ordinal);
  if (acked.muted || ack <= acked.contiguousTo || ack <= acked.disownedTo || ack <= arrivedTo(acked)) return;
  awaitUnseen(connection, other, view, ack, ordinal);
  // Where the sender is known to stand behind them the octets were sent, and only the file's order is in doubt.
  if (acked.unseenAck && acked.sentTo < ack) {
    connection.rows.note(ordinal, SegmentNote.acksUnseen);
    if (acked.unseenAck.noted.length < FEW) acked.unseenAck.noted.push(ordinal);
  }
}

/** Begins or extends the wait for octets of `direction` that were acknowledged up to `to`. */
function awaitUnseen(connection: Connection, direction: Side, view: SegmentView, to: number, ordinal: number): void {
  const half = connection.halves[direction];
  const pending = (half.unseenAck ??= { acks: [], noted: [], confirmed: false, contradicted: false });
  const known = pending.acks.at(-1)?.to ?? -1;
  if (to <= known) return;
  const { atUs, input, packet } = view;
  if (pending.acks.length < FEW) pending.acks.push({ to, atUs, input, packet, ordinal });
  pending.confirmed = half.sentTo >= to;
  pending.contradicted = false;
}

/** What a segment tells of the octets of its own direction that were acknowledged unseen: does its sender stand behind them, or before? */
export function noteStand(connection: Connection, direction: Side, view: SegmentView, seq: number, ordinal: number): void {
  const half = connection.halves[direction];
  if (
    !half.unseenAck &&
    half.ackedTo > half.contiguousTo &&
    seq >= half.ackedTo &&
    half.ackedTo > half.disownedTo &&
    !half.muted &&
    half.ackedTo > arrivedTo(half)
  ) {
    awaitUnseen(connection, direction, view, half.ackedTo, ordinal);
  }
  const pending = half.unseenAck;
  if (!pending) return;
  if (seq >= (pending.acks.at(-1)?.to ?? 0) - 1) pending.confirmed = true;
  else if (view.payloadLength === 0 && !(view.flags & TCP_FIN)) pending.contradicted = true;
}

/** Settles what waits in either direction once disorder can no longer explain it. */
export function settleUnseen(connection: Connection, view: SegmentView, reassembly: Reassembly, ordinal: number): void {
  for (const direction of [0, 1] as const) {
    const pending = connection.halves[direction].unseenAck;
    if (!pending) continue;
    const oldest = pending.acks[0];
    if (!oldest) continue;
    const elapsedUs = view.atUs - oldest.atUs;
    const longAgo = elapsedUs > SECOND_US;
    if (!longAgo && (elapsedUs <= DISORDER_US || ordinal - oldest.ordinal < DISORDER_PACKETS)) continue;
    // Without packets of its sender in the file every octet would be missing: that is a capture of one direction, not a gap.
    if (connection.halves[direction].packets === 0) disown(connection, direction, pending, reassembly, ordinal);
    else if (pending.confirmed) giveUpAcked(connection, direction, pending, reassembly, ordinal);
    else if (pending.contradicted) disown(connection, direction, pending, reassembly, ordinal);
    else if (longAgo) giveUpAcked(connection, direction, pending, reassembly, ordinal);
  }
}

/** Settles it at the end of the connection, when nothing more can come. */
export function settleUnseenAtEnd(connection: Connection, direction: Side, reassembly: Reassembly, ordinal: number): void {
  const pending = connection.halves[direction].unseenAck;
  if (!pending) return;
  if (connection.halves[direction].packets === 0 || (pending.contradicted && !pending.confirmed)) disown(connection, direction, pending, reassembly, ordinal);
  else giveUpAcked(connection, direction, pending, reassembly, ordinal);
}

/** Called after octets arrived: holes that were acknowledged may be filled now. What answers the filled ones flows again, so that each answer is told behind what it answers. */
export function settleFilled(connection: Connection, direction: Side, reassembly: Reassembly, ordinal: number): void {
  const half = connection.halves[direction];
  const pending = half.unseenAck;
  const first = pending?.acks[0];
  if (!pending || !first || half.contiguousTo < first.to) return;
  for (let ack: UnseenAck['acks'][number] | undefined = first; ack && ack.to <= half.contiguousTo; ack = pending.acks[0]) {
    pending.acks.shift();
    const noted = pending.noted.indexOf(ack.ordinal);
    if (noted < 0) continue;
    pending.noted.splice(noted, 1);
    connection.rows.unnote(ack.ordinal, SegmentNote.acksUnseen);
  }
  if (pending.acks.length > 0) {
    reassembly.drain(connection, ordinal);
    return;
  }
  takeBack(connection, pending);
  release(connection, direction, reassembly, ordinal);
}

/**
 * What is acknowledged but missing becomes a capture gap, and the acknowledging end's octets flow again: in the order of the segments, so
 * that each gap is told before what acknowledges it and behind what was said before.
 */
function giveUpAcked(connection: Connection, direction: Side, pending: UnseenAck, reassembly: Reassembly, ordinal: number): void {
  const half = connection.halves[direction];
  let last = pending.acks[0];
  for (let ack = last; ack && half.unseenAck === pending; ack = pending.acks[0]) {
    reassembly.giveUp(connection, direction, beforeFin(half, ack.to), 'capture', ack, ack.ordinal, ack.ordinal);
    pending.acks.shift();
    last = ack;
  }
  half.unseenAck = null;
  if (last) reassembly.giveUp(connection, direction, beforeFin(half, half.ackedTo), 'capture', last, last.ordinal);
  else reassembly.drain(connection, ordinal);
}

/** A FIN that is missing in the file counts as one missing octet, for nothing tells them apart; one that is there is no octet. */
function beforeFin(half: Half, to: number): number {
  return half.fin && !half.finReached ? Math.min(to, half.fin.seq) : to;
}

/** The sender stands before what was acknowledged: it never sent it, so that nothing is missing. */
function disown(connection: Connection, direction: Side, pending: UnseenAck, reassembly: Reassembly, ordinal: number): void {
  connection.halves[direction].disownedTo = pending.acks.at(-1)?.to ?? -1;
  takeBack(connection, pending);
  release(connection, direction, reassembly, ordinal);
}

function takeBack(connection: Connection, pending: UnseenAck): void {
  for (const one of pending.noted) connection.rows.unnote(one, SegmentNote.acksUnseen);
}

function release(connection: Connection, direction: Side, reassembly: Reassembly, ordinal: number): void {
  connection.halves[direction].unseenAck = null;
  reassembly.drain(connection, ordinal);
}

/** Octets wait behind the RST, and the receiver acknowledges them: it lives, the RST did not end anything. */
function unmute(connection: Connection, direction: Side, reassembly: Reassembly, ordinal: number): void {
  connection.halves[direction].muted = false;
  connection.over = false;
  reassembly.drain(connection, ordinal);
}

function heldFrom(half: Half): number {
  return half.held?.first?.from ?? Number.POSITIVE_INFINITY;
}

/** In a capture of one direction the same is seen by the sender acknowledging more than it had when it sent its RST. */
export function supposeAlive(connection: Connection, direction: Side, ack: number, reassembly: Reassembly, ordinal: number): void {
  const half = connection.halves[direction];
  const receiver = connection.halves[direction === 0 ? 1 : 0];
  if (half.muted && receiver.packets === 0 && ack > half.mutedAck && half.mutedAck >= 0) unmute(connection, direction, reassembly, ordinal);
}
