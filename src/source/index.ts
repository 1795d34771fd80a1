export { hashFile } from './hash-file.ts';
export { openSources } from './open-sources.ts';
export { spool } from './spool.ts';
