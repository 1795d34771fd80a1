import type { Segment } from '../model/tcp.ts';
import { otherSide, SECOND_US, type EpochUs, type Side } from '../model/units.ts';
import { isData, isFin, isProgress, isRst, type Scene } from './case.ts';

/** The side of which no packet is in the file; null where both are. */
export function unseenSide({ connection, segments }: Scene): Side | null {
  const first = segments[0];
  return connection.bothDirections || !first ? null : otherSide(first.side);
}

/** Nothing that the server said is in the file: what it answered, only the client's acknowledgements show, and they show only that it did. */
export function isServerUnheard(scene: Scene): boolean {
  return unseenSide(scene) === scene.roles.server;
}

/** A segment that acknowledges more than all before it: so many octets of the other side, or its FIN, had arrived. */
interface Advance {
  readonly segment: Segment;
  readonly octets: number;
}

/** What a side acknowledges, step by step; the handshake left out. */
export function advancesOf({ segments }: Scene, side: Side): Advance[] {
  const found: Advance[] = [];
  let acked = -1;
  for (const segment of segments) {
    if (segment.side !== side || segment.ack < 0 || isRst(segment)) continue;
    if (acked >= 0 && segment.ack > acked) found.push({ segment, octets: segment.ack - acked });
    acked = Math.max(acked, segment.ack);
  }
  return found;
}

/** Of a capture of one direction: the acknowledgements of the side that is in it. */
function advancesOfSeen(scene: Scene): Advance[] {
  const unseen = unseenSide(scene);
  return unseen === null ? [] : advancesOf(scene, otherSide(unseen));
}

/** When the side that is not in the file was last heard before a moment; null where it was not. */
export function lastHeardBefore(scene: Scene, atUs: EpochUs): EpochUs | null {
  return advancesOfSeen(scene).findLast(({ segment }) => segment.atUs < atUs)?.segment.atUs ?? null;
}

/** Octets that it said after one moment and before another, a FIN among them. */
export function heardBetween(scene: Scene, afterUs: EpochUs, beforeUs: EpochUs): number {
  let octets = 0;
  for (const advance of advancesOfSeen(scene)) if (advance.segment.atUs > afterUs && advance.segment.atUs < beforeUs) octets += advance.octets;
  return octets;
}

/** A close that is not in the file, and shows by its acknowledgement (RFC 9293, 3.4: a FIN occupies one number). */
export interface UnseenClose {
  readonly side: Side;
  /** The first segment that acknowledges what it said last, or the FIN alone. */
  readonly segment: Segment;
  /** Octets that it said with its FIN, or just before. */
  readonly octets: number;
  /** The FIN was acknowledged by itself; otherwise only what followed tells it from a word. */
  readonly exact: boolean;
}

/** What belongs to one farewell follows within so long, and so does the answer to it. */
const AT_ONCE_US = SECOND_US;

/**
 * Whether the other side had closed when this FIN was sent, though the file lacks that: it is of one direction, or lost it. If it had not, its
 * own FIN came afterwards and was acknowledged; if it had, nothing was left to acknowledge.
 */
export function closedBefore(scene: Scene, fin: Segment): UnseenClose | null {
  const side = otherSide(fin.side);
  // One that is in the file needs no telling.
  if (scene.endpoint(side).fin !== null) return null;
  const lastWord = scene.segments.findLast((segment) => segment.index < fin.index && segment.side === fin.side && isProgress(segment));
  const heard = advancesOf(scene, fin.side);
  const before = heard.filter(({ segment }) => segment.index <= fin.index && segment.index > (lastWord?.index ?? -1));
  const last = before.at(-1);
  if (!last) return null;
  if (scene.connection.bothDirections) return last.segment.ack === endOfWords(scene, side) + 1 ? { side, segment: last.segment, octets: 0, exact: true } : null;
  const exact = last.octets === 1;
  if (!exact && (fin.atUs - last.segment.atUs > AT_ONCE_US || wentOn(scene, heard, fin))) return null;
  let { segment } = last;
  let octets = last.octets - 1;
  for (const earlier of before.slice(0, -1).toReversed()) {
    if (segment.atUs - earlier.segment.atUs > AT_ONCE_US) break;
    segment = earlier.segment;
    octets += earlier.octets;
  }
  return { side, segment, octets, exact };
}

/** Whether what this FIN acknowledges and the file lacks may have been the other side's FIN, with octets before it. */
export function mayAnswerClose(scene: Scene, fin: Segment): boolean {
  const side = otherSide(fin.side);
  return scene.connection.bothDirections && scene.endpoint(side).fin === null && fin.ack > endOfWords(scene, side);
}

/** Relative sequence number behind the last octet of a side that the file has. */
function endOfWords({ segments, connection }: Scene, side: Side): number {
  let end = connection.sawSyn ? 1 : Number.NEGATIVE_INFINITY;
  for (const segment of segments) if (segment.side === side && isData(segment)) end = Math.max(end, segment.seq + segment.length);
  return end;
}

/**
 * More was acknowledged after the FIN, or answered with a RST, or the FIN had to be repeated: nobody had closed before. A FIN with octets of its own
 * answers none.
 */
function wentOn({ segments }: Scene, heard: readonly Advance[], fin: Segment): boolean {
  if (heard.some(({ segment }) => segment.index > fin.index)) return true;
  return fin.length > 0 || segments.some((segment) => segment.index > fin.index && (isFin(segment) || isRst(segment)));
}
