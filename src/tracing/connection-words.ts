import type { DeliveryHistory, InjectionEnd, InjectionHistory, LogLine } from '../model/maillog.ts';
import { secondsBetween, sayDuration } from './words.ts';

/** One word and a sentence: how the log says that a connection ended. */
export interface LoggedEnd {
  readonly ending: string;
  readonly text: string;
  readonly line: LogLine | null;
}

const INJECTION_ENDS: Readonly<Record<InjectionEnd['kind'], { readonly ending: string; readonly text: string }>> = {
  lost: { ending: 'lost', text: 'lost: the client was gone without QUIT (FIN or RST; only a capture can tell which, and whose)' },
  'lost-early': { ending: 'lost', text: 'lost before any command' },
  close: { ending: 'closed', text: 'closed' },
  'timeout-no-injection': { ending: 'timeout', text: 'closed by the appliance: no message within the timeout' },
  'timeout-total': { ending: 'timeout', text: 'closed by the appliance: total time limit' },
  killed: { ending: 'killed', text: 'killed by the appliance' },
  limit: { ending: 'rejected', text: 'refused: too many connections' },
  'receiving-failed': { ending: 'rejected', text: 'receiving failed' },
  rejected: { ending: 'rejected', text: 'rejected' },
  'tcp-refused': { ending: 'rejected', text: 'refused at TCP level' },
  'tls-failed': { ending: 'tls-failed', text: 'TLS failed' },
  'tls-required': { ending: 'tls-failed', text: 'TLS was required but not begun' },
  dhap: { ending: 'rejected', text: 'dropped: directory harvest' },
  other: { ending: 'other', text: 'trouble' },
};

/** The first end that says why; a plain close only where nothing else stands. */
export function endOfInjection(injection: InjectionHistory): LoggedEnd {
  const telling = injection.ends.find((end) => end.kind !== 'close');
  const end = telling ?? injection.ends[0];
  if (!end) return { ending: 'open', text: 'no line tells how it ended', line: null };
  const { ending, text } = INJECTION_ENDS[end.kind];
  const reason = end.reason === null ? '' : ` (${end.reason})`;
  return { ending, text: `${text}${reason}`, line: end.line };
}

/** `lost …` and how long it lasted. */
export function describeInjection(injection: InjectionHistory): string {
  const end = endOfInjection(injection);
  const lasted = injection.opened && end.line ? `, ${sayDuration(secondsBetween(injection.opened, end.line))} after it was opened` : '';
  return `${end.text}${lasted}`;
}

export function endOfDelivery(delivery: DeliveryHistory): LoggedEnd {
  const [problem] = delivery.problems.filter(({ kind }) => kind !== 'bounced' && kind !== 'delayed');
  if (problem) {
    const why = problem.details ?? problem.reason;
    const name = problem.kind === 'connection-error' ? 'connection error' : problem.kind.replace('-', ' ');
    return { ending: problem.kind === 'connection-error' ? 'error' : problem.kind, text: `${name}${why === null ? '' : `: ${why}`}`, line: problem.line };
  }
  if (delivery.closed) return { ending: 'closed', text: 'closed', line: delivery.closed };
  return { ending: 'open', text: 'no line tells how it ended', line: null };
}
