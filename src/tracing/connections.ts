import type { DeliveryHistory, InjectionHistory } from '../model/maillog.ts';
import type { ReportConnection } from '../model/report.ts';
import { type LoggedEnd, endOfDelivery, endOfInjection } from './connection-words.ts';
import { type TraceInput, isoOf } from './input.ts';
import { joinWords } from './facts.ts';

/** A connection and the history behind it. */
export interface TracedConnection {
  readonly history: InjectionHistory | DeliveryHistory;
  readonly report: ReportConnection;
}

/** All ICIDs and DCIDs of the logs, in order of their first line, with how they ended by the log. */
export function* listConnections({ log, clock }: Pick<TraceInput, 'log' | 'clock'>): Generator<TracedConnection> {
  let at = 0;
  for (const injection of log.injections) {
    for (let delivery = log.deliveries.at(at); delivery && delivery.first.atUs < injection.first.atUs; delivery = log.deliveries.at(at)) {
      yield { history: delivery, report: fromDelivery(delivery, clock) };
      at++;
    }
    yield { history: injection, report: fromInjection(injection, log, clock) };
  }
  for (let delivery = log.deliveries.at(at); delivery; delivery = log.deliveries.at(at)) {
    yield { history: delivery, report: fromDelivery(delivery, clock) };
    at++;
  }
}

function fromInjection(injection: InjectionHistory, log: TraceInput['log'], clock: TraceInput['clock']): ReportConnection {
  const aborted = injection.mids.flatMap((mid) => log.message(injection.appliance, mid, injection.last)?.aborted ?? []).filter(({ how }) => how !== 'policy');
  const end = endOfInjection(injection);
  const messages = aborted.length === 0 ? '' : `; ${aborted.map(({ how }) => ABORTS[how]).join(', ')}`;
  return {
    ...common(injection, end, clock),
    icid: injection.icid,
    dcid: null,
    remoteIp: injection.peerIp,
    logView: `${end.text}${messages}`,
  };
}

const ABORTS = { receiving: 'receiving aborted', 'by-sender': 'receiving aborted by sender', policy: 'dropped by policy' } as const;

function fromDelivery(delivery: DeliveryHistory, clock: TraceInput['clock']): ReportConnection {
  const end = endOfDelivery(delivery);
  const failed = delivery.problems.filter(({ kind, mid }) => mid !== null && (kind === 'bounced' || kind === 'delayed'));
  const kinds = [...new Set(failed.map(({ kind }) => kind))];
  const words = kinds.map((kind) => `MID ${joinWords(failed.filter((one) => one.kind === kind).flatMap(({ mid }) => mid ?? []))} ${kind}`);
  return {
    ...common(delivery, end, clock),
    icid: null,
    dcid: delivery.dcid,
    remoteIp: delivery.remoteIp,
    logView: [end.text, ...words].join('; '),
  };
}

function common(
  history: InjectionHistory | DeliveryHistory,
  end: LoggedEnd,
  clock: TraceInput['clock'],
): Omit<ReportConnection, 'icid' | 'dcid' | 'remoteIp' | 'logView'> {
  return {
    serial: history.appliance === '' ? null : history.appliance,
    localIp: history.localIp,
    opened: history.opened ? isoOf(clock, history.opened) : null,
    closed: history.closed ? isoOf(clock, history.closed) : null,
    first: isoOf(clock, history.opened && history.opened.atUs < history.first.atUs ? history.opened : history.first),
    last: isoOf(clock, history.last),
    mids: history.mids,
    ending: end.ending,
    lines: end.line ? [end.line.ref] : [],
  };
}
