import { OctetReader, OctetWriter } from './octets.ts';
import { TextStore } from './texts.ts';

/**
 * The first octet of a value says what it is. Below `TAG.none` it is a whole number itself; short lists and the first shapes of records have their
 * count or number in it.
 */
const TAG = {
  none: 0x80,
  yes: 0x81,
  no: 0x82,
  /** A whole number of 31 bits, in four octets. */
  whole: 0x83,
  /** A double, in eight. */
  float: 0x84,
  text: 0x85,
  /** A count, and so many values. */
  list: 0x86,
  /** The number of a shape, and a value for each of its keys. */
  record: 0x87,
  firstShapes: 0xa0,
  shortList: 0xc0,
} as const;

const LEAST_WHOLE = -(2 ** 31);
const MOST_WHOLE = 2 ** 31 - 1;
/** Shapes, and lengths of lists, that go into the tag. */
const SHAPES_IN_TAG = TAG.shortList - TAG.firstShapes;
const LENGTHS_IN_TAG = 0x100 - TAG.shortList;

/** The keys of records that are alike, in their order. */
type Shape = readonly string[];
type Fields = Record<string, unknown>;

const float = new Float64Array(1);
const floatOctets = new Uint8Array(float.buffer);

/**
 * Puts texts, numbers, truth values, nulls, lists and records of these into octets and gets them back, as JSON would, in a third of the time and
 * of the octets: keys stand once for all records of a shape, and texts that come again are numbers.
 */
export class RecordCodec {
  readonly #out = new OctetWriter();
  readonly #in = new OctetReader();
  readonly #texts = new TextStore();
  readonly #shapes: Shape[] = [];

  /** The octets are valid until the next call. */
  pack(record: unknown): Uint8Array {
    this.#out.clear();
    this.#put(record);
    return this.#out.octets.subarray(0, this.#out.length);
  }

  unpack(block: Buffer, at: number): unknown {
    this.#in.octets = block;
    this.#in.at = at;
    return this.#get();
  }

  #tag(tag: number): void {
    this.#out.reserve(1);
    this.#out.octets[this.#out.length++] = tag;
  }

  #put(value: unknown): void {
    if (typeof value === 'number') this.#putNumber(value);
    else if (typeof value === 'string') {
      this.#tag(TAG.text);
      this.#texts.put(this.#out, value);
    } else if (value === null || typeof value !== 'object') this.#tag(value === true ? TAG.yes : value === false ? TAG.no : TAG.none);
    else if (Array.isArray(value)) this.#putList(value);
    else this.#putRecord(value as Fields);
  }

  #putNumber(value: number): void {
    // The integers of JavaScript have a -0, which only a double holds.
    const isWhole = Number.isInteger(value) && value >= LEAST_WHOLE && value <= MOST_WHOLE && !Object.is(value, -0);
    if (isWhole && value >= 0 && value < TAG.none) {
      this.#tag(value);
      return;
    }
    this.#tag(isWhole ? TAG.whole : TAG.float);
    const out = this.#out;
    out.reserve(8);
    if (isWhole) {
      for (let shift = 0; shift < 32; shift += 8) out.octets[out.length++] = value >>> shift;
      return;
    }
    float[0] = value;
    out.octets.set(floatOctets, out.length);
    out.length += 8;
  }

  #putList(values: readonly unknown[]): void {
    const { length } = values;
    if (length < LENGTHS_IN_TAG) this.#tag(TAG.shortList + length);
    else {
      this.#tag(TAG.list);
      this.#out.count(length);
    }
    for (const value of values) this.#put(value);
  }

  #putRecord(fields: Fields, keys: Shape = Object.keys(fields)): void {
    const begin = this.#out.length;
    const shape = this.#numberOf(keys);
    if (shape < SHAPES_IN_TAG) this.#tag(TAG.firstShapes + shape);
    else {
      this.#tag(TAG.record);
      this.#out.count(shape);
    }
    for (const key of keys) {
      const value = fields[key];
      if (value === undefined) {
        // Seldom: once more without it.
        this.#out.length = begin;
        this.#putRecord(
          fields,
          keys.filter((one) => one !== key),
        );
        return;
      }
      this.#put(value);
    }
  }

  /** Shapes are few: the records of a shelf have one type. */
  #numberOf(keys: Shape): number {
    for (let number = 0; number < this.#shapes.length; number++) if (isSame(this.#shapes[number] ?? [], keys)) return number;
    return this.#shapes.push(keys) - 1;
  }

  #get(): unknown {
    const from = this.#in;
    const tag = from.octets[from.at++] ?? TAG.none;
    if (tag < TAG.none) return tag;
    if (tag >= TAG.shortList) return this.#getList(tag - TAG.shortList);
    if (tag >= TAG.firstShapes) return this.#getRecord(tag - TAG.firstShapes);
    switch (tag) {
      case TAG.yes:
        return true;
      case TAG.no:
        return false;
      case TAG.whole: {
        const { octets, at } = from;
        from.at += 4;
        return (octets[at] ?? 0) | ((octets[at + 1] ?? 0) << 8) | ((octets[at + 2] ?? 0) << 16) | ((octets[at + 3] ?? 0) << 24);
      }
      case TAG.float:
        for (let i = 0; i < 8; i++) floatOctets[i] = from.octets[from.at++] ?? 0;
        return float[0];
      case TAG.text:
        return this.#texts.get(from);
      case TAG.list:
        return this.#getList(from.count());
      case TAG.record:
        return this.#getRecord(from.count());
      default:
        return null;
    }
  }

  #getList(length: number): unknown[] {
    // At its size from the start: a list that grows has room for 17 at once, and most of these are short.
    const values = Array<unknown>(length);
    for (let i = 0; i < length; i++) values[i] = this.#get();
    return values;
  }

  #getRecord(number: number): Fields {
    const fields: Fields = {};
    for (const key of this.#shapes[number] ?? []) fields[key] = this.#get();
    return fields;
  }
}

function isSame(shape: Shape, keys: Shape): boolean {
  if (shape.length !== keys.length) return false;
  for (let at = 0; at < keys.length; at++) if (shape[at] !== keys[at]) return false;
  return true;
}
