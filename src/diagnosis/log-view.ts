import type { LineRef } from '../model/evidence.ts';
import type { JudgeInput } from '../model/judgement.ts';
import type { DeliveryHistory, DeliveryProblem, HistoryList, InjectionHistory, LogLine, MessageHistory } from '../model/maillog.ts';
import type { Stage } from '../model/smtp.ts';
import { FactRuns } from './fact-runs.ts';
import { saw, type Observation } from './observation.ts';

/** How the appliance's own log says that the session ended; null where it says nothing. */
export type LogEnding =
  | 'completed'
  | 'by-sender'
  | 'lost'
  | 'aborted'
  | 'closed'
  | 'rejected'
  | 'tls-failed'
  | 'timeout'
  | 'killed'
  | 'remote-closed'
  | 'remote-reset'
  | 'no-answer'
  | 'refused';

/** The log's side of a session, boiled down. */
export interface LogView {
  readonly ending: LogEnding | null;
  /** The step that its lines show last. */
  readonly stage: Stage;
  readonly accepted: number;
  /** Messages that were aborted while they were received. */
  readonly aborted: number;
  /** Line that ended it. */
  readonly line: LogLine | null;
  readonly observations: readonly Observation[];
  /** Seconds between the last line before the end and the end. */
  readonly waitedSeconds: number | null;
  /** Own lines of the connection are there; without them a missing `lost` proves nothing. */
  readonly ownLines: boolean;
}

export function viewLog(input: JudgeInput): LogView | null {
  const { injection, delivery, messages } = input.session;
  if (injection) return viewInjection(injection, messages, input.site.inboundTimeoutSeconds);
  return delivery ? viewDelivery(delivery) : null;
}

function refs(...lines: readonly (LogLine | null | undefined)[]): LineRef[] {
  const found: LineRef[] = [];
  for (const line of lines) if (line) found.push(line.ref);
  return found;
}

function viewInjection(injection: InjectionHistory, messages: HistoryList<MessageHistory>, timeoutSeconds: number): LogView {
  const observations: Observation[] = [];
  const { lost } = injection;
  const accepted = new FactRuns(messages, factOfReady);
  const aborted = new FactRuns(messages, (message) => factOfAborted(message, lost !== null));
  const byPolicy = new FactRuns(messages, factOfPolicy);
  let place = 0;
  for (const message of messages) {
    accepted.add(message, place);
    aborted.add(message, place);
    byPolicy.add(message, place++);
  }
  observations.push(...accepted.observations());
  if (lost) observations.push(saw('log-lost', { icid: injection.icid }, [], [lost.ref]));
  observations.push(...aborted.observations(), ...byPolicy.observations());
  if (!injection.ownLines) observations.push(saw('log-only-message-lines', {}));
  const last = messages.at(messages.length - 1);
  const ending = endingOfInjection(injection, last, accepted.count > 0, observations);
  const line = ending.line;
  const waitedSeconds = line ? waitedBefore(injection.lines, line) : null;
  if (waitedSeconds !== null && Math.abs(waitedSeconds - timeoutSeconds) <= Math.max(2, timeoutSeconds * 0.02)) {
    observations.push(saw('log-waited', { seconds: waitedSeconds, timerSeconds: timeoutSeconds }, [], refs(line)));
  }
  return {
    ending: ending.kind,
    stage: stageOfInjection(last, ending.kind),
    accepted: accepted.count,
    aborted: aborted.count,
    line,
    observations,
    waitedSeconds,
    ownLines: injection.ownLines,
  };
}

function factOfReady({ mid, ready }: MessageHistory): Observation | null {
  return ready && saw('log-ready', { mid, octets: ready.octets }, [], [ready.line.ref]);
}

/** Aborted while it was received. */
function factOfAborted({ mid, aborted }: MessageHistory, lostToo: boolean): Observation | null {
  if (!aborted || aborted.how === 'policy') return null;
  const lines = [aborted.line.ref];
  return aborted.how === 'by-sender' ? saw('log-by-sender', { mid }, [], lines) : saw('log-aborted', { mid, lostToo }, [], lines);
}

