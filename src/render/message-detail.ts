import type { ReportDelivery, ReportLineage, ReportMessage, ReportReception, ReportSession } from '../model/report.ts';
import { escapeDeep } from './escape.ts';
import { type TextStyle, layOut } from './layout.ts';
import { colourOfOutcome, nameChain, nameRecipient, sumOutcomes, tellSentences } from './message-words.ts';
import { type RefStyle, showLineRanges, showPackets, showRefs } from './refs.ts';
import { MAX_TABLE_ROWS, renderTable } from './table.ts';
import { counted, showDay, showTimeOfDay } from './times.ts';
import { nameConfidence, nameVerdict } from './words.ts';

/** One message in full: the story, what became of each recipient, the lineage as a tree, its connections in both views, how long it took, all events. */
export function* renderMessageDetail(raw: ReportMessage, sessions: ReadonlyMap<string, ReportSession>, refs: RefStyle, style: TextStyle): Generator<string> {
  const message = escapeDeep(raw);
  const { palette } = style;
  const serial = message.serial === null ? '' : `  (appliance ${message.serial})`;
  yield layOut(style, '', `MID ${nameChain(message)}  ${sumOutcomes(message)}${serial}`, palette.heading);
  if (message.subject !== null) yield layOut(style, '  Subject     ', message.subject);
  if (message.messageId !== null) yield layOut(style, '  Message-ID  ', message.messageId);
  yield '  The story (times UTC)\n';
  for (const sentence of tellSentences(message)) yield layOut(style, '    ', sentence);
  yield* renderRecipients(message, refs, style);
  yield* renderLineage(message.lineage, refs, style);
  yield* renderConnections(message, sessions, style);
  yield* renderLegs(message, style);
  if (message.caveats.length > 0) {
    yield '  Limits\n';
    for (const caveat of message.caveats) yield layOut(style, '    * ', caveat);
  }
  yield* renderEvents(message, refs, style);
}

function* renderRecipients(message: ReportMessage, refs: RefStyle, style: TextStyle): Generator<string> {
  if (message.recipients.length === 0) return;
  yield '  What became of it\n';
  for (const recipient of message.recipients.slice(0, MAX_TABLE_ROWS)) {
    const under = recipient.mid === message.mid ? '' : ` as MID ${recipient.mid}`;
    const text = `${nameRecipient(recipient)}: ${recipient.outcome}${under}: ${recipient.why}${showRefs([], recipient.lines, refs)}`;
    yield layOut(style, '    ', text, colourOfOutcome(recipient.outcome, style.palette));
  }
  const more = message.recipients.length - MAX_TABLE_ROWS;
  if (more > 0) yield `    … and ${counted(more, 'recipient')} more in --json\n`;
}

/** Relations as a mark at a branch; the others are called by their names. */
const RELATIONS: Readonly<Record<string, string>> = { generated: 'a copy, made', bounce: 'the bounce to the sender', 'released-as': 'released' };

/** The tree, drawn from the oldest MID down. */
function* renderLineage(lineage: readonly ReportLineage[], refs: RefStyle, style: TextStyle): Generator<string> {
  if (lineage.length < 2) return;
  yield '  Lineage\n';
  const drawn = new Set<number>();
  function* draw(entry: ReportLineage, lead: string, branch: string): Generator<string> {
    const by = entry.by === null ? '' : ` by ${entry.by}`;
    const how = entry.from === null ? '' : ` ${RELATIONS[entry.relation] ?? entry.relation}${by}`;
    const why = entry.evidence === null ? '' : ` (${entry.confidence}: ${entry.evidence})`;
    yield layOut(style, `    ${lead}${branch}`, `MID ${entry.mid}${how}${why}${showRefs([], [entry.line], refs)}`);
    if (drawn.has(entry.mid)) return;
    drawn.add(entry.mid);
    const children = lineage.filter(({ from }) => from === entry.mid);
    const deeper = branch === '' ? lead : `${lead}${branch.startsWith('`') ? '   ' : '|  '}`;
    for (const [at, child] of children.entries()) yield* draw(child, deeper, at === children.length - 1 ? '`- ' : '|- ');
  }
  for (const root of lineage) if (root.from === null) yield* draw(root, '', '');
  // Edges in a circle have no beginning.
  for (const entry of lineage) if (!drawn.has(entry.mid)) yield* draw(entry, '', '');
}

function* renderConnections(message: ReportMessage, sessions: ReadonlyMap<string, ReportSession>, style: TextStyle): Generator<string> {
  if (message.receptions.length + message.deliveries.length === 0) return;
  yield '  Its connections\n';
  for (const reception of message.receptions) {
    yield layOut(style, '    in   ', `ICID ${reception.icid}${reception.client === null ? '' : ` from ${reception.client}`} (MID ${reception.mid})`);
    yield* renderViews(reception, sessions, style);
  }
  for (const delivery of message.deliveries.slice(0, MAX_TABLE_ROWS)) {
    yield layOut(style, '    out  ', nameDelivery(delivery));
    yield* renderViews(delivery, sessions, style);
    if (delivery.contradiction) yield layOut(style, '         ! ', 'log and capture disagree on whether the receiver took it', style.palette.bad);
  }
}

