import { packetOf, SegmentNote, type Segment } from '../../../model/tcp.ts';
import { has, isRst, nextSeq } from '../../case.ts';
import { saw } from '../../observation.ts';
import { shapeOf } from '../../reset-shape.ts';
import type { ResetObserver } from './observer.ts';

/** Whether the RST stands where its named sender was in its stream. */
export const sequence: ResetObserver = {
  name: 'sequence',
  blindWhen: ['octets of the sender that were lost: then its own RST is ahead of what arrived', 'a capture with one direction'],
  observe({ scene, rst, before, named }) {
    if (has(rst, SegmentNote.rstExact) || !scene.connection.bothDirections) return [];
    const sentTo = Math.max(0, ...before.map((segment) => segment.seq + segment.length));
    const distance = rst.seq - sentTo;
    // Ahead of everything seen: a genuine one after lost octets is, and so is a guess.
    if (distance > 0) return [saw('rst-ahead', { by: named, distance }, [packetOf(rst)])];
    return [saw('rst-sequence-wrong', { by: named, distance }, [packetOf(rst)])];
  },
};

/** The named host answered a challenge with a RST of its own: it had no such connection any more (RFC 5961, 3.2). */
export const challenge: ResetObserver = {
  name: 'challenge',
  blindWhen: [],
  observe({ scene, rst, trigger, named }) {
    if (!trigger || isRst(trigger) || rst.seq !== trigger.ack || rst.atUs - trigger.atUs > 3_000_000) return [];
    const earlier = scene.segments.findLast((segment) => segment.side === rst.side && segment.index < trigger.index);
    const challenged = earlier !== undefined && isRst(earlier) && !has(earlier, SegmentNote.rstExact);
    return challenged ? [saw('challenge-answered', { by: named }, [packetOf(trigger), packetOf(rst)])] : [];
  },
};

/** It acknowledges octets that the other side had not sent when it came: its sender saw another connection, or none. */
export const acknowledgement: ResetObserver = {
  name: 'acknowledgement',
  blindWhen: ['a bare RST, which acknowledges nothing', 'captures that lost packets or show one direction'],
  observe({ scene, rst, named }) {
    if (rst.ack < 0 || scene.lossyCapture || !scene.connection.bothDirections || !scene.connection.sawSyn) return [];
    const sentTo = Math.max(0, ...scene.segments.filter((segment) => segment.side !== rst.side && segment.index < rst.index).map(nextSeq));
    return rst.ack > sentTo ? [saw('rst-acks-unseen', { by: named, octets: rst.ack - sentTo }, [packetOf(rst)])] : [];
  },
};

/** Resets to both ends that come together; a host never answers a RST with one. */
const TOGETHER_US = 100_000;

/** A RST towards each end at the same moment, nothing between them that the second could answer: a box resets both (seen on a mirror port). */
export const paired: ResetObserver = {
  name: 'paired',
  blindWhen: ["captures on an end's host, where the RST towards the other end does not pass"],
  observe({ scene, rst, named }) {
    const other = scene.segments.find(
      (segment) => segment.side !== rst.side && isRst(segment) && segment.index > rst.index && segment.atUs - rst.atUs <= TOGETHER_US,
    );
    if (!other) return [];
    const asked = scene.segments.some(
      (segment) =>
        segment.side === rst.side && !isRst(segment) && segment.index < other.index && other.atUs - segment.atUs <= ASKED_US && answers(other, segment),
    );
    return asked ? [] : [saw('rst-paired', { by: named }, [packetOf(rst), packetOf(other)])];
  },
};

/** A segment this old may still be what a RST answers. */
const ASKED_US = 1_000_000;

/** A reactive RST takes its number from the acknowledgement that it answers (RFC 9293, 3.10.7.1). */
function answers(rst: Segment, segment: Segment): boolean {
  return shapeOf(rst) === 'reactive' && segment.ack === rst.seq;
}
