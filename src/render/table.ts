import { LISTED_ROWS } from '../model/report.ts';
import CliTable from 'cli-table3';
import { displayWidth, wrapText } from './width.ts';

/** Beyond this many rows cli-table3 becomes slow, and nobody reads them. */
export const MAX_TABLE_ROWS = LISTED_ROWS;

export interface TableColumn {
  readonly head: string;
  /** Never narrower than this, if the width allows. */
  readonly least: number;
  /** How it is coloured, row by row. */
  readonly colour?: (text: string, row: number) => string;
}

const BARE = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const;

/**
 * A borderless table within `width` columns. Cells must be escaped; they are wrapped here, because cli-table3 cuts them and lets escape sequences through.
 * Colours are put on whole lines after wrapping, and cli-table3's own (which it keeps even when piped) are off. Rows beyond `MAX_TABLE_ROWS` are not shown:
 * the caller says how many.
 */
export function renderTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[], width: number): string[] {
  const shown = rows.slice(0, MAX_TABLE_ROWS);
  const widths = planWidths(columns, shown, width);
  const table = new CliTable({
    chars: BARE,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  table.push(columns.map((column, at) => wrapText(column.head, widths[at] ?? 2).join('\n')));
  table.push(widths.map((columnWidth) => '-'.repeat(columnWidth)));
  for (const [index, row] of shown.entries()) {
    table.push(
      columns.map((column, at) => {
        const lines = wrapText(row[at] ?? '', widths[at] ?? 2);
        const colour = column.colour;
        return (colour ? lines.map((line) => colour(line, index)) : lines).join('\n');
      }),
    );
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
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
