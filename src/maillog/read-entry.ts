import { hideCredentials } from './credentials.ts';
import type { LogEntry } from './entry.ts';
import { entryOfHot } from './hot-entries.ts';
import { HotLine } from './hot-line.ts';
import { recognise } from './hot-shapes.ts';
import type { LineOctets } from './line-octets.ts';
import { asciiText, decode } from './octet-text.ts';
import { matchText } from './patterns/index.ts';
import { isPlain } from './words.ts';

const line = new HotLine();

/** What the line from `from` to `to` says; null for one in no known shape. */
export function readEntry(block: LineOctets, from: number, to: number): LogEntry | null {
  const kind = isHot(block, from, to) ? recognise(block.view, from, to, line) : null;
  const entry = kind === null ? null : entryOfHot(kind, block.octets, line);
  return entry ?? entryOfText(block.ascii ? asciiText(block.octets, from, to) : decode(block.octets, from, to));
}

/** Whether the quick reading understands all octets of a line. */
export function isHot(block: LineOctets, from: number, to: number): boolean {
  return block.ascii || isPlain(block.view, from, to);
}

/** What a text says, by the table of patterns alone. Credentials in it are told to nobody. */
export function entryOfText(text: string): LogEntry | null {
  return matchText(hideCredentials(text))?.entry ?? null;
}
