import type { Analysis } from '../model/analysis.ts';
import type { UserError } from '../model/user-error.ts';
import { counted, escapeText, isInterrupted } from '../render/index.ts';
import { closest } from './closest.ts';
import type { Invocation } from './invocation.ts';
import { COMMAND_NAMES } from './option-table.ts';

/** Standard error: inputs that could not be read, each with what helps. Shown with `-q` too. */
export function describeFailures(analysis: Analysis): string {
  return analysis.failures.map(({ path, message, hint }) => describeProblem(`${path}: ${message}`, suggestCommand(path) ?? hint)).join('');
}

/** What looks like a file may be a command with a slip in it. */
function suggestCommand(path: string): string | null {
  const near = /^[a-z]+$/i.test(path) ? closest(path, COMMAND_NAMES) : null;
  return near === null ? null : `did you mean the command ${near}? whohungup ${near} ...`;
}

/**
 * Standard error: inputs that are not read and inputs that are damaged or incomplete, one line an oddity. Shown with `-q` too.
 * Empty where the report on standard output has the list of inputs for people.
 */
export function describeInputs(analysis: Analysis, { command, output }: Invocation): string {
  if (command === 'diagnose' && output.format === 'text' && analysis.anyReadable) return '';
  const failed = new Set(analysis.failures.map(({ path }) => path));
  return analysis.report.inputs
    .flatMap(({ path, format, anomalies }) =>
      anomalies
        .filter(({ kind, severity }) => (severity === 'loss' || severity === 'error') && !(kind === 'unreadable' && failed.has(path)))
        .map(({ kind, count, where, meaning }) => {
          if (kind === 'unsupported') return describeProblem(`${path}: ${format}: ${meaning}`, null);
          const place = [where, ...(count > 1 ? [counted(count, 'time')] : [])].filter((text) => text !== '').join(', ');
          return describeProblem(`${path}: ${meaning}${place === '' ? '' : ` (${place})`}`, null);
        }),
    )
    .join('');
}

/** One line and a hint; never a stack trace. */
export function describeError(error: UserError): string {
  return describeProblem(error.message, error.hint);
}

function describeProblem(message: string, hint: string | null): string {
  return `whohungup: ${escapeText(message)}\n${hint === null ? '' : `  ${escapeText(hint)}\n`}`;
}

/** Why the answer is empty; empty where it is not. */
export function describeEmptiness(analysis: Analysis, { selects, command, output }: Invocation): string {
  if (command === 'trace' || command === 'messages') {
    if (!isEmpty(analysis.report.messages)) return '';
    if (selects) return 'whohungup: no message fits the selection\n  leave out an option, or list all: whohungup messages INPUT...\n';
    return 'whohungup: no message was found in the inputs\n  messages stand in mail_logs: were they among the inputs?\n';
  }
  if (command === 'connections') return isEmpty(analysis.connections) ? 'whohungup: no connection of a log fits\n' : '';
  const { sessions } = analysis.report;
  if (sessions.length > 0) {
    if (!(command === 'extract' || command === 'share') || selects || output.all || sessions.some(isInterrupted)) return '';
    return `whohungup: no session was interrupted, so that nothing was written\n  select one, as with --icid, or take all: whohungup ${command} INPUT... --all\n`;
  }
  if (selects) return 'whohungup: no session fits the selection\n  leave out an option, or list all: whohungup INPUT... --all\n';
  return 'whohungup: no mail session was found in the inputs\n  mail on another port? name it with --port\n';
}

function isEmpty(list: Iterable<unknown>): boolean {
  for (const _ of list) return false;
  return true;
}

/** The list of `--unknown-lines`. */
export function* listUnknownLines(analysis: Analysis): Generator<string> {
  yield `${counted(analysis.unknownLines.length, 'log line')} in no known shape${analysis.unknownLines.length > 0 ? ':' : ''}\n`;
  for (const { path, line, text } of analysis.unknownLines) yield `  ${escapeText(path)}:${line}: ${escapeText(text)}\n`;
}
