import { TCP_FIN, TCP_SYN } from '../model/packet.ts';
import type { Side } from '../model/units.ts';

/**
 * Rows of a sealed log, packed: each row tells only what differs from what the row before in its direction lets expect. A row of a mail
 * session takes about 15 octets instead of 88. Layout of the unpacked rows: see `segment-log.ts`.
 */

const DOUBLES = 11;
const WORDS = 22;
/** Offsets of the words behind the five doubles. */
const INPUT = 10;
const PACKET = 11;
const META = 13;
const LENGTH = 14;
const WINDOW_AND_SUM = 15;
const IP_ID = 16;
const VLAN = 17;
const MAC = 18;
const TS_VAL = 19;
const TS_ECR = 20;
const NOTES = 21;
const MARK_DIRECTION = 1 << 24;

/** What a row tells; the first seven fit into one octet. */
const TELLS = {
  direction: 1 << 0,
  seq: 1 << 1,
  ack: 1 << 2,
  meta: 1 << 3,
  length: 1 << 4,
  tsVal: 1 << 5,
  tsEcr: 1 << 6,
  window: 1 << 7,
  notes: 1 << 8,
  ipId: 1 << 9,
  sack: 1 << 10,
  place: 1 << 11,
  rawTime: 1 << 12,
} as const;

/** Rows as they stand in a connection's log; the same memory twice. */
export interface RowMemory {
  readonly doubles: Float64Array;
  readonly words: Int32Array;
}

/** No row takes more: 18 numbers of up to 8 octets, or raw. */
const ROW_AT_MOST = 160;

let scratch = new Uint8Array(64 * ROW_AT_MOST);
let cursor = 0;
const float = new Float64Array(1);
const floatOctets = new Uint8Array(float.buffer);

/** What the next row of a direction is expected to be like. */
class Expectation {
  readonly words = new Int32Array(WORDS);
  seq = 0;
  ack = 0;

  reset(): void {
    this.words.fill(0);
    this.seq = 0;
    this.ack = 0;
  }
}

const expected: readonly [Expectation, Expectation] = [new Expectation(), new Expectation()];

/** Packs rows into octets that are valid until the next call; null where they hold numbers that do not fit, which no packet leads to. */
export function packRows(memory: RowMemory, rows: number): Uint8Array | null {
  if (scratch.length < rows * ROW_AT_MOST) scratch = new Uint8Array(rows * ROW_AT_MOST);
  cursor = 0;
  expected[0].reset();
  expected[1].reset();
  let timeUs = 0;
  let packet = 0;
  for (let row = 0; row < rows; row++) {
    if (!packRow(memory, row, timeUs, packet)) return null;
    timeUs = memory.doubles[row * DOUBLES] ?? 0;
    packet = memory.words[row * WORDS + PACKET] ?? 0;
  }
  return scratch.subarray(0, cursor);
}

