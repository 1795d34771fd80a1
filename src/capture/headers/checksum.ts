/** Sum of 32-bit words from `from` up to `to`, folded to 16 bits in the octets' own order (RFC 1071); a last odd octet is padded with zero. */
function sumOctets(bytes: Uint8Array, view: DataView, from: number, to: number): number {
  let sum = 0;
  let other = 0;
  let at = from;
  // As doubles, which hold the sum of two million words exactly; two of them, because each addition waits for the one before. The sum does not
  // depend on the byte order, its octets do.
  for (; at + 16 <= to; at += 16) {
    sum += view.getUint32(at, true) + view.getUint32(at + 4, true);
    other += view.getUint32(at + 8, true) + view.getUint32(at + 12, true);
  }
  for (; at + 2 <= to; at += 2) sum += view.getUint16(at, true);
  if (at < to) sum += bytes[at] ?? 0;
  return fold(sum + other);
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
