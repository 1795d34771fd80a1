import type { ApplianceState } from './appliance-state.ts';

interface Seen {
  readonly appliance: ApplianceState;
  given: number;
  readonly byFile: Map<number, number>;
}

/** Recognises lines that stand in several files, as when a grep extract is given beside the full log: same second, same text, same appliance. */
export class Duplicates {
  #seconds = Number.NaN;
  readonly #seen = new Map<string, Seen[]>();

  /** Whether lines of this second were looked at: of a file that ended in it, the last lines may repeat. */
  isAt(seconds: number): boolean {
    return seconds === this.#seconds;
  }

  /** Whether another file has given this line already. A line twice in one file is two lines. */
  isRepeated(file: number, seconds: number, appliance: ApplianceState, text: string): boolean {
    if (seconds !== this.#seconds) {
      this.#seconds = seconds;
      this.#seen.clear();
    }
    const list = this.#seen.get(text);
    const known = list?.find((seen) => seen.appliance === appliance || seen.appliance.key === '' || appliance.key === '');
    if (!known) {
      const made = { appliance, given: 1, byFile: new Map([[file, 1]]) };
      if (list) list.push(made);
      else this.#seen.set(text, [made]);
      return false;
    }
    const count = (known.byFile.get(file) ?? 0) + 1;
    known.byFile.set(file, count);
    if (count <= known.given) return true;
    known.given = count;
    return false;
  }
}
