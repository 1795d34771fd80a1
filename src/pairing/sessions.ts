import type { DeliveryHistory, InjectionHistory, MailLog, MessageHistory } from '../model/maillog.ts';
import type { CapturedSession, Pair, Session } from '../model/pairing.ts';
import type { Doubt } from './assign.ts';
import type { Decision } from './pool.ts';
import { describeDoubt, describePair } from './describe-pair.ts';
import type { CapturedTraits, HistoryKind, LoggedSession } from './traits.ts';

/** What became of a captured session. */
export interface CapturedFate {
  readonly decision?: Decision;
  readonly doubt?: Doubt;
}

/** The captured sessions, in their order, with what the log knows of them. */
export function capturedSessions(traits: readonly CapturedTraits[], fates: ReadonlyMap<CapturedTraits, CapturedFate>, log: MailLog | null): Session[] {
  return traits.map((one): Session => {
    const fate = fates.get(one);
    const logged = fate?.decision?.candidate.logged ?? null;
    const pair = fate?.decision ? describePair(fate.decision) : fate?.doubt ? describeDoubt(fate.doubt) : null;
    return new PairedSession(logged, one.session, logged ? directionOf(logged) : one.direction, pair, log);
  });
}

/** The log sessions that no captured one was joined with, in order of their first lines. */
export function loggedSessions(logged: readonly LoggedSession[], joined: ReadonlySet<LoggedSession>, log: MailLog | null): Session[] {
  return logged
    .filter((session) => !joined.has(session))
    .sort((a, b) => a.firstUs - b.firstUs || a.id - b.id || (a.kind < b.kind ? 1 : -1))
    .map((session) => new PairedSession(session, null, directionOf(session), null, log));
}

function directionOf(logged: LoggedSession): Session['direction'] {
  return logged.kind === 'icid' ? 'inbound' : 'outbound';
}

/** Knows where its histories stand in the log: they are made when somebody asks. */
class PairedSession implements Session {
  readonly direction: Session['direction'];
  readonly captured: CapturedSession | null;
  readonly pair: Pair | null;
  readonly #kind: HistoryKind | null;
  readonly #place: number;
  readonly #log: MailLog | null;

  constructor(logged: LoggedSession | null, captured: CapturedSession | null, direction: Session['direction'], pair: Pair | null, log: MailLog | null) {
    this.direction = direction;
    this.captured = captured;
    this.pair = pair;
    this.#kind = logged?.kind ?? null;
    this.#place = logged?.place ?? 0;
    this.#log = log;
  }

  get injection(): InjectionHistory | null {
    return this.#kind === 'icid' ? (this.#log?.injections.at(this.#place) ?? null) : null;
  }

  get delivery(): DeliveryHistory | null {
    return this.#kind === 'dcid' ? (this.#log?.deliveries.at(this.#place) ?? null) : null;
  }

  get messages(): readonly MessageHistory[] {
    const history = this.injection ?? this.delivery;
    return history?.mids.map((mid) => this.#log?.message(history.appliance, mid, history.last) ?? null).filter((found) => found !== null) ?? [];
  }
}
