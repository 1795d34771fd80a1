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
}

export const MAX_PIECES = 64;
const MAX_JOINED = 16_384;

export interface Rejoined {
  readonly text: string;
  /** How many of the pieces belong to the entry. */
  readonly used: number;
  /** The entry fits no shape, with or without them. */
  readonly known: boolean;
}

/**
 * Finds out which of the lines behind an entry continue it. As many as make it fit a known shape; a shape with a free tail
 * would fit anything, so there the line must follow at once, or the line before must have been too long for its first word.
 * Words are joined by one blank, as wrapping between words took it; where no shape fits so, the wrap cut through a word.
 * `widest` is the widest line of the log so far: lines that could have been longer were not wrapped.
 */
export function rejoin(first: Piece, pieces: readonly Piece[], widest: number): Rejoined {
  let spaced = first.text;
  let tight = first.text;
  const alone = matchText(first.text);
  let best: Rejoined = { text: first.text, used: 0, known: alone !== null };
  let before = first;
  let plausible = true;
  for (const [i, piece] of pieces.slice(0, MAX_PIECES).entries()) {
    plausible &&= isContinuation(before, piece, widest);
    spaced = `${spaced} ${piece.text}`;
    tight += piece.text;
    before = piece;
    if (spaced.length > MAX_JOINED) break;
    const joined = [spaced, tight].find((text) => {
      const match = matchText(text);
      return match && (!match.pattern.open || plausible);
    });
    if (joined === undefined) continue;
    best = { text: joined, used: i + 1, known: true };
    // What follows is cut where this was.
    tight = joined;
  }
  if (best.known) return best;
  return unknownWithTail(first, pieces);
}

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
  return { text, used, known: false };
}
