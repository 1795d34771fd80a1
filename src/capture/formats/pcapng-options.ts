const END_OF_OPTIONS = 0;
/** opt_comment, allowed in every block. */
const COMMENT = 1;

const text = new TextDecoder();

/** Longest comment that is kept. */
const MAX_COMMENT_OCTETS = 4096;

/** Calls `take` for every option between `at` and `end` (draft-ietf-opsawg-pcapng, 3.5); stops at the first one that does not fit. */
export function readOptions(view: DataView, at: number, end: number, little: boolean, take: (code: number, valueAt: number, length: number) => void): void {
  let optionAt = at;
  while (optionAt + 4 <= end) {
    const code = view.getUint16(optionAt, little);
    const length = view.getUint16(optionAt + 2, little);
    if (code === END_OF_OPTIONS || optionAt + 4 + length > end) return;
    take(code, optionAt + 4, length);
    optionAt += 4 + ((length + 3) & ~3);
  }
}

/** The value of a comment option, null for any other. */
export function commentOf(bytes: Uint8Array, code: number, valueAt: number, length: number): string | null {
  return code === COMMENT ? text.decode(bytes.subarray(valueAt, valueAt + Math.min(length, MAX_COMMENT_OCTETS))) : null;
}

export function textAt(view: DataView, at: number, length: number): string {
  return text.decode(new Uint8Array(view.buffer, view.byteOffset + at, length));
}

/** A counter of 64 bits as a number; beyond 2^53 it is not exact. */
export function readCounter(view: DataView, at: number, little: boolean): number {
  const high = view.getUint32(little ? at + 4 : at, little);
  const low = view.getUint32(little ? at : at + 4, little);
  return high * 0x1_0000_0000 + low;
}
