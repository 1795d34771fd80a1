import { packetOf, SegmentNote, type Segment, type TcpEndpoint } from '../../model/tcp.ts';
import { otherSide, type EpochUs, type Side } from '../../model/units.ts';
import { has, isAck, isFin, isRst, type Scene } from '../case.ts';
import { alikeTo } from '../equal-pictures.ts';
import { conclude, logFacts, party, type Alternative, type CaseView, type Finding, type Rule } from '../finding.ts';
import { saw, type Observation } from '../observation.ts';
import type { Signal } from '../signals.ts';
import { kindOfMissing, kindOfSilence, type LossKind } from './loss-kinds.ts';
import { ledgerGap, missingFrom, unansweredBefore, type Missing, type Unanswered } from '../silence.ts';
import { icmpKind } from '../icmp-names.ts';

/** Packets vanish for good although both ends still send: holes, phantom octets, repetitions that nobody answers, ICMP that names the box. */
export const silentDrop: Rule = {
  name: 'silent-drop',
  conclude(view) {
    const told = icmpKill(view) ?? movedAway(view);
    // A filter that lets neither words nor acknowledgements in shows none.
    return told ?? (view.scene.flagsAlone ? null : (holes(view) ?? unanswered(view)));
  },
};

/**
 * The peer goes on with the very same sequence numbers from another port: a translator on the way lost its state and made a new one.
 * Its old connection hears nothing any more.
 */
function movedAway(view: CaseView): Finding | null {
  const { scene, ending } = view;
  if (view.input.siblings.length === 0) return null;
  const side = scene.roles.peer ?? scene.roles.client;
  const next = wireNext(scene.endpoint(side));
  if (next === null) return null;
  for (const sibling of view.input.siblings) {
    const { connection, dialogue } = sibling;
    const moved = dialogue.client === scene.roles.client ? side : otherSide(side);
    const first = [...connection.segments].find((segment) => segment.side === moved);
    const base = (moved === 0 ? connection.originator : connection.responder).baseSeq;
    if (!first || base === null || first.atUs < scene.connection.firstUs || (base + first.seq) >>> 0 !== next) continue;
    if (ending && ending.atUs < first.atUs) continue;
    const port = (moved === 0 ? connection.originator : connection.responder).port;
    return conclude(view, {
      cause: 'silent-drop',
      mechanism: 'rebinds',
      causeConfidence: 'strong',
      actor: 'middlebox',
      actorConfidence: 'strong',
      silentSide: party(view, side),
      rung: 'function',
      support: [saw('address-moved', { port }, [packetOf(first)]), ...closing(view)],
      decidedUs: first.atUs,
      packet: packetOf(first),
    });
  }
  return null;
}

/** The next wire number that the receiver waits for. */
function wireNext(endpoint: TcpEndpoint): number | null {
  return endpoint.baseSeq === null ? null : (endpoint.baseSeq + endpoint.contiguousTo) >>> 0;
}

/** An ICMP error of the kind "prohibited" or "unreachable" that quotes the connection: its sender is the box that refuses. */
function icmpKill(view: CaseView): Finding | null {
  const { scene } = view;
  if (scene.connection.icmp.length === 0) return null;
  const errors = scene.connection.icmp.filter((error) => icmpKind(error).meaning === 'prohibited' || icmpKind(error).meaning === 'unreachable');
  const first = errors[0];
  if (!first || progressAfter(scene, first.atUs) || (view.ending && view.ending.atUs < first.atUs && !isUnheard(view, view.ending))) return null;
  const packets = errors.slice(0, 6).map((error) => ({ input: error.input, number: error.packet }));
  // "Unreachable" only tells that nothing answers beyond its sender: a dead host and a cut line read alike.
  const refuses = icmpKind(first).meaning === 'prohibited';
  const facts = [saw('icmp-error', { from: first.fromIp, name: icmpKind(first).name, mtu: null }, packets)];
  return conclude(view, {
    cause: 'silent-drop',
    causeConfidence: 'strong',
    actor: refuses ? 'middlebox' : 'undetermined',
    mechanism: refuses ? 'prohibits' : 'loses',
    actorConfidence: refuses ? 'strong' : 'undetermined',
    rung: refuses ? 'box' : 'signal',
    alternatives: refuses ? [] : BOX_ALTERNATIVES,
    support: facts,
    decidedUs: first.atUs,
    packet: { input: first.input, number: first.packet },
  });
}

