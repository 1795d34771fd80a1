const CR = 13;
const LF = 10;
const DOT = 46;
const FILLER = 0x78;

/** Overwrites octets with `x`; what ends a line, and a dot at the beginning of one, stay: they end messages. */
export function overwrite(bytes: Uint8Array, from: number, to: number): number {
  let changed = 0;
  for (let at = from; at < to; at++) {
    const octet = bytes[at];
    if (octet === CR || octet === LF) continue;
    if (octet === DOT && (at === 0 || at === from || bytes[at - 1] === LF)) continue;
    bytes[at] = FILLER;
    changed++;
  }
  return changed;
}
