import type { EpochUs } from './units.ts';

export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_PSH = 0x08;
export const TCP_ACK = 0x10;
/** RFC 3168. */
export const TCP_ECE = 0x40;
export const TCP_CWR = 0x80;

/**
 * One TCP segment, described in place. A name ending in `View` is borrowed: valid only until the call that got it returns;
 * the same object is used again for the next packet.
 */
export interface SegmentView {
  input: number;
  /** Number of the packet in its file, from 1. */
  packet: number;
  atUs: EpochUs;
  /** The octets that hold the packet; all `…At` are offsets into it. */
  bytes: Uint8Array;
  view: DataView;
  /** Source MAC address (6 octets), or -1 where the link has none. */
  macAt: number;
  /** Innermost 802.1Q VLAN identifier, or -1. */
  vlan: number;
  /** pcapng interface, 0 in classic pcap. */
  interfaceId: number;
  family: 4 | 6;
  /** Source address; the destination follows at once (4 or 16 octets each). */
  addressAt: number;
  ttl: number;
  /** IPv4 identification; -1 in IPv6. */
  ipId: number;
  dontFragment: boolean;
  /** DSCP and ECN as one octet. */
  tos: number;
  srcPort: number;
  dstPort: number;
  /** Wire numbers, 0 to 2^32-1. */
  seq: number;
  ack: number;
  flags: number;
  /** As on the wire, unscaled. */
  window: number;
  optionsAt: number;
  optionsLength: number;
  payloadAt: number;
  /** Payload octets on the wire: from the IP length, never counting Ethernet padding. */
  payloadLength: number;
  /** Payload octets in the file; fewer where the snap length cut. */
  payloadCaptured: number;
  /** The TCP checksum as sent; equal frames have equal checksums. */
  checksum: number;
  /** 1 right, 0 wrong, -1 cannot be computed (cut by the snap length, or not asked for). */
  checksumState: 1 | 0 | -1;
}

/** An ICMP or ICMPv6 error that quotes a TCP segment. Owned: may be kept. */
export interface IcmpError {
  readonly input: number;
  readonly packet: number;
  readonly atUs: EpochUs;
  /** Who sent it: the box that refuses or fails. */
  readonly fromIp: string;
  readonly toIp: string;
  readonly ttl: number;
  readonly family: 4 | 6;
  readonly type: number;
  readonly code: number;
  /** Next-hop MTU of "fragmentation needed" / "packet too big"; null otherwise. */
  readonly mtu: number | null;
  /** The quoted segment: its addresses, ports and (when quoted) wire sequence number. */
  readonly quoted: { readonly srcIp: string; readonly srcPort: number; readonly dstIp: string; readonly dstPort: number; readonly seq: number | null };
}

/** Receives what a capture holds, in file order. */
export interface PacketSink {
  /** Called for every segment of interest. */
  segment(view: SegmentView): void;
  icmp(error: IcmpError): void;
}

/** Which TCP segments are worth describing. */
export interface Interest {
  /** 65,536 entries, 1 for a mail port; a segment with either port marked is delivered. */
  readonly ports: Uint8Array;
  /**
   * Called when a segment outside `ports` begins with the first words of SMTP (`EHLO `, `HELO `, `LHLO `). The server's port is `port`.
   * The callee may mark it in `ports`; the caller reads the file again from the start once when it did.
   */
  smtpElsewhere(port: number): void;
  /**
   * Called for every key log that a capture holds; returns whether anything in it was not known before. Where that is so behind packets that
   * were delivered already, the caller reads the files again from the start once.
   */
  keyLog?(octets: Uint8Array): boolean;
}

/** What one capture file holds and, as important, what it cannot hold. */
export interface CaptureSummary {
  readonly packets: number;
  /** Packets that were delivered to the sink as segments. */
  readonly segments: number;
  readonly firstUs: EpochUs | null;
  readonly lastUs: EpochUs | null;
  readonly format: string;
  readonly linkTypes: readonly string[];
  /** Shortest snap length of the file's interfaces, in octets; null when packets are whole. */
  readonly snapLength: number | null;
  /** Packets dropped as told by the file's own statistics; null when it has none. */
  readonly reportedDrops: number | null;
  /** Comments on packets or sections, escaped by whoever prints them. */
  readonly comments: readonly string[];
  readonly contains: {
    readonly icmp: boolean;
    readonly fragments: boolean;
    readonly udp: boolean;
    /** TCP on ports other than those of `Interest.ports`. */
    readonly otherPorts: boolean;
    readonly arp: boolean;
    /** The address that is an end of every packet, if there is one (a `host` filter, or simply the capturing host). */
    readonly commonAddress: string | null;
    /** The pair of addresses, if every packet runs between the same two. */
    readonly onlyPair: boolean;
    readonly interfaces: number;
  };
}
