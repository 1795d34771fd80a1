import type { MailLog } from '../model/maillog.ts';
import type { Depot } from '../model/octet-store.ts';
import type { Source } from '../model/source.ts';
import { SECOND_US, type WallUs } from '../model/units.ts';
import { Appliances } from './appliances.ts';
import { Duplicates } from './duplicates.ts';
import { LogFile, type Shared } from './file-reader.ts';
import { Histories } from './histories.ts';
import { entryOfLine, type LineId } from './line-table.ts';
import type { YearHint } from './stamps.ts';
import { BLOCK_BYTES } from './text-blocks.ts';

export interface ReadLogsOptions {
  /** Year of the first stamp of a log whose stamps have none. */
  readonly fallbackYear?: number;
  /** Better than a year: a moment to which that first stamp shall be nearest, such as the beginning of the captures. */
  readonly nearUs?: WallUs;
  /** Octets read at a time. */
  readonly blockBytes?: number;
  /** Told how many octets were read since the last call. */
  readonly onProgress?: (octets: number) => void;
  /** Ends the reading early, with what is known so far. */
  readonly signal?: AbortSignal;
  /** Takes the histories of which nothing is heard any more, and what else memory need not hold. Without it memory holds all. */
  readonly depot?: Depot;
  /** Lines after which a history of which nothing was heard is put away. */
  readonly roundLines?: number;
}

/**
 * Reads all logs (sources of kind `text`; others are passed over) as one: ordered by what stands in them, lines that stand in
 * several files counted once. Never rejects for what a file holds; what cannot be understood is counted and listed.
 */
export async function readLogs(sources: readonly Source[], options: ReadLogsOptions = {}): Promise<MailLog> {
  const reading = new LogReading(sources, options, new Histories(options), options.onProgress ?? ignore);
  await reading.toEnd();
  return reading.finish();
}

/** All logs on their way into the histories. */
export class LogReading {
  readonly #files: readonly LogFile[];
  readonly #histories: Histories;
  readonly #appliances: Appliances;
  readonly #unknown: Shared['unknown'] = [];
  readonly #duplicates: Duplicates;

  constructor(sources: readonly Source[], options: ReadLogsOptions, histories: Histories, onProgress: (octets: number) => void) {
    const years: YearHint = {
      ...(options.fallbackYear === undefined ? {} : { fallbackYear: options.fallbackYear }),
      ...(options.nearUs === undefined ? {} : { nearSeconds: options.nearUs / SECOND_US }),
    };
    this.#histories = histories;
    this.#appliances = new Appliances(() => histories.newCounters());
    this.#duplicates = new Duplicates(histories.table);
    const shared: Shared = {
      histories,
      appliances: this.#appliances,
      unknown: this.#unknown,
      years,
      duplicates: this.#duplicates,
      blockBytes: options.blockBytes ?? BLOCK_BYTES,
      onProgress,
      signal: options.signal ?? null,
    };
    this.#files = sources.filter((source) => source.kind === 'text').map((source) => new LogFile(source, shared));
  }

  async toEnd(): Promise<void> {
    // oxlint-disable-next-line no-await-in-loop -- one file open at a time
    for (const file of this.#files) await file.peek();
    const serials = new Set(this.#files.flatMap((file) => file.serialsAhead));
    const [only] = serials;
    if (serials.size === 1 && only !== undefined) this.#appliances.assumeSerial(only);
    // oxlint-disable-next-line no-await-in-loop -- the files are merged in order of time
    while (await advanceOldest(this.#files)) continue;
  }

  /** Lines that are needed although no history may have them. */
  get heldLines(): readonly LineId[] {
    return this.#duplicates.held;
  }

  /** All that was read, in order. */
  finish(): MailLog {
    return this.#logOf(this.#histories.finish());
  }

  /** What is known so far and is not at rest; its lists grow. */
  soFar(): MailLog {
    return this.#logOf(this.#histories);
  }

  #logOf({ injections, messages, deliveries }: Pick<MailLog, 'injections' | 'messages' | 'deliveries'>): MailLog {
    return {
      files: this.#files.map((file) => file.summary()),
      injections,
      messages,
      deliveries,
      unknown: this.#unknown,
      message: (appliance, mid, before) => {
        const state = this.#appliances.find(appliance);
        return state ? this.#histories.usedBy(state, mid, before?.atUs ?? Number.POSITIVE_INFINITY) : null;
      },
      uses: (appliance, mid) => {
        const state = this.#appliances.find(appliance);
        return state ? this.#histories.uses(state, mid) : [];
      },
      statuses: this.#histories.statuses(),
      entryOf: entryOfLine,
    };
  }
}

/** Reads on in the file that is furthest behind, until another one is. */
async function advanceOldest(files: readonly LogFile[]): Promise<boolean> {
  let oldest: LogFile | null = null;
  let until = Number.POSITIVE_INFINITY;
  let open = 0;
  for (const file of files) {
    if (file.ended) continue;
    if (file.opened) open++;
    if (oldest === null || file.nextSeconds < oldest.nextSeconds) {
      until = oldest?.nextSeconds ?? until;
      oldest = file;
    } else if (file.nextSeconds < until) {
      until = file.nextSeconds;
    }
  }
  if (oldest === null) return false;
  const othersOpen = open - (oldest.opened ? 1 : 0);
  await oldest.advance(until, othersOpen === 0);
  return true;
}

function ignore(): void {}