/** The capturing host's own farewell, to which not one packet came back. */
function isUnheard({ scene }: CaseView, ending: Signal): boolean {
  return ending.side === scene.ownSide && !scene.segments.some((segment) => segment.side !== ending.side && segment.atUs > ending.atUs);
}

function progressAfter(scene: Scene, atUs: EpochUs): boolean {
  const limitUs = atUs + 5_000_000;
  const talked = (side: Side) => scene.segments.some((segment) => segment.atUs > limitUs && segment.side === side && !isRst(segment));
  return talked(0) && talked(1);
}

function holes(view: CaseView): Finding | null {
  const { scene, ending } = view;
  for (const side of [0, 1] as const) {
    const missing = missingFrom(scene, side);
    // What went missing only after the end (or when it was over anyway) did not cause it.
    if (!missing || (ending && missing.sinceUs > ending.atUs && !toldByAnswer(scene, ending, missing))) continue;
    if (!ending && !lastedAfter(view, missing.sinceUs)) continue;
    return fromMissing(view, missing);
  }
  return null;
}

/** What a side may still say when it hears the other's farewell: QUIT. */
const LAST_WORD_OCTETS = 6;

/**
 * The first packet that answers the other side's farewell is numbered beyond all that arrived: its sender had been talking before, unheard.
 * Octets that cross the farewell do arrive, and fill the hole.
 */
function toldByAnswer(scene: Scene, ending: Signal, missing: Missing): boolean {
  if (missing.side === ending.side || missing.octets <= LAST_WORD_OCTETS) return false;
  const answer = scene.segments.find((segment) => segment.side === missing.side && segment.atUs > ending.atUs && !has(segment, SegmentNote.keepAlive));
  return answer !== undefined && missing.packets.some((packet) => packet.number === answer.packet && packet.input === answer.input);
}

/** An open hole is a loss in progress until it has lasted, or until the log tells that the session ended. */
function lastedAfter(view: CaseView, sinceUs: EpochUs): boolean {
  if (view.log?.ending) return true;
  const lastUs = view.input.capture?.lastUs ?? view.scene.connection.lastUs;
  return lastUs - sinceUs > 5_000_000;
}

function fromMissing(view: CaseView, missing: Missing): Finding {
  const by = party(view, missing.side);
  const support: Observation[] = [saw(missing.hole ? 'hole-never-filled' : 'phantom-octets', { by, octets: missing.octets }, missing.packets)];
  const ledger = ledgerGap(view.scene, missing.side);
  if (ledger) support.push(saw('ip-id-ledger', { by, missing: ledger.missing }, ledger.packets.slice(0, 4)));
  const kind = kindOfMissing(view, missing);
  return conclude(view, {
    cause: 'silent-drop',
    ...whoDrops(kind),
    causeConfidence: 'strong',
    silentSide: by,
    support: [...support, ...(kind?.facts ?? []), ...closing(view)],
    decidedUs: missing.sinceUs,
    packet: missing.packets[0] ?? null,
  });
}

const BOX_ALTERNATIVES: readonly Alternative[] = alikeTo('vanishing', { cause: 'silent-drop', actor: 'undetermined', named: 'undetermined' });

/** A device only where it chooses: packets that are too large or come after a pause die on any path. */
function whoDrops(kind: LossKind | null): Pick<Finding, 'mechanism' | 'actor' | 'actorConfidence' | 'rung' | 'alternatives'> {
  if (kind?.mechanism === 'drops-content') {
    const lost: Alternative = { cause: 'silent-drop', actor: 'undetermined', confidence: 'limited', decidedBy: 'both-sides-of-firewall' };
    return { mechanism: kind.mechanism, actor: 'middlebox', actorConfidence: 'moderate', rung: 'function', alternatives: [lost] };
  }
  return {
    mechanism: kind?.mechanism ?? 'loses',
    actor: 'undetermined',
    actorConfidence: 'undetermined',
    rung: kind ? 'function' : 'signal',
    alternatives: BOX_ALTERNATIVES,
  };
}