function factOfPolicy({ mid, aborted }: MessageHistory): Observation | null {
  return aborted?.how === 'policy' ? saw('log-abort-by-policy', { mid, by: aborted.by ?? 'policy' }, [], [aborted.line.ref]) : null;
}

function endingOfInjection(
  injection: InjectionHistory,
  last: MessageHistory | undefined,
  anyAccepted: boolean,
  observations: Observation[],
): { kind: LogEnding | null; line: LogLine | null } {
  const openAborted = last?.aborted && last.aborted.how !== 'policy' && last.ready === null ? last.aborted : null;
  const { ends } = injection;
  for (const end of ends) {
    const cited = refs(end.line);
    if (end.kind === 'tls-failed') observations.push(saw('log-tls-failed', { reason: end.reason }, [], cited));
    if (end.kind === 'killed') observations.push(saw('log-killed', { text: end.line.text }, [], cited));
    if (end.kind === 'timeout-no-injection' || end.kind === 'timeout-total') observations.push(saw('log-timeout', { text: end.line.text }, [], cited));
    if (REFUSALS.has(end.kind)) observations.push(saw('log-rejected', { text: end.line.text }, [], cited));
  }
  const found = (kinds: ReadonlySet<string>) => ends.find((end) => kinds.has(end.kind)) ?? null;
  const tlsFailed = found(TLS_FAILURES);
  if (tlsFailed && !last) return { kind: 'tls-failed', line: tlsFailed.line };
  const timeout = found(TIMEOUTS);
  if (timeout) return { kind: 'timeout', line: timeout.line };
  // RSET is written like QUIT; whoever is lost afterwards had only withdrawn its message.
  const lostLater = openAborted !== null && injection.lost !== null && isBehind(injection.lost, openAborted.line);
  if (openAborted?.how === 'by-sender' && !lostLater) return { kind: 'by-sender', line: openAborted.line };
  const refused = found(REFUSALS);
  if (refused && openAborted === null) return { kind: 'rejected', line: refused.line };
  if (injection.lost) return { kind: 'lost', line: injection.lost };
  const killed = found(KILLS);
  if (killed) return { kind: 'killed', line: killed.line };
  if (openAborted) return { kind: 'aborted', line: openAborted.line };
  if (!injection.closed) return { kind: null, line: null };
  if (!anyAccepted) observations.push(saw('log-close-only', { icid: injection.icid }, [], refs(injection.closed)));
  return { kind: anyAccepted ? 'completed' : 'closed', line: injection.closed };
}

function isBehind(line: LogLine, other: LogLine): boolean {
  return line.atUs > other.atUs || (line.atUs === other.atUs && line.ref.input === other.ref.input && line.ref.line > other.ref.line);
}

const TLS_FAILURES = new Set(['tls-failed']);
const TIMEOUTS = new Set(['timeout-no-injection', 'timeout-total']);
const KILLS = new Set(['killed']);
const REFUSALS = new Set(['rejected', 'tcp-refused', 'limit', 'receiving-failed', 'tls-required', 'dhap']);

function stageOfInjection(last: MessageHistory | undefined, ending: LogEnding | null): Stage {
  if (ending === 'tls-failed') return 'starttls';
  if (!last) return ending === 'rejected' ? 'banner' : ending === 'closed' ? 'quit' : 'helo';
  if (last.ready) return ending === 'completed' ? 'quit' : 'idle-after-message';
  if (last.messageId !== null || last.subject !== null) return 'data-end';
  return last.recipients.length > 0 ? 'rcpt' : 'mail';
}

/** Seconds between the end and the line before it that is no part of the end. */
function waitedBefore(lines: readonly LogLine[], end: LogLine): number | null {
  const before = lines.findLast((line) => line.atUs < end.atUs);
  return before ? (end.atUs - before.atUs) / 1e6 : null;
}

