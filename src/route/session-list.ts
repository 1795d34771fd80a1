import { describeHead, idOf, isSelected, reportSession, selectsAll, spanOf } from '../assembly/index.ts';
import type { Judgement } from '../model/judgement.ts';
import type { OctetStore } from '../model/octet-store.ts';
import type { ClockMap, PairingResult, Session } from '../model/pairing.ts';
import type { RecordList, ReportSession, ReportVerdict } from '../model/report.ts';
import type { Selection } from '../model/settings.ts';
import type { EpochUs } from '../model/units.ts';
import { RecordShelf } from '../vault/index.ts';
import type { JudgedSession } from './judge-sessions.ts';
import { APPLIANCE } from './read-vantages.ts';

/** Address of a verdict that is not known yet. */
const NOWHERE = -1;

/** A session with its name in the report, judged and put into words when asked. */
export class SessionEntry {
  readonly id: string;
  readonly session: Session;
  /** Null where nothing tells. */
  readonly openedUs: EpochUs | null;
  readonly #judged: JudgedSession;
  readonly #clock: ClockMap;
  readonly #verdicts: RecordShelf<ReportVerdict>;
  #verdictAt = NOWHERE;

  constructor(id: string, judged: JudgedSession, clock: ClockMap, verdicts: RecordShelf<ReportVerdict>) {
    this.id = id;
    this.session = judged.session;
    this.openedUs = spanOf(judged.session, clock).openedUs;
    this.#judged = judged;
    this.#clock = clock;
    this.#verdicts = verdicts;
  }

  judge(): Judgement {
    const judgement = this.#judged.judge();
    if (this.#verdictAt === NOWHERE) this.#verdictAt = this.#verdicts.keep(judgement.verdict);
    return judgement;
  }

  report(): ReportSession {
    return reportSession(this.id, this.session, this.judge(), this.#clock);
  }

  /** The verdict alone: it is kept once it is known, because messages cite it. */
  get verdict(): ReportVerdict {
    return this.#verdictAt === NOWHERE ? this.judge().verdict : this.#verdicts.get(this.#verdictAt);
  }

  isSelected(selection: Selection): boolean {
    return selectsAll(selection) || isSelected(selection, this.session, describeHead(this.session), spanOf(this.session, this.#clock));
  }
}

/** Equal ids (counters that were reset) are told apart by a number: counted over all sessions, so that a session has one name whatever is asked for. */
export function nameSessions(judged: readonly JudgedSession[], pairing: PairingResult, store: OctetStore): SessionEntry[] {
  const verdicts = new RecordShelf<ReportVerdict>(store);
  const used = new Map<string, number>();
  const nameNext = (plain: string): string => {
    const times = (used.get(plain) ?? 0) + 1;
    used.set(plain, times);
    return times === 1 ? plain : `${plain}#${times}`;
  };
  const names = new Map(pairing.sessions.map((session) => [session, nameNext(idOf(session, APPLIANCE))]));
  return judged.map((one) => new SessionEntry(names.get(one.session) ?? nameNext(idOf(one.session, one.vantage)), one, pairing.clock, verdicts));
}

/** The contract's order: by opening in whole microseconds, those without one last; then by id. */
export function byOpening(a: SessionEntry, b: SessionEntry): number {
  const apart = instantOf(a) - instantOf(b);
  return Number.isNaN(apart) || apart === 0 ? compare(a.id, b.id) : apart;
}

function instantOf({ openedUs }: SessionEntry): number {
  return openedUs === null || !Number.isFinite(openedUs) ? Infinity : Math.floor(openedUs);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The report's sessions, each judged when its turn comes and not held afterwards. */
export class LazySessions implements RecordList<ReportSession> {
  readonly #entries: readonly SessionEntry[];

  constructor(entries: readonly SessionEntry[]) {
    this.#entries = entries;
  }

  get length(): number {
    return this.#entries.length;
  }

  *[Symbol.iterator](): Iterator<ReportSession> {
    for (const entry of this.#entries) yield entry.report();
  }

  map<U>(change: (record: ReportSession) => U): U[] {
    return this.#entries.map((entry) => change(entry.report()));
  }

  filter(wants: (record: ReportSession) => boolean): ReportSession[] {
    const wanted: ReportSession[] = [];
    for (const record of this) if (wants(record)) wanted.push(record);
    return wanted;
  }

  some(fits: (record: ReportSession) => boolean): boolean {
    return this.#entries.some((entry) => fits(entry.report()));
  }
}
