import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, locateByVersion } from './link-type.ts';
import type { NetworkView } from './link-type.ts';

/** Tags in front of the real type, and how many octets of theirs stand before it: IEEE 802.1Q, 802.1ad, the pre-standard 0x9100 and 0x9200, Cisco's VNTag (802.1BR) and metadata header. */
function tagOctets(type: number): number {
  switch (type) {
    case 0x8100:
    case 0x88a8:
    case 0x9100:
    case 0x9200:
      return 2;
    case 0x8926:
      return 4;
    case 0x8909:
      return 6;
    default:
      return 0;
  }
}

/** More tags or labels than any network stacks: what goes on beyond is no frame of ours. */
const MAX_STACKED = 16;

/** Follows tags, labels and PPPoE from an EtherType (at `at`, with its content behind it) to the network layer. */
export function locateByEtherType(bytes: Uint8Array, view: DataView, at: number, end: number, network: NetworkView): void {
  let typeAt = at;
  for (let i = 0; i < MAX_STACKED; i++) {
    if (typeAt + 2 > end) return;
    const type = view.getUint16(typeAt);
    const skipped = tagOctets(type);
    if (skipped === 0) {
      locateContent(type, bytes, view, typeAt + 2, end, network);
      return;
    }
    if (skipped === 2 && typeAt + 4 <= end) network.vlan = view.getUint16(typeAt + 2) & 0x0fff;
    typeAt += 2 + skipped;
  }
}

/** The network layer of content at `at` whose EtherType is known. */
export function locateContent(type: number, bytes: Uint8Array, view: DataView, at: number, end: number, network: NetworkView): void {
  if (type < 0x0600) return locateLlc(bytes, view, at, end, network);
  if (type === 0x8847 || type === 0x8848) return locateMpls(bytes, view, at, end, network);
  // PPPoE session stage (RFC 2516, 4): version and type, code, session, length, then PPP without its address octets.
  if (type === 0x8864) return locatePpp(bytes, view, at + 6, end, network);
  network.type = type;
  network.at = at;
}

/** LLC with SNAP (IEEE 802.2, RFC 1042) or the IP service access point (RFC 948). */
export function locateLlc(bytes: Uint8Array, view: DataView, at: number, end: number, network: NetworkView): void {
  if (at + 3 > end) return;
  const access = view.getUint16(at);
  if (access === 0x0606) return locateByVersion(bytes, at + 3, end, network);
  if (access !== 0xaaaa || at + 8 > end || bytes[at + 2] !== 3) return;
  const organisation = view.getUint16(at + 3);
  const last = bytes[at + 5];
  if (organisation === 0 && (last === 0 || last === 0xf8) && view.getUint16(at + 6) >= 0x0600) locateByEtherType(bytes, view, at + 6, end, network);
}

/** MPLS label stack (RFC 3032): the content has no type, its first four bits tell; 0 is the control word of an Ethernet pseudowire (RFC 4385). */
function locateMpls(bytes: Uint8Array, view: DataView, at: number, end: number, network: NetworkView): void {
  let labelAt = at;
  for (let i = 0; i < MAX_STACKED && labelAt + 4 <= end; i++) {
    const isLast = ((bytes[labelAt + 2] ?? 0) & 1) === 1;
    labelAt += 4;
    if (!isLast) continue;
    if (labelAt < end && (bytes[labelAt] ?? 0) >> 4 === 0) return locateEthernet(bytes, view, labelAt + 4, end, network);
    return locateByVersion(bytes, labelAt, end, network);
  }
}

/** PPP from its protocol field on (RFC 1661, 2): two octets, or one where it is compressed (odd first octet). */
export function locatePpp(bytes: Uint8Array, view: DataView, at: number, end: number, network: NetworkView): void {
  if (at + 2 > end) return;
  const first = bytes[at] ?? 0;
  const isCompressed = (first & 1) === 1;
  const protocol = isCompressed ? first : view.getUint16(at);
  const contentAt = at + (isCompressed ? 1 : 2);
  if (protocol === 0x0281 || protocol === 0x0283) return locateMpls(bytes, view, contentAt, end, network);
  network.type = protocol === 0x21 ? ETHERTYPE_IPV4 : protocol === 0x57 ? ETHERTYPE_IPV6 : 0;
  network.at = contentAt;
}

/** Ethernet (IEEE 802.3): destination, source, type or length. */
export function locateEthernet(bytes: Uint8Array, view: DataView, at: number, end: number, network: NetworkView): void {
  if (at + 14 > end) return;
  network.macAt = at + 6;
  locateByEtherType(bytes, view, at + 12, end, network);
}
