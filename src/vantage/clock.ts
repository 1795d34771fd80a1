import { partitionPoint } from '../model/bisect.ts';
import { TCP_RST, TCP_SYN } from '../model/packet.ts';
import type { CapturedSession } from '../model/pairing.ts';
import { SegmentNote, type Segment } from '../model/tcp.ts';
import type { DurationUs } from '../model/units.ts';
import type { Sender } from '../model/comparison.ts';
import { type Numbering, segmentsOf } from './numbering.ts';

/** How far the clock of one point is ahead of another's. */
export interface ClockOffset {
  /** Right minus left: add to a time of the left point. */
  readonly offsetUs: DurationUs;
  /** Half of the interval that fits; infinite where only one direction bounds it. */
  readonly uncertaintyUs: DurationUs;
  /** Packets that bound it. */
  readonly packets: number;
}

/** Differences of clocks that are at most, and at least, the true one. */
export interface ClockBounds {
  readonly atMost: number[];
  readonly atLeast: number[];
}

export function noBounds(): ClockBounds {
  return { atMost: [], atLeast: [] };
}

/**
 * Collects bounds from one connection: an octet of the client is at the left before it is at the right, one of the server the other way
 * round (Paxson). Only when an octet was first seen counts, so another segmentation does not matter.
 */
export function boundByOctets(
  bounds: ClockBounds,
  left: CapturedSession,
  right: CapturedSession,
  numberings: Readonly<Record<Sender, Pick<Numbering, 'toLeft'>>>,
): void {
  const client = marksOf(segmentsOf(left, 'client'), null);
  collect(client, marksOf(segmentsOf(right, 'client'), numberings.client), (sent, received) => bounds.atMost.push(received - sent));
  const server = marksOf(segmentsOf(right, 'server'), numberings.server);
  collect(server, marksOf(segmentsOf(left, 'server'), null), (sent, received) => bounds.atLeast.push(sent - received));
}

interface Mark {
  readonly from: number;
  readonly to: number;
  readonly atUs: number;
}

const MOST_MARKS = 2_000;

function isSaid({ to }: Mark): boolean {
  return to > 1;
}

function marksOf(segments: readonly Segment[], numbering: Pick<Numbering, 'toLeft'> | null): Mark[] {
  const marks: Mark[] = [];
  for (const segment of segments) {
    if (marks.length >= MOST_MARKS) break;
    const isSyn = (segment.flags & TCP_SYN) !== 0;
    if ((segment.flags & TCP_RST) !== 0 || (segment.length === 0 && !isSyn)) continue;
    if ((segment.notes & (SegmentNote.retransmission | SegmentNote.spuriousRetransmission | SegmentNote.keepAlive)) !== 0) continue;
    const to = segment.seq + segment.length + (isSyn ? 1 : 0);
    const number = (value: number) => (numbering && !isSyn ? numbering.toLeft(value) : value);
    marks.push({ from: number(segment.seq), to: number(to), atUs: segment.atUs });
  }
  return marks.sort((a, b) => a.to - b.to || a.atUs - b.atUs);
}

/** For each mark at the receiver's point: when its last octet passed the sender's point. */
function collect(sent: readonly Mark[], received: readonly Mark[], onPair: (sentUs: number, receivedUs: number) => void): void {
  // A box may answer a SYN itself: handshakes count only where one of the points has no words.
  const hasWords = sent.some(isSaid) && received.some(isSaid);
  let next = 0;
  for (const mark of received) {
    if (hasWords && !isSaid(mark)) continue;
    let source = sent[next];
    while (source && source.to < mark.to) source = sent[++next];
    if (source && source.from < mark.to) onPair(source.atUs, mark.atUs);
  }
}

/**
 * The offset that most bounds allow. Packets that were matched wrongly, or first copies that a capture lost, contradict the others and are
 * outvoted. Null without any bound.
 */
export function offsetWithin({ atMost, atLeast }: ClockBounds): ClockOffset | null {
  const uppers = [...atMost].sort((a, b) => a - b);
  const lowers = [...atLeast].sort((a, b) => a - b);
  const packets = uppers.length + lowers.length;
  if (packets === 0) return null;
  const [least, most] = [uppers[0], lowers.at(-1)];
  if (most === undefined && least !== undefined) return { offsetUs: least, uncertaintyUs: Number.POSITIVE_INFINITY, packets };
  if (least === undefined && most !== undefined) return { offsetUs: most, uncertaintyUs: Number.POSITIVE_INFINITY, packets };
  const points = [...uppers, ...lowers].sort((a, b) => a - b);
  let best = -1;
  let [from, to] = [0, 0];
  for (const point of points) {
    const count = countFrom(uppers, point) + countUpTo(lowers, point);
    if (count > best) [best, from, to] = [count, point, point];
    else if (count === best && countFrom(uppers, (to + point) / 2) + countUpTo(lowers, (to + point) / 2) >= best) to = point;
  }
  return { offsetUs: (from + to) / 2, uncertaintyUs: (to - from) / 2, packets };
}

/** Sorted values that are `value` or more. */
function countFrom(sorted: readonly number[], value: number): number {
  return sorted.length - partitionPoint(sorted.length, (place) => (sorted[place] ?? 0) < value);
}

function countUpTo(sorted: readonly number[], value: number): number {
  return partitionPoint(sorted.length, (place) => (sorted[place] ?? 0) <= value);
}
