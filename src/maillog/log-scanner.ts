import type { AnomalyCounter, AnomalyKind } from '../model/anomaly.ts';
import { cleanLine, cleanText } from './clean-line.ts';
import { HeadTemplates } from './head-templates.ts';
import { type LineHead, readHead } from './line-head.ts';
import { asciiText, decode } from './octet-text.ts';
import { closesAddress, MAX_PIECES, type Piece, rejoin, type WrapHabit } from './rejoin.ts';
import type { YearGuess } from './stamps.ts';
import { isMarked, type TextBlock, type TextBlocks } from './text-blocks.ts';
import { isPlain } from './words.ts';

const NEWLINE = 10;
const BLANK = 32;

/** Longer lines are cut; the appliance itself writes none so long. */
const MAX_LINE_OCTETS = 32_768;

/** Line ends get lost where a paste is reflowed into paragraphs; nobody does that to a log larger than this. */
const MAX_REFLOWED_OCTETS = 1 << 18;
/** A time stamp with level in the middle of a line. */
const INNER_STAMP = / (?=(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat) [A-Z][a-z]{2} {1,2}\d{1,2} \d{2}:\d{2}:\d{2} \d{4} (?:Info|Warning|Critical|Debug|Trace): )/g;
const REFLOWED = /\d{4} (?:Info|Warning|Critical|Debug|Trace): [^\n]{1,2000} \d{2}:\d{2}:\d{2} \d{4} (?:Info|Warning|Critical|Debug|Trace): /;

/** Takes entries whose shape has not been looked at yet. */
export interface EntrySink {
  /** The text stands in `block` from `from` to `to`; `number` is its line number. */
  place(head: LineHead, number: number, block: LoadedBlock, from: number, to: number): void;
  /** The text was cleaned or joined from several lines, the first of which begins at `at`. */
  made(head: LineHead, number: number, block: LoadedBlock, at: number, text: string): void;
}

/** A block with its name in the table of lines. */
export interface LoadedBlock extends TextBlock {
  readonly id: number;
  /** Where its octets begin in the block of that name. */
  readonly base: number;
  /** Entries stand in the middle of lines. */
  readonly reflowed: boolean;
}

/** Whether there is an entry to take, or more of the file must be read first. */
type Step = 'paused' | 'need-more' | 'end';

/**
 * Cuts a file into entries. Reads ahead to the next time stamp, since only that shows that an entry is complete.
 * `nextSeconds` is the time of the entry that will be given next.
 */
export class LogScanner {
  readonly #blocks: TextBlocks;
  readonly #years: YearGuess;
  readonly #anomalies: AnomalyCounter;
  readonly #register: (block: TextBlock) => number;
  #block: LoadedBlock | null = null;
  #at = 0;
  #ended = false;
  #octets = 0;
  readonly #templates: HeadTemplates;
  /** The entry that is not given yet, since the next line may continue it. */
  #head: LineHead | null = null;
  #headBlock: LoadedBlock | null = null;
  #from = 0;
  #to = 0;
  #made: string | null = null;
  #line = 0;
  #width = 0;
  readonly #pieces: Piece[] = [];
  #apart = false;
  readonly #yearless = new Tally();
  readonly #backwards = new Tally();
  readonly #habit: WrapHabit = { widest: 0, cutsWords: false };
  #lastSeconds = Number.NEGATIVE_INFINITY;
  lines = 0;

  /** `register` gives a block its name in the table of lines. */
  constructor(blocks: TextBlocks, years: YearGuess, anomalies: AnomalyCounter, register: (block: TextBlock) => number) {
    this.#blocks = blocks;
    this.#years = years;
    this.#templates = new HeadTemplates(years);
    this.#anomalies = anomalies;
    this.#register = register;
  }

  get nextSeconds(): number {
    return this.#head?.seconds ?? Number.NEGATIVE_INFINITY;
  }

  /** Goes on with the next block; gives its length in octets. */
  async fill(): Promise<number> {
    this.#carry();
    const block = await this.#blocks.next();
    this.load(block);
    return block === null ? 0 : block.fileOctets;
  }

