import type { ApplianceState } from '../appliance-state.ts';
import { goesToQuarantine } from '../delivery-record.ts';
import type { DeliveryEntry } from '../entry.ts';
import { InjectionRecord } from '../injection-record.ts';
import type { LineId } from '../line-table.ts';
import { MessageRecord } from '../message-record.ts';
import { isTelling, type LineStore, lineOf } from '../store.ts';
import { type Address, Places } from './places.ts';
import { refold } from './refold.ts';

const FIRST_ROWS = 1 << 12;
/** Delivery connections that are open at once; the appliance allows 10,000. */
const MAX_REMOTES = 100_000;

/** Messages that have fallen silent, as the places of their lines; what a message was is read again when somebody asks. */
export class Resting {
  readonly #store: LineStore;
  readonly #places: Places;
  /** Messages that are not at rest, by order. */
  readonly #awake = new Map<number, MessageRecord>();
  /** Those of them that were at rest before: where, and with how many lines. */
  readonly #known = new Map<MessageRecord, { readonly address: Address; readonly lines: number }>();
  readonly #appliances: ApplianceState[] = [];
  readonly #indexes = new Map<ApplianceState, number>();
  /** By order: where the lines are (one more than the address; 0: not at rest), whose it is, and the use of the same number before. */
  #address = new Float64Array(FIRST_ROWS);
  #mid = new Float64Array(FIRST_ROWS);
  #appliance = new Uint16Array(FIRST_ROWS);
  #before = new Uint32Array(FIRST_ROWS);
  /** The first line of its ICID stands first in its list. */
  #borrows = new Uint8Array(FIRST_ROWS);
  /** The youngest use by a hash of appliance and MID. */
  #heads = new Uint32Array(FIRST_ROWS * 2);
  #count = 0;
  /** Whither open delivery connections lead. */
  readonly #remotes = new Map<number, { readonly remoteIp: string; readonly remotePort: number | null }>();
  /** Connections that took a message to a quarantine elsewhere. */
  readonly #handed = new Map<number, { readonly dcid: number; readonly remoteIp: string | null }>();

  constructor(store: LineStore) {
    this.#store = store;
    this.#places = new Places(store.table);
  }

  /** A new message. */
  begin(message: MessageRecord): void {
    const { order, mid, state } = message;
    while (order >= this.#mid.length) this.#grow();
    this.#awake.set(order, message);
    this.#mid[order] = mid;
    this.#appliance[order] = this.#indexOf(state);
    this.#count = order;
    this.#enter(order);
  }

  #indexOf(state: ApplianceState): number {
    const known = this.#indexes.get(state);
    if (known !== undefined) return known;
    const index = this.#appliances.push(state) - 1;
    this.#indexes.set(state, index);
    return index;
  }

