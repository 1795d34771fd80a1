import { type NewColumn, NumberColumn } from '../model/number-column.ts';
import type { Depot } from '../model/octet-store.ts';
import type { EpochUs } from '../model/units.ts';
import { DetailShelf, type Kept, Objects } from './detail-shelf.ts';
import { LogKeys, type LogIndex } from './log-index.ts';
import { SharedTexts } from './shared-texts.ts';
import { ChosenTraits, countTo } from './traits-list.ts';
import type { HistoryKind, LoggedSession } from './traits.ts';

type LoggedDetails = Omit<
  LoggedSession,
  'index' | 'kind' | 'id' | 'appliance' | 'place' | 'order' | 'input' | 'peerIp' | 'localIp' | 'openedUs' | 'firstUs' | 'lastUs' | 'acceptedInClear'
>;

function detailsOfLogged(session: Omit<LoggedSession, 'index'>): LoggedDetails {
  return {
    peerPort: session.peerPort,
    brokenUs: session.brokenUs,
    closedUs: session.closedUs,
    lost: session.lost,
    tlsUs: session.tlsUs,
    tlsOk: session.tlsOk,
    heloName: session.heloName,
    refused: session.refused,
    whole: session.whole,
    queuedUs: session.queuedUs,
    messages: session.messages,
  };
}

/** Bits of the flags: a delivery, a message accepted in clear, the opening line is there. */
const DELIVERY = 1;
const ACCEPTED = 2;
const OPENED = 4;

/** The same for sessions of the logs. */
export class LoggedTable {
  readonly shelf: DetailShelf<LoggedDetails>;
  readonly addresses: NumberColumn;
  readonly ids: NumberColumn;
  /** By which they are searched, so that it stays in memory: of the opening line, else of the first one. */
  readonly lookUpUs = new NumberColumn(8);
  readonly firstUs: NumberColumn;
  readonly lastUs: NumberColumn;
  readonly places: NumberColumn;
  readonly orders: NumberColumn;
  readonly inputs: NumberColumn;
  readonly appliances: NumberColumn;
  readonly peerIps: NumberColumn;
  readonly localIps: NumberColumn;
  readonly flags: NumberColumn;
  readonly texts = new SharedTexts();
  readonly #objects = new Objects((index) => new KeptLogged(this, index));
  readonly #newColumn: NewColumn;
  /** By the number of the appliance; let go when nothing is searched any more. */
  readonly #keys = new Map<number, LogKeys>();

  constructor(depot: Depot) {
    this.#newColumn = depot.newColumn;
    this.shelf = new DetailShelf(depot.newShelf<LoggedDetails>());
    this.addresses = depot.newColumn(8);
    this.ids = depot.newColumn(8);
    this.firstUs = depot.newColumn(8);
    this.lastUs = depot.newColumn(8);
    this.places = depot.newColumn(4);
    this.orders = depot.newColumn(4);
    this.inputs = depot.newColumn(4);
    this.appliances = depot.newColumn(4);
    this.peerIps = depot.newColumn(4);
    this.localIps = depot.newColumn(4);
    this.flags = depot.newColumn(1);
  }

  /** The next session. */
  add(session: Omit<LoggedSession, 'index'>): void {
    const at = this.ids.length;
    this.ids.add(session.id);
    this.lookUpUs.add(session.openedUs ?? session.firstUs);
    this.firstUs.add(session.firstUs);
    this.lastUs.add(session.lastUs);
    this.places.add(session.place);
    this.orders.add(session.order);
    this.inputs.add(session.input);
    const appliance = this.texts.numberOf(session.appliance);
    this.appliances.add(appliance);
    this.peerIps.add(this.texts.numberOf(session.peerIp));
    this.localIps.add(this.texts.numberOf(session.localIp));
    this.flags.add((session.kind === 'dcid' ? DELIVERY : 0) | (session.acceptedInClear ? ACCEPTED : 0) | (session.openedUs === null ? 0 : OPENED));
    this.addresses.add(this.shelf.keep(detailsOfLogged(session)));
    this.#keysOf(appliance).add(at, session);
  }

