/**
 * Units. They are plain numbers, because arithmetic on branded numbers needs a cast at every step;
 * instead every name that holds one ends in its unit (`atUs`, `silenceUs`, `offsetSeconds`).
 */

/** Microseconds since 1970-01-01T00:00:00Z in the clock of a capture. A double is exact to a microsecond until the year 2255. */
export type EpochUs = number;

/** Microseconds since 1970 of a log's local time, read as if it were UTC: the zone is applied only by `pairing`. */
export type WallUs = number;

/** A duration in microseconds. */
export type DurationUs = number;

/** Which end of a TCP connection: 0 the originator (sent the first SYN), 1 the responder. */
export type Side = 0 | 1;
export const ORIGINATOR = 0 satisfies Side;

/** The other end. */
export function otherSide(side: Side): Side {
  return side === 0 ? 1 : 0;
}

export const SECOND_US = 1_000_000;
