/** Sum of 32-bit words from `from` up to `to`, folded to 16 bits in the octets' own order (RFC 1071); a last odd octet is padded with zero. */
function sumOctets(bytes: Uint8Array, view: DataView, from: number, to: number): number {
  let low = 0;
  let high = 0;
  let at = from;
  // Two halves of 16 bits each: neither leaves the small integers within a segment of 64 KiB. The sum does not depend on the byte order, its octets do.
  for (; at + 8 <= to; at += 8) {
    const first = view.getInt32(at, true);
    const second = view.getInt32(at + 4, true);
    low += (first & 0xffff) + (second & 0xffff);
    high += (first >>> 16) + (second >>> 16);
  }
  for (; at + 2 <= to; at += 2) low += view.getUint16(at, true);
  if (at < to) low += bytes[at] ?? 0;
  return fold(low + high);
}

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return folded;
}

/**
 * Whether the checksum of the TCP segment from `at` to `end` is right (RFC 9293, 3.1; RFC 8200, 8.1).
 * `addressAt`: source and destination address, `addressOctets` together.
 */
export function isTcpChecksumRight(bytes: Uint8Array, view: DataView, addressAt: number, addressOctets: number, at: number, end: number): boolean {
  const length = end - at;
  // Protocol and length in the octet order of the sums above.
  const pseudo = (6 << 8) + swap16(length & 0xffff) + swap16(length >>> 16);
  return fold(sumOctets(bytes, view, addressAt, addressAt + addressOctets) + sumOctets(bytes, view, at, end) + pseudo) === 0xffff;
}

function swap16(value: number): number {
  return ((value & 0xff) << 8) | (value >>> 8);
}
