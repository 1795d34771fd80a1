import { readLogs, siftLogs, type ReadLogsOptions } from '../maillog/index.ts';
import type { AnalyzeRequest } from '../model/analysis.ts';
import type { MailLog } from '../model/maillog.ts';
import type { MessageList } from '../model/report.ts';
import type { Source } from '../model/source.ts';
import { listMessages, type Meaning } from './list-messages.ts';

/** The logs as far as they are wanted; `list` where messages were listed while they were read. */
interface WantedLogs {
  readonly log: MailLog | null;
  readonly list: MessageList | null;
}

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
  const texts = sources.filter(({ kind }) => kind === 'text');
  if (texts.length === 0) return { log: null, list: null };
  const isLarge = texts.reduce((sum, { bytes }) => sum + bytes, 0) >= SMALL_OCTETS;
  const isAlone = !sources.some(({ kind }) => kind === 'capture');
  if (!isLarge || !isAlone) return { log: await readLogs(texts, options), list: null };
  const { subject, selection, rows } = request;
  const isNumbered = selection.mid.length + selection.icid.length + selection.dcid.length > 0;
  const sifted = subject === 'one-message' || (subject === 'messages' && isNumbered) ? await siftLogs(texts, selection, options) : null;
  if (sifted) return { log: sifted, list: null };
  const listed = subject === 'messages' && rows !== undefined ? await listMessages(texts, selection, rows, meaningOf, options) : null;
  return listed ?? { log: await readLogs(texts, options), list: null };
}
