import { canonicalAddress } from '../model/address.ts';
import type { MailLog, StatusSample } from '../model/maillog.ts';
import type { ApplianceState, Counters } from './appliance-state.ts';
import { DebugLogs } from './debug-logs.ts';
import { DeliveryRecord, goesToQuarantine } from './delivery-record.ts';
import type { DeliveryEntry, InjectionEntry, LogEntry, MessageEntry } from './entry.ts';
import { type Awake, type GrowingList, type HistoriesOptions, HistoryTables, ROUND_LINES } from './history-tables.ts';
import { InjectionRecord } from './injection-record.ts';
import { type LineId, LineTable, NO_LINE } from './line-table.ts';
import { MessageRecord } from './message-record.ts';
import { Resting } from './rest/resting.ts';
import { StatusLines } from './status-lines.ts';

/** A line of the past this far back belongs to an earlier use of the number, unless the number was seen opening. */
const SAME_USE_SECONDS = 6 * 3600;
/** Syslog delivers the lines of a moment in any order. */
const DISORDER_SECONDS = 2;
/** How many of the youngest connections are looked through for the one that a line without a number means. */
const RECENT_INJECTIONS = 2000;

/** Blocks of a log that are held where its messages are told while it is read: two rounds. */
const RECENT_BLOCKS = 32;

/** Builds the histories of injections, messages and deliveries in one pass over the entries. */
export class Histories {
  /** Where messages rest these lists are all there is, else null. */
  readonly awake: Awake | null;
  readonly injections: GrowingList<InjectionRecord>;
  readonly messages: GrowingList<MessageRecord>;
  readonly deliveries: GrowingList<DeliveryRecord>;
  readonly table: LineTable;
  readonly store: HistoryTables;
  #lastMessage: MessageRecord | null = null;
  #lastAppliance: ApplianceState | null = null;
  readonly #debug: DebugLogs;
  /** Where messages are put that have fallen silent; null where all are kept. */
  readonly resting: Resting | null;
  readonly #roundLines: number;
  #nextRound: LineId;
  readonly #orders = { injection: 0, message: 0, delivery: 0 };
  readonly #statuses: StatusLines;

  constructor({ depot, roundLines = ROUND_LINES, archive }: HistoriesOptions = {}) {
    const rests = archive !== undefined;
    this.table = rests ? new LineTable(RECENT_BLOCKS) : new LineTable(0, depot?.store);
    this.store = new HistoryTables(this.table, depot ?? null);
    this.awake = rests ? { injections: [], messages: [], deliveries: [] } : null;
    ({ injections: this.injections, messages: this.messages, deliveries: this.deliveries } = this.awake ?? this.store);
    this.#debug = new DebugLogs(this.table);
    this.#statuses = new StatusLines(this.table);
    this.resting = archive ? new Resting(this.store, archive) : null;
    this.#roundLines = roundLines;
    this.#nextRound = rests ? Number.POSITIVE_INFINITY : roundLines;
  }

  newCounters(): Counters {
    return this.awake ? { injections: new Map(), messages: new Map(), deliveries: new Map(), earlier: new Map() } : this.store.newCounters();
  }

  /** Puts away what was silent since the round before. */
  #round(): void {
    this.#lastMessage = null;
    this.store.putAway(this.#nextRound - this.#roundLines);
    this.#nextRound = this.table.count + this.#roundLines;
  }

