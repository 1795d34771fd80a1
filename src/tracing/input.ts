import { isoMicroseconds } from '../model/iso-time.ts';
import type { MailLog } from '../model/maillog.ts';
import type { ClockMap, Session } from '../model/pairing.ts';
import type { EpochUs, WallUs } from '../model/units.ts';
import type { LogLine } from '../model/maillog.ts';

/** A judged session as the report names it. */
export interface TracedSession {
  readonly id: string;
  readonly session: Session;
  /** The verdict's sentence. */
  readonly statement: string;
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
  return instantOfWall(clock, line.atUs, line.ref.input);
}

/** The same of a line of which stamp and input are known. */
export function instantOfWall(clock: ClockMap, wallUs: WallUs, input: number): EpochUs {
  return clock.toCapture(wallUs, input) ?? clock.toUtc(wallUs, input);
}

/** ISO 8601 in UTC with microseconds. */
export function isoInstant(atUs: EpochUs): string {
  return (Number.isFinite(atUs) ? isoMicroseconds(atUs) : null) ?? new Date(0).toISOString().replace('Z', '000Z');
}

export function isoOf(clock: ClockMap, line: LogLine): string {
  return isoInstant(instantOf(clock, line));
}
