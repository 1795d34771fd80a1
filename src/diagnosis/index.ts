/** Evidence of one session in, verdict and its words out. */
export { judge } from './judge.ts';
export { surveyPeers } from './survey/index.ts';
