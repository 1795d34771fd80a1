import type { LogEntry } from '../model/log-entry.ts';
import type { DeliveryHistory, LogLine } from '../model/maillog.ts';
import type { ReportDelivery } from '../model/report.ts';
import { type CaptureView, viewDelivery } from './captured.ts';
import type { TracedMid } from './facts.ts';
import { type TraceInput, isoOf } from './input.ts';
import type { Registry } from './registry.ts';
import { sayReply } from './words.ts';

/** One attempt to hand a message on, as its lines tell. */
interface Attempt {
  readonly dcid: number;
  readonly rids: Set<number>;
  started: LogLine | null;
  ended: LogLine | null;
  /** What the receiver said when it took it. */
  response: string | null;
  /** What it said when it did not, for the last recipient. */
  refusal: string | null;
  result: 'delivered' | 'quarantined' | 'bounced' | 'delayed' | 'possible' | null;
  readonly words: string[];
  /** For some recipient the receiver took it. */
  delivered: boolean;
  /** For some recipient no answer came: a timeout, a lost connection. An answer of 4xx or 5xx is one. */
  unanswered: boolean;
}

/** An attempt with the connection it was made on and what a capture shows of it. */
export interface TracedDelivery {
  readonly report: ReportDelivery;
  readonly history: DeliveryHistory | null;
  readonly view: CaptureView | null;
}

/** The attempts of one MID in order. */
export function listDeliveries(traced: TracedMid, registry: Registry, { clock }: Pick<TraceInput, 'clock'>): TracedDelivery[] {
  return readAttempts(traced).map((attempt) => {
    const near = attempt.started ?? attempt.ended ?? traced.history.last;
    const history = attempt.dcid === 0 ? null : registry.delivery(traced.history.appliance, attempt.dcid, near);
    const session = history ? registry.session(history) : null;
    const view = session && history ? viewDelivery(session, traced.history, history) : null;
    const report: ReportDelivery = {
      dcid: attempt.dcid,
      rids: [...attempt.rids],
      response: attempt.response ?? attempt.refusal,
      session: session?.id ?? null,
      mid: traced.history.mid,
      started: attempt.started ? isoOf(clock, attempt.started) : null,
      ended: attempt.ended ? isoOf(clock, attempt.ended) : null,
      interface: history?.localIp ?? null,
      remote: nameRemote(history),
      tls: nameTls(history),
      logView: describeAttempt(attempt, history),
      captureView: view?.text ?? null,
      contradiction: contradicts(attempt, history, view),
    };
    return { report, history, view };
  });
}

function readAttempts({ facts, history }: TracedMid): Attempt[] {
  const attempts: Attempt[] = [];
  const find = (dcid: number, rids: readonly number[]): Attempt => {
    const open = attempts.findLast((attempt) => attempt.dcid === dcid && (attempt.ended === null || rids.every((rid) => attempt.rids.has(rid))));
    if (open) return open;
    const made: Attempt = {
      dcid,
      rids: new Set(rids),
      started: null,
      ended: null,
      response: null,
      refusal: null,
      result: null,
      words: [],
      delivered: false,
      unanswered: false,
    };
    attempts.push(made);
    return made;
  };
  for (const { line, entry } of facts) {
    if (entry === null || !('mid' in entry) || entry.mid !== history.mid) continue;
    read(entry, line, attempts, find);
  }
  return attempts;
}

