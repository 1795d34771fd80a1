import { locateByEtherType, locateEthernet, locateLlc, locatePpp } from './ether-type.ts';
import { locateByFamilyWord, typeOfFamily } from './families.ts';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, locateByVersion } from './link-type.ts';
import type { LinkType, NetworkView } from './link-type.ts';
import { locateNflog } from './nflog.ts';
import { locatePktap } from './pktap.ts';

export const ETHERNET: LinkType = { numbers: [1], name: 'ethernet', locate: locateEthernet };

/** Every link layer that is read; numbers and layouts as at https://www.tcpdump.org/linktypes.html. */
export const LINK_TYPES: readonly LinkType[] = [
  ETHERNET,
  { numbers: [0, 108], name: 'null', locate: (_bytes, view, at, end, network) => locateByFamilyWord(view, at, end, network) },
  { numbers: [12, 14, 101], name: 'raw', locate: (bytes, _view, at, end, network) => locateByVersion(bytes, at, end, network) },
  { numbers: [228], name: 'ipv4', locate: locateBare(ETHERTYPE_IPV4) },
  { numbers: [229], name: 'ipv6', locate: locateBare(ETHERTYPE_IPV6) },
  {
    numbers: [113],
    name: 'linux-sll',
    locate: (bytes, view, at, end, network) => {
      if (at + 16 > end) return;
      if (view.getUint16(at + 4) === 6) network.macAt = at + 6;
      locateByEtherType(bytes, view, at + 14, end, network);
    },
  },
  {
    numbers: [276],
    name: 'linux-sll2',
    locate: (bytes, view, at, end, network) => {
      if (at + 20 > end) return;
      if (bytes[at + 11] === 6) network.macAt = at + 12;
      const type = view.getUint16(at);
      if (type !== 0x8100 && type !== 0x88a8) {
        network.type = type;
        network.at = at + 20;
        return;
      }
      // The type is in front, so that a tag is followed by its own identifier and the real type behind the header.
      if (at + 24 > end) return;
      network.vlan = view.getUint16(at + 20) & 0x0fff;
      locateByEtherType(bytes, view, at + 22, end, network);
    },
  },
  { numbers: [9], name: 'ppp', locate: (bytes, view, at, end, network) => locatePpp(bytes, view, at + addressOctets(view, at, end), end, network) },
  {
    numbers: [50],
    name: 'ppp-hdlc',
    locate: (bytes, view, at, end, network) => {
      const address = at < end ? bytes[at] : 0;
      if (address === 0x0f || address === 0x8f) return locateByEtherType(bytes, view, at + 2, end, network);
      locatePpp(bytes, view, at + addressOctets(view, at, end), end, network);
    },
  },
  { numbers: [104], name: 'cisco-hdlc', locate: (bytes, view, at, end, network) => locateByEtherType(bytes, view, at + 2, end, network) },
  { numbers: [51], name: 'pppoe', locate: (bytes, view, at, end, network) => locatePpp(bytes, view, at + 6, end, network) },
  { numbers: [166, 204], name: 'ppp-with-direction', locate: locateDirectedPpp },
  { numbers: [10], name: 'fddi', locate: (bytes, view, at, end, network) => locateLlc(bytes, view, at + 13, end, network) },
  { numbers: [11], name: 'atm-rfc1483', locate: (bytes, view, at, end, network) => locateLlc(bytes, view, at, end, network) },
  {
    numbers: [109],
    name: 'enc',
    locate: (_bytes, view, at, end, network) => {
      locateByFamilyWord(view, at, end, network);
      network.at = at + 12;
    },
  },
  {
    numbers: [117],
    name: 'pflog',
    locate: (bytes, _view, at, end, network) => {
      if (at + 4 > end) return;
      // The header says its own length without the padding to four octets.
      network.type = typeOfFamily(bytes[at + 1] ?? 0);
      network.at = at + (((bytes[at] ?? 0) + 3) & ~3);
    },
  },
  { numbers: [239], name: 'nflog', locate: locateNflog },
  { numbers: [149, 258], name: 'pktap', locate: (bytes, view, at, end, network) => locatePktap(bytes, view, at, end, network, linkTypeOf) },
];

const BY_NUMBER = new Map(LINK_TYPES.flatMap((link) => link.numbers.map((number) => [number, link] as const)));

/** The link layer of a LINKTYPE number, null where it cannot be read. */
export function linkTypeOf(number: number): LinkType | null {
  return BY_NUMBER.get(number) ?? null;
}

/** The link type says which protocol it is. */
function locateBare(type: number): LinkType['locate'] {
  return (_bytes, _view, at, _end, network) => {
    network.type = type;
    network.at = at;
  };
}

/** PPP in HDLC-like framing begins with the octets 0xff and 0x03 (RFC 1662), which may be left out. */
function addressOctets(view: DataView, at: number, end: number): number {
  return at + 2 <= end && view.getUint16(at) === 0xff03 ? 2 : 0;
}

/** One octet tells the direction: it replaces the address octet (166) or stands in front of it (204). */
function locateDirectedPpp(bytes: Uint8Array, view: DataView, at: number, end: number, network: NetworkView): void {
  if (at + 4 > end) return;
  if (view.getUint16(at + 1) === 0xff03) return locatePpp(bytes, view, at + 3, end, network);
  locatePpp(bytes, view, bytes[at + 1] === 3 ? at + 2 : at + 1, end, network);
}
