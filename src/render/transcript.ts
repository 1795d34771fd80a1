import type { LineRef } from '../model/evidence.ts';
import type { Transcript, TranscriptRow } from '../model/report.ts';
import { escapeText } from './escape.ts';
import { type TextStyle, layOut } from './layout.ts';
import { type RefStyle, showPackets } from './refs.ts';
import { showDay, showGap, showTimeOfDay } from './times.ts';
import { padTo, wrapText } from './width.ts';
import { nameBasis } from './words.ts';

/** From this width on the log has its own column; below it stands under the row that it belongs to. */
const SIDE_BY_SIDE = 104;
/** From this width on times show milliseconds; below, the gaps alone do. */
const PRECISE = 140;
const GAP_WIDTH = 8;
const BETWEEN = '  ';

interface Columns {
  readonly decimals: 0 | 3;
  readonly time: number;
  readonly client: number;
  readonly packets: number;
  readonly appliance: number;
  /** Null: the log stands below. */
  readonly log: number | null;
}

/** One session side by side, piece by piece: a title, the heads, then a block a row. */
export function* renderTranscript(transcript: Transcript, refs: RefStyle, style: TextStyle): Generator<string> {
  const columns = planColumns(style.width);
  const { palette } = style;
  yield layOut(style, '', escapeText(transcript.title), palette.heading);
  const heads = [escapeText(transcript.leftName), 'packets', escapeText(transcript.rightName), columns.log === null ? '' : 'log'];
  for (const line of layRow(columns, 'time UTC', 'gap s', heads)) yield `${palette.heading(line)}\n`;
  const [left = '', middle = '', right = '', log = ''] = [columns.client, columns.packets, columns.appliance, columns.log ?? 0].map((width) =>
    '-'.repeat(width),
  );
  for (const line of layRow(columns, '-'.repeat(columns.time), '-'.repeat(GAP_WIDTH), [left, middle, right, columns.log === null ? '' : log])) {
    yield `${line}\n`;
  }
  let saidAfter = false;
  let day = '';
  for (const row of transcript.rows) {
    const rowDay = row.at === null ? day : showDay(row.at);
    if (rowDay !== day) yield `${palette.faint(`-- ${rowDay} --`)}\n`;
    day = rowDay;
    if (row.after && !saidAfter) {
      saidAfter = true;
      yield `${palette.faint('-- what follows came after the end: not its cause --')}\n`;
    }
    yield renderRow(row, transcript, columns, refs, style);
  }
}

function planColumns(width: number): Columns {
  if (width >= SIDE_BY_SIDE) {
    const decimals = width >= PRECISE ? 3 : 0;
    const time = decimals === 3 ? 12 : 8;
    const room = width - time - GAP_WIDTH - 5 * BETWEEN.length;
    const packets = Math.min(40, Math.floor(room * 0.2));
    const client = Math.floor(room * 0.26);
    const appliance = Math.floor(room * 0.24);
    return { decimals, time, client, packets, appliance, log: room - packets - client - appliance };
  }
  const room = Math.max(30, width - 8 - GAP_WIDTH - 4 * BETWEEN.length);
  const packets = Math.floor(room * 0.28);
  const client = Math.floor((room - packets) / 2);
  return { decimals: 0, time: 8, client, packets, appliance: room - packets - client, log: null };
}

function renderRow(row: TranscriptRow, transcript: Transcript, columns: Columns, refs: RefStyle, style: TextStyle): string {
  const { palette } = style;
  const time = row.at === null ? '' : showTimeOfDay(escapeText(row.at), row.refs.length === 0 && row.lines.length > 0 ? 0 : columns.decimals);
  const number = nameRange(row, refs);
  const what = `${row.packets} ${nameBasis(row)}`.trim();
  const event = what === '' ? number : `${number}${number === '' ? '' : ' '}${escapeLines(what)}`;
  const lines = layRow(columns, time, showGap(row.gapSeconds), [escapeLines(row.client), event, escapeLines(row.appliance), numberLog(row, refs)]);
  const colour = row.ended ? palette.bad : row.after ? palette.faint : (text: string) => text;
  let text = lines.map((line) => `${colour(line)}\n`).join('');
  if (row.ended) {
    const words = transcript.endedWords === null || transcript.endedWords === '' ? '' : `: ${escapeText(transcript.endedWords)}`;
    text += layOut(style, '', `<== ended here${words}`, palette.bad);
  }
  return text;
}

/** `#10`, or from the first packet to the last of a folded row. */
function nameRange(row: TranscriptRow, refs: RefStyle): string {
  const [first] = row.refs;
  const last = row.refs.at(-1);
  if (!first || !last) return '';
  if (first === last || (first.input === last.input && first.number === last.number)) return showPackets([first], refs);
  return `${showPackets([first], refs)}..${first.input === last.input ? `#${last.number}` : showPackets([last], refs)}`;
}

/** Log entries with the number of their line in front, where each entry is one line. */
function numberLog(row: TranscriptRow, refs: RefStyle): string {
  if (row.log === '') return '';
  const entries = row.log.split('\n').map(escapeText);
  if (entries.length !== row.lines.length) return entries.join('\n');
  return entries.map((entry, at) => `${nameLine(row.lines[at], refs)} ${entry}`).join('\n');
}

function nameLine(line: LineRef | undefined, refs: RefStyle): string {
  if (!line) return '';
  return refs.manyLogs ? `[${line.input}]L${line.line}` : `L${line.line}`;
}

/** Escapes, but keeps the line breaks that the transcript itself put between several entries of a cell. */
function escapeLines(cell: string): string {
  return cell.split('\n').map(escapeText).join('\n');
}

/** Lays escaped cells (client, packets, appliance, log) side by side; a log without a column comes below, marked. */
function layRow(columns: Columns, time: string, gap: string, cells: readonly string[]): string[] {
  const [client = '', packets = '', appliance = '', log = ''] = cells;
  const plan: [string, number][] = [
    [client, columns.client],
    [packets, columns.packets],
    [appliance, columns.appliance],
  ];
  if (columns.log !== null) plan.push([log, columns.log]);
  const wrapped = plan.map(([cell, width]) => (cell === '' ? [] : cell.split('\n').flatMap((line) => wrapText(line, width))));
  const onlyLog = columns.log === null && log !== '' && wrapped.every((cell) => cell.length === 0);
  const height = onlyLog ? 0 : Math.max(1, ...wrapped.map((cell) => cell.length));
  const head = `${padTo(time, columns.time)}${BETWEEN}${gap.padStart(GAP_WIDTH)}`;
  const lines: string[] = [];
  for (let at = 0; at < height; at++) {
    const parts = plan.map(([, width], cell) => padTo(wrapped[cell]?.[at] ?? '', width));
    lines.push([at === 0 ? head : ' '.repeat(head.length), ...parts].join(BETWEEN).trimEnd());
  }
  if (columns.log === null && log !== '') {
    const room = columns.client + columns.packets + columns.appliance + 2 * BETWEEN.length - 5;
    for (const [index, line] of log
      .split('\n')
      .flatMap((entry) => wrapEntry(entry, room))
      .entries()) {
      lines.push(`${onlyLog && index === 0 ? head : ' '.repeat(head.length)}${BETWEEN}${line}`);
    }
  }
  return lines;
}

function wrapEntry(entry: string, room: number): string[] {
  return wrapText(entry, room).map((line, index) => `${index === 0 ? 'log  ' : '     '}${line}`);
}
