/** How long something is, as far as that is known: exact lengths and spans of lengths, each with its share. */
export interface Lengths {
  readonly atoms: readonly (readonly [octets: number, share: number])[];
  readonly spans: readonly (readonly [least: number, most: number, share: number])[];
}

/** Sums of several lines have many spans; those with the largest shares stand for the rest. */
const MOST_SPANS = 6;
const MOST_ATOMS = 32;
const LEAST_PART = 1e-4;

export function exactly(octets: number): Lengths {
  return { atoms: [[octets, 1]], spans: [] };
}

export function within(...spans: Lengths['spans']): Lengths {
  return { atoms: [], spans };
}

/** One of several, each with its share. */
export function oneOf(...choices: readonly (readonly [share: number, lengths: Lengths])[]): Lengths {
  return {
    atoms: choices.flatMap(([share, { atoms }]) => atoms.map(([octets, own]) => [octets, own * share] as const)),
    spans: choices.flatMap(([share, { spans }]) => spans.map(([least, most, own]) => [least, most, own * share] as const)),
  };
}

/** The same by so many octets longer. */
export function longer({ atoms, spans }: Lengths, by: number): Lengths {
  return {
    atoms: atoms.map(([octets, share]) => [octets + by, share] as const),
    spans: spans.map(([least, most, share]) => [least + by, most + by, share] as const),
  };
}

/** Sums that were asked for: the same lines are added up in many readings. */
const SUMS = new WeakMap<Lengths, WeakMap<Lengths, Lengths>>();

/** One behind the other. */
export function joined(a: Lengths, b: Lengths): Lengths {
  let sums = SUMS.get(a);
  if (!sums) {
    sums = new WeakMap();
    SUMS.set(a, sums);
  }
  const known = sums.get(b);
  if (known) return known;
  const sum = sumOf(a, b);
  sums.set(b, sum);
  return sum;
}

function sumOf(a: Lengths, b: Lengths): Lengths {
  const atoms = a.atoms.flatMap(([x, share]) => b.atoms.map(([y, other]) => [x + y, share * other] as const));
  const spans = [
    ...a.atoms.flatMap(([x, share]) => b.spans.map(([least, most, other]) => [x + least, x + most, share * other] as const)),
    ...a.spans.flatMap(([least, most, share]) => b.atoms.map(([y, other]) => [least + y, most + y, share * other] as const)),
    ...a.spans.flatMap(([least, most, share]) => b.spans.map(([from, to, other]) => [least + from, most + to, share * other] as const)),
  ];
  return { atoms: largest(atoms, MOST_ATOMS), spans: largest(spans, MOST_SPANS) };
}

function largest<T extends readonly number[]>(parts: readonly T[], most: number): readonly T[] {
  if (parts.length <= most) return parts;
  return parts
    .filter((part) => (part.at(-1) ?? 0) >= LEAST_PART)
    .toSorted((a, b) => (b.at(-1) ?? 0) - (a.at(-1) ?? 0))
    .slice(0, most);
}

/** The share of a length that is known to lie between two values. Within a span every length has the same share. */
export function shareOf({ atoms, spans }: Lengths, least: number, most: number): number {
  let share = 0;
  for (const [octets, own] of atoms) if (octets >= least && octets <= most) share += own;
  for (const [from, to, own] of spans) {
    const common = Math.min(most, to) - Math.max(least, from) + 1;
    if (common > 0) share += (own * common) / (to - from + 1);
  }
  return share;
}

const LEAST = new WeakMap<Lengths, number>();

/** The shortest that it can be. */
export function leastOf(lengths: Lengths): number {
  const known = LEAST.get(lengths);
  if (known !== undefined) return known;
  const least = Math.min(...lengths.atoms.map(([octets]) => octets), ...lengths.spans.map(([from]) => from));
  LEAST.set(lengths, least);
  return least;
}
