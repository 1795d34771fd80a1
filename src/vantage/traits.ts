import type { Sender } from '../model/comparison.ts';
import { TCP_SYN } from '../model/packet.ts';
import { type Packet, isBareAck, isRst } from './packets.ts';

/** How often a field of the packets of one sender is the same at both points. */
export interface Share {
  readonly samples: number;
  /** From 0 to 1; 0 without samples. */
  readonly share: number;
}

/** What pairs of packets that can only be each other tell about the fields that the path keeps. */
export interface Traits {
  readonly ipIds: Share;
  /** The commonest difference of the time stamps, right minus left modulo 2^32; null without time stamps at both points. */
  readonly timestampShift: number | null;
  readonly timestamps: Share;
  readonly windows: Share;
  /** Packets with the time stamp option, at the left and at the right. */
  readonly stamped: { readonly left: number; readonly right: number };
}

/** What two packets must have in common to be taken for the same one. */
export function keyOf(packet: Packet): string {
  const { kind, from, to, ack } = packet;
  if (isRst(packet)) return `r/${from}`;
  return isBareAck(packet) ? `a/${from}/${to}/${ack}` : `${kind}/${from}/${to}`;
}

export function groupByKey(packets: readonly Packet[]): Map<string, Packet[]> {
  const groups = new Map<string, Packet[]>();
  for (const packet of packets) {
    const key = keyOf(packet);
    const group = groups.get(key);
    if (group) group.push(packet);
    else groups.set(key, [packet]);
  }
  return groups;
}

/** Looks only at keys that occur once at either point. */
export function learnTraits(left: readonly Packet[], right: readonly Packet[], sender: Sender): Traits {
  const others = groupByKey(right.filter((packet) => packet.sender === sender));
  const pairs: [Packet, Packet][] = [];
  for (const [key, group] of groupByKey(left.filter((packet) => packet.sender === sender))) {
    const [one, other] = [group[0], others.get(key)?.[0]];
    if (group.length === 1 && others.get(key)?.length === 1 && one && other) pairs.push([one, other]);
  }
  const identified = pairs.filter(([a, b]) => a.segment.ipId > 0 && b.segment.ipId > 0);
  const stamped = pairs.filter(([a, b]) => a.segment.tsVal >= 0 && b.segment.tsVal >= 0);
  const shifts = new Map<number, number>();
  for (const [a, b] of stamped) count(shifts, (b.segment.tsVal - a.segment.tsVal) >>> 0);
  const [shift, most] = [...shifts].reduce<[number | null, number]>((best, next) => (next[1] > best[1] ? next : best), [null, 0]);
  return {
    ipIds: shareOf(identified, ([a, b]) => a.segment.ipId === b.segment.ipId),
    timestampShift: shift,
    timestamps: { samples: stamped.length, share: stamped.length === 0 ? 0 : most / stamped.length },
    windows: shareOf(
      pairs.filter(([a]) => (a.segment.flags & TCP_SYN) === 0),
      ([a, b]) => a.segment.window === b.segment.window,
    ),
    stamped: { left: countStamped(left, sender), right: countStamped(right, sender) },
  };
}

function count(counts: Map<number, number>, value: number): void {
  counts.set(value, (counts.get(value) ?? 0) + 1);
}

function countStamped(packets: readonly Packet[], sender: Sender): number {
  return packets.reduce((sum, packet) => sum + (packet.sender === sender && packet.segment.tsVal >= 0 ? 1 : 0), 0);
}

function shareOf(pairs: readonly [Packet, Packet][], test: (pair: [Packet, Packet]) => boolean): Share {
  return { samples: pairs.length, share: pairs.length === 0 ? 0 : pairs.filter(test).length / pairs.length };
}

/** Fewer samples than this show nothing. */
const FEWEST = 3;

/** The path passes identifications on: the same packet carries the same one at both points. */
export function keepsIpIds({ ipIds }: Traits): boolean {
  return ipIds.samples >= FEWEST && ipIds.share >= 0.6;
}

/** Time stamps are passed on, or shifted by one constant. */
export function keepsTimestamps({ timestamps }: Traits): boolean {
  return timestamps.samples >= FEWEST && timestamps.share >= 0.8;
}
