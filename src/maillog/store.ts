import type { InjectionDebugRecord, LogLine } from '../model/maillog.ts';
import type { ApplianceState } from './appliance-state.ts';
import type { InjectionRecord } from './injection-record.ts';
import { type LineId, type LineTable, NO_LINE } from './line-table.ts';

/** A history keeps so many lines; those beyond still count for its state. */
export const MAX_HISTORY_LINES = 2000;

/** A line in a list: twice its number, and one more where it decides what became of the message. */
export type MarkedLine = number;

export function lineOf(marked: MarkedLine): LineId {
  return marked >>> 1;
}

export function isTelling(marked: MarkedLine): boolean {
  return (marked & 1) === 1;
}

/** What all histories share: the lines, and how one finds the other. */
export interface LineStore {
  readonly table: LineTable;
  /** Appliances by the number that histories on a shelf name them by. */
  readonly appliances: ApplianceState[];
  injection(order: number): InjectionRecord | null;
  /** Debug records by the order of their ICID. */
  readonly debug: Map<number, InjectionDebugRecord[]>;
}

/** What every history on a shelf begins with; lines as differences, each from the one before. */
export type PackedLines = readonly [appliance: number, number: number, first: LineId, marked: readonly number[]];

/** The lines of one history, in the order in which they came. */
export class HistoryLines {
  protected readonly store: LineStore;
  readonly #appliance: ApplianceState;
  /** Counted from 1 in the order in which those of its kind were first mentioned. */
  readonly order: number;
  readonly firstId: LineId;
  lastId: LineId;
  #marked: MarkedLine[] = [];

  constructor(store: LineStore, appliance: ApplianceState, order: number, first: LineId) {
    this.store = store;
    this.#appliance = appliance;
    this.order = order;
    this.firstId = first;
    this.lastId = first;
  }

  get state(): ApplianceState {
    return this.#appliance;
  }

  get appliance(): string {
    return this.#appliance.key;
  }

  /** A line that mentions it. The same line twice in a row counts once. `telling`: it decides what became of it. */
  add(line: LineId, telling = false): void {
    if (this.#marked.length > 0 && this.lastId === line) return;
    this.lastId = line;
    if (this.#marked.length < MAX_HISTORY_LINES) this.#marked.push(telling ? line * 2 + 1 : line * 2);
  }

  /** Its lines in their order, each with the mark of whether it decides. */
  get marked(): readonly MarkedLine[] {
    return this.#marked;
  }

  /** For a shelf; `number`: its MID, ICID or DCID. */
  protected packLines(number: number): PackedLines {
    const { appliances } = this.store;
    let index = appliances.indexOf(this.#appliance);
    if (index < 0) index = appliances.push(this.#appliance) - 1;
    let before = this.firstId * 2;
    const marked = this.#marked.map((line) => {
      const since = line - before;
      before = line;
      return since;
    });
    return [index, number, this.firstId, marked];
  }

  /** Gives a history that was made anew the lines that it had. */
  protected unpackLines([, , first, marked]: PackedLines): void {
    let line = first * 2;
    this.#marked = marked.map((since) => (line += since));
  }

  get first(): LogLine {
    return this.line(this.firstId);
  }

  get last(): LogLine {
    return this.line(this.lastId);
  }

  get lines(): readonly LogLine[] {
    return this.#marked.map((marked) => this.line(lineOf(marked)));
  }

  get telling(): readonly LogLine[] {
    const telling: LogLine[] = [];
    for (const marked of this.#marked) if (isTelling(marked)) telling.push(this.line(lineOf(marked)));
    return telling;
  }

  protected line(id: LineId): LogLine {
    return this.store.table.line(id);
  }

  protected lineOrNull(id: LineId): LogLine | null {
    return id === NO_LINE ? null : this.store.table.line(id);
  }

  secondsOf(id: LineId): number {
    return this.store.table.seconds(id);
  }
}
