import type { PacketRef } from '../model/evidence.ts';
import type { Inference } from '../model/inference.ts';
import type { ClockMap, Session } from '../model/pairing.ts';
import type { Cause, Transcript, TranscriptRow } from '../model/report.ts';
import type { SmtpDialogue } from '../model/smtp.ts';
import { type EpochUs, SECOND_US } from '../model/units.ts';
import { rowsOfDialogue } from './dialogue-rows.ts';
import { type DraftRole, type DraftRow, type EndMark, newRow } from './draft.ts';
import { isInferred, rowsOfInference } from './inferred-rows.ts';
import { placeLogLines } from './log-rows.ts';
import { rowsOfPackets } from './packet-rows.ts';

/** How the session is called in the report and to people. */
export interface TranscriptNames {
  /** `id` in the report. */
  readonly session: string;
  /** Text above the columns; built from the session where it is left out. */
  readonly title?: string;
}

/** More packets than this are named by the first and the last half of it. */
const MOST_REFS = 40;

/**
 * The session side by side: who sends SMTP commands on the left, what TCP did, who answers on the right, and what the log says, in one order of time
 * after clock correction. `end` marks the row that ended it; what follows is a consequence. Works without a capture and without a log.
 */
export function buildTranscript(
  session: Session,
  clock: ClockMap,
  end: EndMark | null,
  names: TranscriptNames,
  inference: Inference | null = null,
): Transcript {
  const captured = session.captured;
  const ordered = captured ? orderRows(spokenRows(captured.dialogue, inference), rowsOfPackets(captured), captured.dialogue) : [];
  const endByPacket = end ? (findEndByPacket(ordered, end) ?? addEndElsewhere(ordered, end)) : null;
  const drafts = placeLogLines(session, ordered, clock, endByPacket);
  if (captured) appendLimits(drafts, session);
  const ended = endByPacket ?? (end ? findEndByLine(drafts, end) : null);
  const endedAt = ended ? drafts.indexOf(ended) : -1;
  return {
    session: names.session,
    title: names.title ?? titleOf(session),
    ...columnNames(session),
    endedWords: ended && end ? end.words : null,
    rows: finishRows(drafts, endedAt),
  };
}

/** What was said; what records show without keys stands in place of the records. */
function spokenRows(dialogue: SmtpDialogue, inference: Inference | null): DraftRow[] {
  const rows = rowsOfDialogue(dialogue);
  if (!inference) return rows;
  const read = rows.filter(({ event: index }) => {
    const event = index === null ? undefined : dialogue.events[index];
    return event?.kind !== 'tls' || !isInferred(event, inference);
  });
  return [...read, ...rowsOfInference(inference, dialogue)];
}

/** Rows by time, then packet; within one packet what was said comes before FIN and RST. A message that fits into the packet of its final dot needs no row. */
function orderRows(dialogue: DraftRow[], packets: DraftRow[], { events }: SmtpDialogue): DraftRow[] {
  const finalPackets = new Set(events.filter((event) => event.kind === 'data-end').map((event) => nameOf(event.at.packet)));
  const needed = packets.filter(
    (row) => !(row.role === 'data' && row.refs.length === 1 && row.refs[0] && row.client.startsWith('(message') && finalPackets.has(nameOf(row.refs[0]))),
  );
  const rank: Readonly<Record<DraftRole, number>> = { handshake: 0, syn: 0, data: 1, command: 1, reply: 1, tls: 1, event: 1, fin: 2, rst: 3 };
  const rows = [...dialogue, ...needed];
  return rows.sort(
    (a, b) =>
      a.atUs - b.atUs ||
      (a.refs[0]?.input ?? 0) - (b.refs[0]?.input ?? 0) ||
      (a.refs[0]?.number ?? 0) - (b.refs[0]?.number ?? 0) ||
      rank[a.role] - rank[b.role] ||
      (a.event ?? -1) - (b.event ?? -1),
  );
}

function nameOf(ref: PacketRef): string {
  return `${ref.input} ${ref.number}`;
}

/** Which of a packet's rows a cause means, best first. */
const END_ROLES: Readonly<Record<Cause, readonly DraftRole[]>> = {
  refused: ['rst'],
  'tls-failure': ['tls', 'fin', 'rst'],
  timeout: ['reply', 'command', 'fin', 'rst'],
  'silent-drop': [],
  rejected: ['reply', 'fin', 'rst'],
  completed: ['command'],
  'client-quit': ['command'],
  rst: ['rst'],
  'premature-fin': ['fin'],
  'still-open': [],
  undetermined: [],
};

