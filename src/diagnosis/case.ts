import type { JudgeInput } from '../model/judgement.ts';
import { SegmentNote, type Segment, type TcpConnection, type TcpEndpoint } from '../model/tcp.ts';
import type { SmtpDialogue } from '../model/smtp.ts';
import type { Actor } from '../model/report.ts';
import { hopsOf } from './hops.ts';
import { hidesWords } from '../model/tls.ts';
import { otherSide, type Side } from '../model/units.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../model/packet.ts';

/** Who is who on a connection: three vocabularies (originator/responder, client/server, client/appliance/remote server) joined in one place. */
export interface Roles {
  readonly client: Side;
  readonly server: Side;
  /** The appliance's side; null when the direction is unknown. */
  readonly appliance: Side | null;
  /** The other end; null when the direction is unknown. */
  readonly peer: Side | null;
  party(side: Side): Actor;
}

export function sceneOf(input: JudgeInput): Scene | null {
  const captured = input.session.captured;
  if (!captured) return null;
  const { connection, dialogue } = captured;
  return new Scene(input, connection, dialogue);
}

/** A captured session laid out for the observers: everything that several of them need, computed once. */
export class Scene {
  readonly input: JudgeInput;
  readonly connection: TcpConnection;
  readonly dialogue: SmtpDialogue;
  readonly roles: Roles;
  readonly segments: readonly Segment[];
  /** Those with SYN, and those with RST: few, or none. */
  readonly syns: readonly Segment[];
  readonly rsts: readonly Segment[];
  /** The notes of all segments together: what is not in it no segment has. */
  readonly notes: number;
  /** The side on whose host the capture was taken: what it sends is what it really sent. Null between the ends. */
  readonly ownSide: Side | null;
  /** Payload octets of a side went missing from the file although their receiver had them. */
  readonly lossyCapture: boolean;
  /** Not one octet is in the file, though a FIN or RST stands behind some: its filter let nothing in but SYN, FIN and RST. */
  readonly flagsAlone: boolean;

  constructor(input: JudgeInput, connection: TcpConnection, dialogue: SmtpDialogue) {
    const segments: Segment[] = [];
    const syns: Segment[] = [];
    const rsts: Segment[] = [];
    let notes = 0;
    for (const segment of connection.segments) {
      segments.push(segment);
      notes |= segment.notes;
      if (isSyn(segment)) syns.push(segment);
      if (isRst(segment)) rsts.push(segment);
    }
    this.input = input;
    this.connection = connection;
    this.dialogue = dialogue;
    this.roles = rolesOf(input.session.direction, dialogue.client);
    this.segments = segments;
    this.syns = syns;
    this.rsts = rsts;
    this.notes = notes;
    this.ownSide = ownSideOf(connection.vantage, this.roles, segments);
    const beyond = rsts.some((rst) => has(rst, SegmentNote.rstInWindow) && (rst.seq > 1 || rst.ack > 1));
    const closed = connection.sawSyn && ((connection.originator.fin?.seq ?? 0) > 1 || (connection.responder.fin?.seq ?? 0) > 1);
    this.flagsAlone = (beyond || closed) && !segments.some(isData);
    this.lossyCapture = (notes & SegmentNote.acksUnseen) !== 0 || this.flagsAlone || connection.gaps.some((gap) => gap.kind === 'capture');
  }

  endpoint(side: Side): TcpEndpoint {
    return side === 0 ? this.connection.originator : this.connection.responder;
  }
}

/**
 * `appliance` and `client` are the contract's names of vantage points at an end: the appliance's, and its peer's (in a delivery the
 * server's). Any other name is a point on the way. So is a file whose packets of that end have passed routers: it was taken somewhere
 * else, whatever it is called.
 */
function ownSideOf(vantage: string, roles: Roles, segments: readonly Segment[]): Side | null {
  const side = vantage === 'appliance' ? roles.appliance : vantage === 'client' ? (roles.peer ?? roles.client) : null;
  if (side === null) return null;
  let own = 0;
  let travelled = 0;
  for (const segment of segments) {
    if (segment.side !== side) continue;
    own++;
    if (hopsOf(segment.ttl) > 0) travelled++;
  }
  return travelled * 2 > own ? null : side;
}

type Direction = JudgeInput['session']['direction'];

