import type { EpochUs } from '../model/units.ts';
import type { HistoryKind, LoggedSession } from './traits.ts';

/** Log sessions of one key, ordered by when they are looked for: the opening line, else the first one. */
export interface TimedList {
  readonly timesUs: Float64Array;
  readonly sessions: readonly LoggedSession[];
}

/** Finds the log sessions of one appliance by what a capture can tell of them; every look-up is a hash or a bisection. */
export interface LogIndex {
  readonly sessions: readonly LoggedSession[];
  /** The session that received this MID. */
  byReceivedMid(mid: number): LoggedSession | null;
  byMessageId(kind: HistoryKind, messageId: string): readonly LoggedSession[];
  /** `opened`: sessions whose opening line is in the log, by its time; else those without, by their first line. */
  byPeer(kind: HistoryKind, ip: string, opened: boolean): TimedList | null;
  bySender(kind: HistoryKind, sender: string, opened: boolean): TimedList | null;
}

/** Whom a session is listed under when it has more messages than anyone reads: the first ones. */
const MESSAGES_INDEXED = 50;

/** Builds the index. `sessions` must be of one appliance. */
export function indexLog(sessions: readonly LoggedSession[]): LogIndex {
  const ordered = [...sessions].sort((a, b) => lookUpTime(a) - lookUpTime(b) || a.id - b.id);
  const byMid = new Map<number, LoggedSession>();
  const byMessageId = new Map<string, LoggedSession[]>();
  const byPeer = new Map<string, LoggedSession[]>();
  const bySender = new Map<string, LoggedSession[]>();
  for (const session of ordered) {
    const opened = session.openedUs !== null;
    if (session.peerIp !== null) push(byPeer, keyOf(session.kind, session.peerIp, opened), session);
    for (const message of session.messages) if (session.kind === 'icid') byMid.set(message.mid, session);
    for (const message of session.messages.slice(0, MESSAGES_INDEXED)) {
      if (message.messageId !== null) push(byMessageId, keyOf(session.kind, message.messageId, true), session);
      if (message.sender !== null) push(bySender, keyOf(session.kind, message.sender, opened), session);
    }
  }
  const peers = timed(byPeer);
  const senders = timed(bySender);
  return {
    sessions: ordered,
    byReceivedMid: (mid) => byMid.get(mid) ?? null,
    byMessageId: (kind, messageId) => byMessageId.get(keyOf(kind, messageId, true)) ?? [],
    byPeer: (kind, ip, opened) => peers(keyOf(kind, ip, opened)),
    bySender: (kind, sender, opened) => senders(keyOf(kind, sender, opened)),
  };
}

/** The part of `list` with times in `[fromUs, toUs]`, at most `most` of them, those nearest to `nearUs` first in doubt. */
export function within(
  list: TimedList | null,
  fromUs: EpochUs,
  toUs: EpochUs,
  most: number,
  nearUs: EpochUs,
): { found: readonly LoggedSession[]; cut: boolean } {
  if (!list) return { found: [], cut: false };
  let from = lowerBound(list.timesUs, fromUs);
  let to = lowerBound(list.timesUs, toUs + 1);
  if (to - from <= most) return { found: list.sessions.slice(from, to), cut: false };
  const middle = lowerBound(list.timesUs, nearUs);
  from = Math.max(from, Math.min(to - most, middle - (most >> 1)));
  to = Math.min(to, from + most);
  return { found: list.sessions.slice(from, to), cut: true };
}

/** The moment under which a log session is indexed. */
export function lookUpTime(session: LoggedSession): EpochUs {
  return session.openedUs ?? session.firstUs;
}

/** First index whose value is not below `value`. */
export function lowerBound(values: Float64Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function keyOf(kind: HistoryKind, text: string, opened: boolean): string {
  return `${kind === 'icid' ? 'i' : 'd'}${opened ? '+' : '-'}${text}`;
}

function push(map: Map<string, LoggedSession[]>, key: string, session: LoggedSession): void {
  const list = map.get(key);
  if (!list) map.set(key, [session]);
  else if (list.at(-1) !== session) list.push(session);
}

/** Lists are given their column of times when they are first asked for. */
function timed(map: ReadonlyMap<string, LoggedSession[]>): (key: string) => TimedList | null {
  const made = new Map<string, TimedList>();
  return (key) => {
    const known = made.get(key);
    if (known) return known;
    const sessions = map.get(key);
    if (!sessions) return null;
    const list: TimedList = { sessions, timesUs: Float64Array.from(sessions, lookUpTime) };
    made.set(key, list);
    return list;
  };
}
