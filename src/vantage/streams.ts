import type { PacketRef } from '../model/evidence.ts';
import { SegmentNote, type Segment, packetOf } from '../model/tcp.ts';

/** Payload of a packet, read again from its capture; null where it is not at hand. */
export type OctetsOf = (packet: PacketRef) => Uint8Array | null;

/** What one sender said, as far as a capture holds it: index 0 is sequence number 1. */
export interface OctetStream {
  readonly bytes: Uint8Array;
  /** 1 where the octet is in the capture. */
  readonly known: Uint8Array;
}

/** Longer streams are compared by their beginnings; what is behind is matched by numbers alone. */
const LONGEST_STREAM = 4 << 20;

/** Puts a sender's first copies together. Null where payloads are not at hand. */
export function assembleStream(segments: readonly Segment[], octetsOf: OctetsOf): OctetStream | null {
  const parts: { at: number; octets: Uint8Array }[] = [];
  let end = 0;
  for (const segment of segments) {
    if (segment.length === 0 || segment.seq < 1 || (segment.notes & SegmentNote.keepAlive) !== 0) continue;
    const octets = octetsOf(packetOf(segment));
    if (!octets) continue;
    parts.push({ at: segment.seq - 1, octets });
    end = Math.max(end, segment.seq - 1 + octets.length);
  }
  if (parts.length === 0) return null;
  const length = Math.min(end, LONGEST_STREAM);
  const stream = { bytes: new Uint8Array(length), known: new Uint8Array(length) };
  for (const { at, octets } of parts) {
    for (let i = 0; i < octets.length && at + i < length; i++) {
      if (stream.known[at + i] === 1) continue;
      stream.bytes[at + i] = octets[i] ?? 0;
      stream.known[at + i] = 1;
    }
  }
  return stream;
}

/** A piece of both streams; `same` false: the same place with other octets. Offsets count from the stream's start. */
export interface StreamBlock {
  readonly left: number;
  readonly leftLength: number;
  readonly right: number;
  readonly rightLength: number;
  readonly same: boolean;
}

/** More pairs of lines than this are not weighed one against the other: the piece then counts as changed as a whole. */
const MOST_PAIRS = 4_000_000;

/**
 * Sets two streams against each other: which pieces are the same, which were changed. In place where nothing moved (masking with
 * characters of the same number), else line by line, because what rewrites mail traffic rewrites lines.
 */
export function alignStreams(left: OctetStream, right: OctetStream): StreamBlock[] {
  const shared = Math.min(left.bytes.length, right.bytes.length);
  const first = firstDifference(left, right, 0, shared);
  if (first === shared) return [block(0, shared, 0, shared, true)];
  if (agreementFrom(left, right, first, shared) >= 0.5) return blocksInPlace(left, right, shared);
  return alignLines(left, right, lineStartBefore(left.bytes, first));
}

function block(left: number, leftLength: number, right: number, rightLength: number, same: boolean): StreamBlock {
  return { left, leftLength, right, rightLength, same };
}

/** Octets that either capture lacks agree with everything. */
function agree(left: OctetStream, right: OctetStream, at: number, to = at): boolean {
  return left.known[at] !== 1 || right.known[to] !== 1 || left.bytes[at] === right.bytes[to];
}

function firstDifference(left: OctetStream, right: OctetStream, from: number, to: number): number {
  let at = from;
  while (at < to && agree(left, right, at)) at++;
  return at;
}

/** Share of octets behind the first difference that are equal at the same place: near 1/256 to 1/20 by chance, high where only lines were masked. */
function agreementFrom(left: OctetStream, right: OctetStream, from: number, to: number): number {
  let same = 0;
  for (let at = from; at < to; at++) if (agree(left, right, at)) same++;
  return same / Math.max(1, to - from);
}

/** Differences closer than this are told as one. */
const BRIDGE = 4;

function blocksInPlace(left: OctetStream, right: OctetStream, shared: number): StreamBlock[] {
  const blocks: StreamBlock[] = [];
  let at = 0;
  while (at < shared) {
    const start = firstDifference(left, right, at, shared);
    if (start > at) blocks.push(block(at, start - at, at, start - at, true));
    if (start === shared) break;
    let end = start + 1;
    for (let probe = end; probe < shared && probe - end < BRIDGE; probe++) if (!agree(left, right, probe)) end = probe + 1;
    blocks.push(block(start, end - start, start, end - start, false));
    at = end;
  }
  return blocks;
}

