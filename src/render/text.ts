import type { Report } from '../model/report.ts';
import { TupleCount } from './display-filter.ts';
import { renderInputs } from './inputs.ts';
import type { TextStyle } from './layout.ts';
import { refStyleOf } from './refs.ts';
import { renderSessionDetail } from './session-detail.ts';
import { digestSessions, renderSessionTable } from './session-table.ts';
import { MAX_TABLE_ROWS } from './table.ts';
import { counted } from './times.ts';
import { isInterrupted } from './words.ts';

/** The report for people, piece by piece: what was read, the table of sessions, then each interrupted session in full (`all`: the others too). */
export function* renderText(report: Report, style: TextStyle, all: boolean): Generator<string> {
  yield `${renderInputs(report, style)}\n`;
  if (report.sessions.length === 0) return;
  const tuples = new TupleCount();
  const digest = yield* digestSessions(report.sessions, (session) => tuples.add(session));
  const { total, interrupted, first } = digest;
  yield `${renderSessionTable(digest, style)}\n`;
  const refs = refStyleOf(report);
  const detailed = all ? first : first.filter(isInterrupted);
  for (const session of detailed.slice(0, MAX_TABLE_ROWS)) {
    yield `${renderSessionDetail(session, style, { refs, portReused: tuples.isReused(session) })}\n`;
  }
  const wanted = all ? total : interrupted;
  if (wanted > MAX_TABLE_ROWS) {
    yield `${counted(wanted - MAX_TABLE_ROWS, 'further session')} not shown in full: narrow with --client, --icid, --since or --sender; --json and --ndjson hold all.\n`;
  }
  const well = total - wanted;
  if (well > 0) yield `${counted(well, 'session')} ended well: --all shows ${well === 1 ? 'it' : 'them'} in full too.\n`;
}
