import { escapeText } from '../escape.ts';

/** Text that is markup already. Only `html` makes it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Piece = Markup | string | number | null | false | readonly Piece[];

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Markup with whatever is put into it escaped, in text and in quoted attributes alike; control characters are made visible. Null and false leave nothing. */
export function html(texts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  let markup = texts[0] ?? '';
  for (const [index, piece] of pieces.entries()) markup += textOf(piece) + (texts[index + 1] ?? '');
  return new Markup(markup);
}

function textOf(piece: Piece): string {
  if (piece === null || piece === false) return '';
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === 'number') return String(piece);
  if (typeof piece === 'string') return escapeText(piece).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
  return piece.map(textOf).join('');
}
