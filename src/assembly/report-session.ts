import type { Judgement } from '../model/judgement.ts';
import type { LogLine } from '../model/maillog.ts';
import type { ClockMap, Session } from '../model/pairing.ts';
import type { ReportSession, ReportStream } from '../model/report.ts';
import { type EpochUs, SECOND_US } from '../model/units.ts';
import { reportTls } from './report-tls.ts';
import { isoTime } from './times.ts';

/** When a session was, in the capture's clock: first and last packet, else first and last line. */
export interface SessionSpan {
  readonly openedUs: EpochUs | null;
  readonly endedUs: EpochUs | null;
}

export function spanOf(session: Session, clock: ClockMap): SessionSpan {
  return { openedUs: openingOf(session, clock), endedUs: session.captured ? session.captured.connection.lastUs : instantOf(lastLine(session), clock) };
}

/** Its beginning alone. */
export function openingOf(session: Session, clock: ClockMap): EpochUs | null {
  if (session.captured) return session.firstPacketUs;
  const history = session.injection ?? session.delivery;
  return instantOf(history?.opened ?? history?.first ?? null, clock);
}

function lastLine({ injection, delivery }: Session): LogLine | null {
  return (injection ?? delivery)?.last ?? null;
}

function instantOf(line: LogLine | null, clock: ClockMap): EpochUs | null {
  return line && (clock.toCapture(line.atUs, line.ref.input) ?? clock.toUtc(line.atUs, line.ref.input));
}

/** A stable name: what the log calls it, else the stream. */
export function idOf(session: Session, vantage: string): string {
  const { logged } = session;
  if (logged) return `${logged.appliance === '' ? '' : `${logged.appliance}/`}${logged.kind === 'icid' ? 'ICID' : 'DCID'}-${logged.id}`;
  const stream = session.captured?.connection.stream ?? 0;
  return vantage === 'appliance' ? `stream-${stream}` : `${vantage}/stream-${stream}`;
}

/** What a session can be selected by before it is judged. */
export function describeHead(session: Session): Pick<ReportSession, 'mids' | 'clientIp' | 'serial'> {
  const appliance = session.injection?.appliance ?? session.delivery?.appliance ?? '';
  return { mids: midsOf(session), clientIp: endpointsOf(session).clientIp, serial: appliance === '' ? null : appliance };
}

export function reportSession(id: string, session: Session, judgement: Judgement, clock: ClockMap): ReportSession {
  const span = spanOf(session, clock);
  const ends = endpointsOf(session);
  const appliance = session.injection?.appliance ?? session.delivery?.appliance ?? '';
  return {
    id,
    direction: session.direction,
    serial: appliance === '' ? null : appliance,
    icid: session.injection?.icid ?? null,
    dcid: session.delivery?.dcid ?? null,
    mids: midsOf(session),
    streams: streamsOf(session),
    clientIp: ends.clientIp,
    clientPort: ends.clientPort,
    serverIp: ends.serverIp,
    serverPort: ends.serverPort,
    opened: isoTime(span.openedUs),
    decided: isoTime(judgement.decidedUs),
    ended: judgement.verdict.cause === 'still-open' ? null : isoTime(span.endedUs),
    timeUncertaintySeconds: session.captured ? 0 : wholeMicroseconds(1 + (clock.estimate?.uncertaintySeconds ?? 0)),
    encrypted: session.captured?.dialogue.tls?.begin ?? (session.injection?.tls?.ok || session.delivery?.tls?.ok ? 'starttls' : 'none'),
    tls: session.captured ? reportTls(session.captured.dialogue) : null,
    pairing: session.pair && {
      confidence: session.pair.confidence,
      basis: session.pair.basis,
      rivals: session.pair.rivals.map(({ icid, dcid, why }) => ({ ...(icid === null ? {} : { icid }), ...(dcid === null ? {} : { dcid }), why })),
    },
    transactions: judgement.transactions,
    impact: judgement.impact,
    verdict: judgement.verdict,
    evidence: judgement.evidence,
    consequences: judgement.consequences,
    interference: judgement.interference,
    nextCapture: judgement.nextCapture,
    caveats: judgement.caveats,
  };
}

/** MIDs that the log gives to the connection, and those that the appliance's replies name. */
function midsOf(session: Session): number[] {
  const mids = new Set<number>(session.injection?.mids ?? session.delivery?.mids ?? []);
  for (const transaction of session.captured?.dialogue.transactions ?? []) {
    if (transaction.acceptedMid !== null && session.direction !== 'outbound') mids.add(transaction.acceptedMid);
  }
  return [...mids].sort((a, b) => a - b);
}

function endpointsOf(session: Session): Pick<ReportSession, 'clientIp' | 'clientPort' | 'serverIp' | 'serverPort'> {
  if (session.captured) {
    const { connection, dialogue } = session.captured;
    const [client, server] = dialogue.client === 0 ? [connection.originator, connection.responder] : [connection.responder, connection.originator];
    return { clientIp: client.ip, clientPort: client.port, serverIp: server.ip, serverPort: server.port };
  }
  if (session.delivery)
    return { clientIp: session.delivery.localIp, clientPort: null, serverIp: session.delivery.remoteIp, serverPort: session.delivery.remotePort };
  return { clientIp: session.injection?.peerIp ?? null, clientPort: null, serverIp: session.injection?.localIp ?? null, serverPort: null };
}

function streamsOf(session: Session): ReportStream[] {
  if (!session.captured) return [];
  const { connection } = session.captured;
  const ends = endpointsOf(session);
  const inputs: number[] = [];
  const packets: number[] = [];
  let at = -1;
  for (const { input } of connection.segments) {
    // Neighbours mostly stand in one input.
    if (inputs[at] !== input) {
      at = inputs.indexOf(input);
      if (at < 0) at = inputs.push(input) - 1;
    }
    packets[at] = (packets[at] ?? 0) + 1;
  }
  return inputs.map((input, i) => ({
    input,
    clientIp: ends.clientIp ?? '',
    clientPort: ends.clientPort ?? 0,
    serverIp: ends.serverIp ?? '',
    serverPort: ends.serverPort ?? 0,
    packets: packets[i] ?? 0,
    connState: connection.connState,
    history: connection.history,
  }));
}

/** Seconds without what binary fractions add to a sum. */
function wholeMicroseconds(seconds: number): number {
  return Math.round(seconds * SECOND_US) / SECOND_US;
}
