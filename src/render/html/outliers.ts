/** How many of what ended how, in one part of the sessions. */
export interface Part {
  /** `of network 192.0.2.0/24`. */
  readonly where: string;
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
}

/** An ending that one part of the sessions has much more often than the rest. */
export interface Outlier {
  readonly where: string;
  readonly ending: string;
  readonly count: number;
  readonly total: number;
  /** The same of all other sessions. */
  readonly elsewhere: number;
  readonly others: number;
}

/** Fewer cases are no pattern. */
const FEWEST = 3;
/** So many times as frequent as elsewhere, at least. */
const LEAST_RATIO = 2;
/** Likelihood ratio (G) of one degree of freedom: by chance about once in 100,000 comparisons; a page makes some hundred. */
const LEAST_G = 19.5;
const MOST = 8;

/** What stands out, the clearest first: of every part and ending the share there against the share elsewhere. `all`: how often each ending came, of `total`. */
export function findOutliers(parts: readonly Part[], all: ReadonlyMap<string, number>, total: number): Outlier[] {
  const found: (Outlier & { readonly g: number })[] = [];
  for (const { where, counts, total: here } of parts) {
    for (const [ending, count] of counts) {
      const elsewhere = (all.get(ending) ?? 0) - count;
      const others = total - here;
      if (count < FEWEST || others <= 0 || count * others < LEAST_RATIO * elsewhere * here) continue;
      const g = likelihoodRatio(count, here, elsewhere, others);
      if (g >= LEAST_G) found.push({ where, ending, count, total: here, elsewhere, others, g });
    }
  }
  return found.sort((a, b) => b.g - a.g).slice(0, MOST);
}

/** Twice the logarithm of how much better two shares explain the counts than one does (Wilks). */
function likelihoodRatio(a: number, n: number, b: number, m: number): number {
  const share = (a + b) / (n + m);
  return 2 * (term(a, n * share) + term(n - a, n * (1 - share)) + term(b, m * share) + term(m - b, m * (1 - share)));
}

function term(seen: number, expected: number): number {
  return seen === 0 ? 0 : seen * Math.log(seen / expected);
}
