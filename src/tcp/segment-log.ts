import type { OctetStore } from '../model/octet-store.ts';
import { TCP_RST, type SegmentView } from '../model/packet.ts';
import type { PackedLog, Segment, SegmentLog } from '../model/tcp.ts';
import type { Side } from '../model/units.ts';
import type { TcpBudget } from './budget.ts';
import { packRows, unpackRows } from './packed-rows.ts';
import { DOUBLES, WORDS, ORDINAL, META, NOTES, MARK_DIRECTION, largerThan, type RowView, Rows, writeRow, readRow } from './rows.ts';

/**
 * The segments of one connection while it is open. Ordinals count all segments from 0; indexes count those that are kept
 * and are final only in `seal`. Directions are those of the flow table until then.
 */
export class SegmentRows {
  /** Segments seen, kept or not: the ordinal of the next one. */
  seen = 0;
  readonly #budget: TcpBudget;
  readonly #store: OctetStore;
  #kept = new Rows(2);
  /** Address of all rows in the store, while nothing more is expected; -1 while they are here. */
  #restAt = -1;
  /** The last rows beyond the budget, as a ring; and which of them matter. */
  #recent: Rows | null = null;
  #importantRecent: Uint8Array | null = null;
  #important = 0;

  constructor(budget: TcpBudget, store: OctetStore) {
    this.#budget = budget;
    this.#store = store;
  }

