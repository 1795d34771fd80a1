import type { Sender } from '../model/comparison.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../model/packet.ts';
import type { CapturedSession } from '../model/pairing.ts';
import { SegmentNote, type Segment, packetOf } from '../model/tcp.ts';
import type { DurationUs, EpochUs } from '../model/units.ts';
import type { Numbering } from './numbering.ts';
import { sideOf } from './path.ts';
import type { OctetsOf } from './streams.ts';

/** A packet in the numbering and the clock that both points of a leg share: numbers of the left, clock of the right. */
export interface Packet {
  readonly segment: Segment;
  readonly point: 'left' | 'right';
  readonly sender: Sender;
  /** First number of its octets (or of its SYN or FIN), and the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** -1 without the ACK flag. */
  readonly ack: number;
  readonly atUs: EpochUs;
  /** Flags that matter for what a packet is: SYN, FIN, RST, ACK. */
  readonly kind: number;
  readonly octets: Uint8Array | null;
}

const KIND = TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK;

/** All packets of a view, in file order. */
export function packetsOf(
  session: CapturedSession,
  point: Packet['point'],
  numberings: Readonly<Record<Sender, Numbering>>,
  offsetUs: DurationUs,
  octetsOf: OctetsOf,
): Packet[] {
  const clientSide = sideOf(session, 'client');
  return [...session.connection.segments].map((segment) => {
    const sender: Sender = segment.side === clientSide ? 'client' : 'server';
    const number = (whose: Sender, value: number) => (point === 'left' || (segment.flags & TCP_SYN) !== 0 ? value : numberings[whose].toLeft(value));
    const acked = sender === 'client' ? 'server' : 'client';
    const counted = (segment.flags & TCP_SYN ? 1 : 0) + (segment.flags & TCP_FIN ? 1 : 0);
    const to = number(sender, segment.seq + segment.length) + counted;
    return {
      segment,
      point,
      sender,
      from: number(sender, segment.seq),
      to,
      ack: segment.ack < 0 ? -1 : segment.ack <= 1 ? segment.ack : number(acked, segment.ack),
      atUs: point === 'left' ? segment.atUs + offsetUs : segment.atUs,
      kind: segment.flags & KIND,
      octets: segment.length > 0 ? octetsOf(packetOf(segment)) : null,
    };
  });
}

export function isRst({ kind }: Packet): boolean {
  return (kind & TCP_RST) !== 0;
}

export function isFin({ kind }: Packet): boolean {
  return (kind & TCP_FIN) !== 0;
}

export function isSyn({ kind }: Packet): boolean {
  return (kind & TCP_SYN) !== 0;
}

/** Carries octets of the stream; probes of a closed window and keep-alives do not count. */
export function isData({ segment }: Packet): boolean {
  return segment.length > 0 && (segment.notes & (SegmentNote.keepAlive | SegmentNote.zeroWindowProbe)) === 0;
}

/** Nothing but an acknowledgement. */
export function isBareAck(packet: Packet): boolean {
  return !isRst(packet) && !isFin(packet) && !isSyn(packet) && !isData(packet);
}
