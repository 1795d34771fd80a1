import { describeHead, idOf, isSelected, openingOf, reportSession, spanOf } from '../assembly/index.ts';
import type { Judgement } from '../model/judgement.ts';
import type { Depot } from '../model/octet-store.ts';
import type { ClockMap, PairingResult, Session, SessionList } from '../model/pairing.ts';
import { MadeList, type RecordList } from '../model/record-list.ts';
import type { ReportSession } from '../model/report.ts';
import type { Selection } from '../model/settings.ts';
import { TextIndex } from '../model/text-index.ts';
import type { EpochUs } from '../model/units.ts';
import type { JudgedList, JudgedSession } from './judge-sessions.ts';
import { APPLIANCE } from './read-vantages.ts';
import { Statements } from './statements.ts';

/** Names of sessions: equal ones (counters that were reset) are told apart by a number, counted over all, so that a session has one name whatever is asked for. */
class SessionNames {
  /** By place of those that are not the first of their name. */
  readonly #times = new Map<number, number>();

  constructor(sessions: SessionList) {
    const known = new TextIndex();
    let place = 0;
    for (const session of sessions) {
      const plain = idOf(session, APPLIANCE);
      const same = known.find(plain).filter((other) => isNamed(sessions.at(other), plain));
      if (same.length > 0) this.#times.set(place, same.length + 1);
      known.add(plain, place++);
    }
  }

  nameOf(session: Session, place: number): string {
    const times = this.#times.get(place);
    const plain = idOf(session, APPLIANCE);
    return times === undefined ? plain : `${plain}#${times}`;
  }
}

function isNamed(session: Session | undefined, plain: string): boolean {
  return session !== undefined && idOf(session, APPLIANCE) === plain;
}

/** All sessions with their names in the report, judged and put into words when asked. Of each no more is held than which statement is its verdict's. */
export class NamedSessions {
  readonly #judged: JudgedList;
  readonly #names: SessionNames;
  /** Names of connections that only another vantage point holds, by place. */
  readonly #elsewhere = new Map<number, string>();
  readonly statements: Statements;
  readonly clock: ClockMap;

  constructor(judged: JudgedList, { sessions, clock }: PairingResult, depot: Depot) {
    this.#judged = judged;
    this.#names = new SessionNames(sessions);
    this.statements = new Statements(depot);
    this.clock = clock;
    this.#nameElsewhere();
  }

  #nameElsewhere(): void {
    const used = new Map<string, number>();
    let first = this.length;
    while (first > 0 && this.#judged.at(first - 1)?.place === null) first--;
    for (let place = first; place < this.length; place++) {
      const judged = this.#judged.at(place);
      if (!judged) continue;
      const plain = idOf(judged.session, judged.vantage);
      const times = (used.get(plain) ?? 0) + 1;
      used.set(plain, times);
      this.#elsewhere.set(place, times === 1 ? plain : `${plain}#${times}`);
    }
  }

  get length(): number {
    return this.#judged.length;
  }

  at(place: number): SessionEntry | undefined {
    const judged = this.#judged.at(place);
    return judged && new SessionEntry(this, place, judged);
  }

  nameOf(place: number, judged: JudgedSession): string {
    return judged.place === null ? (this.#elsewhere.get(place) ?? '') : this.#names.nameOf(judged.session, judged.place);
  }

  /** Those that were asked for in the contract's order: by opening in whole microseconds, those without one last; then by name. */
  select(wants: (entry: SessionEntry) => boolean): SessionEntries {
    const opened = new Float64Array(this.length);
    const places: number[] = [];
    for (let place = 0; place < this.length; place++) {
      const entry = this.at(place);
      if (!entry || !wants(entry)) continue;
      opened[place] = instantOf(entry.openedUs);
      places.push(place);
    }
    const nameAt = (place: number): string => this.at(place)?.id ?? '';
    const ordered = Uint32Array.from(places).sort((a, b) => {
      const apart = (opened[a] ?? 0) - (opened[b] ?? 0);
      return Number.isNaN(apart) || apart === 0 ? compare(nameAt(a), nameAt(b)) : apart;
    });
    return new SessionEntries(this, ordered);
  }
}

function instantOf(openedUs: EpochUs | null): number {
  return openedUs === null || !Number.isFinite(openedUs) ? Infinity : Math.floor(openedUs);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A session with its name in the report. */
export class SessionEntry {
  readonly session: Session;
  readonly #named: NamedSessions;
  readonly #place: number;
  readonly #judged: JudgedSession;

  constructor(named: NamedSessions, place: number, judged: JudgedSession) {
    this.session = judged.session;
    this.#named = named;
    this.#place = place;
    this.#judged = judged;
  }

  get id(): string {
    return this.#named.nameOf(this.#place, this.#judged);
  }

  /** Null where nothing tells. */
  get openedUs(): EpochUs | null {
    return openingOf(this.session, this.#named.clock);
  }

  judge(): Judgement {
    const judgement = this.#judged.judge();
    this.#named.statements.keep(this.#place, judgement.verdict.statement);
    return judgement;
  }

  report(): ReportSession {
    return reportSession(this.id, this.session, this.judge(), this.#named.clock);
  }

  /** What its verdict says: kept once it is known. */
  get statement(): string {
    return this.#named.statements.at(this.#place) ?? this.judge().verdict.statement;
  }

  isSelected(selection: Selection): boolean {
    return isSelected(selection, this.session, describeHead(this.session), spanOf(this.session, this.#named.clock));
  }
}

/** Sessions of the report in its order. */
export class SessionEntries implements Iterable<SessionEntry> {
  readonly #named: NamedSessions;
  readonly #places: Uint32Array;
  #byId: TextIndex | null = null;

  constructor(named: NamedSessions, places: Uint32Array) {
    this.#named = named;
    this.#places = places;
  }

  get length(): number {
    return this.#places.length;
  }

  *[Symbol.iterator](): Generator<SessionEntry> {
    for (const place of this.#places) {
      const entry = this.#named.at(place);
      if (entry) yield entry;
    }
  }

  /** By its name. */
  find(id: string): SessionEntry | undefined {
    if (this.#byId === null) {
      this.#byId = new TextIndex();
      for (const place of this.#places) this.#byId.add(this.#named.at(place)?.id ?? '', place);
    }
    for (const place of this.#byId.find(id)) {
      const entry = this.#named.at(place);
      if (entry?.id === id) return entry;
    }
    return undefined;
  }
}

/** The report's sessions, each judged when its turn comes and not held afterwards. */
export function judgedInTurn(entries: SessionEntries, onJudged: (judged: number, of: number) => void = () => undefined): RecordList<ReportSession> {
  return new MadeList(entries.length, function* () {
    let judged = 0;
    for (const entry of entries) {
      yield entry.report();
      onJudged(++judged, entries.length);
    }
  });
}
