import type { TextRange } from '../model/maillog.ts';

export function rangesOf(text: string, what: RegExp): TextRange[] {
  return [...text.matchAll(what)].map((found) => [found.index, found.index + found[0].length]);
}
