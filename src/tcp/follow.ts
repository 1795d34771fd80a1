import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN, type SegmentView } from '../model/packet.ts';
import { SegmentNote } from '../model/tcp.ts';
import { type EpochUs, SECOND_US, type Side } from '../model/units.ts';
import { noteAck, noteStand, settleFilled, settleUnseen, supposeAlive } from './acknowledge.ts';
import { classify } from './classify.ts';
import type { Connection } from './connection.ts';
import { isCopy } from './copies.ts';
import { arrivedTo, type Half, relative, setBase } from './half.ts';
import { listenForRoles, noteSyn, timeHandshake } from './handshake.ts';
import { moveStates, noteBadChecksum, noteFlags, noteRetransmission, noteZeroWindow } from './history.ts';
import { OptionsView, readOptions } from './options.ts';
import type { Reassembly } from './reassembly.ts';
import { judgeReset } from './reset.ts';
import type { RowView } from './rows.ts';
import { MAX_WINDOW } from './sequence.ts';

const MATTERS =
  SegmentNote.retransmission | SegmentNote.outOfOrder | SegmentNote.zeroWindow | SegmentNote.keepAlive | SegmentNote.conflictingOverlap | SegmentNote.afterEnd;

const options = new OptionsView();
const row: RowView = {
  direction: 0,
  seq: 0,
  ack: -1,
  sackLeft: -1,
  sackRight: -1,
  hasTimestamps: false,
  tsVal: 0,
  tsEcr: 0,
  mac: -1,
  notes: 0,
  important: false,
};

/** Takes one segment into its connection: numbers, notes, log, states, octets, end. Nothing of `view` is kept. */
export function followSegment(connection: Connection, direction: Side, view: SegmentView, reassembly: Reassembly): void {
  const sender = connection.halves[direction];
  const receiver = connection.halves[direction === 0 ? 1 : 0];
  const { flags } = view;
  readOptions(view, options);
  placeNumbers(connection, direction, view);
  const seq = relative(sender, view.seq);
  const ack = flags & TCP_ACK ? relative(receiver, view.ack) : -1;
  fillRow(connection, direction, seq, ack);
  if (isCopy(connection, view, row)) return;

  if (view.payloadLength > 0 && connection.originatorBasis === 'open' && !connection.sink) listenForRoles(connection, direction, view);
  const isReset = (flags & TCP_RST) !== 0;
  const end = seq + (isReset ? 0 : view.payloadLength + (flags & TCP_SYN ? 1 : 0) + (flags & TCP_FIN ? 1 : 0));
  row.notes = classify(connection, direction, view, seq, end, ack);
  if (isReset) row.notes |= judgeReset(view, sender, receiver, seq, ack);
  else row.notes |= challengeNote(connection.over, sender, view, end, seq);
  const silentUs = view.atUs - connection.lastUs;
  row.important = (flags & (TCP_SYN | TCP_FIN | TCP_RST)) !== 0 || (row.notes & MATTERS) !== 0 || silentUs > SECOND_US;
  row.mac = macIndex(connection, sender, view);
  const ordinal = connection.rows.add(view, row);
  const { notes } = row;

  writeHistory(connection, direction, view, seq, end, notes);
  timeHandshake(connection, direction, view, options);
  sender.packets++;
  connection.lastInput = view.input;
  connection.lastPacket = view.packet;
  if (view.atUs > connection.lastUs) connection.lastUs = view.atUs;
  if (view.atUs < connection.firstUs) connection.firstUs = view.atUs;

  if (isReset) {
    takeReset(connection, sender, receiver, view, seq, notes, ordinal);
    return;
  }
  // A SYN inside a living connection is challenged and has no effect (RFC 9293, 3.10.7.4).
  if (flags & TCP_SYN && view.seq !== sender.isn) return;
  applySegment(connection, direction, view, seq, end, ack, notes, reassembly, ordinal);
}

