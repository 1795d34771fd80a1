import { partitionPoint } from '../model/bisect.ts';
import type { Completeness } from '../model/comparison.ts';
import type { CaptureContext } from '../model/judgement.ts';
import type { CapturedSession } from '../model/pairing.ts';
import { SegmentNote } from '../model/tcp.ts';
import { type EpochUs, otherSide } from '../model/units.ts';
import { TCP_RST } from '../model/packet.ts';
import { type Packet, isBareAck, isData, isFin, isRst } from './packets.ts';

/** Whether an absence at a point means something: for one session, with what the other point shows of it. */
export interface Certificate extends Completeness {
  /** Time that the point's captures cover, in the clock of the right point. */
  readonly firstUs: EpochUs;
  readonly lastUs: EpochUs;
}

/** Facts about the capture alone. */
export function certify(captured: CapturedSession | null, context: CaptureContext, toRightUs: number, missed: readonly string[]): Certificate {
  const facts: string[] = [];
  let state: Completeness['state'] = 'complete';
  if (!captured) {
    const empty = context.lastUs <= context.firstUs;
    facts.push(
      empty ? 'the capture holds no mail traffic at all, so that it holds nothing of this session proves nothing' : 'the capture holds nothing of this session',
    );
    return { state: 'empty', facts, firstUs: context.firstUs + toRightUs, lastUs: context.lastUs + toRightUs };
  }
  const { connection } = captured;
  if (!connection.sawSyn) {
    state = 'partial';
    facts.push('it begins after the connection was opened');
  }
  if (!connection.bothDirections) {
    state = 'partial';
    facts.push('only one direction of the connection is in it');
  }
  const losses = [...lossesOf(captured, context), ...missed];
  if (losses.length > 0 && state === 'complete') state = 'lossy';
  facts.push(...losses);
  if (state === 'complete') facts.push('from the first SYN on, both directions, no drop reported, no acknowledged octet missing');
  return { state, facts, firstUs: context.firstUs + toRightUs, lastUs: context.lastUs + toRightUs };
}

function lossesOf({ connection }: CapturedSession, context: CaptureContext): string[] {
  const facts: string[] = [];
  if (context.reportedDrops > 0) facts.push(`the capturing host reports ${context.reportedDrops} dropped packets`);
  // Octets behind everything that their sender ever numbered here may be somebody else's: they say nothing of this capture.
  const numbered: [number, number] = [0, 0];
  for (const { side, flags, seq, length } of connection.segments) {
    if ((flags & TCP_RST) === 0) numbered[side] = Math.max(numbered[side], seq, length > 0 ? seq + length : 0);
  }
  const lacking = connection.gaps.filter(({ kind, side, from }) => kind === 'capture' && from < numbered[side]).reduce((sum, gap) => sum + gap.length, 0);
  if (lacking > 0) facts.push(`${lacking} octets are missing from it although their receiver acknowledged them`);
  let unseen = 0;
  for (const { notes, side, ack } of connection.segments) if ((notes & SegmentNote.acksUnseen) !== 0 && ack <= numbered[otherSide(side)]) unseen++;
  if (unseen > 0 && lacking === 0) facts.push('packets in it acknowledge octets that are not in it');
  if (connection.segments.dropped > 0) facts.push(`${connection.segments.dropped} segments were counted, but not kept`);
  return facts;
}

/**
 * Packets of one sender that its own point must have missed: the far point has them, and at its own point the sender numbers on behind them,
 * or they are bare acknowledgements that look like all others.
 */
export function missedNearSender(near: readonly Packet[], absent: readonly Packet[], usualTtl: number | null): Packet[] {
  const [first] = absent;
  if (!first) return [];
  const covered = coverageOf(near, first.sender);
  const sentTo = near.reduce((most, packet) => (packet.sender === first.sender && !isRst(packet) ? Math.max(most, packet.from) : most), 0);
  return absent.filter((packet) => {
    if (isBareAck(packet)) return packet.segment.ttl === usualTtl && packet.from <= sentTo && !isProbe(packet);
    return (isData(packet) || isFin(packet)) && !covered.has(packet.from, packet.to) && packet.to <= sentTo;
  });
}

function isProbe({ segment }: Packet): boolean {
  return (segment.notes & (SegmentNote.keepAlive | SegmentNote.zeroWindowProbe | SegmentNote.challengeAck)) !== 0;
}

/** Packets of one sender that the point near the receiver must have missed: the receiver acknowledges them there. */
export function missedNearReceiver(near: readonly Packet[], absent: readonly Packet[]): Packet[] {
  const [first] = absent;
  if (!first) return [];
  const covered = coverageOf(near, first.sender);
  const ackedTo = near.reduce((most, packet) => (packet.sender === first.sender || isRst(packet) ? most : Math.max(most, packet.ack)), -1);
  return absent.filter((packet) => (isData(packet) || isFin(packet)) && !covered.has(packet.from, packet.to) && packet.to <= ackedTo);
}

/** Ranges of numbers. */
export class Coverage {
  #ranges: { from: number; to: number }[] = [];
  #sorted = true;

  add(from: number, to: number): void {
    this.#ranges.push({ from, to });
    this.#sorted = false;
  }

  /** Every number from `from` up to `to` was added. */
  has(from: number, to: number): boolean {
    this.#join();
    const range = this.#ranges[partitionPoint(this.#ranges.length, (place) => (this.#ranges[place]?.to ?? 0) <= from)];
    return range !== undefined && range.from <= from && range.to >= to;
  }

  #join(): void {
    if (this.#sorted) return;
    const joined: { from: number; to: number }[] = [];
    for (const range of this.#ranges.sort((a, b) => a.from - b.from)) {
      const last = joined.at(-1);
      if (last && range.from <= last.to) last.to = Math.max(last.to, range.to);
      else joined.push({ ...range });
    }
    this.#ranges = joined;
    this.#sorted = true;
  }
}

/** Numbers of one sender that a point holds. */
export function coverageOf(packets: readonly Packet[], sender: Packet['sender']): Coverage {
  const coverage = new Coverage();
  for (const packet of packets) if (packet.sender === sender && packet.to > packet.from && !isRst(packet)) coverage.add(packet.from, packet.to);
  return coverage;
}
