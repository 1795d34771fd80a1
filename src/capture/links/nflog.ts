import { typeOfFamily } from './families.ts';
import type { NetworkView } from './link-type.ts';

/** Attribute that holds the packet (linux/netfilter/nfnetlink_log.h). */
const NFULA_PAYLOAD = 9;

/**
 * Linux netfilter log: family, version, resource, then attributes of length, type and value padded to four octets.
 * Lengths are in the byte order of the capturing host, which the file need not share: the one that fits is taken.
 */
export function locateNflog(bytes: Uint8Array, view: DataView, at: number, end: number, network: NetworkView): void {
  if (at + 8 > end) return;
  const little = plausible(view.getUint16(at + 4, true), view.getUint16(at + 6, true), end - at);
  let attribute = at + 4;
  while (attribute + 4 <= end) {
    const length = view.getUint16(attribute, little);
    if (length < 4) return;
    if ((view.getUint16(attribute + 2, little) & 0x7fff) === NFULA_PAYLOAD) {
      network.type = typeOfFamily(bytes[at] ?? 0);
      network.at = attribute + 4;
      return;
    }
    attribute += (length + 3) & ~3;
  }
}

function plausible(length: number, type: number, available: number): boolean {
  return length >= 4 && length <= available && (type & 0x7fff) < 64;
}
