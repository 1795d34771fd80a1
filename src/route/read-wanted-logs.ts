import { readLogs, siftLogs, type ReadLogsOptions } from '../maillog/index.ts';
import type { AnalyzeRequest } from '../model/analysis.ts';
import type { MailLog } from '../model/maillog.ts';
import type { MessageList } from '../model/report.ts';
import type { Source } from '../model/source.ts';
import { spool } from '../source/index.ts';
import { BlockStore, ScratchDepot } from '../vault/index.ts';
import { listMessages, type Meaning } from './list-messages.ts';

/** The logs as far as they are wanted; `list` where messages were listed while they were read. */
interface WantedLogs {
  readonly log: MailLog | null;
  readonly list: MessageList | null;
}

/** How many times its packed size a log usually has. */
const PACKED_GAIN = 10;
/** Below this many octets a log is read as a whole: that takes no time, and leaves no line unread. */
const SMALL_OCTETS = 32_000_000;

/**
 * Reads the logs: of large ones only what belongs to the messages asked for, and a list of all without holding them. With a capture everything is read, because pairing rests on
 * what all other connections cannot be.
 */
export async function readWantedLogs(
  request: AnalyzeRequest,
  sources: readonly Source[],
  options: ReadLogsOptions,
  meaningOf: (log: MailLog) => Meaning,
): Promise<WantedLogs> {
  const records = new BlockStore();
  const texts = sources.flatMap((source) => (source.kind !== 'text' ? [] : source.reread ? source : spool(source, records)));
  if (texts.length === 0) return { log: null, list: null };
  const { subject, selection, rows } = request;
  const isAlone = !sources.some(({ kind }) => kind === 'capture');
  const isPart = isAlone && (subject === 'one-message' || subject === 'messages') && (await areLarge(texts, sources, subject === 'messages', options.signal));
  if (!isPart) return { log: await readLogs(texts, options), list: null };
  const isNumbered = selection.mid.length + selection.icid.length + selection.dcid.length > 0;
  const sifted = subject === 'one-message' || (subject === 'messages' && isNumbered) ? await siftLogs(texts, selection, options) : null;
  if (sifted) return { log: sifted, list: null };
  const listed =
    subject === 'messages' && rows !== undefined ? await listMessages(texts, selection, rows, meaningOf, { ...options, archive: new ScratchDepot() }) : null;
  return listed ?? { log: await readLogs(texts, options), list: null };
}

/** Whether there is much to read: packed octets are more than they seem; of a pipe nobody knows before it was read, so that it is taken for `large` or read ahead. */
async function areLarge(texts: readonly Source[], sources: readonly Source[], large: boolean, signal: AbortSignal | undefined): Promise<boolean> {
  const pipes = new Set(sources.flatMap(({ once, input }) => (once ? input : [])));
  if (large && texts.some(({ input }) => pipes.has(input))) return true;
  let octets = 0;
  for (const { bytes, format, input } of texts) if (!pipes.has(input)) octets += format.endsWith('(gzip)') ? bytes * PACKED_GAIN : bytes;
  for (const text of texts) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, until there is enough
    if (pipes.has(text.input) && octets < SMALL_OCTETS) octets += await countOctets(text, SMALL_OCTETS - octets, signal);
  }
  return octets >= SMALL_OCTETS;
}

/** At most about `most`. */
async function countOctets(source: Source, most: number, signal: AbortSignal | undefined): Promise<number> {
  const reader = source.open();
  const buffer = Buffer.allocUnsafe(1 << 16);
  let count = 0;
  while (count < most) {
    const read = await reader.read(buffer, 0, buffer.length);
    count += read;
    if (read === 0 || signal?.aborted) break;
  }
  await reader.close();
  return count;
}
