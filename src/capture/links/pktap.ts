import type { LinkType, NetworkView } from './link-type.ts';

/** Length of the header's fixed part up to the inner link type (Darwin, bsd/net/pktap.h). */
const FIXED_OCTETS = 12;

/** Apple's packet metadata: header length, record type (1: a packet follows), link type of the frame behind it; little-endian. */
export function locatePktap(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  network: NetworkView,
  linkTypeOf: (number: number) => LinkType | null,
): void {
  if (at + FIXED_OCTETS > end) return;
  const length = view.getUint32(at, true);
  const inner = linkTypeOf(view.getUint32(at + 8, true));
  // A frame of metadata inside metadata would recurse without end.
  if (length < FIXED_OCTETS || at + length > end || view.getUint32(at + 4, true) !== 1 || inner === null || inner.name === 'pktap') return;
  inner.locate(bytes, view, at + length, end, network);
}
