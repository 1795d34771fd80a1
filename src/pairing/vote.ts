import type { Steps } from '../model/steps.ts';
import { SECOND_US, type DurationUs } from '../model/units.ts';
import { EVENT_WEIGHTS, NONE_PROMPT, visitOffsets } from './events.ts';
import { bestOverlap, distanceTo, IntervalSet } from './intervals.ts';
import { compare, type AddressPolicy, type Likeness } from './likeness.ts';
import type { LogIndex } from './log-index.ts';
import { within } from './log-index.ts';
import type { ChosenTraits } from './traits-list.ts';
import { isCredible, isFar, penaltyOf, type OffsetSupport } from './plausible.ts';
import { type AlignedPairs, pairOffset, type PairOffset } from './timing.ts';
import type { CapturedTraits, HistoryKind, LoggedSession } from './traits.ts';

/** A clock offset (log minus capture) that the sessions agree on. */
export interface OffsetVote {
  readonly offsetUs: number;
  readonly uncertaintyUs: DurationUs;
  /** Offsets so far from this one are supported nearly as well; 0 where names settle it. */
  readonly doubtUs: DurationUs;
  readonly support: OffsetSupport;
}

/** The best offset has only repeatable things for it, and is too large for that. */
export interface RefusedOffset {
  readonly refusedUs: number;
}

/** One captured session and one log session that might be the same, as a vote for an offset. */
interface Ballot {
  readonly captured: CapturedTraits;
  readonly logged: LoggedSession;
  readonly likeness: Likeness;
  readonly offset: PairOffset;
  readonly weight: number;
  readonly isUnique: boolean;
  readonly hasOwnMessage: boolean;
}

/** Width of the slots in which offsets are counted first. */
const SLOT_US = 0.5 * SECOND_US;
/** Sessions with a settling identity that are asked; more make the offset no better. */
const WITNESSES = 4_000;
/** Sessions without one, and partners tried for each. */
const LESSER_WITNESSES = 1_500;
const PARTNERS = 200;
/** Enough settled witnesses to ask no lesser ones. */
const SETTLED = 5;
/** Best slots that are looked at before giving up. */
const SLOTS_TRIED = 12;
/** Two offsets so close in points and yet apart in time cannot be told from each other. */
const TIE_POINTS = 0.75;
const TIE_APART_US = 5 * SECOND_US;
const RIVALS_TRIED = 200;
/** The times of a pair must agree among themselves by this share. */
const LEAST_AGREEMENT = 0.6;
/** The same where a name settles the pair: a capture with holes may misplace some events. */
const LEAST_NAMED_AGREEMENT = 0.3;

const EVEN_POLICY: AddressPolicy = { weigh: (a, b) => (a === b ? 3 : 0) };

/** Finds the offset that most captured sessions support. Null when none is credible; `tie` when several fit equally well. */
export function* voteOffset(captured: ChosenTraits<CapturedTraits>, index: LogIndex, zoneKnown: boolean): Steps<OffsetVote | RefusedOffset | 'tie' | null> {
  const ballots = yield* collectBallots(captured, index);
  if (ballots.length === 0) return null;
  const slots = rankSlots(ballots, zoneKnown);
  let refused: RefusedOffset | null = null;
  for (const [place, slot] of slots.slice(0, SLOTS_TRIED).entries()) {
    const centre = (slot.index + 0.5) * SLOT_US;
    const mine = ballots.filter((ballot) => distanceTo(centre, ballot.offset.low, ballot.offset.high) <= SLOT_US);
    const support = supportOf(mine);
    if (!isCredible(centre, zoneKnown, support)) {
      if (isFar(centre, zoneKnown) && support.withContent + support.withMessage > 0) refused ??= { refusedUs: centre };
      continue;
    }
    // A message that is tried again has its Message-ID in every try.
    if (support.withMid + support.withUnique + support.withOwnMessage === 0 && hasRival(slots, place, ballots, zoneKnown)) return 'tie';
    const measured = measureOffset(mine, centre);
    const doubtUs = support.withMid + support.withMessage >= NAMES_FOR_PRECISION ? 0 : plateauOf(slots, slot);
    return measured ? { offsetUs: measured.offsetUs, uncertaintyUs: measured.uncertaintyUs, doubtUs, support } : null;
  }
  return refused;
}

