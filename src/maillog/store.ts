import type { LogLine } from '../model/maillog.ts';
import { END_OF_LIST, type LineLists, type ListNode } from './line-lists.ts';
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

/** What all histories share: the lines, and which line belongs to which. */
export interface LineStore {
  readonly table: LineTable;
  readonly lists: LineLists;
}

/** The lines of one history, in the order in which they came. */
export class HistoryLines {
  protected readonly store: LineStore;
  readonly firstId: LineId;
  lastId: LineId;
  #head: ListNode = END_OF_LIST;
  #tail: ListNode = END_OF_LIST;
  #count = 0;

  constructor(store: LineStore, first: LineId) {
    this.store = store;
    this.firstId = first;
    this.lastId = first;
  }

  /** A line that mentions it. The same line twice in a row counts once. `telling`: it decides what became of it. */
  add(line: LineId, telling = false): void {
    if (this.#count > 0 && this.lastId === line) return;
    this.lastId = line;
    if (this.#count === MAX_HISTORY_LINES) return;
    this.#tail = this.store.lists.append(this.#tail, telling ? line * 2 + 1 : line * 2);
    if (this.#count === 0) this.#head = this.#tail;
    this.#count++;
  }

  /** Its lines in their order, each with the mark of whether it decides. */
  get marked(): MarkedLine[] {
    return this.store.lists.toArray(this.#head);
  }

  /** Makes its list anew, so that older nodes can be forgotten. */
  renewList(): void {
    const marked = this.store.lists.toArray(this.#head);
    this.#tail = END_OF_LIST;
    for (const [at, line] of marked.entries()) {
      this.#tail = this.store.lists.append(this.#tail, line);
      if (at === 0) this.#head = this.#tail;
    }
  }

  get first(): LogLine {
    return this.line(this.firstId);
  }

  get last(): LogLine {
    return this.line(this.lastId);
  }

  get lines(): readonly LogLine[] {
    return this.store.lists.toArray(this.#head).map((marked) => this.line(lineOf(marked)));
  }

  get telling(): readonly LogLine[] {
    const telling: LogLine[] = [];
    for (const marked of this.store.lists.toArray(this.#head)) if (isTelling(marked)) telling.push(this.line(lineOf(marked)));
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
