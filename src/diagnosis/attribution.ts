import { packetOf, SegmentNote, type Segment } from '../model/tcp.ts';
import type { Actor, Confidence } from '../model/report.ts';
import type { EpochUs } from '../model/units.ts';
import { capOf } from './equal-pictures.ts';
import { has, isFin, isRst, isSyn, sentBefore, soleOf, type Scene } from './case.ts';
import { hopsOf } from './hops.ts';
import { RESET_OBSERVERS } from './observers/reset/index.ts';
import { MIN_BASELINE } from './observers/reset/observer.ts';
import { saw, type Observation, type ObservationKind } from './observation.ts';
import { shapeOf } from './reset-shape.ts';
import { confidenceOf, weigh } from './scoring.ts';
import { weightOf } from './weights.ts';

/** Who made a RST that carries `named`'s address. */
export interface Attribution {
  readonly actor: Actor;
  readonly confidence: Confidence;
  /** `for` the actor, `against` it. */
  readonly support: readonly Observation[];
  readonly against: readonly Observation[];
  /** Odds (log10) of a device in between against the named host, as far as this packet's own signs tell. */
  readonly boxOdds: number;
}

/** Segments this long after a RST were not sent before it and overtaken (the larger of this and a round trip: packets of one path keep their order). */
const OVERTAKEN_US = 50_000;
/** Odds (log10) from which a box is named; between them and their negative nothing is decided. */
const NAMES_BOX = 1.5;

/** Judges the RST that ended the session, together with those of the same side shortly before it. */
export function attributeReset(scene: Scene, rst: Segment): Attribution {
  return rst.side === scene.ownSide ? attributeOwn(scene, rst) : attributeForeign(scene, rst);
}

function attributeForeign(scene: Scene, rst: Segment): Attribution {
  const named = scene.roles.party(rst.side);
  const burst = scene.segments.filter(
    (segment) => segment.side === rst.side && isRst(segment) && segment.index <= rst.index && rst.atUs - segment.atUs < BURST_US,
  );
  const aftermath = aliveAfter(scene, burst[0] ?? rst, named);
  const box: Observation[] = [];
  const stack: Observation[] = [];
  for (const candidate of burst) {
    for (const observation of signsOf(scene, candidate, named)) (weightOf(observation).forBox ? box : stack).push(observation);
  }
  if (burst.length > 1) box.push(...multiples(scene, burst, named));
  if (aftermath) box.unshift(aftermath);
  const boxOdds = weigh(box) - weigh(stack);
  const forBox = (confidence: Confidence): Attribution => ({ actor: 'middlebox', confidence, support: box, against: stack, boxOdds });
  const forNamed = (confidence: Confidence): Attribution => ({ actor: named, confidence, support: stack, against: box, boxOdds });
  const open: Attribution = { actor: 'undetermined', confidence: 'limited', support: box, against: stack, boxOdds };
  if (aftermath) return forBox('proven');
  // The shape of the named stack from a place where it is not: a route that changed just then, or a careful forgery.
  if (box.some((sign) => CONTESTS.has(sign.kind)) && weigh(stack) >= NAMES_BOX) return open;
  if (boxOdds >= NAMES_BOX) return forBox(confidenceOf(boxOdds));
  if (answersRetransmission(scene, rst)) return open;
  if (boxOdds > 0) return { ...open, support: stack, against: box };
  return forNamed(shapeOf(rst) === 'reactive' && !finBefore(scene, rst) ? 'limited' : capOf('peer-resets'));
}

/**
 * A RST with the address of the capturing host: its own, unless it has passed routers, which nothing does that is sent here, or carries
 * the signs of another's: then the file comes from the host's link rather than from the host.
 */
