const NEWLINE = 10;
/** Lines that do not begin with a stamp belong to the one before; so many are followed. */
const MAX_CONTINUATION = 64;

/** The physical lines of one entry. */
export interface EntryLines {
  readonly from: number;
  readonly to: number;
}

/** The entry that `at` stands in, with the lines that continue it. */
export function entryAround(octets: Buffer, at: number): EntryLines {
  let from = lineStart(octets, at);
  for (let back = 0; back < MAX_CONTINUATION && from > 0 && !beginsEntry(octets, from); back++) from = lineStart(octets, from - 1);
  let to = lineEnd(octets, at);
  for (let piece = 0; piece < MAX_CONTINUATION && to < octets.length && !beginsEntry(octets, to); piece++) to = lineEnd(octets, to);
  return { from, to };
}

export function lineStart(octets: Buffer, at: number): number {
  return at <= 0 ? 0 : octets.lastIndexOf(NEWLINE, at - 1) + 1;
}

/** Behind the line feed. */
export function lineEnd(octets: Buffer, at: number): number {
  const newline = octets.indexOf(NEWLINE, at);
  return newline < 0 ? octets.length : newline + 1;
}

/** `Tue Mar`, `Mar  3`, `<22>Mar`: a stamp, or the prompt of a pasted session. */
function beginsEntry(octets: Buffer, at: number): boolean {
  const code = octets[at] ?? 0;
  if (code === 60 || code === 62) return true;
  const isCapital = code >= 65 && code <= 90;
  return isCapital && isLower(octets[at + 1] ?? 0) && isLower(octets[at + 2] ?? 0) && octets[at + 3] === 32;
}

function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}