/** By the client's side. */
const ROLES: Readonly<Record<Direction, readonly [Roles, Roles]>> = {
  inbound: [makeRoles('inbound', 0), makeRoles('inbound', 1)],
  outbound: [makeRoles('outbound', 0), makeRoles('outbound', 1)],
  unknown: [makeRoles('unknown', 0), makeRoles('unknown', 1)],
};

function rolesOf(direction: Direction, client: Side): Roles {
  return ROLES[direction][client];
}

function makeRoles(direction: Direction, client: Side): Roles {
  const server = otherSide(client);
  const appliance = direction === 'inbound' ? server : direction === 'outbound' ? client : null;
  return {
    client,
    server,
    appliance,
    peer: appliance === null ? null : otherSide(appliance),
    party(side) {
      if (side === appliance) return 'appliance';
      return side === client ? 'client' : 'remote-server';
    },
  };
}

export function has(segment: Segment, note: number): boolean {
  return (segment.notes & note) !== 0;
}

export function isRst(segment: Segment): boolean {
  return (segment.flags & TCP_RST) !== 0;
}

export function isFin(segment: Segment): boolean {
  return (segment.flags & TCP_FIN) !== 0;
}

export function isSyn(segment: Segment): boolean {
  return (segment.flags & TCP_SYN) !== 0;
}

/** What the segment's side had sent before it; RSTs, which anybody may forge, left out. */
export function sentBefore({ segments }: Scene, segment: Segment): Segment[] {
  return segments.filter((other) => other.side === segment.side && other.index < segment.index && !isRst(other));
}

/** The one value that all share; undefined where they differ, or where there are none. */
export function soleOf<T>(values: Iterable<T>): T | undefined {
  let sole: T | undefined;
  let isFirst = true;
  for (const value of values) {
    if (isFirst) sole = value;
    else if (value !== sole) return undefined;
    isFirst = false;
  }
  return sole;
}

/** One-sided, late, lossy or cut: words are missing from the file. */
export function lacksWords({ connection, lossyCapture }: Scene): boolean {
  return !connection.sawSyn || !connection.bothDirections || lossyCapture || connection.gaps.some((gap) => gap.kind === 'snap');
}

/** What was said last stands in TLS records. Where one side alone is in the file, nobody can tell whether the handshake was over. */
export function hidesLastWords({ connection, dialogue: { tls } }: Scene): boolean {
  return tls !== null && hidesWords(tls) && (tls.established || !connection.bothDirections);
}

/** What a side said last before its end is not in the file: lost by the capture, kept out by its filter, or cut by its snap length. */
export function lacksLastWords(scene: Scene, side: Side): boolean {
  const { fin, contiguousTo, isn, octets } = scene.endpoint(side);
  // Neither where it began nor anything that it said is in the file.
  if (isn === null && octets === 0) return true;
  const end = fin?.seq ?? contiguousTo;
  // What the capturing host itself sent was there to be captured: no network could lose it before.
  const last = scene.connection.gaps.findLast((gap) => gap.side === side && (gap.kind !== 'network' || side === scene.ownSide));
  if (!last || last.length < SHORTEST_WORD || last.from + last.length < end) return false;
  const said = scene.segments.findLast((segment) => segment.side === side && isData(segment));
  return said === undefined || said.seq >= last.from || said.seq + said.length <= last.from;
}

/** Octets of the shortest line that means something: three digits of a reply, CR and LF. */
const SHORTEST_WORD = 5;

/** Relative sequence number behind the segment; SYN and FIN count one each (RFC 9293 section 3.4). */
export function nextSeq(segment: Segment): number {
  return segment.seq + segment.length + (isSyn(segment) || isFin(segment) ? 1 : 0);
}

export function isAck(segment: Segment): boolean {
  return (segment.flags & TCP_ACK) !== 0;
}

/** Carries octets of the stream: no keep-alive, no window probe. */
export function isData(segment: Segment): boolean {
  return segment.length > 0 && !has(segment, SegmentNote.keepAlive) && !has(segment, SegmentNote.zeroWindowProbe);
}

/** New octets: data that is no repetition. */
export function isProgress(segment: Segment): boolean {
  return isData(segment) && !has(segment, SegmentNote.retransmission) && !has(segment, SegmentNote.spuriousRetransmission);
}