function attributeOwn(scene: Scene, rst: Segment): Attribution {
  const named = scene.roles.party(rst.side);
  // A bare RST answers something; where only its side was captured, what it answers is not there.
  if (!scene.connection.bothDirections && shapeOf(rst) === 'reactive')
    return { actor: 'undetermined', confidence: 'undetermined', support: [], against: [], boxOdds: 0 };
  const looks = attributeForeign(scene, rst);
  const travelled = travelledHere(scene, rst, named);
  const support = travelled ? [travelled, ...looks.support] : looks.support;
  if (looks.actor === 'middlebox' && (looks.confidence === 'proven' || support.some(isElsewhere))) return { ...looks, support };
  if (travelled) return { actor: 'middlebox', confidence: 'moderate', support: [travelled], against: looks.support, boxOdds: weigh([travelled]) };
  return { actor: named, confidence: confidenceOfOwn(scene, rst), support: [], against: [], boxOdds: 0 };
}

/**
 * A bare RST says that the host no longer has the connection. Where nothing in the file had closed it, the host was restarted, or what closed it is
 * not in the file: of that the log may tell.
 */
function confidenceOfOwn(scene: Scene, rst: Segment): Confidence {
  if (shapeOf(rst) !== 'reactive' || scene.segments.some((segment) => segment.index < rst.index && (isFin(segment) || isRst(segment)))) return 'strong';
  return scene.input.session.injection?.lost ? 'limited' : 'moderate';
}

/** A sign that the packet began at another place. */
function isElsewhere({ kind }: Observation): boolean {
  return kind === 'own-rst-travelled' || kind === 'rst-hops-differ' || kind === 'rst-other-mac';
}

/** All packets of the host leave it with one starting value, and this one came with fewer: the capture is a mirror's, and a box wrote it. */
function travelledHere(scene: Scene, rst: Segment, named: Actor): Observation | null {
  const before = sentBefore(scene, rst);
  const usual = soleOf(before.map((segment) => segment.ttl));
  if (before.length < MIN_BASELINE || usual === undefined || usual === rst.ttl || hopsOf(rst.ttl) === 0) return null;
  return saw('own-rst-travelled', { by: named, rstTtl: rst.ttl, usualTtl: usual }, [packetOf(rst)]);
}

const BURST_US = 3_000_000;

/** Signs that no continued numbering outweighs: a place or a habit that the named stack does not have. */
const CONTESTS = new Set<ObservationKind>(['rst-hops-differ', 'rst-other-mac', 'rst-lacks-timestamps']);

function signsOf(scene: Scene, rst: Segment, named: Actor): Observation[] {
  const before = sentBefore(scene, rst);
  const trigger = scene.segments.findLast((segment) => segment.side !== rst.side && segment.index < rst.index) ?? null;
  return RESET_OBSERVERS.flatMap((observer) => observer.observe({ scene, rst, before, trigger, named }));
}

/**
 * A real stack resets once, at its next number, and answers at the number it is asked for; an injector guesses ahead with several
 * (NDSS 2009). A constant identification over several is a tool's.
 */
function multiples(scene: Scene, burst: readonly Segment[], named: Actor): Observation[] {
  const unasked = burst.filter((rst) => !isAnswer(scene, rst));
  const numbers = new Set(unasked.map((rst) => rst.seq));
  const signs: Observation[] = [];
  if (numbers.size > 1) signs.push(saw('rst-multiple', { by: named, count: unasked.length, step: stepOf([...numbers]) }, unasked.map(packetOf)));
  const [id] = new Set(unasked.map((rst) => rst.ipId));
  if (unasked.length > 1 && id !== undefined && id > 0 && unasked.every((rst) => rst.ipId === id))
    signs.push(saw('rst-constant-id', { by: named, ipId: id }, unasked.map(packetOf)));
  return signs;
}

/** The one distance between neighbours of three numbers or more: tools guess in fixed steps (1460 and 4380 are known). Null where they differ. */
function stepOf(numbers: readonly number[]): number | null {
  if (numbers.length < 3) return null;
  const sorted = numbers.toSorted((a, b) => a - b);
  return soleOf(sorted.slice(1).map((number, i) => number - (sorted[i] ?? 0))) ?? null;
}

/** Stands where the packet before it asks: the shape of a host that knows no such connection. */
function isAnswer(scene: Scene, rst: Segment): boolean {
  const trigger = scene.segments.findLast((segment) => segment.side !== rst.side && segment.index < rst.index);
  return trigger !== undefined && shapeOf(rst) === 'reactive' && trigger.ack === rst.seq;
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
