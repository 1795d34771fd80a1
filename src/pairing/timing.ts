import { SECOND_US, type DurationUs } from '../model/units.ts';
import { ALL_PROMPT, EVENT_WEIGHTS, NONE_PROMPT, visitOffsets, type EventKind, type PromptKinds } from './events.ts';
import { bestOverlap, IntervalSet } from './intervals.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';

/** How well the times of a pair fit at a given clock offset. */
export interface TimeFit {
  readonly points: number;
  /** Lines that fit, and lines that could be compared. */
  readonly fitting: number;
  readonly compared: number;
  /** Lines that do not fit although their kind always does with this appliance. */
  readonly against: number;
  /** Furthest that a line lies outside of what it should be, in seconds. */
  readonly worstSeconds: number;
  /** The opening lines cannot be the same, or nothing fits. */
  readonly impossible: boolean;
  /** It would come to the same whichever lines the appliance is found to write at once. */
  readonly isLasting: boolean;
}

/** Repeated lines of one kind count this often at most. */
const MOST_OF_A_KIND = 3;
/** An opening line this much before the connection is another connection's. */
const OPEN_EARLY_US = 1.2 * SECOND_US;
/** The same behind it: longer than any resolver waits for a reverse lookup. */
const OPEN_LATE_US = 20 * SECOND_US;

/** A line before what it reports is against causality, however little. */
const EARLY_AT_ALL = 2;
/** A late line is as odd where all others are prompt. */
const LATE_AT_ALL = 1.5;

/** The clock offset that times are judged at. */
export interface ClockFrame {
  /** Log minus capture. */
  readonly offsetUs: number;
  readonly uncertaintyUs: DurationUs;
  /** Lines that this appliance writes at once, as settled pairs show. */
  readonly prompt: PromptKinds;
}

/** Judges the times of a pair. What fits where every kind of line is prompt fits wherever fewer are: most pairs need one look. */
export function fitTimes(captured: CapturedTraits, logged: LoggedSession, alignment: readonly number[], clock: ClockFrame): TimeFit {
  const strict = fitAt(captured, logged, alignment, clock, ALL_PROMPT);
  return strict.isLasting ? strict : { ...fitAt(captured, logged, alignment, clock, clock.prompt), isLasting: false };
}

function fitAt(captured: CapturedTraits, logged: LoggedSession, alignment: readonly number[], clock: ClockFrame, prompt: PromptKinds): TimeFit {
  const { offsetUs, uncertaintyUs } = clock;
  const counted = new Map<EventKind, number>();
  let points = 0;
  let fitting = 0;
  let compared = 0;
  let worstUs = 0;
  let against = 0;
  let impossible = false;
  visitOffsets(captured, logged, alignment, prompt, (kind, low, high) => {
    const weight = EVENT_WEIGHTS[kind];
    compared++;
    // Below: the line came later than it should; above: it came before what it reports.
    const lateUs = Math.max(0, low - offsetUs - uncertaintyUs);
    const earlyUs = Math.max(0, offsetUs - high - uncertaintyUs);
    if (kind === 'open' && (earlyUs > OPEN_EARLY_US || lateUs > OPEN_LATE_US)) impossible = true;
    const times = counted.get(kind) ?? 0;
    counted.set(kind, times + 1);
    if (lateUs === 0 && earlyUs === 0) {
      fitting++;
      if (times < MOST_OF_A_KIND) points += weight.gain / (times + 1);
      return;
    }
    worstUs = Math.max(worstUs, lateUs, earlyUs);
    if (prompt.has(kind)) against++;
    if (times >= MOST_OF_A_KIND) return;
    const atAll = earlyUs > 0 ? EARLY_AT_ALL : prompt.has(kind) ? LATE_AT_ALL : 0;
    points -= Math.min(weight.worst, atAll + (lateUs * weight.late + earlyUs * weight.early) / SECOND_US);
  });
  return {
    points,
    fitting,
    compared,
    against,
    worstSeconds: worstUs / SECOND_US,
    impossible: impossible || (compared > 0 && fitting === 0),
    // The opening line is the same for all.
    isLasting: impossible || fitting === compared,
  };
}

/** What the times of a pair say about the clock offset when it is unknown. */
export interface PairOffset {
  readonly low: number;
  readonly high: number;
  /** Share of the lines that agree on it, by weight. */
  readonly agreement: number;
  /** Time between the first and the last event that agree, in seconds: agreement over a long session is no accident. */
  readonly spreadSeconds: number;
  readonly lines: number;
}

/** The offsets on which most lines of a pair agree. Null when none can be compared. */
export function pairOffset(captured: CapturedTraits, logged: LoggedSession, alignment: readonly number[]): PairOffset | null {
  const set = new IntervalSet();
  const stamps: number[] = [];
  let total = 0;
  visitOffsets(captured, logged, alignment, NONE_PROMPT, (kind, low, high, fromUs) => {
    const weight = EVENT_WEIGHTS[kind].vote;
    if (low > high) return;
    set.add(low, high, weight);
    stamps.push(fromUs);
    total += weight;
  });
  const best = bestOverlap(set);
  if (!best) return null;
  let from = Infinity;
  let to = -Infinity;
  let lines = 0;
  for (let i = 0; i < set.size; i++) {
    if ((set.lows[i] ?? 0) > best.low || (set.highs[i] ?? 0) < best.high) continue;
    lines++;
    from = Math.min(from, stamps[i] ?? from);
    to = Math.max(to, stamps[i] ?? to);
  }
  return { low: best.low, high: best.high, agreement: best.weight / total, spreadSeconds: lines > 1 ? (to - from) / SECOND_US : 0, lines };
}

/** Lines of a kind that must have been seen before it is called prompt, the share of them that must be, and pairs that are asked. */
const LINES_FOR_PROMPTNESS = 5;
const PROMPT_SHARE = 0.95;
const PAIRS_ASKED = 500;

/** Pairs that were settled on, and which of their messages are the same. */
export interface AlignedPairs {
  readonly length: number;
  at(
    place: number,
  ): { readonly captured: CapturedTraits; readonly logged: LoggedSession; readonly likeness: { readonly alignment: readonly number[] } } | undefined;
}

/** Learns from pairs which kinds of lines the appliance writes at once. `leftOut`: late lines of a kind that are not counted, as where one pair is judged by the others. */
export function learnPromptness(pairs: AlignedPairs, offsetUs: number, uncertaintyUs: DurationUs, leftOut = 0): PromptKinds {
  const seen = new Map<EventKind, { fitting: number; all: number }>();
  const step = Math.max(1, pairs.length / PAIRS_ASKED);
  for (let i = 0; i < pairs.length; i += step) {
    const pair = pairs.at(Math.floor(i));
    if (!pair) continue;
    visitOffsets(pair.captured, pair.logged, pair.likeness.alignment, ALL_PROMPT, (kind, low, high) => {
      const count = seen.get(kind) ?? { fitting: 0, all: 0 };
      seen.set(kind, count);
      count.all++;
      if (offsetUs >= low - uncertaintyUs && offsetUs <= high + uncertaintyUs) count.fitting++;
    });
  }
  const isPrompt = ({ fitting, all }: { fitting: number; all: number }): boolean => {
    const others = Math.max(fitting, all - leftOut);
    return others >= LINES_FOR_PROMPTNESS && fitting >= others * PROMPT_SHARE;
  };
  return new Set([...seen].filter(([, count]) => isPrompt(count)).map(([kind]) => kind));
}
