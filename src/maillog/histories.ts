import { canonicalAddress } from '../model/address.ts';
import type { DeliveryHistory, InjectionHistory, MessageHistory, StatusSample } from '../model/maillog.ts';
import type { Archive } from '../model/octet-store.ts';
import type { ApplianceState } from './appliance-state.ts';
import { DebugLogs } from './debug-logs.ts';
import { DeliveryRecord, goesToQuarantine } from './delivery-record.ts';
import type { DeliveryEntry, InjectionEntry, LogEntry, MessageEntry } from './entry.ts';
import { InjectionRecord } from './injection-record.ts';
import { LineLists } from './line-lists.ts';
import { type LineId, LineTable, NO_LINE } from './line-table.ts';
import { MessageRecord } from './message-record.ts';
import { Resting } from './rest/resting.ts';
import type { LineStore } from './store.ts';

/** A line of the past this far back belongs to an earlier use of the number, unless the number was seen opening. */
const SAME_USE_SECONDS = 6 * 3600;
/** Syslog delivers the lines of a moment in any order. */
const DISORDER_SECONDS = 2;
/** How many of the youngest connections are looked through for the one that a line without a number means. */
const RECENT_INJECTIONS = 2000;

/** Blocks of a log that are held where its messages are told while it is read: two rounds. */
const RECENT_BLOCKS = 32;

/** One a minute: two months of them. */
const MAX_STATUSES = 100_000;

/** Builds the histories of injections, messages and deliveries in one pass over the entries. */
export class Histories {
  readonly injections: InjectionRecord[] = [];
  readonly messages: MessageRecord[] = [];
  readonly deliveries: DeliveryRecord[] = [];
  readonly table: LineTable;
  readonly store: LineStore;
  #lastMessage: MessageRecord | null = null;
  #lastAppliance: ApplianceState | null = null;
  readonly #debug: DebugLogs;
  /** Where messages are put that have fallen silent; null where all are kept. */
  readonly resting: Resting | null;
  #orders = 0;
  readonly #statuses: { readonly appliance: ApplianceState; readonly line: LineId; readonly fields: string }[] = [];

  /** `archive`: messages that have fallen silent can be put away there. */
  constructor(archive: Archive | null = null) {
    this.table = new LineTable(archive ? RECENT_BLOCKS : 0);
    this.store = { table: this.table, lists: new LineLists() };
    this.#debug = new DebugLogs(this.table);
    this.resting = archive ? new Resting(this.store, archive) : null;
  }

  add(appliance: ApplianceState, entry: LogEntry, line: LineId): void {
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
      case 'mid-helo': {
        const { injection } = this.#message(appliance, entry.mid, line, null);
        if (injection) injection.heloName ??= entry.helo;
        return;
      }
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
        if (this.resting === null && this.#statuses.length < MAX_STATUSES) this.#statuses.push({ appliance, line, fields: entry.fields });
        return;
    }
  }

  /** A line of a message that says nothing else of what a history keeps. */
  mention(appliance: ApplianceState, mid: number, line: LineId): void {
    this.#message(appliance, mid, line, null);
  }

  /** A line in no known shape is kept with the numbers it names, if these are known. */
  addUnknown(appliance: ApplianceState, line: LineId): void {
    const text = this.table.text(line).slice(0, 1000);
    const mid = /\bMID:? \[?(\d{1,15})\b/.exec(text)?.[1];
    const icid = /\bICID:? (\d{1,15})\b/.exec(text)?.[1];
    const dcid = /\bDCID:? (\d{1,15})\b/.exec(text)?.[1];
    if (mid !== undefined) this.known(appliance, Number(mid))?.add(line);
    if (icid !== undefined) appliance.injections.get(Number(icid))?.add(line);
    if (dcid !== undefined) appliance.deliveries.get(Number(dcid))?.add(line);
  }

  finish(): {
    readonly injections: readonly InjectionHistory[];
    readonly messages: readonly MessageHistory[];
    readonly deliveries: readonly DeliveryHistory[];
  } {
    for (const list of [this.injections, this.messages, this.deliveries]) list.sort((a, b) => a.secondsOf(a.firstId) - b.secondsOf(b.firstId));
    this.#debug.attach(this.injections);
    return { injections: this.injections, messages: this.messages, deliveries: this.deliveries };
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
    const injection = new InjectionRecord(this.store, appliance, icid, line);
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
      const injection = this.injections[i];
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
      if (this.resting === null) appliance.earlier.set(entry.mid, [...(appliance.earlier.get(entry.mid) ?? []), known]);
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

  /** The last use of a MID that had begun by `beforeUs`; the first of all where none had. */
  usedBy(appliance: ApplianceState, mid: number, beforeUs: number): MessageRecord | null {
    const youngest = this.known(appliance, mid);
    const earlier = appliance.earlier.get(mid);
    if (youngest === null || !earlier || youngest.first.atUs <= beforeUs) return youngest;
    return earlier.findLast(({ first }) => first.atUs <= beforeUs) ?? earlier[0] ?? youngest;
  }

  /** All uses of a MID. */
  uses(appliance: ApplianceState, mid: number): MessageRecord[] {
    return (this.resting?.uses(appliance, mid) ?? []).flatMap((order) => this.byOrder(order) ?? []);
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

  /** The message that was mentioned last is looked up anew. */
  forgetLast(): void {
    this.#lastMessage = null;
  }

  #newMessage(appliance: ApplianceState, mid: number, line: LineId): MessageRecord {
    const message = new MessageRecord(this.store, appliance, mid, line, ++this.#orders);
    this.resting?.begin(message);
    appliance.messages.set(mid, message);
    this.messages.push(message);
    return message;
  }

  /** Status lines as they came. */
  statuses(): StatusSample[] {
    return this.#statuses.map(({ appliance, line, fields }) => ({ appliance: appliance.key, line: this.table.line(line), fields }));
  }

  /** Adds the line to the message, and to its connection while that is open or the message is still being received. `telling`: it decides what became of it. */
  #message(appliance: ApplianceState, mid: number, line: LineId, icid: number | null, telling = false): MessageRecord {
    const message = this.#messageOf(appliance, mid, line);
    message.add(line, telling);
    if (icid !== null && message.icid === null) {
      message.icid = icid;
      if (icid > 0) {
        message.injection = this.#injection(appliance, icid, line);
        message.injection.addMid(mid);
      }
    }
    const { injection } = message;
    if (!injection) return message;
    const over = injection.isClosed || !injection.ownLines;
    if (this.resting === null && !(over && message.isReceived)) injection.add(line);
    else injection.lastId = line;
    return message;
  }

  #delivery(appliance: ApplianceState, dcid: number, line: LineId): DeliveryRecord {
    const known = appliance.deliveries.get(dcid);
    if (known) return known;
    const delivery = new DeliveryRecord(this.store, appliance, dcid, line);
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
    (message.attempts ??= []).push(attempt);
    if (goesToQuarantine(entry, delivery.remotePort)) message.handOver(line, entry.dcid, delivery.remoteIp);
  }

  #response(appliance: ApplianceState, entry: Extract<DeliveryEntry, { kind: 'mid-response' }>, line: LineId): void {
    const message = this.#message(appliance, entry.mid, line, null, true);
    const attempt = message.attempts?.findLast((one) => one.responseLine === NO_LINE && one.rids.some((rid) => entry.rids.includes(rid)));
    if (!attempt) return;
    attempt.response = entry.response;
    attempt.responseLine = line;
  }
}
