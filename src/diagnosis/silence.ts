import { SegmentNote, packetOf, type Segment } from '../model/tcp.ts';
import { otherSide, type EpochUs, type Side } from '../model/units.ts';
import type { PacketRef } from '../model/evidence.ts';
import { has, isData, isFin, isRst, isSyn, nextSeq, type Scene } from './case.ts';

/** Octets or a FIN that one side sent again and again without an acknowledgement. */
export interface Unanswered {
  readonly side: Side;
  readonly times: number;
  readonly seconds: number;
  readonly firstUs: EpochUs;
  /** Relative sequence number of the first octet that was not acknowledged. */
  readonly fromSeq: number;
  /** First of the transmissions. */
  readonly packets: readonly PacketRef[];
  /** Nothing at all came from the other side after the first transmission. */
  readonly otherSilent: boolean;
}

/** At least this many further transmissions over at least this long before silence means anything: tail-loss probes repeat within milliseconds. */
const MIN_REPETITIONS = 2;
const MIN_SECONDS = 0.6;

/** What `side` had sent and repeated without an answer up to `untilUs`; null when everything was acknowledged or too little was tried. */
export function unansweredBefore(scene: Scene, side: Side, untilUs: EpochUs): Unanswered | null {
  let acked = -1;
  const sent: Segment[] = [];
  let otherAfter = 0;
  for (const segment of scene.segments) {
    if (segment.atUs >= untilUs) break;
    if (segment.side === side) {
      if ((isData(segment) || isFin(segment)) && !isSyn(segment)) sent.push(segment);
      continue;
    }
    if (segment.ack > acked) acked = segment.ack;
    const before = sent.length;
    dropAcknowledged(sent, acked);
    if (sent.length === 0 || sent.length < before) otherAfter = 0;
    else if (!isRst(segment)) otherAfter++;
  }
  const first = sent[0];
  const last = sent.at(-1);
  if (!first || !last) return null;
  const repetitions =
    sent.filter((segment, i) => i > 0 && segment.seq <= first.seq).length +
    sent.filter((segment) => segment.seq > first.seq && has(segment, SegmentNote.retransmission)).length;
  const seconds = (last.atUs - first.atUs) / 1e6;
  if (repetitions < MIN_REPETITIONS || seconds < MIN_SECONDS) return null;
  return { side, times: repetitions, seconds, firstUs: first.atUs, fromSeq: first.seq, packets: sent.slice(0, 8).map(packetOf), otherSilent: otherAfter === 0 };
}

/** Takes out, in place, what was acknowledged up to `acked`. */
function dropAcknowledged(sent: Segment[], acked: number): void {
  let kept = 0;
  for (const segment of sent) if (nextSeq(segment) > acked) sent[kept++] = segment;
  while (sent.length > kept) sent.pop();
}

/** Octets that `side` numbered, and which never reached its peer. */
export interface Missing {
  readonly side: Side;
  readonly octets: number;
  /** Later octets arrived behind the hole; otherwise only sequence numbers tell of them. */
  readonly hole: boolean;
  readonly sinceUs: EpochUs;
  readonly packets: readonly PacketRef[];
}

/** A hole that was never filled, or sequence numbers beyond everything that arrived. Abstains where the file itself lost as much. */
export function missingFrom(scene: Scene, side: Side): Missing | null {
  if (!scene.connection.bothDirections) return null;
  const endpoint = scene.endpoint(side);
  if (endpoint.sentTo <= endpoint.contiguousTo) return null;
  const gap = scene.connection.gaps.find((candidate) => candidate.side === side && candidate.kind === 'network');
  const beyond = scene.segments.filter(
    (segment) => segment.side === side && !isRst(segment) && !isSyn(segment) && segment.seq > endpoint.contiguousTo && !has(segment, SegmentNote.keepAlive),
  );
  const first = beyond[0];
  if (!first) return null;
  const acked = Math.max(...scene.segments.filter((segment) => segment.side === otherSide(side)).map((segment) => segment.ack), -1);
  if (acked > endpoint.contiguousTo) return null;
  const octets = gap ? gap.length : Math.max(...beyond.map((segment) => segment.seq)) - endpoint.contiguousTo;
  if (octets <= 0 || octets < captureLoss(scene, side) * FAR_MORE) return null;
  return {
    side,
    octets,
    hole: gap !== undefined || beyond.some(isData),
    sinceUs: first.atUs,
    packets: beyond.slice(0, 6).map(packetOf),
  };
}

/** Octets that the file itself lost. A capture that drops a packet now and then does not drop many times as much at the end. */
function captureLoss(scene: Scene, side: Side): number {
  return scene.connection.gaps.reduce((sum, gap) => sum + (gap.side === side && (gap.kind === 'capture' || gap.kind === 'budget') ? gap.length : 0), 0);
}

const FAR_MORE = 10;

/**
 * Packets of `side` that never arrived, counted by the IPv4 identification of a per-connection counter (Linux).
 * Null unless the counter is proven by at least `MIN_STEPS` steps of which the share `MIN_ONES` are exactly one.
 */
export function ledgerGap(scene: Scene, side: Side): { readonly missing: number; readonly packets: readonly PacketRef[] } | null {
  const own = scene.segments.filter((segment) => segment.side === side && segment.ipId > 0 && !isRst(segment) && !has(segment, SegmentNote.outOfOrder));
  let ones = 0;
  let steps = 0;
  let missing = 0;
  const packets: PacketRef[] = [];
  for (let i = 1; i < own.length; i++) {
    const a = own[i - 1];
    const b = own[i];
    if (!a || !b) continue;
    const step = (b.ipId - a.ipId) & 0xffff;
    steps++;
    if (step === 1) ones++;
    else if (step > 1 && step < 64) {
      missing += step - 1;
      packets.push(packetOf(b));
    }
  }
  if (steps < MIN_STEPS || missing === 0 || ones + packets.length < steps || ones < steps * MIN_ONES) return null;
  return { missing, packets };
}

const MIN_STEPS = 5;
const MIN_ONES = 0.6;
