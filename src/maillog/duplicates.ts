import type { ApplianceState } from './appliance-state.ts';
import type { LineId, LineTable } from './line-table.ts';

interface Seen {
  readonly appliance: ApplianceState;
  given: number;
  readonly byFile: Map<number, number>;
}

/** Lines of one file and appliance that nothing had to be compared with so far. */
interface Uncompared {
  readonly file: number;
  readonly appliance: ApplianceState;
  readonly lines: LineId[];
}

/**
 * Recognises lines that stand in several files, as when a grep extract is given beside the full log: same second, same text, same appliance.
 * Texts are only looked at where two files speak of one appliance in one second.
 */
export class Duplicates {
  readonly #table: LineTable;
  #seconds = Number.NaN;
  readonly #seen = new Map<string, Seen[]>();
  readonly #files: { readonly file: number; readonly appliance: ApplianceState }[] = [];
  readonly #uncompared: Uncompared[] = [];

  constructor(table: LineTable) {
    this.#table = table;
  }

  /** Whether lines of this second were looked at: of a file that ended in it, the last lines may repeat. */
  isAt(seconds: number): boolean {
    return seconds === this.#seconds;
  }

  /** Whether another file may have given a line of this appliance in this second, so that texts must be compared. */
  mustCompare(file: number, seconds: number, appliance: ApplianceState): boolean {
    if (seconds !== this.#seconds) this.#begin(seconds);
    for (const other of this.#files) if (other.file !== file && isSame(other.appliance, appliance)) return true;
    return false;
  }

  /** Keeps a line in mind that there was nothing to compare with. */
  hold(file: number, appliance: ApplianceState, line: LineId): void {
    const known = this.#uncompared.find((one) => one.file === file && one.appliance === appliance);
    if (known) {
      known.lines.push(line);
      return;
    }
    this.#uncompared.push({ file, appliance, lines: [line] });
    this.#files.push({ file, appliance });
  }

  /** Lines that may still have to be compared. */
  get held(): LineId[] {
    return this.#uncompared.flatMap(({ lines }) => lines);
  }

  /** Whether another file has given this line already. A line twice in one file is two lines. */
  isRepeated(file: number, seconds: number, appliance: ApplianceState, text: string): boolean {
    if (seconds !== this.#seconds) this.#begin(seconds);
    for (const held of this.#uncompared.splice(0)) for (const line of held.lines) this.#compare(held.file, held.appliance, this.#table.original(line));
    if (!this.#files.some((one) => one.file === file && one.appliance === appliance)) this.#files.push({ file, appliance });
    return this.#compare(file, appliance, text);
  }

  #begin(seconds: number): void {
    this.#seconds = seconds;
    this.#seen.clear();
    this.#files.length = 0;
    this.#uncompared.length = 0;
  }

  #compare(file: number, appliance: ApplianceState, text: string): boolean {
    const list = this.#seen.get(text);
    const known = list?.find((seen) => isSame(seen.appliance, appliance));
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

/** A file without any name may be of each. */
function isSame(one: ApplianceState, other: ApplianceState): boolean {
  return one === other || one.key === '' || other.key === '';
}
