import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN, type SegmentView } from '../model/packet.ts';
import { SegmentNote } from '../model/tcp.ts';
import type { Side } from '../model/units.ts';
import type { Connection } from './connection.ts';
import { arrivedTo, type Half } from './half.ts';

/** Without an MSS in the file only what exceeds a jumbo frame (9,000 octets) is surely joined. */
const JUMBO_PAYLOAD = 8_960;

/**
 * The notes of a segment that its numbers tell, before it changes anything. `seq` is the relative number of its first octet of sequence
 * space (the SYN's for a SYN), `end` that behind its last (SYN and FIN count one each).
 */
export function classify(connection: Connection, direction: Side, view: SegmentView, seq: number, end: number, ack: number): number {
  const sender = connection.halves[direction];
  const receiver = connection.halves[direction === 0 ? 1 : 0];
  const { flags, payloadLength, window } = view;
  let notes = 0;
  if (view.checksumState === 0) notes |= SegmentNote.badChecksum;
  // Disorder in the file is no speech after the end.
  if (connection.over && view.atUs >= connection.overUs) notes |= SegmentNote.afterEnd;
  if (flags & TCP_RST) return notes;
  if (payloadLength > (receiver.syn?.mss ?? JUMBO_PAYLOAD)) notes |= SegmentNote.oversized;
  if (window === 0 && !(flags & (TCP_SYN | TCP_FIN))) notes |= SegmentNote.zeroWindow;

  const carries = end > seq;
  if (isProbe(sender, receiver, flags, seq, payloadLength)) {
    if (receiver.lastWindow === 0) notes |= SegmentNote.zeroWindowProbe;
    if (seq < sender.sentTo) return notes | SegmentNote.keepAlive;
  }
  if (carries) return notes | classifyOctets(sender, flags, seq, end);
  if (seq > arrivedTo(sender)) notes |= SegmentNote.afterHole;
  return flags & TCP_ACK ? notes | classifyAck(sender, receiver, view, ack) : notes;
}

/**
 * A keep-alive begins one below what was sent last (RFC 9293, 3.8.4), carrying one old octet or none; a probe of a closed window looks
 * the same on some stacks and carries the next octet on others. An old octet that is not acknowledged yet is a retransmission instead.
 */
function isProbe(sender: Half, receiver: Half, flags: number, seq: number, length: number): boolean {
  if (flags & (TCP_SYN | TCP_FIN | TCP_RST) || length > 1 || !(flags & TCP_ACK)) return false;
  if (seq === sender.sentTo) return length === 1 && receiver.lastWindow === 0;
  if (seq !== sender.sentTo - 1 || seq < 0 || (sender.fin && sender.fin.seq === seq)) return false;
  return length === 0 || sender.ackedTo < 0 || sender.ackedTo >= sender.sentTo;
}

function classifyOctets(sender: Half, flags: number, seq: number, end: number): number {
  if (!sender.baseKnown) return 0;
  if (!allSeen(sender, flags, seq, end)) {
    const arrived = arrivedTo(sender);
    const fillsHole = seq < sender.sentTo && sender.sentTo > arrived ? SegmentNote.outOfOrder : 0;
    return seq > arrived ? SegmentNote.afterHole | fillsHole : fillsHole;
  }
  return end <= sender.ackedTo ? SegmentNote.retransmission | SegmentNote.spuriousRetransmission : SegmentNote.retransmission;
}

/** Whether everything of a segment was seen before: its octets, its SYN and its FIN. */
function allSeen(sender: Half, flags: number, seq: number, end: number): boolean {
  if (flags & TCP_SYN && !sender.synLogged) return false;
  if (flags & TCP_FIN && sender.fin?.seq !== end - 1) return false;
  if (end <= sender.contiguousTo) return true;
  const octetsEnd = flags & TCP_FIN ? end - 1 : end;
  const arrived = Math.max(seq, sender.contiguousTo);
  return octetsEnd <= arrived || (sender.held?.holds(arrived, octetsEnd) ?? false);
}

/** Duplicate acknowledgements as RFC 5681, 2 defines them: something must be outstanding. */
function classifyAck(sender: Half, receiver: Half, view: SegmentView, ack: number): number {
  if (ack !== sender.lastAck || view.flags & (TCP_SYN | TCP_FIN)) return 0;
  if (view.window !== sender.lastWindow) return view.window > 0 ? SegmentNote.windowUpdate : 0;
  return ack < receiver.sentTo && view.window > 0 ? SegmentNote.duplicateAck : 0;
}
