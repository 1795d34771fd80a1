/** The candidate that `word` is most probably a slip of; null where none is near. */
export function closest(word: string, candidates: readonly string[]): string | null {
  const limit = word.length < 5 ? 1 : 2;
  const near = candidates.map((candidate) => ({ candidate, steps: distance(word.toLowerCase(), candidate) })).filter(({ steps }) => steps <= limit);
  near.sort((a, b) => a.steps - b.steps);
  return near[0]?.candidate ?? null;
}

/** Letters to insert, leave out, replace, or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let steps = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) steps = Math.min(steps, (before[j - 2] ?? 0) + 1);
      row.push(steps);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
