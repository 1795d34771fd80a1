export { type TranscriptNames, buildTranscript } from './build.ts';
export type { EndMark } from './draft.ts';
