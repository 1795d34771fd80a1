import { packetOf, SegmentNote, type Segment } from '../../model/tcp.ts';
import type { Side } from '../../model/units.ts';
import { has, isRst, nextSeq, type Scene } from '../case.ts';
import { conclude, party, type Finding, type Rule } from '../finding.ts';
import { saw } from '../observation.ts';

/**
 * The peer acknowledges octets that the appliance, in its own capture, never sent: somebody spoke to it in the appliance's name.
 * From then on the appliance's stack takes nothing of the peer any more (RFC 9293, 3.10.7.4).
 */
export const forgedWords: Rule = {
  name: 'forged-words',
  conclude(view): Finding | null {
    const { scene } = view;
    const own = scene.ownSide;
    if (own === null || !scene.connection.sawSyn || !scene.connection.bothDirections || scene.lossyCapture) return null;
    const { beyond, octets } = acksBeyondSent(scene, own);
    const [first] = beyond;
    if (!first || beyond.length < 2 || (view.ending && view.ending.atUs < first.atUs)) return null;
    const quits = scene.dialogue.quit !== null || view.ending?.kind === 'fin';
    return conclude(view, {
      cause: quits ? 'rejected' : 'undetermined',
      mechanism: 'impersonates',
      causeConfidence: quits ? 'moderate' : 'undetermined',
      actor: 'middlebox',
      actorConfidence: 'strong',
      rung: 'box',
      stage: view.stage === 'quit' ? (view.log?.stage ?? view.stage) : view.stage,
      support: [saw('ack-beyond-sent', { by: party(view, first.side), own: party(view, own), octets }, beyond.slice(0, 5).map(packetOf))],
      decidedUs: first.atUs,
      packet: packetOf(first),
    });
  },
};

/** Acknowledgements by the peer of numbers that its side had not reached when they came. */
function acksBeyondSent(scene: Scene, own: Side): { readonly beyond: readonly Segment[]; readonly octets: number } {
  const beyond: Segment[] = [];
  let sentTo = 0;
  let octets = 0;
  for (const segment of scene.segments) {
    if (segment.side === own) sentTo = Math.max(sentTo, nextSeq(segment));
    else if (!isRst(segment) && segment.ack > sentTo && !has(segment, SegmentNote.afterEnd) && !catchesUp(scene, own, segment)) {
      beyond.push(segment);
      octets ||= segment.ack - sentTo;
    }
  }
  return { beyond, octets };
}

/** The octets come right behind in the file: written out of order, not forged. */
function catchesUp(scene: Scene, own: Side, ack: Segment): boolean {
  return scene.segments.some(
    (segment) => segment.side === own && segment.index > ack.index && segment.atUs - ack.atUs < DISORDER_US && nextSeq(segment) >= ack.ack,
  );
}

/** Packets of several queues or CPUs reach the file this much out of order at most. */
const DISORDER_US = 1_000_000;
