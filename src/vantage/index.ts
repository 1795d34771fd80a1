/** Views of one connection at several points of the path. */
export { matchVantages, offsetBetween } from './match.ts';
export type { VantageMatch } from './match.ts';
