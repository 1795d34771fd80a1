import type { NumberColumn } from '../model/number-column.ts';
import type { Depot } from '../model/octet-store.ts';
import type { CapturedList, CapturedSession } from '../model/pairing.ts';
import type { EpochUs } from '../model/units.ts';
import { DetailShelf, type Kept, Objects } from './detail-shelf.ts';
import { SharedTexts } from './shared-texts.ts';
import { ChosenTraits, countTo } from './traits-list.ts';
import type { CapturedTraits } from './traits.ts';

type CapturedDetails = Omit<
  CapturedTraits,
  'index' | 'session' | 'direction' | 'originatorIp' | 'responderIp' | 'sawOpen' | 'accepted' | 'firstUs' | 'acceptUs' | 'lastUs' | 'namesMessages'
>;

/** Field by field: what is left over by a pattern (`...rest`) is an object with a hidden class of its own. */
function detailsOfCaptured(traits: NewTraits): CapturedDetails {
  return {
    responderPort: traits.responderPort,
    open: traits.open,
    endUs: traits.endUs,
    endNoticedUs: traits.endNoticedUs,
    quitUs: traits.quitUs,
    quitAnswered: traits.quitAnswered,
    heloName: traits.heloName,
    greetingCode: traits.greetingCode,
    readable: traits.readable,
    tls: traits.tls,
    tlsEstablished: traits.tlsEstablished,
    encryptedOctets: traits.encryptedOctets,
    encryptedTurns: traits.encryptedTurns,
    talks: traits.talks,
  };
}

/** Before it is known which addresses are the appliance's. */
export type NewTraits = Omit<CapturedTraits, 'index' | 'session' | 'direction'>;

/** Captured sessions in a few columns: by what they are found stays at hand, the details are on a shelf. */
export class CapturedTable {
  readonly #list: CapturedList;
  readonly shelf: DetailShelf<CapturedDetails>;
  readonly firstUs: NumberColumn;
  readonly addresses: NumberColumn;
  readonly acceptUs: NumberColumn;
  readonly lastUs: NumberColumn;
  readonly originatorIps: NumberColumn;
  readonly responderIps: NumberColumn;
  /** Places in the list of all that were captured. */
  readonly places: NumberColumn;
  /** Bits: saw the opening, accepted, names messages, inbound, outbound. */
  readonly flags: NumberColumn;
  readonly texts = new SharedTexts();
  readonly #objects = new Objects((index) => new KeptCaptured(this, index));

  constructor(sessions: CapturedList, depot: Depot) {
    this.#list = sessions;
    this.shelf = new DetailShelf(depot.newShelf<CapturedDetails>());
    this.addresses = depot.newColumn(8);
    this.firstUs = depot.newColumn(8);
    this.acceptUs = depot.newColumn(8);
    this.lastUs = depot.newColumn(8);
    this.originatorIps = depot.newColumn(4);
    this.responderIps = depot.newColumn(4);
    this.places = depot.newColumn(4);
    this.flags = depot.newColumn(1);
  }

  /** The next session; `place`: in the list of all. */
  add(place: number, traits: NewTraits): void {
    this.places.add(place);
    this.firstUs.add(traits.firstUs);
    this.acceptUs.add(traits.acceptUs);
    this.lastUs.add(traits.lastUs);
    this.originatorIps.add(this.texts.numberOf(traits.originatorIp));
    this.responderIps.add(this.texts.numberOf(traits.responderIp));
    this.flags.add(bit(traits.sawOpen, 0) | bit(traits.accepted, 1) | bit(traits.namesMessages, 2));
    this.addresses.add(this.shelf.keep(detailsOfCaptured(traits)));
  }

  /** Tells who called whom. */
  orient(appliance: ReadonlySet<string>): void {
    const own = new Set([...appliance].map((address) => this.texts.find(address)));
    for (let at = 0; at < this.length; at++) {
      const flags = this.flags.get(at);
      if (own.has(this.responderIps.get(at))) this.flags.set(at, flags | INBOUND);
      else if (own.has(this.originatorIps.get(at))) this.flags.set(at, flags | OUTBOUND);
    }
  }

  get length(): number {
    return this.places.length;
  }

  hasEnd(address: string): boolean {
    return this.texts.find(address) !== null;
  }

  /** As captured, in their order. */
  get sessions(): Iterable<CapturedSession> {
    return this.#captured();
  }

