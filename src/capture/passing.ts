import { TCP } from './headers/protocols.ts';
import { ETHERTYPE_IPV4 } from './links/link-type.ts';

/** Octets of an Ethernet header without tags, and of an IPv4 header without options. */
const ETHERNET_OCTETS = 14;
const IPV4_OCTETS = 20;
/** EtherType, version and header length; the type of service behind them may be any. */
const BEGINNING = (ETHERTYPE_IPV4 << 16) | 0x4500;
const BEGINNING_MASK = 0xffffff00 | 0;
/** Flags, fragment offset, time to live and protocol: in one piece, and TCP. */
const PIECES_AND_PROTOCOL_MASK = 0x3fff00ff;
/** Where an IPv4 packet in Ethernet has its addresses. */
export const IPV4_ADDRESSES_AT = ETHERNET_OCTETS + 12;

/**
 * Whether the Ethernet frame from `at` to `end` is the commonest of all, and of no interest: an IPv4 packet in one piece without options, a TCP
 * segment between ports that nobody asked for, and no first word of SMTP. All else is for the dissector to tell. Reads no more than it must,
 * because this is what skimming a large capture consists of.
 */
export function passesBy(bytes: Uint8Array, view: DataView, at: number, end: number, ports: Uint8Array): boolean {
  const tcpAt = at + ETHERNET_OCTETS + IPV4_OCTETS;
  if (tcpAt + 4 > end || (view.getInt32(at + 12) & BEGINNING_MASK) !== BEGINNING || (view.getInt32(at + 20) & PIECES_AND_PROTOCOL_MASK) !== TCP) return false;
  const total = view.getUint16(at + 16);
  if (total < IPV4_OCTETS + 4) return false;
  const bothPorts = view.getInt32(tcpAt);
  if (ports[bothPorts >>> 16] === 1 || ports[bothPorts & 0xffff] === 1) return false;
  const packetEnd = at + ETHERNET_OCTETS + total;
  const blankAt = tcpAt + 12 < end ? tcpAt + (((bytes[tcpAt + 12] ?? 0) >> 4) << 2) + 4 : end;
  return blankAt >= end || blankAt >= packetEnd || bytes[blankAt] !== 0x20;
}
