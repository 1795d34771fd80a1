import type { SegmentView } from '../model/packet.ts';
import type { Segment } from '../model/tcp.ts';
import type { Side } from '../model/units.ts';

/**
 * A row: five doubles, then twelve 32-bit words. One buffer holds both, seen through two arrays.
 * doubles  0 time · 1 seq · 2 ack · 3 SACK left · 4 SACK right
 * words    10 input · 11 packet · 12 ordinal · 13 flags, TTL, TOS, marks · 14 length · 15 window, checksum
 *          16 IP-ID + 1 · 17 VLAN + 1 · 18 MAC + 1, interface · 19 TSval · 20 TSecr · 21 notes
 */
export const DOUBLES = 11;
export const WORDS = 22;
const ROW_OCTETS = 88;
export const ORDINAL = 12;
export const META = 13;
export const NOTES = 21;
export const MARK_DIRECTION = 1 << 24;
const MARK_DONT_FRAGMENT = 1 << 25;
const MARK_TIMESTAMPS = 1 << 26;

/** What a row needs besides the packet itself. Borrowed, filled again for each segment. */
export interface RowView {
  direction: Side;
  seq: number;
  ack: number;
  sackLeft: number;
  sackRight: number;
  hasTimestamps: boolean;
  tsVal: number;
  tsEcr: number;
  mac: number;
  notes: number;
  /** Worth keeping when the budget is exceeded. */
  important: boolean;
}

/** Memory of rows given back by sealed logs, by capacity: new memory costs more than what is written into it. */
const SPARE = 128;
const LARGEST_SPARE = 1024;
const spare = new Map<number, Float64Array[]>();

function takeMemory(capacity: number): Float64Array {
  return spare.get(capacity)?.pop() ?? new Float64Array(new ArrayBuffer(capacity * ROW_OCTETS));
}

function giveBack(memory: Float64Array): void {
  const capacity = memory.length / DOUBLES;
  if (capacity > LARGEST_SPARE) return;
  const list = spare.get(capacity);
  if (!list) spare.set(capacity, [memory]);
  else if (list.length < SPARE) list.push(memory);
}

/** Capacities of rows: an attempt, a dialogue, a message. Fine steps at first, because many dialogues may be open that say no more. */
const CAPACITIES = [16, 24, 32, 48, 64] as const;

export function largerThan(capacity: number): number {
  return CAPACITIES.find((one) => one > capacity) ?? capacity * 2;
}

const NO_ROWS = new Float64Array(0);
const NO_WORDS = new Int32Array(NO_ROWS.buffer);

/** Rows of segments, in memory that goes to the next connection when they are released. */
export class Rows {
  doubles: Float64Array;
  words: Int32Array;
  length = 0;

  constructor(capacity: number) {
    this.doubles = takeMemory(capacity);
    this.words = new Int32Array(this.doubles.buffer);
  }

  get capacity(): number {
    return this.doubles.length / DOUBLES;
  }

  grow(capacity: number): void {
    const { doubles } = this;
    this.doubles = takeMemory(capacity);
    this.doubles.set(doubles);
    this.words = new Int32Array(this.doubles.buffer);
    giveBack(doubles);
  }

  /** The rows are not to be used afterwards. */
  release(): void {
    giveBack(this.doubles);
    this.doubles = NO_ROWS;
    this.words = NO_WORDS;
    this.length = 0;
  }

  copyRow(from: Rows, row: number): void {
    if (this.length === this.capacity) this.grow(this.capacity * 2);
    this.words.set(from.words.subarray(row * WORDS, (row + 1) * WORDS), this.length * WORDS);
    this.length++;
  }
}

/** Fills a row; `ordinal` counts all segments of the connection from 0. */
export function writeRow(rows: Rows, index: number, view: SegmentView, row: RowView, ordinal: number): void {
  const { doubles, words } = rows;
  let at = index * DOUBLES;
  doubles[at++] = view.atUs;
  doubles[at++] = row.seq;
  doubles[at++] = row.ack;
  doubles[at++] = row.sackLeft;
  doubles[at] = row.sackRight;
  at = index * WORDS + 10;
  words[at++] = view.input;
  words[at++] = view.packet;
  words[at++] = ordinal;
  words[at++] =
    (view.flags & 0xff) |
    ((view.ttl & 0xff) << 8) |
    ((view.tos & 0xff) << 16) |
    (row.direction === 1 ? MARK_DIRECTION : 0) |
    (view.dontFragment ? MARK_DONT_FRAGMENT : 0) |
    (row.hasTimestamps ? MARK_TIMESTAMPS : 0);
  words[at++] = view.payloadLength;
  words[at++] = view.window | (view.checksum << 16);
  words[at++] = view.ipId + 1;
  words[at++] = view.vlan + 1;
  words[at++] = ((row.mac + 1) & 0xffff) | ((view.interfaceId & 0xffff) << 16);
  words[at++] = row.hasTimestamps ? row.tsVal : 0;
  words[at++] = row.hasTimestamps ? row.tsEcr : 0;
  words[at] = row.notes;
}

export function readRow(rows: Rows, index: number, originator: Side): Segment {
  const { doubles, words } = rows;
  const d = index * DOUBLES;
  const w = index * WORDS;
  const meta = words[w + META] ?? 0;
  const windowAndSum = words[w + 15] ?? 0;
  const macAndInterface = words[w + 18] ?? 0;
  const direction = meta & MARK_DIRECTION ? 1 : 0;
  const stamped = (meta & MARK_TIMESTAMPS) !== 0;
  return {
    index,
    input: words[w + 10] ?? 0,
    packet: words[w + 11] ?? 0,
    atUs: doubles[d] ?? 0,
    side: direction === originator ? 0 : 1,
    flags: meta & 0xff,
    seq: doubles[d + 1] ?? 0,
    ack: doubles[d + 2] ?? 0,
    length: words[w + 14] ?? 0,
    window: windowAndSum & 0xffff,
    ttl: (meta >>> 8) & 0xff,
    ipId: (words[w + 16] ?? 0) - 1,
    dontFragment: (meta & MARK_DONT_FRAGMENT) !== 0,
    tos: (meta >>> 16) & 0xff,
    tsVal: stamped ? (words[w + 19] ?? 0) >>> 0 : -1,
    tsEcr: stamped ? (words[w + 20] ?? 0) >>> 0 : -1,
    sackLeft: doubles[d + 3] ?? -1,
    sackRight: doubles[d + 4] ?? -1,
    mac: (macAndInterface & 0xffff) - 1,
    vlan: (words[w + 17] ?? 0) - 1,
    interfaceId: macAndInterface >>> 16,
    checksum: windowAndSum >>> 16,
    notes: words[w + NOTES] ?? 0,
  };
}
