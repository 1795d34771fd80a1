import { partitionPoint } from '../model/bisect.ts';
/** Closed ranges of numbers, asked often whether they hold one; they may overlap. */
export class Ranges {
  readonly #from: number[] = [];
  /** The furthest end of this range and all before it. */
  readonly #reach: number[] = [];

  constructor(ranges: readonly { readonly from: number; readonly to: number }[]) {
    let reach = Number.NEGATIVE_INFINITY;
    for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
      reach = Math.max(reach, to);
      this.#from.push(from);
      this.#reach.push(reach);
    }
  }

  holds(value: number): boolean {
    const begun = partitionPoint(this.#from.length, (place) => (this.#from[place] ?? 0) <= value);
    return begun > 0 && (this.#reach[begun - 1] ?? 0) >= value;
  }
}