/** What a segment other than a RST changes: what was sent, what is acknowledged, octets, FIN, end. */
function applySegment(
  connection: Connection,
  direction: Side,
  view: SegmentView,
  seq: number,
  end: number,
  ack: number,
  notes: number,
  reassembly: Reassembly,
  ordinal: number,
): void {
  const sender = connection.halves[direction];
  const { flags } = view;
  const plausible = end - Math.max(sender.contiguousTo, sender.ackedTo) <= MAX_WINDOW;
  if (plausible && end > sender.sentTo) sender.sentTo = end;
  sender.lastUs = Math.max(sender.lastUs, view.atUs);
  if (end > seq && !(notes & (SegmentNote.retransmission | SegmentNote.keepAlive))) sender.grewUs = Math.max(sender.grewUs, view.atUs);
  noteStand(connection, direction, view, seq, ordinal);
  if (connection.halves[0].unseenAck || connection.halves[1].unseenAck) settleUnseen(connection, view, reassembly, ordinal);
  if (flags & TCP_ACK) noteAck(connection, direction, view, ack, reassembly, ordinal);
  supposeAlive(connection, direction, ack, reassembly, ordinal);
  if (view.payloadLength > 0 && plausible && !(notes & SegmentNote.keepAlive)) {
    takePayload(connection, direction, view, seq + (flags & TCP_SYN ? 1 : 0), reassembly, ordinal);
  }
  if (flags & TCP_FIN && plausible) takeFin(connection, direction, view, end - 1, reassembly, ordinal);
  settleFilled(connection, direction, reassembly, ordinal);
  if (flags & TCP_SYN) sender.synLogged = true;
  sender.lastWindow = view.window;
  if (flags & TCP_ACK) sender.lastAck = ack;
  if (!connection.over && closed(connection.halves[0]) && closed(connection.halves[1])) {
    connection.over = true;
    connection.overUs = view.atUs;
    connection.rows.rest();
    reassembly.release(connection);
  }
}

function closed(half: Half): boolean {
  return half.finReached && half.fin !== null && half.ackedTo > half.fin.seq;
}

/** Settles relative 0 of both directions as far as this segment can: by a SYN, else so that the first octet known of is 1. */
function placeNumbers(connection: Connection, direction: Side, view: SegmentView): void {
  const sender = connection.halves[direction];
  const receiver = connection.halves[direction === 0 ? 1 : 0];
  if (view.flags & TCP_SYN && !(view.flags & TCP_RST)) noteSyn(connection, direction, view, options);
  if (!sender.baseKnown) setBase(sender, view.seq - 1);
  if (view.flags & TCP_ACK && !receiver.baseKnown) setBase(receiver, view.ack - 1);
}

function fillRow(connection: Connection, direction: Side, seq: number, ack: number): void {
  row.direction = direction;
  row.seq = seq;
  row.ack = ack;
  row.hasTimestamps = options.hasTimestamps;
  row.tsVal = options.tsVal;
  row.tsEcr = options.tsEcr;
  const receiver = connection.halves[direction === 0 ? 1 : 0];
  row.sackLeft = options.hasSack ? relative(receiver, options.sackLeft) : -1;
  row.sackRight = options.hasSack ? relative(receiver, options.sackRight) : -1;
}

/** A bare ACK that moves nothing, soon after something that its sender had to challenge (RFC 5961, 3.2, 4.2, 5.2). */
function challengeNote(over: boolean, sender: Half, view: SegmentView, end: number, seq: number): number {
  if (sender.challengedUntilUs === 0) return 0;
  const expired = view.atUs > sender.challengedUntilUs;
  const bare = end === seq && (view.flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) === TCP_ACK;
  if (!expired && !bare) return 0;
  sender.challengedUntilUs = 0;
  return expired || over ? 0 : SegmentNote.challengeAck;
}

