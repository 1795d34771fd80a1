import type { EpochUs } from './units.ts';

/**
 * What a frame consists of, outermost first; all `…At` and `…End` are offsets into its octets. `quoted`: within an ICMP error.
 * `end`: as far as the file holds it; `wireEnd`: as far as it went on the wire.
 */
export type FrameLayer = LinkLayer | IpLayer | TcpLayer | IcmpLayer;

/** Hardware addresses: destination and source of Ethernet (12 octets), or the sender's in a cooked capture. */
export interface LinkLayer {
  readonly kind: 'link';
  readonly addressAt: number;
  readonly addresses: number;
}

export interface IpLayer {
  readonly kind: 'ip';
  readonly family: 4 | 6;
  readonly at: number;
  /** Source address; the destination follows at once. */
  readonly addressAt: number;
  readonly protocol: number;
  /** Behind options or extension headers. */
  readonly contentAt: number;
  readonly end: number;
  readonly wireEnd: number;
  readonly quoted: boolean;
  /** `offset`: of the content in the whole packet, in octets. */
  readonly fragment: { readonly id: number; readonly offset: number } | null;
}

/** Header and payload. Cut headers are none, quoted ones excepted: of these the ports are there, at least. */
export interface TcpLayer {
  readonly kind: 'tcp';
  readonly at: number;
  readonly payloadAt: number;
  readonly end: number;
  readonly wireEnd: number;
  readonly quoted: boolean;
}

export interface IcmpLayer {
  readonly kind: 'icmp';
  readonly family: 4 | 6;
  readonly at: number;
  readonly end: number;
  readonly wireEnd: number;
}

/** One frame of a capture as it is stored. Borrowed: valid only until the call that got it returns. */
export interface FrameView {
  readonly input: number;
  /** From 1, as Wireshark shows it. */
  readonly number: number;
  readonly atUs: EpochUs;
  readonly wireLength: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** LINKTYPE number. */
  readonly linkNumber: number;
  /** Interface of a pcapng file, 0 in classic pcap. */
  readonly interfaceId: number;
  /** As the file names it; null where it does not. */
  readonly interfaceName: string | null;
  /** 0: no limit. */
  readonly snapLength: number;
  /** Where the network layer begins; -1 where the link layer cannot be read. */
  readonly networkAt: number;
  readonly layers: readonly FrameLayer[];
}
