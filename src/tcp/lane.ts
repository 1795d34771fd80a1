import type { SegmentView } from '../model/packet.ts';

/**
 * One of several trackers that are given the same segments, of which each follows its share of the connections. All of them see time pass
 * alike, so that together they seal the same connections as one alone does, as long as none of them is `strained`.
 */
export interface Lane {
  /** From 0. */
  readonly index: number;
  /** How many there are. */
  readonly of: number;
  /**
   * Told once a connection, in the order of the lane's `stream` numbers: when it began, in segments of all lanes. What begins in none of them
   * (SYNs that nothing followed, at the end) has numbers behind all segments.
   */
  born(at: number): void;
}

/** Index of the lane to which a segment's connection belongs, whichever direction it has. */
export function laneOf({ view, addressAt, family, srcPort, dstPort }: SegmentView, lanes: number): number {
  let sum = srcPort + dstPort;
  const end = addressAt + (family === 4 ? 8 : 32);
  for (let at = addressAt; at < end; at += 4) sum = (sum + view.getInt32(at)) | 0;
  return (Math.imul(sum, 0x9e3779b1) >>> 16) % lanes;
}
