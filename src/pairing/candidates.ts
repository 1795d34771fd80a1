import { SECOND_US } from '../model/units.ts';
import { compare, type AddressPolicy, type Likeness } from './likeness.ts';
import { within, type LogIndex } from './log-index.ts';
import { fitTimes, type ClockFrame, type TimeFit } from './timing.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';
import { kindsOf, namedPartners } from './vote.ts';

/** A captured session and a log session that may be the same. */
export interface Candidate {
  /** Where it stands in the table of all. */
  readonly row: number;
  readonly captured: CapturedTraits;
  readonly logged: LoggedSession;
  readonly likeness: Omit<Likeness, 'points' | 'contradicted'>;
  readonly times: Omit<TimeFit, 'points' | 'impossible' | 'isLasting'>;
  /** All points together; pairs below `LEAST_POINTS` are none. */
  readonly points: number;
  /** What the order of accepting adds to `points`. */
  readonly orderPoints: number;
}

/** One that is in no table yet. */
export type NewCandidate = Omit<Candidate, 'row'>;

/** Address and opening time alone reach this; content without an address must agree in most of what there is. */
export const LEAST_POINTS = 9;
/** Log sessions looked at for one captured session by one key; where there are more the key is useless and `crowded` is said. */
const MOST_LOOKED_AT = 96;
const EARLY_US = 1.3 * SECOND_US;
const LATE_US = 8 * SECOND_US;
const PROMPT_US = 0.5 * SECOND_US;

/** All that speaks for a candidate. */
export function worth(candidate: Candidate): number {
  return candidate.points + candidate.orderPoints;
}

/** What the clocks and addresses are taken to be while candidates are looked for. */
export interface Frame extends ClockFrame {
  readonly addresses: AddressPolicy;
  /** Addresses in the log under which a captured one is known to appear (network address translation). */
  aliases(capturedIp: string): readonly string[];
  /** Sessions are missing on both sides, so that one may fit by accident whose own partner is not there. */
  readonly gaps: boolean;
}

export interface CandidateSearch {
  readonly candidates: readonly NewCandidate[];
  /** They would be the same whatever is learned about prompt lines. */
  readonly isLasting: boolean;
  /** Would do if there were not so many alike: named when nothing better is found, but never taken. */
  readonly faint: readonly NewCandidate[];
  /** Not all that could be partners were looked at. */
  readonly crowded: boolean;
}

/** The log sessions that share a name with a captured one. */
export interface NamedSearch {
  readonly candidates: readonly NewCandidate[];
  /** They would be the same whatever is learned about addresses and prompt lines. */
  readonly isLasting: boolean;
}

/** The log session whose MID the captured replies name, if that settles it: nothing else needs to be looked for. */
export function findNamed(captured: CapturedTraits, index: LogIndex, frame: Frame): NamedSearch {
  const candidates: NewCandidate[] = [];
  let isLasting = true;
  for (const logged of namedPartners(captured, index)) {
    const one = weigh(captured, logged, index, frame);
    isLasting &&= one.isLasting;
    if (one.isPossible && one.likeness.identity !== null && one.points >= LEAST_POINTS) candidates.push(candidateOf(captured, one, one.points));
  }
  return { candidates: candidates.sort(bestFirst), isLasting };
}

/** The MID in the reply leaves no room for others. */
export function isSettledBy(named: readonly NewCandidate[]): boolean {
  return named.some((candidate) => candidate.likeness.identity === 'mid');
}

/** All log sessions that a captured session may be, at the clock offset of `frame`. */
export function findCandidates(captured: CapturedTraits, index: LogIndex, frame: Frame): CandidateSearch {
  const named = findNamed(captured, index, frame);
  if (isSettledBy(named.candidates)) return { candidates: named.candidates, faint: NONE, crowded: false, isLasting: named.isLasting };
  const { looked, crowded } = lookAround(captured, index, frame);
  const weighed: Weighed[] = [];
  let isLasting = true;
  for (const logged of looked) {
    const one = weigh(captured, logged, index, frame);
    isLasting &&= one.times.isLasting;
    if (one.isPossible && one.points >= LEAST_POINTS) weighed.push(one);
  }
  const candidates: NewCandidate[] = [];
  const faint: NewCandidate[] = [];
  for (const one of weighed) {
    const candidate = candidateOf(captured, one, one.points - crowding(one, weighed, frame.gaps));
    (candidate.points >= LEAST_POINTS ? candidates : faint).push(candidate);
  }
  return { candidates: candidates.sort(bestFirst), faint: faint.length === 0 ? NONE : faint.sort(bestFirst), crowded, isLasting };
}

function bestFirst(a: NewCandidate, b: NewCandidate): number {
  return b.points - a.points || a.logged.id - b.logged.id;
}

const NONE: readonly NewCandidate[] = [];

/** Field by field: V8 gives objects that are spread in the middle of a literal a hidden class each. */
function candidateOf(captured: CapturedTraits, { logged, likeness, times }: Weighed, points: number): NewCandidate {
  return { captured, logged, likeness, times, points, orderPoints: 0 };
}