  /** The octets of the entry that is not given yet are taken along: those of its block are about to go. */
  #carry(): void {
    const block = this.#headBlock;
    if (this.#head === null || this.#made !== null || block === null) return;
    // With the blank behind it, if there is one.
    const octets = Buffer.from(block.octets.subarray(this.#from, this.#to + 1));
    this.#headBlock = { ...block, octets, view: new DataView(octets.buffer, octets.byteOffset, octets.length), base: block.base + this.#from };
    this.#to -= this.#from;
    this.#from = 0;
  }

  /** Goes on with this block; null when the file is at its end. */
  load(block: TextBlock | null): void {
    this.#at = 0;
    if (block === null) {
      this.#block = null;
      this.#ended = true;
      return;
    }
    const { octets } = block;
    this.#octets += octets.length;
    const reflowed = this.#octets <= MAX_REFLOWED_OCTETS && REFLOWED.test(asciiText(octets, 0, octets.length));
    const { view, position, fileOctets, ascii, dirty, paged, cut } = block;
    this.#block = { octets, view, position, fileOctets, ascii, dirty, paged, cut, id: this.#register(block), base: 0, reflowed };
  }

  /** Gives all entries up to and including the second `until`, as far as the block reaches. */
  advance(until: number, sink: EntrySink): Step {
    const block = this.#block;
    if (block !== null && !this.#scanBlock(block, until, sink)) return 'paused';
    this.#block = null;
    if (!this.#ended) return 'need-more';
    if (this.#head !== null && this.#head.seconds > until) return 'paused';
    this.#flush(sink);
    this.#yearless.tell(this.#anomalies, 'year-missing');
    this.#backwards.tell(this.#anomalies, 'time-backwards');
    return 'end';
  }

  /** False where it stopped at an entry behind `until`. */
  #scanBlock(block: LoadedBlock, until: number, sink: EntrySink): boolean {
    const { octets } = block;
    while (this.#at < octets.length) {
      if (this.#head !== null && this.#head.seconds > until) return false;
      if (!block.paged && !block.reflowed && this.#run(block, until, sink)) continue;
      const at = this.#at;
      const end = lineEnd(octets, at);
      this.#at = end + 1;
      this.lines++;
      if (block.reflowed) this.#scanReflowed(block, at, end, sink);
      else this.#scanOdd(block, at, end, sink);
    }
    if (block.cut) this.#anomalies.note('overlong-line', `line ${this.lines}`);
    return true;
  }

  /** Goes on over lines that begin like lines before, each of which completes the one before it; false where there is none. */
  #run(block: LoadedBlock, until: number, sink: EntrySink): boolean {
    const { octets, view } = block;
    let at = this.#at;
    let end = lineEnd(octets, at);
    let head = this.#knownHead(block, at, end);
    if (head === null) return false;
    this.#flush(sink);
    let from = 0;
    let to = 0;
    for (;;) {
      this.lines++;
      if (head.seconds !== this.#lastSeconds || head.yearless) this.#sawTime(head);
      if (end - at > this.#habit.widest) this.#habit.widest = end - at;
      from = at + head.textAt;
      while (from < end && view.getUint8(from) === BLANK) from++;
      to = end;
      while (to > from && isBlank(view.getUint8(to - 1))) to--;
      if (to - from > MAX_LINE_OCTETS) to = this.#cut(from, to);
      const next = end + 1;
      if (next >= octets.length || head.seconds > until) break;
      const nextEnd = lineEnd(octets, next);
      const nextHead = this.#knownHead(block, next, nextEnd);
      if (nextHead === null) break;
      sink.place(head, this.lines, block, from, to);
      at = next;
      end = nextEnd;
      head = nextHead;
    }
    this.#at = end + 1;
    this.#await(head, block, from, to, null, end - at);
    return true;
  }

  #knownHead(block: LoadedBlock, at: number, end: number): LineHead | null {
    return block.dirty && isMarked(block.view, at, end) ? null : this.#templates.match(block.view, at, end);
  }

  /** Takes a line apart where further entries begin. Doubled syslog stamps stand right behind the host, so they part nothing. */
  #scanReflowed(block: LoadedBlock, at: number, end: number, sink: EntrySink): void {
    const line = asciiText(block.octets, at, end);
    let from = 0;
    for (const match of line.matchAll(INNER_STAMP)) {
      if (from === 0 && !/\d{4} [A-Z][a-z]{3,9}: /.test(line.slice(0, match.index)) && /^(?:<\d|[A-Z][a-z]{2} [ \d])/.test(line)) continue;
      this.#scanOdd(block, at + from, at + match.index, sink);
      from = match.index + 1;
    }
    this.#scanOdd(block, at + from, end, sink);
  }

  #beginInPlace(head: LineHead, block: LoadedBlock, from: number, to: number, width: number, sink: EntrySink): void {
    const { view } = block;
    let end = to;
    while (end > from && isBlank(view.getUint8(end - 1))) end--;
    let start = from;
    while (start < end && view.getUint8(start) === BLANK) start++;
    this.#begin(head, block, start, this.#cut(start, end), null, width, sink);
  }

  #cut(from: number, to: number): number {
    if (to - from <= MAX_LINE_OCTETS) return to;
    this.#anomalies.note('overlong-line', `line ${this.lines}`);
    return from + MAX_LINE_OCTETS;
  }

  /** A line that does not begin like one before it. */
  #scanOdd(block: LoadedBlock, at: number, to: number, sink: EntrySink): void {
    const end = this.#cut(at, to);
    const raw = textOf(block, at, end);
    const line = this.#goesOnIn(raw) ? ({ kind: 'text', text: raw.trim() } as const) : cleanLine(raw);
    if (line === null) return;
    if (line.kind !== 'text') {
      this.#apart = true;
      return;
    }
    const head = readHead(line.text, this.#years);
    if (head === null) {
      if (this.#head !== null && this.#pieces.length < MAX_PIECES) {
        this.#pieces.push({
          text: line.text,
          line: this.lines,
          width: to - at,
          apart: this.#apart,
          blankBefore: /^\s/.test(raw),
          blankBehind: / \r?$/.test(raw),
        });
      }
      this.#apart = false;
      return;
    }
    const textAt = at + head.textAt;
    if (!mustClean(block, at, end) && textAt <= end && raw.startsWith(line.text) && isPlain(block.view, at, textAt)) {
      this.#templates.learn(block.octets.subarray(at, textAt), head);
      this.#beginInPlace(head, block, textAt, end, to - at, sink);
      return;
    }
    this.#begin(head, block, at, at, line.text.slice(head.textAt).trimEnd(), to - at, sink);
  }

  /** The rest of an address that was cut: alone it looks like a prompt, or, where the entry itself is not quoted, like a quote mark. */
  #goesOnIn(raw: string): boolean {
    const block = this.#headBlock;
    const rest = raw.trim();
    if (this.#head === null || block === null || (this.#made !== null && /^>./.test(rest))) return false;
    return closesAddress(this.#pieces.at(-1)?.text ?? this.#made ?? textOf(block, this.#from, this.#to), rest);
  }

  #begin(head: LineHead, block: LoadedBlock, from: number, to: number, made: string | null, width: number, sink: EntrySink): void {
    this.#flush(sink);
    this.#sawTime(head);
    this.#await(head, block, from, to, made, width);
  }

  #sawTime(head: LineHead): void {
    if (head.seconds < this.#lastSeconds) this.#backwards.note(this.lines);
    if (head.yearless) this.#yearless.note(this.lines);
    this.#years.saw(head.seconds);
    this.#lastSeconds = head.seconds;
  }

  /** The entry may go on in the lines that follow. */
  #await(head: LineHead, block: LoadedBlock, from: number, to: number, made: string | null, width: number): void {
    this.#head = head;
    this.#headBlock = block;
    this.#from = from;
    this.#to = to;
    this.#made = made;
    this.#line = this.lines;
    this.#width = width;
    this.#apart = false;
  }

