import type { Palette } from './colour.ts';
import { wrapText } from './width.ts';

/** What every renderer of text is given. Renderers are pure: the same report, width and palette give the same text. */
export interface TextStyle {
  /** Columns of the terminal, or a fixed number where the output is piped. */
  readonly width: number;
  readonly palette: Palette;
}

/** Prose wider than this tires the eye. */
const PROSE_WIDTH = 116;

/** `text` (escaped) behind `lead`, its further lines indented as far as the lead reaches. `colour` is put on the text only. */
export function layOut(style: TextStyle, lead: string, text: string, colour: (line: string) => string = (line) => line): string {
  const room = Math.max(20, Math.min(style.width, PROSE_WIDTH) - lead.length);
  return wrapText(text, room)
    .map((line, index) => `${index === 0 ? lead : ' '.repeat(lead.length)}${colour(line)}\n`)
    .join('');
}

/** A line that must stay in one piece because it is meant to be copied: a command, a filter. */
export function keepWhole(indent: string, text: string): string {
  return `${indent}${text}\n`;
}
