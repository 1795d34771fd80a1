import type { Moment, PacketRef } from './evidence.ts';
import type { IcmpError } from './packet.ts';
import type { DurationUs, EpochUs, Side } from './units.ts';

/** Facts about one segment, as bits of `Segment.notes`. The names are Wireshark's where it has one. */
export const SegmentNote = {
  /** All its octets had been sent before. */
  retransmission: 1 << 0,
  /** A retransmission of octets that the receiver had already acknowledged. */
  spuriousRetransmission: 1 << 1,
  /** Fills a hole left by a later segment that came first. */
  outOfOrder: 1 << 2,
  /** Overlaps octets seen before with a different content: somebody altered the stream. */
  conflictingOverlap: 1 << 3,
  /** One octet (or none) just below what the receiver expects: RFC 9293, 3.8.4. */
  keepAlive: 1 << 4,
  zeroWindow: 1 << 5,
  zeroWindowProbe: 1 << 6,
  duplicateAck: 1 << 7,
  windowUpdate: 1 << 8,
  /** Begins beyond the next expected octet: something before it is missing so far. */
  afterHole: 1 << 9,
  /** Acknowledges octets that are not in the file although the capture runs: they were lost by the capture, not by the network. */
  acksUnseen: 1 << 10,
  badChecksum: 1 << 11,
  /** Came after the connection was over (both FINs acknowledged, or an acceptable RST). */
  afterEnd: 1 << 12,
  /** RST only: its sequence number is exactly the next expected (RFC 5961, 3.2): it ends the connection. */
  rstExact: 1 << 13,
  /** RST only: inside the receive window but not exact: a receiver that follows RFC 5961 answers with a challenge ACK and goes on. */
  rstInWindow: 1 << 14,
  /** RST only: outside the receive window: has no effect. */
  rstOutside: 1 << 15,
  /** Segment longer than the path can carry: offload joined it. */
  oversized: 1 << 16,
  /** ACK that answers an unacceptable segment (challenge ACK, RFC 5961). */
  challengeAck: 1 << 17,
} as const;

/** One segment of a connection, as kept for judging. Owned and immutable. */
export interface Segment {
  /** Position in the connection's log, from 0, in file order. */
  readonly index: number;
  readonly input: number;
  readonly packet: number;
  readonly atUs: EpochUs;
  readonly side: Side;
  readonly flags: number;
  /**
   * Relative sequence number as Wireshark shows it, unwrapped: the SYN is 0, the first octet 1.
   * Without a SYN in the file the first octet seen of that side is 1. May be negative for a segment from before that.
   */
  readonly seq: number;
  /** Relative acknowledgement of the other side's octets; -1 without the ACK flag. */
  readonly ack: number;
  readonly length: number;
  /** As on the wire, unscaled. */
  readonly window: number;
  readonly ttl: number;
  /** IPv4 identification, -1 in IPv6. */
  readonly ipId: number;
  readonly dontFragment: boolean;
  readonly tos: number;
  /** TCP time stamp option, -1 where absent. */
  readonly tsVal: number;
  readonly tsEcr: number;
  /** First SACK block, relative to the other side's stream; -1 where absent. */
  readonly sackLeft: number;
  readonly sackRight: number;
  /** Small number standing for the source MAC in `TcpConnection.macs`; -1 where there is none. */
  readonly mac: number;
  readonly vlan: number;
  readonly interfaceId: number;
  /** Wire checksum. */
  readonly checksum: number;
  /** Bits of `SegmentNote`. */
  readonly notes: number;
}

/** The kept segments of a connection, in file order. Copies of a frame (mirror ports) are not in it. */
export interface SegmentLog extends Iterable<Segment> {
  readonly length: number;
  at(index: number): Segment;
  /** Segments that were seen but not kept because the budget was reached. */
  readonly dropped: number;
  /** How to open it again where all of it is in the store; null elsewhere. */
  readonly packed: PackedLog | null;
}

/** A log of segments in the store. */
export interface PackedLog {
  readonly address: number;
  readonly length: number;
  readonly dropped: number;
  /** The direction that is side 0. */
  readonly originator: Side;
}

/** What the SYN or SYN/ACK of one side offered. */
export interface SynOptions {
  readonly mss: number | null;
  readonly windowScale: number | null;
  readonly sackPermitted: boolean;
  readonly timestamps: boolean;
  /** Kinds in order, as text: `mss,sack,ts,nop,ws`; runs of NOP tell of stripped options. */
  readonly layout: string;
  readonly window: number;
  readonly ttl: number;
}

