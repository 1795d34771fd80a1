import { parseAddress } from '../model/address.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN, type IcmpError, type PacketSink, type SegmentView } from '../model/packet.ts';
import type { OctetStore } from '../model/octet-store.ts';
import type { StreamSink, TcpConnection } from '../model/tcp.ts';
import type { EpochUs, Side } from '../model/units.ts';
import { DEFAULT_TCP_BUDGET, type TcpBudget } from './budget.ts';
import { addCaveat, Connection, type HeldSyn } from './connection.ts';
import { FlowTable } from './flow-table.ts';
import { followSegment } from './follow.ts';
import { guessOriginator } from './handshake.ts';
import { type Lane, laneOf } from './lane.ts';
import { IdleConnections } from './idle.ts';
import { Queue } from './queue.ts';
import { Reassembly } from './reassembly.ts';
import { beginningOf, holdsOn, notePending } from './reuse.ts';
import { sealConnection } from './seal.ts';
import { type Attempt, SynStore } from './syn-store.ts';
import { Unanswered } from './unanswered.ts';

/** What is known of a connection when its first octets are about to flow. */
export interface StreamOpening {
  readonly stream: number;
  readonly originatorIp: string;
  readonly originatorPort: number;
  readonly responderIp: string;
  readonly responderPort: number;
  readonly family: 4 | 6;
  /** A SYN or SYN/ACK is in the file. */
  readonly sawSyn: boolean;
  readonly firstUs: EpochUs;
}

export interface TrackerOptions {
  /** Name of the vantage point, passed on. */
  readonly vantage: string;
  /** 65,536 entries, 1 for a port on which servers listen: tells the responder where no SYN does. */
  readonly serverPorts: Uint8Array;
  /** Where the segments of sealed connections are kept. */
  readonly store: OctetStore;
  /** Called before a connection's first octets, at the latest when it is sealed; and anew when it speaks after its sink went to rest. */
  openStream(info: StreamOpening): StreamSink;
  /** Called once a connection, when nothing in it changes any more. Any order; `stream` numbers are by first packet. */
  onConnection(connection: TcpConnection, stream: StreamSink): void;
  /** Counts an attempt of which only one SYN was seen, where it need not be told of by `onConnection`; false where it must be. */
  countAttempt?(): boolean;
  readonly budget?: Partial<TcpBudget>;
  /** Where other trackers are given the same segments: which share of the connections is this one's. The budget is its own. */
  readonly lane?: Lane;
}

/** A tracker: takes the segments of all captures of one vantage point in time order, and `finish` at their end. */
export interface ConnectionTracker extends PacketSink {
  /** Opens new sinks for all that are at rest: they might not hear the same any more soon. */
  rouse(): void;
  /** Seals what is still open. Nothing may be fed afterwards. */
  finish(): void;
  /** A limit over all connections was reached: with more memory the results could differ. */
  readonly strained: boolean;
}

/**
 * Puts segments together to connections, in memory bounded by the connections that are open and by `budget`.
 * Never throws on any segment; what cannot be right is kept as evidence in the segment log and has no effect.
 * A connection is sealed when it is over and `lingerUs` of packet time has passed since its last packet, when its addresses and ports open
 * anew, or at `finish`; silence alone never ends it.
 */
export function trackConnections(options: TrackerOptions): ConnectionTracker {
  return new Tracker(options);
}

const CONTROL = TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK;

/** A connection, or the slot of a SYN that was put aside. */
type Tracked = Connection | number;

class Tracker implements ConnectionTracker {
  readonly #options: TrackerOptions;
  readonly #budget: TcpBudget;
  readonly #reassembly: Reassembly;
  readonly #tables = { 4: new FlowTable<Tracked>(4), 6: new FlowTable<Tracked>(6) } as const;
  /** Connections that are over, in order of their end. */
  readonly #lingering = new Queue<Connection>();
  readonly #syns = { 4: new SynStore(), 6: new SynStore() } as const;
  /** SYNs on the ports of a connection that is open: what follows tells whether they begin another. */
  readonly #held = { 4: new SynStore(), 6: new SynStore() } as const;
  readonly #unanswered = new Unanswered();
  readonly #idle: IdleConnections;
  /** Nobody counts as idle before this. */
  #idleUs = 0;
  #streams = 0;
  /** Segments so far, also those of other lanes. */
  #segments = 0;
  #open = 0;
  #gaveUp = false;
  #previousUs = 0;
  /** No connection lingers out before this. */
  #lingerUntilUs = Number.POSITIVE_INFINITY;

  constructor(options: TrackerOptions) {
    this.#options = options;
    this.#budget = { ...DEFAULT_TCP_BUDGET, ...options.budget };
    this.#reassembly = new Reassembly(this.#budget, (connection) => this.#sinkOf(connection));
    this.#idle = new IdleConnections(this.#budget, options.store, this.#reassembly);
  }

