import type { Segment } from '../model/tcp.ts';
import { isAck } from './case.ts';
import type { RstShape } from './observation.ts';

/**
 * `active`: a live socket aborts (SO_LINGER 0, close with unread data, killed process): RST+ACK with the connection's window.
 * `reactive`: no socket is left and the host answers a segment, or netfilter rejects in its name: RST alone, window 0, no options.
 * Both are genuine shapes of one and the same Linux host (measured on Linux 6.18), so neither is a sign of forgery by itself.
 */
export function shapeOf(rst: Segment): RstShape {
  if (isAck(rst) && (rst.window > 0 || rst.tsVal >= 0)) return 'active';
  if (!isAck(rst) && rst.window === 0 && rst.tsVal < 0) return 'reactive';
  return 'other';
}