const LINE_FEED = 0x0a;

function lineStartBefore(bytes: Uint8Array, at: number): number {
  return at === 0 ? 0 : bytes.lastIndexOf(LINE_FEED, at - 1) + 1;
}

interface Line {
  readonly at: number;
  readonly length: number;
  readonly text: string;
}

function linesOf({ bytes }: OctetStream, from: number): Line[] {
  const lines: Line[] = [];
  let at = from;
  while (at < bytes.length) {
    const feed = bytes.indexOf(LINE_FEED, at);
    const end = feed < 0 ? bytes.length : feed + 1;
    lines.push({ at, length: end - at, text: Buffer.from(bytes.subarray(at, end)).toString('latin1') });
    at = end;
  }
  return lines;
}

function alignLines(left: OctetStream, right: OctetStream, from: number): StreamBlock[] {
  const a = linesOf(left, from);
  const b = linesOf(right, from);
  const blocks = from > 0 ? [block(0, from, 0, from, true)] : [];
  let tail = 0;
  while (tail < a.length && tail < b.length && a[a.length - 1 - tail]?.text === b[b.length - 1 - tail]?.text) tail++;
  const pairs = longestCommon(a.slice(0, a.length - tail), b.slice(0, b.length - tail));
  for (let i = tail; i > 0; i--) pairs.push([a.length - i, b.length - i]);
  let [x, y] = [0, 0];
  const flush = (toX: number, toY: number): void => {
    const [l, r] = [spanOf(a, x, toX, left.bytes.length), spanOf(b, y, toY, right.bytes.length)];
    if (l.length > 0 || r.length > 0) blocks.push(block(l.at, l.length, r.at, r.length, false));
  };
  for (const [i, j] of pairs) {
    flush(i, j);
    const [l, r] = [a[i], b[j]];
    if (l && r) blocks.push(block(l.at, l.length, r.at, r.length, true));
    [x, y] = [i + 1, j + 1];
  }
  flush(a.length, b.length);
  return joinSame(blocks);
}

function spanOf(lines: readonly Line[], from: number, to: number, end: number): { at: number; length: number } {
  const at = lines[from]?.at ?? end;
  return { at, length: (lines[to]?.at ?? end) - at };
}

/** Pairs of equal lines in order, as many as possible (longest common subsequence). */
function longestCommon(a: readonly Line[], b: readonly Line[]): [number, number][] {
  if (a.length === 0 || b.length === 0 || a.length * b.length > MOST_PAIRS) return [];
  const width = b.length + 1;
  const best = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      best[i * width + j] =
        a[i]?.text === b[j]?.text ? (best[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(best[(i + 1) * width + j] ?? 0, best[i * width + j + 1] ?? 0);
    }
  }
  const pairs: [number, number][] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i]?.text === b[j]?.text) pairs.push([i++, j++]);
    else if ((best[(i + 1) * width + j] ?? 0) >= (best[i * width + j + 1] ?? 0)) i++;
    else j++;
  }
  return pairs;
}

function joinSame(blocks: readonly StreamBlock[]): StreamBlock[] {
  const joined: StreamBlock[] = [];
  for (const next of blocks) {
    const last = joined.at(-1);
    if (last?.same && next.same && last.left + last.leftLength === next.left && last.right + last.rightLength === next.right) {
      joined[joined.length - 1] = block(last.left, last.leftLength + next.leftLength, last.right, last.rightLength + next.rightLength, true);
    } else joined.push(next);
  }
  return joined;
}

/** Number at the left of a number at the right, through blocks of another length; numbers count from 1. */
export function toLeftNumber(blocks: readonly StreamBlock[], number: number): number {
  const at = number - 1;
  let shift = 0;
  for (const piece of blocks) {
    if (at < piece.right) break;
    const inside = at - piece.right;
    if (inside < piece.rightLength) return (piece.same ? piece.left + inside : piece.left + Math.min(inside, piece.leftLength)) + 1;
    shift = piece.left + piece.leftLength - (piece.right + piece.rightLength);
  }
  return number + shift;
}