  #slot(appliance: number, mid: number): number {
    return (Math.imul((mid % 2 ** 31) ^ (appliance << 20), 0x9e3779b1) >>> 0) % this.#heads.length;
  }

  #enter(order: number): void {
    const slot = this.#slot(this.#appliance[order] ?? 0, this.#mid[order] ?? 0);
    this.#before[order] = this.#heads[slot] ?? 0;
    this.#heads[slot] = order;
  }

  #grow(): void {
    const rows = this.#mid.length * 2;
    this.#address = grown(new Float64Array(rows), this.#address);
    this.#mid = grown(new Float64Array(rows), this.#mid);
    this.#appliance = grown(new Uint16Array(rows), this.#appliance);
    this.#borrows = grown(new Uint8Array(rows), this.#borrows);
    this.#before = new Uint32Array(rows);
    this.#heads = new Uint32Array(rows * 2);
    for (let order = 1; order <= this.#count; order++) this.#enter(order);
  }

  /** All uses of a MID by order, the youngest first. */
  uses(appliance: ApplianceState, mid: number): number[] {
    const index = this.#indexes.get(appliance);
    if (index === undefined) return [];
    const found: number[] = [];
    for (let order = this.#heads[this.#slot(index, mid)] ?? 0; order > 0; order = this.#before[order] ?? 0) {
      if (this.#mid[order] === mid && this.#appliance[order] === index) found.push(order);
    }
    return found;
  }

  /** The last use of a MID by order; 0 where there is none. */
  youngest(appliance: ApplianceState, mid: number): number {
    const index = this.#indexes.get(appliance);
    if (index === undefined) return 0;
    for (let order = this.#heads[this.#slot(index, mid)] ?? 0; order > 0; order = this.#before[order] ?? 0) {
      if (this.#mid[order] === mid && this.#appliance[order] === index) return order;
    }
    return 0;
  }

  awake(order: number): MessageRecord | null {
    return this.#awake.get(order) ?? null;
  }

  /** Of deliveries only those to a quarantine elsewhere matter. */
  ofDelivery(appliance: ApplianceState, entry: DeliveryEntry & { readonly dcid: number | null }, line: LineId): void {
    if (entry.kind === 'dcid-open') {
      if (this.#remotes.size === MAX_REMOTES) this.#remotes.clear();
      this.#remotes.set(keyOf(this.#indexOf(appliance), entry.dcid ?? 0), entry);
    } else if (entry.kind === 'dcid-start' || entry.kind === 'dcid-done') {
      const remote = this.#remotes.size === 0 ? null : (this.#remotes.get(keyOf(this.#indexOf(appliance), entry.dcid ?? 0)) ?? null);
      if (goesToQuarantine(entry, remote?.remotePort ?? null)) appliance.messages.get(entry.mid)?.handOver(line, entry.dcid, remote?.remoteIp ?? null);
    } else if (entry.kind === 'dcid-close') this.#remotes.delete(keyOf(this.#indexOf(appliance), entry.dcid ?? 0));
  }

  /** Nobody may hold the message afterwards. */
  put(message: MessageRecord): void {
    const { order, handedOver } = message;
    this.#awake.delete(order);
    const lines = message.marked;
    const known = this.#known.get(message);
    this.#known.delete(message);
    if (known?.lines === lines.length) {
      this.#address[order] = known.address + 1;
      return;
    }
    const opened = message.injection?.openedId ?? null;
    this.#borrows[order] = opened === null ? 0 : 1;
    this.#address[order] = this.#places.put(opened === null ? lines : [opened * 2, ...lines]) + 1;
    if (handedOver?.dcid) this.#handed.set(order, { dcid: handedOver.dcid, remoteIp: handedOver.remoteIp });
  }

  /** The message as it was; null where it is not at rest. */
  wake(order: number): MessageRecord | null {
    const address = (this.#address[order] ?? 0) - 1;
    const appliance = this.#appliances[this.#appliance[order] ?? 0];
    if (order <= 0 || address < 0 || !appliance) return null;
    const { table } = this.#store;
    const lines = this.#places.get(address);
    const opened = this.#borrows[order] === 1 ? lines.shift() : undefined;
    const [first] = lines;
    if (first === undefined) return null;
    const message = new MessageRecord(this.#store, appliance, this.#mid[order] ?? 0, lineOf(first), order);
    for (const marked of lines) {
      const id = lineOf(marked);
      message.add(id, isTelling(marked));
      const entry = table.entry(id);
      if (entry) refold(message, entry, id, this.#handed.get(order) ?? null);
    }
    if (opened !== undefined && message.icid !== null) message.injection = this.#injectionOf(appliance, message.icid, lineOf(opened));
    this.#address[order] = 0;
    this.#awake.set(order, message);
    this.#known.set(message, { address, lines: lines.length });
    return message;
  }

  /** The connection that began with this line. */
  #injectionOf(appliance: ApplianceState, icid: number, line: number): InjectionRecord {
    const { table } = this.#store;
    const known = appliance.injections.get(icid);
    const { number } = table.rowView(line);
    if (known?.openedId !== null && known !== undefined && table.rowView(known.openedId).number === number) return known;
    const injection = new InjectionRecord(this.#store, appliance, icid, line);
    injection.add(line);
    const entry = table.entry(line);
    if (entry?.kind === 'icid-open') injection.apply(entry, line);
    return injection;
  }
}

function keyOf(appliance: number, dcid: number): number {
  return appliance * 2 ** 36 + (dcid % 2 ** 36);
}

function grown<T extends Float64Array | Uint16Array | Uint32Array | Uint8Array>(made: T, old: T): T {
  made.set(old);
  return made;
}
