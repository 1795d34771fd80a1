import type { Analysis, AnalyzeRequest } from '../model/analysis.ts';
import type { searchFrames } from '../route/search-frames.ts';
import type { extractLogs, vantageComment, writeExtract } from '../route/write-extract.ts';
import type { Disguise, LogShapes } from '../share/index.ts';
import type { hashFile } from '../source/index.ts';
import type { RecordReader } from '../verify/index.ts';

/** The rooms behind the commands are loaded only when there is something to analyse: help and usage errors answer at once. */
export async function analyze(request: AnalyzeRequest): Promise<Analysis> {
  const route = await import('../analyze.ts');
  return await route.analyze(request);
}

export const readPackets: RecordReader = async (source, wanted, onRecord) => {
  const capture = await import('../capture/index.ts');
  await capture.readPackets(source, wanted, onRecord);
};

/** The part of the route that reads packets a second time, to write them. */
export interface Takeaway {
  readonly Disguise: typeof Disguise;
  /** Fixed words of the log's shapes, and what stands between them. */
  readonly logShapes: () => LogShapes;
  readonly extractLogs: typeof extractLogs;
  readonly searchFrames: typeof searchFrames;
  readonly hashFile: typeof hashFile;
  readonly vantageComment: typeof vantageComment;
  readonly writeExtract: typeof writeExtract;
}

export async function takeaway(): Promise<Takeaway> {
  const extract = await import('../route/write-extract.ts');
  const frames = await import('../route/search-frames.ts');
  const source = await import('../source/index.ts');
  const share = await import('../share/index.ts');
  const maillog = await import('../maillog/index.ts');
  const logShapes = (): LogShapes => ({ words: share.wordsOfShapes(maillog.LOG_PATTERNS.map(({ regex }) => regex)), placesOf: maillog.placesOfLine });
  return { ...extract, ...frames, hashFile: source.hashFile, Disguise: share.Disguise, logShapes };
}