  add(appliance: ApplianceState, entry: LogEntry, line: LineId): void {
    if (line >= this.#nextRound) this.#round();
    switch (entry.kind) {
      case 'icid-open':
        this.#openInjection(appliance, entry.icid, line).apply(entry, line);
        return;
      case 'icid-policy':
      case 'icid-reputation':
      case 'icid-delayed-reject':
      case 'icid-tls':
      case 'icid-tls-required':
      case 'icid-auth':
      case 'icid-auth-trouble':
      case 'icid-lost':
      case 'icid-close':
      case 'icid-lost-early':
      case 'icid-timeout':
      case 'icid-killed':
      case 'icid-limit':
      case 'icid-receiving-failed':
        this.#ofInjection(appliance, entry.icid, entry, line);
        return;
      case 'icid-tls-read':
        this.#message(appliance, entry.mid, line, entry.icid);
        return;
      case 'icid-complaint':
        if (entry.mid !== null) this.#message(appliance, entry.mid, line, entry.icid);
        else this.#ofInjection(appliance, entry.icid, entry, line);
        return;
      case 'directory-harvest':
        this.#ofPeer(appliance, entry, line);
        return;
      case 'mid-start':
        this.#startMessage(appliance, entry, line);
        return;
      case 'mid-from':
      case 'mid-to':
        this.#message(appliance, entry.mid, line, entry.icid).apply(entry, line);
        return;
      case 'mid-to-rejected':
        if (entry.mid !== null) this.#message(appliance, entry.mid, line, entry.icid).apply(entry, line);
        else if (entry.icid > 0) {
          const injection = this.#injection(appliance, entry.icid, line);
          injection.ownLines = true;
          injection.add(line);
        }
        return;
      case 'mid-helo':
        this.#message(appliance, entry.mid, line, null).greet(entry.helo);
        return;
      case 'mid-system':
      case 'mid-message-id':
      case 'mid-subject':
      case 'mid-ready':
      case 'mid-finished':
      case 'mid-queued':
      case 'mid-policy':
      case 'mid-incoming-relay':
      case 'mid-scan':
        this.#message(appliance, entry.mid, line, null).apply(entry, line);
        return;
      case 'mid-aborted':
        this.#message(appliance, entry.mid, line, null, true).apply(entry, line);
        return;
      case 'mid-relation': {
        const older = this.#message(appliance, entry.from, line, null, true);
        if (entry.to !== entry.from) this.#message(appliance, entry.to, line, null, true);
        older.relate(entry.relation, entry.to, entry.by, line);
        return;
      }
      case 'quarantine-in': {
        const message = this.#message(appliance, entry.mid, line, null, true);
        if (entry.centralized) message.handOver(line, null, null);
        return;
      }
      case 'spam-quarantine':
      case 'quarantine-out':
        this.#message(appliance, entry.mid, line, null, true);
        return;
      case 'rpc':
        if (entry.mid !== null) this.#message(appliance, entry.mid, line, null, true);
        return;
      case 'dcid-open':
      case 'dcid-tls':
      case 'dcid-tls-required':
      case 'dcid-start':
      case 'dcid-done':
      case 'dcid-connection-error':
      case 'dcid-possible':
      case 'dcid-close':
      case 'dcid-killed':
      case 'bounced':
      case 'delayed':
        this.#ofDelivery(appliance, entry, line);
        return;
      case 'mid-response':
        this.#response(appliance, entry, line);
        return;
      case 'double-bounce':
      case 'mid-pending':
      case 'delivery-deleted':
        this.#message(appliance, entry.mid, line, null, true);
        return;
      case 'injection-debug':
        // The debug log may be all there is of a connection.
        if (entry.icid) this.#injection(appliance, entry.icid, line).peerIp ??= canonicalAddress(entry.peer);
        this.#debug.injection(appliance, entry, line);
        return;
      case 'consolidated':
        if (entry.icid) {
          const injection = this.#injection(appliance, entry.icid, line);
          injection.heloName ??= entry.helo;
          injection.peerIp ??= entry.peerIp === null ? null : canonicalAddress(entry.peerIp);
          injection.add(line);
        }
        if (entry.mid) this.#message(appliance, entry.mid, line, entry.icid, true).consolidate(entry, line);
        if (entry.dcid && this.resting === null) this.#delivery(appliance, entry.dcid, line).add(line);
        return;
      case 'domain-debug':
        this.#debug.delivery(appliance, entry, line);
        this.#delivery(appliance, entry.dcid, line).add(line);
        return;
      case 'logfile-begins':
      case 'logfile-ends':
      case 'version':
      case 'utc-offset':
      case 'appliance-message':
        return;
      case 'status':
        if (this.resting === null) this.#statuses.add(appliance, line, entry.fields);
        return;
    }
  }

  /** Of a message, and says nothing else that is kept. */
  mention(appliance: ApplianceState, mid: number, line: LineId): void {
    if (line >= this.#nextRound) this.#round();
    this.#message(appliance, mid, line, null);
  }

  /** A line in no known shape is kept with the numbers it names, if these are known. */
  addUnknown(appliance: ApplianceState, line: LineId): void {
    const text = this.table.text(line).slice(0, 1000);
    const numberOf = (shape: RegExp): number => Number(shape.exec(text)?.[1] ?? Number.NaN);
    this.known(appliance, numberOf(/\bMID:? \[?(\d{1,15})\b/))?.add(line);
    appliance.injections.get(numberOf(/\bICID:? (\d{1,15})\b/))?.add(line);
    appliance.deliveries.get(numberOf(/\bDCID:? (\d{1,15})\b/))?.add(line);
  }

  finish(): Pick<MailLog, 'injections' | 'messages' | 'deliveries'> {
    this.#lastMessage = null;
    this.store.close();
    this.#debug.attach(this.store.injections);
    return this;
  }

  #openInjection(appliance: ApplianceState, icid: number, line: LineId): InjectionRecord {
    const known = appliance.injections.get(icid);
    // Syslog may deliver the lines of one second in any order, so that the opening line is not the first.
    const same = known && !known.isOpened && !known.isClosed && Math.abs(this.table.seconds(line) - this.table.seconds(known.firstId)) < SAME_USE_SECONDS;
    const injection = same ? known : this.#newInjection(appliance, icid, line);
    injection.add(line);
    return injection;
  }

  #newInjection(appliance: ApplianceState, icid: number, line: LineId): InjectionRecord {
    const injection = new InjectionRecord(this.store, appliance, icid, line, ++this.#orders.injection);
    appliance.injections.set(icid, injection);
    this.injections.push(injection);
    return injection;
  }

  /** The current use of the number, or a new history where the log begins after its opening. */
  #injection(appliance: ApplianceState, icid: number, line: LineId): InjectionRecord {
    return appliance.injections.get(icid) ?? this.#newInjection(appliance, icid, line);
  }

  #ofInjection(appliance: ApplianceState, icid: number, entry: InjectionEntry, line: LineId): void {
    // ICID 0 is no connection; a refused one that never got a number is only counted by the appliance.
    if (icid === 0) return;
    const injection = this.#injection(appliance, icid, line);
    injection.add(line);
    injection.apply(entry, line);
  }