export interface TcpEndpoint {
  readonly ip: string;
  readonly port: number;
  /** Zeek's endpoint states. */
  readonly state: 'inactive' | 'syn-sent' | 'syn-ack-sent' | 'partial' | 'established' | 'closed' | 'reset';
  /** Initial sequence number on the wire; null when the SYN is not in the file. */
  readonly isn: number | null;
  /** Wire number of relative sequence number 0; null while the side has sent nothing. */
  readonly baseSeq: number | null;
  readonly syn: SynOptions | null;
  readonly packets: number;
  /** Payload octets, each once. */
  readonly octets: number;
  /** End of the octets that arrived without a hole (relative): the next one that its receiver waits for, as far as this file shows. A FIN in order counts one. */
  readonly contiguousTo: number;
  /** Highest relative sequence number that any of its segments but RSTs, which anybody may forge, carried or ended at (SND.NXT as far as seen). */
  readonly sentTo: number;
  /** Highest relative acknowledgement of its octets by the other side; -1 when none. */
  readonly ackedTo: number;
  /** The FIN, by its place in sequence space. `inOrder` false: octets before it never arrived, so the receiver's TCP never reached it. */
  readonly fin: { readonly segment: number; readonly atUs: EpochUs; readonly seq: number; readonly inOrder: boolean } | null;
  /** Indexes of its RST segments in the log. */
  readonly rsts: readonly number[];
}

/** Octets missing from one side's stream. */
export interface StreamGap {
  readonly side: Side;
  /** Relative sequence number of the first missing octet. */
  readonly from: number;
  readonly length: number;
  /**
   * `capture`: the receiver acknowledged them, so they arrived and only the file lacks them; in a capture of one direction, that their sender went on ·
   * `network`: never acknowledged and never filled: they did not reach the receiver ·
   * `snap`: cut off by the snap length · `budget`: more out-of-order octets than are held.
   */
  readonly kind: 'capture' | 'network' | 'snap' | 'budget';
  /** Segment after which the gap was certain. */
  readonly segment: number;
}

/** One TCP connection, sealed: nothing in it changes any more. Says how it ended, never why. */
export interface TcpConnection {
  /** Stream number in order of first packets, from 0, over all captures of one vantage point. */
  readonly stream: number;
  readonly vantage: string;
  readonly originator: TcpEndpoint;
  readonly responder: TcpEndpoint;
  readonly family: 4 | 6;
  /** False: the capture began after the handshake; who is originator was taken from the ports or the SMTP roles. */
  readonly sawSyn: boolean;
  readonly firstUs: EpochUs;
  readonly lastUs: EpochUs;
  /** First ACK of the handshake by the originator; null when the handshake was never completed or not seen. */
  readonly establishedUs: EpochUs | null;
  /** SYN/ACK to the originator's ACK: round-trip time between the capture point and the originator; null when not seen. */
  readonly originatorRttUs: DurationUs | null;
  /** SYN to SYN/ACK. */
  readonly responderRttUs: DurationUs | null;
  /** Zeek's letters, e.g. `SF`, `RSTO`, `S1`, `OTH`. */
  readonly connState: string;
  /** Zeek's history, e.g. `ShADadFf`. */
  readonly history: string;
  readonly segments: SegmentLog;
  readonly gaps: readonly StreamGap[];
  readonly icmp: readonly IcmpError[];
  /** Distinct source MAC addresses as text, by `Segment.mac`. */
  readonly macs: readonly string[];
  /** Copies of frames left out of the log. */
  readonly duplicateFrames: number;
  /** Both directions have packets. */
  readonly bothDirections: boolean;
  /** What limits this connection's evidence, one sentence each (budgets reached and the like). */
  readonly caveats: readonly string[];
}

/** Where an octet arrived. Borrowed. */
export interface ArrivalView {
  atUs: EpochUs;
  input: number;
  packet: number;
}

/**
 * Receives one connection's octets in stream order, each once, as its receiver's application could read them.
 * `bytes` is borrowed: whatever is kept must be copied.
 */
export interface StreamSink {
  octets(side: Side, bytes: Uint8Array, start: number, end: number, at: ArrivalView): void;
  /** Octets that are not in the file. After a gap of kind `network` what follows never reached the receiver's application. */
  gap(side: Side, length: number, kind: StreamGap['kind'], at: ArrivalView): void;
  /** The side's FIN was reached in sequence. */
  fin(side: Side, at: ArrivalView): void;
  /**
   * Nothing was said for long: what it holds may be put away. It is told nothing more, but that the connection is over; where the connection speaks
   * again, a new one is opened and told all from the beginning. False where that one might not come to the same.
   */
  rest?(): boolean;
}

export function packetOf(segment: Segment): PacketRef {
  return { input: segment.input, number: segment.packet };
}

/** An owned copy of a borrowed arrival. */
export function momentOf(at: ArrivalView): Moment {
  return { atUs: at.atUs, packet: { input: at.input, number: at.packet } };
}
