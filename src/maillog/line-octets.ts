import { isAscii } from 'node:buffer';
import type { OctetStore } from '../model/octet-store.ts';
import type { Source } from '../model/source.ts';
import type { TextBlock } from './text-blocks.ts';

/** What is read again at a time, beside a line that may begin in it; longer ones are read by themselves. */
const WINDOW_BYTES = 1 << 15;
const LONG_LINE = 1 << 10;
/** Windows that are kept: lines that belong together stand near each other. */
const MAX_WINDOWS = 96;

/** Octets in which a line stands, and what is known of them. */
export type LineOctets = Pick<TextBlock, 'octets' | 'view' | 'ascii'>;

interface Window extends LineOctets {
  readonly source: Source;
  /** Where it begins in the file. */
  readonly position: number;
}

/** A block of the log: held, in the store, or only known by its place in the file. */
interface KnownBlock {
  readonly source: Source;
  readonly position: number;
  held: LineOctets | null;
  readonly stored: { readonly address: number; readonly length: number; readonly ascii: boolean } | null;
}

/**
 * The octets of lines long after they were read. What the file can give again is not held: a log is its own store. Blocks of pipes and
 * packed files are kept, in the store where there is one.
 */
export class LogOctets {
  readonly #recent: number;
  readonly #store: OctetStore | null;
  readonly #blocks: KnownBlock[] = [];
  readonly #windows: Window[] = [];
  #latest: Window | null = null;
  /** Where the line that was asked for begins in what was given. */
  at = 0;

  /** `recent`: so many blocks are held for a while although they could be read again. */
  constructor(recent = 0, store: OctetStore | null = null) {
    this.#recent = recent;
    this.#store = store;
  }

  add(source: Source, block: TextBlock): number {
    const { position } = block;
    const isInFile = this.#recent === 0 && source.reread !== undefined && position >= 0;
    const stored = isInFile || this.#store === null ? null : { address: this.#store.keep(block.octets), length: block.octets.length, ascii: block.ascii };
    const held = isInFile || stored !== null ? null : windowOf(Buffer.from(block.octets));
    const old = this.#recent === 0 ? undefined : this.#blocks[this.#blocks.length - this.#recent];
    if (old && old.source.reread !== undefined && old.position >= 0) old.held = null;
    return this.#blocks.push({ source, position, held, stored }) - 1;
  }

  input(block: number): number {
    return this.#blocks[block]?.source.input ?? 0;
  }

  /** Octets in which the line at `from` of the block stands whole; `at` tells where. Null where the file is no longer what it was. */
  of(block: number, from: number, length: number): LineOctets | null {
    const known = this.#blocks[block];
    if (!known) return null;
    if (known.held) {
      this.at = from;
      return known.held;
    }
    if (known.stored) return this.#fetch(known.stored, from);
    const position = known.position + from;
    const window = this.#window(known.source, position - (position % WINDOW_BYTES));
    this.at = position - window.position;
    if (this.at + length <= window.octets.length) return window;
    this.at = 0;
    return this.#longLine(known.source, position, length) ?? this.#lost(known.source);
  }

  #fetch({ address, length, ascii }: NonNullable<KnownBlock['stored']>, from: number): LineOctets | null {
    const block = this.#store?.blockOf(address);
    if (!block) return null;
    const at = this.#store?.placeOf(address) ?? 0;
    const octets = block.subarray(at, at + length);
    this.at = from;
    return { octets, view: new DataView(octets.buffer, octets.byteOffset, octets.length), ascii };
  }

  #longLine(source: Source, position: number, length: number): LineOctets | null {
    const octets = Buffer.from(new ArrayBuffer(length));
    return (source.reread?.(octets, position) ?? 0) === length ? windowOf(octets) : null;
  }

  #lost(source: Source): null {
    source.anomalies.note('read-error', 'lines that were to be read again');
    return null;
  }

  #window(source: Source, position: number): Window {
    if (this.#latest !== null && this.#latest.position === position && this.#latest.source === source) return this.#latest;
    const known = this.#windows.find((window) => window.position === position && window.source === source);
    this.#latest = known ?? this.#read(source, position);
    return this.#latest;
  }

  #read(source: Source, position: number): Window {
    const oldest = this.#windows.length === MAX_WINDOWS ? this.#windows.shift() : undefined;
    const buffer = oldest ? Buffer.from(oldest.octets.buffer) : Buffer.from(new ArrayBuffer(WINDOW_BYTES + LONG_LINE));
    const count = source.reread?.(buffer, position) ?? 0;
    const window = { ...windowOf(buffer.subarray(0, count)), source, position };
    this.#windows.push(window);
    return window;
  }
}

function windowOf(octets: Buffer): LineOctets {
  return { octets, view: new DataView(octets.buffer, octets.byteOffset, octets.length), ascii: isAscii(octets) };
}