  /** A line that names an address only: the youngest connection from there that is still open. */
  #ofPeer(appliance: ApplianceState, entry: Extract<InjectionEntry, { kind: 'directory-harvest' }>, line: LineId): void {
    const oldest = Math.max(0, this.injections.length - RECENT_INJECTIONS);
    for (let i = this.injections.length - 1; i >= oldest; i--) {
      const injection = this.injections.at(i);
      if (!injection || injection.peerIp !== entry.peerIp || injection.isClosed || injection.appliance !== appliance.key) continue;
      injection.add(line);
      injection.apply(entry, line);
      return;
    }
  }

  #startMessage(appliance: ApplianceState, entry: Extract<MessageEntry, { kind: 'mid-start' }>, line: LineId): void {
    const known = this.known(appliance, entry.mid);
    const sinceSeconds = known ? this.table.seconds(line) - this.table.seconds(known.lastId) : 0;
    const reused = known && (known.isStarted || sinceSeconds > SAME_USE_SECONDS || (known.isFinished && sinceSeconds > DISORDER_SECONDS));
    if (reused) {
      if (this.resting === null) appliance.earlier.set(entry.mid, [...(appliance.earlier.get(entry.mid) ?? []), known.order]);
      this.#lastMessage = this.#newMessage(appliance, entry.mid, line);
      this.#lastAppliance = appliance;
    }
    this.#message(appliance, entry.mid, line, entry.icid).apply(entry, line);
  }

  /** Lines of one message often stand together, so that the last one is looked at before the map. */
  #messageOf(appliance: ApplianceState, mid: number, line: LineId): MessageRecord {
    const last = this.#lastMessage;
    if (last !== null && last.mid === mid && this.#lastAppliance === appliance) return last;
    const message = this.known(appliance, mid) ?? this.#newMessage(appliance, mid, line);
    this.#lastMessage = message;
    this.#lastAppliance = appliance;
    return message;
  }

  /** The current use of a MID; woken where it rests. */
  known(appliance: ApplianceState, mid: number): MessageRecord | null {
    const awake = appliance.messages.get(mid);
    if (awake || this.resting === null) return awake ?? null;
    return this.#awaken(this.resting.youngest(appliance, mid));
  }

  usedBy(appliance: ApplianceState, mid: number, beforeUs: number): MessageRecord | null {
    return this.store.usedBy(appliance, mid, this.known(appliance, mid), beforeUs);
  }

  uses(appliance: ApplianceState, mid: number): MessageRecord[] {
    return this.resting ? this.resting.uses(appliance, mid).flatMap((order) => this.byOrder(order) ?? []) : this.store.uses(appliance, mid);
  }

  /** A message by its number in the order of all. */
  byOrder(order: number): MessageRecord | null {
    return this.resting?.awake(order) ?? this.#awaken(order);
  }

  #awaken(order: number): MessageRecord | null {
    const message = this.resting?.wake(order) ?? null;
    if (message === null) return null;
    const { state, mid } = message;
    if (this.resting?.youngest(state, mid) === order && !state.messages.has(mid)) state.messages.set(mid, message);
    this.messages.push(message);
    return message;
  }

  forgetLast(): void {
    this.#lastMessage = null;
  }

  #newMessage(appliance: ApplianceState, mid: number, line: LineId): MessageRecord {
    const message = new MessageRecord(this.store, appliance, mid, line, ++this.#orders.message);
    this.resting?.begin(message);
    appliance.messages.set(mid, message);
    this.messages.push(message);
    return message;
  }

  /** Status lines as they came. */
  statuses(): StatusSample[] {
    return this.#statuses.samples();
  }

  /** Adds the line to the message, and to its connection while that is open or the message is still being received. `telling`: it decides what became of it. */
  #message(appliance: ApplianceState, mid: number, line: LineId, icid: number | null, telling = false): MessageRecord {
    const message = this.#messageOf(appliance, mid, line);
    message.add(line, telling);
    if (icid !== null && message.icid === null) {
      message.icid = icid;
      if (icid > 0) {
        const injection = this.#injection(appliance, icid, line);
        injection.addMid(mid);
        if (this.resting) message.injection = injection;
        else message.injectionOrder = injection.order;
      }
    }
    if (message.isLeft) {
      this.store.injections.mention(message.injectionOrder, line);
      return message;
    }
    const { injection } = message;
    if (!injection) return message;
    const over = injection.isClosed || !injection.ownLines;
    if (this.resting === null && !(over && message.isReceived)) injection.add(line);
    else injection.lastId = line;
    message.isLeft = this.resting === null && injection.isClosed && message.isReceived;
    return message;
  }

  #delivery(appliance: ApplianceState, dcid: number, line: LineId): DeliveryRecord {
    const known = appliance.deliveries.get(dcid);
    if (known) return known;
    const delivery = new DeliveryRecord(this.store, appliance, dcid, line, ++this.#orders.delivery);
    appliance.deliveries.set(dcid, delivery);
    this.deliveries.push(delivery);
    return delivery;
  }

  #ofDelivery(appliance: ApplianceState, entry: DeliveryEntry & { readonly dcid: number | null }, line: LineId): void {
    if ('mid' in entry) this.#message(appliance, entry.mid, line, null, true);
    // DCID 0: bounced without any connection.
    if (entry.dcid === null || entry.dcid === 0) return;
    if (this.resting !== null) {
      this.resting.ofDelivery(appliance, entry, line);
      return;
    }
    if (entry.kind === 'dcid-open') {
      const known = appliance.deliveries.get(entry.dcid);
      const reused = known && (known.isOpenedOrClosed || this.table.seconds(line) - this.table.seconds(known.lastId) > SAME_USE_SECONDS);
      if (reused) appliance.deliveries.delete(entry.dcid);
    }
    const delivery = this.#delivery(appliance, entry.dcid, line);
    delivery.add(line);
    const attempt = delivery.apply(entry, line);
    if (!attempt) return;
    const message = appliance.messages.get(attempt.mid);
    if (!message) return;
    (message.awaited ??= []).push({ delivery: delivery.order, place: delivery.placeOf(attempt) });
    if (goesToQuarantine(entry, delivery.remotePort)) message.handOver(line, entry.dcid, delivery.remoteIp);
  }

  #response(appliance: ApplianceState, entry: Extract<DeliveryEntry, { kind: 'mid-response' }>, line: LineId): void {
    const message = this.#message(appliance, entry.mid, line, null, true);
    const attempts = (message.awaited ?? []).map(({ delivery, place }) => this.store.deliveries.of(delivery)?.attempt(place) ?? null);
    const attempt = attempts.findLast((one) => one?.responseLine === NO_LINE && one.rids.some((rid) => entry.rids.includes(rid)));
    if (!attempt) return;
    attempt.response = entry.response;
    attempt.responseLine = line;
  }
}