  *#captured(): Generator<CapturedSession> {
    for (let at = 0; at < this.length; at++) yield this.sessionAt(at);
  }

  sessionAt(index: number): CapturedSession {
    const session = this.#list.at(this.places.get(index));
    if (!session) throw new RangeError('a session beyond the last');
    return session;
  }

  /** From the first packet to the last; infinite where there are none. */
  get span(): { readonly fromUs: EpochUs; readonly toUs: EpochUs } {
    let [fromUs, toUs] = [Infinity, -Infinity];
    for (const atUs of this.firstUs) fromUs = Math.min(fromUs, atUs);
    for (const atUs of this.lastUs) toUs = Math.max(toUs, atUs);
    return { fromUs, toUs };
  }

  /** Nothing is asked for any more but the session, its beginning and its direction. */
  forgetDetails(): void {
    this.shelf.clear();
    this.#objects.clear();
    for (const column of [this.addresses, this.acceptUs, this.lastUs, this.originatorIps, this.responderIps]) column.clear();
  }

  /** All in order of their beginning. */
  get all(): ChosenTraits<CapturedTraits> {
    const { firstUs } = this;
    const streamOf = (index: number): number => this.sessionAt(index).connection.stream;
    const ordered = countTo(this.length).sort((a, b) => firstUs.get(a) - firstUs.get(b) || streamOf(a) - streamOf(b) || a - b);
    return new ChosenTraits((index) => this.#objects.of(index), ordered);
  }
}

const INBOUND = 8;
const OUTBOUND = 16;

function bit(value: boolean, place: number): number {
  return value ? 1 << place : 0;
}

class KeptCaptured implements CapturedTraits, Kept<CapturedDetails> {
  readonly index: number;
  unpacked: CapturedDetails | null = null;
  readonly #table: CapturedTable;

  constructor(table: CapturedTable, index: number) {
    this.#table = table;
    this.index = index;
  }

  get session(): CapturedSession {
    return this.#table.sessionAt(this.index);
  }
  get direction(): CapturedTraits['direction'] {
    const flags = this.#flags;
    return (flags & INBOUND) !== 0 ? 'inbound' : (flags & OUTBOUND) !== 0 ? 'outbound' : 'unknown';
  }
  get originatorIp(): string {
    return this.#table.texts.of(this.#table.originatorIps.get(this.index)) ?? '';
  }
  get sawOpen(): boolean {
    return (this.#flags & 1) !== 0;
  }
  get accepted(): boolean {
    return (this.#flags & 2) !== 0;
  }
  get namesMessages(): boolean {
    return (this.#flags & 4) !== 0;
  }
  get firstUs(): EpochUs {
    return this.#table.firstUs.get(this.index);
  }
  get acceptUs(): EpochUs {
    return this.#table.acceptUs.get(this.index);
  }
  get lastUs(): EpochUs {
    return this.#table.lastUs.get(this.index);
  }
  get responderIp(): string {
    return this.#table.texts.of(this.#table.responderIps.get(this.index)) ?? '';
  }
  get responderPort(): number {
    return this.#details.responderPort;
  }
  get open(): CapturedTraits['open'] {
    return this.#details.open;
  }
  get endUs(): EpochUs | null {
    return this.#details.endUs;
  }
  get endNoticedUs(): EpochUs | null {
    return this.#details.endNoticedUs;
  }
  get quitUs(): EpochUs | null {
    return this.#details.quitUs;
  }
  get quitAnswered(): boolean {
    return this.#details.quitAnswered;
  }
  get heloName(): CapturedTraits['heloName'] {
    return this.#details.heloName;
  }
  get greetingCode(): number | null {
    return this.#details.greetingCode;
  }
  get readable(): boolean {
    return this.#details.readable;
  }
  get tls(): CapturedTraits['tls'] {
    return this.#details.tls;
  }
  get tlsEstablished(): boolean {
    return this.#details.tlsEstablished;
  }
  get encryptedOctets(): number | null {
    return this.#details.encryptedOctets;
  }
  get encryptedTurns(): CapturedTraits['encryptedTurns'] {
    return this.#details.encryptedTurns;
  }
  get talks(): CapturedTraits['talks'] {
    return this.#details.talks;
  }

  get #flags(): number {
    return this.#table.flags.get(this.index);
  }

  get #details(): CapturedDetails {
    return this.unpacked ?? this.#table.shelf.unpack(this, this.#table.addresses.get(this.index));
  }
}
