const NEWLINE = 10;
/** Four line feeds. */
const NEWLINES = 0x0a0a0a0a;
const LOW_BITS = 0x7f7f7f7f;
/** So many words may be added up before a lane of eight bits overflows. */
const MAX_ADDED = 255;

/**
 * Line feeds in `octets[from..to)`. Four octets are compared at a time: an octet of a word is zero exactly where its top bit stays clear
 * after `((x & 0x7f) + 0x7f) | x`; the answers are added up lane by lane.
 */
export function countLines(octets: Uint8Array, words: Int32Array, from: number, to: number): number {
  let count = 0;
  let at = from;
  while (at < to && (at & 3) !== 0) if (octets[at++] === NEWLINE) count++;
  const lastWord = to >>> 2;
  let word = at >>> 2;
  while (at < to && word < lastWord) {
    const end = Math.min(lastWord, word + MAX_ADDED);
    let lanes = 0;
    for (; word < end; word++) {
      const x = (words[word] ?? 0) ^ NEWLINES;
      lanes += ~(((x & LOW_BITS) + LOW_BITS) | x | LOW_BITS) >>> 7;
    }
    count += (lanes & 255) + ((lanes >>> 8) & 255) + ((lanes >>> 16) & 255) + (lanes >>> 24);
    at = word << 2;
  }
  while (at < to) if (octets[at++] === NEWLINE) count++;
  return count;
}
