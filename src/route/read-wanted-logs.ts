import { readLogs, siftLogs, type ReadLogsOptions } from '../maillog/index.ts';
import type { AnalyzeRequest } from '../model/analysis.ts';
import type { MailLog } from '../model/maillog.ts';
import type { Source } from '../model/source.ts';

/** Below this many octets a log is read as a whole: that takes no time, and leaves no line unread. */
const SMALL_OCTETS = 32_000_000;

/**
 * Reads the logs: of large ones only what belongs to the messages asked for. With a capture everything is read, because pairing rests on
 * what all other connections cannot be.
 */
export async function readWantedLogs(request: AnalyzeRequest, sources: readonly Source[], options: ReadLogsOptions): Promise<MailLog | null> {
  const texts = sources.filter(({ kind }) => kind === 'text');
  if (texts.length === 0) return null;
  const isLarge = texts.reduce((sum, { bytes }) => sum + bytes, 0) >= SMALL_OCTETS;
  const isAlone = !sources.some(({ kind }) => kind === 'capture');
  const sifted = request.subject === 'one-message' && isLarge && isAlone ? await siftLogs(texts, request.selection, options) : null;
  return sifted ?? (await readLogs(texts, options));
}
