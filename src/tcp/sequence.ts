/** Sequence numbers on the wire count modulo 2^32 (RFC 9293, 3.4); everywhere else they are unwrapped doubles. */

/** Signed distance from `a` to `b` in sequence space: positive when `b` is later. */
export function seqDistance(a: number, b: number): number {
  return (b - a) | 0;
}

/** No window reaches further (RFC 7323, 2.3: 65,535 shifted by 14); a number beyond it is junk, not a hole. */
export const MAX_WINDOW = 2 ** 30;
