import type { ReportEvidence, ReportSession } from '../model/report.ts';
import { displayFilter } from './display-filter.ts';
import { nameCertificates, nameEncryption } from './encryption.ts';
import { escapeDeep } from './escape.ts';
import { type TextStyle, keepWhole, layOut } from './layout.ts';
import { type RefStyle, showPackets, showRefs } from './refs.ts';
import { colourOf } from './session-table.ts';
import { showInstant, showSeconds } from './times.ts';
import { nameConfidence, nameEnding, nameEnds, nameImpact, nameOdds, nameSession, nameTransactions, nameVerdict } from './words.ts';

/** At most so many facts carry a verdict on the screen; the JSON document holds all. */
const MAX_FACTS = 5;
const MIN_FACTS = 3;
/** So many that speak for nobody are shown beside, at least. */
const MIN_NEUTRAL = 2;

export interface DetailOptions {
  readonly refs: RefStyle;
  /** Another session of the report used the same addresses and ports: the display filter gets a time span. */
  readonly portReused: boolean;
}

/** One session in full: the verdict first, then what carries it, what speaks against it, and what to do next. */
export function renderSessionDetail(raw: ReportSession, style: TextStyle, options: DetailOptions): string {
  const session = escapeDeep(raw);
  const { verdict } = session;
  const names = [nameSession(session), ...(session.mids.length > 0 ? [nameMids(session.mids)] : [])].join(', ');
  const serial = session.serial === null ? '' : `  (appliance ${session.serial})`;
  let text = layOut(style, '', `${names}  ${nameEnds(session)}  ${session.direction}${serial}`, style.palette.heading);
  text += layOut(style, '  ', verdict.statement, colourOf(session, style));
  text += layOut(style, '  Ended by    ', nameEnding(verdict));
  text += layOut(style, '  How         ', verdict.function);
  text += layOut(style, '  Confidence  ', nameConfidence(verdict));
  const odds = nameOdds(verdict);
  if (odds !== null) text += layOut(style, '  Odds        ', odds);
  if (session.decided !== null) text += layOut(style, '  Decided at  ', `${showInstant(session.decided)} UTC${uncertainty(session)}`);
  text += layOut(style, '  Harm        ', [nameImpact(session.impact), ...nameTransactions(session)].join('; '));
  text += layOut(style, '  Log pairing ', describePairing(session));
  const encryption = nameEncryption(session);
  if (encryption !== null) text += layOut(style, '  Encrypted   ', encryption);
  for (const certificate of nameCertificates(session)) text += layOut(style, '  Certificate ', certificate);
  text += renderFacts(session, style, options.refs);
  text += renderAlternatives(session, style);
  text += renderList(session.consequences, 'After the end, not its cause', style, options.refs);
  text += renderList(
    session.interference.map((entry) => ({ statement: `${entry.kind}: ${entry.statement}`, packets: entry.packets })),
    'Interference on the way',
    style,
    options.refs,
  );
  if (session.caveats.length > 0) {
    text += '  Limits\n';
    for (const caveat of session.caveats) text += layOut(style, '    * ', caveat);
  }
  text += renderNextCapture(session, style);
  const filter = displayFilter(session, options.portReused);
  if (filter !== null) text += `  Show it in Wireshark\n${keepWhole('    ', filter)}`;
  return text;
}

function nameMids(mids: readonly number[]): string {
  const shown = mids.slice(0, 5).join(', ');
  return `MID ${shown}${mids.length > 5 ? ` and ${mids.length - 5} more` : ''}`;
}

function uncertainty(session: ReportSession): string {
  return session.timeUncertaintySeconds > 0 ? `, give or take ${showSeconds(session.timeUncertaintySeconds)}` : '';
}

function describePairing(session: ReportSession): string {
  if (session.pairing === null) return session.streams.length === 0 ? 'known from the log only' : 'known from the capture only';
  const rivals = session.pairing.rivals.map((rival) => `${rival.icid === undefined ? `DCID ${rival.dcid}` : `ICID ${rival.icid}`} (${rival.why})`);
  const against = rivals.length === 0 ? '' : `; could also be ${rivals.join(', ')}`;
  return `${session.pairing.confidence}, by ${session.pairing.basis.join(', ')}${against}`;
}

function renderFacts(session: ReportSession, style: TextStyle, refs: RefStyle): string {
  const carrying = heaviest(session, 'for', MAX_FACTS);
  const neutral = heaviest(session, 'neutral', Math.max(MIN_NEUTRAL, MIN_FACTS - carrying.count));
  let text = renderGroup('What carries it', '    + ', [...carrying.facts, ...neutral.facts], style, refs);
  if (carrying.count > MAX_FACTS) text += `      … and ${carrying.count - MAX_FACTS} more in --json\n`;
  text += renderGroup('What speaks against it', '    - ', heaviest(session, 'against', Number.POSITIVE_INFINITY).facts, style, refs);
  return text;
}

/** The facts of a side that weigh most, at most so many, equal ones in their order; and how many there are. */
function heaviest({ evidence }: ReportSession, side: ReportEvidence['side'], most: number): { readonly facts: ReportEvidence[]; readonly count: number } {
  const facts: ReportEvidence[] = [];
  let count = 0;
  for (const fact of evidence) {
    if (fact.side !== side) continue;
    count++;
    const place = facts.findLastIndex((other) => Math.abs(other.weight) >= Math.abs(fact.weight)) + 1;
    if (place < most) facts.splice(place, 0, fact);
    if (facts.length > most) facts.pop();
  }
  return { facts, count };
}

function renderGroup(heading: string, lead: string, facts: readonly ReportEvidence[], style: TextStyle, refs: RefStyle): string {
  if (facts.length === 0) return '';
  return `  ${heading}\n${facts.map((fact) => layOut(style, lead, `${fact.statement}${showRefs(fact.packets, fact.lines, refs)}`)).join('')}`;
}

function renderAlternatives(session: ReportSession, style: TextStyle): string {
  if (session.verdict.alternatives.length === 0) return '';
  const rows = session.verdict.alternatives.map((other) => {
    const decides = other.whatWouldDecide === '' ? '' : `; what would decide: ${other.whatWouldDecide}`;
    return layOut(style, '    ? ', `${nameVerdict(other)} (${other.confidence})${decides}`);
  });
  return `  Could also be\n${rows.join('')}`;
}

function renderList(
  entries: readonly { readonly statement: string; readonly packets: ReportEvidence['packets'] }[],
  heading: string,
  style: TextStyle,
  refs: RefStyle,
): string {
  if (entries.length === 0) return '';
  const rows = entries.map((entry) => {
    const packets = showPackets(entry.packets, refs);
    return layOut(style, '    > ', packets === '' ? entry.statement : `${entry.statement} (${packets})`);
  });
  return `  ${heading}\n${rows.join('')}`;
}

function renderNextCapture(session: ReportSession, style: TextStyle): string {
  if (session.nextCapture.length === 0) return '';
  const rows = session.nextCapture.map(
    (next) => `${layOut(style, '    @ ', `${next.where}: ${next.why}`)}${next.command === '' ? '' : keepWhole('      ', next.command)}`,
  );
  return `  Capture next\n${rows.join('')}`;
}
