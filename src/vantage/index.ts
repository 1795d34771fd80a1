/** Views of one connection at several points of the path. */
export { matchVantages, clockBetween, offsetBetween } from './match.ts';
export type { VantageMatch } from './match.ts';
export { type CompareInput, compareSession, interferenceBetween } from './compare.ts';
export { interferenceOf } from './interference.ts';
export type { ClockOffset } from './clock.ts';
export type { Point } from './leg.ts';
