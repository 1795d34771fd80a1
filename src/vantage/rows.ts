import type { ComparisonRow, ComparisonRowKind, Sender } from '../model/comparison.ts';
import type { PacketRef } from '../model/evidence.ts';
import { SegmentNote, packetOf } from '../model/tcp.ts';
import type { EpochUs } from '../model/units.ts';
import type { Match } from './align.ts';
import { isAltered } from './altered.ts';
import type { DraftFinding } from './draft.ts';
import type { Leg } from './leg.ts';
import { type Packet, isBareAck, isData, isFin, isRst, isSyn } from './packets.ts';
import { type Wording, describeOctets, describePacket, wordingOf } from './words.ts';

/** A row before its times are written out. */
export interface DraftRow extends Omit<ComparisonRow, 'at' | 'gapSeconds'> {
  readonly atUs: EpochUs;
}

/** A row with what folding needs. */
interface Event extends DraftRow {
  /** Rows of one fold are joined with their likes; null stands alone. */
  readonly fold: string | null;
  readonly packets: number;
  readonly octets: number;
}

interface Wordings {
  readonly left: Wording | null;
  readonly right: Wording | null;
}

/** The picture: events in one order of time, acknowledgements that passed left out, pieces of a message and repetitions folded. */
export function drawRows(leg: Leg, findings: readonly DraftFinding[], ending: PacketRef | null): DraftRow[] {
  const wordings: Wordings = {
    left: leg.left.point.captured ? wordingOf(leg.left.point.captured.dialogue) : null,
    right: leg.right.point.captured ? wordingOf(leg.right.point.captured.dialogue) : null,
  };
  const told = new Map<string, DraftFinding>();
  for (const finding of findings) for (const packet of finding.packets) if (!told.has(nameOf(packet))) told.set(nameOf(packet), finding);
  const events: Event[] = [];
  for (const sender of ['client', 'server'] as const) {
    const { matches, onlyLeft, onlyRight } = leg.alignments[sender];
    for (const match of matches) {
      const event = matchedEvent(match, sender, wordings);
      if (event) events.push(event);
    }
    for (const packet of [...onlyLeft, ...onlyRight]) {
      const event = lonelyEvent(leg, packet, wordings, told.get(nameOf(packetOf(packet.segment))) ?? null);
      if (event) events.push(event);
    }
  }
  // Between two connections handshakes are no common packets: each is shown at its own point.
  if (leg.mode === 'proxy') {
    for (const packet of [...leg.left.packets, ...leg.right.packets]) if (isSyn(packet)) events.push(aloneRow(packet, wordings, ownPath(packet)));
  }
  const ordered = events.sort((a, b) => a.atUs - b.atUs || firstNumber(a) - firstNumber(b));
  return foldRows(ordered).map((row) => ({ ...row, ended: ending !== null && holds(row, ending) }));
}

function nameOf({ input, number }: PacketRef): string {
  return `${input}/${number}`;
}

function holds({ leftPackets, rightPackets }: DraftRow, { input, number }: PacketRef): boolean {
  return [...leftPackets, ...rightPackets].some((packet) => packet.input === input && packet.number === number);
}

function firstNumber({ leftPackets, rightPackets }: DraftRow): number {
  return rightPackets[0]?.number ?? leftPackets[0]?.number ?? 0;
}

const REPEATS = SegmentNote.retransmission | SegmentNote.spuriousRetransmission;

function isRepeat({ segment }: Packet): boolean {
  return (segment.notes & REPEATS) !== 0;
}

function matchedEvent(match: Match, sender: Sender, wordings: Wordings): Event | null {
  const [left, right] = [match.left[0], match.right[0]];
  if (!left || !right) return null;
  const altered = isAltered(match);
  if (isBareAck(left) && !altered) return null;
  const cells = sayBoth(match, wordings, altered);
  const regrouped = match.left.length > 1 || match.right.length > 1;
  const kind: ComparisonRowKind = altered ? 'altered' : regrouped ? 'regrouped' : 'same';
  const isPlain =
    kind !== 'altered' &&
    !isRst(left) &&
    !isSyn(left) &&
    !match.left.some(isFin) &&
    [...match.left, ...match.right].every((packet) => saidBy(packet, wordings) === null);
  return {
    atUs: sender === 'client' ? (match.right.at(-1) ?? right).atUs : left.atUs,
    kind,
    sender,
    left: cells.left,
    path: pathOf(sender, kind, match),
    right: kind === 'altered' || cells.right !== cells.left ? cells.right : '',
    leftPackets: match.left.map(({ segment }) => packetOf(segment)),
    rightPackets: match.right.map(({ segment }) => packetOf(segment)),
    ended: false,
    fold: isPlain ? `same/${sender}/${isRepeat(left) ? 'again' : 'data'}` : null,
    packets: match.right.length,
    octets: match.right.reduce((sum, packet) => sum + packet.segment.length, 0),
  };
}

/** The same octets are the same words, also where one point's dialogue had ended before (a RST came first there). */
function sayBoth({ left, right }: Match, wordings: Wordings, altered: boolean): { left: string; right: string } {
  const silent = (packets: readonly Packet[]) => packets.every((packet) => saidBy(packet, wordings) === null);
  const [here, there] = [sayAll(left, wordings.left), sayAll(right, wordings.right)];
  if (altered || silent(left) === silent(right)) return { left: here, right: there };
  return silent(left) ? { left: there, right: there } : { left: here, right: here };
}

