import { partitionPoint } from '../model/bisect.ts';
import { type Packet, isBareAck, isData, isFin, isRst, isSyn } from './packets.ts';
import { type Traits, groupByKey, keepsIpIds, keepsTimestamps } from './traits.ts';

/** The same packet at both points; several on a side where the path, or the card of a capturing host, cut it otherwise. */
export interface Match {
  readonly left: readonly Packet[];
  readonly right: readonly Packet[];
}

export interface Alignment {
  readonly matches: readonly Match[];
  readonly onlyLeft: readonly Packet[];
  readonly onlyRight: readonly Packet[];
}

export interface AlignOptions {
  /** Packets of one sender: how far its fields tell one packet from another. */
  readonly traits: Traits;
  /** How much earlier than its departure an arrival may seem. */
  readonly slackUs: number;
  /** Two connections, one to each side of a proxy: only words, FIN and RST are compared. */
  readonly proxy: boolean;
}

/** Matches one sender's packets at two points: first what is numbered alike, nth with nth; then data that was cut otherwise. */
export function alignPackets(left: readonly Packet[], right: readonly Packet[], options: AlignOptions): Alignment {
  const wanted = options.proxy ? (packet: Packet) => !isBareAck(packet) && !isSyn(packet) : () => true;
  const others = groupByKey(right.filter(wanted));
  const matches: Match[] = [];
  const used = new Set<Packet>();
  for (const [key, group] of groupByKey(left.filter(wanted))) {
    for (const [a, b] of pairInOrder(group, others.get(key) ?? [], options)) {
      matches.push({ left: [a], right: [b] });
      used.add(a).add(b);
    }
  }
  const free = (packet: Packet) => wanted(packet) && !used.has(packet);
  const movable = (packet: Packet) => free(packet) && (isData(packet) || isFin(packet));
  for (const match of regroup(left.filter(movable), right.filter(movable), options.slackUs)) {
    matches.push(match);
    for (const packet of [...match.left, ...match.right]) used.add(packet);
  }
  return { matches, onlyLeft: left.filter(free), onlyRight: right.filter(free) };
}

/** Larger groups of equals (window probes by the hundred) are paired in plain order. */
const MOST_EQUALS = 120;
const SKIP = 1.5;
const CONTRADICTION = 4;

/** Pairs equally numbered packets in order, leaving out whichever does not fit: the cheapest alignment of two short lists. */
function pairInOrder(left: readonly Packet[], right: readonly Packet[], options: AlignOptions): [Packet, Packet][] {
  const [n, m] = [left.length, right.length];
  if (n === 0 || m === 0) return [];
  if (n > MOST_EQUALS || m > MOST_EQUALS) return left.slice(0, m).flatMap((a, i): [Packet, Packet][] => (right[i] ? [[a, right[i]]] : []));
  const width = m + 1;
  const costs = new Float64Array((n + 1) * width);
  const cost = (i: number, j: number) => costs[i * width + j] ?? 0;
  const pairCost = (i: number, j: number) => {
    const [a, b] = [left[i], right[j]];
    return a && b ? costOf(a, b, options) : CONTRADICTION;
  };
  for (let i = n; i >= 0; i--) {
    for (let j = m; j >= 0; j--) {
      if (i === n || j === m) costs[i * width + j] = (n - i + m - j) * SKIP;
      else costs[i * width + j] = Math.min(cost(i + 1, j + 1) + pairCost(i, j), cost(i + 1, j) + SKIP, cost(i, j + 1) + SKIP);
    }
  }
  const pairs: [Packet, Packet][] = [];
  let [i, j] = [0, 0];
  while (i < n && j < m) {
    const [a, b] = [left[i], right[j]];
    if (a && b && cost(i, j) === cost(i + 1, j + 1) + pairCost(i, j)) {
      pairs.push([a, b]);
      [i, j] = [i + 1, j + 1];
    } else if (cost(i, j) === cost(i + 1, j) + SKIP) i++;
    else j++;
  }
  return pairs;
}

/** A packet that takes this long on its way is as unlikely as another explanation. */
const LONG_WAY_US = 2_000_000;

