import { TCP_FIN, TCP_SYN, type SegmentView } from '../model/packet.ts';
import type { Connection } from './connection.ts';
import type { RowView } from './rows.ts';

/** How many segments back a copy is looked for: mirror ports deliver bursts, then the copies of the burst. */
const DEPTH = 24;
/**
 * A host numbers every packet anew, a retransmission too; the same number, octets and time stamp so soon is the same packet. A SYN/ACK has
 * no number on Linux, but it is not repeated so soon either.
 */
const NUMBERED_US = 100_000;
/**
 * Without a number (IPv6, ID 0 with DF) a retransmission of data without time stamps looks like a copy: it comes a retransmission time
 * or a round trip later, a copy at once.
 */
const UNNUMBERED_US = 500;
/** With time stamps a repetition differs as soon as the sender's clock has ticked: every millisecond on today's hosts (RFC 7323, 5.4 allows slower ones). */
const STAMPED_US = 5_000;
/** Longest lag believed of a mirror that keeps delivering twice. */
const CUSTOMARY_US = 50_000;
/**
 * Bare answers (RST, pure ACK) without a number repeat as fast as the segments that provoke them, in the same microsecond even. They are
 * copies only where there are more of them than provocations.
 */
const BARE_US = 5;

/**
 * Whether the segment is a second capture of a frame that is already logged: mirror ports, the `any` interface, a tagged and an untagged
 * copy, before and after a router. Where frames of this direction keep coming twice, the usual lag is believed for bare answers too.
 */
export function isCopy(connection: Connection, view: SegmentView, row: RowView): boolean {
  if (connection.rows.seen === 0) return false;
  const half = connection.halves[row.direction];
  const numbered = view.ipId > 0;
  const opens = (view.flags & TCP_SYN) !== 0;
  const bare = !numbered && view.payloadLength === 0 && !opens && !(view.flags & TCP_FIN);
  const customaryUs = half.copies * 2 >= half.packets && half.copies > 0 ? Math.min(CUSTOMARY_US, half.copyLagUs * 4) : 0;
  const withinUs = numbered || opens ? NUMBERED_US : Math.max(customaryUs, bare ? BARE_US : row.hasTimestamps ? STAMPED_US : UNNUMBERED_US);
  const lagUs = connection.rows.lagOfSame(view, row, DEPTH, withinUs);
  if (lagUs < 0) return false;
  if (bare && customaryUs === 0 && connection.rows.isProvoked(view, row, DEPTH)) return false;
  half.copies++;
  if (!bare) half.copyLagUs = Math.max(half.copyLagUs, lagUs);
  connection.duplicateFrames++;
  return true;
}
