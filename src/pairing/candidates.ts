import { SECOND_US } from '../model/units.ts';
import { compare, type AddressPolicy, type Likeness } from './likeness.ts';
import { within, type LogIndex } from './log-index.ts';
import { fitTimes, type ClockFrame, type TimeFit } from './timing.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';
import { kindsOf, namedPartners } from './vote.ts';

/** A captured session and a log session that may be the same. */
export interface Candidate {
  readonly captured: CapturedTraits;
  readonly logged: LoggedSession;
  readonly likeness: Likeness;
  readonly times: TimeFit;
  /** All points together; pairs below `LEAST_POINTS` are none. */
  points: number;
  /** What the order of accepting adds to `points`. */
  orderPoints: number;
}

/** Address and opening time alone reach this; content without an address must agree in most of what there is. */
export const LEAST_POINTS = 9;
/** Log sessions looked at for one captured session by one key; beyond it the nearest in time are taken and `crowded` is said. */
const MOST_LOOKED_AT = 96;
const EARLY_US = 1.3 * SECOND_US;
const LATE_US = 8 * SECOND_US;

/** What the clocks and addresses are taken to be while candidates are looked for. */
export interface Frame extends ClockFrame {
  readonly addresses: AddressPolicy;
  /** Addresses in the log under which a captured one is known to appear (network address translation). */
  aliases(capturedIp: string): readonly string[];
}

export interface CandidateSearch {
  readonly candidates: readonly Candidate[];
  /** Not all that could be partners were looked at. */
  readonly crowded: boolean;
}

/** All log sessions that a captured session may be, at the clock offset of `frame`. */
export function findCandidates(captured: CapturedTraits, index: LogIndex, frame: Frame): CandidateSearch {
  const looked = new Set<LoggedSession>(namedPartners(captured, index));
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
        const { found, cut } = within(list, fromUs, opened ? openToUs : lifeToUs, MOST_LOOKED_AT, captured.acceptUs + shiftUs);
        crowded ||= cut;
        for (const session of found) looked.add(session);
      }
    }
  }
  const weighed: Weighed[] = [];
  for (const logged of looked) {
    const one = weigh(captured, logged, frame);
    if (one) weighed.push(one);
  }
  const candidates = weighed
    .map((one): Candidate => ({ captured, ...one, points: one.points - crowding(one, weighed), orderPoints: 0 }))
    .filter((candidate) => candidate.points >= LEAST_POINTS)
    .sort((a, b) => b.points - a.points || a.logged.id - b.logged.id);
  return { candidates, crowded };
}

/** No session outlives this by far: twice the default total time limit for inbound connections. */
const LONGEST_SESSION_US = 1800 * SECOND_US;
const TALKS_TRIED = 3;
/** Points lost for each doubling of the log sessions that content cannot tell from this one: among many, one fits by accident. */
const CROWDING = 2;

type Weighed = Pick<Candidate, 'logged' | 'likeness' | 'times' | 'points'>;

function weigh(captured: CapturedTraits, logged: LoggedSession, frame: Frame): Weighed | null {
  const likeness = compare(captured, logged, frame.addresses);
  if (likeness.contradicted) return null;
  const times = fitTimes(captured, logged, likeness.alignment, frame);
  // "Settles the pair unless address or time contradict": even the MID in the reply does not bridge impossible times.
  if (times.impossible || (times.compared === 0 && likeness.identity === null)) return null;
  return { logged, likeness, times, points: likeness.points + times.points };
}

function crowding(one: Weighed, all: readonly Weighed[]): number {
  if (one.likeness.identity !== null) return 0;
  let alike = 0;
  for (const other of all) if (other !== one && other.likeness.contentPoints >= one.likeness.contentPoints - 1) alike++;
  return CROWDING * Math.log2(1 + alike);
}
