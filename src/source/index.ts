export { openSources } from './open-sources.ts';
export type { InputArgument, InputFailure, OpenedSources, OpenOptions } from './open-sources.ts';
export { FILE_KINDS } from './file-kinds.ts';
