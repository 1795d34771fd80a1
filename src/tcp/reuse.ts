import { TCP_ACK, TCP_RST, TCP_SYN, type SegmentView } from '../model/packet.ts';
import { SECOND_US, type Side } from '../model/units.ts';
import type { Connection } from './connection.ts';
import { type Half, relative } from './half.ts';
import { scaleOf } from './reset.ts';

/**
 * What a segment on the addresses and ports of an open connection begins: nothing, another connection, or nobody can say before the other end
 * has spoken.
 */
type Beginning = 'nothing' | 'anew' | 'unclear';

/**
 * Whether a SYN begins another connection on the same addresses and ports. The same initial number again is a retransmission.
 * An end that still holds the connection challenges every SYN and lets nothing change, wherever it lies (RFC 9293, 3.10.7.4); one that has
 * lost it, or closed it behind the capture, answers as to any other. Inside of the receive window it counts as challenged.
 */
export function beginningOf(connection: Connection, direction: Side, view: SegmentView): Beginning {
  if (!(view.flags & TCP_SYN) || view.flags & TCP_RST) return 'nothing';
  const half = connection.halves[direction];
  const peer = connection.halves[direction === 0 ? 1 : 0];
  // Also where the number is only known from an answer that stands before the SYN in the file.
  if (half.baseKnown && half.base === view.seq) return 'nothing';
  if (connection.over) return 'anew';
  if (half.packets === 0) return 'nothing';
  if (view.flags & TCP_ACK) {
    // Another SYN/ACK during the handshake comes from whoever answers in between, not from another connection.
    if (half.octets === 0 && half.fin === null) return 'nothing';
  } else if (half.isn !== null && peer.packets === 0) return 'anew';
  const distance = relative(half, view.seq) - Math.max(half.contiguousTo, half.ackedTo);
  if (distance >= 0 && distance < windowOf(peer, half)) {
    notePending(peer, view.atUs);
    return 'nothing';
  }
  return view.flags & TCP_ACK || view.payloadLength > 0 || peer.packets === 0 ? 'anew' : 'unclear';
}

/** Whether this segment shows that its sender still holds the connection to which the other end sent a SYN numbered `synSeq`. */
export function holdsOn(connection: Connection, direction: Side, view: SegmentView, synSeq: number): boolean {
  if ((view.flags & (TCP_SYN | TCP_RST | TCP_ACK)) !== TCP_ACK || view.ack === (synSeq + 1) >>> 0) return false;
  const half = connection.halves[direction];
  const distance = relative(half, view.seq) - half.sentTo;
  return Math.abs(distance) < windowOf(connection.halves[direction === 0 ? 1 : 0], half);
}

/** The receiver of what was just sent may answer with a challenge ACK. */
export function notePending(receiver: Half, atUs: number): void {
  receiver.challengedUntilUs = atUs + SECOND_US;
}

function windowOf(receiver: Half, sender: Half): number {
  return receiver.lastWindow < 0 ? 65_535 : receiver.lastWindow * 2 ** scaleOf(receiver, sender);
}
