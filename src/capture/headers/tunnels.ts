import { locateContent, locateEthernet, locatePpp } from '../links/ether-type.ts';
import { locateByVersion } from '../links/link-type.ts';
import type { NetworkView } from '../links/link-type.ts';

/** UDP ports of VXLAN (RFC 7348; 8472 is what Linux used before; 4790 says what it carries) and Geneve (RFC 8926). */
const VXLAN_PORTS: readonly number[] = [4789, 4790, 8472];
const GENEVE_PORT = 6081;

/** Next protocol of VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe). */
const GPE_IPV4 = 1;
const GPE_IPV6 = 2;
const GPE_ETHERNET = 3;

const ETHERNET_BRIDGED = 0x6558;
const ERSPAN_I_II = 0x88be;
const ERSPAN_III = 0x22eb;
const PPP = 0x880b;
/** Cisco's cache redirection (WCCP 2): four octets, then the packet; version 1 has no octets of its own. */
const WCCP = 0x883e;

/** GRE (RFC 2784, 2890; version 1: RFC 2637) and what it carries; `type` stays 0 where that cannot be read. */
export function locateInGre(bytes: Uint8Array, view: DataView, at: number, end: number, network: NetworkView): void {
  if (at + 4 > end) return;
  const flags = view.getUint16(at);
  const type = view.getUint16(at + 2);
  const hasSequence = (flags & 0x1000) !== 0;
  // Checksum, key and sequence number, and in version 1 an acknowledgement: four octets each, as the flags say.
  const words = (flags & 0xc000 ? 1 : 0) + (flags & 0x2000 ? 1 : 0) + (hasSequence ? 1 : 0) + ((flags & 7) === 1 && flags & 0x80 ? 1 : 0);
  const contentAt = at + 4 + 4 * words;
  if (type === ETHERNET_BRIDGED) return locateEthernet(bytes, view, contentAt, end, network);
  // Type I has no header of its own and sends no sequence number, type II has eight octets.
  if (type === ERSPAN_I_II) return locateEthernet(bytes, view, hasSequence ? contentAt + 8 : contentAt, end, network);
  if (type === ERSPAN_III) {
    if (contentAt + 12 > end) return;
    const hasSubheader = ((bytes[contentAt + 11] ?? 0) & 1) === 1;
    return locateEthernet(bytes, view, contentAt + (hasSubheader ? 20 : 12), end, network);
  }
  if (type === WCCP) return locateByVersion(bytes, contentAt < end && (bytes[contentAt] ?? 0) >> 4 === 4 ? contentAt : contentAt + 4, end, network);
  if (type === PPP) return locatePpp(bytes, view, contentAt + (view.getUint16(contentAt + 2 <= end ? contentAt : at) === 0xff03 ? 2 : 0), end, network);
  locateContent(type, bytes, view, contentAt, end, network);
}

/** VXLAN or Geneve in a UDP datagram whose header begins at `at`. */
export function locateInUdp(bytes: Uint8Array, view: DataView, at: number, end: number, network: NetworkView): void {
  if (at + 16 > end) return;
  const port = view.getUint16(at + 2);
  const contentAt = at + 8;
  if (VXLAN_PORTS.includes(port)) {
    const flags = bytes[contentAt] ?? 0;
    // A valid identifier and a last octet of zero: this keeps datagrams out that merely use the port.
    if ((flags & 0x08) === 0 || bytes[contentAt + 7] !== 0) return;
    const carried = (flags & 0x04) === 0 ? GPE_ETHERNET : bytes[contentAt + 3];
    if (carried === GPE_ETHERNET) locateEthernet(bytes, view, contentAt + 8, end, network);
    else if (carried === GPE_IPV4 || carried === GPE_IPV6) locateByVersion(bytes, contentAt + 8, end, network);
    return;
  }
  if (port !== GENEVE_PORT || (bytes[contentAt] ?? 0) >> 6 !== 0) return;
  const type = view.getUint16(contentAt + 2);
  const innerAt = contentAt + 8 + ((bytes[contentAt] ?? 0) & 0x3f) * 4;
  if (type === ETHERNET_BRIDGED) return locateEthernet(bytes, view, innerAt, end, network);
  locateContent(type, bytes, view, innerAt, end, network);
}
