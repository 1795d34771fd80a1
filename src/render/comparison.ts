import type { ComparedLeg, ComparedPoint, ComparisonFinding, ComparisonRow, SessionComparison } from '../model/comparison.ts';
import type { PacketRef } from '../model/evidence.ts';
import type { ReportSession } from '../model/report.ts';
import { escapeDeep } from './escape.ts';
import { type TextStyle, layOut } from './layout.ts';
import { type RefStyle, showPackets } from './refs.ts';
import { counted, showDay, showTimeOfDay } from './times.ts';
import { padTo, wrapText } from './width.ts';
import { nameEnds, nameSession } from './words.ts';

/** From this width on times show milliseconds. */
const PRECISE = 100;
const BETWEEN = '  ';
const PATH_WIDTH = 24;
const NARROW_PATH_WIDTH = 18;

/** One session at all points: for each two neighbours what the path does, the picture, and what happened; the verdict last. */
export function* renderComparison(raw: SessionComparison, session: ReportSession | null, refs: RefStyle, style: TextStyle): Generator<string> {
  const comparison = escapeDeep(raw);
  const { palette } = style;
  const name = session ? `${nameSession(session)}  ${nameEnds(session)}` : comparison.session;
  yield layOut(style, '', escapeDeep(name), palette.heading);
  for (const point of comparison.points) yield layOut(style, `  ${padTo(point.name, widestName(comparison))}  `, describePoint(point));
  for (const caveat of comparison.caveats) yield layOut(style, '  * ', caveat, palette.notable);
  for (const leg of comparison.legs) {
    yield '\n';
    yield* renderLeg(leg, comparison, refs, style);
  }
  const { verdict } = comparison;
  yield '\n';
  yield layOut(style, 'Verdict  ', `${verdict.statement} (${verdict.cause}, ${verdict.actor}, ${verdict.confidence})`, palette.heading);
}

function widestName({ points }: SessionComparison): number {
  return Math.max(...points.map((point) => point.name.length));
}

function describeHops(count: number | null, end: string): string[] {
  return count === null ? [] : [`${counted(count, 'router')} from the ${end}`];
}

function describePoint({ packets, hopsFromClient, hopsFromServer, completeness }: ComparedPoint): string {
  const place = [...describeHops(hopsFromClient, 'client'), ...describeHops(hopsFromServer, 'server')].join(', ');
  return `${counted(packets, 'packet')}${place === '' ? '' : `, ${place}`}; capture ${completeness.state}: ${completeness.facts.join('; ')}`;
}

function* renderLeg(leg: ComparedLeg, comparison: SessionComparison, refs: RefStyle, style: TextStyle): Generator<string> {
  const { palette } = style;
  yield layOut(style, '', `${leg.left} | path | ${leg.right}`, palette.heading);
  for (const fact of leg.transformation?.facts ?? []) yield layOut(style, '  = ', fact);
  yield layOut(style, '  ~ ', describeClock(leg));
  yield layOut(style, '  # ', describeCounts(leg));
  yield* renderPicture(leg, comparison, style);
  for (const finding of leg.findings) yield renderFinding(finding, leg, refs, style);
  for (const { kind, statement, packets } of leg.interference) {
    const named = showPackets(packets, refs);
    yield layOut(style, '  > ', `${kind}: ${statement}${named === '' ? '' : ` (${named})`}`, palette.notable);
  }
  if (leg.findings.length === 0 && leg.mode !== 'one-side') {
    yield layOut(style, '  . ', 'nothing was injected, swallowed or altered between these two points, as far as the captures show', palette.good);
  }
}

function describeClock({ clock, left, right }: ComparedLeg): string {
  if (!clock) return `the clocks at ${left} and ${right} cannot be compared: no packet ties them; times are those of each capture`;
  const ahead = clock.offsetSeconds >= 0 ? `${right} is ahead of the one at ${left}` : `${right} is behind the one at ${left}`;
  return `the clock at ${ahead} by ${Math.abs(clock.offsetSeconds).toFixed(6)} s, give or take ${clock.uncertaintySeconds.toFixed(6)} s (from ${counted(clock.packets, 'packet')}); times below are those of ${right}`;
}

function describeCounts({ counts, left, right, mode }: ComparedLeg): string {
  const parts = [
    `${counted(counts.same, 'packet')} ${mode === 'proxy' ? 'with the same words' : 'the same at both points'}`,
    ...(counts.regrouped > 0 ? [`${counts.regrouped} cut into other pieces`] : []),
    ...(counts.altered > 0 ? [`${counts.altered} changed`] : []),
    ...(counts.onlyLeft > 0 ? [`${counts.onlyLeft} only at ${left}`] : []),
    ...(counts.onlyRight > 0 ? [`${counts.onlyRight} only at ${right}`] : []),
  ];
  return `${parts.join(', ')}; acknowledgements that passed are left out below`;
}

