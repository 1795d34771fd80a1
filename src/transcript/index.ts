export { buildTranscript } from './build.ts';
