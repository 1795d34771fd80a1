import type { ApplianceState } from '../appliance-state.ts';
import type { NumberColumn } from '../../model/number-column.ts';
import type { NumberIndex } from '../../model/number-index.ts';
import type { Depot } from '../../model/octet-store.ts';
import { goesToQuarantine } from '../delivery-record.ts';
import type { DeliveryEntry } from '../entry.ts';
import { InjectionRecord } from '../injection-record.ts';
import type { LineId } from '../line-table.ts';
import { MessageRecord } from '../message-record.ts';
import { isTelling, type LineStore, lineOf } from '../store.ts';
import { Places } from './places.ts';
import { refold } from './refold.ts';

/** A connection that was made anew from its first line. */
const NO_ORDER = 0;
/** Delivery connections that are open at once; the appliance allows 10,000. */
const MAX_REMOTES = 100_000;

/** The connection that took a message to a quarantine elsewhere. */
interface Handed {
  readonly dcid: number;
  readonly remoteIp: string | null;
}

/** Messages that have fallen silent, as the places of their lines; what a message was is read again when somebody asks. */
export class Resting {
  readonly #store: LineStore;
  readonly #places: Places;
  /** Messages that are not at rest, by order. */
  readonly #awake = new Map<number, MessageRecord>();
  /** Those of them that were at rest before: where, and with how many lines. */
  readonly #known = new Map<MessageRecord, { readonly entry: number; readonly lines: number }>();
  readonly #appliances: ApplianceState[] = [];
  readonly #indexes = new Map<ApplianceState, number>();
  /** By order: where the lines are (twice the address plus one, and one more where the first line of the ICID stands first among them; 0: not at rest), and whose it is. */
  readonly #address: NumberColumn;
  readonly #mid: NumberColumn;
  readonly #appliance: NumberColumn;
  /** Orders by appliance and MID. */
  readonly #uses: NumberIndex;
  /** Whither open delivery connections lead. */
  readonly #remotes = new Map<number, { readonly remoteIp: string; readonly remotePort: number | null }>();

  constructor(store: LineStore, archive: Depot) {
    this.#store = store;
    this.#places = new Places(store.table, archive.store);
    this.#address = archive.newColumn(8);
    this.#mid = archive.newColumn(8);
    this.#appliance = archive.newColumn(4);
    this.#uses = archive.newIndex();
  }

  /** A new message. */
  begin(message: MessageRecord): void {
    const { order, mid, state } = message;
    const appliance = this.#indexOf(state);
    this.#awake.set(order, message);
    this.#mid.set(order, mid);
    this.#appliance.set(order, appliance);
    this.#uses.add(hashOf(appliance, mid), order);
  }

  #indexOf(state: ApplianceState): number {
    const known = this.#indexes.get(state);
    if (known !== undefined) return known;
    const index = this.#appliances.push(state) - 1;
    this.#indexes.set(state, index);
    return index;
  }

  /** All uses of a MID by order, the youngest first. */
  uses(appliance: ApplianceState, mid: number): number[] {
    const index = this.#indexes.get(appliance);
    if (index === undefined) return [];
    return this.#uses.find(hashOf(index, mid)).filter((order) => this.#mid.get(order) === mid && this.#appliance.get(order) === index);
  }

  /** The last use of a MID by order; 0 where there is none. */
  youngest(appliance: ApplianceState, mid: number): number {
    return this.uses(appliance, mid)[0] ?? 0;
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
      this.#address.set(order, known.entry);
      return;
    }
    const opened = message.injection?.openedId ?? null;
    const note = handedOver?.dcid ? JSON.stringify({ dcid: handedOver.dcid, remoteIp: handedOver.remoteIp } satisfies Handed) : '';
    const address = this.#places.put(opened === null ? lines : [opened * 2, ...lines], note);
    this.#address.set(order, address * 2 + (opened === null ? 1 : 2));
  }

  /** The message as it was; null where it is not at rest. */
  wake(order: number): MessageRecord | null {
    const entry = order > 0 ? this.#address.get(order) : 0;
    const appliance = this.#appliances[this.#appliance.get(order)];
    if (entry === 0 || !appliance) return null;
    const { table } = this.#store;
    const { lines, note } = this.#places.get(Math.floor((entry - 1) / 2));
    const opened = entry % 2 === 0 ? lines.shift() : undefined;
    const [first] = lines;
    if (first === undefined) return null;
    const handed = note === '' ? null : (JSON.parse(note) as Handed);
    const message = new MessageRecord(this.#store, appliance, this.#mid.get(order), lineOf(first), order);
    for (const marked of lines) {
      const id = lineOf(marked);
      message.add(id, isTelling(marked));
      const said = table.entry(id);
      if (said) refold(message, said, id, handed);
    }
    if (opened !== undefined && message.icid !== null) message.injection = this.#injectionOf(appliance, message.icid, lineOf(opened));
    this.#address.set(order, 0);
    this.#awake.set(order, message);
    this.#known.set(message, { entry, lines: lines.length });
    return message;
  }

  /** The connection that began with this line. */
  #injectionOf(appliance: ApplianceState, icid: number, line: number): InjectionRecord {
    const { table } = this.#store;
    const known = appliance.injections.get(icid);
    const { number } = table.rowView(line);
    if (known?.openedId !== null && known !== undefined && table.rowView(known.openedId).number === number) return known;
    const injection = new InjectionRecord(this.#store, appliance, icid, line, NO_ORDER);
    injection.add(line);
    const entry = table.entry(line);
    if (entry?.kind === 'icid-open') injection.apply(entry, line);
    return injection;
  }
}

function keyOf(appliance: number, dcid: number): number {
  return appliance * 2 ** 36 + (dcid % 2 ** 36);
}

/** Of numbers that follow one another the hashes do, too. */
function hashOf(appliance: number, mid: number): number {
  return ((mid % 2 ** 32) + Math.imul(appliance, 0x9e3779b1)) >>> 0;
}