/** Whether another offset, not just the same one measured coarsely, is supported as well and credible. */
function hasRival(slots: readonly Slot[], place: number, ballots: readonly Ballot[], zoneKnown: boolean): boolean {
  const best = slots[place];
  if (!best) return false;
  const close = slots.slice(place + 1).filter((slot) => best.points - slot.points < TIE_POINTS);
  const good = new Set(close.map((slot) => slot.index));
  return close.slice(0, RIVALS_TRIED).some((slot) => {
    if (Math.abs(slot.index - best.index) * SLOT_US <= TIE_APART_US || isPlateau(good, best.index, slot.index)) return false;
    const centre = (slot.index + 0.5) * SLOT_US;
    return isCredible(centre, zoneKnown, supportOf(ballots.filter((ballot) => distanceTo(centre, ballot.offset.low, ballot.offset.high) <= SLOT_US)));
  });
}

/** Whether one slot is reached from the other over good ones only. */
function isPlateau(good: ReadonlySet<number>, from: number, to: number): boolean {
  const step = to > from ? 1 : -1;
  for (let i = from + step; i !== to; i += step) if (!good.has(i)) return false;
  return true;
}

/** The offset and its uncertainty from the lines of pairs that are known. `nearUs` decides between equal majorities. */
export function measureOffset(pairs: AlignedPairs, nearUs: number): { offsetUs: number; uncertaintyUs: number; fitting: number; lines: number } | null {
  const set = new IntervalSet();
  let lines = 0;
  for (let place = 0; place < pairs.length; place++) {
    const pair = pairs.at(place);
    if (!pair) continue;
    const { captured, logged, likeness } = pair;
    visitOffsets(captured, logged, likeness.alignment, NONE_PROMPT, (kind, fullLow, high) => {
      // A busy appliance notices an end late: where the opening tells the time, closing lines only bound it from above.
      const isLateAtWorst = (kind === 'broken' || kind === 'close') && captured.sawOpen && logged.openedUs !== null && high - fullLow < LATE_CLOSING_US;
      const low = isLateAtWorst ? high - LATE_CLOSING_US : fullLow;
      // What the times of a pair say that is wildly elsewhere says nothing here.
      if (distanceTo(nearUs, low, high) > NEAR_US) return;
      lines++;
      set.add(low, high, EVENT_WEIGHTS[kind].vote);
      // A line is usually written at once: where few pairs leave a wide range, the offsets that make it prompt are likelier.
      if (!isLateAtWorst && high - low > 2 * SECOND_US && kind !== 'life' && pairs.length <= FEW_PAIRS) set.add(high - 1.2 * SECOND_US, high, PROMPT_WEIGHT);
    });
  }
  const best = bestOverlap(set, nearUs);
  if (!best) return null;
  let fitting = 0;
  for (let i = 0; i < set.size; i++) {
    if (set.weights[i] !== PROMPT_WEIGHT && (set.lows[i] ?? 0) <= best.low && (set.highs[i] ?? 0) >= best.high) fitting++;
  }
  return { offsetUs: (best.low + best.high) / 2, uncertaintyUs: (best.high - best.low) / 2, fitting, lines };
}

const NEAR_US = 40 * SECOND_US;
/** How late a closing line may be before it says nothing at all. */
const LATE_CLOSING_US = 20 * SECOND_US;
const PROMPT_WEIGHT = 0.3;
const FEW_PAIRS = 3;

/** With so many names among the witnesses, wrong pairs have no say. */
const NAMES_FOR_PRECISION = 3;
/** Slots with this share of the best one's points are nearly as good. */
const NEARLY_AS_GOOD = 0.75;

