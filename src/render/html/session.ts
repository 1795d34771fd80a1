import type { SessionComparison } from '../../model/comparison.ts';
import type { PacketRef } from '../../model/evidence.ts';
import type { ReportSession, Transcript } from '../../model/report.ts';
import { displayFilter } from '../display-filter.ts';
import { nameCertificates, nameEncryption } from '../encryption.ts';
import { type RefStyle, showPackets, showRefs } from '../refs.ts';
import { showGap, showInstant, showSpan, showTimeOfDay } from '../times.ts';
import { isInterrupted, nameBasis, nameConfidence, nameEnding, nameEnds, nameImpact, nameOdds, nameSession, nameTransactions, nameVerdict } from '../words.ts';
import { drawSequence } from './diagram.ts';
import { rowsOfLeg, rowsOfTranscript } from './diagram-rows.ts';
import { html, type Markup, type Piece } from './markup.ts';

/** A session with all that its part of the page shows. */
export interface PageSession {
  readonly session: ReportSession;
  readonly transcript: Transcript | null;
  /** With captures of several points. */
  readonly comparison: SessionComparison | null;
  /** Another session used the same addresses and ports: the display filter gets a time span. */
  readonly portReused: boolean;
}

/** One session in full. `index` keeps identifiers apart. */
export function renderSession(entry: PageSession, index: number, refs: RefStyle): Markup {
  const { session, transcript } = entry;
  const { verdict } = session;
  const id = `s${index}`;
  const tone = isInterrupted(session) ? 'bad' : 'good';
  const filter = displayFilter(session, entry.portReused);
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${nameSession(session)}: ${nameVerdict(verdict)}</h2>
<p class="statement ${tone}">${verdict.statement}</p>
${renderFacts(session)}${renderDiagram(entry, id, refs)}
${renderEvidence('What carries it', session, 'for', refs)}${renderEvidence('What speaks against it', session, 'against', refs)}${renderEvidence('Also seen', session, 'neutral', refs)}
${renderList(
  'Could also be',
  verdict.alternatives.map(
    (other) => html`${nameVerdict(other)} (${other.confidence})${other.whatWouldDecide === '' ? '' : `; what would decide: ${other.whatWouldDecide}`}`,
  ),
)}${renderList(
  'After the end, not its cause',
  session.consequences.map(({ statement, packets }) => html`${statement}${cite(packets, refs)}`),
)}${renderList(
  'Interference on the way',
  session.interference.map(({ kind, statement, packets }) => html`<b>${kind}</b>: ${statement}${cite(packets, refs)}`),
)}${renderList('Limits', session.caveats)}${renderList(
  'Capture next',
  session.nextCapture.map(({ where, why, command }) => html`${where}: ${why}${command === '' ? '' : copyable(command)}`),
)}${filter === null ? '' : html`<h3>Show it in Wireshark</h3>${copyable(filter)}`}
${transcript ? renderTranscriptTable(transcript, nameSession(session), refs) : ''}</section>
`;
}

function renderFacts(session: ReportSession): Markup {
  const { verdict } = session;
  const encryption = nameEncryption(session);
  const facts: [string, Piece][] = [
    ['Connection', `${nameEnds(session)}, ${session.direction}`],
    ...(session.mids.length > 0 ? ([['Messages', session.mids.map((mid) => `MID ${mid}`).join(', ')]] as [string, Piece][]) : []),
    ['Ended by', nameEnding(verdict)],
    ['How', verdict.function],
    ['Confidence', [nameConfidence(verdict), nameOdds(verdict) ?? []].flat().join('; odds ')],
    ['When', `${showSpan(session.opened, session.ended)} UTC${session.decided === null ? '' : `; decided at ${showInstant(session.decided)}`}`],
    ['Harm', [nameImpact(session.impact), ...nameTransactions(session)].join('; ')],
    ['Log pairing', describePairing(session)],
    ...(encryption === null ? [] : ([['Encrypted', encryption]] as [string, Piece][])),
    ...nameCertificates(session).map((certificate): [string, Piece] => ['Certificate', certificate]),
  ];
  return html`<dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function describePairing({ pairing, streams }: ReportSession): string {
  if (pairing === null) return streams.length === 0 ? 'known from the log only' : 'known from the capture only';
  const rivals = pairing.rivals.map((rival) => `${rival.icid === undefined ? `DCID ${rival.dcid}` : `ICID ${rival.icid}`} (${rival.why})`);
  return `${pairing.confidence}, by ${pairing.basis.join(', ')}${rivals.length === 0 ? '' : `; could also be ${rivals.join(', ')}`}`;
}

function renderDiagram({ session, transcript, comparison }: PageSession, id: string, refs: RefStyle): Markup {
  const leg = comparison?.legs.find(({ mode, rows }) => mode !== 'one-side' && rows.length > 0) ?? null;
  if (!leg && (!transcript || transcript.rows.length === 0)) return html``;
  const rows = leg ? rowsOfLeg(leg, transcript, refs) : rowsOfTranscript(transcript as Transcript, refs);
  const heads = {
    left: leg?.left ?? transcript?.leftName ?? 'client',
    right: leg?.right ?? transcript?.rightName ?? 'appliance',
    middle: leg ? 'path' : 'path (not captured)',
  };
  const description = `${nameSession(session)}, ${session.verdict.statement}`;
  const label = `Sequence diagram of ${nameSession(session)}`;
  return html`<h3>What happened</h3><div class="scroll" role="region" aria-label="${label}" tabindex="0">${drawSequence(rows, heads, id, description)}</div>
<p class="soft">Arrows are packets, dashed ones were sent again; a cross is where packets vanished, a dot where they were made on the way; grey is what came after the end. Rows follow one another in time, not to scale; long pauses are named.</p>`;
}

function renderEvidence(heading: string, session: ReportSession, side: 'for' | 'against' | 'neutral', refs: RefStyle): Markup {
  const facts = session.evidence.filter((fact) => fact.side === side).sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  return renderList(
    heading,
    facts.map(
      ({ kind, statement, packets, lines }) => html`${statement}${showRefs(packets, lines, refs)} ${filterOf(packets)}<span class="soft"> ${kind}</span>`,
    ),
  );
}

/** A display filter for the packets themselves; of several files each has its own numbers. */
function filterOf(packets: readonly PacketRef[]): Piece {
  const inputs = [...new Set(packets.map(({ input }) => input))];
  if (packets.length === 0 || packets.length > 12) return '';
  return inputs.map((input) => {
    const numbers = packets.filter((packet) => packet.input === input).map(({ number }) => number);
    return html`<code>frame.number in {${numbers.join(', ')}}</code>${inputs.length > 1 ? ` [${input}] ` : ' '}`;
  });
}

function cite(packets: readonly PacketRef[], refs: RefStyle): string {
  const shown = showPackets(packets, refs);
  return shown === '' ? '' : ` (${shown})`;
}

function renderList(heading: string, items: readonly Piece[]): Markup {
  return items.length === 0 ? html`` : html`<h3>${heading}</h3><ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;
}

function copyable(text: string): Markup {
  return html`<pre>${text}</pre>`;
}

/** Rows beyond this are in `whohungup transcript`. */
const MOST_ROWS = 1000;

function renderTranscriptTable({ rows, leftName, rightName, endedWords }: Transcript, name: string, refs: RefStyle): Markup {
  const shown = rows.slice(0, MOST_ROWS);
  const label = `Transcript of ${name}`;
  return html`<h3>Transcript</h3><div class="scroll" role="region" aria-label="${label}" tabindex="0"><table class="transcript"><thead><tr><th scope="col">time UTC</th><th scope="col">gap s</th><th scope="col">${leftName}</th><th scope="col">packets</th><th scope="col">${rightName}</th><th scope="col">log</th></tr></thead><tbody>
${shown.map((row) => {
  const refsOf = showPackets(row.refs, refs);
  const packets = [refsOf, ...row.packets.split('\n'), nameBasis(row)].filter((text) => text !== '');
  return html`<tr class="${row.ended ? 'ended' : row.after ? 'after' : 'plain'}"><td class="keep">${row.at === null ? '' : showTimeOfDay(row.at, 3)}</td><td class="n">${showGap(row.gapSeconds)}</td><td>${lines(row.client)}</td><td>${packets.map((text) => html`${text}<br>`)}${row.ended ? html`<b>ended here${endedWords ? `: ${endedWords}` : ''}</b>` : ''}</td><td>${lines(row.appliance)}</td><td>${lines(row.log)}</td></tr>
`;
})}</tbody></table></div>${rows.length > MOST_ROWS ? html`<p class="soft">${rows.length - MOST_ROWS} further rows: whohungup transcript shows them.</p>` : ''}`;
}

function lines(cell: string): Piece {
  return cell.split('\n').map((line, index) => (index === 0 ? line : html`<br>${line}`));
}
