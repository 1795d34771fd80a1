import { partitionPoint } from '../model/bisect.ts';
import type { EpochUs } from '../model/units.ts';
import { keyOf, KeyedLists } from './keyed-lists.ts';
import type { ChosenTraits } from './traits-list.ts';
import type { HistoryKind, LoggedSession } from './traits.ts';

/** Log sessions of one key, ordered by when they are looked for: the opening line, else the first one. */
export interface TimedList {
  readonly length: number;
  timeOf(place: number): EpochUs;
  at(place: number): LoggedSession;
}

/** Finds the log sessions of one appliance by what a capture can tell of them; every look-up is a bisection. */
export interface LogIndex {
  readonly sessions: ChosenTraits<LoggedSession>;
  /** The session that received this MID. */
  byReceivedMid(mid: number): LoggedSession | null;
  /** The first so many. */
  byMessageId(kind: HistoryKind, messageId: string, most: number): readonly LoggedSession[];
  /** `opened`: sessions whose opening line is in the log, by its time; else those without, by their first line. */
  byPeer(kind: HistoryKind, ip: string, opened: boolean): TimedList | null;
  bySender(kind: HistoryKind, sender: string, opened: boolean): TimedList | null;
}

/** Whom a session is listed under when it has more messages than anyone reads: the first ones. */
const MESSAGES_INDEXED = 50;

/** Builds the index. `sessions` must be of one appliance. */
export function indexLog(sessions: ChosenTraits<LoggedSession>): LogIndex {
  const ordered = sessions.sorted((a, b) => lookUpTime(a) - lookUpTime(b) || a.id - b.id);
  const times = new Float64Array(ordered.length);
  const [byMid, byMessageId, byPeer, bySender] = [new KeyedLists(), new KeyedLists(), new KeyedLists(), new KeyedLists()];
  let place = 0;
  for (const session of ordered) {
    const opened = session.openedUs !== null;
    times[place] = lookUpTime(session);
    if (session.peerIp !== null) byPeer.add(textKey(session.kind, session.peerIp, opened), place);
    const { messages } = session;
    for (const message of messages) if (session.kind === 'icid') byMid.add(message.mid, place);
    for (const message of messages.slice(0, MESSAGES_INDEXED)) {
      if (message.messageId !== null) byMessageId.add(textKey(session.kind, message.messageId, true), place);
      if (message.sender !== null) bySender.add(textKey(session.kind, message.sender, opened), place);
    }
    place++;
  }
  for (const lists of [byMid, byMessageId, byPeer, bySender]) lists.close();
  const timed = (places: Uint32Array): TimedList | null =>
    places.length === 0 ? null : { length: places.length, timeOf: (at) => times[places[at] ?? 0] ?? 0, at: (at) => ordered.at(places[at] ?? 0) };
  return {
    sessions: ordered,
    byReceivedMid: (mid) => {
      const last = byMid.of(mid).at(-1);
      return last === undefined ? null : ordered.at(last);
    },
    byMessageId: (kind, messageId, most) => Array.from(byMessageId.of(textKey(kind, messageId, true)).subarray(0, most), (at) => ordered.at(at)),
    byPeer: (kind, ip, opened) => timed(byPeer.of(textKey(kind, ip, opened))),
    bySender: (kind, sender, opened) => timed(bySender.of(textKey(kind, sender, opened))),
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
  let from = firstAt(list, fromUs);
  let to = firstAt(list, toUs + 1);
  if (to - from <= most) return { found: part(list, from, to), cut: false };
  const middle = firstAt(list, nearUs);
  from = Math.max(from, Math.min(to - most, middle - (most >> 1)));
  to = Math.min(to, from + most);
  return { found: part(list, from, to), cut: true };
}

export function part(list: TimedList, from: number, to: number): LoggedSession[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => list.at(from + at));
}

/** The moment under which a log session is indexed. */
export function lookUpTime(session: LoggedSession): EpochUs {
  return session.openedUs ?? session.firstUs;
}

/** First place in the list whose time is not before `atUs`. */
export function firstAt(list: TimedList, atUs: EpochUs): number {
  return partitionPoint(list.length, (place) => list.timeOf(place) < atUs);
}

function textKey(kind: HistoryKind, text: string, opened: boolean): number {
  return keyOf(`${kind === 'icid' ? 'i' : 'd'}${opened ? '+' : '-'}${text}`);
}
