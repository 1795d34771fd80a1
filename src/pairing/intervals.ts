/** Intervals on one axis (clock offsets in microseconds), each with a weight, in plain columns: pairing collects very many. */
export class IntervalSet {
  readonly lows: number[] = [];
  readonly highs: number[] = [];
  readonly weights: number[] = [];

  /** Notes `[low, high]`; intervals that are empty the wrong way round are ignored. */
  add(low: number, high: number, weight: number): void {
    if (!(low <= high)) return;
    this.lows.push(low);
    this.highs.push(high);
    this.weights.push(weight);
  }

  get size(): number {
    return this.lows.length;
  }
}

export interface Overlap {
  readonly low: number;
  readonly high: number;
  /** Sum of the weights of the intervals that hold all of `[low, high]`. */
  readonly weight: number;
}

/**
 * The stretch where the most weight overlaps: a majority vote that a few wrong intervals cannot move.
 * Between stretches of the same weight the one nearest to `preferred` wins. Null for an empty set.
 */
export function bestOverlap(set: IntervalSet, preferred = 0): Overlap | null {
  const n = set.size;
  if (n === 0) return null;
  const { lows, highs, weights } = set;
  const starts = sortedIndexes(lows);
  const ends = sortedIndexes(highs);
  let best: Overlap | null = null;
  let weight = 0;
  let s = 0;
  for (const end of ends) {
    const high = highs[end] ?? 0;
    let low = Number.NEGATIVE_INFINITY;
    // A stretch of locally greatest weight runs from a start to the next end: only there is it worth looking.
    while (s < n) {
      const start = starts[s] ?? 0;
      const at = lows[start] ?? 0;
      if (at > high) break;
      weight += weights[start] ?? 0;
      low = at;
      s++;
    }
    if (low > Number.NEGATIVE_INFINITY && isBetter(low, high, weight, best, preferred)) best = { low, high, weight };
    weight -= weights[end] ?? 0;
  }
  return best;
}

/** How far `at` lies outside of `[low, high]`: 0 inside. */
export function distanceTo(at: number, low: number, high: number): number {
  if (at < low) return low - at;
  return at > high ? at - high : 0;
}

const SAME_WEIGHT = 1e-6;

function isBetter(low: number, high: number, weight: number, best: Overlap | null, preferred: number): boolean {
  if (!best || weight > best.weight + SAME_WEIGHT) return true;
  if (weight < best.weight - SAME_WEIGHT) return false;
  return distanceTo(preferred, low, high) < distanceTo(preferred, best.low, best.high);
}

/** Sets of one pair have a few lines: these are sorted in place, without a call for each comparison. */
const FEW = 24;

function sortedIndexes(values: readonly number[]): Uint32Array {
  const indexes = new Uint32Array(values.length);
  for (let i = 0; i < indexes.length; i++) indexes[i] = i;
  if (values.length > FEW) return indexes.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
  for (let i = 1; i < indexes.length; i++) {
    const value = values[i] ?? 0;
    let at = i;
    for (; at > 0 && (values[indexes[at - 1] ?? 0] ?? 0) > value; at--) indexes[at] = indexes[at - 1] ?? 0;
    indexes[at] = i;
  }
  return indexes;
}
