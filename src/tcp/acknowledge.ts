import { TCP_FIN, type SegmentView } from '../model/packet.ts';
import { SegmentNote } from '../model/tcp.ts';
import { SECOND_US, type Side } from '../model/units.ts';
import type { Connection } from './connection.ts';
import type { Half, UnseenAck } from './half.ts';
import type { Reassembly } from './reassembly.ts';
import { MAX_WINDOW } from './sequence.ts';

/** Captures from several queues write packets out of order by less than this. */
const DISORDER_US = 5_000;
/** Acknowledgements whose notes can be taken back. */
const FEW = 32;

/**
 * What one end acknowledges of the other's stream. Octets that the file lacks are a capture gap once their sender stands behind them;
 * until then they may still turn up (disorder in the file) or never have been sent (somebody answered in the sender's name).
 */
export function noteAck(connection: Connection, direction: Side, view: SegmentView, ack: number, reassembly: Reassembly, ordinal: number): void {
  const other: Side = direction === 0 ? 1 : 0;
  const acked = connection.halves[other];
  if (ack - Math.max(acked.contiguousTo, acked.sentTo) > MAX_WINDOW) return;
  if (ack > acked.ackedTo) acked.ackedTo = ack;
  if (acked.muted && ack > acked.contiguousTo && heldFrom(acked) <= ack) unmute(connection, other, reassembly, ordinal);
  // Without packets of its sender in the file every octet would be missing: that is a capture of one direction, not a gap.
  if (acked.packets === 0 || acked.muted || ack <= acked.contiguousTo) return;
  if (acked.sentTo >= ack) {
    giveUpAcked(connection, other, view, reassembly, ordinal);
    return;
  }
  if (ack <= acked.disownedTo) return;
  const pending = acked.unseenAck ?? { to: ack, sinceUs: view.atUs, ordinals: [], contradicted: false };
  acked.unseenAck = ack > pending.to ? { ...pending, to: ack, contradicted: false } : pending;
  if (pending.ordinals.length < FEW) pending.ordinals.push(ordinal);
  connection.rows.note(ordinal, SegmentNote.acksUnseen);
  connection.halves[direction].stalled = true;
  if (view.atUs - pending.sinceUs > SECOND_US && !pending.contradicted) giveUpAcked(connection, other, view, reassembly, ordinal);
}

/** Octets wait behind the RST, and the receiver acknowledges them: it lives, the RST did not end anything. */
function unmute(connection: Connection, direction: Side, reassembly: Reassembly, ordinal: number): void {
  connection.halves[direction].muted = false;
  connection.over = false;
  reassembly.drain(connection, direction, ordinal);
}

function heldFrom(half: Half): number {
  return half.held?.pieces[0]?.from ?? Number.POSITIVE_INFINITY;
}

/** In a capture of one direction the same is seen by the sender acknowledging more than it had when it sent its RST. */
export function supposeAlive(connection: Connection, direction: Side, ack: number, reassembly: Reassembly, ordinal: number): void {
  const half = connection.halves[direction];
  const receiver = connection.halves[direction === 0 ? 1 : 0];
  if (half.muted && receiver.packets === 0 && ack > half.mutedAck && half.mutedAck >= 0) unmute(connection, direction, reassembly, ordinal);
}

/** A segment of the sender whose unseen octets were acknowledged: does it stand behind them, or before? */
export function settleUnseen(connection: Connection, direction: Side, view: SegmentView, seq: number, reassembly: Reassembly, ordinal: number): void {
  const half = connection.halves[direction];
  const pending = half.unseenAck;
  if (!pending) {
    if (half.ackedTo > half.contiguousTo && seq >= half.ackedTo && !half.muted) giveUpAcked(connection, direction, view, reassembly, ordinal);
    return;
  }
  if (seq >= pending.to - 1) giveUpAcked(connection, direction, view, reassembly, ordinal);
  else if (view.payloadLength === 0 && !(view.flags & TCP_FIN)) {
    pending.contradicted = true;
    if (view.atUs - pending.sinceUs > DISORDER_US) disown(connection, direction, pending, reassembly, ordinal);
  }
}

/** What is acknowledged but missing becomes a capture gap, and the acknowledging end's octets flow again. */
export function giveUpAcked(
  connection: Connection,
  direction: Side,
  at: { readonly atUs: number; readonly input: number; readonly packet: number },
  reassembly: Reassembly,
  ordinal: number,
): void {
  const half = connection.halves[direction];
  // A FIN among the unseen octets would count as one of them: where the sender goes on behind it is not known, so it stays an octet.
  const to = half.fin && !half.finReached ? Math.min(half.ackedTo, half.fin.seq) : half.ackedTo;
  if (to > half.contiguousTo) reassembly.giveUp(connection, direction, to, 'capture', at, ordinal);
  release(connection, direction, reassembly, ordinal);
}

/** The sender stands before what was acknowledged: it never sent it, so that nothing is missing. */
export function disown(connection: Connection, direction: Side, pending: UnseenAck, reassembly: Reassembly, ordinal: number): void {
  connection.halves[direction].disownedTo = pending.to;
  takeBack(connection, pending);
  release(connection, direction, reassembly, ordinal);
}

function takeBack(connection: Connection, pending: UnseenAck): void {
  for (const one of pending.ordinals) connection.rows.unnote(one, SegmentNote.acksUnseen);
}

function release(connection: Connection, direction: Side, reassembly: Reassembly, ordinal: number): void {
  const other: Side = direction === 0 ? 1 : 0;
  connection.halves[direction].unseenAck = null;
  if (!connection.halves[other].stalled) return;
  connection.halves[other].stalled = false;
  reassembly.drain(connection, other, ordinal);
}

/** Called after octets arrived: a hole that was acknowledged may be filled now. */
export function settleFilled(connection: Connection, direction: Side, reassembly: Reassembly, ordinal: number): void {
  const half = connection.halves[direction];
  if (half.unseenAck && half.contiguousTo >= half.unseenAck.to) {
    takeBack(connection, half.unseenAck);
    release(connection, direction, reassembly, ordinal);
  }
}
