import { isoMicroseconds } from '../model/iso-time.ts';
import type { MailLog } from '../model/maillog.ts';
import type { ClockMap, Session } from '../model/pairing.ts';
import type { ReportVerdict } from '../model/report.ts';
import type { EpochUs } from '../model/units.ts';
import type { LogLine } from '../model/maillog.ts';

/** A judged session as the report names it. */
export interface TracedSession {
  readonly id: string;
  readonly session: Session;
  readonly verdict: ReportVerdict;
}

/** Judged sessions, each made when it is asked for. */
export interface TracedSessions {
  readonly length: number;
  at(place: number): TracedSession | undefined;
}

/** What stories are made from. */
export interface TraceInput {
  readonly log: MailLog;
  /** Sessions that were judged; those of the selected messages at least. */
  readonly sessions: TracedSessions;
  readonly clock: ClockMap;
  /** Undoes the encoding of header texts (RFC 2047). */
  readonly decodeHeader: (text: string) => string;
}

/** Start of the second of a line: in the capture's clock where the clocks are joined, else in UTC by the log's own. */
export function instantOf(clock: ClockMap, line: LogLine): EpochUs {
  return clock.toCapture(line.atUs, line.ref.input) ?? clock.toUtc(line.atUs, line.ref.input);
}

/** ISO 8601 in UTC with microseconds. */
export function isoInstant(atUs: EpochUs): string {
  return (Number.isFinite(atUs) ? isoMicroseconds(atUs) : null) ?? new Date(0).toISOString().replace('Z', '000Z');
}

export function isoOf(clock: ClockMap, line: LogLine): string {
  return isoInstant(instantOf(clock, line));
}
