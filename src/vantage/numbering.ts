import type { CapturedSession } from '../model/pairing.ts';
import { SegmentNote, type Segment } from '../model/tcp.ts';
import type { Sender } from '../model/comparison.ts';
import { sideOf } from './path.ts';
import { type OctetsOf, type OctetStream, type StreamBlock, alignStreams, assembleStream, toLeftNumber } from './streams.ts';

/** Turns relative sequence numbers of the right capture into those of the left, for one sender. */
export interface Numbering {
  /** Same octet: left number minus right number, before anything on the way changed a length. */
  readonly shift: number;
  /** The streams set against each other; null where payloads are not at hand. */
  readonly blocks: readonly StreamBlock[] | null;
  readonly streams: { readonly left: OctetStream; readonly right: OctetStream } | null;
  toLeft(number: number): number;
}

export function learnNumbering(left: CapturedSession, right: CapturedSession, sender: Sender, octetsOf: { left: OctetsOf; right: OctetsOf }): Numbering {
  const [ours, theirs] = [segmentsOf(left, sender), segmentsOf(right, sender)];
  const shift = learnShift(left, right, sender, ours, theirs);
  const moved = shift === 0 ? theirs : theirs.map((segment) => ({ ...segment, seq: segment.seq + shift }));
  const [a, b] = [assembleStream(ours, octetsOf.left), assembleStream(moved, octetsOf.right)];
  const streams = a && b ? { left: a, right: b } : null;
  const blocks = streams ? alignStreams(streams.left, streams.right) : null;
  const movesWithin = blocks?.some((block) => block.leftLength !== block.rightLength) ?? false;
  return {
    shift,
    blocks,
    streams,
    toLeft: blocks && movesWithin ? (number) => toLeftNumber(blocks, number + shift) : (number) => number + shift,
  };
}

export function segmentsOf(session: CapturedSession, sender: Sender): Segment[] {
  const side = sideOf(session, sender);
  return [...session.connection.segments].filter((segment) => segment.side === side);
}

/**
 * With both SYNs in the files the relative numbers agree, whatever a randomiser did. Else the first octets differ: the wire numbers tell
 * where they pass unchanged, and the lengths of the segments where not.
 */
function learnShift(left: CapturedSession, right: CapturedSession, sender: Sender, ours: readonly Segment[], theirs: readonly Segment[]): number {
  const [a, b] = [endOf(left, sender), endOf(right, sender)];
  if (a.isn !== null && b.isn !== null) return 0;
  const votes = new Map<number, number>();
  const mine = samplesOf(ours);
  for (const other of samplesOf(theirs))
    for (const one of mine) if (one.length === other.length) votes.set(one.seq - other.seq, (votes.get(one.seq - other.seq) ?? 0) + 1);
  const wire = a.baseSeq === null || b.baseSeq === null ? null : (b.baseSeq - a.baseSeq) | 0;
  const fits = (shift: number) => votes.get(shift) ?? 0;
  if (wire !== null && (fits(wire) > 0 || votes.size === 0) && Math.abs(wire) < 1 << 30) return wire;
  let best = 0;
  for (const [shift, count] of votes) if (count > fits(best) || (count === fits(best) && Math.abs(shift) < Math.abs(best))) best = shift;
  return best;
}

const MOST_SAMPLES = 200;

function samplesOf(segments: readonly Segment[]): Segment[] {
  return segments.filter(isFirstCopy).slice(0, MOST_SAMPLES);
}

function isFirstCopy(segment: Segment): boolean {
  return segment.length > 0 && (segment.notes & (SegmentNote.retransmission | SegmentNote.spuriousRetransmission | SegmentNote.keepAlive)) === 0;
}

function endOf(session: CapturedSession, sender: Sender) {
  return sideOf(session, sender) === 0 ? session.connection.originator : session.connection.responder;
}

/** Wire number at the right minus wire number at the left of the same octet, modulo 2^32; null where a side sent nothing. */
export function wireShift(left: CapturedSession, right: CapturedSession, sender: Sender, numbering: Numbering): number | null {
  const [a, b] = [endOf(left, sender).baseSeq, endOf(right, sender).baseSeq];
  return a === null || b === null ? null : (b - numbering.shift - a) >>> 0;
}
