import type { LogFileSummary, MailLog } from '../model/maillog.ts';
import type { Source, SourceReader } from '../model/source.ts';
import { SECOND_US, type WallUs } from '../model/units.ts';
import type { ApplianceState } from './appliance-state.ts';
import type { Appliances } from './appliances.ts';
import { cleanText } from './clean-line.ts';
import type { Duplicates } from './duplicates.ts';
import type { EntryKind, LogEntry } from './entry.ts';
import type { Histories } from './histories.ts';
import { Line } from './line.ts';
import { readHead } from './line-head.ts';
import { LogScanner, type RawEntry } from './log-scanner.ts';
import { matchText } from './patterns/index.ts';
import { YearGuess, type YearHint } from './stamps.ts';
import { TextBlocks } from './text-blocks.ts';

/** Unknown lines kept for listing, over all files. */
export const MAX_UNKNOWN_LINES = 10_000;
/** Longest text of an unknown line that is kept. */
const MAX_UNKNOWN_CHARACTERS = 4000;

/** Octets looked at to tell when a file begins. */
const PEEK_BYTES = 1 << 16;
const OTHER_LOG = 'other appliance log';

/** What all files of a run share. */
export interface Shared {
  readonly histories: Histories;
  readonly duplicates: Duplicates;
  readonly unknown: MailLog['unknown'][number][];
  readonly years: YearHint;
  readonly blockBytes: number;
}

/** One log file on its way into the histories. */
export class LogFile {
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
  #unknownLines = 0;
  #firstSeconds: number | null = null;
  #lastSeconds: number | null = null;
  readonly #serials = new Set<string>();
  readonly #appliances = new Set<ApplianceState>();
  #utcOffsetSeconds: number | null = null;
  readonly #votes = new Map<string, number>();
  #form: string | null = null;

  constructor(source: Source, shared: Shared) {
    this.source = source;
    this.#shared = shared;
  }

  /** Looks at the beginning: when it starts and of which appliance it is. What can be opened again is closed meanwhile. */
  async peek(): Promise<void> {
    const reader = this.source.open();
    const blocks = new TextBlocks(reader, PEEK_BYTES);
    const block = await blocks.next();
    const head = block?.text ?? '';
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
      this.#scanner = new LogScanner(blocks, new YearGuess(this.#shared.years), this.source.anomalies);
      this.#scanner.load(block);
    } else {
      await reader.close();
    }
  }

  /** Feeds all entries up to the second `until`. `alone`: no other file has lines in that time. */
  async advance(until: number, alone: boolean, appliances: Appliances): Promise<void> {
    const scanner = this.#open();
    const take = (raw: RawEntry): void => this.#take(raw, !alone || raw.head.seconds >= until, appliances);
    for (;;) {
      const step = scanner.advance(until, take);
      if (step === 'paused') {
        this.nextSeconds = scanner.nextSeconds;
        return;
      }
      if (step === 'end') break;
      // oxlint-disable-next-line no-await-in-loop -- one block after the other
      await scanner.fill();
    }
    this.ended = true;
    this.nextSeconds = Number.POSITIVE_INFINITY;
    await this.#reader?.close();
    this.#reader = null;
  }

  get opened(): boolean {
    return this.#scanner !== null && !this.ended;
  }

  #open(): LogScanner {
    if (this.#scanner) return this.#scanner;
    this.#reader = this.source.open();
    this.#scanner = new LogScanner(new TextBlocks(this.#reader, this.#shared.blockBytes), new YearGuess(this.#shared.years), this.source.anomalies);
    return this.#scanner;
  }

  #take(raw: RawEntry, maybeRepeated: boolean, appliances: Appliances): void {
    const { head } = raw;
    this.#entries++;
    this.#form ??= head.form;
    if (this.#firstSeconds === null || head.seconds < this.#firstSeconds) this.#firstSeconds = head.seconds;
    if (this.#lastSeconds === null || head.seconds > this.#lastSeconds) this.#lastSeconds = head.seconds;
    const appliance = this.#applianceOf(head.host, appliances);
    if (maybeRepeated && this.#shared.duplicates.isRepeated(this.source.input, head.seconds, appliance, raw.text)) return;
    if (raw.text === '') return;
    const known = matchText(raw.text);
    if (!known) {
      this.#unknown(raw, appliance);
      return;
    }
    const { entry } = known;
    this.#votes.set(logOf(entry), (this.#votes.get(logOf(entry)) ?? 0) + 1);
    if (entry.kind === 'version') this.#nameAppliance(head.host, appliance, entry.serial, appliances);
    if (entry.kind === 'utc-offset') this.#utcOffsetSeconds = entry.seconds;
    this.#shared.histories.add(appliance, entry, new Line(this.source.input, raw.line, head.seconds, raw.text));
  }

  #unknown(raw: RawEntry, appliance: ApplianceState): void {
    this.#unknownLines++;
    const line = new Line(this.source.input, raw.line, raw.head.seconds, raw.text);
    this.source.anomalies.note('unknown-line', `line ${raw.line}`);
    const { unknown, histories } = this.#shared;
    if (unknown.length < MAX_UNKNOWN_LINES) unknown.push({ ref: line.ref, text: raw.text.slice(0, MAX_UNKNOWN_CHARACTERS) });
    histories.addUnknown(appliance, line);
  }

  #applianceOf(host: string | null, appliances: Appliances): ApplianceState {
    const known = this.#byHost.get(host);
    if (known) return known;
    const found = appliances.ofHost(host);
    this.#byHost.set(host, found);
    this.#appliances.add(found);
    return found;
  }

  #nameAppliance(host: string | null, current: ApplianceState, serial: string, appliances: Appliances): void {
    const named = appliances.named(current, serial);
    this.#serials.add(serial);
    this.#appliances.add(named);
    this.#byHost.set(host, named);
  }

  summary(): LogFileSummary {
    const best = [...this.#votes].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? null;
    return {
      input: this.source.input,
      kind: best ?? (this.#entries > 0 ? OTHER_LOG : 'unknown text'),
      format: this.#form ?? 'text',
      lines: this.#scanner?.lines ?? 0,
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

function stampUs(seconds: number | null): WallUs | null {
  return seconds === null ? null : seconds * SECOND_US;
}
