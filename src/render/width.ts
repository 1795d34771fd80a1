/** Ranges of code points that fill two columns of a terminal (East Asian Width W and F, Unicode Annex 11, and the emoji blocks). */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4dc0, 0x4dff],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18aff],
  [0x1aff0, 0x1b2ff],
  [0x1f000, 0x1faff],
  [0x20000, 0x3fffd],
];
const MARK = /^\p{M}$/u;
const EMOJI = /^\p{Emoji_Presentation}$/u;
const VARIATION_EMOJI = 0xfe0f;
const KEYCAP = 0x20e3;

/** Columns that one character fills: 0 for a combining mark, 2 for a wide one. */
function widthOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  // These two turn the character before them into an emoji, which fills one column more.
  if (code === VARIATION_EMOJI || code === KEYCAP) return 1;
  if (MARK.test(character)) return 0;
  if (EMOJI.test(character)) return 2;
  return WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

/** Columns that `text` fills on a terminal. `text` must be escaped and uncoloured. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

/** `text` filled up with blanks to `width` columns. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Behind these a word that is longer than a line is best broken: addresses and identifiers stay readable. */
const JOINT = /[:@.,;=/>)\]-]/;

/** Breaks escaped text into lines of at most `width` columns (2 or more): between words where possible, inside a word that is longer than a line, at a joint if it has one. */
export function wrapText(text: string, width: number): string[] {
  const room = Math.max(2, width);
  if (displayWidth(text) <= room) return [text];
  const lines: string[] = [];
  let line = '';
  let used = 0;
  const flush = (): void => {
    lines.push(line.trimEnd());
    line = '';
    used = 0;
  };
  for (const word of wordsOf(text)) {
    const wordWidth = displayWidth(word.trimEnd());
    if (used > 0 && used + wordWidth > room && (wordWidth <= room || room - used < room / 3)) flush();
    let rest = word;
    let restWidth = wordWidth;
    while (used + restWidth > room) {
      const piece = cutWord(rest, room - used);
      if (piece === '') {
        if (used === 0) break;
        flush();
        continue;
      }
      line += piece;
      flush();
      rest = rest.slice(piece.length);
      restWidth -= displayWidth(piece);
    }
    line += rest;
    used += displayWidth(rest);
  }
  if (line.trim() !== '' || lines.length === 0) lines.push(line.trimEnd());
  return lines;
}

/** The words of a text one after the other, each with the blank behind it: a text may have millions. */
function* wordsOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const blank = text.indexOf(' ', from);
    const end = blank < 0 ? text.length : blank + 1;
    yield text.slice(from, end);
    from = end;
  }
}

/** The longest beginning of a word that fits into `room` columns: up to a joint in its second half, else as much as fits. */
function cutWord(word: string, room: number): string {
  let end = 0;
  let joint = 0;
  let used = 0;
  for (const character of word) {
    used += widthOf(character);
    if (used > room) break;
    end += character.length;
    if (JOINT.test(character) && used * 2 > room) joint = end;
  }
  return word.slice(0, joint > 0 ? joint : end);
}
