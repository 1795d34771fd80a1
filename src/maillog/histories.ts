import type { DeliveryHistory, InjectionHistory, MessageHistory } from '../model/maillog.ts';
import type { ApplianceState } from './appliance-state.ts';
import { DebugLogs } from './debug-logs.ts';
import { type DeliveryAttempt, DeliveryRecord } from './delivery-record.ts';
import type { DeliveryEntry, InjectionEntry, LogEntry, MessageEntry } from './entry.ts';
import { InjectionRecord } from './injection-record.ts';
import type { Line } from './line.ts';
import { MessageRecord } from './message-record.ts';

/** A line of the past this far back belongs to an earlier use of the number, unless the number was seen opening. */
const SAME_USE_SECONDS = 6 * 3600;
/** How many of the youngest connections are looked through for the one that a line without a number means. */
const RECENT_INJECTIONS = 2000;

/** Builds the histories of injections, messages and deliveries in one pass over the entries. */
export class Histories {
  readonly injections: InjectionRecord[] = [];
  readonly messages: MessageRecord[] = [];
  readonly deliveries: DeliveryRecord[] = [];
  readonly debug = new DebugLogs();

  add(appliance: ApplianceState, entry: LogEntry, line: Line): void {
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
      case 'mid-aborted':
      case 'mid-finished':
      case 'mid-queued':
      case 'mid-policy':
      case 'mid-incoming-relay':
      case 'mid-scan':
        this.#message(appliance, entry.mid, line, null).apply(entry, line);
        return;
      case 'mid-relation': {
        const older = this.#message(appliance, entry.from, line, null);
        if (entry.to !== entry.from) this.#message(appliance, entry.to, line, null);
        older.relations.push({ relation: entry.relation, to: entry.to, by: entry.by, line });
        return;
      }
      case 'spam-quarantine':
      case 'quarantine-in':
      case 'quarantine-out':
        this.#message(appliance, entry.mid, line, null);
        return;
      case 'rpc':
        if (entry.mid !== null) this.#message(appliance, entry.mid, line, null);
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
        this.#message(appliance, entry.mid, line, null);
        return;
      case 'injection-debug':
        this.debug.injection(appliance, entry, line);
        return;
      case 'consolidated':
        if (entry.icid) {
          const injection = this.#injection(appliance, entry.icid, line);
          injection.heloName ??= entry.helo;
          injection.add(line);
        }
        if (entry.mid) this.#message(appliance, entry.mid, line, entry.icid);
        if (entry.dcid) this.#delivery(appliance, entry.dcid, line).add(line);
        return;
      case 'domain-debug':
        this.#delivery(appliance, entry.dcid, line).add(line);
        return;
      case 'logfile-begins':
      case 'logfile-ends':
      case 'version':
      case 'utc-offset':
      case 'status':
      case 'appliance-message':
        return;
    }
  }

  /** A line in no known shape is kept with the numbers it names, if these are known. */
  addUnknown(appliance: ApplianceState, line: Line): void {
    const text = line.text.slice(0, 1000);
    const mid = /\bMID:? \[?(\d{1,15})\b/.exec(text)?.[1];
    const icid = /\bICID:? (\d{1,15})\b/.exec(text)?.[1];
    const dcid = /\bDCID:? (\d{1,15})\b/.exec(text)?.[1];
    if (mid !== undefined) appliance.messages.get(Number(mid))?.add(line);
    if (icid !== undefined) appliance.injections.get(Number(icid))?.add(line);
    if (dcid !== undefined) appliance.deliveries.get(Number(dcid))?.add(line);
  }

  finish(): {
    readonly injections: readonly InjectionHistory[];
    readonly messages: readonly MessageHistory[];
    readonly deliveries: readonly DeliveryHistory[];
  } {
    for (const list of [this.injections, this.messages, this.deliveries]) list.sort((a, b) => a.first.seconds - b.first.seconds);
    this.debug.attach(this.injections);
    return { injections: this.injections, messages: this.messages, deliveries: this.deliveries };
  }

  #openInjection(appliance: ApplianceState, icid: number, line: Line): InjectionRecord {
    const known = appliance.injections.get(icid);
    // Syslog may deliver the lines of one second in any order, so that the opening line is not the first.
    const same = known && known.opened === null && known.closed === null && Math.abs(line.seconds - known.first.seconds) < SAME_USE_SECONDS;
    const injection = same ? known : this.#newInjection(appliance, icid, line);
    injection.add(line);
    return injection;
  }

  #newInjection(appliance: ApplianceState, icid: number, line: Line): InjectionRecord {
    const injection = new InjectionRecord(appliance, icid, line);
    appliance.injections.set(icid, injection);
    this.injections.push(injection);
    return injection;
  }

  /** The current use of the number, or a new history where the log begins after its opening. */
  #injection(appliance: ApplianceState, icid: number, line: Line): InjectionRecord {
    return appliance.injections.get(icid) ?? this.#newInjection(appliance, icid, line);
  }

  #ofInjection(appliance: ApplianceState, icid: number, entry: InjectionEntry, line: Line): void {
    // ICID 0 is no connection; a refused one that never got a number is only counted by the appliance.
    if (icid === 0) return;
    const injection = this.#injection(appliance, icid, line);
    injection.add(line);
    injection.apply(entry, line);
  }

  /** A line that names an address only: the youngest connection from there that is still open. */
  #ofPeer(appliance: ApplianceState, entry: Extract<InjectionEntry, { kind: 'directory-harvest' }>, line: Line): void {
    const oldest = Math.max(0, this.injections.length - RECENT_INJECTIONS);
    for (let i = this.injections.length - 1; i >= oldest; i--) {
      const injection = this.injections[i];
      if (!injection || injection.peerIp !== entry.peerIp || injection.closed || injection.appliance !== appliance.key) continue;
      injection.add(line);
      injection.apply(entry, line);
      return;
    }
  }

  #startMessage(appliance: ApplianceState, entry: Extract<MessageEntry, { kind: 'mid-start' }>, line: Line): void {
    const known = appliance.messages.get(entry.mid);
    const reused =
      known &&
      (known.started !== null || line.seconds - known.last.seconds > SAME_USE_SECONDS || (known.finished !== null && line.seconds > known.last.seconds + 2));
    if (reused) appliance.messages.delete(entry.mid);
    this.#message(appliance, entry.mid, line, entry.icid).apply(entry, line);
  }

  #newMessage(appliance: ApplianceState, mid: number, line: Line): MessageRecord {
    const message = new MessageRecord(appliance, mid, line);
    appliance.messages.set(mid, message);
    this.messages.push(message);
    return message;
  }

  /** Adds the line to the message, and to its connection while that is open or the message is still being received. */
  #message(appliance: ApplianceState, mid: number, line: Line, icid: number | null): MessageRecord {
    const message = appliance.messages.get(mid) ?? this.#newMessage(appliance, mid, line);
    message.add(line);
    if (icid !== null && message.icid === null) {
      message.icid = icid;
      if (icid > 0) {
        message.injection = this.#injection(appliance, icid, line);
        message.injection.addMid(mid);
      }
    }
    const { injection } = message;
    if (!injection) return message;
    const received = message.ready !== null || message.finished !== null;
    const over = injection.closed !== null || !injection.ownLines;
    if (!(over && received)) injection.add(line);
    return message;
  }

  #delivery(appliance: ApplianceState, dcid: number, line: Line): DeliveryRecord {
    const known = appliance.deliveries.get(dcid);
    if (known) return known;
    const delivery = new DeliveryRecord(appliance, dcid, line);
    appliance.deliveries.set(dcid, delivery);
    this.deliveries.push(delivery);
    return delivery;
  }

  #ofDelivery(appliance: ApplianceState, entry: DeliveryEntry & { readonly dcid: number | null }, line: Line): void {
    if ('mid' in entry) this.#message(appliance, entry.mid, line, null);
    // DCID 0: bounced without any connection.
    if (entry.dcid === null || entry.dcid === 0) return;
    if (entry.kind === 'dcid-open') {
      const known = appliance.deliveries.get(entry.dcid);
      if (known && (known.opened || known.closed || line.seconds - known.last.seconds > SAME_USE_SECONDS)) appliance.deliveries.delete(entry.dcid);
    }
    const delivery = this.#delivery(appliance, entry.dcid, line);
    delivery.add(line);
    const attempt = applyDelivery(delivery, entry, line);
    if (!attempt) return;
    const message = appliance.messages.get(attempt.mid);
    if (message) (message.attempts ??= []).push(attempt);
  }

  #response(appliance: ApplianceState, entry: Extract<DeliveryEntry, { kind: 'mid-response' }>, line: Line): void {
    const message = this.#message(appliance, entry.mid, line, null);
    const attempt = message.attempts?.findLast((one) => one.responseLine === null && one.rids.some((rid) => entry.rids.includes(rid)));
    if (!attempt) return;
    attempt.response = entry.response;
    attempt.responseLine = line;
  }
}

