import { showGap, showTimeOfDay } from '../times.ts';
import { wrapText } from '../width.ts';
import type { DiagramRow } from './diagram-rows.ts';
import { html, type Markup } from './markup.ts';

/** Places in the drawing, in its own units (about a pixel). */
const TIME_X = 8;
const CLIENT_X = 150;
const SERVER_X = 640;
const PATH_X = (CLIENT_X + SERVER_X) / 2;
const LOG_X = 672;
const WIDTH = 1120;
const HEAD_Y = 26;
const FIRST_Y = 48;
const LINE = 15;
/** Characters that fit on an arrow, and into the log's column. */
const WORDS = 66;
const LOG = 62;
/** Pauses longer than this are drawn as a break of the time axis. */
const LONG_PAUSE_SECONDS = 2;
/** Longer sessions are drawn by their beginning and what surrounds their end. */
const MOST_ROWS = 160;

export interface DiagramHeads {
  readonly left: string;
  readonly right: string;
  /** What is drawn in between: the box that was found, or just the path. */
  readonly middle: string;
}

interface Placed {
  readonly row: DiagramRow;
  readonly y: number;
  readonly words: readonly string[];
  readonly log: readonly string[];
  readonly pause: number | null;
}

/** A sequence diagram as SVG, drawn with classes of the page's style alone. `id` is unique in the page. */
export function drawSequence(rows: readonly DiagramRow[], heads: DiagramHeads, id: string, description: string): Markup {
  const { shown, left } = abridge(rows);
  let y = FIRST_Y;
  const placed = shown.map((row): Placed => {
    const pause = row.gapSeconds !== null && row.gapSeconds >= LONG_PAUSE_SECONDS ? row.gapSeconds : null;
    if (pause !== null) y += LINE + 12;
    const words = row.words === '' ? [] : wrapText(row.words, WORDS).slice(0, 3);
    const log = row.log.flatMap((entry) => wrapText(entry, LOG).slice(0, 3));
    const from = y + LINE * Math.max(1, words.length);
    y = Math.max(from + (row.packets === '' ? 8 : 20), y + LINE * log.length + 6);
    return { row, y: from, words, log, pause };
  });
  const height = y + 16;
  const dead = placed.find(({ row }) => row.ended)?.y ?? null;
  return html`<svg class="sequence" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="${id}-t ${id}-d" xmlns="http://www.w3.org/2000/svg">
<title id="${id}-t">Sequence of packets and log lines</title><desc id="${id}-d">${description}${left === 0 ? '' : ` ${left} rows in the middle are left out; the transcript has them.`} The transcript below holds the same as text.</desc>
<text class="head" x="${TIME_X}" y="${HEAD_Y}">time UTC</text><text class="head end" x="${CLIENT_X - 6}" y="${HEAD_Y}" text-anchor="middle">${heads.left}</text><text class="head" x="${PATH_X}" y="${HEAD_Y}" text-anchor="middle">${heads.middle}</text><text class="head" x="${SERVER_X}" y="${HEAD_Y}" text-anchor="middle">${heads.right}</text><text class="head" x="${LOG_X + 40}" y="${HEAD_Y}">log of the appliance, by its clock</text>
<line class="life" x1="${CLIENT_X}" x2="${CLIENT_X}" y1="${HEAD_Y + 8}" y2="${height}"/><line class="life" x1="${SERVER_X}" x2="${SERVER_X}" y1="${HEAD_Y + 8}" y2="${height}"/><line class="path" x1="${PATH_X}" x2="${PATH_X}" y1="${HEAD_Y + 8}" y2="${height}"/>
${dead === null ? '' : html`<rect class="epilogue" x="0" y="${dead + 9}" width="${WIDTH}" height="${Math.max(0, height - dead - 9)}"/>`}${placed.map(drawRow)}
</svg>`;
}

function abridge(rows: readonly DiagramRow[]): { shown: readonly DiagramRow[]; left: number } {
  if (rows.length <= MOST_ROWS) return { shown: rows, left: 0 };
  const ended = rows.findIndex((row) => row.ended);
  const middle = ended < 0 ? rows.length - 1 : ended;
  const from = Math.max(MOST_ROWS / 4, middle - MOST_ROWS / 2);
  const to = Math.min(rows.length, from + (MOST_ROWS * 3) / 4);
  const shown = [...rows.slice(0, MOST_ROWS / 4), ...rows.slice(from, to)];
  return { shown, left: rows.length - shown.length };
}

function drawRow({ row, y, words, log, pause }: Placed): Markup {
  const kind = `${row.tone}${row.ended ? ' ended' : ''}${row.after ? ' after' : ''}`;
  const top = y - LINE * Math.max(1, words.length);
  const time = row.at === null || (row.gapSeconds === null && row.direction === 'none') ? '' : showTimeOfDay(row.at, 3);
  return html`<g class="${kind}">${pause === null ? '' : html`<text class="pause" x="${PATH_X}" y="${top - 5}" text-anchor="middle">· · · ${showGap(pause).slice(1)} s nothing · · ·</text>`}
<text class="time" x="${TIME_X}" y="${y}">${time}</text>${words.map((line, index) => html`<text class="words" x="${PATH_X}" y="${top + LINE * index + 10}" text-anchor="middle">${line}</text>`)}${drawArrow(row, y)}<text class="number" x="${PATH_X}" y="${y + 12}" text-anchor="middle">${row.packets}</text>${row.ended ? html`<text class="mark" x="${SERVER_X + 10}" y="${y + 5}">◀ ended here</text>` : ''}${log.map((line, index) => html`<text class="log" x="${LOG_X + (row.ended ? 84 : 0)}" y="${top + LINE * index + 12}">${line}</text>`)}</g>
`;
}

/** The line of an arrow, its head, and a cross where packets died or a star where they were made. */
function drawArrow({ direction, way, tone }: DiagramRow, y: number): Markup {
  if (direction === 'none') return html``;
  const [from, to] = direction === 'left' ? [SERVER_X, CLIENT_X] : [CLIENT_X, SERVER_X];
  const start = way === 'made' ? PATH_X : from;
  const end = way === 'swallowed' ? PATH_X : to;
  const step = direction === 'left' ? 9 : -9;
  const head = way === 'swallowed' ? cross(PATH_X, y) : arrowHead(end, y, step);
  return html`<line class="arrow${tone === 'repeat' ? ' dashed' : ''}" x1="${start}" x2="${end}" y1="${y}" y2="${y}"/>${head}${direction === 'both' ? arrowHead(CLIENT_X, y, 9) : ''}${way === 'made' ? html`<circle class="made" cx="${PATH_X}" cy="${y}" r="6"/>` : ''}`;
}

function arrowHead(x: number, y: number, step: number): Markup {
  return html`<path class="tip" d="M${x} ${y}l${step} -5v10z"/>`;
}

function cross(x: number, y: number): Markup {
  return html`<path class="cross" d="M${x - 6} ${y - 6}l12 12M${x + 6} ${y - 6}l-12 12"/>`;
}