function packRow({ doubles, words }: RowMemory, row: number, timeUs: number, packet: number): boolean {
  const d = row * DOUBLES;
  const w = row * WORDS;
  const atUs = doubles[d] ?? 0;
  const seq = doubles[d + 1] ?? 0;
  const ack = doubles[d + 2] ?? 0;
  const sackLeft = doubles[d + 3] ?? 0;
  const sackRight = doubles[d + 4] ?? 0;
  if (!fits(seq) || !fits(ack) || !fits(sackLeft) || !fits(sackRight)) return false;
  const mark = words[w + META] ?? 0;
  const direction: Side = mark & MARK_DIRECTION ? 1 : 0;
  const before = expected[direction];
  const was = before.words;
  const meta = mark & ~MARK_DIRECTION;
  const length = words[w + LENGTH] ?? 0;
  const tsVal = words[w + TS_VAL] ?? 0;
  const tsEcr = words[w + TS_ECR] ?? 0;
  const windowAndSum = words[w + WINDOW_AND_SUM] ?? 0;
  const notes = words[w + NOTES] ?? 0;
  const ipId = words[w + IP_ID] ?? 0;
  const isPlainTime = fits(atUs);
  const tells =
    direction |
    (seq === before.seq ? 0 : TELLS.seq) |
    (ack === before.ack ? 0 : TELLS.ack) |
    (meta === was[META] ? 0 : TELLS.meta) |
    (length === was[LENGTH] ? 0 : TELLS.length) |
    (tsVal === was[TS_VAL] ? 0 : TELLS.tsVal) |
    (tsEcr === was[TS_ECR] ? 0 : TELLS.tsEcr) |
    ((windowAndSum & 0xffff) === ((was[WINDOW_AND_SUM] ?? 0) & 0xffff) ? 0 : TELLS.window) |
    (notes === 0 ? 0 : TELLS.notes) |
    (ipId === (was[IP_ID] ?? 0) + 1 ? 0 : TELLS.ipId) |
    (sackLeft === -1 && sackRight === -1 ? 0 : TELLS.sack) |
    (words[w + VLAN] === was[VLAN] && words[w + MAC] === was[MAC] && words[w + INPUT] === was[INPUT] ? 0 : TELLS.place) |
    (isPlainTime ? 0 : TELLS.rawTime);
  putNumber(tells);
  if (isPlainTime) putSigned(atUs - (fits(timeUs) ? timeUs : 0));
  else putFloat(atUs);
  putSigned((words[w + PACKET] ?? 0) - packet);
  scratch[cursor++] = (windowAndSum >>> 16) & 0xff;
  scratch[cursor++] = windowAndSum >>> 24;
  if (tells & TELLS.seq) putSigned(seq - before.seq);
  if (tells & TELLS.ack) putSigned(ack - before.ack);
  if (tells & TELLS.meta) putNumber(meta >>> 0);
  if (tells & TELLS.length) putSigned(length);
  if (tells & TELLS.tsVal) putSigned((tsVal - (was[TS_VAL] ?? 0)) | 0);
  if (tells & TELLS.tsEcr) putSigned((tsEcr - (was[TS_ECR] ?? 0)) | 0);
  if (tells & TELLS.window) putNumber(windowAndSum & 0xffff);
  if (tells & TELLS.notes) putNumber(notes >>> 0);
  if (tells & TELLS.ipId) putSigned(ipId);
  if (tells & TELLS.sack) {
    putSigned(sackLeft);
    putSigned(sackRight);
  }
  if (tells & TELLS.place) {
    putSigned(words[w + VLAN] ?? 0);
    putSigned(words[w + MAC] ?? 0);
    putSigned(words[w + INPUT] ?? 0);
  }
  expectAfter(before, words, w, seq, ack, meta);
  return true;
}

/** Whole numbers whose differences are still exact when doubled. */
function fits(value: number): boolean {
  return Number.isInteger(value) && value < 2 ** 51 && value > -(2 ** 51);
}

function expectAfter(next: Expectation, words: Int32Array, w: number, seq: number, ack: number, meta: number): void {
  for (let at = INPUT; at < WORDS; at++) next.words[at] = words[w + at] ?? 0;
  next.words[META] = meta;
  next.seq = seq + (words[w + LENGTH] ?? 0) + (meta & (TCP_SYN | TCP_FIN) ? 1 : 0);
  next.ack = ack;
}

