import type { StreamGap, TcpConnection, TcpEndpoint } from '../model/tcp.ts';
import { TCP_ACK, TCP_RST, TCP_SYN } from '../model/packet.ts';
import type { EpochUs, Side } from '../model/units.ts';
import { settleUnseenAtEnd } from './acknowledge.ts';
import { addCaveat, type Connection } from './connection.ts';
import type { FlowTable } from './flow-table.ts';
import { arrivedTo, type Half } from './half.ts';
import { connStateOf, finishHistory } from './history.ts';
import { type Reassembly, sideOf } from './reassembly.ts';
import type { SealedLog } from './segment-log.ts';

/** Settles what was still open, hands on the last octets, and makes the record. The connection is not to be used afterwards. */
export function sealConnection(connection: Connection, table: FlowTable<unknown>, vantage: string, reassembly: Reassembly): TcpConnection {
  const ordinal = connection.rows.seen - 1;
  for (const direction of [0, 1] as const) settleUnseenAtEnd(connection, direction, reassembly, ordinal);
  const contiguous = connection.halves.map((half) => (half.muted ? half.contiguousTo : arrivedTo(half)));
  const bothDirections = connection.halves[0].packets > 0 && connection.halves[1].packets > 0;
  giveUpRest(connection, bothDirections, reassembly);
  if (connection.halves.some((half) => half.muted && half.held?.first)) {
    addCaveat(connection, 'octets that followed a reset were not acknowledged and are not part of the stream');
  }
  reassembly.release(connection);
  const log = connection.rows.seal(connection.originator);
  noteCaveats(connection, log);

  const responder: Side = connection.originator === 0 ? 1 : 0;
  const history = finishHistory(connection.history, connection.originator);
  const [originatorHalf, responderHalf] = [connection.halves[connection.originator], connection.halves[responder]];
  return {
    stream: connection.stream,
    vantage,
    originator: endpoint(connection, connection.originator, table, contiguous, log),
    responder: endpoint(connection, responder, table, contiguous, log),
    family: connection.family,
    sawSyn: connection.sawSyn,
    firstUs: connection.firstUs,
    lastUs: connection.lastUs,
    establishedUs: connection.establishedUs ?? (bothDirections ? null : establishedAlone(connection, log)),
    originatorRttUs: connection.originatorRttUs,
    responderRttUs: connection.responderRttUs,
    connState: connStateOf(originatorHalf, responderHalf, history),
    history,
    segments: log,
    gaps: gapsOf(connection, log),
    icmp: connection.icmp,
    macs: connection.macs.map(formatMac),
    duplicateFrames: connection.duplicateFrames,
    bothDirections,
    caveats: connection.caveats,
  };
}

/** With one direction in the file: when its side sent the first segment that nobody sends before the handshake is complete (RFC 9293, 3.5). */
function establishedAlone({ sawSyn }: Connection, log: SealedLog): EpochUs | null {
  if (!sawSyn) return null;
  for (const { flags, atUs } of log) if ((flags & (TCP_SYN | TCP_RST | TCP_ACK)) === TCP_ACK) return atUs;
  return null;
}

/**
 * Holes that nothing filled, in the order of what stands behind them. Seen from both sides they never reached the receiver; with one
 * direction in the file their sender went on as if they had. What stands behind an RST that held good was read by nobody.
 */
function giveUpRest(connection: Connection, bothDirections: boolean, reassembly: Reassembly): void {
  const at = { atUs: connection.lastUs, input: connection.lastInput, packet: connection.lastPacket };
  const kind = bothDirections ? 'network' : 'capture';
  for (const half of connection.halves) {
    // A FIN behind the hole was never reached by the receiver, so it is not passed on.
    half.finBeyondHole = bothDirections && !half.finReached;
  }
  for (;;) {
    const first = nextHole(connection.halves[0]);
    const second = nextHole(connection.halves[1]);
    const hole = !second || (first && first.ordinal <= second.ordinal) ? first : second;
    if (!hole) return;
    const half = connection.halves[hole === first ? 0 : 1];
    const reached = half.contiguousTo;
    reassembly.giveUp(connection, hole === first ? 0 : 1, hole.to, kind, at, connection.rows.seen - 1);
    if (half.contiguousTo === reached) return;
  }
}

/** The next hole of a direction: where it ends, and the ordinal of what stands behind it; null when nothing is missing any more. */
function nextHole(half: Half): { readonly to: number; readonly ordinal: number } | null {
  if (half.finReached || half.packets === 0) return null;
  const piece = half.held?.first;
  if (half.muted && (!piece || piece.ordinal >= half.mutedFrom)) return null;
  if (piece) return { to: piece.from, ordinal: piece.ordinal };
  const to = half.fin ? Math.min(half.fin.seq, half.sentTo) : half.sentTo;
  return to > half.contiguousTo ? { to, ordinal: Number.POSITIVE_INFINITY } : null;
}

function noteCaveats(connection: Connection, log: SealedLog): void {
  if (log.dropped > 0) addCaveat(connection, `${log.dropped} segments in the middle of this long connection were seen but are not in its log`);
  if (connection.gapsUnlisted > 0) addCaveat(connection, `${connection.gapsUnlisted} further gaps are not listed`);
}

function endpoint(connection: Connection, direction: Side, table: FlowTable<unknown>, contiguous: readonly number[], log: SealedLog): TcpEndpoint {
  const half: Half = connection.halves[direction];
  const { fin } = half;
  return {
    ip: connection.addresses?.[direction] ?? table.addressOf(connection.entry, direction),
    port: table.portOf(connection.entry, direction),
    state: half.state,
    isn: half.isn,
    baseSeq: half.baseKnown ? half.base : null,
    syn: half.syn,
    packets: half.packets,
    octets: half.octets,
    contiguousTo: contiguous[direction] ?? 0,
    sentTo: half.sentTo,
    ackedTo: half.ackedTo,
    fin: fin && { segment: log.indexOfOrdinal(fin.ordinal), atUs: fin.atUs, seq: fin.seq, inOrder: half.finReached },
    rsts: half.rsts.map((ordinal) => log.indexOfOrdinal(ordinal)),
  };
}

function gapsOf(connection: Connection, log: SealedLog): StreamGap[] {
  return connection.gaps.map(({ direction, from, length, kind, ordinal }) => ({
    side: sideOf(connection, direction),
    from,
    length,
    kind,
    segment: log.indexOfOrdinal(ordinal),
  }));
}

/** Texts of MAC addresses already written: a capture has few. */
const macTexts = new Map<number, string>();
const MAC_TEXTS = 4_096;

function formatMac(mac: number): string {
  const known = macTexts.get(mac);
  if (known) return known;
  const digits = mac.toString(16).padStart(12, '0');
  const text = [0, 2, 4, 6, 8, 10].map((at) => digits.slice(at, at + 2)).join(':');
  if (macTexts.size < MAC_TEXTS) macTexts.set(mac, text);
  return text;
}