/** How far the slots beside the best one go that are nearly as good, to the farther side. */
function plateauOf(slots: readonly Slot[], best: Slot): DurationUs {
  const good = new Set(slots.filter((slot) => slot.points >= best.points * NEARLY_AS_GOOD).map((slot) => slot.index));
  let up = 0;
  while (good.has(best.index + up + 1)) up++;
  let down = 0;
  while (good.has(best.index - down - 1)) down++;
  return Math.min(MOST_DOUBT_US, ((Math.max(up, down) + 1) * SLOT_US) / 2);
}

const MOST_DOUBT_US = 2 * SECOND_US;

function* collectBallots(captured: ChosenTraits<CapturedTraits>, index: LogIndex): Steps<Ballot[]> {
  const settled: Ballot[] = [];
  for (const one of sample(
    captured.filter((one) => one.namesMessages),
    WITNESSES,
  )) {
    for (const logged of namedPartners(one, index)) castBallot(one, logged, index, settled);
    yield;
  }
  if (new Set(settled.map((ballot) => ballot.captured.index)).size >= SETTLED) return settled;
  const ballots: Ballot[] = [];
  for (const one of sample(captured, LESSER_WITNESSES)) {
    for (const logged of onceEach([...namedPartners(one, index), ...likelyPartners(one, index)])) castBallot(one, logged, index, ballots);
    yield;
  }
  return ballots;
}

function castBallot(captured: CapturedTraits, logged: LoggedSession, index: LogIndex, ballots: Ballot[]): void {
  const likeness = compare(captured, logged, EVEN_POLICY, index);
  const envelopeAgrees = likeness.basis.includes('MAIL') && likeness.basis.includes('RCPT');
  if (likeness.contradicted || likeness.contentPoints < -3) return;
  if (!likeness.addressAgrees && !envelopeAgrees && !likeness.identity) return;
  const offset = pairOffset(captured, logged, likeness.alignment);
  if (!offset || offset.agreement < (likeness.identity === null ? LEAST_AGREEMENT : LEAST_NAMED_AGREEMENT)) return;
  const sure = likeness.identity === 'mid' ? 30 : likeness.identity === 'message' ? 20 : Math.max(0, Math.min(14, likeness.contentPoints)) * 0.75;
  const weight = sure + (likeness.addressAgrees ? 3 : 0) + Math.min(4, Math.log2(1 + offset.spreadSeconds));
  if (weight <= 0) return;
  const isUnique =
    likeness.basis.includes('response') || (likeness.identity === 'mid' && (likeness.addressAgrees !== false || likeness.basis.includes('MAIL')));
  const hasOwnMessage = likeness.identity === 'message' && captured.talks.some((talk, k) => isOwnMessage(talk.messageId, logged, likeness.alignment[k], index));
  ballots.push({ captured, logged, likeness, offset, weight, isUnique, hasOwnMessage });
}

/** Whether a Message-ID is that of the aligned message and of no other log session. */
function isOwnMessage(messageId: string | null, logged: LoggedSession, at: number | undefined, index: LogIndex): boolean {
  return messageId !== null && logged.messages[at ?? -1]?.messageId === messageId && index.byMessageId(logged.kind, messageId, 2).length === 1;
}

/** Log sessions that share a MID or a Message-ID with the captured one. */
export function namedPartners(captured: CapturedTraits, index: LogIndex): Iterable<LoggedSession> {
  const found: LoggedSession[] = [];
  for (const talk of captured.talks.slice(0, TALKS_TRIED)) {
    if (captured.direction !== 'outbound' && talk.acceptedMid !== null) {
      const session = index.byReceivedMid(talk.acceptedMid);
      if (session) found.push(session);
    }
    if (talk.messageId === null) continue;
    for (const kind of kindsOf(captured)) found.push(...index.byMessageId(kind, talk.messageId, PARTNERS));
  }
  return onceEach(found);
}

