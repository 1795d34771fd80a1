import type { Report, ReportSession } from '../model/report.ts';
import { escapeText } from './escape.ts';
import { secondsBetween } from './times.ts';
import { largestOctets } from './words.ts';

type Cell = string | number | null;

/** The columns of the session list; names as in the JSON document. */
const COLUMNS: readonly (readonly [name: string, cell: (session: ReportSession) => Cell])[] = [
  ['id', ({ id }) => id],
  ['direction', ({ direction }) => direction],
  ['serial', ({ serial }) => serial],
  ['icid', ({ icid }) => icid],
  ['dcid', ({ dcid }) => dcid],
  ['mids', ({ mids }) => mids.join(' ')],
  ['clientIp', ({ clientIp }) => clientIp],
  ['clientPort', ({ clientPort }) => clientPort],
  ['serverIp', ({ serverIp }) => serverIp],
  ['serverPort', ({ serverPort }) => serverPort],
  ['opened', ({ opened }) => opened],
  ['decided', ({ decided }) => decided],
  ['ended', ({ ended }) => ended],
  ['seconds', ({ opened, ended }) => secondsBetween(opened, ended)],
  ['encrypted', ({ encrypted }) => encrypted],
  ['cause', ({ verdict }) => verdict.cause],
  ['causeConfidence', ({ verdict }) => verdict.causeConfidence],
  ['actor', ({ verdict }) => verdict.actor],
  ['actorConfidence', ({ verdict }) => verdict.actorConfidence],
  ['confidence', ({ verdict }) => verdict.confidence],
  ['stage', ({ verdict }) => verdict.stage],
  ['silentSide', ({ verdict }) => verdict.silentSide],
  ['impact', ({ impact }) => impact],
  ['packets', ({ streams }) => streams.reduce((sum, { packets }) => sum + packets, 0)],
  ['largestMessageOctets', largestOctets],
  ['pairing', ({ pairing }) => pairing?.confidence ?? null],
  ['statement', ({ verdict }) => verdict.statement],
];

/** The session list for a spreadsheet (RFC 4180), a line a session. */
export function* renderCsv({ sessions }: Pick<Report, 'sessions'>): Generator<string> {
  yield `${COLUMNS.map(([name]) => name).join(',')}\r\n`;
  for (const session of sessions) yield `${COLUMNS.map(([, cell]) => writeCell(cell(session))).join(',')}\r\n`;
}

/** Spreadsheets take text that begins like this (also in full width, also behind blanks) for a formula: https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

function writeCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = escapeText(cell);
  return `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}
