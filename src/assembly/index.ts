/** From judged sessions to the report's records. */
export { describeCoverage } from './coverage.ts';
export { reportInputs } from './report-inputs.ts';
export { describeHead, idOf, openingOf, reportSession, spanOf } from './report-session.ts';
export { isSelected } from './select.ts';
export { sessionsElsewhere } from './vantage-sessions.ts';
