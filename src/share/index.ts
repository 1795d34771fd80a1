/** Names of all kinds replaced, so that what is written may be given away. */
export { Disguise, type LogShapes, type Replaced } from './disguise.ts';
export type { Leak, LeakSearch, Octets } from './leaks.ts';
export { wordsOfShapes } from './vocabulary.ts';
