import type { ReportSession } from '../model/report.ts';
import { escapeDeep } from './escape.ts';
import type { TextStyle } from './layout.ts';
import { MAX_TABLE_ROWS, type TableColumn, renderTable } from './table.ts';
import { counted, secondsBetween, showInstant, showSeconds } from './times.ts';
import { isInterrupted, nameEnd, nameEnds, nameImpact, nameSession, nameVerdict } from './words.ts';

/** From this width on every fact has its own column. */
const ROOMY = 110;
/** From this width on times show milliseconds. */
const PRECISE = 140;

/** What a report for people needs of its sessions; of the sessions themselves only as many as it shows. */
export interface SessionDigest {
  readonly total: number;
  readonly interrupted: number;
  /** The first interrupted ones, then the first of the others: as many of each as anybody reads, in the report's order. */
  readonly first: readonly ReportSession[];
}

/** Reads the list once; what is not shown is not held. Gives nothing, a session at a time, so that whoever asks may stop. */
export function* digestSessions(sessions: Iterable<ReportSession>, visit: (session: ReportSession) => void): Generator<string, SessionDigest> {
  const cut: ReportSession[] = [];
  const well: ReportSession[] = [];
  let total = 0;
  let interrupted = 0;
  for (const session of sessions) {
    total++;
    if (isInterrupted(session)) interrupted++;
    const list = isInterrupted(session) ? cut : well;
    if (list.length < MAX_TABLE_ROWS) list.push(session);
    visit(session);
    yield '';
  }
  return { total, interrupted, first: [...cut, ...well] };
}

/** The table of sessions with its heading; says how many it leaves out, and how to narrow. */
export function renderSessionTable({ total, interrupted, first }: SessionDigest, style: TextStyle): string {
  let text = `${style.palette.heading('Sessions')}: ${counted(total, 'session')}, ${interrupted} interrupted\n`;
  const shown = first.slice(0, MAX_TABLE_ROWS).map((session) => escapeDeep(session));
  const lines = style.width >= ROOMY ? renderTable(wideColumns(shown, style), wideRows(shown, style), style.width - 2) : renderNarrow(shown, style);
  for (const line of lines) text += `  ${line}`.trimEnd().concat('\n');
  if (total > shown.length) {
    text += `  … and ${total - shown.length} more. Narrow with --client, --icid, --since or --sender; --json and --ndjson hold all.\n`;
  }
  return text;
}

function wideColumns(sessions: readonly ReportSession[], style: TextStyle): TableColumn[] {
  const colour = colourByImpact(sessions, style);
  const server = commonServer(sessions);
  return [
    { head: 'session', least: 8 },
    { head: `client -> ${server ?? 'server'}`, least: 20 },
    { head: 'opened', least: 12 },
    { head: 'lasted', least: 8 },
    { head: 'ended by', least: 14, colour },
    { head: 'stage', least: 9 },
    { head: 'sure', least: 8 },
    { head: 'harm', least: 9, colour },
  ];
}

/** The server that all sessions went to: it is said once, above the column. */
function commonServer(sessions: readonly ReportSession[]): string | null {
  const servers = new Set(sessions.map((session) => nameEnd(session.serverIp, session.serverPort)));
  const [only] = servers;
  return sessions.length > 1 && servers.size === 1 && only !== undefined ? only : null;
}

function wideRows(sessions: readonly ReportSession[], style: TextStyle): string[][] {
  const isSaidOnce = commonServer(sessions) !== null;
  const decimals = style.width >= PRECISE ? 3 : 0;
  return sessions.map((session) => wideRow(session, isSaidOnce ? nameEnd(session.clientIp, session.clientPort) : nameEnds(session), decimals));
}

function wideRow(session: ReportSession, ends: string, decimals: 0 | 3): string[] {
  return [
    nameSession(session),
    ends,
    showInstant(session.opened, decimals),
    lasted(session),
    nameVerdict(session.verdict),
    session.verdict.stage,
    session.verdict.confidence,
    nameImpact(session.impact),
  ];
}

function renderNarrow(sessions: readonly ReportSession[], style: TextStyle): string[] {
  const columns = [
    { head: 'session', least: 8 },
    { head: 'client, opened', least: 18 },
    { head: 'ended by', least: 14, colour: colourByImpact(sessions, style) },
    { head: 'sure', least: 8 },
    { head: 'harm', least: 8 },
  ];
  const rows = sessions.map((session) => [
    nameSession(session),
    `${session.clientIp ?? '?'} ${showInstant(session.opened, 0)}`,
    `${nameVerdict(session.verdict)} at ${session.verdict.stage}`,
    session.verdict.confidence,
    nameImpact(session.impact),
  ]);
  return renderTable(columns, rows, style.width - 2);
}

function lasted(session: ReportSession): string {
  const seconds = secondsBetween(session.opened, session.ended);
  return seconds === null ? '' : showSeconds(seconds);
}

function colourByImpact(sessions: readonly ReportSession[], style: TextStyle): (text: string, row: number) => string {
  return (text, row) => {
    const session = sessions[row];
    if (!session) return text;
    return colourOf(session, style)(text);
  };
}

/** The colour that tells how bad a session's end is. */
export function colourOf(session: Pick<ReportSession, 'impact' | 'verdict'>, style: TextStyle): (text: string) => string {
  if (session.impact === 'message-lost' || session.impact === 'duplicate-likely') return style.palette.bad;
  return isInterrupted(session) ? style.palette.notable : style.palette.good;
}
