import type { DeliveryHistory, HistoryList, InjectionHistory, MailLog, MessageHistory } from '../model/maillog.ts';
import type { NumberColumn } from '../model/number-column.ts';
import type { Depot, Shelf } from '../model/octet-store.ts';
import type { CapturedSession, Pair, Session, SessionList } from '../model/pairing.ts';
import type { EpochUs } from '../model/units.ts';
import type { AppliancePairs } from './pair-appliance.ts';
import { describeDoubt, describePair } from './describe-pair.ts';
import { isUnexpected } from './plausible.ts';
import { messagesOf } from './message-list.ts';
import type { ChosenTraits } from './traits-list.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';

/** Which log session a captured one is, counted from 1; 0 where none, and which it might have been. */
export class Fates {
  readonly #partners: NumberColumn;
  /** Words of the pair: 0 none; from 1 one of those that many share; below 0 one on the shelf. */
  readonly #words: NumberColumn;
  readonly #joined: NumberColumn;
  readonly #shared: Pair[] = [];
  readonly #numbers = new Map<Pair, number>();
  readonly #shelf: Shelf<Pair>;

  constructor({ newColumn, newShelf }: Depot) {
    this.#partners = newColumn(4);
    this.#words = newColumn(8);
    this.#joined = newColumn(1);
    this.#shelf = newShelf<Pair>();
  }

  /** Pairs of one appliance's log, as far as their captured sessions have no partner. */
  join({ table, decisions, clock }: AppliancePairs): void {
    if (table === null) return;
    const isAlone = decisions.length === 1 && clock !== null && isUnexpected(clock);
    for (let place = 0; place < decisions.length; place++) {
      const row = decisions.rows.get(place);
      const captured = table.capturedOf(row);
      if (this.#partners.get(captured) !== 0) continue;
      const logged = table.loggedOf(row);
      this.#partners.set(captured, logged + 1);
      this.#joined.set(logged, 1);
      const outOrdered = decisions.outOrderedAt(place).map((other) => table.at(other));
      this.#words.set(captured, this.#put(describePair(table.at(row), decisions.margins.get(place), outOrdered, isAlone)));
    }
  }

  /** Doubts about sessions that have no partner, and no doubt so far. */
  doubt({ table, doubts }: AppliancePairs): void {
    if (table === null) return;
    for (const { captured, rivals } of doubts) {
      if (this.#partners.get(captured) === 0 && this.#words.get(captured) === 0) {
        this.#words.set(captured, this.#put(describeDoubt(rivals.map((row) => table.at(row)))));
      }
    }
  }

  #put(pair: Pair): number {
    if (pair.rivals.length > 0) return -1 - this.#shelf.keep(pair);
    const known = this.#numbers.get(pair) ?? this.#shared.push(pair);
    this.#numbers.set(pair, known);
    return known;
  }

  /** Index of the log session; -1 where none is known. */
  partnerOf(captured: number): number {
    return this.#partners.get(captured) - 1;
  }

  pairOf(captured: number): Pair | null {
    const words = this.#words.get(captured);
    return words < 0 ? this.#shelf.get(-1 - words) : (this.#shared[words - 1] ?? null);
  }

  isJoined(logged: number): boolean {
    return this.#joined.get(logged) === 1;
  }
}

/** What sessions are made from. */
export interface SessionParts {
  readonly captured: ChosenTraits<CapturedTraits>;
  readonly logged: ChosenTraits<LoggedSession>;
  readonly fates: Fates;
  readonly log: MailLog | null;
}

/** The captured sessions, in their order, with what the log knows of them; then the log sessions that none was joined with, in order of their first lines. */
export function listSessions(parts: SessionParts): SessionList {
  const { captured, logged, fates } = parts;
  const alone = logged
    .filter((_, index) => !fates.isJoined(index))
    .sorted((a, b) => a.firstUs - b.firstUs || a.id - b.id || (a.kind === b.kind ? b.index - a.index : a.kind < b.kind ? 1 : -1));
  const makeAt = (place: number): Session => {
    if (place >= captured.length) return fromLog(alone.at(place - captured.length), parts.log);
    const one = captured.at(place);
    const partner = fates.partnerOf(one.index);
    return fromCapture(one, partner < 0 ? null : logged.of(partner), fates.pairOf(one.index), parts.log);
  };
  return new Sessions(makeAt, captured.length + alone.length);
}

function fromCapture(one: CapturedTraits, logged: LoggedSession | null, pair: Pair | null, log: MailLog | null): Session {
  return new PairedSession(logged, one, logged ? directionOf(logged) : one.direction, pair, log);
}

function fromLog(logged: LoggedSession, log: MailLog | null): Session {
  return new PairedSession(logged, null, directionOf(logged), null, log);
}

class Sessions implements SessionList {
  readonly #makeAt: (place: number) => Session;
  /** Places in the list of all; null where this is it. */
  readonly #places: Uint32Array | null;
  readonly length: number;

  constructor(makeAt: (place: number) => Session, length: number, places: Uint32Array | null = null) {
    this.#makeAt = makeAt;
    this.#places = places;
    this.length = length;
  }

  placeOf(place: number): number {
    return this.#places === null ? place : (this.#places[place] ?? 0);
  }

  at(place: number): Session | undefined {
    return place >= 0 && place < this.length ? this.#makeAt(this.placeOf(place)) : undefined;
  }

  *[Symbol.iterator](): Generator<Session> {
    for (let place = 0; place < this.length; place++) yield this.#makeAt(this.placeOf(place));
  }

  map<U>(change: (session: Session) => U): U[] {
    return Array.from(this, change);
  }

  filter(wants: (session: Session) => boolean): SessionList {
    const places: number[] = [];
    for (let place = 0; place < this.length; place++) if (wants(this.#makeAt(this.placeOf(place)))) places.push(this.placeOf(place));
    return new Sessions(this.#makeAt, places.length, Uint32Array.from(places));
  }
}

function directionOf(logged: LoggedSession): Session['direction'] {
  return logged.kind === 'icid' ? 'inbound' : 'outbound';
}

/** Knows where its histories stand in the log: they are made when somebody asks. */
class PairedSession implements Session {
  readonly direction: Session['direction'];
  readonly captured: CapturedSession | null;
  readonly pair: Pair | null;
  readonly logged: LoggedSession | null;
  readonly firstPacketUs: EpochUs | null;
  readonly #log: MailLog | null;
  #messages: HistoryList<MessageHistory> | null = null;

  constructor(logged: LoggedSession | null, one: CapturedTraits | null, direction: Session['direction'], pair: Pair | null, log: MailLog | null) {
    this.direction = direction;
    this.captured = one?.session ?? null;
    this.firstPacketUs = one?.firstUs ?? null;
    this.pair = pair;
    this.logged = logged;
    this.#log = log;
  }

  get injection(): InjectionHistory | null {
    return this.logged?.kind === 'icid' ? (this.#log?.injections.at(this.logged.place) ?? null) : null;
  }

  get delivery(): DeliveryHistory | null {
    return this.logged?.kind === 'dcid' ? (this.#log?.deliveries.at(this.logged.place) ?? null) : null;
  }

  get messages(): HistoryList<MessageHistory> {
    return (this.#messages ??= this.#listMessages());
  }

  #listMessages(): HistoryList<MessageHistory> {
    const history = this.injection ?? this.delivery;
    return history ? messagesOf(history, this.#log) : [];
  }
}