  segment(view: SegmentView): void {
    if (view.atUs > this.#lingerUntilUs) this.#sealLingering(view.atUs);
    if (view.atUs > this.#idleUs) this.#restIdle(view.atUs);
    this.#previousUs = view.atUs;
    this.#segments++;
    const { lane } = this.#options;
    if (lane && laneOf(view, lane.of) !== lane.index) return;
    const table = this.#tables[view.family];
    const entry = table.find(view);
    const direction: Side = entry >= 0 && table.reversed ? 1 : 0;
    let known = entry < 0 ? undefined : this.#wake(view.family, entry);
    if (known && known.heldSyn !== null) known = this.#settleSyn(known, known.heldSyn, direction, view);
    if (known) {
      const beginning = beginningOf(known, direction, view);
      if (beginning === 'nothing') {
        if (direction === 1) this.#unanswered.remove(known);
        this.#follow(known, direction, view);
        return;
      }
      if (beginning === 'unclear' && direction === 0) {
        known.heldSyn = { slot: this.#held[view.family].add(view, known), seq: view.seq };
        return;
      }
    }
    if (known) this.#seal(known);
    if (this.#open >= this.#budget.openConnections) this.#giveUpAttempt();
    table.find(view);
    this.#open++;
    const attempt = this.#attempt(table.add(undefined));
    if ((view.flags & CONTROL) === TCP_SYN && view.payloadLength === 0) table.values[attempt.entry] = this.#syns[view.family].add(view, attempt);
    else this.#follow(this.#begin(view, view.srcPort, view.dstPort, attempt), 0, view);
  }

  #attempt(entry: number): Attempt {
    this.#options.lane?.born(this.#segments);
    return { entry, stream: this.#streams++, bornAt: this.#segments };
  }

  #follow(connection: Connection, direction: Side, view: SegmentView): void {
    if (connection.heardAt >= 0) this.#idle.rouse(connection);
    followSegment(connection, direction, view, this.#reassembly);
    if (connection.over && !connection.lingering) {
      connection.lingering = true;
      connection.lingerUntilUs = connection.lastUs + this.#budget.lingerUs;
      this.#lingering.push(connection);
      this.#lingerUntilUs = Math.min(this.#lingerUntilUs, connection.lingerUntilUs);
    }
  }

  /** Gives a SYN that was held back to the connection which its receiver still holds, or to one of its own; returns the one that is open then. */
  #settleSyn(connection: Connection, syn: HeldSyn, direction: Side, next: SegmentView): Connection {
    const view = this.#release(connection, syn);
    if (direction === 0 || !holdsOn(connection, direction, next, syn.seq)) return this.#beginAgain(connection, view);
    notePending(connection.halves[1], view.atUs);
    this.#follow(connection, 0, view);
    return connection;
  }

  /** The SYN that was held back, without addresses and ports. */
  #release(connection: Connection, syn: HeldSyn): SegmentView {
    connection.heldSyn = null;
    const view = this.#held[connection.family].restore(syn.slot);
    view.family = connection.family;
    return view;
  }

  /** Begins another connection in the place of one that is open. */
  #beginAgain(connection: Connection, view: SegmentView): Connection {
    const { entry, family } = connection;
    const table = this.#tables[family];
    this.#close(connection);
    this.#open++;
    const next = this.#begin(view, table.portOf(entry, 0), table.portOf(entry, 1), this.#attempt(entry));
    this.#unanswered.add(next);
    this.#follow(next, 0, view);
    return next;
  }

  icmp(error: IcmpError): void {
    const { srcIp, srcPort, dstIp, dstPort } = error.quoted;
    const source = parseAddress(srcIp);
    const destination = parseAddress(dstIp);
    if (!source || !destination) return;
    const table = this.#tables[source.length === 4 ? 4 : 6];
    const entry = table.findKey(source, srcPort, destination, dstPort);
    const connection = entry < 0 ? undefined : this.#wake(source.length === 4 ? 4 : 6, entry);
    if (!connection) return;
    if (connection.icmp.length < this.#budget.gaps) connection.icmp.push(error);
    else addCaveat(connection, 'more ICMP errors than are kept');
  }

  get strained(): boolean {
    return this.#gaveUp || this.#reassembly.strained;
  }

  rouse(): void {
    for (const connection of this.#connections()) this.#idle.rouse(connection);
  }

  /** Those that are more than a SYN. */
  *#connections(): Generator<Connection> {
    for (const family of [4, 6] as const) for (const value of this.#tables[family].values) if (value && typeof value !== 'number') yield value;
  }

  finish(): void {
    const asked: Connection[] = [];
    for (const family of [4, 6] as const) {
      const { values } = this.#tables[family];
      for (let entry = 0; entry < values.length; entry++) {
        const slot = values[entry];
        if (typeof slot === 'number' && this.#countAttempt(family, slot)) continue;
        const connection = this.#wake(family, entry);
        if (!connection) continue;
        if (connection.heldSyn) asked.push(connection);
        else this.#seal(connection);
      }
    }
    // In an order that does not depend on who else is in the table.
    asked.sort((a, b) => a.stream - b.stream);
    const segments = this.#segments;
    for (const connection of asked) {
      if (!connection.heldSyn) continue;
      this.#segments = segments + connection.bornAt;
      this.#seal(this.#beginAgain(connection, this.#release(connection, connection.heldSyn)));
    }
  }

  /** What stands at an entry; a SYN that was put aside becomes a connection. */
  #wake(family: 4 | 6, entry: number): Connection | undefined {
    const table = this.#tables[family];
    const value = table.values[entry];
    if (typeof value !== 'number') return value;
    const syns = this.#syns[family];
    const attempt = syns.attemptAt(value);
    const view = syns.restore(value);
    view.family = family;
    const connection = this.#begin(view, table.portOf(entry, 0), table.portOf(entry, 1), attempt);
    this.#unanswered.add(connection);
    this.#follow(connection, 0, view);
    return connection;
  }

  #begin(view: SegmentView, sourcePort: number, destinationPort: number, attempt: Attempt): Connection {
    const connection = new Connection(attempt, view.family, view.atUs, this.#budget, this.#options.store);
    this.#tables[view.family].values[attempt.entry] = connection;
    guessOriginator(connection, sourcePort, destinationPort, this.#options.serverPorts);
    return connection;
  }

  #sealLingering(atUs: EpochUs): void {
    // One packet with a wild time stamp must not end anything: two in a row must agree that time has passed.
    const nowUs = Math.min(atUs, this.#previousUs);
    for (let first = this.#lingering.first; first && first.lingerUntilUs < nowUs; first = this.#lingering.first) {
      this.#lingering.shift();
      first.lingering = false;
      const untilUs = first.lastUs + this.#budget.lingerUs;
      if (!first.over || first.retired) continue;
      if (untilUs < nowUs) this.#seal(first);
      else {
        // It spoke since it ended.
        first.lingering = true;
        first.lingerUntilUs = untilUs;
        this.#lingering.push(first);
      }
    }
    this.#lingerUntilUs = this.#lingering.first?.lingerUntilUs ?? Number.POSITIVE_INFINITY;
  }

  #restIdle(atUs: EpochUs): void {
    // As with those that linger: one wild time stamp tells nothing.
    const nowUs = Math.min(atUs, this.#previousUs);
    this.#idleUs = nowUs + this.#budget.idleUs / 2;
    for (const connection of this.#connections()) if (this.#idle.isIdle(connection, nowUs)) this.#idle.rest(connection);
  }

  #giveUpAttempt(): void {
    this.#gaveUp = true;
    let oldest = this.#unanswered.oldest;
    const family = this.#oldestSyn(6) < this.#oldestSyn(4) ? 6 : 4;
    if (this.#oldestSyn(family) < (oldest?.stream ?? Number.POSITIVE_INFINITY)) {
      const syns = this.#syns[family];
      const { entry } = syns.attemptAt(syns.oldest);
      if (this.#countAttempt(family, syns.oldest)) return;
      oldest = this.#wake(family, entry) ?? oldest;
    }
    if (!oldest) return;
    addCaveat(oldest, 'sealed early: more unanswered attempts than are kept open');
    this.#seal(oldest);
  }

  /** Stream of the SYN that was put aside first. */
  #oldestSyn(family: 4 | 6): number {
    const syns = this.#syns[family];
    return syns.oldest < 0 ? Number.POSITIVE_INFINITY : syns.attemptAt(syns.oldest).stream;
  }

  /** Gives up a SYN that was put aside, without making a connection of it, where it is one of too many to be told of. */
  #countAttempt(family: 4 | 6, slot: number): boolean {
    if (!this.#options.countAttempt?.()) return false;
    this.#tables[family].remove(this.#syns[family].attemptAt(slot).entry);
    this.#syns[family].drop(slot);
    this.#open--;
    return true;
  }

  #seal(connection: Connection): void {
    this.#close(connection);
    this.#tables[connection.family].remove(connection.entry);
  }

  /** Its addresses and ports stay in the table, for the next one. */
  #close(connection: Connection): void {
    const table = this.#tables[connection.family];
    const sink = this.#sinkOf(connection);
    this.#unanswered.remove(connection);
    connection.retired = true;
    this.#open--;
    this.#options.onConnection(sealConnection(connection, table, this.#options.vantage, this.#reassembly), sink);
  }

  #sinkOf(connection: Connection): StreamSink {
    if (connection.sink) return connection.sink;
    const table = this.#tables[connection.family];
    const { entry, originator } = connection;
    const responder: Side = originator === 0 ? 1 : 0;
    const addresses = [table.addressOf(entry, 0), table.addressOf(entry, 1)] as const;
    connection.addresses = addresses;
    connection.sink = this.#options.openStream({
      stream: connection.stream,
      originatorIp: addresses[originator],
      originatorPort: table.portOf(entry, originator),
      responderIp: addresses[responder],
      responderPort: table.portOf(entry, responder),
      family: connection.family,
      sawSyn: connection.sawSyn,
      firstUs: connection.firstUs,
    });
    return connection.sink;
  }
}
