import { partitionPoint } from '../model/bisect.ts';
import type { NewColumn } from '../model/number-column.ts';
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
  /** Indexes of the sessions that accepted a message of this MID. */
  acceptedBy(mid: number): readonly number[];
  /** Whether several sessions have a message of this Message-ID. */
  sharesMessageId(kind: HistoryKind, messageId: string): boolean;
  /** The first so many. */
  byMessageId(kind: HistoryKind, messageId: string, most: number): readonly LoggedSession[];
  /** `opened`: sessions whose opening line is in the log, by its time; else those without, by their first line. */
  byPeer(kind: HistoryKind, ip: string, opened: boolean): TimedList | null;
  bySender(kind: HistoryKind, sender: string, opened: boolean): TimedList | null;
}

/** Whom a session is listed under when it has more messages than anyone reads: the first ones. */
const MESSAGES_INDEXED = 50;

/** What the log sessions of one appliance are found by. */
export class LogKeys {
  /** Twice the session's index, and one more where it accepted the message. */
  readonly #byMid: KeyedLists;
  readonly #byMessageId: KeyedLists;
  readonly #byPeer: KeyedLists;
  readonly #bySender: KeyedLists;

  constructor(newColumn: NewColumn) {
    this.#byMid = new KeyedLists(newColumn);
    this.#byMessageId = new KeyedLists(newColumn);
    this.#byPeer = new KeyedLists(newColumn);
    this.#bySender = new KeyedLists(newColumn);
  }

  add(index: number, { kind, openedUs, peerIp, messages }: Pick<LoggedSession, 'kind' | 'openedUs' | 'peerIp' | 'messages'>): void {
    const [timed, untimed] = [numberOf(kind, openedUs !== null), numberOf(kind, true)];
    if (peerIp !== null) this.#byPeer.add(keyOf(peerIp, timed), index);
    if (kind === 'icid') for (const { mid, doneUs } of messages) this.#byMid.add(mid, index * 2 + (doneUs === null ? 0 : 1));
    for (const { messageId, sender } of messages.slice(0, MESSAGES_INDEXED)) {
      if (messageId !== null) this.#byMessageId.add(keyOf(messageId, untimed), index);
      if (sender !== null) this.#bySender.add(keyOf(sender, timed), index);
    }
  }

  /** All are there. `lookUpUs`: when a session is looked for, by its index. */
  close(sessions: ChosenTraits<LoggedSession>, lookUpUs: (index: number) => EpochUs, idOf: (index: number) => number): LogIndex {
    const order = (a: number, b: number): number => lookUpUs(a) - lookUpUs(b) || idOf(a) - idOf(b) || a - b;
    for (const lists of [this.#byMessageId, this.#byPeer, this.#bySender]) lists.close(order);
    this.#byMid.close((a, b) => order(a >>> 1, b >>> 1));
    const timed = (indexes: Uint32Array): TimedList | null =>
      indexes.length === 0 ? null : { length: indexes.length, timeOf: (at) => lookUpUs(indexes[at] ?? 0), at: (at) => sessions.of(indexes[at] ?? 0) };
    return {
      sessions,
      byReceivedMid: (mid) => {
        const last = this.#byMid.of(mid).at(-1);
        return last === undefined ? null : sessions.of(last >>> 1);
      },
      acceptedBy: (mid) => Array.from(this.#byMid.of(mid)).flatMap((entry) => (entry % 2 === 1 ? entry >>> 1 : [])),
      sharesMessageId: (kind, messageId) => this.#byMessageId.of(keyOf(messageId, numberOf(kind, true))).length > 1,
      byMessageId: (kind, messageId, most) =>
        Array.from(this.#byMessageId.of(keyOf(messageId, numberOf(kind, true))).subarray(0, most), (index) => sessions.of(index)),
      byPeer: (kind, ip, opened) => timed(this.#byPeer.of(keyOf(ip, numberOf(kind, opened)))),
      bySender: (kind, sender, opened) => timed(this.#bySender.of(keyOf(sender, numberOf(kind, opened)))),
    };
  }
}

function numberOf(kind: HistoryKind, opened: boolean): number {
  return (kind === 'icid' ? 0 : 2) + (opened ? 1 : 0);
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