/** What a line says of a delivery connection; gives the attempt that it began, if so. */
function applyDelivery(delivery: DeliveryRecord, entry: DeliveryEntry, line: Line): DeliveryAttempt | null {
  const none = { mid: null, details: null, code: null, reason: null, line };
  switch (entry.kind) {
    case 'dcid-open':
      delivery.opened = line;
      delivery.localIp = /[.:]/.test(entry.interfaceName) && /^[\da-f.:]+$/i.test(entry.interfaceName) ? entry.interfaceName : null;
      delivery.remoteIp = entry.remoteIp;
      delivery.remotePort = entry.remotePort;
      return null;
    case 'dcid-tls':
      delivery.tls = { ok: entry.ok, protocol: entry.protocol, cipher: entry.cipher, reason: entry.reason, line };
      if (!entry.ok) delivery.problem({ ...none, kind: 'tls-failed', details: entry.reason });
      return null;
    case 'dcid-tls-required':
      delivery.remoteIp ??= entry.remoteIp;
      delivery.problem({ ...none, kind: 'tls-required' });
      return null;
    case 'dcid-start':
      return delivery.begin(entry.mid, entry.rids, line);
    case 'dcid-done': {
      const known = delivery.deliveries.length;
      const attempt = delivery.attempt(entry.mid, entry.rids);
      attempt.done = line;
      return delivery.deliveries.length > known ? attempt : null;
    }
    case 'dcid-connection-error':
      delivery.remoteIp ??= entry.remoteIp;
      delivery.remotePort ??= entry.remotePort;
      delivery.localIp ??= entry.localIp;
      delivery.problem({ ...none, kind: 'connection-error', details: entry.details, reason: entry.reason });
      return null;
    case 'bounced':
    case 'delayed':
      delivery.addMid(entry.mid);
      delivery.problem({ kind: entry.kind, mid: entry.mid, details: entry.reply, code: entry.code, reason: entry.reason, line });
      return null;
    case 'dcid-possible':
      delivery.addMid(entry.mid);
      delivery.problem({ ...none, kind: 'possible-delivery', mid: entry.mid });
      return null;
    case 'dcid-close':
      delivery.closed = line;
      return null;
    case 'dcid-killed':
      delivery.problem({ ...none, kind: 'killed', reason: entry.reason });
      return null;
    case 'mid-response':
    case 'double-bounce':
    case 'mid-pending':
    case 'delivery-deleted':
      return null;
  }
}
