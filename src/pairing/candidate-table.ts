import type { NewColumn, NumberColumn } from '../model/number-column.ts';
import type { Candidate } from './candidates.ts';
import type { Likeness } from './likeness.ts';
import type { ChosenTraits } from './traits-list.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';

const LINES_BITS = 2 ** 17;
const MOST_LINES = LINES_BITS - 1;
/** In a row's meaning: identity and address in four bits, the basis in sixteen, the alignment above. */
const BASIS_AT = 16;
const ALIGNMENT_AT = 2 ** 20;

const NO_ORDER = 128;

const IDENTITIES = [null, 'mid', 'message'] as const satisfies readonly Likeness['identity'][];
const AGREEMENTS = [null, false, true] as const satisfies readonly Likeness['addressAgrees'][];

/** Candidates as rows of numbers, 41 octets each: there are as many as sessions at least. Objects are made when somebody asks. */
export class CandidateTable {
  /** For what is worked out from its rows. */
  readonly newColumn: NewColumn;
  readonly #captured: ChosenTraits<CapturedTraits>;
  readonly #logged: ChosenTraits<LoggedSession>;
  readonly #capturedAt: NumberColumn;
  readonly #loggedAt: NumberColumn;
  readonly #points: NumberColumn;
  readonly #contentPoints: NumberColumn;
  /** In halves, none of them at `NO_ORDER`. */
  readonly #orderPoints: NumberColumn;
  /** Lines that fit, were compared, and speak against, seventeen bits each. */
  readonly #lines: NumberColumn;
  readonly #meanings: NumberColumn;
  /** Of those with a line that does not fit. */
  readonly #worstSeconds = new Map<number, number>();
  /** Lists that many candidates share. */
  readonly #bases = new Numbered<readonly string[], readonly string[]>((words) => words);
  readonly #alignments = new Numbered<readonly number[], string>((places) => places.join());

  constructor(captured: ChosenTraits<CapturedTraits>, logged: ChosenTraits<LoggedSession>, newColumn: NewColumn) {
    this.newColumn = newColumn;
    this.#captured = captured;
    this.#logged = logged;
    this.#capturedAt = newColumn(4);
    this.#loggedAt = newColumn(4);
    this.#points = newColumn(8);
    this.#contentPoints = newColumn(8);
    this.#orderPoints = newColumn(1);
    this.#lines = newColumn(8);
    this.#meanings = newColumn(8);
  }

  get length(): number {
    return this.#capturedAt.length;
  }

  /** Its row. */
  add({ captured, logged, likeness, times, points }: Omit<Candidate, 'row'>): number {
    const row = this.length;
    this.#capturedAt.add(captured.index);
    this.#loggedAt.add(logged.index);
    this.#points.add(points);
    this.#contentPoints.add(likeness.contentPoints);
    this.#orderPoints.add(NO_ORDER);
    if (times.worstSeconds > 0) this.#worstSeconds.set(row, times.worstSeconds);
    const lines = Math.min(times.fitting, MOST_LINES) + Math.min(times.compared, MOST_LINES) * LINES_BITS;
    this.#lines.add(lines + Math.min(times.against, MOST_LINES) * LINES_BITS * LINES_BITS);
    const flags = IDENTITIES.indexOf(likeness.identity) + 4 * AGREEMENTS.indexOf(likeness.addressAgrees);
    this.#meanings.add(flags + this.#bases.numberOf(likeness.basis) * BASIS_AT + this.#alignments.numberOf(likeness.alignment) * ALIGNMENT_AT);
    return row;
  }

  /** Index of the captured session. */
  capturedOf(row: number): number {
    return this.#capturedAt.get(row);
  }

  /** Index of the log session. */
  loggedOf(row: number): number {
    return this.#loggedAt.get(row);
  }

  /** Something that names one message in the world agrees. */
  isNamed(row: number): boolean {
    return this.#meanings.get(row) % 4 !== 0;
  }

  basisOf(row: number): readonly string[] {
    return this.#bases.of(Math.floor(this.#meanings.get(row) / BASIS_AT) % (ALIGNMENT_AT / BASIS_AT)) ?? [];
  }

  worthOf(row: number): number {
    return this.#points.get(row) + this.#orderOf(row);
  }

  #orderOf(row: number): number {
    return (this.#orderPoints.get(row) - NO_ORDER) / 2;
  }

  addressAgrees(row: number): boolean | null {
    return AGREEMENTS[Math.floor(this.#meanings.get(row) / 4) % 4] ?? null;
  }

  setOrderPoints(row: number, points: number): void {
    this.#orderPoints.set(row, points * 2 + NO_ORDER);
  }

  /** As if the order of accepting were not known. */
  forgetOrder(): void {
    for (let row = 0; row < this.length; row++) this.#orderPoints.set(row, NO_ORDER);
  }

  pairAt(row: number): Pick<Candidate, 'captured' | 'logged'> {
    return { captured: this.#captured.of(this.capturedOf(row)), logged: this.#logged.of(this.loggedOf(row)) };
  }

  at(row: number): Candidate {
    const meaning = this.#meanings.get(row);
    const lines = this.#lines.get(row);
    return {
      row,
      captured: this.#captured.of(this.capturedOf(row)),
      logged: this.#logged.of(this.loggedOf(row)),
      likeness: {
        contentPoints: this.#contentPoints.get(row),
        basis: this.basisOf(row),
        identity: IDENTITIES[meaning % 4] ?? null,
        addressAgrees: this.addressAgrees(row),
        alignment: this.#alignments.of(Math.floor(meaning / ALIGNMENT_AT)) ?? [],
      },
      times: {
        worstSeconds: this.#worstSeconds.get(row) ?? 0,
        fitting: lines % LINES_BITS,
        compared: Math.floor(lines / LINES_BITS) % LINES_BITS,
        against: Math.floor(lines / LINES_BITS / LINES_BITS),
      },
      points: this.#points.get(row),
      orderPoints: this.#orderOf(row),
    };
  }
}

/** Values by the order in which they were first met. */
class Numbered<T, Key> {
  readonly #values: T[] = [];
  readonly #numbers = new Map<Key, number>();
  readonly #keyOf: (value: T) => Key;

  constructor(keyOf: (value: T) => Key) {
    this.#keyOf = keyOf;
  }

  numberOf(value: T): number {
    const key = this.#keyOf(value);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#values.length);
    return this.#values.push(value) - 1;
  }

  of(number: number): T | undefined {
    return this.#values[number];
  }
}
