import type { InferredPart } from '../model/inference.ts';
import type { Lines } from './lines.ts';
import type { Known } from './known.ts';
import type { ReadPart } from './reading.ts';

const ASKED = {
  MAIL: 'mail',
  RCPT: 'rcpt',
  DATA: 'data',
  'end-of-data': 'end',
  BDAT: 'end',
  QUIT: 'quit',
  RSET: 'rset',
  NOOP: 'noop',
  AUTH: 'auth',
  'AUTH-answer': 'auth',
} as const;

/** Lines without variable parts, as long as their records. */
const FIXED = new Set<string>(['DATA', 'QUIT', 'RSET', 'NOOP']);

/** A part with the words that have just its length, where they are known. A record of several lines tells their sum only. */
export function withWords(part: ReadPart, server: number, isAlone: boolean, octets: readonly [number, number], known: Known, lines: Lines): InferredPart {
  return { word: part.word, to: part.to, positive: part.positive, text: wordsFor(part, server, isAlone, octets, known, lines) };
}

function wordsFor(part: ReadPart, server: number, isAlone: boolean, octets: readonly [number, number], known: Known, lines: Lines): string | null {
  if (FIXED.has(part.word)) return part.word;
  if (part.word === 'MAIL') return part.address === null ? null : command(`MAIL FROM:<${part.address}>`, isAlone, octets);
  if (part.word === 'RCPT') return part.address === null ? null : command(`RCPT TO:<${part.address}>`, isAlone, octets);
  if (!isAlone) return null;
  if (part.word === 'EHLO') return known.clientName === null ? null : command(`EHLO ${known.clientName}`, true, octets);
  if (part.word === 'notice') return lines.noticeOf(octets);
  if (part.word !== 'reply' || part.positive !== true || part.to === null) return null;
  const asked = part.to in ASKED ? ASKED[part.to as keyof typeof ASKED] : null;
  return asked === null ? null : lines.wordsOf(server, asked, part.message, part.address, octets);
}

/** With parameters behind it where the record is longer. */
function command(text: string, isAlone: boolean, [least, most]: readonly [number, number]): string {
  const length = text.length + 2;
  return isAlone && (length < least || length > most) ? `${text} …` : text;
}
