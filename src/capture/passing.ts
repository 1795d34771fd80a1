import { TCP } from './headers/protocols.ts';
import { ETHERTYPE_IPV4 } from './links/link-type.ts';

/** Octets of an Ethernet header without tags, and of an IPv4 header without options. */
const ETHERNET_OCTETS = 14;
const IPV4_OCTETS = 20;
/** Where an IPv4 packet in Ethernet has its addresses. */
export const IPV4_ADDRESSES_AT = ETHERNET_OCTETS + 12;

/**
 * Whether the Ethernet frame from `at` to `end` is the commonest of all, and of no interest: an IPv4 packet in one piece without options, a TCP
 * segment between ports that nobody asked for, and no first word of SMTP. All else is for the dissector to tell. Reads no more than it must,
 * because this is what skimming a large capture consists of.
 */
export function passesBy(bytes: Uint8Array, view: DataView, at: number, end: number, ports: Uint8Array): boolean {
  const tcpAt = at + ETHERNET_OCTETS + IPV4_OCTETS;
  if (tcpAt + 4 > end || view.getUint16(at + 12) !== ETHERTYPE_IPV4 || bytes[at + 14] !== 0x45 || bytes[at + 23] !== TCP) return false;
  const total = view.getUint16(at + 16);
  if (total < IPV4_OCTETS + 4 || (view.getUint16(at + 20) & 0x3fff) !== 0) return false;
  if (ports[view.getUint16(tcpAt)] === 1 || ports[view.getUint16(tcpAt + 2)] === 1) return false;
  const packetEnd = at + ETHERNET_OCTETS + total;
  const blankAt = tcpAt + 12 < end ? tcpAt + (((bytes[tcpAt + 12] ?? 0) >> 4) << 2) + 4 : end;
  return blankAt >= end || blankAt >= packetEnd || bytes[blankAt] !== 0x20;
}
