import type { ComparisonRow, ComparisonRowKind, Sender } from '../model/comparison.ts';
import type { PacketRef } from '../model/evidence.ts';
import { SegmentNote, packetOf } from '../model/tcp.ts';
import type { EpochUs } from '../model/units.ts';
import type { Match } from './align.ts';
import { isAltered } from './altered.ts';
import { coverageOf } from './completeness.ts';
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
    const coverage = { left: coverageOf(leg.left.packets, sender), right: coverageOf(leg.right.packets, sender) };
    const covered = ({ point, from, to }: Packet) => to > from && coverage[point === 'left' ? 'right' : 'left'].has(from, to);
    for (const match of matches) {
      const event = matchedEvent(match, sender, wordings);
      if (event) events.push(event);
    }
    for (const packet of [...onlyLeft, ...onlyRight]) {
      const event = lonelyEvent(leg, packet, wordings, told.get(nameOf(packetOf(packet.segment))) ?? null, covered);
      if (event) events.push(event);
    }
  }
  // Between two connections handshakes are no common packets: each is shown at its own point.
  if (leg.mode === 'proxy') {
    for (const packet of [...leg.left.packets, ...leg.right.packets]) if (isSyn(packet)) events.push(aloneRow(packet, wordings, ownPath(packet)));
  }
  const ordered = events.sort((a, b) => a.atUs - b.atUs || firstNumber(a) - firstNumber(b));
  return foldRows(ordered, ending);
}

function nameOf({ input, number }: PacketRef): string {
  return `${input}/${number}`;
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

function lonelyEvent(leg: Leg, packet: Packet, wordings: Wordings, finding: DraftFinding | null, covered: (packet: Packet) => boolean): Event | null {
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
    ? isRepeat(packet) || covered(packet)
      ? 'another copy arrived'
      : `not captured at ${lacking.point.name}`
    : `not captured at ${lacking.point.name}`;
  const row = aloneRow(packet, wordings, towardsRight === (packet.point === 'left') ? `--?    ${words}` : `    ?-- ${words}`);
  return { ...row, fold: saidBy(packet, wordings) === null && !isSyn(packet) && !isRst(packet) ? `lonely/${packet.sender}/${packet.point}/${words}` : null };
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

/** More packets than this are named by the first and the last half of it. */
const MOST_REFS = 40;

/** A row that still grows. */
interface Fold {
  readonly event: Event;
  readonly leftPackets: PacketRef[];
  readonly rightPackets: PacketRef[];
  kind: ComparisonRowKind;
  path: string;
  count: number;
  packets: number;
  octets: number;
}

function foldRows(events: readonly Event[], ending: PacketRef | null): DraftRow[] {
  const folds: Fold[] = [];
  for (const event of events) {
    const last = folds.at(-1);
    if (!last || event.fold === null || last.event.fold !== event.fold) {
      const { kind, path, packets, octets } = event;
      folds.push({ event, leftPackets: [...event.leftPackets], rightPackets: [...event.rightPackets], kind, path, count: 1, packets, octets });
      continue;
    }
    last.leftPackets.push(...event.leftPackets);
    last.rightPackets.push(...event.rightPackets);
    last.count++;
    last.packets += event.packets;
    last.octets += event.octets;
    if (last.kind !== event.kind) last.kind = 'regrouped';
    if (last.path !== event.path) last.path = last.path.replace(/ .*$/, ' in other pieces');
  }
  return folds.map((fold) => finishRow(fold, ending));
}

function finishRow({ event, leftPackets, rightPackets, kind, path, count, packets, octets }: Fold, ending: PacketRef | null): DraftRow {
  const { fold, packets: _packets, octets: _octets, ...row } = event;
  const ended = ending !== null && [...leftPackets, ...rightPackets].some(({ input, number }) => input === ending.input && number === ending.number);
  const refs = { leftPackets: abridge(leftPackets), rightPackets: abridge(rightPackets) };
  if (count === 1) return { ...row, ...refs, ended };
  const text = `${packets} packets, ${describeOctets(octets)}${fold?.endsWith('again') ? ' (again)' : ''}`;
  return { ...row, ...refs, kind, path, left: row.leftPackets.length > 0 ? text : '', right: row.leftPackets.length > 0 ? '' : text, ended };
}

function abridge(refs: readonly PacketRef[]): readonly PacketRef[] {
  return refs.length <= MOST_REFS ? refs : [...refs.slice(0, MOST_REFS / 2), ...refs.slice(-MOST_REFS / 2)];
}
