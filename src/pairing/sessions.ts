import type { LogLine, MessageHistory } from '../model/maillog.ts';
import type { CapturedSession, Pair, Session } from '../model/pairing.ts';
import type { Doubt } from './assign.ts';
import type { Decision } from './pool.ts';
import { describeDoubt, describePair } from './describe-pair.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';

/** What became of a captured session. */
export interface CapturedFate {
  readonly decision?: Decision;
  readonly doubt?: Doubt;
}

type FindMessage = (appliance: string, mid: number, before: LogLine) => MessageHistory | null;

/** The captured sessions, in their order, with what the log knows of them. */
export function capturedSessions(traits: readonly CapturedTraits[], fates: ReadonlyMap<CapturedTraits, CapturedFate>, message: FindMessage): Session[] {
  return traits.map((one): Session => {
    const fate = fates.get(one);
    const logged = fate?.decision?.candidate.logged ?? null;
    const pair = fate?.decision ? describePair(fate.decision) : fate?.doubt ? describeDoubt(fate.doubt) : null;
    return sessionOf(logged, one.session, logged ? directionOf(logged) : one.direction, pair, message);
  });
}

/** The log sessions that no captured one was joined with, in order of their first lines. */
export function loggedSessions(logged: readonly LoggedSession[], joined: ReadonlySet<LoggedSession>, message: FindMessage): Session[] {
  return logged
    .filter((session) => !joined.has(session))
    .sort((a, b) => a.firstUs - b.firstUs || a.id - b.id || (a.kind < b.kind ? 1 : -1))
    .map((session) => sessionOf(session, null, directionOf(session), null, message));
}

function directionOf(logged: LoggedSession): Session['direction'] {
  return logged.kind === 'icid' ? 'inbound' : 'outbound';
}

function sessionOf(
  logged: LoggedSession | null,
  captured: CapturedSession | null,
  direction: Session['direction'],
  pair: Pair | null,
  message: FindMessage,
): Session {
  const injection = logged?.injection ?? null;
  const delivery = logged?.delivery ?? null;
  const history = injection ?? delivery;
  const messages = history?.mids.map((mid) => message(history.appliance, mid, history.last)).filter((found) => found !== null) ?? [];
  return { direction, captured, injection, delivery, messages, pair };
}
