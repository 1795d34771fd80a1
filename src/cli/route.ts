import type { Analysis, AnalyzeRequest } from '../model/analysis.ts';
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
