import type { OctetStore } from '../model/octet-store.ts';
import type { IcmpError } from '../model/packet.ts';
import type { StreamGap, StreamSink } from '../model/tcp.ts';
import type { DurationUs, EpochUs, Side } from '../model/units.ts';
import type { TcpBudget } from './budget.ts';
import { Half } from './half.ts';
import { SegmentRows } from './segment-log.ts';
import type { Attempt } from './syn-store.ts';

/** A gap by direction and ordinal, as long as neither sides nor indexes are final. */
export interface GapSeen {
  readonly direction: Side;
  readonly from: number;
  readonly length: number;
  readonly kind: StreamGap['kind'];
  readonly ordinal: number;
}

/** A connection while it is open. Direction 0 is that of its first packet; `originator` says which direction sent the first SYN. */
export class Connection {
  readonly stream: number;
  /** How many segments the tracker had been given with its first one. */
  readonly bornAt: number;
  readonly family: 4 | 6;
  /** Entry in the flow table of its family. */
  readonly entry: number;
  readonly halves: readonly [Half, Half] = [new Half(), new Half()];
  readonly rows: SegmentRows;
  /** Where in the store the octets are that its sink had been told, while it is idle; -1 while it has one, or needs none. */
  heardAt = -1;
  /** How often it was idle. */
  rests = 0;
  originator: Side = 0;
  /** How sure the originator is: by a SYN, by the ports, or still open until the first octets speak. */
  originatorBasis: 'syn' | 'ports' | 'open' = 'open';
  sawSyn = false;
  sink: StreamSink | null = null;
  /** Address texts by direction, once the stream was opened. */
  addresses: readonly [string, string] | null = null;

  firstUs: EpochUs;
  lastUs: EpochUs;
  /** The last packet in file order. */
  lastInput = 0;
  lastPacket = 0;
  establishedUs: EpochUs | null = null;
  originatorRttUs: DurationUs | null = null;
  responderRttUs: DurationUs | null = null;
  handshake: Handshake | null = null;

  /** Both FINs acknowledged, or an acceptable RST. */
  over = false;
  overUs = 0;
  /** It waits in the queue of those that are sealed after their linger; and until when, as far as was known when it entered. */
  lingering = false;
  lingerUntilUs = 0;
  /** Its record was made; queues may still name it. */
  retired = false;
  /** Neighbours in the list of unanswered attempts. */
  unanswered = false;
  olderAttempt: Connection | null = null;
  newerAttempt: Connection | null = null;
  /** A SYN on its ports that may begin another connection. */
  heldSyn: HeldSyn | null = null;
  history = '';
  gaps: GapSeen[] = [];
  gapsUnlisted = 0;
  icmp: IcmpError[] = [];
  macs: number[] = [];
  duplicateFrames = 0;
  copiesElsewhere = false;
  caveats: string[] = [];

  constructor(attempt: Attempt, family: 4 | 6, atUs: EpochUs, budget: TcpBudget, store: OctetStore) {
    this.stream = attempt.stream;
    this.bornAt = attempt.bornAt;
    this.entry = attempt.entry;
    this.family = family;
    this.firstUs = atUs;
    this.lastUs = atUs;
    this.rows = new SegmentRows(budget, store);
  }
}

/** Where a SYN is kept that nothing has answered yet, and its number. */
export interface HeldSyn {
  readonly slot: number;
  readonly seq: number;
}

/** Times and stamps of SYN and SYN/ACK, first and last of each, until the handshake is complete. */
export interface Handshake {
  synUs: EpochUs;
  synAgainUs: EpochUs;
  synTsVal: number;
  synAgainTsVal: number;
  replyUs: EpochUs;
  replyAgainUs: EpochUs;
  replyTsVal: number;
  replyAgainTsVal: number;
}

/** Adds a caveat once. */
export function addCaveat(connection: Connection, text: string): void {
  if (!connection.caveats.includes(text)) connection.caveats.push(text);
}
