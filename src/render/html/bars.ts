import { html, type Markup } from './markup.ts';

/** Part of a bar: how many of what. */
export interface BarPart {
  readonly key: string;
  readonly count: number;
}

export interface BarRow {
  readonly label: string;
  readonly parts: readonly BarPart[];
  /** Sums up what has no row of its own: its bar is of full length. */
  readonly isRest: boolean;
}

export interface BarTable {
  readonly caption: string;
  /** Of the labels. */
  readonly head: string;
  readonly rows: readonly BarRow[];
  /** The key that is no interruption. */
  readonly well: string;
}

/** Classes of the style: one for each of the most frequent endings, one that the rest shares, one for what ended well. */
const COLOURS = [0, 1, 2, 3, 6, 7];
const REST = 4;
const WELL = 5;
const BAR = 200;

/** Which colour each key has: the most frequent ones their own. `well`: keys of what ended well. */
export function colourKeys(rows: readonly BarRow[], well: string): (key: string) => number {
  const counts = new Map<string, number>();
  for (const { key, count } of rows.flatMap((row) => row.parts)) if (key !== well) counts.set(key, (counts.get(key) ?? 0) + count);
  const ranked = [...counts].sort((a, b) => b[1] - a[1]).map(([key]) => key);
  return (key) => {
    if (key === well) return WELL;
    return COLOURS[ranked.indexOf(key)] ?? REST;
  };
}

/** A table whose rows are bars, scaled to the longest but for a row that sums up the rest; the same in numbers and words beside them. */
export function barTable({ caption, head, rows, well }: BarTable, colourOf: (key: string) => number): Markup {
  const longest = Math.max(1, ...rows.filter(({ isRest }) => !isRest).map(totalOf));
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table class="bars"><caption>${caption}</caption><thead><tr><th scope="col">${head}</th><th scope="col">share</th><th class="n" scope="col">interrupted</th><th class="n" scope="col">sessions</th><th scope="col">how they ended</th></tr></thead><tbody>
${rows.map(
  (
    row,
  ) => html`<tr><th scope="row">${row.label}</th><td>${drawBar(row, row.isRest ? totalOf(row) : longest, colourOf)}</td><td class="n">${share(row, well)}</td><td class="n">${totalOf(row)}</td><td>${tell(row)}</td></tr>
`,
)}</tbody></table></div>`;
}

export function legend(keys: readonly string[], colourOf: (key: string) => number): Markup {
  return html`<ul class="legend">${keys.map((key) => html`<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="k${colourOf(key)}" width="10" height="10"/></svg>${key}</li>`)}</ul>`;
}

function totalOf({ parts }: BarRow): number {
  return parts.reduce((sum, { count }) => sum + count, 0);
}

/** `9 (16 %)`; nothing where none was. */
function share(row: BarRow, well: string): string {
  const interrupted = row.parts.reduce((sum, { key, count }) => sum + (key === well ? 0 : count), 0);
  return interrupted === 0 ? '' : `${interrupted} (${Math.round((100 * interrupted) / totalOf(row))} %)`;
}

function drawBar({ parts }: BarRow, longest: number, colourOf: (key: string) => number): Markup {
  let x = 0;
  const rects = parts.map(({ key, count }) => {
    const width = (count / longest) * BAR;
    const rect = html`<rect class="k${colourOf(key)}" x="${x.toFixed(2)}" y="0" width="${width.toFixed(2)}" height="14"/>`;
    x += width;
    return rect;
  });
  return html`<svg class="bar" viewBox="0 0 ${BAR} 14" preserveAspectRatio="none" aria-hidden="true">${rects}</svg>`;
}

function tell({ parts }: BarRow): string {
  return parts.map(({ key, count }) => `${count} ${key}`).join(', ');
}