function macIndex(connection: Connection, sender: Half, view: SegmentView): number {
  if (view.macAt < 0) return -1;
  const { bytes, macAt } = view;
  const high = ((bytes[macAt] ?? 0) << 8) | (bytes[macAt + 1] ?? 0);
  const low = ((bytes[macAt + 2] ?? 0) << 24) | ((bytes[macAt + 3] ?? 0) << 16) | ((bytes[macAt + 4] ?? 0) << 8) | (bytes[macAt + 5] ?? 0);
  const mac = high * 2 ** 32 + (low >>> 0);
  if (mac === sender.lastMac) return sender.lastMacIndex;
  let index = connection.macs.indexOf(mac);
  if (index < 0) index = connection.macs.length < 0xfffe ? connection.macs.push(mac) - 1 : -1;
  sender.lastMac = mac;
  sender.lastMacIndex = index;
  return index;
}

function writeHistory(connection: Connection, direction: Side, view: SegmentView, seq: number, end: number, notes: number): void {
  const { flags, payloadLength } = view;
  const half = connection.halves[direction];
  if (notes & SegmentNote.badChecksum) noteBadChecksum(connection, direction);
  noteFlags(connection, direction, flags, seq, payloadLength);
  if (view.window === 0) noteZeroWindow(connection, direction, flags);
  if (payloadLength > 0 && !(flags & TCP_RST) && end <= half.sentTo && half.packets > 0 && !(notes & SegmentNote.keepAlive))
    noteRetransmission(connection, direction);
  moveStates(connection, direction, flags, payloadLength);
}

function takeReset(connection: Connection, sender: Half, receiver: Half, view: SegmentView, seq: number, notes: number, ordinal: number): void {
  sender.rsts.push(ordinal);
  if (notes & SegmentNote.rstInWindow) {
    receiver.challengedUntilUs = view.atUs + SECOND_US;
    sender.looseReset = { ordinal, seq, atUs: view.atUs };
  }
  if (notes & SegmentNote.rstExact && !connection.over) endByReset(connection, sender, view.atUs, ordinal);
}

function endByReset(connection: Connection, sender: Half, atUs: EpochUs, ordinal: number): void {
  connection.over = true;
  connection.overUs = atUs;
  sender.muted = true;
  sender.mutedAck = sender.lastAck;
  sender.mutedFrom = ordinal;
  sender.mutedTo = arrivedTo(sender);
}

/** A RST that stands too early in the file was exact after all, when octets with an earlier time stamp fill the place before it. */
function reconsiderReset(connection: Connection, sender: Half, view: SegmentView): void {
  const reset = sender.looseReset;
  if (!reset || view.atUs >= reset.atUs || arrivedTo(sender) !== reset.seq) return;
  sender.looseReset = null;
  connection.rows.unnote(reset.ordinal, SegmentNote.rstInWindow);
  connection.rows.note(reset.ordinal, SegmentNote.rstExact);
  if (!connection.over) endByReset(connection, sender, reset.atUs, connection.rows.seen);
}

function takePayload(connection: Connection, direction: Side, view: SegmentView, from: number, reassembly: Reassembly, ordinal: number): void {
  const sender = connection.halves[direction];
  const captured = Math.max(0, Math.min(view.payloadCaptured, view.payloadLength, view.bytes.length - view.payloadAt));
  // What stands behind a RST in the file but is older was sent before it.
  const olderThanReset = sender.muted && view.atUs < connection.overUs;
  if (olderThanReset) sender.muted = false;
  const notes = reassembly.take(connection, direction, from, view.payloadLength, view.bytes, view.payloadAt, captured, view, ordinal);
  if (olderThanReset) sender.muted = true;
  if (notes !== 0) connection.rows.note(ordinal, notes);
  if (sender.looseReset) reconsiderReset(connection, sender, view);
}

function takeFin(connection: Connection, direction: Side, view: SegmentView, seq: number, reassembly: Reassembly, ordinal: number): void {
  const half = connection.halves[direction];
  // A FIN that cannot be reached gives way to one that can.
  if (half.fin && (half.finReached || half.fin.seq === seq || half.contiguousTo > seq)) return;
  half.fin = { ordinal, atUs: view.atUs, input: view.input, packet: view.packet, seq };
  reassembly.drain(connection, ordinal);
}
