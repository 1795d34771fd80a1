import { ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from './link-type.ts';
import type { NetworkView } from './link-type.ts';

/** EtherType of a socket address family; IPv6 has another number on Linux (10), Windows (23), the BSDs (24, 28), Solaris (26) and Darwin (30). 0 for others. */
export function typeOfFamily(family: number): number {
  switch (family) {
    case 2:
      return ETHERTYPE_IPV4;
    case 10:
    case 23:
    case 24:
    case 26:
    case 28:
    case 30:
      return ETHERTYPE_IPV6;
    default:
      return 0;
  }
}

/** A family in four octets, in the byte order of whoever wrote it: the half that is zero tells which. Some writers put an EtherType there. */
export function locateByFamilyWord(view: DataView, at: number, end: number, network: NetworkView): void {
  if (at + 4 > end) return;
  const big = view.getUint32(at);
  const family = big > 0xffff ? view.getUint32(at, true) : big;
  network.type = family >= 0x0600 && family <= 0xffff ? family : typeOfFamily(family);
  network.at = at + 4;
}
