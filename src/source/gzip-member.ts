/** Flags of a member's header, RFC 1952, 2.3.1. */
const HEADER_CHECKSUM = 0x02;
const EXTRA_FIELD = 0x04;
const FILE_NAME = 0x08;
const COMMENT = 0x10;
const FIXED_OCTETS = 10;
/** CRC-32 and length of what was packed, behind each member. */
export const TRAILER_OCTETS = 8;
/** A header that is longer is none: names end somewhere. */
const LONGEST_HEADER = 1 << 20;

/** Octets of the header that `octets` begin with; null where more are needed to tell; 0 where this is no header of gzip. */
export function headerLength(octets: Buffer): number | null {
  if ((octets[0] ?? 0x1f) !== 0x1f || (octets[1] ?? 0x8b) !== 0x8b || (octets[2] ?? 8) !== 8) return 0;
  if (octets.length < FIXED_OCTETS) return null;
  const flags = octets.readUInt8(3);
  let end = FIXED_OCTETS;
  if (flags & EXTRA_FIELD) {
    if (octets.length < end + 2) return null;
    end += 2 + octets.readUInt16LE(end);
  }
  for (const flag of [FILE_NAME, COMMENT]) {
    if (!(flags & flag)) continue;
    const zero = octets.indexOf(0, end);
    if (zero < 0) return octets.length > LONGEST_HEADER ? 0 : null;
    end = zero + 1;
  }
  if (flags & HEADER_CHECKSUM) end += 2;
  return end <= octets.length ? end : null;
}