/** Each session once, where it came first. */
function onceEach(sessions: readonly LoggedSession[]): Iterable<LoggedSession> {
  return sessions.length < 2 ? sessions : new Map(sessions.map((session) => [session.index, session])).values();
}

const TALKS_TRIED = 20;

/** Which identifiers a captured session can have. */
export function kindsOf(captured: CapturedTraits): readonly HistoryKind[] {
  if (captured.direction === 'inbound') return ['icid'];
  return captured.direction === 'outbound' ? ['dcid'] : ['icid', 'dcid'];
}

function likelyPartners(captured: CapturedTraits, index: LogIndex): LoggedSession[] {
  const found: LoggedSession[] = [];
  for (const kind of kindsOf(captured)) {
    if (kind === 'icid' && !captured.accepted) continue;
    const peer = kind === 'icid' ? captured.originatorIp : captured.responderIp;
    for (const opened of [true, false]) {
      const lists = [index.byPeer(kind, peer, opened), ...captured.talks.slice(0, 3).map((talk) => index.bySender(kind, talk.sender.text, opened))];
      for (const list of lists) found.push(...within(list, -Infinity, Infinity, PARTNERS, captured.acceptUs).found);
    }
  }
  return found;
}

interface Slot {
  readonly index: number;
  readonly points: number;
}

/** Slots by points, best first. A captured session counts once in a slot, whatever the number of partners that would fit there. */
function rankSlots(ballots: readonly Ballot[], zoneKnown: boolean): Slot[] {
  const totals = new Map<number, number>();
  let mine = new Map<number, number>();
  for (const [at, ballot] of ballots.entries()) {
    const to = Math.floor(ballot.offset.high / SLOT_US);
    for (let slot = Math.floor(ballot.offset.low / SLOT_US); slot <= to; slot++) mine.set(slot, Math.max(mine.get(slot) ?? 0, ballot.weight));
    if (ballots[at + 1]?.captured.index === ballot.captured.index) continue;
    for (const [slot, weight] of mine) totals.set(slot, (totals.get(slot) ?? 0) + weight);
    mine = new Map();
  }
  const slots = [...totals].map(([index, weight]): Slot => ({ index, points: weight - penaltyOf((index + 0.5) * SLOT_US, zoneKnown) }));
  return slots.sort((a, b) => b.points - a.points || Math.abs(a.index) - Math.abs(b.index) || a.index - b.index);
}

function supportOf(ballots: readonly Ballot[]): OffsetSupport {
  const best = new Map<number, Ballot>();
  for (const ballot of ballots) {
    const known = best.get(ballot.captured.index);
    if (!known || ballot.weight > known.weight) best.set(ballot.captured.index, ballot);
  }
  const chosen = [...best.values()];
  const times = chosen.map((ballot) => ballot.captured.acceptUs);
  const apart = chosen.length > 1 ? (times.reduce((a, b) => Math.max(a, b)) - times.reduce((a, b) => Math.min(a, b))) / SECOND_US : 0;
  return {
    sessions: chosen.length,
    withContent: chosen.filter(({ likeness }) => likeness.basis.includes('MAIL') && likeness.contentPoints > 0).length,
    withMessage: chosen.filter(({ likeness }) => likeness.identity === 'message').length,
    withMid: chosen.filter(({ likeness }) => likeness.identity === 'mid').length,
    withUnique: chosen.filter((ballot) => ballot.isUnique).length,
    withOwnMessage: chosen.filter((ballot) => ballot.hasOwnMessage).length,
    spreadSeconds: chosen.reduce((most, ballot) => Math.max(most, ballot.offset.spreadSeconds), apart),
  };
}

function sample<T>(list: ChosenTraits<T>, most: number): Iterable<T> {
  if (list.length <= most) return list;
  const step = list.length / most;
  return Array.from({ length: most }, (_, i) => list.at(Math.floor(i * step)));
}
