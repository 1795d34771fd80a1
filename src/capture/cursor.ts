import type { CaptureSummary } from '../model/packet.ts';
import type { Source } from '../model/source.ts';
import type { EpochUs } from '../model/units.ts';
import type { Decoder, PacketReceiver } from './formats/capture-format.ts';
import { CAPTURE_FORMATS } from './formats/index.ts';
import { Tally } from './tally.ts';
import { Window } from './window.ts';

/** Octets read at a time: two such buffers an open file, which stay in the processor's second cache. Larger ones are slower. */
const CHUNK_OCTETS = 256 * 1024;
const PIPE_CHUNK_OCTETS = 128 * 1024;

/** Enough for a file header and the first packets. */
const PEEK_OCTETS = 128 * 1024;
/** With more files than this, open ones share the memory of this many. */
const FILES_AT_FULL_SIZE = 8;

/** What the cursors of one reading have in common. */
export interface ReadingContext {
  readonly files: number;
  /** Asked before each chunk. */
  readonly goesOn: () => boolean;
  readonly onOctets: (octets: number) => void;
}

/** A reading of one file to its end, of which nobody is told. */
export const ALONE: ReadingContext = { files: 1, goesOn: () => true, onOctets: () => {} };

/** A place in one capture file. */
export class Cursor {
  readonly source: Source;
  /** Time of the next packet; -Infinity before the first was looked at, Infinity at the end. */
  nextUs: EpochUs = Number.NEGATIVE_INFINITY;

  readonly #context: ReadingContext;
  #tally: Tally;
  #window: Window | null = null;
  #decoder: Decoder | null = null;
  #captures = 0;

  constructor(source: Source, context: ReadingContext) {
    this.source = source;
    this.#context = context;
    this.#tally = new Tally(source.input, source.onlyInterface ?? null);
  }

  get tally(): Tally {
    return this.#tally;
  }

  /** Finds the time of the first packet, then lets the file go again (but not a pipe). */
  async peek(receiver: PacketReceiver): Promise<void> {
    await this.#decodeWith(this.source.once ? chunkFor(this.source, this.#context) : PEEK_OCTETS, receiver, Number.NEGATIVE_INFINITY);
    if (this.source.once || this.nextUs === Number.POSITIVE_INFINITY) return;
    await this.close();
    this.#decoder = null;
    this.#captures = 0;
    this.#tally = new Tally(this.source.input, this.source.onlyInterface ?? null);
  }

  /** Gives packets up to `untilUs` to the receiver, then says in `nextUs` when the next one is. */
  async decode(receiver: PacketReceiver, untilUs: EpochUs): Promise<void> {
    await this.#decodeWith(chunkFor(this.source, this.#context), receiver, untilUs);
  }

  async #decodeWith(chunkOctets: number, receiver: PacketReceiver, untilUs: EpochUs): Promise<void> {
    this.#window ??= new Window(this.source.open(), this.#tally, chunkOctets);
    receiver.switchTo(this.#tally);
    const window = this.#window;
    for (;;) {
      const status = this.#decoder ? this.#decoder.decode(window, receiver, untilUs) : this.#begin(window, receiver);
      if (status === 'paused') {
        this.nextUs = this.#decoder?.nextUs ?? Number.POSITIVE_INFINITY;
        return;
      }
      if (status === 'foreign') this.#decoder = null;
      else if (status === 'more' && !(await this.#advance(window))) break;
    }
    this.nextUs = Number.POSITIVE_INFINITY;
    await this.close();
  }

  /** Opens the capture that begins at the window's start. */
  #begin(window: Window, receiver: PacketReceiver): 'more' | 'begun' {
    if (window.start === window.end) return 'more';
    const format = CAPTURE_FORMATS.find((candidate) => candidate.matches(window.view, window.start, window.end));
    if (!window.atEnd && window.end - window.start < (format?.headOctets ?? 4)) return 'more';
    const decoder = format?.begin(window, receiver) ?? null;
    if (!decoder) {
      // Its magic number was seen when it was opened: the file ends within its header.
      this.#tally.note(
        format ? 'cut-in-record' : 'corrupt-record',
        `offset ${window.offsetOf(window.start)}`,
        1,
        format ? 'within the header of the file' : 'no capture',
      );
      window.start = window.end;
      return 'more';
    }
    if (this.#captures++ > 0) this.#tally.note('concatenated', `offset ${window.offsetOf(window.start)}`);
    this.#decoder = decoder;
    return 'begun';
  }

  /** False when everything has been read and decoded. At the end of the file the decoder is asked once more, to settle what is left. */
  async #advance(window: Window): Promise<boolean> {
    if (window.atEnd || !this.#context.goesOn()) return false;
    const count = await window.advance();
    this.#context.onOctets(count);
    return true;
  }

  async close(): Promise<void> {
    const window = this.#window;
    this.#window = null;
    await window?.close();
  }

  summarise(): CaptureSummary {
    return this.#tally.summarise(this.source.format, this.source.anomalies);
  }
}

/** Small files need no large buffers; what a packed file or a pipe will give is not known. */
function chunkFor(source: Source, { files }: ReadingContext): number {
  const isPacked = source.format.endsWith('(gzip)');
  const expected = source.once ? PIPE_CHUNK_OCTETS : source.bytes * (isPacked ? 8 : 1) + 1;
  const share = files > FILES_AT_FULL_SIZE ? CHUNK_OCTETS / 2 : CHUNK_OCTETS;
  return Math.min(share, Math.max(4096, 2 ** Math.ceil(Math.log2(expected))));
}
