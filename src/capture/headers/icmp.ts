import { formatAddress } from '../../model/address.ts';
import type { IcmpError, SegmentView } from '../../model/packet.ts';
import { followChain } from './ipv6.ts';
import type { ChainView } from './ipv6.ts';

const TCP = 6;

/** ICMP types that quote the packet they complain about: unreachable, source quench, time exceeded, parameter problem (RFC 792); those of ICMPv6: RFC 4443, 3. */
function isError(family: 4 | 6, type: number): boolean {
  return family === 4 ? type === 3 || type === 4 || type === 11 || type === 12 : type >= 1 && type <= 4;
}

const FRAGMENTATION_NEEDED = 4;
const PACKET_TOO_BIG = 2;

/** Where the ICMP message lies: `packet` describes the IP packet around it. */
export interface IcmpMessage {
  readonly packet: SegmentView;
  readonly at: number;
  readonly end: number;
}

const chain: ChainView = { protocol: 0, at: 0, fragmentAt: -1, routed: false };

/** The error, if the message is one that quotes a TCP segment from or to a port marked in `ports`; null otherwise. */
export function readIcmpError({ packet, at, end }: IcmpMessage, ports: Uint8Array): IcmpError | null {
  const { bytes, view, family } = packet;
  if (at + 8 > end) return null;
  const type = bytes[at] ?? 0;
  if (!isError(family, type)) return null;
  const quoteAt = at + 8;
  const transportAt = family === 4 ? v4Transport(bytes, view, quoteAt, end) : v6Transport(bytes, view, quoteAt, end);
  if (transportAt < 0 || transportAt + 4 > end) return null;
  const srcPort = view.getUint16(transportAt);
  const dstPort = view.getUint16(transportAt + 2);
  if (ports[srcPort] !== 1 && ports[dstPort] !== 1) return null;
  const addressOctets = family === 4 ? 4 : 16;
  const quotedAddressAt = quoteAt + (family === 4 ? 12 : 8);
  const code = bytes[at + 1] ?? 0;
  return {
    input: packet.input,
    packet: packet.packet,
    atUs: packet.atUs,
    fromIp: formatAddress(bytes, packet.addressAt, family),
    toIp: formatAddress(bytes, packet.addressAt + addressOctets, family),
    ttl: packet.ttl,
    family,
    type,
    code,
    mtu: mtuOf(view, at, family, type, code),
    quoted: {
      srcIp: formatAddress(bytes, quotedAddressAt, family),
      srcPort,
      dstIp: formatAddress(bytes, quotedAddressAt + addressOctets, family),
      dstPort,
      seq: transportAt + 8 <= end ? view.getUint32(transportAt + 4) : null,
    },
  };
}

/** Offset of the quoted TCP header, -1 when the quote is of something else or of a later fragment. */
function v4Transport(bytes: Uint8Array, view: DataView, at: number, end: number): number {
  if (at + 20 > end || (bytes[at] ?? 0) >> 4 !== 4) return -1;
  const headerLength = ((bytes[at] ?? 0) & 0x0f) * 4;
  const isLaterFragment = (view.getUint16(at + 6) & 0x1fff) !== 0;
  return bytes[at + 9] !== TCP || headerLength < 20 || isLaterFragment ? -1 : at + headerLength;
}

function v6Transport(bytes: Uint8Array, view: DataView, at: number, end: number): number {
  if (at + 40 > end || (bytes[at] ?? 0) >> 4 !== 6) return -1;
  followChain(bytes, view, bytes[at + 6] ?? 0, at + 40, end, chain);
  const isLaterFragment = chain.fragmentAt >= 0 && (view.getUint16(chain.fragmentAt + 2) & 0xfff8) !== 0;
  return chain.protocol !== TCP || isLaterFragment ? -1 : chain.at;
}

/** Next-hop MTU: RFC 1191, 4 (a router from before it writes 0) and RFC 4443, 3.2. */
function mtuOf(view: DataView, at: number, family: 4 | 6, type: number, code: number): number | null {
  if (family === 6) return type === PACKET_TOO_BIG ? view.getUint32(at + 4) : null;
  if (type !== 3 || code !== FRAGMENTATION_NEEDED) return null;
  const mtu = view.getUint16(at + 6);
  return mtu === 0 ? null : mtu;
}
