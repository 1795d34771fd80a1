import type { Report, ReportSession, Transcript } from '../model/report.ts';
import { paletteFor } from './colour.ts';
import { displayFilter, TupleCount } from './display-filter.ts';
import { nameCertificates, nameEncryption } from './encryption.ts';
import { escapeText } from './escape.ts';
import { type RefStyle, refStyleOf, showPackets, showRefs } from './refs.ts';
import { counted, showInstant, showSpan } from './times.ts';
import { renderTranscript } from './transcript.ts';
import { isInterrupted, nameConfidence, nameEnding, nameEnds, nameImpact, nameOdds, nameSession, nameTransactions, nameVerdict } from './words.ts';

/** Transcripts make a ticket long: only with few sessions. */
const MOST_TRANSCRIPTS = 5;
const TRANSCRIPT_WIDTH = 140;
const MOST_SESSIONS = 200;

/** A ticket: the verdicts with what carries them, in Markdown that shows every text as text. */
export function* renderMarkdown(report: Report, transcriptOf: (id: string) => Transcript | null, all: boolean): Generator<string> {
  const told: ReportSession[] = [];
  const tuples = new TupleCount();
  let [total, interrupted] = [0, 0];
  for (const session of report.sessions) {
    total++;
    if (isInterrupted(session)) interrupted++;
    if ((all || isInterrupted(session)) && told.length < MOST_SESSIONS) told.push(session);
    tuples.add(session);
    yield '';
  }
  const refs = refStyleOf(report);
  yield `# Who hung up: ${counted(total, 'mail session')}, ${interrupted} interrupted\n\n`;
  for (const session of told) {
    yield* renderSession(session, refs, tuples.isReused(session), told.length <= MOST_TRANSCRIPTS ? transcriptOf(session.id) : null);
  }
  if (told.length < total) yield `${counted(total - told.length, 'session')} not told in full.\n\n`;
  yield* renderInputs(report);
}

function* renderSession(session: ReportSession, refs: RefStyle, portReused: boolean, transcript: Transcript | null): Generator<string> {
  const { verdict } = session;
  yield `## ${plain(nameSession(session))}: ${plain(nameVerdict(verdict))}\n\n**${plain(verdict.statement)}**\n\n`;
  const encryption = nameEncryption(session);
  const mids = session.mids.length === 0 ? '' : `, ${session.mids.map((mid) => `MID ${mid}`).join(', ')}`;
  yield* renderItems([
    `Connection: ${nameEnds(session)}, ${session.direction}${mids}`,
    `Ended by: ${nameEnding(verdict)}`,
    `Confidence: ${[nameConfidence(verdict), nameOdds(verdict) ?? []].flat().join('; odds ')}`,
    `When: ${showSpan(session.opened, session.ended)} UTC${session.decided === null ? '' : `, decided at ${showInstant(session.decided)}`}`,
    `Harm: ${[nameImpact(session.impact), ...nameTransactions(session)].join('; ')}`,
    ...(encryption === null ? [] : [`Encrypted: ${encryption}`]),
    ...nameCertificates(session).map((certificate) => `Certificate of the ${certificate}`),
  ]);
  const evidence = (side: 'for' | 'against' | 'neutral'): string[] =>
    session.evidence.filter((fact) => fact.side === side).map(({ statement, packets, lines }) => `${statement}${showRefs(packets, lines, refs)}`);
  yield* renderGroup('What carries it', evidence('for'));
  yield* renderGroup('What speaks against it', evidence('against'));
  yield* renderGroup('Also seen', evidence('neutral'));
  yield* renderGroup(
    'Could also be',
    verdict.alternatives.map((other) => `${nameVerdict(other)} (${other.confidence}); what would decide: ${other.whatWouldDecide}`),
  );
  yield* renderGroup(
    'After the end, not its cause',
    session.consequences.map(({ statement, packets }) => `${statement}${cite(showPackets(packets, refs))}`),
  );
  yield* renderGroup(
    'Interference on the way',
    session.interference.map(({ kind, statement, packets }) => `${kind}: ${statement}${cite(showPackets(packets, refs))}`),
  );
  yield* renderGroup('Limits', session.caveats);
  for (const { where, why, command } of session.nextCapture)
    yield `### Capture next, ${plain(where)}\n\n${plain(why)}\n\n${command === '' ? '' : fence(command)}`;
  const filter = displayFilter(session, portReused);
  if (filter !== null) yield `### Show it in Wireshark\n\n${fence(filter)}`;
  if (transcript) {
    const text = [...renderTranscript(transcript, refs, { width: TRANSCRIPT_WIDTH, palette: paletteFor(false) })].join('');
    yield `### Transcript\n\n${fence(text.trimEnd())}`;
  }
}

function* renderInputs({ inputs, tool, caveats }: Report): Generator<string> {
  yield '## What was read\n\n';
  yield* renderItems([
    ...inputs.map(({ path, kind, packets, lines, vantage, first, last, anomalies }, index) => {
      const amount = packets === null ? counted(lines ?? 0, 'line') : counted(packets, 'packet');
      const span = first === null && last === null ? '' : `, ${showSpan(first, last)}`;
      const harm = anomalies.filter(({ severity }) => severity === 'loss' || severity === 'error').map(({ meaning }) => `; ${meaning}`);
      return `[${index}] ${path}: ${kind}, ${amount}${span}${vantage === null ? '' : `, taken at: ${vantage}`}${harm.join('')}`;
    }),
    ...caveats,
  ]);
  yield `Times are UTC by the captures' clock. Made by ${tool.name} ${tool.version}.\n`;
}

function* renderGroup(heading: string, items: readonly string[]): Generator<string> {
  if (items.length === 0) return;
  yield `### ${heading}\n\n`;
  yield* renderItems(items);
}

function* renderItems(items: readonly string[]): Generator<string> {
  for (const item of items) yield `- ${plain(item)}\n`;
  yield '\n';
}

function cite(packets: string): string {
  return packets === '' ? '' : ` (${packets})`;
}

/** Text that Markdown, with the autolinks and mentions of its dialects, shows as it is (CommonMark 0.31, 2.4). */
function plain(text: string): string {
  const escaped = escapeText(text)
    .replace(/[\\`*_[\]<>|~&@]/g, (character) => `\\${character}`)
    .replace(/:(?=\/\/)/g, '\\:')
    .replace(/\b(www)\./gi, '$1\\.');
  return escaped.replace(/^(\s*)(?:([-+#=])|(\d+)([.)]))/, (_, blank: string, mark?: string, digits?: string, dot?: string) =>
    mark === undefined ? `${blank}${digits}\\${dot}` : `${blank}\\${mark}`,
  );
}

/** A block of its own that nothing in `text` can end. Its lines are escaped already, or are one. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const mark = '`'.repeat(longest + 1);
  return `${mark}\n${text.split('\n').map(escapeText).join('\n')}\n${mark}\n\n`;
}
