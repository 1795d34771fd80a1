/** Views of one connection at several points of the path. */
export { matchVantages, clockBetween, offsetBetween } from './match.ts';
export { compareSession, interferenceBetween } from './compare.ts';
export type { ClockOffset } from './clock.ts';
export type { Point } from './leg.ts';
