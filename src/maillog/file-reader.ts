import type { LogFileSummary, MailLog } from '../model/maillog.ts';
import type { Source, SourceReader } from '../model/source.ts';
import { SECOND_US, type WallUs } from '../model/units.ts';
import type { ApplianceState } from './appliance-state.ts';
import type { Appliances } from './appliances.ts';
import { cleanTail, cleanText } from './clean-line.ts';
import type { Duplicates } from './duplicates.ts';
import type { EntryKind, LogEntry } from './entry.ts';
import type { Histories } from './histories.ts';
import type { LineId } from './line-table.ts';
import { entryOfHot } from './hot-entries.ts';
import { HotLine } from './hot-line.ts';
import { recognise } from './hot-shapes.ts';
import { type LineHead, readHead } from './line-head.ts';
import { type EntrySink, type LoadedBlock, LogScanner } from './log-scanner.ts';
import { asciiText, decode } from './octet-text.ts';
import { entryOfText, isHot } from './read-entry.ts';
import { YearGuess, type YearHint } from './stamps.ts';
import { TextBlocks } from './text-blocks.ts';

/** Unknown lines kept for listing, over all files. */
const MAX_UNKNOWN_LINES = 10_000;
/** Longest text of an unknown line that is kept. */
const MAX_UNKNOWN_CHARACTERS = 4000;

/** Octets looked at to tell when a file begins. */
const PEEK_BYTES = 1 << 16;
/** Lines that another file has, too, from which a file's kind is told. */
const COPIES_LOOKED_AT = 1000;
/** What web pages and old systems leave in a line, or letters of any other kind. */
const ODD_CHARACTER = /[^ -~]/;
const OTHER_LOG = 'other appliance log';

/** What all files of a run share. */
export interface Shared {
  readonly histories: Histories;
  readonly duplicates: Duplicates;
  readonly unknown: MailLog['unknown'][number][];
  readonly years: YearHint;
  readonly blockBytes: number;
  readonly appliances: Appliances;
  readonly onProgress: (octets: number) => void;
  readonly signal: AbortSignal | null;
}

/** One log file on its way into the histories. */
export class LogFile implements EntrySink {
  readonly source: Source;
  readonly #shared: Shared;
  #reader: SourceReader | null = null;
  #scanner: LogScanner | null = null;
  /** Time of its first entry; later of the one that is next. */
  nextSeconds = Number.NEGATIVE_INFINITY;
  ended = false;
  /** Serial numbers near its beginning. */
  readonly serialsAhead: string[] = [];
  readonly #byHost = new Map<string | null, ApplianceState>();
  #entries = 0;
  /** Once it is read. */
  #lines = 0;
  #unknownLines = 0;
  #mailLines = 0;
  #firstSeconds = Number.POSITIVE_INFINITY;
  #lastSeconds = Number.NEGATIVE_INFINITY;
  #lastHead: LineHead | null = null;
  #lastHost: string | null = null;
  #lastAppliance: ApplianceState | null = null;
  #until = Number.POSITIVE_INFINITY;
  #alone = true;
  readonly #line = new HotLine();
  readonly #serials = new Set<string>();
  readonly #appliances = new Set<ApplianceState>();
  #utcOffsetSeconds: number | null = null;
  readonly #votes = new Map<string, number>();
  #form: string | null = null;
  #copies = 0;

  constructor(source: Source, shared: Shared) {
    this.source = source;
    this.#shared = shared;
  }

