import { TCP_ACK, TCP_RST, TCP_SYN, type SegmentView } from '../model/packet.ts';
import type { SynOptions } from '../model/tcp.ts';
import type { DurationUs, EpochUs, Side } from '../model/units.ts';
import type { Connection, Handshake } from './connection.ts';
import { relative, setBase, type Half } from './half.ts';
import { describeLayout, type OptionsView } from './options.ts';

/** Notes what a SYN or SYN/ACK offers and where its stream begins; a number guessed before is corrected. */
export function noteSyn(connection: Connection, direction: Side, view: SegmentView, options: OptionsView): void {
  const half = connection.halves[direction];
  if (half.isn !== null) return;
  if (half.baseKnown && half.base !== view.seq) rebase(connection, direction, view.seq);
  else if (!half.baseKnown) setBase(half, view.seq);
  half.isn = view.seq;
  half.syn = synOptions(view, options);
  connection.sawSyn = true;
  if (connection.originatorBasis === 'syn' || connection.sink) return;
  connection.originatorBasis = 'syn';
  connection.originator = view.flags & TCP_ACK ? (direction === 0 ? 1 : 0) : direction;
}

/** Which end opened, where no SYN tells: the one that does not stand on a mail port. */
export function guessOriginator(connection: Connection, sourcePort: number, destinationPort: number, serverPorts: Uint8Array): void {
  const fromServer = serverPorts[sourcePort] === 1;
  const toServer = serverPorts[destinationPort] === 1;
  if (fromServer === toServer) return;
  connection.originatorBasis = 'ports';
  connection.originator = fromServer ? 1 : 0;
}

/** Decides by the first octets at last: who begins with a reply code is the responder. */
export function listenForRoles(connection: Connection, direction: Side, view: SegmentView): void {
  const { bytes, payloadAt } = view;
  const first = bytes[payloadAt] ?? 0;
  const isReply = first >= 0x32 && first <= 0x35 && isDigit(bytes[payloadAt + 1]) && isDigit(bytes[payloadAt + 2]) && isReplyMark(bytes[payloadAt + 3]);
  connection.originator = isReply ? (direction === 0 ? 1 : 0) : direction;
  connection.originatorBasis = 'ports';
}

function isDigit(octet: number | undefined): boolean {
  return octet !== undefined && octet >= 0x30 && octet <= 0x39;
}

function isReplyMark(octet: number | undefined): boolean {
  return octet === 0x20 || octet === 0x2d || octet === 0x0d;
}

function rebase(connection: Connection, direction: Side, isn: number): void {
  const half = connection.halves[direction];
  const by = (half.base - isn) | 0;
  connection.rows.shift(direction, by);
  half.base = isn;
  // Nothing has been delivered on a guess: the stream begins where the SYN says.
  half.sentTo += by;
  if (half.ackedTo >= 0) half.ackedTo += by;
  half.contiguousTo = half.octets > 0 ? half.contiguousTo + by : 1;
  half.sentTo = Math.max(half.sentTo, half.contiguousTo);
  half.recent?.forget();
  half.unseenAck = null;
}

function synOptions(view: SegmentView, options: OptionsView): SynOptions {
  return {
    mss: options.mss < 0 ? null : options.mss,
    windowScale: options.windowScale < 0 ? null : options.windowScale,
    sackPermitted: options.sackPermitted,
    timestamps: options.hasTimestamps,
    layout: describeLayout(view),
    window: view.window,
    ttl: view.ttl,
  };
}

/** Follows SYN, SYN/ACK and ACK for the two round-trip times and the moment of establishment. */
export function timeHandshake(connection: Connection, direction: Side, view: SegmentView, options: OptionsView): void {
  const { flags, atUs } = view;
  if (flags & TCP_RST || connection.establishedUs !== null) return;
  const tsVal = options.hasTimestamps ? options.tsVal : -1;
  const tsEcr = options.hasTimestamps ? options.tsEcr : -1;
  if (flags & TCP_SYN) {
    connection.handshake ??= { synUs: -1, synAgainUs: -1, synTsVal: -1, synAgainTsVal: -1, replyUs: -1, replyAgainUs: -1, replyTsVal: -1, replyAgainTsVal: -1 };
    if (flags & TCP_ACK) noteReply(connection, connection.handshake, atUs, tsVal, tsEcr);
    else if (direction === connection.originator) noteRequest(connection.handshake, atUs, tsVal);
    return;
  }
  const seen = connection.handshake;
  const responder: Half = connection.halves[direction === 0 ? 1 : 0];
  if (direction !== connection.originator || !(flags & TCP_ACK) || !seen || responder.isn === null || relative(responder, view.ack) < 1) return;
  // What stands behind octets, or acknowledges some, is not the answer to the SYN/ACK: that one is not in the file, but came soon behind it.
  const isAnswer = relative(connection.halves[direction], view.seq) === 1 && relative(responder, view.ack) === 1;
  connection.establishedUs = isAnswer ? atUs : Math.max(seen.replyUs, seen.replyAgainUs);
  if (isAnswer) connection.originatorRttUs = roundTrip(atUs, tsEcr, seen.replyUs, seen.replyTsVal, seen.replyAgainUs, seen.replyAgainTsVal);
  connection.handshake = null;
}

function noteRequest(seen: Handshake, atUs: EpochUs, tsVal: number): void {
  if (seen.synUs < 0) {
    seen.synUs = atUs;
    seen.synTsVal = tsVal;
  } else {
    seen.synAgainUs = atUs;
    seen.synAgainTsVal = tsVal;
  }
}

function noteReply(connection: Connection, seen: Handshake, atUs: EpochUs, tsVal: number, tsEcr: number): void {
  if (seen.replyUs < 0) {
    seen.replyUs = atUs;
    seen.replyTsVal = tsVal;
    if (seen.synUs >= 0) connection.responderRttUs = roundTrip(atUs, tsEcr, seen.synUs, seen.synTsVal, seen.synAgainUs, seen.synAgainTsVal);
  } else {
    seen.replyAgainUs = atUs;
    seen.replyAgainTsVal = tsVal;
  }
}

/** Time since the segment that is answered; null when it was repeated and no time stamp tells which one is meant (Karn's rule, RFC 6298, 3). */
function roundTrip(atUs: EpochUs, tsEcr: number, firstUs: EpochUs, firstTsVal: number, againUs: EpochUs, againTsVal: number): DurationUs | null {
  if (firstUs < 0) return null;
  if (againUs < 0) return atUs - firstUs;
  if (tsEcr < 0 || firstTsVal === againTsVal) return null;
  if (tsEcr === firstTsVal) return atUs - firstUs;
  return tsEcr === againTsVal ? atUs - againUs : null;
}
