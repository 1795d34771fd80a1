import type { Moment, PacketRef } from '../model/evidence.ts';
import { putInOrder } from '../model/put-in-order.ts';
import type { SmtpReply } from '../model/smtp.ts';
import { packetOf, SegmentNote, type Segment } from '../model/tcp.ts';
import { otherSide, type EpochUs, type Side } from '../model/units.ts';
import { has, isAck, isProgress, isRst, isSyn, nextSeq, type Scene } from './case.ts';
import { closedBefore, type UnseenClose } from './half-heard.ts';

/** Something that ends a session when nothing came before it. */
export interface Signal {
  /** `notice`: the server says that it closes (421, or a greeting of 4xx/5xx). */
  readonly kind: 'quit' | 'notice' | 'close-notify' | 'fin' | 'rst';
  readonly side: Side;
  readonly atUs: EpochUs;
  readonly packet: PacketRef;
  readonly segment: Segment | null;
  readonly reply: SmtpReply | null;
  /** A QUIT that is not in the file but shows by its 221. */
  readonly inferred: boolean;
  /** A FIN that is not in the file but shows by its acknowledgement, which is the `segment`. */
  readonly unseen: Pick<UnseenClose, 'octets' | 'exact'> | null;
}

function signalOf(
  kind: Signal['kind'],
  side: Side,
  { atUs, packet }: Moment,
  segment: Segment | null,
  told: Partial<Pick<Signal, 'reply' | 'inferred' | 'unseen'>> = {},
): Signal {
  return { kind, side, atUs, packet, segment, reply: told.reply ?? null, inferred: told.inferred ?? false, unseen: told.unseen ?? null };
}

function momentOf(segment: Segment): Moment {
  return { atUs: segment.atUs, packet: packetOf(segment) };
}

/** At the same moment the word of the application comes before the flags that its segment carries. */
const RANK: Readonly<Record<Signal['kind'], number>> = { quit: 0, notice: 1, 'close-notify': 2, fin: 3, rst: 4 };

/** All signals that were effective, the first one first: it ended the session, the others are its consequences. */
export function findSignals(scene: Scene): Signal[] {
  const signals = [quit(scene), ...notices(scene), closeNotify(scene), ...fins(scene), ...resets(scene)].filter((signal) => signal !== null);
  const placed = signals.map((signal) => ({ signal, ...placeOf(scene, signal) }));
  putInOrder(placed, (a, b) => a.atUs - b.atUs || (a.signal.side === b.signal.side ? RANK[a.signal.kind] - RANK[b.signal.kind] : 0) || a.order - b.order);
  return placed.map(({ signal }) => signal);
}

/** Where a signal stands among the others: before the segment that acknowledges it, even where the file has the two the other way round. */
function placeOf(scene: Scene, { atUs, kind, packet, segment }: Signal): { readonly atUs: EpochUs; readonly order: number } {
  const answer = segment && !isRst(segment) ? acknowledgedBefore(scene, segment) : null;
  if (answer) return { atUs: Math.min(atUs, answer.atUs), order: answer.index * 8 - 1 };
  return { atUs, order: (segment?.index ?? packet.number) * 8 + RANK[kind] };
}

/**
 * Only what was sent can be acknowledged (RFC 9293, 3.10.7.4): a file that shows the answer first was not recorded in order, as by mirror ports and by
 * cards with several queues. Where each acknowledges the other, the stamps decide.
 */
function acknowledgedBefore({ segments }: Scene, segment: Segment): Segment | null {
  for (const other of segments) {
    if (other.index >= segment.index) break;
    if (other.side !== segment.side && !isRst(other) && acknowledges(other, segment) && !acknowledges(segment, other)) return other;
  }
  return null;
}

/** The sender of `answer` had received all of the segment. */
export function acknowledges(answer: Segment, segment: Segment): boolean {
  return isAck(answer) && answer.ack >= nextSeq(segment) && nextSeq(segment) > segment.seq;
}

function quit(scene: Scene): Signal | null {
  const { dialogue, roles, segments } = scene;
  if (dialogue.quit !== null) {
    const command = dialogue.events[dialogue.quit];
    if (command?.kind !== 'command' || !command.complete) return null;
    const segment = segmentOf(segments, command.completedBy);
    if (segment && neverTaken(scene, segment)) return null;
    return signalOf('quit', roles.client, { atUs: segment?.atUs ?? command.at.atUs, packet: command.completedBy }, segment);
  }
  const change = dialogue.stages.find((stage) => stage.stage === 'quit');
  return change ? signalOf('quit', roles.client, change.at, segmentOf(segments, change.at.packet), { inferred: true }) : null;
}

/**
 * The server's own capture shows that its stack never took the segment: it goes on acknowledging what came before. So it does with
 * segments that acknowledge octets it never sent (RFC 9293, 3.10.7.4), as after a forged reply.
 */