  #keysOf(appliance: number): LogKeys {
    const known = this.#keys.get(appliance);
    if (known) return known;
    const keys = new LogKeys(this.#newColumn);
    this.#keys.set(appliance, keys);
    return keys;
  }

  /** The sessions of each appliance, in the order in which appliances were first met. All sessions must be there. */
  indexes(): { readonly appliance: string; readonly index: LogIndex }[] {
    const all = countTo(this.ids.length);
    const found = [...this.#keys].map(([number, keys]) => {
      const mine = this.#keys.size === 1 ? all : all.filter((at) => this.appliances.get(at) === number);
      const index = keys.close(
        this.#chosen(mine),
        (at) => this.lookUpUs.get(at),
        (at) => this.ids.get(at),
      );
      return { appliance: this.texts.of(number) ?? '', index };
    });
    this.#keys.clear();
    return found;
  }

  #chosen(indexes: Uint32Array): ChosenTraits<LoggedSession> {
    return new ChosenTraits((index) => this.#objects.of(index), indexes);
  }

  /** Nothing is asked for any more but which history it is. */
  forgetDetails(): void {
    this.shelf.clear();
    this.#objects.clear();
    for (const column of [this.addresses, this.lookUpUs, this.firstUs, this.lastUs, this.inputs, this.peerIps, this.localIps]) column.clear();
  }

  get all(): ChosenTraits<LoggedSession> {
    return this.#chosen(countTo(this.ids.length));
  }
}

class KeptLogged implements LoggedSession, Kept<LoggedDetails> {
  readonly index: number;
  unpacked: LoggedDetails | null = null;
  readonly #table: LoggedTable;

  constructor(table: LoggedTable, index: number) {
    this.#table = table;
    this.index = index;
  }

  get kind(): HistoryKind {
    return this.#has(DELIVERY) ? 'dcid' : 'icid';
  }
  get id(): number {
    return this.#table.ids.get(this.index);
  }
  get appliance(): string {
    return this.#table.texts.of(this.#table.appliances.get(this.index)) ?? '';
  }
  get place(): number {
    return this.#table.places.get(this.index);
  }
  get order(): number {
    return this.#table.orders.get(this.index);
  }
  get input(): number {
    return this.#table.inputs.get(this.index);
  }
  get peerIp(): string | null {
    return this.#table.texts.of(this.#table.peerIps.get(this.index));
  }
  get localIp(): string | null {
    return this.#table.texts.of(this.#table.localIps.get(this.index));
  }
  get openedUs(): EpochUs | null {
    return this.#has(OPENED) ? this.#table.lookUpUs.get(this.index) : null;
  }
  get firstUs(): EpochUs {
    return this.#table.firstUs.get(this.index);
  }
  get lastUs(): EpochUs {
    return this.#table.lastUs.get(this.index);
  }
  get acceptedInClear(): boolean {
    return this.#has(ACCEPTED);
  }
  get peerPort(): number | null {
    return this.#details.peerPort;
  }
  get brokenUs(): EpochUs | null {
    return this.#details.brokenUs;
  }
  get closedUs(): EpochUs | null {
    return this.#details.closedUs;
  }
  get lost(): boolean {
    return this.#details.lost;
  }
  get tlsUs(): EpochUs | null {
    return this.#details.tlsUs;
  }
  get tlsOk(): boolean | null {
    return this.#details.tlsOk;
  }
  get heloName(): string | null {
    return this.#details.heloName;
  }
  get refused(): boolean {
    return this.#details.refused;
  }
  get whole(): boolean {
    return this.#details.whole;
  }
  get queuedUs(): EpochUs | null {
    return this.#details.queuedUs;
  }
  get messages(): LoggedSession['messages'] {
    return this.#details.messages;
  }

  #has(flag: number): boolean {
    return (this.#table.flags.get(this.index) & flag) !== 0;
  }

  get #details(): LoggedDetails {
    return this.unpacked ?? this.#table.shelf.unpack(this, this.#table.addresses.get(this.index));
  }
}