  #flush(sink: EntrySink): void {
    const head = this.#head;
    const block = this.#headBlock;
    if (head === null || block === null) return;
    this.#head = null;
    if (this.#width > this.#habit.widest) this.#habit.widest = this.#width;
    if (this.#pieces.length > 0) this.#giveJoined(head, block, sink);
    else if (this.#made !== null) sink.made(head, this.#line, block, this.#from, this.#made);
    else sink.place(head, this.#line, block, this.#from, this.#to);
  }

  #giveJoined(head: LineHead, block: LoadedBlock, sink: EntrySink): void {
    const [text = '', ...further] = this.#rejoined(block).split(INNER_STAMP);
    sink.made(head, this.#line, block, this.#from, text);
    // A stamp was cut itself where lines were reflowed.
    for (const line of further) {
      const inner = readHead(line, this.#years);
      if (inner) sink.made(inner, this.#line, block, this.#from, line.slice(inner.textAt));
    }
  }

  #rejoined(block: LoadedBlock): string {
    const text = cleanText(this.#made ?? textOf(block, this.#from, this.#to));
    const blankBehind = this.#made === null && block.octets[this.#to] === BLANK;
    const first = { text, line: this.#line, width: this.#width, apart: false, blankBefore: false, blankBehind };
    const joined = rejoin(first, this.#pieces, this.#habit);
    const left = this.#pieces[joined.used];
    if (left && !left.apart) this.#anomalies.note('line-without-time', `line ${left.line}`);
    this.#pieces.length = 0;
    return joined.text;
  }
}

/** Counts what may befall every line, so that it is told once. */
class Tally {
  #count = 0;
  #firstLine = 0;

  note(line: number): void {
    if (this.#count++ === 0) this.#firstLine = line;
  }

  tell(anomalies: AnomalyCounter, kind: AnomalyKind): void {
    if (this.#count > 0) anomalies.note(kind, `line ${this.#firstLine}`, this.#count);
  }
}

function textOf(block: LoadedBlock, from: number, to: number): string {
  return block.ascii ? asciiText(block.octets, from, to) : decode(block.octets, from, to);
}

function mustClean(block: LoadedBlock, from: number, to: number): boolean {
  return block.paged || (block.dirty && isMarked(block.view, from, to));
}

/** Where the line that begins at `from` ends: its line feed, or the end of all. */
function lineEnd(octets: Buffer, from: number): number {
  const at = octets.indexOf(NEWLINE, from);
  return at < 0 ? octets.length : at;
}

function isBlank(octet: number): boolean {
  return octet === BLANK || octet === 13 || octet === 9;
}
