import type { HistoryList } from '../model/maillog.ts';
import { type NewColumn, NumberColumn } from '../model/number-column.ts';
import type { Depot, Shelf } from '../model/octet-store.ts';
import type { ByNumber } from './appliance-state.ts';
import type { LineId } from './line-table.ts';
import { NumberMap } from './number-map.ts';

/** Histories that stay as they are once all is read; what is asked for is often asked for again. */
const UNPACKED = 512;
/** No address: it is not on the shelf. */
const NOWHERE = -1;

/** A history that can be put on a shelf. */
interface Packable<Packed> {
  readonly order: number;
  readonly firstId: LineId;
  lastId: LineId;
  pack(): Packed;
  secondsOf(id: LineId): number;
}

/** Histories of one kind by their order. Those of which nothing was heard for a while are on a shelf, and made anew when somebody asks. */
export class HistoryTable<R extends Packable<Packed>, Packed> implements HistoryList<R> {
  readonly #shelf: Shelf<Packed> | null;
  readonly #unpack: (order: number, packed: Packed) => R | null;
  readonly #unpacked = new Map<number, R>();
  /** Those asked for last once all is read; each has one place. */
  #recent: (R | undefined)[] = [];
  /** By order less one, which counts from 1. */
  readonly #addresses: NumberColumn;
  readonly #seconds: NumberColumn;
  /** The last line of those on the shelf. */
  readonly #last: NumberColumn;
  /** Orders by time; null while they are the same. */
  #byTime: Uint32Array | null = null;
  #isWhole = false;

  /** Without a depot all stay as they are. */
  constructor(depot: Depot | null, unpack: (order: number, packed: Packed) => R | null) {
    this.#shelf = depot?.newShelf() ?? null;
    const newColumn: NewColumn = depot?.newColumn ?? ((octets) => new NumberColumn(octets));
    this.#addresses = newColumn(8);
    this.#seconds = newColumn(4);
    this.#last = newColumn(4);
    this.#unpack = unpack;
  }

  push(record: R): void {
    this.#addresses.add(NOWHERE);
    this.#last.add(0);
    this.#seconds.add(record.secondsOf(record.firstId));
    this.#unpacked.set(this.length, record);
  }

  of(order: number): R | null {
    const known = this.#isWhole ? this.#recent[order % UNPACKED] : this.#unpacked.get(order);
    if (known?.order === order) return known;
    if (order < 1 || order > this.length || this.#shelf === null) return null;
    const address = this.#addresses.get(order - 1);
    if (address === NOWHERE) return null;
    const record = this.#unpack(order, this.#shelf.get(address));
    if (record === null) return null;
    record.lastId = this.#last.get(order - 1);
    if (this.#isWhole) this.#recent[order % UNPACKED] = record;
    else {
      // It may be changed until all is read.
      this.#addresses.set(order - 1, NOWHERE);
      this.#unpacked.set(order, record);
    }
    return record;
  }

  all(orders: readonly number[]): R[] {
    return orders.flatMap((order) => this.of(order) ?? []);
  }

  /** A line that says nothing of it but its number. */
  mention(order: number, line: LineId): void {
    const known = this.#unpacked.get(order);
    if (known) known.lastId = line;
    else this.#last.set(order - 1, line);
  }

  /** Puts away what was last heard of before the line. Nobody may hold these. */
  putAway(before: LineId): void {
    if (this.#shelf === null) return;
    for (const [order, record] of this.#unpacked) {
      if (record.lastId >= before) continue;
      this.#addresses.set(order - 1, this.#shelf.keep(record.pack()));
      this.#last.set(order - 1, record.lastId);
      this.#unpacked.delete(order);
    }
  }

  /** All is read: nothing changes any more. */
  close(): void {
    if (this.length > UNPACKED) this.putAway(Number.POSITIVE_INFINITY);
    this.#isWhole = this.#unpacked.size === 0;
    let last = 0;
    for (let at = 0; at < this.length; at++) {
      const seconds = this.#seconds.get(at);
      if (seconds < last) {
        this.#byTime = this.#sorted();
        return;
      }
      last = seconds;
    }
  }

  #sorted(): Uint32Array {
    const orders = Uint32Array.from({ length: this.length }, (_, at) => at + 1);
    return orders.sort((a, b) => this.#seconds.get(a - 1) - this.#seconds.get(b - 1) || a - b);
  }

  get length(): number {
    return this.#seconds.length;
  }

  at(index: number): R | undefined {
    return this.of(this.#byTime?.[index] ?? index + 1) ?? undefined;
  }

  *[Symbol.iterator](): Generator<R> {
    for (let index = 0; index < this.length; index++) {
      const record = this.at(index);
      if (record) yield record;
    }
  }

  map<U>(change: (record: R) => U): U[] {
    return Array.from(this, change);
  }
}

/** Which of them the numbers of an appliance mean. */
export class Numbers<R extends Packable<Packed>, Packed> implements ByNumber<R> {
  readonly #table: HistoryTable<R, Packed>;
  /** Orders by number; 0 where it means none. */
  readonly #orders = new NumberMap();

  constructor(table: HistoryTable<R, Packed>) {
    this.#table = table;
  }

  get(number: number): R | undefined {
    const order = this.#orders.get(number);
    return order === 0 ? undefined : (this.#table.of(order) ?? undefined);
  }

  set(number: number, record: R): void {
    this.#orders.set(number, record.order);
  }

  delete(number: number): void {
    this.#orders.set(number, 0);
  }

  has(number: number): boolean {
    return this.#orders.get(number) !== 0;
  }
}