interface Columns {
  readonly decimals: 0 | 3;
  readonly time: number;
  readonly left: number;
  readonly path: number;
  readonly right: number;
}

function planColumns(width: number): Columns {
  const decimals = width >= PRECISE ? 3 : 0;
  const time = decimals === 3 ? 12 : 8;
  const path = width >= PRECISE ? PATH_WIDTH : NARROW_PATH_WIDTH;
  const room = width - time - path - 3 * BETWEEN.length;
  const left = Math.min(76, Math.floor(room / 2));
  return { decimals, time, left, path, right: Math.min(76, room - left) };
}

function* renderPicture(leg: ComparedLeg, { points }: SessionComparison, style: TextStyle): Generator<string> {
  const columns = planColumns(style.width);
  const { palette } = style;
  const refsOf = (name: string): RefStyle => ({ manyCaptures: (points.find((point) => point.name === name)?.inputs.length ?? 0) > 1, manyLogs: false });
  const [left, right] = [refsOf(leg.left), refsOf(leg.right)];
  const heads = [leg.left, 'path', leg.right];
  for (const line of layRow(columns, 'time UTC', heads)) yield `${palette.heading(line)}\n`;
  yield `${[columns.time, columns.left, columns.path, columns.right].map((width) => '-'.repeat(width)).join(BETWEEN)}\n`;
  let day = '';
  for (const row of leg.rows) {
    const rowDay = showDay(row.at);
    if (rowDay !== day) yield `${palette.faint(`-- ${rowDay} --`)}\n`;
    day = rowDay;
    const cells = [nameCell(row.leftPackets, row.left, left), row.path, nameCell(row.rightPackets, row.right, right)];
    const colour = row.ended ? palette.bad : colourOf(row, style);
    for (const line of layRow(columns, showTimeOfDay(row.at, columns.decimals), cells)) yield `${colour(line)}\n`;
    if (row.ended) yield layOut(style, '', '<== ended here', palette.bad);
  }
}

function colourOf({ kind }: ComparisonRow, { palette }: TextStyle): (text: string) => string {
  if (kind === 'injected' || kind === 'swallowed') return palette.bad;
  if (kind === 'altered') return palette.notable;
  return kind === 'same' ? (text) => text : palette.faint;
}

/** `#10 MAIL FROM:<…>`, or the first and the last packet of a folded row. */
function nameCell(packets: readonly PacketRef[], text: string, refs: RefStyle): string {
  const [first] = packets;
  const last = packets.at(-1);
  if (!first || !last) return text;
  const from = showPackets([first], refs);
  const name = first === last ? from : `${from}..${first.input === last.input ? `#${last.number}` : showPackets([last], refs)}`;
  return text === '' ? name : `${name} ${text}`;
}

function layRow(columns: Columns, time: string, cells: readonly string[]): string[] {
  const widths = [columns.left, columns.path, columns.right];
  const wrapped = widths.map((width, at) => (cells[at] === undefined || cells[at] === '' ? [] : wrapText(cells[at], width)));
  const height = Math.max(1, ...wrapped.map((cell) => cell.length));
  return Array.from({ length: height }, (_, at) =>
    [padTo(at === 0 ? time : '', columns.time), ...widths.map((width, cell) => padTo(wrapped[cell]?.[at] ?? '', width))].join(BETWEEN).trimEnd(),
  );
}

const TITLES: Readonly<Record<ComparisonFinding['kind'], string>> = {
  injected: 'Injected',
  swallowed: 'Swallowed',
  altered: 'Altered',
  answered: 'Answered by a box',
};

function renderFinding({ kind, certainty, statement, packets, octets }: ComparisonFinding, leg: ComparedLeg, refs: RefStyle, style: TextStyle): string {
  const named = showPackets(packets, refs);
  const colour = certainty === 'open' ? style.palette.notable : style.palette.bad;
  let text = layOut(style, '  ! ', `${TITLES[kind]} (${certainty}): ${statement}${named === '' ? '' : ` (${named})`}`, colour);
  if (octets?.left !== null && octets?.left !== undefined) text += layOut(style, `      at ${leg.left}: `, `"${octets.left}"`);
  if (octets?.right !== null && octets?.right !== undefined) text += layOut(style, `      at ${leg.right}: `, `"${octets.right}"`);
  return text;
}