function costOf(a: Packet, b: Packet, { traits, slackUs, proxy }: AlignOptions): number {
  const travelUs = a.sender === 'client' ? b.atUs - a.atUs : a.atUs - b.atUs;
  if (travelUs < -slackUs) return CONTRADICTION;
  let cost = proxy ? 0 : Math.min(1, Math.max(0, travelUs) / LONG_WAY_US);
  if (proxy) return cost;
  if (keepsIpIds(traits) && a.segment.ipId >= 0 && b.segment.ipId >= 0 && a.segment.ipId !== b.segment.ipId) cost += CONTRADICTION;
  const { timestampShift } = traits;
  const stamped = a.segment.tsVal >= 0 && b.segment.tsVal >= 0 && timestampShift !== null;
  if (keepsTimestamps(traits) && stamped && (b.segment.tsVal - a.segment.tsVal) >>> 0 !== timestampShift) cost += CONTRADICTION;
  if (isRst(a) && keepsTimestamps(traits) && a.segment.tsVal >= 0 !== b.segment.tsVal >= 0) cost += CONTRADICTION;
  if (a.octets && b.octets && !sameOctets(a.octets, b.octets)) cost += 0.5;
  return cost;
}

/** As far as both captures stored them. */
export function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Longest payload that a capture can hold in one packet. */
const LONGEST_PACKET = 65_536;

/** Packets of one point by the number at which they begin. */
class Shelf {
  readonly #packets: Packet[];
  readonly used = new Set<Packet>();

  constructor(packets: readonly Packet[]) {
    this.#packets = [...packets].sort((a, b) => a.from - b.from || a.atUs - b.atUs);
  }

  /** The first free packet that has numbers from `from` up to `to` and lies within the time; null when there is none. */
  next(from: number, to: number, fits: (packet: Packet) => boolean): Packet | null {
    const first = partitionPoint(this.#packets.length, (place) => (this.#packets[place]?.from ?? 0) < from - LONGEST_PACKET);
    for (let at = first; at < this.#packets.length; at++) {
      const packet = this.#packets[at];
      if (!packet || packet.from >= to) return null;
      if (packet.to > from && !this.used.has(packet) && fits(packet)) return packet;
    }
    return null;
  }
}

/** Data that both points have in other pieces: runs that begin and end alike, or overlap where a capture lacks a piece. */
function regroup(left: readonly Packet[], right: readonly Packet[], slackUs: number): Match[] {
  if (left.length === 0 || right.length === 0) return [];
  const shelves = { left: new Shelf(left), right: new Shelf(right) };
  const matches: Match[] = [];
  for (const first of [...left].sort((a, b) => a.atUs - b.atUs)) {
    if (shelves.left.used.has(first)) continue;
    const inTime = (packet: Packet) => {
      const travelUs = first.sender === 'client' ? packet.atUs - first.atUs : first.atUs - packet.atUs;
      return packet.point === 'left' || travelUs >= -slackUs - LONG_WAY_US / 2;
    };
    const group = { left: [first], right: [] as Packet[] };
    shelves.left.used.add(first);
    let leftTo = first.to;
    let rightTo: number | null = null;
    for (;;) {
      const found = shelves.right.next(rightTo ?? first.from, leftTo, inTime);
      if (found) {
        group.right.push(found);
        shelves.right.used.add(found);
        rightTo = Math.max(rightTo ?? 0, found.to);
        continue;
      }
      const more = rightTo === null ? null : shelves.left.next(leftTo, rightTo, inTime);
      if (!more) break;
      group.left.push(more);
      shelves.left.used.add(more);
      leftTo = Math.max(leftTo, more.to);
    }
    const agreed = agreeOnFin(group);
    for (const packet of [...group.left, ...group.right]) if (!agreed?.left.includes(packet) && !agreed?.right.includes(packet)) release(packet);
    if (agreed) matches.push(agreed);
    else shelves.left.used.add(first);
  }
  return matches;

  function release(packet: Packet): void {
    shelves[packet.point].used.delete(packet);
  }
}

function withoutLoneFin(own: readonly Packet[], others: readonly Packet[]): readonly Packet[] {
  return others.some(isFin) ? own : own.filter((packet) => !isFin(packet) || isData(packet));
}

/** A bare FIN belongs to a group only where both points have one in it; null when nothing is left of a side. */
function agreeOnFin(group: Match): Match | null {
  const match = { left: withoutLoneFin(group.left, group.right), right: withoutLoneFin(group.right, group.left) };
  return match.left.length === 0 || match.right.length === 0 ? null : match;
}