function neverTaken({ ownSide, roles, segments }: Scene, quit: Segment): boolean {
  if (ownSide !== roles.server) return false;
  let last: Segment | null = null;
  for (const segment of segments) {
    if (segment.side !== roles.server || segment.index <= quit.index || isRst(segment)) continue;
    if (segment.ack >= quit.seq + quit.length) return false;
    last = segment;
  }
  return last !== null && last.atUs - quit.atUs > 200_000;
}

function notices({ dialogue, roles, segments }: Scene): Signal[] {
  const found: Signal[] = [];
  for (const event of dialogue.events) {
    if (event.kind !== 'reply') continue;
    const closes = event.code === 421 || (event.role === 'greeting' && event.code >= 400);
    if (closes) found.push(signalOf('notice', roles.server, event.at, segmentOf(segments, event.at.packet), { reply: event }));
  }
  return found;
}

/** The first sign of closing inside TLS (RFC 8446, 6.1): its sender's FIN follows, or that of the other side in answer. */
function closeNotify({ dialogue, segments }: Scene): Signal | null {
  const event = dialogue.events.find(
    (candidate) =>
      candidate.kind === 'tls' && (candidate.what === 'encrypted-alert' || (candidate.what === 'alert' && (candidate.text ?? '').includes('close_notify'))),
  );
  return event?.kind === 'tls' ? signalOf('close-notify', event.side, event.at, segmentOf(segments, event.at.packet)) : null;
}

function fins(scene: Scene): Signal[] {
  const found: Signal[] = [];
  for (const side of [0, 1] as const) {
    const { fin } = scene.endpoint(side);
    const segment = fin ? scene.segments.find((candidate) => candidate.index === fin.segment) : undefined;
    if (!fin || !segment) continue;
    // A FIN behind a hole never reached the receiver's application. The capturing host's own FIN is its decision, whatever happens to it.
    if (!fin.inOrder && side !== scene.ownSide) continue;
    const unseen = closedBefore(scene, segment);
    if (unseen) found.push(signalOf('fin', unseen.side, momentOf(unseen.segment), unseen.segment, { unseen }));
    found.push(signalOf('fin', side, { atUs: reachedUs(scene, segment), packet: packetOf(segment) }, segment));
  }
  return found;
}

/** A FIN counts where it stands in the stream: octets before it that the file holds later were said before it. */
function reachedUs({ segments }: Scene, fin: Segment): EpochUs {
  let latest = fin.atUs;
  for (const segment of segments) {
    if (segment.side === fin.side && segment.index > fin.index && segment.seq < fin.seq && isProgress(segment)) latest = Math.max(latest, segment.atUs);
  }
  return latest;
}

function resets(scene: Scene): Signal[] {
  return scene.rsts.filter((segment) => isEffective(scene, segment)).map((segment) => signalOf('rst', segment.side, momentOf(segment), segment));
}

/**
 * Whether a RST ended anything. Exact ones do (RFC 5961, 3.2). One that is only inside the window does not in a stack that follows
 * RFC 5961, unless its receiver indeed falls silent. What the capturing appliance sends itself ended its side by being sent.
 */
function isEffective(scene: Scene, rst: Segment): boolean {
  if (rst.side === scene.ownSide) return true;
  if (has(rst, SegmentNote.rstExact)) return !wasSurvived(scene, rst);
  if (!has(rst, SegmentNote.rstInWindow)) return false;
  const receiver = otherSide(rst.side);
  return !scene.segments.some((segment) => segment.index > rst.index && segment.side === receiver && !isRst(segment));
}

/** What is under way when a RST comes still passes the capture point for so long, or for a round trip. */
const UNDER_WAY_US = 50_000;

/**
 * Its receiver talks on, which no stack does that took the RST: a filter of the host, or a wrong checksum, kept it from it. Where only the
 * RST's side was captured, that side acknowledges more and more instead.
 */
function wasSurvived({ connection, segments }: Scene, rst: Segment): boolean {
  const rttUs = Math.max(connection.originatorRttUs ?? 0, connection.responderRttUs ?? 0);
  const later = segments.filter((segment) => segment.index > rst.index && segment.atUs > rst.atUs + Math.max(UNDER_WAY_US, rttUs) && !isRst(segment));
  if (connection.bothDirections) return later.some((segment) => segment.side !== rst.side && !isSyn(segment));
  return new Set(later.filter((segment) => segment.side === rst.side && segment.ack > rst.ack).map((segment) => segment.ack)).size > 2;
}

/** RSTs that had no effect: stale, forged and missed, or answered by a challenge ACK. */
export function strayResets(scene: Scene): Segment[] {
  return scene.rsts.filter((segment) => !has(segment, SegmentNote.afterEnd) && !isEffective(scene, segment));
}

export function segmentOf(segments: readonly Segment[], packet: PacketRef): Segment | null {
  return segments.find((segment) => segment.packet === packet.number && segment.input === packet.input) ?? null;
}