  /** Logs one segment; returns its ordinal. */
  add(view: SegmentView, row: RowView): number {
    this.#wake();
    const ordinal = this.seen++;
    const kept = this.#kept;
    if (kept.length < this.#budget.segmentRows && !this.#recent) {
      if (kept.length === kept.capacity) kept.grow(Math.min(largerThan(kept.capacity), this.#budget.segmentRows));
      writeRow(kept, kept.length++, view, row, ordinal);
      return ordinal;
    }
    this.#recent ??= new Rows(this.#budget.recentRows);
    this.#importantRecent ??= new Uint8Array(this.#budget.recentRows);
    const recent = this.#recent;
    if (recent.length < recent.capacity) recent.length++;
    const place = this.#ringPlace(ordinal);
    if (this.#importantRecent[place] === 1 && this.#important < this.#budget.importantRows) {
      this.#important++;
      kept.copyRow(recent, place);
    }
    this.#importantRecent[place] = row.important ? 1 : 0;
    writeRow(recent, place, view, row, ordinal);
    return ordinal;
  }

  /** Nothing more is expected: packs the rows into the store, and lets others have their memory. What comes all the same unpacks them. */
  rest(): void {
    if (this.#recent || this.#restAt >= 0) return;
    const packed = packRows(this.#kept, this.#kept.length);
    if (!packed) return;
    this.#restAt = this.#store.keep(packed);
    this.#kept.release();
  }

  #wake(): void {
    if (this.#restAt < 0) return;
    const { seen } = this;
    const rows = new Rows(largerThan(seen));
    unpackFrom(this.#store, this.#restAt, seen, rows);
    for (let ordinal = 0; ordinal < seen; ordinal++) rows.words[ordinal * WORDS + ORDINAL] = ordinal;
    rows.length = seen;
    this.#kept = rows;
    this.#restAt = -1;
  }

  /** Those in the store, or all that are kept in order from the first; direction 0 is side 0. */
  *segments(): Generator<Segment> {
    const rows = this.#restAt < 0 ? this.#kept : workRowsFor(this.seen);
    if (this.#restAt >= 0) unpackFrom(this.#store, this.#restAt, this.seen, rows);
    const count = this.#restAt < 0 ? rows.length : this.seen;
    for (let index = 0; index < count; index++) yield readRow(rows, index, 0);
  }

  /** Adds bits to the notes of a segment that is still kept. */
  note(ordinal: number, bits: number): void {
    const rows = this.#rowsOf(ordinal);
    const at = this.#rowOf(ordinal) * WORDS + NOTES;
    if (!rows) return;
    rows.words[at] = (rows.words[at] ?? 0) | bits;
    if (rows === this.#recent && this.#importantRecent) this.#importantRecent[this.#ringPlace(ordinal)] = 1;
  }

  /** Takes bits away again. */
  unnote(ordinal: number, bits: number): void {
    const rows = this.#rowsOf(ordinal);
    const at = this.#rowOf(ordinal) * WORDS + NOTES;
    if (rows) rows.words[at] = (rows.words[at] ?? 0) & ~bits;
  }

  /**
   * Whether one of the last `depth` segments is the same frame as `view`: same IP-ID, sequence number, acknowledgement, flags, length,
   * window and checksum, sent in the same direction at most `withinUs` ago. Returns how long ago, or -1.
   */
  lagOfSame(view: SegmentView, row: RowView, depth: number, withinUs: number): number {
    this.#wake();
    const first = Math.max(0, this.seen - depth);
    const windowAndSum = view.window | (view.checksum << 16);
    for (let ordinal = this.seen - 1; ordinal >= first; ordinal--) {
      const rows = this.#recent ? this.#rowsOf(ordinal) : this.#kept;
      if (!rows) return -1;
      const index = this.#recent ? this.#rowOf(ordinal) : ordinal;
      const at = index * WORDS;
      // Window and checksum differ for nearly all other segments, so that they are asked first.
      if (rows.words[at + 15] !== windowAndSum || rows.words[at + 16] !== view.ipId + 1 || rows.words[at + 14] !== view.payloadLength) continue;
      if (rows.doubles[index * DOUBLES + 1] !== row.seq || rows.doubles[index * DOUBLES + 2] !== row.ack) continue;
      const meta = rows.words[at + META] ?? 0;
      if ((meta & 0xff) !== (view.flags & 0xff) || (meta & MARK_DIRECTION ? 1 : 0) !== row.direction) continue;
      const lagUs = Math.abs(view.atUs - (rows.doubles[index * DOUBLES] ?? 0));
      return lagUs > withinUs ? -1 : lagUs;
    }
    return -1;
  }

  /**
   * Whether the other side sent more segments than this side has answered with the very same frame as `view`, since this side last sent
   * anything else: then one answer more is to be expected.
   */
  isProvoked(view: SegmentView, row: RowView, depth: number): boolean {
    const windowAndSum = view.window | (view.checksum << 16);
    let answers = 0;
    let provocations = 0;
    for (let ordinal = this.seen - 1; ordinal >= Math.max(0, this.seen - depth); ordinal--) {
      const rows = this.#rowsOf(ordinal);
      if (!rows) break;
      const at = this.#rowOf(ordinal) * WORDS;
      const meta = rows.words[at + META] ?? 0;
      if ((meta & MARK_DIRECTION ? 1 : 0) !== row.direction) {
        if (!(meta & TCP_RST)) provocations++;
      } else if (rows.words[at + 15] === windowAndSum && (meta & 0xff) === (view.flags & 0xff)) answers++;
      else break;
    }
    return provocations > answers;
  }

  /** Moves the numbers of one direction's stream, when its first sequence number turns out to be another one. */
  shift(direction: Side, by: number): void {
    this.#wake();
    for (const rows of [this.#kept, this.#recent]) {
      if (!rows) continue;
      for (let i = 0; i < rows.length; i++) {
        const meta = rows.words[i * WORDS + META] ?? 0;
        const at = i * DOUBLES;
        if ((meta & MARK_DIRECTION ? 1 : 0) === direction) rows.doubles[at + 1] = (rows.doubles[at + 1] ?? 0) + by;
        else {
          // The other side's acknowledgements count this direction's octets; -1 marks what is absent.
          if (meta & 0x10) rows.doubles[at + 2] = (rows.doubles[at + 2] ?? 0) + by;
          if (rows.doubles[at + 4] !== -1) {
            rows.doubles[at + 3] = (rows.doubles[at + 3] ?? 0) + by;
            rows.doubles[at + 4] = (rows.doubles[at + 4] ?? 0) + by;
          }
        }
      }
    }
  }

  /** The finished log, its rows in the store; `originator` is the direction that becomes side 0. */
  seal(originator: Side): SealedLog {
    if (this.#restAt >= 0) return new SealedLog(this.#store, { address: this.#restAt, length: this.seen, dropped: 0, originator }, null, null);
    const recent = this.#recent;
    if (recent) {
      const from = this.seen - recent.length;
      for (let ordinal = from; ordinal < this.seen; ordinal++) this.#kept.copyRow(recent, this.#ringPlace(ordinal));
    }
    return sealLog(this.#kept, this.seen, originator, this.#store);
  }

  #ringPlace(ordinal: number): number {
    return ordinal % (this.#recent?.capacity ?? 1);
  }

  #rowsOf(ordinal: number): Rows | null {
    this.#wake();
    if (ordinal < 0 || ordinal >= this.seen) return null;
    if (!this.#recent) return this.#kept;
    if (ordinal >= this.seen - this.#recent.length) return this.#recent;
    return ordinal < this.#budget.segmentRows ? this.#kept : null;
  }

  #rowOf(ordinal: number): number {
    return this.#recent && ordinal >= this.seen - this.#recent.length ? this.#ringPlace(ordinal) : ordinal;
  }
}

/** Logs whose segments are unpacked at present: who looks at a connection looks at it often. The number of segments is bounded, the newest log stays. */
const unpacked: SealedLog[] = [];
const UNPACKED_LOGS = 16;
const UNPACKED_SEGMENTS = 50_000;
let unpackedSegments = 0;

/** The log of a sealed connection: packed rows in file order, made into records when asked for. */
export class SealedLog implements SegmentLog {
  readonly #store: OctetStore;
  readonly #log: PackedLog;
  /** Where packing was not possible. */
  readonly #rows: Rows | null;
  /** Of the kept segments; null where all were kept, or nobody asks any more. */
  readonly #ordinals: Int32Array | null;
  #segments: readonly Segment[] | null = null;

  constructor(store: OctetStore, log: PackedLog, rows: Rows | null, ordinals: Int32Array | null) {
    this.#store = store;
    this.#log = log;
    this.#rows = rows;
    this.#ordinals = ordinals;
  }

  get length(): number {
    return this.#log.length;
  }

  get dropped(): number {
    return this.#log.dropped;
  }

  get packed(): PackedLog | null {
    return this.#rows === null ? this.#log : null;
  }

  /** The segment at `index`; throws a RangeError outside of 0 to `length` - 1. */
  at(index: number): Segment {
    const segment = this.#all()[index];
    if (!segment) throw new RangeError(`no segment ${index} in a log of ${this.length}`);
    return segment;
  }

  /** Index of the kept segment with that ordinal, or of the last one before it; 0 when there is none. */
  indexOfOrdinal(ordinal: number): number {
    if (!this.#ordinals) return ordinal;
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ordinals[middle] ?? 0) <= ordinal) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  [Symbol.iterator](): Iterator<Segment> {
    return this.#all()[Symbol.iterator]();
  }

  #unpack(): Rows {
    const rows = workRowsFor(this.length);
    unpackFrom(this.#store, this.#log.address, this.length, rows);
    return rows;
  }

  #all(): readonly Segment[] {
    if (this.#segments) return this.#segments;
    const rows = this.#rows ?? this.#unpack();
    const segments: Segment[] = [];
    for (let i = 0; i < this.length; i++) segments.push(readRow(rows, i, this.#log.originator));
    this.#segments = segments;
    unpacked.push(this);
    unpackedSegments += this.length;
    while (unpacked.length > UNPACKED_LOGS || (unpackedSegments > UNPACKED_SEGMENTS && unpacked.length > 1)) {
      const oldest = unpacked.shift();
      if (!oldest) break;
      oldest.#segments = null;
      unpackedSegments -= oldest.length;
    }
    return segments;
  }
}

function sealLog(rows: Rows, seen: number, originator: Side, store: OctetStore): SealedLog {
  const dropped = seen - rows.length;
  const ordinals = dropped === 0 ? null : Int32Array.from({ length: rows.length }, (_, i) => rows.words[i * WORDS + ORDINAL] ?? 0);
  const packed = packRows(rows, rows.length);
  const log = { address: packed ? store.keep(packed) : -1, length: rows.length, dropped, originator };
  if (packed) rows.release();
  return new SealedLog(store, log, packed ? null : rows, ordinals);
}

/** A log that was sealed before. */
export function openLog(store: OctetStore, log: PackedLog): SegmentLog {
  return new SealedLog(store, log, null, null);
}

function unpackFrom(store: OctetStore, address: number, length: number, rows: Rows): void {
  unpackRows(store.blockOf(address), store.placeOf(address), length, rows);
}

let workRows: Rows | null = null;

function workRowsFor(length: number): Rows {
  if (!workRows || workRows.capacity < length) workRows = new Rows(Math.max(256, length));
  return workRows;
}
