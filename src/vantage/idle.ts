import { packetOf } from '../model/tcp.ts';
import { SECOND_US } from '../model/units.ts';
import type { InterferenceFact } from './interference.ts';
import { type Leg, absentAt, endsOf } from './leg.ts';
import { type Packet, isBareAck, isRst, isSyn } from './packets.ts';

/** Shorter pauses are no idleness. */
const LEAST_PAUSE_US = 5 * SECOND_US;
/** How much longer than every pause before it the one before the end must be. */
const OUTSTANDING = 3;

/**
 * A device that forgot the connection while nobody spoke: behind the longest pause of the session nothing passes any more, in whichever
 * direction it is tried.
 */
export function findForgotten(leg: Leg): InterferenceFact[] {
  if (leg.mode !== 'same-packets') return [];
  const lost = (['client', 'server'] as const).flatMap((sender) =>
    absentAt(leg, sender, 'far').filter((packet) => !isBareAck(packet) && !isSyn(packet) && !isRst(packet)),
  );
  const first = lost.sort((a, b) => a.atUs - b.atUs)[0];
  if (!first || lost.length < 2) return [];
  const { near } = endsOf(leg, first.sender);
  const passed = [leg.alignments.client, leg.alignments.server].flatMap(({ matches }) => matches.flatMap(({ left, right }) => [...left, ...right]));
  if (passed.some((packet) => packet.atUs > first.atUs + leg.slackUs)) return [];
  const pauses = pausesUpTo(near.packets, first);
  const last = pauses.pop() ?? 0;
  if (last < LEAST_PAUSE_US || last < OUTSTANDING * pauses.reduce((longest, pause) => Math.max(longest, pause), 0)) return [];
  return [
    {
      kind: 'idle-expiry',
      statement: `after a pause of ${(last / SECOND_US).toFixed(1)} s nothing passed between ${leg.left.point.name} and ${leg.right.point.name} any more, tried ${lost.length} times: a device in between had forgotten the connection`,
      packets: lost.slice(0, 6).map(({ segment }) => packetOf(segment)),
    },
  ];
}

/** Times between the packets of a point, up to and with `end`. */
function pausesUpTo(packets: readonly Packet[], end: Packet): number[] {
  const pauses: number[] = [];
  for (const [at, packet] of packets.entries()) {
    const before = packets[at - 1];
    if (before) pauses.push(packet.atUs - before.atUs);
    if (packet === end) break;
  }
  return pauses;
}
