import type { NewShelf } from '../model/octet-store.ts';
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
  readonly firstUs: Float64Array;
  addresses: Float64Array;
  acceptUs: Float64Array;
  lastUs: Float64Array;
  originatorIps: Uint32Array;
  responderIps: Uint32Array;
  /** Places in the list of all that were captured. */
  readonly places: Uint32Array;
  /** Bits: saw the opening, accepted, names messages, inbound, outbound. */
  readonly flags: Uint8Array;
  readonly texts = new SharedTexts();
  readonly #objects = new Objects((index) => new KeptCaptured(this, index));
  #count = 0;

  constructor(sessions: CapturedList, newShelf: NewShelf) {
    const rows = sessions.length;
    this.#list = sessions;
    this.shelf = new DetailShelf(newShelf<CapturedDetails>());
    this.addresses = new Float64Array(rows);
    this.firstUs = new Float64Array(rows);
    this.acceptUs = new Float64Array(rows);
    this.lastUs = new Float64Array(rows);
    this.originatorIps = new Uint32Array(rows);
    this.responderIps = new Uint32Array(rows);
    this.places = new Uint32Array(rows);
    this.flags = new Uint8Array(rows);
  }

  /** The next session; `place`: in the list of all. */
  add(place: number, traits: NewTraits): void {
    const at = this.#count++;
    this.places[at] = place;
    this.firstUs[at] = traits.firstUs;
    this.acceptUs[at] = traits.acceptUs;
    this.lastUs[at] = traits.lastUs;
    this.originatorIps[at] = this.texts.numberOf(traits.originatorIp);
    this.responderIps[at] = this.texts.numberOf(traits.responderIp);
    this.flags[at] = bit(traits.sawOpen, 0) | bit(traits.accepted, 1) | bit(traits.namesMessages, 2);
    this.addresses[at] = this.shelf.keep(detailsOfCaptured(traits));
  }

  /** Tells who called whom. */
  orient(appliance: ReadonlySet<string>): void {
    const own = new Set([...appliance].map((address) => this.texts.find(address)));
    for (let at = 0; at < this.#count; at++) {
      const flags = this.flags[at] ?? 0;
      if (own.has(this.responderIps[at] ?? 0)) this.flags[at] = flags | INBOUND;
      else if (own.has(this.originatorIps[at] ?? 0)) this.flags[at] = flags | OUTBOUND;
    }
  }

  get length(): number {
    return this.#count;
  }

  hasEnd(address: string): boolean {
    return this.texts.find(address) !== null;
  }

  /** As captured, in their order. */
  get sessions(): Iterable<CapturedSession> {
    return this.#captured();
  }

  *#captured(): Generator<CapturedSession> {
    for (let at = 0; at < this.#count; at++) yield this.sessionAt(at);
  }

  sessionAt(index: number): CapturedSession {
    const session = this.#list.at(this.places[index] ?? 0);
    if (!session) throw new RangeError('a session beyond the last');
    return session;
  }

  /** From the first packet to the last; infinite where there are none. */
  get span(): { readonly fromUs: EpochUs; readonly toUs: EpochUs } {
    return {
      fromUs: this.firstUs.reduce((least, atUs) => Math.min(least, atUs), Infinity),
      toUs: this.lastUs.reduce((most, atUs) => Math.max(most, atUs), -Infinity),
    };
  }

  /** Nothing is asked for any more but the session, its beginning and its direction. */
  forgetDetails(): void {
    this.shelf.clear();
    this.#objects.clear();
    this.addresses = this.acceptUs = this.lastUs = new Float64Array(0);
    this.originatorIps = this.responderIps = new Uint32Array(0);
  }

  /** All in order of their beginning. */
  get all(): ChosenTraits<CapturedTraits> {
    const { firstUs } = this;
    const streamOf = (index: number): number => this.sessionAt(index).connection.stream;
    const ordered = countTo(this.#count).sort((a, b) => (firstUs[a] ?? 0) - (firstUs[b] ?? 0) || streamOf(a) - streamOf(b) || a - b);
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
    return this.#table.texts.of(this.#table.originatorIps[this.index] ?? 0) ?? '';
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
    return this.#table.firstUs[this.index] ?? 0;
  }
  get acceptUs(): EpochUs {
    return this.#table.acceptUs[this.index] ?? 0;
  }
  get lastUs(): EpochUs {
    return this.#table.lastUs[this.index] ?? 0;
  }
  get responderIp(): string {
    return this.#table.texts.of(this.#table.responderIps[this.index] ?? 0) ?? '';
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
    return this.#table.flags[this.index] ?? 0;
  }

  get #details(): CapturedDetails {
    return this.unpacked ?? this.#table.shelf.unpack(this, this.#table.addresses[this.index] ?? 0);
  }
}
