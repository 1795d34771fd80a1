/** Names of all kinds replaced, so that what is written may be given away. */
export { Disguise, type Replaced } from './disguise.ts';
export { wordsOfShapes } from './vocabulary.ts';
