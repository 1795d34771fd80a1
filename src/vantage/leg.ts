import type { ComparisonMode, Sender } from '../model/comparison.ts';
import type { CaptureContext } from '../model/judgement.ts';
import type { CapturedSession } from '../model/pairing.ts';
import { type Alignment, alignPackets } from './align.ts';
import { type ClockOffset, boundByOctets, noBounds, offsetWithin } from './clock.ts';
import { type Certificate, certify, missedNearReceiver, missedNearSender } from './completeness.ts';
import { type Numbering, learnNumbering } from './numbering.ts';
import { type Packet, packetsOf } from './packets.ts';
import { usualTtl } from './path.ts';
import { findProxy } from './proxy.ts';
import type { OctetsOf } from './streams.ts';
import { type Traits, learnTraits } from './traits.ts';

/** A capture point with what it holds of one session. */
export interface Point {
  readonly name: string;
  /** Null: its captures hold nothing of the session. */
  readonly captured: CapturedSession | null;
  readonly context: CaptureContext;
  /** Payloads read again; null where a packet's are not at hand. */
  readonly octetsOf: OctetsOf;
}

/** One point of a leg, ready to be compared. */
export interface LegEnd {
  readonly point: Point;
  readonly packets: readonly Packet[];
  readonly certificate: Certificate;
}

/** Two neighbouring points of the path, their packets in one numbering and one clock, and matched. */
export interface Leg {
  readonly mode: ComparisonMode;
  readonly left: LegEnd;
  readonly right: LegEnd;
  readonly clock: ClockOffset | null;
  /** How much earlier than its departure an arrival may seem, in microseconds. */
  readonly slackUs: number;
  /** The same without allowance for late stamps: for asking which of two packets at different points came first. */
  readonly tightUs: number;
  readonly numberings: Readonly<Record<Sender, Numbering>> | null;
  readonly traits: Readonly<Record<Sender, Traits>> | null;
  readonly alignments: Readonly<Record<Sender, Alignment>>;
  readonly proxyReasons: readonly string[];
}

/** The point nearer to a sender, and the one nearer to its receiver. */
export function endsOf(leg: Leg, sender: Sender): { near: LegEnd; far: LegEnd } {
  return sender === 'client' ? { near: leg.left, far: leg.right } : { near: leg.right, far: leg.left };
}

/** A sender's packets that the point near to it lacks, or the one near to its receiver. */
export function absentAt(leg: Leg, sender: Sender, where: 'near' | 'far'): readonly Packet[] {
  const alignment = leg.alignments[sender];
  return (sender === 'client') === (where === 'near') ? alignment.onlyRight : alignment.onlyLeft;
}

/** What a capturing host adds to the time of a packet at most, as a rule. */
const STAMPING_US = 50_000;
/** What a box needs to pass something on, and clocks to agree in the last digit. */
const SWITCHING_US = 500;
/** Slack where nothing ties the clocks from both sides. */
const LOOSE_US = 5_000_000;

/** Builds a leg. `hint` is the offset of the two points' clocks as other connections tell it. */
export function buildLeg(left: Point, right: Point, hint: ClockOffset | null): Leg {
  if (!left.captured || !right.captured) return buildOneSided(left, right, hint);
  const octets = { left: left.octetsOf, right: right.octetsOf };
  const numberings = {
    client: learnNumbering(left.captured, right.captured, 'client', octets),
    server: learnNumbering(left.captured, right.captured, 'server', octets),
  };
  const bounds = noBounds();
  boundByOctets(bounds, left.captured, right.captured, numberings);
  const own = offsetWithin(bounds);
  const clock = own && Number.isFinite(own.uncertaintyUs) ? own : (hint ?? own);
  const offsetUs = clock?.offsetUs ?? 0;
  const uncertaintyUs = clock?.uncertaintyUs ?? Number.POSITIVE_INFINITY;
  const slackUs = Number.isFinite(uncertaintyUs) ? uncertaintyUs + STAMPING_US : LOOSE_US;
  const packets = {
    left: packetsOf(left.captured, 'left', numberings, offsetUs, left.octetsOf),
    right: packetsOf(right.captured, 'right', numberings, 0, right.octetsOf),
  };
  const traits = { client: learnTraits(packets.left, packets.right, 'client'), server: learnTraits(packets.left, packets.right, 'server') };
  const proxyReasons = findProxy({ session: left.captured, packets: packets.left }, { session: right.captured, packets: packets.right }, traits, clock);
  const proxy = proxyReasons.length > 0;
  const align = (sender: Sender) =>
    alignPackets(
      packets.left.filter((packet) => packet.sender === sender),
      packets.right.filter((packet) => packet.sender === sender),
      { traits: traits[sender], slackUs, proxy },
    );
  const alignments = { client: align('client'), server: align('server') };
  const missed = proxy ? { left: [], right: [] } : countMissed(left.captured, right.captured, packets, alignments);
  return {
    mode: proxy ? 'proxy' : 'same-packets',
    left: { point: left, packets: packets.left, certificate: certify(left.captured, left.context, offsetUs, missed.left) },
    right: { point: right, packets: packets.right, certificate: certify(right.captured, right.context, 0, missed.right) },
    clock,
    slackUs,
    tightUs: Number.isFinite(uncertaintyUs) ? uncertaintyUs + SWITCHING_US : LOOSE_US,
    numberings,
    traits,
    alignments,
    proxyReasons,
  };
}

function countMissed(
  left: CapturedSession,
  right: CapturedSession,
  packets: { readonly left: readonly Packet[]; readonly right: readonly Packet[] },
  { client, server }: Readonly<Record<Sender, Alignment>>,
): { left: string[]; right: string[] } {
  const atLeft = missedNearSender(packets.left, client.onlyRight, usualTtl(right, 'client')).length + missedNearReceiver(packets.left, server.onlyRight).length;
  const atRight = missedNearSender(packets.right, server.onlyLeft, usualTtl(left, 'server')).length + missedNearReceiver(packets.right, client.onlyLeft).length;
  return { left: tellMissed(atLeft), right: tellMissed(atRight) };
}

function tellMissed(count: number): string[] {
  return count === 0 ? [] : [`it lacks ${count === 1 ? 'a packet' : `${count} packets`} that passed it, as the other capture and its own numbers show`];
}

const NOTHING: Alignment = { matches: [], onlyLeft: [], onlyRight: [] };

function buildOneSided(left: Point, right: Point, hint: ClockOffset | null): Leg {
  const offsetUs = hint?.offsetUs ?? 0;
  const plain: Numbering = { shift: 0, blocks: null, streams: null, toLeft: (number) => number };
  const numberings = { client: plain, server: plain };
  const here = left.captured ? packetsOf(left.captured, 'left', numberings, offsetUs, left.octetsOf) : [];
  const there = right.captured ? packetsOf(right.captured, 'right', numberings, 0, right.octetsOf) : [];
  const only = (sender: Sender): Alignment => ({
    ...NOTHING,
    onlyLeft: here.filter((packet) => packet.sender === sender),
    onlyRight: there.filter((packet) => packet.sender === sender),
  });
  return {
    mode: 'one-side',
    left: { point: left, packets: here, certificate: certify(left.captured, left.context, offsetUs, []) },
    right: { point: right, packets: there, certificate: certify(right.captured, right.context, 0, []) },
    clock: hint,
    slackUs: hint && Number.isFinite(hint.uncertaintyUs) ? hint.uncertaintyUs + STAMPING_US : LOOSE_US,
    tightUs: LOOSE_US,
    numberings: null,
    traits: null,
    alignments: { client: only('client'), server: only('server') },
    proxyReasons: [],
  };
}
