import type { InjectionDebugRecord, LogLine } from '../model/maillog.ts';
import type { ClockMap, Session } from '../model/pairing.ts';
import { type EpochUs, SECOND_US } from '../model/units.ts';
import { hidesWords } from '../model/tls.ts';
import { anchorsOf, wordsOf } from './anchors.ts';
import { type DraftRow, newRow } from './draft.ts';

/** How far from the moment it tells of a line may stand: the appliance writes some lines late. */
const SLACK_US = 2 * SECOND_US;

/** A log line and where its words go: the log column, or a side's when only the debug log shows what was said. */
interface LogEntry {
  readonly line: LogLine;
  readonly text: string;
  readonly column: 'log' | 'client' | 'appliance';
  /** Index of the row that the line is about, if one can be told; never one before `from`. */
  readonly target: (from: number) => number | null;
}

/** `at` of a row that has no moment in the capture's clock. */
const NO_TIME = Number.NaN;

/**
 * Puts the session's log lines among its rows: into the row of the moment that a line tells of, where its second allows that; else into a row of its own by time.
 * Lines keep the order of their log; the debug log is a log of its own. Rows must be in order; the result is.
 */
export function placeLogLines(session: Session, rows: readonly DraftRow[], clock: ClockMap, end: DraftRow | null): DraftRow[] {
  const ofLog = placeEntries(connectionEntries(session, rows, end), session, rows, clock);
  const ofDebug = placeEntries(debugEntries(session, rows), session, rows, clock);
  const behind = (place: number): DraftRow[] => mergeByTime(ofLog.get(place) ?? [], ofDebug.get(place) ?? []);
  const placed = behind(-1);
  for (const [index, row] of rows.entries()) placed.push(row, ...behind(index * 2 + 1));
  return placed;
}

/** Two logs' rows in one order; each keeps its own, even where its stamps run backwards. */
function mergeByTime(a: readonly DraftRow[], b: readonly DraftRow[]): DraftRow[] {
  const merged: DraftRow[] = [];
  let at = 0;
  for (const row of a) {
    for (let other = b[at]; other && other.atUs < row.atUs; other = b[++at]) merged.push(other);
    merged.push(row);
  }
  merged.push(...b.slice(at));
  return merged;
}

/** Writes each entry into a row; gives back the rows that entries got for themselves, by place: even numbers are rows, odd ones the place behind the row. Lines only move forward. */
function placeEntries(entries: readonly LogEntry[], session: Session, rows: readonly DraftRow[], clock: ClockMap): Map<number, DraftRow[]> {
  const own = new Map<number, DraftRow[]>();
  let place = -1;
  let previous: { readonly line: LogLine; readonly row: DraftRow } | null = null;
  for (const entry of entries) {
    const fromUs = whenLogged(entry.line, session, clock);
    const target = entry.target(Math.ceil(place / 2));
    const row = target === null ? undefined : rows[target];
    if (target !== null && row && target * 2 >= place && fits(row, fromUs, clock)) {
      place = target * 2;
      previous = { line: entry.line, row };
    } else if (previous?.line.atUs === entry.line.atUs && previous.line.ref.input === entry.line.ref.input && rows.length > 0 && entry.column === 'log') {
      previous = { line: entry.line, row: previous.row };
    } else {
      place = Math.max(place, placeByTime(rows, fromUs));
      if (place % 2 === 0) place++;
      previous = { line: entry.line, row: newRow('event', fromUs, []) };
      const there = own.get(place) ?? [];
      there.push(previous.row);
      own.set(place, there);
    }
    write(previous.row, entry);
  }
  return own;
}

function write(row: DraftRow, { line, text, column }: LogEntry): void {
  row.lines.push(line.ref);
  if (column === 'log') row.log.push(`${wallClock(line)} ${text}`);
  else row[column] = row[column] === '' ? text : `${row[column]}\n${text}`;
}

function connectionEntries(session: Session, rows: readonly DraftRow[], end: DraftRow | null): LogEntry[] {
  const anchor = anchorsOf(session, rows, end);
  const indexOf = new Map(rows.map((row, index) => [row, index]));
  return ((session.injection ?? session.delivery)?.lines ?? []).map((line) => ({
    line,
    text: line.text,
    column: 'log',
    target: () => {
      const row = anchor(line);
      return row ? (indexOf.get(row) ?? null) : null;
    },
  }));
}

/** The debug log is the only witness of the words where the capture is encrypted or missing; else its records stand beside the words. */
function debugEntries(session: Session, rows: readonly DraftRow[]): LogEntry[] {
  const isOnlyWitness = !session.captured || hidesWords(session.captured.dialogue.tls);
  const find = wordsOf(rows);
  return [...(session.injection?.debug ?? [])].sort((a, b) => a.line.atUs - b.line.atUs).map((record) => debugEntry(record, find, isOnlyWitness));
}

function debugEntry(record: InjectionDebugRecord, find: ReturnType<typeof wordsOf>, isOnlyWitness: boolean): LogEntry {
  const words = record.text.replace(/[\r\n]+$/, '').replace(/\r?\n/g, ' | ');
  const received = record.direction === 'received';
  if (isOnlyWitness) return { line: record.line, text: words, column: received ? 'client' : 'appliance', target: () => null };
  return {
    line: record.line,
    text: `debug: ${record.direction} '${words}'`,
    column: 'log',
    target: (from) => find(words, received, from),
  };
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
