import type { FrameView, IpLayer } from '../model/frame.ts';

const TAB = 9;
const LF = 10;
const CR = 13;
const BLANK = 32;
const DOT = 46;
const DELETE = 127;
const FILLER = 0x78;

/**
 * Overwrites octets with `x`, and control characters, which no text holds, with zero: what was no text must not read as a line of commands afterwards.
 * What ends a line, and a dot at the beginning of one, stay: they end messages. Returns how many octets were overwritten.
 */
export function overwrite(bytes: Uint8Array, from: number, to: number): number {
  let changed = 0;
  for (let at = from; at < to; at++) {
    const octet = bytes[at] ?? 0;
    if (octet === CR || octet === LF) continue;
    if (octet === DOT && (at === 0 || at === from || bytes[at - 1] === LF)) continue;
    bytes[at] = (octet < BLANK && octet !== TAB) || octet === DELETE ? 0 : FILLER;
    changed++;
  }
  return changed;
}

/** Zeroes what lies in a frame behind its IP packet: padding, which cards have filled with other memory, trailers, and check sums of the link. */
export function clearTrailer({ layers }: FrameView, bytes: Uint8Array): void {
  const innermost = layers.findLast((layer): layer is IpLayer => layer.kind === 'ip' && !layer.quoted);
  if (innermost) bytes.fill(0, Math.min(innermost.end, bytes.length));
}
