import type { MessageList, ReportConnection, ReportMessage } from '../model/report.ts';
import { escapeDeep } from './escape.ts';
import { type TextStyle, layOut } from './layout.ts';
import { colourOfOutcome, nameChain, nameRecipient, ownRecipients, sumOutcomes } from './message-words.ts';
import { MAX_TABLE_ROWS, renderTable } from './table.ts';
import { counted, showInstant } from './times.ts';

/** From this width on the subject has its own column. */
const ROOMY = 110;
/** A day and a time of day stand in one line. */
const INSTANT = 19;
const NARROW_HINT =
  'Narrow with --mid, --sender, --recipient, --subject, --message-id, --icid, --dcid, --client, --serial, --since or --until; --json and --ndjson hold all.';

/** Keeps the last rows of a list whose length nobody knows beforehand. */
class LastRows<T> {
  readonly #rows: T[] = [];
  count = 0;

  add(row: T): void {
    this.#rows[this.count % MAX_TABLE_ROWS] = row;
    this.count++;
  }

  inOrder(): T[] {
    if (this.count <= MAX_TABLE_ROWS) return [...this.#rows];
    const at = this.count % MAX_TABLE_ROWS;
    return [...this.#rows.slice(at), ...this.#rows.slice(0, at)];
  }
}

/** Counts messages; holds the newest. */
function listOf(messages: Iterable<ReportMessage>): MessageList {
  const rows = new LastRows<ReportMessage>();
  const outcomes = new Map<ReportMessage['outcome'], number>();
  for (const message of messages) {
    rows.add(message);
    outcomes.set(message.outcome, (outcomes.get(message.outcome) ?? 0) + 1);
  }
  return { count: rows.count, outcomes, newest: rows.inOrder() };
}

/** All messages with their outcome, newest last; the newest 200 of more. `list`: where they were counted before. */
export function renderMessageTable(messages: Iterable<ReportMessage>, style: TextStyle, list: MessageList | null = null): string {
  const { count, outcomes, newest: shown } = list ?? listOf(messages);
  const roomy = style.width >= ROOMY;
  const several = new Set(shown.map(({ serial }) => serial)).size > 1;
  const sums = [...outcomes].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([outcome, many]) => `${many} ${outcome}`);
  let text = `${style.palette.heading('Messages')}: ${counted(count, 'message')}${sums.length > 0 ? `: ${sums.join(', ')}` : ''}\n`;
  if (shown.length === 0) return text;
  const colour = (cell: string, row: number) => colourOfOutcome(shown[row]?.outcome ?? 'unknown', style.palette)(cell);
  const columns = [
    ...(several ? [{ head: 'appliance', least: 9 }] : []),
    { head: 'MID', least: 6 },
    { head: 'first line (UTC)', least: INSTANT },
    { head: 'sender', least: 10 },
    { head: 'recipients', least: 10 },
    ...(roomy ? [{ head: 'subject', least: 8 }] : []),
    { head: 'outcome', least: 9, colour },
  ];
  const lines = renderTable(
    columns,
    shown.map((message) => [...(several ? [escapeDeep(message.serial ?? '?')] : []), ...rowOf(message, roomy)]),
    style.width - 2,
  );
  for (const line of lines) text += `  ${line}`.trimEnd().concat('\n');
  if (count > shown.length) text += layOut(style, '  ', `… and ${count - shown.length} older ones. ${NARROW_HINT}`);
  return text;
}

function rowOf(raw: ReportMessage, roomy: boolean): string[] {
  const own = ownRecipients(raw);
  const message = escapeDeep({
    mid: raw.mid,
    lineage: raw.lineage,
    first: raw.first,
    sender: raw.sender,
    subject: raw.subject,
    recipients: own.slice(0, 3),
  });
  const more = own.length - message.recipients.length;
  const recipients = message.recipients.map(nameRecipient).join(', ') + (more > 0 ? ` and ${more} more` : '');
  return [
    nameChain(message),
    showInstant(message.first, 0),
    message.sender ?? '?',
    recipients === '' ? '?' : recipients,
    ...(roomy ? [message.subject ?? ''] : []),
    sumOutcomes(raw),
  ];
}

/** All connections with how they ended by the log, newest last; the newest 200 of more. */
export function renderConnectionTable(connections: Iterable<ReportConnection>, style: TextStyle): string {
  const rows = new LastRows<ReportConnection>();
  const counts = new Map<string, number>();
  let injections = 0;
  for (const connection of connections) {
    rows.add(connection);
    if (connection.icid !== null) injections++;
    counts.set(connection.ending, (counts.get(connection.ending) ?? 0) + 1);
  }
  const sums = [...counts].toSorted((a, b) => b[1] - a[1]).map(([ending, count]) => `${count} ${ending}`);
  const deliveries = rows.count - injections;
  let text = `${style.palette.heading('Connections')}: ${injections} ICID, ${deliveries} DCID${sums.length > 0 ? `: ${sums.join(', ')}` : ''}\n`;
  const shown = rows.inOrder().map((connection) => escapeDeep(connection));
  if (shown.length === 0) return text;
  const colour = (cell: string, row: number) => (isPlain(shown[row]?.ending) ? cell : style.palette.notable(cell));
  const columns = [
    { head: 'connection', least: 8 },
    { head: 'peer', least: 9 },
    { head: 'first line (UTC)', least: INSTANT },
    { head: 'MIDs', least: 5 },
    { head: 'how it ended by the log', least: 16, colour },
  ];
  for (const line of renderTable(columns, shown.map(connectionRow), style.width - 2)) text += `  ${line}`.trimEnd().concat('\n');
  if (rows.count > shown.length) text += layOut(style, '  ', `… and ${rows.count - shown.length} older ones. ${NARROW_HINT}`);
  return text;
}

function isPlain(ending: string | undefined): boolean {
  return ending === 'closed';
}

function connectionRow({ icid, dcid, remoteIp, first, mids, logView }: ReportConnection): string[] {
  const listed = mids.slice(0, 3).join(', ') + (mids.length > 3 ? ` and ${mids.length - 3} more` : '');
  return [icid === null ? `DCID ${dcid}` : `ICID ${icid}`, remoteIp ?? '?', showInstant(first, 0), listed, logView];
}