function nameDelivery(delivery: ReportDelivery): string {
  const name = delivery.dcid === 0 ? 'no connection' : `DCID ${delivery.dcid}`;
  const remote = delivery.remote === null ? '' : ` to ${delivery.remote}`;
  const from = delivery.interface === null ? '' : ` from ${delivery.interface}`;
  const tls = delivery.tls === null ? '' : `, TLS ${delivery.tls}`;
  return `${name}${remote}${from}${tls} (MID ${delivery.mid}${delivery.rids.length > 0 ? `, RID ${delivery.rids.join(', ')}` : ''})`;
}

/** The log's view, the capture's beside it, and the verdict on the session. */
function* renderViews(
  { logView, captureView, session }: Pick<ReportReception, 'logView' | 'captureView' | 'session'>,
  sessions: ReadonlyMap<string, ReportSession>,
  style: TextStyle,
): Generator<string> {
  yield layOut(style, '         log      ', logView);
  if (captureView !== null) yield layOut(style, '         capture  ', captureView);
  const judged = session === null ? undefined : sessions.get(session);
  if (judged && saysMore(judged)) yield layOut(style, '         verdict  ', `${nameVerdict(judged.verdict)}, ${nameConfidence(judged.verdict)} (${session})`);
}

/** By the logs alone, a session that ended well or whose end nobody saw has no verdict that is worth a line. */
function saysMore({ streams, verdict }: ReportSession): boolean {
  const { cause, actor } = verdict;
  return streams.length > 0 || !(cause === 'completed' || cause === 'still-open' || (cause === 'undetermined' && actor === 'undetermined'));
}

const LEGS: Readonly<Record<ReportMessage['legs'][number]['kind'], string>> = {
  connecting: 'connection to MAIL',
  receiving: 'MAIL to accepted',
  scanning: 'work queue',
  quarantine: 'in quarantine',
  queue: 'waiting for delivery',
  delivery: 'delivery',
  retry: 'waiting to try again',
  total: 'in all',
};

function* renderLegs({ legs }: ReportMessage, style: TextStyle): Generator<string> {
  if (legs.length === 0) return;
  yield '  How long it took (the log knows whole seconds)\n';
  const mids = [...new Set(legs.filter(({ kind }) => kind !== 'total').map(({ mid }) => mid))];
  for (const mid of mids) {
    const shown = legs.filter((leg) => leg.mid === mid && leg.kind !== 'total').map(({ kind, seconds }) => `${LEGS[kind]} ${sayWhole(seconds)}`);
    yield layOut(style, `    MID ${mid}  `, shown.join(', '));
  }
  for (const { kind, seconds } of legs) if (kind === 'total') yield `    in all ${sayWhole(seconds)}\n`;
}

function sayWhole(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} days ${Math.floor((seconds % 86_400) / 3600)} h`;
}

/** From this width on the number of the line has its own column. */
const ROOMY = 100;

function* renderEvents({ events }: ReportMessage, refs: RefStyle, style: TextStyle): Generator<string> {
  const shown = events.slice(0, MAX_TABLE_ROWS);
  const days = new Set(events.map(({ at }) => showDay(at)));
  const manyMids = new Set(events.map(({ mid }) => mid)).size > 2;
  const roomy = style.width >= ROOMY;
  const columns = [
    { head: 'time UTC', least: 8 },
    ...(manyMids ? [{ head: 'MID', least: 5 }] : []),
    { head: 'event', least: 12 },
    { head: 'what the log says', least: 24 },
    ...(roomy ? [{ head: 'line', least: 6 }] : []),
  ];
  const rows = shown.map((event) => {
    const time = showTimeOfDay(event.at, event.packets.length > 0 ? 3 : 0);
    const where = [showPackets(event.packets, refs), showLineRanges(event.lines, refs)].filter((text) => text !== '').join(' ');
    return [
      days.size > 1 ? `${showDay(event.at)} ${time}` : time,
      ...(manyMids ? [event.mid === null ? '' : String(event.mid)] : []),
      event.kind,
      roomy || where === '' ? event.text : `${event.text} (${where})`,
      ...(roomy ? [where] : []),
    ];
  });
  yield `  Events${days.size === 1 ? ` of ${[...days].join('')}` : ''}\n`;
  for (const line of renderTable(columns, rows, style.width - 4)) yield `    ${line}`.trimEnd().concat('\n');
  if (events.length > shown.length) yield `    … and ${counted(events.length - shown.length, 'event')} more in --json\n`;
}
