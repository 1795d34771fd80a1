import { decodeHeaderText } from '../maillog/index.ts';
import type { DeliveryHistory, InjectionHistory, MailLog } from '../model/maillog.ts';
import type { PairingResult, Session, SessionList } from '../model/pairing.ts';
import type { ReportConnection, ReportMessage } from '../model/report.ts';
import type { Selection } from '../model/settings.ts';
import { messagesOf } from '../pairing/index.ts';
import { type ConnectionOrders, MessageTraces, type TracedSessions, listConnections } from '../tracing/index.ts';

type Connection = InjectionHistory | DeliveryHistory;

/** The stories of the selected messages; empty without a log. */
export function traceMessages(log: MailLog | null, pairing: PairingResult, sessions: TracedSessions, selection: Selection): Iterable<ReportMessage> {
  return log ? new MessageTraces({ log, sessions, clock: pairing.clock, decodeHeader: decodeHeaderText }, selection) : [];
}

/** The sessions that the selected messages came in on and went out over: only these need a verdict where messages are asked for. */
export function sessionsOfMessages(log: MailLog | null, pairing: PairingResult, selection: Selection): SessionList {
  if (!log) return pairing.sessions.filter(() => false);
  const { sessions } = pairing;
  const unjudged: TracedSessions = {
    length: sessions.length,
    at: (place) => {
      const session = sessions.at(place);
      return session && { id: '', session, statement: '' };
    },
  };
  const traces = new MessageTraces({ log, sessions: unjudged, clock: pairing.clock, decodeHeader: decodeHeaderText }, selection);
  const wanted = traces.connections();
  return sessions.filter((session) => isAmong(session, wanted));
}

function isAmong({ logged }: Session, { injections, deliveries }: ConnectionOrders): boolean {
  return logged !== null && (logged.kind === 'icid' ? injections : deliveries).has(logged.order);
}

/** All connections of the log that were asked for; told as they are asked for. */
export function traceConnections(
  log: MailLog | null,
  pairing: PairingResult,
  isWanted: (session: Session, connection: ReportConnection) => boolean,
): Iterable<ReportConnection> {
  return {
    *[Symbol.iterator]() {
      if (!log) return;
      for (const { history, report } of listConnections({ log, clock: pairing.clock })) {
        if (isWanted(sessionOf(log, history), report)) yield report;
      }
    },
  };
}

/** As if nothing of it had been captured: selection looks at a session. */
function sessionOf(log: MailLog, history: Connection): Session {
  const isInjection = 'icid' in history;
  return {
    direction: isInjection ? 'inbound' : 'outbound',
    captured: null,
    firstPacketUs: null,
    logged: { kind: isInjection ? 'icid' : 'dcid', appliance: history.appliance, id: isInjection ? history.icid : history.dcid, order: history.order },
    injection: isInjection ? history : null,
    delivery: isInjection ? null : history,
    messages: messagesOf(history, log),
    pair: null,
  };
}
