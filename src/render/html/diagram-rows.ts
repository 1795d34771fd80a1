import type { ComparedLeg, ComparisonRow } from '../../model/comparison.ts';
import type { Transcript, TranscriptRow } from '../../model/report.ts';
import { type RefStyle, showPackets } from '../refs.ts';
import { nameBasis } from '../words.ts';

/** One row of the sequence diagram. `right`: from the client to the server. */
export interface DiagramRow {
  readonly at: string | null;
  readonly gapSeconds: number | null;
  readonly direction: 'right' | 'left' | 'both' | 'none';
  /** How far the arrow goes: `swallowed` ends on the way, `made` begins there. */
  readonly way: 'whole' | 'swallowed' | 'made';
  readonly tone: 'plain' | 'close' | 'repeat' | 'note';
  readonly words: string;
  /** Packet numbers; with two points those at the client and those at the server. */
  readonly packets: string;
  readonly log: readonly string[];
  readonly ended: boolean;
  readonly after: boolean;
}

/** Rows of one capture point: what the transcript shows, log lines on the same axis. */
export function rowsOfTranscript({ rows }: Transcript, refs: RefStyle): DiagramRow[] {
  return rows.map((row) => ({
    at: row.at,
    gapSeconds: row.gapSeconds,
    ...arrowOf(row),
    way: 'whole',
    packets: showPackets(row.refs, refs),
    log: row.log === '' ? [] : row.log.split('\n'),
    ended: row.ended,
    after: row.after,
  }));
}

const ARROW = /^(->|<-)\s*/;

function arrowOf(row: TranscriptRow): Pick<DiagramRow, 'direction' | 'tone' | 'words'> {
  const arrow = ARROW.exec(row.packets)?.[1];
  const said = [row.client, row.appliance].filter((text) => text !== '').join(' / ');
  const tcp = row.packets.replace(ARROW, '').replaceAll('\n', '; ');
  const known = nameBasis(row);
  const basis = known === '' ? '' : `(${known})`;
  const words = [said.replaceAll('\n', ' / '), basis, tcp].filter((text) => text !== '').join('  ');
  const isHandshake = arrow === undefined && tcp.startsWith('SYN, SYN/ACK');
  const direction = arrow === '->' ? 'right' : arrow === '<-' ? 'left' : isHandshake ? 'both' : directionOf(row);
  return { direction, tone: toneOf(tcp, direction), words };
}

/** Words without packets of their own: a debug log is the only witness of them. */
function directionOf(row: TranscriptRow): 'right' | 'left' | 'none' {
  if (row.client !== '' && row.appliance === '') return 'right';
  return row.appliance !== '' && row.client === '' ? 'left' : 'none';
}

function toneOf(tcp: string, direction: DiagramRow['direction']): DiagramRow['tone'] {
  if (/\b(?:RST|FIN)\b/.test(tcp)) return 'close';
  if (/retransmi|repeat|again|duplicate|out of order/i.test(tcp)) return 'repeat';
  return direction === 'none' ? 'note' : 'plain';
}

/** Rows of two capture points, the path between them drawn; the transcript adds what the log says. */
export function rowsOfLeg(leg: ComparedLeg, transcript: Transcript | null, refs: RefStyle): DiagramRow[] {
  const logs = logsByRow(leg, transcript);
  const endedAt = leg.rows.findIndex((row) => row.ended);
  return leg.rows.map((row, index) => pathRow(row, refs, endedAt >= 0 && index > endedAt, logs.get(index) ?? []));
}

/** Lines of the log stand where the packets stand beside which the transcript has them; without packets where their time comes. */
function logsByRow({ rows }: ComparedLeg, transcript: Transcript | null): Map<number, string[]> {
  const rowOfPacket = new Map<string, number>();
  for (const [index, row] of rows.entries())
    for (const packet of [...row.leftPackets, ...row.rightPackets]) rowOfPacket.set(`${packet.input} ${packet.number}`, index);
  const logs = new Map<number, string[]>();
  for (const { log, at, refs } of transcript?.rows ?? []) {
    if (log === '') continue;
    const beside = refs.map(({ input, number }) => rowOfPacket.get(`${input} ${number}`)).find((index) => index !== undefined);
    const index = beside ?? rows.findLastIndex((row) => at !== null && row.at <= at);
    logs.set(Math.max(0, index), [...(logs.get(Math.max(0, index)) ?? []), ...log.split('\n')]);
  }
  return logs;
}

const WAYS: Readonly<Record<ComparisonRow['kind'], DiagramRow['way']>> = {
  same: 'whole',
  altered: 'whole',
  regrouped: 'whole',
  injected: 'made',
  swallowed: 'swallowed',
  'only-left': 'whole',
  'only-right': 'whole',
};

function pathRow(row: ComparisonRow, refs: RefStyle, after: boolean, log: readonly string[]): DiagramRow {
  const words = row.left === row.right || row.right === '' ? row.left : row.left === '' ? row.right : `${row.left} → ${row.right}`;
  const packets = [showPackets(row.leftPackets, refs), showPackets(row.rightPackets, refs)].filter((text) => text !== '').join(' | ');
  const path = row.kind === 'same' ? '' : row.path.replace(/^[-<>*X|?~=\s]+/, '');
  return {
    at: row.at,
    gapSeconds: row.gapSeconds,
    direction: row.sender === 'client' ? 'right' : 'left',
    way: WAYS[row.kind],
    tone: toneOf(words, 'right'),
    words: path === '' ? words : `${words}  (${path})`,
    packets,
    log,
    ended: row.ended,
    after,
  };
}
