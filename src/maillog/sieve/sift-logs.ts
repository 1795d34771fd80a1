import type { AnomalyCounter } from '../../model/anomaly.ts';
import type { MailLog } from '../../model/maillog.ts';
import type { Source } from '../../model/source.ts';
import { type ReadLogsOptions, readLogs } from '../read-logs.ts';
import { Finder } from './finder.ts';
import { Links, type Wanted } from './links.ts';
import { type Budget, type IdKind, SiftedFile } from './sifted-file.ts';

/** Where not all numbers can be noted, each step of a chain takes one more pass. */
const MAX_PASSES = 12;
/** Numbers that are noted, 8 octets each: those of some 1.4 GB of mail_logs. */
const MAX_NOTED = 22_000_000;
/** Beyond so many lines reading everything is no slower. */
const MAX_KEPT_LINES = 400_000;
/** A Message-ID that so many messages share tells nothing. */
const MAX_NAMESAKES = 20;
const KINDS: readonly IdKind[] = ['mid', 'icid', 'dcid'];

/**
 * Reads of the logs only what belongs to the messages asked for. One pass notes where which MID, ICID and DCID stands, without understanding
 * a line; then the lines of the wanted are read from their places, and those of the connections and messages that these lines name, until nothing
 * new comes up. Null where that cannot be: nothing in the selection can be searched for, an input can be read only once, or too much was found.
 */
export async function siftLogs(
  sources: readonly Source[],
  wanted: Wanted,
  { onProgress, ...options }: ReadLogsOptions = {},
  mostNoted = MAX_NOTED,
): Promise<MailLog | null> {
  const links = Links.of(wanted);
  const texts = sources.filter((source) => source.kind === 'text');
  if (links === null || texts.some((source) => source.once)) return null;
  const files = texts.map((source) => new SiftedFile(source));
  const budget: Budget = { left: mostNoted };
  const finder = links.texts.length > 0 ? new Finder(links.texts) : null;
  for (let pass = 0; pass === 0 || files.some(({ complete }) => !complete); pass++) {
    if (pass === MAX_PASSES) return null;
    const before = countKnown(links);
    for (const file of files) {
      if (pass > 0 && file.complete) continue;
      // oxlint-disable-next-line no-await-in-loop -- one file at a time
      const places = await file.scan(pass === 0 ? finder : null, links.known, budget, pass === 0 && onProgress ? onProgress : ignore, options.signal ?? null);
      if (places === null || places.length > MAX_KEPT_LINES) return null;
      // oxlint-disable-next-line no-await-in-loop -- one file at a time
      for (const line of await file.keep(places)) links.learn(line);
    }
    // oxlint-disable-next-line no-await-in-loop -- what was found tells what to look for next
    if (!(await followLinks(files, links, pass > 0))) return null;
    if (options.signal?.aborted || (pass > 0 && countKnown(links) === before)) break;
  }
  // oxlint-disable-next-line no-await-in-loop -- one file at a time
  for (const file of files) await file.keepEdges();
  return await readLogs(
    files.map((file) => toSource(file, file.source.anomalies)),
    options,
  );
}

function countKnown({ known }: Links): number {
  return KINDS.reduce((sum, kind) => sum + known[kind].size, 0);
}

/** Keeps what is known to belong to the messages and what that leads to. `again`: a later pass may have found more of what is long known. False where it is too much. */
async function followLinks(files: readonly SiftedFile[], links: Links, again: boolean): Promise<boolean> {
  for (let first = again; first || links.hasFresh; first = false) {
    const fresh = links.takeFresh();
    for (const file of files) {
      const ids = KINDS.flatMap((kind) => file.columns[kind].find(first ? links.known[kind] : fresh[kind], MAX_KEPT_LINES));
      const namesakes = [...fresh.messageIds].flatMap((hash) => {
        const found = file.messageIds.find(new Set([hash]), MAX_NAMESAKES + 1);
        return found.length > MAX_NAMESAKES ? [] : found;
      });
      // oxlint-disable-next-line no-await-in-loop -- one file at a time
      for (const line of await file.keep(ids)) links.learn(line);
      // oxlint-disable-next-line no-await-in-loop -- one file at a time
      for (const line of await file.keep(namesakes)) links.learnNamesake(line);
    }
    if (files.reduce((sum, { kept }) => sum + kept.size, 0) > MAX_KEPT_LINES) return false;
  }
  return true;
}

/** The kept lines as if they were the file. */
function toSource({ source, kept, lines }: SiftedFile, anomalies: AnomalyCounter): Source {
  const numbers = Uint32Array.from(kept.keys()).sort();
  const bytes = Buffer.from([...numbers].map((number) => kept.get(number) ?? '').join('\n'), 'latin1');
  return {
    input: source.input,
    path: source.path,
    kind: source.kind,
    format: source.format,
    bytes: source.bytes,
    vantage: source.vantage,
    advice: source.advice,
    anomalies,
    excerpt: { numbers, lines },
    open() {
      let at = 0;
      return {
        read: (into, offset, length) => {
          const count = Math.min(length, bytes.length - at);
          into.set(bytes.subarray(at, at + count), offset);
          at += count;
          return Promise.resolve(count);
        },
        close: () => Promise.resolve(),
      };
    },
  };
}

function ignore(): void {}