/** Writes the rows packed at `at` into `memory`, which must have room for them. Ordinals (word 12) are not packed and are left as they are. */
export function unpackRows(octets: Uint8Array, at: number, rows: number, { doubles, words }: RowMemory): void {
  reading = octets;
  cursor = at;
  expected[0].reset();
  expected[1].reset();
  let timeUs = 0;
  let packet = 0;
  for (let row = 0; row < rows; row++) {
    const d = row * DOUBLES;
    const w = row * WORDS;
    const tells = getNumber();
    const direction: Side = tells & TELLS.direction ? 1 : 0;
    const before = expected[direction];
    const { words: next } = before;
    const atUs = tells & TELLS.rawTime ? getFloat() : getSigned() + (fits(timeUs) ? timeUs : 0);
    packet += getSigned();
    const sum = (reading[cursor++] ?? 0) | ((reading[cursor++] ?? 0) << 8);
    const seq = tells & TELLS.seq ? getSigned() + before.seq : before.seq;
    const ack = tells & TELLS.ack ? getSigned() + before.ack : before.ack;
    const meta = tells & TELLS.meta ? getNumber() : (next[META] ?? 0);
    if (tells & TELLS.length) next[LENGTH] = getSigned();
    if (tells & TELLS.tsVal) next[TS_VAL] = (next[TS_VAL] ?? 0) + getSigned();
    if (tells & TELLS.tsEcr) next[TS_ECR] = (next[TS_ECR] ?? 0) + getSigned();
    const window = tells & TELLS.window ? getNumber() : (next[WINDOW_AND_SUM] ?? 0) & 0xffff;
    next[WINDOW_AND_SUM] = window | (sum << 16);
    next[NOTES] = tells & TELLS.notes ? getNumber() : 0;
    next[IP_ID] = tells & TELLS.ipId ? getSigned() : (next[IP_ID] ?? 0) + 1;
    const hasSack = (tells & TELLS.sack) !== 0;
    doubles[d] = atUs;
    doubles[d + 1] = seq;
    doubles[d + 2] = ack;
    doubles[d + 3] = hasSack ? getSigned() : -1;
    doubles[d + 4] = hasSack ? getSigned() : -1;
    if (tells & TELLS.place) {
      next[VLAN] = getSigned();
      next[MAC] = getSigned();
      next[INPUT] = getSigned();
    }
    next[PACKET] = packet;
    for (let word = INPUT; word < WORDS; word++) if (word !== META && word !== PACKET + 1) words[w + word] = next[word] ?? 0;
    words[w + META] = meta | (direction === 1 ? MARK_DIRECTION : 0);
    next[META] = meta;
    before.seq = seq + (next[LENGTH] ?? 0) + (meta & (TCP_SYN | TCP_FIN) ? 1 : 0);
    before.ack = ack;
    timeUs = atUs;
  }
}

let reading: Uint8Array = new Uint8Array(0);

/** From here on numbers are divided instead of shifted. */
const LARGE = 2 ** 31;
/** Octets of seven bits each whose sum stays a small integer. */
const SHIFTED_BITS = 28;

/** Seven bits an octet, the low ones first; a set high bit says that more follow. For 0 to 2^53. */
function putNumber(value: number): void {
  let rest = value;
  for (; rest >= LARGE; rest = Math.floor(rest / 0x80)) scratch[cursor++] = (rest % 0x80) | 0x80;
  // Within 31 bits, which shifts can do.
  for (; rest >= 0x80; rest >>>= 7) scratch[cursor++] = rest | 0x80;
  scratch[cursor++] = rest;
}

function getNumber(): number {
  let octet = reading[cursor++] ?? 0;
  if (octet < 0x80) return octet;
  let value = octet & 0x7f;
  for (let shift = 7; shift < SHIFTED_BITS; shift += 7) {
    octet = reading[cursor++] ?? 0;
    value |= (octet & 0x7f) << shift;
    if (octet < 0x80) return value;
  }
  return getLarge(value);
}

/** The rest of a number that is too large for shifts. */
function getLarge(low: number): number {
  let value = low;
  let octet = 0x80;
  for (let scale = 2 ** SHIFTED_BITS; octet >= 0x80; scale *= 0x80) {
    octet = reading[cursor++] ?? 0;
    value += (octet & 0x7f) * scale;
  }
  return value;
}

/** Small numbers of either sign take little room: 0, -1, 1, -2 become 0, 1, 2, 3. */
function putSigned(value: number): void {
  putNumber(value >= 0 ? value * 2 : -value * 2 - 1);
}

function getSigned(): number {
  const value = getNumber();
  // A remainder of numbers that may be large costs more than all else here.
  const half = Math.floor(value / 2);
  return half * 2 === value ? half : -half - 1;
}

function putFloat(value: number): void {
  float[0] = value;
  scratch.set(floatOctets, cursor);
  cursor += 8;
}

function getFloat(): number {
  floatOctets.set(reading.subarray(cursor, cursor + 8));
  cursor += 8;
  return float[0] ?? 0;
}