/** The log sessions of the same address or sender in the captured session's time. */
function lookAround(captured: CapturedTraits, index: LogIndex, frame: Frame): { looked: Iterable<LoggedSession>; crowded: boolean } {
  const looked = new Map<number, LoggedSession>();
  for (const session of namedPartners(captured, index)) looked.set(session.index, session);
  let crowded = false;
  const shiftUs = frame.offsetUs;
  // A capture that begins late shows nothing of the opening: it lies at any time before.
  const fromUs = captured.open.fromUs + shiftUs - frame.uncertaintyUs - (captured.sawOpen ? EARLY_US : LONGEST_SESSION_US);
  const openToUs = captured.open.toUs + shiftUs + frame.uncertaintyUs + LATE_US;
  // A log that begins late, or was searched for some lines only, shows the session anywhere in its life.
  const lifeToUs = Math.max(openToUs, captured.lastUs + shiftUs + frame.uncertaintyUs + LATE_US);
  for (const kind of kindsOf(captured)) {
    if (kind === 'icid' && !captured.accepted) continue;
    const peerIp = kind === 'icid' ? captured.originatorIp : captured.responderIp;
    for (const opened of [true, false]) {
      const lists = [peerIp, ...frame.aliases(peerIp)].map((ip) => index.byPeer(kind, ip, opened));
      for (const talk of captured.talks.slice(0, TALKS_TRIED)) lists.push(index.bySender(kind, talk.sender.text, opened));
      for (const list of lists) {
        const nearUs = captured.acceptUs + shiftUs;
        let { found, cut } = within(list, fromUs, opened ? openToUs : lifeToUs, MOST_LOOKED_AT, nearUs);
        // In a crowd only lines written at once are told apart; where even those are too many, nothing tells the sessions apart.
        if (cut && opened) ({ found, cut } = within(list, fromUs, openToUs - LATE_US + PROMPT_US, MOST_LOOKED_AT, nearUs));
        crowded ||= cut;
        if (cut) continue;
        for (const session of found) if (!looked.has(session.index)) looked.set(session.index, session);
      }
    }
  }
  return { looked: looked.values(), crowded };
}

/** No session outlives this by far: twice the default total time limit for inbound connections. */
const LONGEST_SESSION_US = 1800 * SECOND_US;
const TALKS_TRIED = 3;
/** Points lost for each doubling of the log sessions that fit and that content cannot tell from this one: among many, one fits by accident. */
const CROWDING = 0.5;
/** Where nothing can be read, times and manner must speak for the pair as well: an address alone joins any two sessions of a client. */
const LITTLE_CONTENT = 4;
const LEAST_BESIDE_ADDRESS = 3;
const CROWDING_WITH_GAPS = 2;

interface Weighed extends Pick<Candidate, 'logged' | 'points'> {
  readonly likeness: Likeness;
  readonly times: TimeFit;
  readonly isPossible: boolean;
  /** Nothing that is learned of addresses and prompt lines would weigh it otherwise. */
  readonly isLasting: boolean;
}

const NO_TIMES: TimeFit = { points: 0, fitting: 0, compared: 0, against: 0, worstSeconds: 0, impossible: true, isLasting: true };

function weigh(captured: CapturedTraits, logged: LoggedSession, index: LogIndex, frame: Frame): Weighed {
  const likeness = compare(captured, logged, frame.addresses, index);
  const times = likeness.contradicted ? NO_TIMES : fitTimes(captured, logged, likeness.alignment, frame);
  const points = likeness.points + times.points;
  return {
    logged,
    likeness,
    times,
    points,
    // "Settles the pair unless address or time contradict": even the MID in the reply does not bridge impossible times.
    isPossible: !times.impossible && (likeness.identity !== null || speaksForItself(captured, logged, frame, likeness, times)),
    isLasting: likeness.contradicted || (times.isLasting && likeness.addressAgrees !== false),
  };
}

/** Whether a pair without a name in it has more than an address. */
function speaksForItself(captured: CapturedTraits, logged: LoggedSession, frame: Frame, likeness: Likeness, times: TimeFit): boolean {
  if (times.compared === 0) return false;
  return likeness.contentPoints >= LITTLE_CONTENT || likeness.points + times.points - addressPoints(captured, logged, frame) >= LEAST_BESIDE_ADDRESS;
}

function addressPoints(captured: CapturedTraits, logged: LoggedSession, frame: Frame): number {
  return logged.peerIp === null ? 0 : frame.addresses.weigh(logged.kind === 'icid' ? captured.originatorIp : captured.responderIp, logged.peerIp);
}

function crowding(one: Weighed, all: readonly Weighed[], gaps: boolean): number {
  if (one.likeness.identity !== null) return 0;
  let alike = 0;
  for (const other of all) if (other !== one && other.likeness.contentPoints >= one.likeness.contentPoints - 1) alike++;
  return (gaps ? CROWDING_WITH_GAPS : CROWDING) * Math.log2(1 + alike);
}