  /** Looks at the beginning: when it starts and of which appliance it is. What can be opened again is closed meanwhile. */
  async peek(): Promise<void> {
    const reader = this.source.open();
    const blocks = new TextBlocks(reader, PEEK_BYTES);
    const block = await blocks.next();
    const head = block === null ? '' : asciiText(block.octets, 0, block.octets.length);
    const years = new YearGuess(this.#shared.years);
    for (const raw of head.split('\n', 2000)) {
      const found = readHead(cleanText(raw).replace(/^[> ]+/, ''), years);
      if (!found) continue;
      this.nextSeconds = found.seconds;
      break;
    }
    for (const [, serial = ''] of head.matchAll(/ Info: Version: \S{1,60} SN: (\S{1,60})/g)) this.serialsAhead.push(serial);
    if (this.source.path === '-') {
      this.#reader = reader;
      this.#scanner = this.#newScanner(blocks);
      this.#scanner.load(block);
    } else {
      await reader.close();
    }
  }

  /** Feeds all entries up to the second `until`. `alone`: no other file has lines in that time. */
  async advance(until: number, alone: boolean): Promise<void> {
    const scanner = this.#open();
    this.#until = until;
    this.#alone = alone;
    for (;;) {
      const step = this.#shared.signal?.aborted ? 'end' : scanner.advance(until, this);
      if (step === 'paused') {
        this.nextSeconds = scanner.nextSeconds;
        return;
      }
      if (step === 'end') break;
      // oxlint-disable-next-line no-await-in-loop -- one block after the other
      this.#shared.onProgress(await scanner.fill());
    }
    this.ended = true;
    this.#noteStranger();
    this.nextSeconds = Number.POSITIVE_INFINITY;
    await this.#reader?.close();
    this.#reader = null;
    // Its buffer goes with it: there may be a thousand rotated files.
    this.#lines = this.#scanner?.lines ?? 0;
    this.#scanner = null;
  }

  /** A whole text without a line of any log is hardly what the user meant to give. */
  #noteStranger(): void {
    if (this.#mailLines > 0 || this.#votes.size > 0 || this.source.excerpt || this.#shared.signal?.aborted) return;
    this.source.anomalies.note('no-log-line', 'line 1');
  }

  get opened(): boolean {
    return this.#scanner !== null && !this.ended;
  }

  #open(): LogScanner {
    if (this.#scanner) return this.#scanner;
    this.#reader = this.source.open();
    this.#scanner = this.#newScanner(new TextBlocks(this.#reader, this.#shared.blockBytes));
    return this.#scanner;
  }

  #newScanner(blocks: TextBlocks): LogScanner {
    const { histories, years } = this.#shared;
    return new LogScanner(blocks, new YearGuess(years), this.source.anomalies, (block) => histories.table.addBlock(this.source, block));
  }

