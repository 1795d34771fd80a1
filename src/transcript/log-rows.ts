import type { InjectionDebugRecord, LogLine } from '../model/maillog.ts';
import type { ClockMap, Session } from '../model/pairing.ts';
import { type EpochUs, SECOND_US } from '../model/units.ts';
import { anchorsOf } from './anchors.ts';
import { type DraftRow, newRow } from './draft.ts';

/** How far from the moment it tells of a line may stand: the appliance writes some lines late. */
const SLACK_US = 2 * SECOND_US;

/** A log line and where its words go: the log column, or a side's when only the debug log shows what was said. */
interface LogEntry {
  readonly line: LogLine;
  readonly text: string;
  readonly column: 'log' | 'client' | 'appliance';
}

/** `at` of a row that has no moment in the capture's clock. */
export const NO_TIME = Number.NaN;

/**
 * Puts the session's log lines among its rows: into the row of the moment that a line tells of, where its second allows that; else into a row of its own by time.
 * Lines keep the order of the file. Rows must be in order; the result is.
 */
export function placeLogLines(session: Session, rows: readonly DraftRow[], clock: ClockMap, end: DraftRow | null): DraftRow[] {
  const anchor = anchorsOf(session, rows, end);
  const indexOf = new Map(rows.map((row, index) => [row, index]));
  const own = new Map<number, DraftRow[]>();
  // Even numbers are rows, odd ones the place behind the row: lines may only move forward.
  let place = -1;
  let previous: { readonly line: LogLine; readonly row: DraftRow } | null = null;
  for (const entry of entriesOf(session)) {
    const fromUs = whenLogged(entry.line, session, clock);
    const anchored = entry.column === 'log' ? anchor(entry.line) : null;
    const target = anchored && fits(anchored, fromUs, clock) ? (indexOf.get(anchored) ?? null) : null;
    if (target !== null && target * 2 >= place && anchored) {
      place = target * 2;
      previous = { line: entry.line, row: anchored };
    } else if (previous?.line.atUs === entry.line.atUs && previous.line.ref.input === entry.line.ref.input && rows.length > 0 && entry.column === 'log') {
      previous = { line: entry.line, row: previous.row };
    } else {
      place = Math.max(place, placeByTime(rows, fromUs));
      if (place % 2 === 0) place++;
      const row = newRow('event', fromUs, []);
      own.set(place, [...(own.get(place) ?? []), row]);
      previous = { line: entry.line, row };
    }
    write(previous.row, entry);
  }
  const placed = [...(own.get(-1) ?? [])];
  for (const [index, row] of rows.entries()) placed.push(row, ...(own.get(index * 2 + 1) ?? []));
  return placed;
}

function write(row: DraftRow, { line, text, column }: LogEntry): void {
  row.lines.push(line.ref);
  if (column === 'log') row.log.push(`${wallClock(line)} ${text}`);
  else row[column] = row[column] === '' ? text : `${row[column]}\n${text}`;
}

/** Lines of the connection and, where given, of the injection debug log, in order of time. */
function entriesOf(session: Session): LogEntry[] {
  const history = session.injection ?? session.delivery;
  const entries: LogEntry[] = (history?.lines ?? []).map((line) => ({ line, text: line.text, column: 'log' }));
  const debug = session.injection?.debug ?? [];
  if (debug.length === 0) return entries;
  // The debug log is the only witness of the words where the capture is encrypted or missing.
  const isOnlyWitness = !session.captured || session.captured.dialogue.tls !== null;
  const records = debug.map((record) => debugEntry(record, isOnlyWitness));
  return [...entries, ...records].sort((a, b) => a.line.atUs - b.line.atUs);
}

function debugEntry(record: InjectionDebugRecord, isOnlyWitness: boolean): LogEntry {
  const words = record.text.replace(/[\r\n]+$/, '').replace(/\r?\n/g, ' | ');
  if (isOnlyWitness) return { line: record.line, text: words, column: record.direction === 'received' ? 'client' : 'appliance' };
  return { line: record.line, text: `debug: ${record.direction} '${words}'`, column: 'log' };
}

/** Start of the line's second in the capture's clock; in UTC by the log's own clock where there is no capture; `NO_TIME` where the clocks cannot be joined. */
function whenLogged(line: LogLine, session: Session, clock: ClockMap): EpochUs {
  if (!session.captured) return clock.toUtc(line.atUs, line.ref.input);
  return clock.toCapture(line.atUs, line.ref.input) ?? NO_TIME;
}

function fits(row: DraftRow, fromUs: EpochUs, clock: ClockMap): boolean {
  if (Number.isNaN(fromUs)) return true;
  const slackUs = SLACK_US + (clock.estimate?.uncertaintySeconds ?? 0) * SECOND_US;
  return row.atUs >= fromUs - slackUs && row.atUs <= fromUs + SECOND_US + slackUs;
}

/** The place behind the last row that lies before the line's second; -1 before all rows. */
function placeByTime(rows: readonly DraftRow[], fromUs: EpochUs): number {
  if (Number.isNaN(fromUs)) return -1;
  const next = rows.findIndex((row) => row.atUs >= fromUs);
  return next < 0 ? rows.length * 2 - 1 : next * 2 - 1;
}

/** The stamp as the log shows it, `17:54:21`: wall time read as if it were UTC. */
function wallClock(line: LogLine): string {
  return new Date(Math.floor(line.atUs / 1000)).toISOString().slice(11, 19);
}