/** What followed: how the session was closed in the end. */
function closing(view: CaseView): Observation[] {
  return logFacts(view, 'log-aborted', 'log-waited');
}

function unanswered(view: CaseView): Finding | null {
  const { scene, ending } = view;
  for (const side of [0, 1] as const) {
    const untilUs = ending?.atUs ?? Number.POSITIVE_INFINITY;
    const found = unansweredBefore(scene, side, untilUs);
    if (found && endsAnyhow(view, found)) return fromUnanswered(view, found, found.otherSilent ? 'strong' : 'moderate');
  }
  return ending ? closeUnanswered(view) : null;
}

/** The end that follows must not be the answer that was missed: a peer that closes or quits normally is alive, and the path healed. */
function endsAnyhow(view: CaseView, found: Unanswered): boolean {
  const { ending } = view;
  if (ending === null || ending.side === found.side) return true;
  // It left on its own, alive and without having heard what was repeated.
  const { segment } = ending;
  return segment !== null && ending.kind !== 'quit' && isAck(segment) && segment.ack <= found.fromSeq;
}

/** The appliance's farewell itself was repeated and nobody answered: the other host or the path was gone before. */
function closeUnanswered(view: CaseView): Finding | null {
  const { scene, ending } = view;
  if (!ending || (ending.kind !== 'notice' && ending.kind !== 'fin') || ending.side !== scene.ownSide) return null;
  const other = otherSide(ending.side);
  const answerUs = scene.segments.find((segment) => segment.side === other && segment.atUs > ending.atUs)?.atUs ?? Number.POSITIVE_INFINITY;
  const farewell = scene.segments.filter(
    (segment): segment is Segment =>
      segment.side === ending.side && segment.atUs >= ending.atUs && segment.atUs < answerUs && (segment.length > 0 || isFin(segment)),
  );
  const first = farewell[0];
  const last = farewell.at(-1);
  if (!first || !last || farewell.length < 4 || last.atUs - first.atUs < 1_000_000) return null;
  const found: Unanswered = {
    side: ending.side,
    times: farewell.length - 1,
    seconds: (last.atUs - first.atUs) / 1e6,
    firstUs: first.atUs,
    fromSeq: first.seq,
    packets: farewell.slice(0, 8).map(packetOf),
    otherSilent: true,
  };
  return fromUnanswered(view, found, 'moderate');
}

/** The other side repeats without an answer as well: nothing passes in either direction. */
function alsoUnheard(view: CaseView, found: Unanswered): Observation[] {
  const side = otherSide(found.side);
  const back = unansweredBefore(view.scene, side, view.ending?.atUs ?? Number.POSITIVE_INFINITY);
  if (!back) return [];
  return [saw('never-acknowledged', { by: party(view, side), other: party(view, found.side), times: back.times, seconds: back.seconds }, back.packets)];
}

function fromUnanswered(view: CaseView, found: Unanswered, confidence: 'strong' | 'moderate'): Finding {
  const by = party(view, found.side);
  const other = party(view, otherSide(found.side));
  const kind = kindOfSilence(view, found.side, found.firstUs);
  const who = whoDrops(kind);
  const alternatives: Alternative[] = [...who.alternatives];
  if (view.ending)
    alternatives.unshift({
      cause: 'timeout',
      actor: party(view, view.ending.side),
      confidence: 'limited',
      decidedBy: other === 'client' ? 'client-capture' : 'remote-capture',
    });
  return conclude(view, {
    cause: 'silent-drop',
    ...who,
    causeConfidence: confidence,
    silentSide: other,
    support: [
      saw('never-acknowledged', { by, other, times: found.times, seconds: found.seconds }, found.packets),
      ...alsoUnheard(view, found),
      ...(kind?.facts ?? []),
      ...closing(view),
    ],
    alternatives,
    decidedUs: found.firstUs,
    packet: found.packets[0] ?? null,
  });
}
