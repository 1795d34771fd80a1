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
    let low = 0;
    let high = this.#from.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#from[middle] ?? 0) <= value) low = middle + 1;
      else high = middle;
    }
    return low > 0 && (this.#reach[low - 1] ?? 0) >= value;
  }
}
