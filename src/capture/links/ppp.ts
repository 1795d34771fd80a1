import { ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from './link-type.ts';
import type { NetworkView } from './link-type.ts';

/** PPP from its protocol field on (RFC 1661, 2): two octets, or one where it is compressed (odd first octet). */
export function locatePpp(bytes: Uint8Array, at: number, end: number, network: NetworkView): void {
  if (at + 2 > end) return;
  const first = bytes[at] ?? 0;
  const compressed = (first & 1) === 1;
  const protocol = compressed ? first : (first << 8) | (bytes[at + 1] ?? 0);
  if (protocol === 0x21) network.type = ETHERTYPE_IPV4;
  else if (protocol === 0x57) network.type = ETHERTYPE_IPV6;
  network.at = at + (compressed ? 1 : 2);
}
