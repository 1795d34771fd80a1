import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../model/packet.ts';
import type { CapturedSession } from '../model/pairing.ts';
import { type Segment, SegmentNote, type StreamGap, type TcpConnection, packetOf } from '../model/tcp.ts';
import { type Coverage, coverageOf } from './coverage.ts';
import { octets } from './dialogue-rows.ts';
import { type DraftRow, newRow } from './draft.ts';
import { type FoldKind, Folder } from './fold.ts';
import { describeIcmp } from './icmp-words.ts';

const GAP_FOLDS: Readonly<Record<StreamGap['kind'], FoldKind>> = {
  capture: 'gap-capture',
  network: 'gap-network',
  snap: 'gap-snap',
  budget: 'gap-budget',
};

/** Whether what is missing arrived, only the other side's acknowledgements show. */
function foldOfGap({ kind }: StreamGap, { bothDirections }: TcpConnection): FoldKind {
  return kind === 'capture' && !bothDirections ? 'gap-unknown' : GAP_FOLDS[kind];
}

/** The events of TCP: handshake, data that no word of the dialogue shows, repetitions, closed windows, gaps, FIN, RST and ICMP errors. */
export function rowsOfPackets({ connection, dialogue }: CapturedSession): DraftRow[] {
  const client = dialogue.client;
  const coverage = coverageOf(dialogue);
  const folder = new Folder();
  const rows: DraftRow[] = [];
  const gaps = placeGaps(connection);
  const lost = lostFrom(connection);
  const handshake = findHandshake(connection);
  if (handshake) rows.push(describeHandshake(handshake, connection));
  let gapAt = 0;
  let zeroWindow: number | null = null;
  for (const segment of connection.segments) {
    const fromClient = segment.side === client;
    for (let next = gaps[gapAt]; next && next.segment <= segment.index; next = gaps[++gapAt]) {
      fold(folder, foldOfGap(next.gap, connection), segment, next.gap.side === client, next.gap.length);
    }
    if (!handshake?.includes(segment.index)) {
      if (carriesProgress(segment, coverage)) folder.close();
      for (const kind of foldsOf(segment, coverage, lost)) fold(folder, kind, segment, fromClient, segment.length);
      if ((segment.notes & SegmentNote.zeroWindow) !== 0) zeroWindow = segment.side;
      else if (zeroWindow === segment.side && segment.window > 0 && (segment.flags & (TCP_RST | TCP_SYN)) === 0) {
        folder.close();
        fold(folder, 'window-open', segment, fromClient, 0);
        zeroWindow = null;
      }
      const row = describeControl(segment, connection, fromClient);
      if (row) rows.push(row);
    }
  }
  for (const error of connection.icmp) {
    rows.push({ ...newRow('event', error.atUs, [{ input: error.input, number: error.packet }]), packets: describeIcmp(error) });
  }
  return [...rows, ...folder.rows()];
}

/**
 * Where gaps are shown, in order: at the first segment that lies behind the hole, because a gap may be certain only at the end of the connection.
 * What the snap length or the budget took is shown where it was noticed.
 */
function placeGaps(connection: TcpConnection): { readonly gap: StreamGap; readonly segment: number }[] {
  const placed = connection.gaps.filter(({ kind }) => kind === 'snap' || kind === 'budget').map((gap) => ({ gap, segment: gap.segment }));
  const bySide = ([0, 1] as const).map((side) =>
    connection.gaps.filter((gap) => gap.side === side && (gap.kind === 'network' || gap.kind === 'capture')).sort(byEnd),
  );
  if (bySide.some((gaps) => gaps.length > 0)) {
    const next = [0, 0];
    for (const segment of connection.segments) {
      if (segment.length === 0 && (segment.flags & (TCP_FIN | TCP_RST)) === 0) continue;
      const gaps = bySide[segment.side] ?? [];
      for (let gap = gaps[next[segment.side] ?? 0]; gap && endOf(gap) <= segment.seq; gap = gaps[next[segment.side] ?? 0]) {
        placed.push({ gap, segment: Math.min(segment.index, gap.segment) });
        next[segment.side] = (next[segment.side] ?? 0) + 1;
      }
    }
    for (const [side, gaps] of bySide.entries()) placed.push(...gaps.slice(next[side]).map((gap) => ({ gap, segment: gap.segment })));
  }
  return placed.sort((a, b) => a.segment - b.segment);
}

function endOf(gap: StreamGap): number {
  return gap.from + gap.length;
}

function byEnd(a: StreamGap, b: StreamGap): number {
  return endOf(a) - endOf(b);
}

/** By side: where the first hole ends that was never filled; nothing behind it reached the receiver's application. */
function lostFrom(connection: TcpConnection): readonly [number, number] {
  const ends = ([0, 1] as const).map((side) =>
    connection.gaps.reduce((least, gap) => (gap.side === side && gap.kind === 'network' ? Math.min(least, endOf(gap)) : least), Number.POSITIVE_INFINITY),
  );
  return [ends[0] ?? Number.POSITIVE_INFINITY, ends[1] ?? Number.POSITIVE_INFINITY];
}

function fold(folder: Folder, kind: FoldKind, segment: Segment, fromClient: boolean, length: number): void {
  folder.add({ kind, fromClient, atUs: segment.atUs, input: segment.input, packet: segment.packet, octets: length });
}

