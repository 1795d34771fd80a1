import { TCP_ACK, type SegmentView } from '../model/packet.ts';
import { SegmentNote } from '../model/tcp.ts';
import { arrivedTo, type Half } from './half.ts';

/** Shift assumed where the handshake is not in the file: that of a Linux or FreeBSD host with a receive buffer of a few MB. */
const ASSUMED_SCALE = 7;
const ASSUMED_WINDOW = 65_535;
/** A host's own capture shows what arrives a moment before its TCP has taken it in. */
const CROSSING_US = 100;

/** Shift of the windows that `end` announces: its own offer counts only when both offered (RFC 7323, 2.2). */
export function scaleOf(end: Half, peer: Half): number {
  if (!end.syn || !peer.syn) return ASSUMED_SCALE;
  if (end.syn.windowScale === null || peer.syn.windowScale === null) return 0;
  return Math.min(14, end.syn.windowScale);
}

/**
 * Judges a RST of `sender` by what its receiver expects: one bit of `SegmentNote`.
 * A receiver that only sent its SYN wants that SYN acknowledged (RFC 9293, 3.10.7.3); any other takes exactly the next octet it waits for,
 * challenges what else lies in its window, and ignores the rest (RFC 5961, 3.2).
 * `seq` and `ack` are relative.
 */
export function judgeReset(view: SegmentView, sender: Half, receiver: Half, seq: number, ack: number): number {
  const synSent = receiver.isn !== null && receiver.lastAck < 0 && sender.isn === null;
  if (synSent) return view.flags & TCP_ACK && ack > 0 && ack <= receiver.sentTo ? SegmentNote.rstExact : SegmentNote.rstOutside;
  const expected = expectedNext(sender, receiver);
  if (seq === expected) return SegmentNote.rstExact;
  // An answer to a segment that was under way when the FIN came carries the number of that FIN. FreeBSD takes a RST one below,
  // Linux does after a FIN (tcp_input.c, tcp_reset_check).
  if (sender.fin && seq === sender.fin.seq && expected === seq + 1) return SegmentNote.rstExact;
  const window = receiver.lastWindow < 0 ? ASSUMED_WINDOW : receiver.lastWindow * 2 ** scaleOf(receiver, sender);
  const edge = Math.max(expected, sender.ackedTo < 0 ? expected + window : sender.ackedTo + window);
  return seq > expected && seq < edge ? SegmentNote.rstInWindow : SegmentNote.rstOutside;
}

/**
 * What the receiver waits for. What arrived without a hole may not have been acknowledged yet, and what was acknowledged may be missing in
 * the file; but a segment of the receiver that is later than all that shows what it had then: the rest was lost behind the capture.
 */
function expectedNext(sender: Half, receiver: Half): number {
  if (sender.ackedTo >= 0 && receiver.lastUs > sender.grewUs + CROSSING_US) return sender.ackedTo;
  return Math.max(arrivedTo(sender), sender.ackedTo);
}
