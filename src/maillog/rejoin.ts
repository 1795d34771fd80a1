import { matchText } from './patterns/index.ts';

/** A physical line, or the rest of one behind its time stamp. */
export interface Piece {
  readonly text: string;
  /** Line number in the file, from 1. */
  readonly line: number;
  /** Length of the physical line as it stands, from which the column of the wrap is told. */
  readonly width: number;
  /** A blank line or a fence stands before it. */
  readonly apart: boolean;
  /** Blanks at its ends that are not in `text`. */
  readonly blankBefore: boolean;
  readonly blankBehind: boolean;
}

export const MAX_PIECES = 64;
const MAX_JOINED = 16_384;

/** What is known of how a log was wrapped, gathered while it is read. */
export interface WrapHabit {
  /** The widest line so far. Lines that could have been longer were not wrapped. */
  widest: number;
  /** A wrap was seen that cut through a word. */
  cutsWords: boolean;
}

export interface Rejoined {
  readonly text: string;
  /** How many of the pieces belong to the entry. */
  readonly used: number;
}

/**
 * Finds out which of the lines behind an entry continue it: as many as make it fit a known shape. A shape with a free tail
 * would fit anything, so there the line must follow at once, or the line before must have been too long for its first word.
 * Words are joined by one blank, as wrapping between words took it; where no shape fits so, the wrap cut through words at the
 * edge, and does so from then on.
 */
export function rejoin(first: Piece, pieces: readonly Piece[], habit: WrapHabit): Rejoined {
  let spaced = first.text;
  let tight = first.text;
  let best: Rejoined | null = matchText(first.text) ? { text: first.text, used: 0 } : null;
  let before = first;
  let plausible = true;
  let cut = false;
  const edge = Math.max(first.width, ...pieces.map((piece) => piece.width));
  let { cutsWords } = habit;
  for (const [i, piece] of pieces.entries()) {
    plausible &&= isContinuation(before, piece, habit.widest);
    const atEdge = before.width >= Math.max(edge, cutsWords ? habit.widest : 0);
    cutsWords ||= isCutWord(spaced, piece.text);
    spaced = `${spaced} ${piece.text}`;
    tight += atEdge && !before.blankBehind && !piece.blankBefore ? piece.text : ` ${piece.text}`;
    before = piece;
    if (spaced.length > MAX_JOINED) break;
    const joined = (cutsWords ? [tight, spaced] : [spaced, tight]).find((text) => {
      const match = matchText(text);
      return match && (!match.pattern.open || plausible);
    });
    if (joined === undefined) continue;
    best = { text: joined, used: i + 1 };
    cut = joined !== spaced;
  }
  if (cut) habit.cutsWords = true;
  const found = best ?? unknownWithTail(first, pieces);
  for (const piece of pieces.slice(0, found.used)) habit.widest = Math.max(habit.widest, piece.width);
  return found;
}

/** Whether a line is the rest of an address in brackets that a wrap cut in the middle. */
export function closesAddress(before: string, behind: string): boolean {
  return /<[^<>\s]+$/.test(before) && /^[^<>\s]*>/.test(behind);
}

/** Whether the wrap stands in the middle of what has no blanks: an address in its brackets, or an IPv4 address. */
function isCutWord(before: string, behind: string): boolean {
  if (closesAddress(before, behind)) return true;
  const [start] = /[^\s(]*$/.exec(before) ?? [];
  const [rest] = /^[^\s)]*/.exec(behind) ?? [];
  return start !== '' && rest !== '' && IPV4.test(`${start}${rest}`) && !IPV4.test(start ?? '');
}

const IPV4 = /^(?:\d{1,3}\.){3}\d{1,3}$/;

/** Whether a wrap may have parted two lines: nothing stands between them, or the next word did not fit any more. */
function isContinuation(before: Piece, piece: Piece, widest: number): boolean {
  if (!piece.apart) return true;
  const word = piece.text.indexOf(' ');
  const wordLength = word < 0 ? piece.text.length : word;
  return before.width + 1 + wordLength > widest;
}

/** An entry in no known shape takes the lines that follow at once. */
function unknownWithTail(first: Piece, pieces: readonly Piece[]): Rejoined {
  let text = first.text;
  let used = 0;
  for (const piece of pieces) {
    if (piece.apart || text.length + piece.text.length > MAX_JOINED) break;
    text = `${text} ${piece.text}`;
    used++;
  }
  return { text, used };
}