function read(entry: LogEntry, line: LogLine, attempts: Attempt[], find: (dcid: number, rids: readonly number[]) => Attempt): void {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- most kinds of line say nothing of this
  switch (entry.kind) {
    case 'dcid-start':
      attempts.push({
        dcid: entry.dcid,
        rids: new Set(entry.rids),
        started: line,
        ended: null,
        response: null,
        refusal: null,
        result: entry.quarantine ? 'quarantined' : null,
        words: [],
        delivered: false,
        unanswered: false,
      });
      return;
    case 'dcid-done': {
      const attempt = find(entry.dcid, entry.rids);
      for (const rid of entry.rids) attempt.rids.add(rid);
      attempt.ended = line;
      if (attempt.result === null) attempt.result = entry.quarantine ? 'quarantined' : 'delivered';
      attempt.delivered = attempt.result !== 'possible';
      attempt.words.push(attempt.result === 'quarantined' ? 'the quarantine took it' : 'the message was handed over');
      return;
    }
    case 'mid-response': {
      const attempt = attempts.findLast((one) => one.response === null && entry.rids.some((rid) => one.rids.has(rid)));
      if (!attempt) return;
      attempt.response = entry.response;
      attempt.ended ??= line;
      attempt.result ??= 'delivered';
      return;
    }
    case 'dcid-possible': {
      const attempt = find(entry.dcid, entry.rids);
      attempt.result = 'possible';
      attempt.unanswered = true;
      attempt.words.push('the end of the message was never answered (possible delivery)');
      return;
    }
    case 'consolidated': {
      if (entry.dcid === null || attempts.some(({ dcid }) => dcid === entry.dcid)) return;
      const attempt = find(entry.dcid, []);
      attempt.ended = line;
      attempt.result = entry.action?.toUpperCase() === 'DELIVERED' ? 'delivered' : null;
      attempt.words.push(`the consolidated event says ${entry.action ?? 'nothing of its end'}`);
      return;
    }
    case 'bounced':
    case 'delayed': {
      // bounce_logs repeat what mail_logs tell, without the connection.
      if (entry.dcid === null) return;
      const attempt = find(entry.dcid, entry.rids);
      for (const rid of entry.rids) attempt.rids.add(rid);
      attempt.ended = line;
      attempt.result = entry.kind;
      if (entry.code === null || entry.code === '000') attempt.unanswered = true;
      if (entry.code !== null && entry.code !== '000' && entry.reply !== null) attempt.refusal = `${entry.code} ${entry.reply}`;
      const reply = entry.reply === null ? '' : ` (${entry.code === null || entry.code === '000' ? entry.reply : sayReply(`${entry.code} ${entry.reply}`)})`;
      attempt.words.push(`${entry.kind} for RID ${entry.rids.join(', ')}: ${entry.reason ?? 'no reason given'}${reply}`);
      return;
    }
    default:
  }
}

function describeAttempt(attempt: Attempt, history: DeliveryHistory | null): string {
  const words = [...attempt.words];
  const error = history?.problems.find((problem) => problem.kind === 'connection-error' && isWithin(problem.line, attempt));
  if (error) words.unshift(`connection error: ${error.details ?? error.reason ?? 'no details'}`);
  if (attempt.response !== null) words.push(`the receiver answered ${sayReply(attempt.response)}`);
  if (words.length === 0) return attempt.result === null ? 'begun; no line tells how it ended' : 'begun';
  return words.join('; ');
}

function isWithin(line: LogLine, { started, ended }: Attempt): boolean {
  return (started === null || line.atUs >= started.atUs) && (ended === null || line.atUs <= ended.atUs);
}

/** The log knows of no answer, and the packets show that the receiver took the message; or the other way round. */
function contradicts({ delivered, unanswered, ended }: Attempt, history: DeliveryHistory | null, view: CaptureView | null): boolean {
  if (!view || view.accepted === null) return false;
  if (delivered) return !view.accepted;
  return view.accepted && (unanswered || (ended === null && (history?.problems.length ?? 0) > 0));
}

function nameRemote(history: DeliveryHistory | null): string | null {
  if (!history?.remoteIp) return null;
  if (history.remotePort === null) return history.remoteIp;
  return history.remoteIp.includes(':') ? `[${history.remoteIp}]:${history.remotePort}` : `${history.remoteIp}:${history.remotePort}`;
}

function nameTls(history: DeliveryHistory | null): string | null {
  if (!history?.tls) return null;
  const { ok, protocol, cipher, reason } = history.tls;
  if (!ok) return `failed${reason === null ? '' : `: ${reason}`}`;
  return [protocol, cipher].filter((part) => part !== null).join(' ') || 'success';
}
