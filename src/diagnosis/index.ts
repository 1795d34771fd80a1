/** Evidence of one session in, verdict and its words out. */
export { judge } from './judge.ts';
export { surveyPeers } from './survey.ts';
export { RULES } from './rules/index.ts';
export { TIMERS } from './timers.ts';
export { WEIGHTS } from './weights.ts';