  place(head: LineHead, number: number, block: LoadedBlock, from: number, to: number): void {
    const appliance = this.#arrived(head);
    if (from === to) return;
    const { histories, duplicates } = this.#shared;
    const mayRepeat = this.#mayRepeat(head);
    const mustCompare = mayRepeat && duplicates.mustCompare(this.source.input, head.seconds, appliance);
    if (mustCompare && this.#isRepeated(head, appliance, decode(block.octets, from, to))) return;
    const line = histories.table.add(block.id, this.#numberOf(number), head.seconds, block.base + from, to - from);
    if (mayRepeat && !mustCompare) duplicates.hold(this.source.input, appliance, line);
    const kind = isHot(block, from, to) ? recognise(block.view, from, to, this.#line) : null;
    if (kind === 'mid-scan' || kind === 'mid-queued' || kind === 'mid-policy') {
      this.#mailLines++;
      histories.mention(appliance, this.#line.mid, line);
      return;
    }
    const entry = kind === null ? null : entryOfHot(kind, block.octets, this.#line);
    if (entry === null) {
      const text = decode(block.octets, from, to);
      const clean = ODD_CHARACTER.test(text) ? cleanTail(text) : text;
      if (clean !== text) histories.table.replaceText(line, clean);
      this.#give(head, number, appliance, entryOfText(clean), line);
      return;
    }
    this.#mailLines++;
    histories.add(appliance, entry, line);
  }

  made(head: LineHead, number: number, block: LoadedBlock, at: number, text: string): void {
    const appliance = this.#arrived(head);
    if (text === '') return;
    if (this.#mayRepeat(head) && this.#isRepeated(head, appliance, text)) return;
    const { table } = this.#shared.histories;
    const id = table.add(block.id, this.#numberOf(number), head.seconds, block.base + at, 0);
    table.replaceText(id, text);
    this.#give(head, number, appliance, entryOfText(text), id);
  }

  /** Of an excerpt the number that the line has in the file. */
  #numberOf(number: number): number {
    return this.source.excerpt?.numbers[number - 1] ?? number;
  }

  #arrived(head: LineHead): ApplianceState {
    this.#entries++;
    if (head === this.#lastHead && this.#lastAppliance !== null) return this.#lastAppliance;
    this.#lastHead = head;
    this.#form ??= head.form;
    if (head.seconds < this.#firstSeconds) this.#firstSeconds = head.seconds;
    if (head.seconds > this.#lastSeconds) this.#lastSeconds = head.seconds;
    return this.#applianceOf(head.host);
  }

  #mayRepeat(head: LineHead): boolean {
    return !this.#alone || head.seconds >= this.#until || this.#shared.duplicates.isAt(head.seconds);
  }

  #isRepeated(head: LineHead, appliance: ApplianceState, text: string): boolean {
    if (!this.#shared.duplicates.isRepeated(this.source.input, head.seconds, appliance, text)) return false;
    this.#sawCopy(head, appliance, text);
    return true;
  }

  #give(head: LineHead, number: number, appliance: ApplianceState, entry: LogEntry | null, line: LineId): void {
    const { histories } = this.#shared;
    if (entry === null) {
      this.#unknown(number, appliance, line);
      return;
    }
    this.#tellsKind(head, appliance, entry);
    histories.add(appliance, entry, line);
  }

  /** What a line says of the file that it stands in. */
  #tellsKind(head: LineHead, appliance: ApplianceState, entry: LogEntry): void {
    const log = logOf(entry);
    if (log === 'mail_logs') this.#mailLines++;
    else this.#votes.set(log, (this.#votes.get(log) ?? 0) + 1);
    if (entry.kind === 'version') this.#nameAppliance(head.host, appliance, entry.serial);
    if (entry.kind === 'utc-offset') this.#utcOffsetSeconds = entry.seconds;
  }

  /** A line that another file gave already still tells what kind of log this one is. */
  #sawCopy(head: LineHead, appliance: ApplianceState, text: string): void {
    if (this.#copies++ >= COPIES_LOOKED_AT) return;
    const entry = entryOfText(text);
    if (entry) this.#tellsKind(head, appliance, entry);
  }

  #unknown(number: number, appliance: ApplianceState, line: LineId): void {
    this.#unknownLines++;
    this.source.anomalies.note('unknown-line', `line ${this.#numberOf(number)}`);
    const { unknown, histories } = this.#shared;
    if (unknown.length < MAX_UNKNOWN_LINES) unknown.push({ ref: histories.table.ref(line), text: histories.table.text(line).slice(0, MAX_UNKNOWN_CHARACTERS) });
    histories.addUnknown(appliance, line);
  }

  #applianceOf(host: string | null): ApplianceState {
    if (this.#lastAppliance !== null && host === this.#lastHost) return this.#lastAppliance;
    const found = this.#byHost.get(host) ?? this.#shared.appliances.ofHost(host);
    this.#byHost.set(host, found);
    this.#lastHost = host;
    this.#lastAppliance = found;
    this.#appliances.add(found);
    return found;
  }

  #nameAppliance(host: string | null, current: ApplianceState, serial: string): void {
    const named = this.#shared.appliances.named(current, serial);
    this.#serials.add(serial);
    this.#appliances.add(named);
    this.#byHost.set(host, named);
    this.#lastAppliance = null;
  }

  summary(): LogFileSummary {
    const best = [...this.#votes, ...(this.#mailLines > 0 ? [['mail_logs', this.#mailLines] as const] : [])].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? null;
    return {
      input: this.source.input,
      kind: best ?? (this.#entries > 0 ? OTHER_LOG : 'unknown text'),
      format: this.#form ?? 'text',
      lines: this.source.excerpt?.lines ?? this.#scanner?.lines ?? this.#lines,
      entries: this.#entries,
      unknownLines: this.#unknownLines,
      firstUs: stampUs(this.#firstSeconds),
      lastUs: stampUs(this.#lastSeconds),
      serials: [...this.#serials],
      utcOffsetSeconds: this.#utcOffsetSeconds,
      appliances: [...new Set([...this.#appliances].map((appliance) => appliance.key))],
    };
  }
}

const LOGS: Readonly<Partial<Record<EntryKind, string>>> = {
  'injection-debug': 'injection debug',
  'domain-debug': 'domain debug',
  status: 'status',
  consolidated: 'consolidated events',
  'logfile-begins': OTHER_LOG,
  'logfile-ends': OTHER_LOG,
  version: OTHER_LOG,
  'utc-offset': OTHER_LOG,
};

/** The log in which a line of this kind usually stands. */
function logOf(entry: LogEntry): string {
  if (entry.kind === 'spam-quarantine') return entry.step === 'tagged' || entry.step === 'quarantined' ? 'mail_logs' : 'euq_logs';
  if (entry.kind === 'bounced' || entry.kind === 'delayed') return entry.dcid === null ? 'bounce_logs' : 'mail_logs';
  if (entry.kind === 'appliance-message') return entry.log === 'other' ? OTHER_LOG : entry.log;
  return LOGS[entry.kind] ?? 'mail_logs';
}

function stampUs(seconds: number): WallUs | null {
  return Number.isFinite(seconds) ? seconds * SECOND_US : null;
}
