import type { NewShelf } from '../model/octet-store.ts';
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

/** The same for sessions of the logs. */
export class LoggedTable {
  readonly shelf: DetailShelf<LoggedDetails>;
  addresses: Float64Array;
  readonly ids: Float64Array;
  /** Not a number where the opening line is missing. */
  openedUs: Float64Array;
  firstUs: Float64Array;
  lastUs: Float64Array;
  readonly places: Uint32Array;
  readonly orders: Uint32Array;
  inputs: Uint32Array;
  readonly appliances: Uint32Array;
  peerIps: Uint32Array;
  localIps: Uint32Array;
  /** Bits: a delivery, accepted a message in clear. */
  readonly flags: Uint8Array;
  readonly texts = new SharedTexts();
  readonly #objects = new Objects((index) => new KeptLogged(this, index));
  /** By the number of the appliance; let go when nothing is searched any more. */
  readonly #keys = new Map<number, LogKeys>();
  #count = 0;

  constructor(rows: number, newShelf: NewShelf) {
    this.shelf = new DetailShelf(newShelf<LoggedDetails>());
    this.addresses = new Float64Array(rows);
    this.ids = new Float64Array(rows);
    this.openedUs = new Float64Array(rows);
    this.firstUs = new Float64Array(rows);
    this.lastUs = new Float64Array(rows);
    this.places = new Uint32Array(rows);
    this.orders = new Uint32Array(rows);
    this.inputs = new Uint32Array(rows);
    this.appliances = new Uint32Array(rows);
    this.peerIps = new Uint32Array(rows);
    this.localIps = new Uint32Array(rows);
    this.flags = new Uint8Array(rows);
  }

  /** The next session. */
  add(session: Omit<LoggedSession, 'index'>): void {
    const at = this.#count++;
    this.ids[at] = session.id;
    this.openedUs[at] = session.openedUs ?? Number.NaN;
    this.firstUs[at] = session.firstUs;
    this.lastUs[at] = session.lastUs;
    this.places[at] = session.place;
    this.orders[at] = session.order;
    this.inputs[at] = session.input;
    const appliance = this.texts.numberOf(session.appliance);
    this.appliances[at] = appliance;
    this.peerIps[at] = this.texts.numberOf(session.peerIp);
    this.localIps[at] = this.texts.numberOf(session.localIp);
    this.flags[at] = (session.kind === 'dcid' ? 1 : 0) | (session.acceptedInClear ? 2 : 0);
    this.addresses[at] = this.shelf.keep(detailsOfLogged(session));
    this.#keysOf(appliance).add(at, session);
  }

  #keysOf(appliance: number): LogKeys {
    const known = this.#keys.get(appliance);
    if (known) return known;
    const keys = new LogKeys();
    this.#keys.set(appliance, keys);
    return keys;
  }

  /** The sessions of each appliance, in the order in which appliances were first met. All sessions must be there. */
  indexes(): { readonly appliance: string; readonly index: LogIndex }[] {
    const all = countTo(this.#count);
    const lookUpUs = (at: number): EpochUs => {
      const openedUs = this.openedUs[at] ?? Number.NaN;
      return Number.isNaN(openedUs) ? (this.firstUs[at] ?? 0) : openedUs;
    };
    const found = [...this.#keys].map(([number, keys]) => {
      const mine = this.#keys.size === 1 ? all : all.filter((at) => this.appliances[at] === number);
      const index = keys.close(this.#chosen(mine), lookUpUs, (at) => this.ids[at] ?? 0);
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
    this.addresses = this.openedUs = this.firstUs = this.lastUs = new Float64Array(0);
    this.inputs = this.peerIps = this.localIps = new Uint32Array(0);
  }

  get all(): ChosenTraits<LoggedSession> {
    return this.#chosen(countTo(this.#count));
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
    return ((this.#table.flags[this.index] ?? 0) & 1) === 1 ? 'dcid' : 'icid';
  }
  get id(): number {
    return this.#table.ids[this.index] ?? 0;
  }
  get appliance(): string {
    return this.#table.texts.of(this.#table.appliances[this.index] ?? 0) ?? '';
  }
  get place(): number {
    return this.#table.places[this.index] ?? 0;
  }
  get order(): number {
    return this.#table.orders[this.index] ?? 0;
  }
  get input(): number {
    return this.#table.inputs[this.index] ?? 0;
  }
  get peerIp(): string | null {
    return this.#table.texts.of(this.#table.peerIps[this.index] ?? 0);
  }
  get localIp(): string | null {
    return this.#table.texts.of(this.#table.localIps[this.index] ?? 0);
  }
  get openedUs(): EpochUs | null {
    const atUs = this.#table.openedUs[this.index] ?? Number.NaN;
    return Number.isNaN(atUs) ? null : atUs;
  }
  get firstUs(): EpochUs {
    return this.#table.firstUs[this.index] ?? 0;
  }
  get lastUs(): EpochUs {
    return this.#table.lastUs[this.index] ?? 0;
  }
  get acceptedInClear(): boolean {
    return ((this.#table.flags[this.index] ?? 0) & 2) !== 0;
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

  get #details(): LoggedDetails {
    return this.unpacked ?? this.#table.shelf.unpack(this, this.#table.addresses[this.index] ?? 0);
  }
}
