import type { Analysis } from '../model/analysis.ts';
import type { UserError } from '../model/user-error.ts';

export const EXIT_DONE = 0;
const EXIT_HARM_FOUND = 1;
const EXIT_USAGE = 2;
const EXIT_NOTHING_READABLE = 3;
const EXIT_DAMAGED = 4;
const EXIT_DISAGREEMENT = 5;
/** A bug of ours (BSD's `sysexits.h` calls it EX_SOFTWARE). */
export const EXIT_INTERNAL = 70;
/** The answer could not be written (EX_IOERR there). A closed pipe is no such case. */
export const EXIT_OUTPUT = 74;
/** 128 + SIGINT. */
export const EXIT_INTERRUPTED = 130;

/** The contract's order: the first that applies. `disagrees`: `verify` found one. */
export function exitStatusOf(analysis: Analysis, exitCode: boolean, disagrees: boolean): number {
  if (!analysis.anyReadable) return EXIT_NOTHING_READABLE;
  if (disagrees) return EXIT_DISAGREEMENT;
  if (analysis.damaged) return EXIT_DAMAGED;
  if (exitCode && analysis.report.sessions.some((session) => session.impact !== 'none')) return EXIT_HARM_FOUND;
  return EXIT_DONE;
}

export function exitStatusOfError(error: UserError): number {
  if (error.code === 'disagreement') return EXIT_DISAGREEMENT;
  return error.code === 'usage' ? EXIT_USAGE : EXIT_NOTHING_READABLE;
}