/** A word of the dialogue, a first FIN or a RST: what was folded so far is finished. */
function carriesProgress(segment: Segment, coverage: Coverage): boolean {
  if ((segment.flags & TCP_RST) !== 0) return true;
  const again = (segment.notes & (SegmentNote.retransmission | SegmentNote.spuriousRetransmission)) !== 0;
  if (again) return false;
  if ((segment.flags & TCP_FIN) !== 0) return true;
  return segment.length > 0 && !coverage.inBody(segment) && coverage.speaks(segment);
}

function foldsOf(segment: Segment, coverage: Coverage, lost: readonly [number, number]): FoldKind[] {
  const { notes, flags, length } = segment;
  const again = (notes & (SegmentNote.retransmission | SegmentNote.spuriousRetransmission)) !== 0;
  if ((flags & TCP_RST) !== 0) return [];
  if ((flags & TCP_SYN) !== 0) return again ? [(flags & TCP_ACK) !== 0 ? 'syn-ack-again' : 'syn-again'] : [];
  const kinds: FoldKind[] = [];
  if ((notes & SegmentNote.conflictingOverlap) !== 0) kinds.push('conflict');
  if ((notes & SegmentNote.zeroWindow) !== 0) kinds.push('zero-window');
  if ((notes & SegmentNote.challengeAck) !== 0) kinds.push('challenge-ack');
  if ((notes & SegmentNote.keepAlive) !== 0) return [...kinds, 'keep-alive'];
  if ((notes & SegmentNote.zeroWindowProbe) !== 0) return [...kinds, 'zero-window-probe'];
  if (again) return [...kinds, length > 0 ? 'again' : 'fin-again'];
  if (length === 0) return kinds;
  const data = describeData(segment, coverage, lost);
  return data ? [...kinds, data] : kinds;
}

/** How payload is shown that is no word of the dialogue; null where the dialogue shows it. */
function describeData(segment: Segment, coverage: Coverage, lost: readonly [number, number]): FoldKind | null {
  if (segment.seq >= lost[segment.side] && !coverage.speaks(segment)) return 'data-behind-hole';
  if (coverage.inBody(segment)) return 'body';
  if (coverage.speaks(segment) || coverage.inTls(segment)) return null;
  if ((segment.notes & SegmentNote.afterEnd) !== 0) return 'data-after-end';
  // Came before a hole was filled: the dialogue shows it where it was delivered.
  if ((segment.notes & SegmentNote.afterHole) !== 0) return null;
  return 'data';
}

/** Indexes of SYN, SYN/ACK and the ACK, when they follow one another without a repetition. */
function findHandshake(connection: TcpConnection): [number, number, number] | null {
  if (!connection.sawSyn || connection.establishedUs === null || connection.segments.length < 3) return null;
  const [syn, synAck, ack] = [connection.segments.at(0), connection.segments.at(1), connection.segments.at(2)];
  if ((syn.flags & (TCP_SYN | TCP_ACK)) !== TCP_SYN || (synAck.flags & (TCP_SYN | TCP_ACK)) !== (TCP_SYN | TCP_ACK)) return null;
  if (ack.side !== syn.side || ack.length > 0 || (ack.flags & (TCP_SYN | TCP_FIN | TCP_RST)) !== 0) return null;
  return [0, 1, 2];
}

function describeHandshake(indexes: readonly number[], connection: TcpConnection): DraftRow {
  const segments = indexes.map((index) => connection.segments.at(index));
  const [first, , last] = segments;
  const took = first && last ? (last.atUs - first.atUs) / 1000 : 0;
  const row = newRow('handshake', first?.atUs ?? connection.firstUs, segments.map(packetOf));
  row.lastUs = last?.atUs ?? row.atUs;
  row.packets = `SYN, SYN/ACK, ACK: connected in ${took.toFixed(took < 1 ? 2 : took < 10 ? 1 : 0)} ms`;
  return row;
}

/** SYN, FIN and RST have rows of their own; a FIN that is only repeated has not. */
function describeControl(segment: Segment, connection: TcpConnection, fromClient: boolean): DraftRow | null {
  const { flags, notes } = segment;
  const arrow = fromClient ? '->' : '<-';
  const after = (notes & SegmentNote.afterEnd) !== 0 ? ', after the end' : '';
  if ((flags & TCP_RST) !== 0) {
    return { ...newRow('rst', segment.atUs, [packetOf(segment)]), packets: `${arrow} RST${describeAcceptability(notes)}${after}` };
  }
  const again = (notes & (SegmentNote.retransmission | SegmentNote.spuriousRetransmission)) !== 0;
  if ((flags & TCP_SYN) !== 0) {
    return again ? null : { ...newRow('syn', segment.atUs, [packetOf(segment)]), packets: `${arrow} ${(flags & TCP_ACK) !== 0 ? 'SYN/ACK' : 'SYN'}` };
  }
  if ((flags & TCP_FIN) === 0) return null;
  const endpoint = segment.side === 0 ? connection.originator : connection.responder;
  if (again && endpoint.fin?.segment !== segment.index) return null;
  const with_ = segment.length > 0 ? ` behind ${octets(segment.length)}` : '';
  const disorder = endpoint.fin?.segment === segment.index && !endpoint.fin.inOrder ? ', but octets before it never arrived' : '';
  return { ...newRow('fin', segment.atUs, [packetOf(segment)]), packets: `${arrow} FIN${with_}${disorder}${after}` };
}

/** RFC 5961, 3.2. */
function describeAcceptability(notes: number): string {
  if ((notes & SegmentNote.rstInWindow) !== 0) return ', in the window but not exact: a challenge ACK is due, no end';
  if ((notes & SegmentNote.rstOutside) !== 0) return ', outside the window: without effect';
  if ((notes & SegmentNote.rstExact) !== 0) return ', at the exact sequence number';
  return '';
}