function saidBy(packet: Packet, wordings: Wordings): string | null {
  return wordings[packet.point]?.said(packet) ?? null;
}

function sayAll(packets: readonly Packet[], wording: Wording | null): string {
  const [first] = packets;
  if (!first) return '';
  if (packets.length === 1) return describePacket(first, wording);
  const said = packets.flatMap((packet) => wording?.said(packet) ?? []);
  const octets = packets.reduce((sum, packet) => sum + packet.segment.length, 0);
  const fin = packets.some(isFin) ? ' + FIN' : '';
  return (said.length > 0 ? said.join(' | ') : describeOctets(octets)) + fin;
}

/** The middle column: which way, and what became of it. */
function pathOf(sender: Sender, kind: ComparisonRowKind, match: Match): string {
  const arrow = sender === 'client' ? '---->' : '<----';
  if (kind === 'altered') return `${sender === 'client' ? '~~~~>' : '<~~~~'} changed`;
  if (kind !== 'regrouped') return arrow;
  const [from, to] = sender === 'client' ? [match.left.length, match.right.length] : [match.right.length, match.left.length];
  return `${arrow} ${from} packet${from === 1 ? '' : 's'} as ${to}`;
}

function lonelyEvent(leg: Leg, packet: Packet, wordings: Wordings, finding: DraftFinding | null): Event | null {
  if (isBareAck(packet) && !finding) return null;
  const near = (packet.point === 'left') === (packet.sender === 'client');
  const towardsRight = packet.sender === 'client';
  if (finding?.kind === 'injected' || finding?.kind === 'answered') {
    const doubt = finding.certainty === 'open' ? 'made here, or not captured' : 'made here';
    return { ...aloneRow(packet, wordings, towardsRight ? `  *--> ${doubt}` : `<--*   ${doubt}`), kind: 'injected' };
  }
  if (finding?.kind === 'swallowed') {
    const doubt = finding.certainty === 'open' ? 'gone, or not captured' : 'swallowed';
    const row = { ...aloneRow(packet, wordings, towardsRight ? `--X    ${doubt}` : `    X-- ${doubt}`), kind: 'swallowed' as const };
    return { ...row, fold: isData(packet) && saidBy(packet, wordings) === null ? `swallowed/${packet.sender}` : row.fold };
  }
  const lacking = packet.point === 'left' ? leg.right : leg.left;
  const words = near
    ? isRepeat(packet) || arrivedElsewhere(leg, packet)
      ? 'another copy arrived'
      : `not captured at ${lacking.point.name}`
    : `not captured at ${lacking.point.name}`;
  const row = aloneRow(packet, wordings, towardsRight === (packet.point === 'left') ? `--?    ${words}` : `    ?-- ${words}`);
  return { ...row, fold: saidBy(packet, wordings) === null && !isSyn(packet) && !isRst(packet) ? `lonely/${packet.sender}/${packet.point}/${words}` : null };
}

/** The far point holds the same numbers in another packet. */
function arrivedElsewhere(leg: Leg, packet: Packet): boolean {
  const far = packet.point === 'left' ? leg.right : leg.left;
  return far.packets.some((other) => other.sender === packet.sender && other.from <= packet.from && other.to >= packet.to && other.to > other.from);
}

function ownPath(packet: Packet): string {
  return packet.point === 'left'
    ? packet.sender === 'client'
      ? '--|  ends here'
      : '<-|  begins here'
    : packet.sender === 'client'
      ? '     |-> begins here'
      : '     |-- ends here';
}

function aloneRow(packet: Packet, wordings: Wordings, path: string): Event {
  const text = describePacket(packet, wordings[packet.point]);
  const refs = [packetOf(packet.segment)];
  const here = packet.point === 'left';
  return {
    atUs: packet.atUs,
    kind: here ? 'only-left' : 'only-right',
    sender: packet.sender,
    left: here ? text : '',
    path,
    right: here ? '' : text,
    leftPackets: here ? refs : [],
    rightPackets: here ? [] : refs,
    ended: false,
    fold: null,
    packets: 1,
    octets: packet.segment.length,
  };
}

function foldRows(events: readonly Event[]): DraftRow[] {
  const rows: Event[] = [];
  for (const event of events) {
    const last = rows.at(-1);
    if (!last || event.fold === null || last.fold !== event.fold) {
      rows.push(event);
      continue;
    }
    const packets = last.packets + event.packets;
    const octets = last.octets + event.octets;
    const text = `${packets} packets, ${describeOctets(octets)}${event.fold.endsWith('again') ? ' (again)' : ''}`;
    rows[rows.length - 1] = {
      ...last,
      kind: last.kind === event.kind ? last.kind : 'regrouped',
      left: event.leftPackets.length > 0 ? text : '',
      right: event.leftPackets.length > 0 ? '' : text,
      path: last.path === event.path ? last.path : last.path.replace(/ .*$/, ' in other pieces'),
      leftPackets: [...last.leftPackets, ...event.leftPackets],
      rightPackets: [...last.rightPackets, ...event.rightPackets],
      packets,
      octets,
    };
  }
  return rows.map(({ fold: _fold, packets: _packets, octets: _octets, ...row }) => row);
}
