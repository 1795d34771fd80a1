import { SECOND_US } from '../model/units.ts';
import { Bits } from './bits.ts';
import type { Candidate } from './candidates.ts';
import { firstAt, lookUpTime, type LogIndex, part, type TimedList } from './log-index.ts';
import { compare, type AddressPolicy } from './likeness.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';

/** How likely it is that a session of one side is missing on the other. */
export interface MissRates {
  /** A captured session is not in the log. */
  readonly inLog: number;
  /** A log session, of a client and a time that the capture shows, is not in the capture. */
  readonly inCapture: number;
}

/** Sessions known by name that are needed before their share is believed. */
const ENOUGH = 10;
/** What is expected before anything is known: two in a hundred, as if ten sessions had been seen. */
const EXPECTED = 0.2;
const EXPECTED_OF = 10;

function rate(missing: number, all: number): number {
  return (missing + EXPECTED) / (all + EXPECTED_OF);
}

/** Estimates both rates from sessions whose replies name their MID: they can be looked up, so an absence is an absence. */
export class NamedAbsences {
  readonly #index: LogIndex;
  readonly #offsetUs: number;
  readonly #loggedFromUs: number;
  readonly #loggedToUs: number;
  /** Log sessions with a message that a captured reply names, by index. */
  readonly #named = new Bits();
  #all = 0;
  #missing = 0;

  constructor(index: LogIndex, offsetUs: number) {
    this.#index = index;
    this.#offsetUs = offsetUs;
    [this.#loggedFromUs, this.#loggedToUs] = loggedSpan(index);
  }

  /** One captured session after the other. */
  note({ direction, acceptUs, lastUs, talks }: CapturedTraits): void {
    if (direction === 'outbound') return;
    const mids = talks.flatMap((talk) => talk.acceptedMid ?? []);
    if (mids.length === 0) return;
    for (const mid of mids) for (const logged of this.#index.acceptedBy(mid)) this.#named.add(logged);
    if (acceptUs + this.#offsetUs < this.#loggedFromUs || lastUs + this.#offsetUs > this.#loggedToUs) return;
    this.#all++;
    if (mids.every((mid) => this.#index.byReceivedMid(mid) === null)) this.#missing++;
  }

  /** Null when there are too few. */
  rates(captured: Iterable<CapturedTraits>): MissRates | null {
    let logged = 0;
    let uncaptured = 0;
    const isInCapture = whatCaptureShows(captured, this.#offsetUs);
    for (const session of this.#index.sessions) {
      if (!session.acceptedInClear || !isInCapture(session)) continue;
      logged++;
      if (!this.#named.has(session.index)) uncaptured++;
    }
    return this.#all < ENOUGH || logged < ENOUGH ? null : { inLog: rate(this.#missing, this.#all), inCapture: rate(uncaptured, logged) };
  }
}

/** The same from whatever was joined; sessions that could not be decided count as missing. */
export function missRatesByPairs(captured: Iterable<CapturedTraits>, index: LogIndex, offsetUs: number, decided: Decided): MissRates {
  let [accepted, unlogged, logged, uncaptured] = [0, 0, 0, 0];
  for (const one of captured) {
    if (!one.accepted || one.direction === 'outbound') continue;
    accepted++;
    if (!decided.captured(one.index)) unlogged++;
  }
  const isInCapture = whatCaptureShows(captured, offsetUs);
  for (const one of index.sessions) {
    if (!isInCapture(one)) continue;
    logged++;
    if (!decided.logged(one.index)) uncaptured++;
  }
  return { inLog: rate(unlogged, accepted), inCapture: rate(uncaptured, logged) };
}

/** Tells by index whether a session has a partner. */
export interface Decided {
  captured(index: number): boolean;
  logged(index: number): boolean;
}

function loggedSpan(index: LogIndex): [number, number] {
  let from = Infinity;
  let to = -Infinity;
  for (const session of index.sessions) {
    from = Math.min(from, session.firstUs);
    to = Math.max(to, session.lastUs);
  }
  return [from, to];
}

/** Log sessions that the capture should show: of a client that it shows, begun and ended in its time. */
function whatCaptureShows(captured: Iterable<CapturedTraits>, offsetUs: number): (session: LoggedSession) => boolean {
  let from = Infinity;
  let to = -Infinity;
  const peers = new Set<string>();
  for (const one of captured) {
    from = Math.min(from, one.firstUs);
    to = Math.max(to, one.lastUs);
    peers.add(one.originatorIp);
  }
  return ({ kind, openedUs, lastUs, peerIp }) =>
    kind === 'icid' && openedUs !== null && openedUs > from + offsetUs && lastUs < to + offsetUs && peerIp !== null && peers.has(peerIp);
}

/** Time around a session in which others like it are counted. */
const AROUND_US = 30 * SECOND_US;
/** Two sessions are taken for equally long within this: both stamps are whole seconds. */
const SAME_LENGTH_US = 1.5 * SECOND_US;
/** An opening line fits by accident when it falls into this. */
const FITTING_SECONDS = 1.2;
const LOOKED_AT = 64;

/**
 * How many log sessions, other than the right one, fit a captured session by accident: from how many there are around that time, and how many of them
 * are alike. A pair that fits badly has more chances to be an accident.
 */
export function accidentalFits({ captured, logged, times }: Candidate, index: LogIndex, addresses: AddressPolicy): number {
  if (logged.peerIp === null) return 0;
  const list = index.byPeer(logged.kind, logged.peerIp, true);
  if (!list) return 0;
  const at = lookUpTime(logged);
  const ownPoints = compare(captured, logged, addresses, index).points;
  const lengthUs = captured.endUs === null ? null : captured.endUs - captured.acceptUs;
  const { others, scale } = around(list, at);
  const lengthRoomUs = SAME_LENGTH_US + times.worstSeconds * SECOND_US;
  let alike = 0;
  let all = 0;
  for (const other of others) {
    if (other.index === logged.index) continue;
    all++;
    if (lengthUs !== null && other.openedUs !== null && other.closedUs !== null) {
      if (Math.abs(other.closedUs - other.openedUs - lengthUs) > lengthRoomUs) continue;
    }
    const rival = compare(captured, other, addresses, index);
    if (!rival.contradicted && rival.points >= ownPoints - 1) alike++;
  }
  const perSecond = (all * scale) / ((2 * AROUND_US) / SECOND_US);
  // That none of a few is alike does not mean that none of them could have been.
  const share = (alike + 0.1) / (all + 1);
  return perSecond * (FITTING_SECONDS + 2 * times.worstSeconds) * share;
}

function around(list: TimedList, atUs: number): { others: readonly LoggedSession[]; scale: number } {
  const from = firstAt(list, atUs - AROUND_US);
  const to = firstAt(list, atUs + AROUND_US);
  const count = to - from;
  if (count <= LOOKED_AT) return { others: part(list, from, to), scale: 1 };
  const step = count / LOOKED_AT;
  const others = Array.from({ length: LOOKED_AT }, (_, i) => list.at(from + Math.floor(i * step)));
  return { others, scale: step };
}
