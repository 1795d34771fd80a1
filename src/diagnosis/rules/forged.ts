import { packetOf, SegmentNote } from '../../model/tcp.ts';
import { has, isRst } from '../case.ts';
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
    const sentTo = scene.endpoint(own).sentTo;
    const beyond = scene.segments.filter((segment) => segment.side !== own && !isRst(segment) && segment.ack > sentTo && !has(segment, SegmentNote.afterEnd));
    const [first] = beyond;
    if (!first || beyond.length < 2 || (view.ending && view.ending.atUs < first.atUs)) return null;
    const quits = scene.dialogue.quit !== null;
    return conclude(view, {
      cause: quits ? 'rejected' : 'undetermined',
      causeConfidence: quits ? 'moderate' : 'undetermined',
      actor: 'middlebox',
      actorConfidence: 'strong',
      rung: 'box',
      stage: view.stage === 'quit' ? (view.log?.stage ?? view.stage) : view.stage,
      support: [saw('ack-beyond-sent', { by: party(view, first.side), own: party(view, own), octets: first.ack - sentTo }, beyond.slice(0, 5).map(packetOf))],
      decidedUs: first.atUs,
      packet: packetOf(first),
    });
  },
};
