import { packetOf, SegmentNote, type Segment } from '../model/tcp.ts';
import type { Actor, Confidence } from '../model/report.ts';
import type { EpochUs } from '../model/units.ts';
import { has, isFin, isRst, isSyn, type Scene } from './case.ts';
import { hopsOf, initialTtl } from './hops.ts';
import { saw, type Observation, type ObservationKind } from './observation.ts';
import { shapeOf } from './reset-shape.ts';
import { weightOf } from './weights.ts';

/** Who made a RST that carries `named`'s address. */
export interface Attribution {
  readonly actor: Actor;
  readonly confidence: Confidence;
  /** `for` the actor, `against` it. */
  readonly support: readonly Observation[];
  readonly against: readonly Observation[];
}

/** A sender's TTL is a baseline from this many packets on. */
const MIN_BASELINE = 4;
/** Segments this long after a RST were not sent before it and overtaken (the larger of this and a round trip: packets of one path keep their order). */
const OVERTAKEN_US = 50_000;
/** Odds (log10) from which a box is named, and from which it is more than moderate; between them and their negative nothing is decided. */
const NAMES_BOX = 1.5;
const STRONG_BOX = 3;

/** Judges the RST that ended the session, together with those of the same side shortly before it. */
export function attributeReset(scene: Scene, rst: Segment): Attribution {
  const named = scene.roles.party(rst.side);
  if (rst.side === scene.ownSide) return { actor: named, confidence: 'strong', support: [], against: [] };
  const burst = scene.segments.filter(
    (segment) => segment.side === rst.side && isRst(segment) && segment.index <= rst.index && rst.atUs - segment.atUs < BURST_US,
  );
  const aftermath = aliveAfter(scene, burst[0] ?? rst, named);
  const box: Observation[] = [];
  const stack: Observation[] = [];
  for (const candidate of burst) {
    for (const observation of signsOf(scene, candidate, named)) (speaksForBox(observation.kind) ? box : stack).push(observation);
  }
  if (burst.length > 1) box.push(...multiples(burst, named));
  if (aftermath) return { actor: 'middlebox', confidence: 'proven', support: [aftermath, ...box], against: stack };
  const score = grouped(box) - grouped(stack);
  // The shape of the named stack from a place where it is not: a route that changed just then, or a careful forgery.
  const contested = box.some((sign) => sign.kind === 'rst-hops-differ' || sign.kind === 'rst-other-mac') && grouped(stack) >= NAMES_BOX;
  if (contested) return { actor: 'undetermined', confidence: 'limited', support: box, against: stack };
  if (score >= NAMES_BOX) return { actor: 'middlebox', confidence: score >= STRONG_BOX ? 'strong' : 'moderate', support: box, against: stack };
  if (answersRetransmission(scene, rst)) return { actor: 'undetermined', confidence: 'limited', support: box, against: stack };
  const unexplained = shapeOf(rst) === 'reactive' && !finBefore(scene, rst);
  if (unexplained || score > 0) return { actor: score > 0 ? 'undetermined' : named, confidence: 'limited', support: stack, against: box };
  return { actor: named, confidence: 'moderate', support: stack, against: box };
}

const BURST_US = 3_000_000;

const BOX_SIGNS = new Set<ObservationKind>([
  'rst-hops-differ',
  'rst-lacks-timestamps',
  'rst-foreign-to-socket',
  'rst-ip-id-breaks',
  'rst-sequence-wrong',
  'rst-multiple',
  'rst-other-mac',
  'alive-after-rst',
]);

function speaksForBox(kind: ObservationKind): boolean {
  return BOX_SIGNS.has(kind);
}

/** Strongest sign of each dependency group: the TTL and the number of hops are one fact, not two. */
function grouped(observations: readonly Observation[]): number {
  const best = new Map<string, number>();
  for (const observation of observations) {
    const { group, log10 } = weightOf(observation);
    best.set(group, Math.max(best.get(group) ?? 0, log10));
  }
  return [...best.values()].reduce((sum, weight) => sum + weight, 0);
}

function signsOf(scene: Scene, rst: Segment, named: Actor): Observation[] {
  const before = scene.segments.filter((segment) => segment.side === rst.side && segment.index < rst.index && !isRst(segment));
  return [...hopSigns(before, rst, named), ...stackSigns(scene, before, rst, named), ...sequenceSigns(rst, named), ...macSigns(scene, before, rst, named)];
}

function hopSigns(before: readonly Segment[], rst: Segment, named: Actor): Observation[] {
  const recent = before.slice(-RECENT);
  const usual = recent.at(-1)?.ttl;
  if (usual === undefined) return [];
  const seen = new Set(before.map((segment) => segment.ttl));
  if (seen.has(rst.ttl)) {
    const changed = seen.size > 1 && recent.every((segment) => segment.ttl === rst.ttl);
    if (changed) return [saw('rst-after-route-change', { by: named, ttl: rst.ttl, since: recent[0]?.packet ?? rst.packet }, [packetOf(rst)])];
    return [saw('rst-hops-agree', { by: named, ttl: rst.ttl }, [packetOf(rst)])];
  }
  // Equal-cost paths and load sharing alternate from packet to packet: then one more value tells nothing.
  if (before.length < MIN_BASELINE || recent.some((segment) => segment.ttl !== usual)) return [];
  const data = {
    by: named,
    rstTtl: rst.ttl,
    usualTtl: usual,
    rstHops: hopsOf(rst.ttl),
    usualHops: hopsOf(usual),
    sameClass: initialTtl(rst.ttl) === initialTtl(usual),
  };
  return [saw('rst-hops-differ', data, [...before.slice(-1), rst].map(packetOf))];
}

