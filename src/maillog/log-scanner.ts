import type { AnomalyCounter } from '../model/anomaly.ts';
import { cleanLine, cleanText, isDirty } from './clean-line.ts';
import { type LineHead, readFileHead, readHead } from './line-head.ts';
import { MAX_PIECES, type Piece, rejoin } from './rejoin.ts';
import type { YearGuess } from './stamps.ts';
import { decodeLine, type TextBlock, type TextBlocks } from './text-blocks.ts';

/** Longer lines are cut; the appliance itself writes none so long. */
const MAX_LINE_CHARACTERS = 32_768;

/** One entry: head and joined text, its shape not yet looked at. */
export interface RawEntry {
  readonly head: LineHead;
  readonly line: number;
  readonly text: string;
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
  #block: TextBlock | null = null;
  #dirty = false;
  #at = 0;
  #ended = false;
  #prefix = '';
  #prefixHead: LineHead | null = null;
  #head: LineHead | null = null;
  #text = '';
  #line = 0;
  #width = 0;
  readonly #pieces: Piece[] = [];
  #apart = false;
  #widest = 0;
  #lastSeconds = Number.NEGATIVE_INFINITY;
  lines = 0;

  constructor(blocks: TextBlocks, years: YearGuess, anomalies: AnomalyCounter) {
    this.#blocks = blocks;
    this.#years = years;
    this.#anomalies = anomalies;
  }

  get nextSeconds(): number {
    return this.#head?.seconds ?? Number.NEGATIVE_INFINITY;
  }

  async fill(): Promise<void> {
    this.load(await this.#blocks.next());
  }

  /** Goes on with this block; null when the file is at its end. */
  load(block: TextBlock | null): void {
    this.#block = block;
    this.#at = 0;
    if (block === null) this.#ended = true;
    else this.#dirty = isDirty(block.text);
  }

  /** Gives all entries up to and including the second `until`, as far as the block reaches. */
  advance(until: number, take: (entry: RawEntry) => void): Step {
    const block = this.#block;
    const text = block?.text ?? '';
    while (this.#at < text.length) {
      if (this.#head !== null && this.#head.seconds > until) return 'paused';
      const at = this.#at;
      const newline = text.indexOf('\n', at);
      const end = newline < 0 ? text.length : newline;
      this.#at = end + 1;
      this.lines++;
      this.#scan(text, at, end, take);
    }
    if (block?.cut) this.#anomalies.note('overlong-line', `line ${this.lines}`);
    this.#block = null;
    if (!this.#ended) return 'need-more';
    if (this.#head !== null && this.#head.seconds > until) return 'paused';
    this.#flush(take);
    return 'end';
  }

  #scan(text: string, at: number, end: number, take: (entry: RawEntry) => void): void {
    if (!this.#dirty) {
      if (this.#prefixHead !== null && text.startsWith(this.#prefix, at)) {
        this.#begin(this.#prefixHead, this.#lineText(text, at + this.#prefix.length, end), end - at, take);
        return;
      }
      const head = readFileHead(text, at);
      if (head && head.textAt <= end) {
        this.#remember(text.slice(at, head.textAt), head);
        this.#begin(head, this.#lineText(text, head.textAt, end), end - at, take);
        return;
      }
    }
    this.#scanOdd(text.slice(at, Math.min(end, at + MAX_LINE_CHARACTERS)), end - at, take);
  }

  /** The text of a line without what trails it, cut where it is too long. */
  #lineText(text: string, from: number, to: number): string {
    let end = to;
    while (end > from && isBlank(text.charCodeAt(end - 1))) end--;
    let start = from;
    while (start < end && text.charCodeAt(start) === 32) start++;
    if (end - start > MAX_LINE_CHARACTERS) {
      this.#anomalies.note('overlong-line', `line ${this.lines}`);
      end = start + MAX_LINE_CHARACTERS;
    }
    const octets = text.slice(start, end);
    return this.#block?.octets && !this.#block.ascii ? decodeLine(octets) : octets;
  }

  #remember(prefix: string, head: LineHead): void {
    this.#prefix = prefix;
    this.#prefixHead = head;
  }

  /** A line that does not begin with the time in the file form. */
  #scanOdd(octets: string, width: number, take: (entry: RawEntry) => void): void {
    const raw = this.#block?.octets && !this.#block.ascii ? decodeLine(octets) : octets;
    const line = cleanLine(raw);
    if (line === null) return;
    if (line.kind !== 'text') {
      this.#apart = true;
      return;
    }
    const head = readHead(line.text, this.#years);
    if (head) {
      const clean = raw.startsWith(line.text.slice(0, head.textAt));
      // Only with a level behind it does the same beginning mean the same head.
      if (clean && head.level !== null && !this.#dirty && raw === octets) this.#remember(line.text.slice(0, head.textAt), head);
      this.#begin(head, line.text.slice(head.textAt).trimEnd(), width, take);
      return;
    }
    if (this.#head !== null && this.#pieces.length < MAX_PIECES) {
      this.#pieces.push({ text: line.text, line: this.lines, width, apart: this.#apart });
    }
    this.#apart = false;
  }

  #begin(head: LineHead, text: string, width: number, take: (entry: RawEntry) => void): void {
    this.#flush(take);
    if (head.seconds < this.#lastSeconds) this.#anomalies.note('time-backwards', `line ${this.lines}`);
    if (head.yearless) this.#anomalies.note('year-missing', `line ${this.lines}`);
    this.#years.saw(head.seconds);
    this.#lastSeconds = head.seconds;
    this.#head = head;
    this.#text = text;
    this.#line = this.lines;
    this.#width = width;
    this.#apart = false;
  }

  #flush(take: (entry: RawEntry) => void): void {
    const head = this.#head;
    if (head === null) return;
    if (this.#pieces.length === 0) {
      if (this.#width > this.#widest) this.#widest = this.#width;
      take({ head, line: this.#line, text: this.#text });
    } else {
      take({ head, line: this.#line, text: this.#rejoined() });
    }
    this.#head = null;
  }

  #rejoined(): string {
    const first = { text: cleanText(this.#text), line: this.#line, width: this.#width, apart: false };
    this.#widest = Math.max(this.#widest, this.#width);
    const { text, used } = rejoin(first, this.#pieces, this.#widest);
    for (const piece of this.#pieces.slice(0, used)) this.#widest = Math.max(this.#widest, piece.width);
    const left = this.#pieces[used];
    if (left && !left.apart) this.#anomalies.note('line-without-time', `line ${left.line}`);
    this.#pieces.length = 0;
    return text;
  }
}

function isBlank(code: number): boolean {
  return code === 32 || code === 13 || code === 9;
}