function findEndByPacket(rows: readonly DraftRow[], end: EndMark): DraftRow | null {
  const candidates = end.packets.map((ref) => rows.filter((row) => row.refs.some((own) => own.input === ref.input && own.number === ref.number)));
  for (const role of end.cause === null ? [] : END_ROLES[end.cause]) {
    for (const matching of candidates) {
      const row = matching.find((candidate) => candidate.role === role);
      if (row) return row;
    }
  }
  return candidates.flat()[0] ?? null;
}

/** The end was seen at another vantage point only: a row at its time stands for it. */
function addEndElsewhere(rows: DraftRow[], end: EndMark): DraftRow | null {
  if (end.atUs === null || end.lines.length > 0 || rows.length === 0) return null;
  const { atUs } = end;
  const row = { ...newRow('event', atUs, []), packets: '(not among these packets)' };
  const next = rows.findIndex((other) => other.atUs > atUs);
  rows.splice(next < 0 ? rows.length : next, 0, row);
  return row;
}

function findEndByLine(rows: readonly DraftRow[], end: EndMark): DraftRow | null {
  return rows.find((row) => row.lines.some((own) => end.lines.some((ref) => ref.input === own.input && ref.line === own.line))) ?? null;
}

function appendLimits(rows: DraftRow[], session: Session): void {
  const captured = session.captured;
  const lastRow = rows.at(-1);
  if (!captured || !lastRow) return;
  const { eventsDropped } = captured.dialogue;
  const { dropped } = captured.connection.segments;
  if (eventsDropped > 0) lastRow.packets += `\n(${eventsDropped} further commands and replies were counted, but not kept)`;
  if (dropped > 0) lastRow.packets += `\n(${dropped} further segments were counted, but not kept)`;
}

function finishRows(drafts: readonly DraftRow[], endedAt: number): TranscriptRow[] {
  let previousUs: EpochUs | null = null;
  return drafts.map((draft, index) => {
    // A log line names only a second: its row never stands before the row that it follows.
    const isLogOnly = draft.refs.length === 0;
    const atUs: EpochUs | null = Number.isNaN(draft.atUs) ? null : isLogOnly && previousUs !== null ? Math.max(draft.atUs, previousUs) : draft.atUs;
    const gapSeconds: number | null = atUs === null || previousUs === null ? null : Math.round(atUs - previousUs) / SECOND_US;
    previousUs = atUs ?? previousUs;
    return {
      at: atUs === null ? null : formatInstant(atUs),
      gapSeconds,
      client: draft.client,
      packets: draft.packets,
      appliance: draft.appliance,
      log: draft.log.join('\n'),
      refs: abridge(draft.refs),
      lines: draft.lines,
      basis: draft.basis,
      confidence: draft.confidence,
      ended: index === endedAt,
      after: endedAt >= 0 && index > endedAt,
    };
  });
}

function abridge(refs: readonly PacketRef[]): readonly PacketRef[] {
  return refs.length <= MOST_REFS ? refs : [...refs.slice(0, MOST_REFS / 2), ...refs.slice(-MOST_REFS / 2)];
}

/** ISO 8601 UTC with microseconds. */
function formatInstant(atUs: EpochUs): string {
  const whole = Math.floor(atUs);
  const milliseconds = Math.floor(whole / 1000);
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) return 'unknown';
  return `${date.toISOString().slice(0, -1)}${String(whole - milliseconds * 1000).padStart(3, '0')}Z`;
}

function columnNames(session: Session): { leftName: string; rightName: string } {
  return session.direction === 'outbound' ? { leftName: 'appliance (client)', rightName: 'remote server' } : { leftName: 'client', rightName: 'appliance' };
}

function titleOf(session: Session): string {
  const id = session.injection ? `ICID ${session.injection.icid}` : session.delivery ? `DCID ${session.delivery.dcid}` : null;
  const captured = session.captured;
  const from = captured?.connection.originator;
  const to = captured?.connection.responder;
  const ends = from && to ? `${from.ip} port ${from.port} to ${to.ip} port ${to.port}` : endsFromLog(session);
  const stream = captured ? `stream ${captured.connection.stream}` : 'no packets: from the log alone';
  return [id, ends, stream].filter((part) => part !== null && part !== '').join(', ');
}

function endsFromLog({ injection, delivery }: Session): string {
  if (injection) return [injection.peerIp, injection.localIp].filter((ip) => ip !== null).join(' to ');
  return [delivery?.localIp ?? null, delivery?.remoteIp ?? null].filter((ip) => ip !== null).join(' to ');
}