function viewDelivery(delivery: DeliveryHistory): LogView {
  const observations: Observation[] = [];
  for (const done of delivery.deliveries) {
    if (done.done && done.response !== null)
      observations.push(saw('log-delivered', { mid: done.mid, response: done.response }, [], refs(done.done, done.responseLine)));
  }
  const problems = delivery.problems;
  for (const problem of problems) {
    const cited = refs(problem.line);
    if (problem.kind === 'connection-error') observations.push(saw('log-connection-error', { details: problem.details ?? problem.reason ?? '' }, [], cited));
    if (problem.kind === 'possible-delivery' && problem.mid !== null) observations.push(saw('log-possible-delivery', { mid: problem.mid }, [], cited));
    if (problem.kind === 'tls-failed' || problem.kind === 'tls-required')
      observations.push(saw('log-tls-failed', { reason: problem.details ?? problem.reason }, [], cited));
    if ((problem.kind === 'bounced' || problem.kind === 'delayed') && isSmtpCode(problem.code))
      observations.push(saw('log-rejected', { text: problem.line.text }, [], cited));
    if (problem.kind === 'killed') observations.push(saw('log-killed', { text: problem.line.text }, [], cited));
  }
  const delivered = delivery.deliveries.filter((entry) => entry.done !== null && entry.response !== null).length;
  const { kind, line } = endingOfDelivery(delivery, delivered);
  const started = delivery.deliveries.length > 0;
  const stage: Stage =
    kind === 'tls-failed' ? 'starttls' : delivered > 0 ? 'quit' : kind === 'no-answer' && !started ? 'connect' : started ? 'mail' : 'connect';
  return {
    ending: kind,
    stage,
    accepted: delivered,
    aborted: 0,
    line,
    observations,
    waitedSeconds: line ? waitedBefore(delivery.lines, line) : null,
    ownLines: delivery.opened !== null || delivery.closed !== null,
  };
}

function isSmtpCode(code: string | null): boolean {
  return code !== null && /^[45]\d\d$/.test(code);
}

/** The remote server said no: a reply code, also in a connection error (a greeting of 4xx or 5xx). Codes of 000 are the appliance's own. */
function isRefusal({ kind, code, details, reason }: DeliveryProblem): boolean {
  if (kind === 'bounced' || kind === 'delayed') return isSmtpCode(code);
  return kind === 'connection-error' && (/^[45]\d\d[ -]/.test(details ?? '') || /unexpected SMTP response/i.test(reason ?? ''));
}

/** FreeBSD's error numbers as AsyncOS prints them, and its own words: what the appliance's socket returned. */
const DELIVERY_DETAILS: readonly { readonly pattern: RegExp; readonly ending: LogEnding }[] = [
  { pattern: /\bErrno 54\b|reset by peer/i, ending: 'remote-reset' },
  { pattern: /\bErrno 61\b|refused/i, ending: 'refused' },
  { pattern: /\bEOF\b/, ending: 'remote-closed' },
  { pattern: /\bErrno (60|65|51|64)\b|timeout|timed out|unreachable|no route/i, ending: 'no-answer' },
];

function endingOfDelivery(delivery: DeliveryHistory, delivered: number): { kind: LogEnding | null; line: LogLine | null } {
  const error = delivery.problems.find((problem) => problem.kind === 'connection-error') ?? delivery.problems.find((problem) => problem.code === '000');
  if (error) {
    const text = `${error.details ?? ''} ${error.reason ?? ''}`;
    const known = DELIVERY_DETAILS.find((entry) => entry.pattern.test(text));
    if (known) return { kind: known.ending, line: error.line };
  }
  const tls = delivery.problems.find((problem) => problem.kind === 'tls-failed' || problem.kind === 'tls-required');
  if (tls && delivered === 0) return { kind: 'tls-failed', line: tls.line };
  const refusal = delivery.problems.find((problem) => isRefusal(problem));
  if (delivered === 0 && refusal) return { kind: 'rejected', line: refusal.line };
  if (delivered > 0) return { kind: 'completed', line: delivery.closed };
  return { kind: delivery.closed ? 'closed' : null, line: delivery.closed };
}
