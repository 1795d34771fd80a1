import { LISTED_ROWS } from '../model/report.ts';
import { displayWidth, wrapText } from './width.ts';

/** Nobody reads more rows than these. */
export const MAX_TABLE_ROWS = LISTED_ROWS;

export interface TableColumn {
  readonly head: string;
  /** Never narrower than this, if the width allows. */
  readonly least: number;
  /** How it is coloured, row by row. */
  readonly colour?: (text: string, row: number) => string;
}

/** Between columns. */
const GAP = '  ';

/**
 * A borderless table within `width` columns. Cells must be escaped; they are wrapped here, and coloured line by line after that.
 * Rows beyond `MAX_TABLE_ROWS` are not shown: the caller says how many.
 */
export function renderTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[], width: number): string[] {
  const shown = rows.slice(0, MAX_TABLE_ROWS);
  const widths = planWidths(columns, shown, width);
  const wrap = (cells: readonly string[]): string[][] => widths.map((columnWidth, at) => wrapText(cells[at] ?? '', columnWidth));
  return [
    ...drawRow(wrap(columns.map(({ head }) => head)), widths, (text) => text),
    widths.map((columnWidth) => '-'.repeat(columnWidth)).join(GAP),
    ...shown.flatMap((row, index) => drawRow(wrap(row), widths, (text, at) => columns[at]?.colour?.(text, index) ?? text)),
  ];
}

/** The lines of a row: as many as its highest cell has. */
function drawRow(cells: readonly (readonly string[])[], widths: readonly number[], paint: (text: string, column: number) => string): string[] {
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((lines, at) => {
        const text = lines[line] ?? '';
        return paint(text, at) + ' '.repeat(Math.max(0, (widths[at] ?? 0) - displayWidth(text)));
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** Natural widths where they fit; else the widest column gives way, step by step, down to what it needs at least. */
function planWidths(columns: readonly TableColumn[], rows: readonly (readonly string[])[], width: number): number[] {
  const widths = columns.map((column, at) => Math.max(displayWidth(column.head), ...rows.map((row) => displayWidth(row[at] ?? ''))));
  const room = width - 2 * (columns.length - 1);
  let excess = widths.reduce((sum, columnWidth) => sum + columnWidth, 0) - room;
  while (excess > 0) {
    let widest = -1;
    for (const [at, columnWidth] of widths.entries()) {
      const spare = columnWidth - Math.max(2, columns[at]?.least ?? 2);
      if (spare > 0 && (widest < 0 || columnWidth > (widths[widest] ?? 0))) widest = at;
    }
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess--;
  }
  return widths;
}