const RECENT = 4;

function stackSigns(scene: Scene, before: readonly Segment[], rst: Segment, named: Actor): Observation[] {
  const signs: Observation[] = [];
  const endpoint = scene.endpoint(rst.side);
  const timestamps = endpoint.syn?.timestamps === true || before.slice(-3).some((segment) => segment.tsVal >= 0);
  const shape = shapeOf(rst);
  const last = before.at(-1);
  const acked = !rstIsBare(rst);
  const step = last && rst.ipId > 0 && last.ipId > 0 ? (rst.ipId - last.ipId) & 0xffff : null;
  const counter = isCounter(before);
  const follows = step !== null && counter && step >= 1 && step <= 8;
  if (acked && timestamps && rst.tsVal < 0)
    signs.push(saw(counter && !follows ? 'rst-foreign-to-socket' : 'rst-lacks-timestamps', { by: named }, [packetOf(rst)]));
  const clock = rst.tsVal >= 0 && before.some((segment) => segment.tsVal >= 0 && ((rst.tsVal - segment.tsVal) | 0) >= 0);
  if (follows || (shape === 'active' && clock))
    signs.push(saw('rst-continues-stack', { by: named, ipIdStep: follows ? step : null, timestamps: clock }, [...before.slice(-1), rst].map(packetOf)));
  else if (shape === 'active') signs.push(saw('rst-active-shape', { by: named }, [packetOf(rst)]));
  else if (shape === 'reactive') signs.push(saw('rst-reactive-shape', { by: named }, [packetOf(rst)]));
  if (step !== null && counter && step > 64 && last)
    signs.push(saw('rst-ip-id-breaks', { by: named, ipId: rst.ipId, expected: (last.ipId + 1) & 0xffff }, [packetOf(last), packetOf(rst)]));
  return signs;
}

function rstIsBare(rst: Segment): boolean {
  return shapeOf(rst) === 'reactive';
}

/** The sender numbers its packets one by one: only then does a jump mean anything. IPv6 has no identification; random ones abstain. */
function isCounter(before: readonly Segment[]): boolean {
  const ids = before.filter((segment) => segment.ipId > 0);
  let small = 0;
  for (let i = 1; i < ids.length; i++) {
    const step = ((ids[i]?.ipId ?? 0) - (ids[i - 1]?.ipId ?? 0)) & 0xffff;
    if (step >= 1 && step <= 16) small++;
  }
  return ids.length >= 4 && small >= (ids.length - 1) * 0.9;
}

function sequenceSigns(rst: Segment, named: Actor): Observation[] {
  if (has(rst, SegmentNote.rstExact)) return [];
  return [saw('rst-sequence-wrong', { by: named, distance: 0 }, [packetOf(rst)])];
}

function macSigns(scene: Scene, before: readonly Segment[], rst: Segment, named: Actor): Observation[] {
  const macs = new Set(before.map((segment) => segment.mac));
  const [usual] = macs;
  if (rst.mac < 0 || usual === undefined || macs.size !== 1 || before.length < MIN_BASELINE || usual === rst.mac) return [];
  return [saw('rst-other-mac', { by: named, mac: scene.connection.macs[rst.mac] ?? '', usual: scene.connection.macs[usual] ?? '' }, [packetOf(rst)])];
}

/** A real stack resets once, at its next number; an injector guesses ahead with several (NDSS 2009). */
function multiples(burst: readonly Segment[], named: Actor): Observation[] {
  const first = burst[0];
  if (!first || burst.every((rst) => rst.seq === first.seq)) return [];
  return [saw('rst-multiple', { by: named, count: burst.length }, burst.map(packetOf))];
}

/** Segments of the named sender that it would not have sent after a reset of its own: the proof that somebody else sent it. */
function aliveAfter(scene: Scene, rst: Segment, named: Actor): Observation<'alive-after-rst'> | null {
  const rttUs = (rst.side === 0 ? scene.connection.originatorRttUs : scene.connection.responderRttUs) ?? 0;
  const limitUs: EpochUs = rst.atUs + Math.max(OVERTAKEN_US, rttUs);
  const later = scene.segments.filter((segment) => segment.side === rst.side && segment.index > rst.index && !isRst(segment) && !isSyn(segment));
  const clear = later.filter((segment) => segment.atUs > limitUs || (rst.tsVal >= 0 && segment.tsVal > rst.tsVal && segment.length > 0));
  const data = clear.filter((segment) => segment.length > 0 || isFin(segment));
  if (data.length === 0 && clear.length < 2) return null;
  const last = clear.at(-1) ?? rst;
  const repeated = clear.filter((segment) => has(segment, SegmentNote.retransmission) || has(segment, SegmentNote.spuriousRetransmission)).length;
  return saw('alive-after-rst', { by: named, count: clear.length, seconds: (last.atUs - rst.atUs) / 1e6, retransmissions: repeated }, [
    packetOf(rst),
    ...clear.slice(0, 5).map(packetOf),
  ]);
}

function finBefore(scene: Scene, rst: Segment): boolean {
  return scene.segments.some((segment) => segment.side === rst.side && segment.index < rst.index && isFin(segment));
}

/**
 * A reset that answers a repeated segment: the named host had lost the connection unseen. Its FIN or RST vanished, it rebooted, or
 * a box had reset it: from this side the same picture.
 */
function answersRetransmission(scene: Scene, rst: Segment): boolean {
  if (shapeOf(rst) !== 'reactive') return false;
  const trigger = scene.segments.findLast((segment) => segment.index < rst.index && segment.side !== rst.side);
  return trigger !== undefined && has(trigger, SegmentNote.retransmission) && rst.atUs - trigger.atUs < 1_000_000;
}
