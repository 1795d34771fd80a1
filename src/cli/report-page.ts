import type { Analysis } from '../model/analysis.ts';
import type { Session } from '../model/pairing.ts';
import { type PageSession, counted, countSession, escapeText, findReusedTuples, isInterrupted, renderHtmlPage, tupleOf } from '../render/index.ts';
import { sessionsToTake } from './commands.ts';
import type { Invocation } from './invocation.ts';
import type { Io } from './io.ts';
import { refuseInputs, writeOutputFile } from './output-files.ts';

export const REPORT_FILE = 'incident.html';

/** More sessions than this in full make a page that nobody reads; the overview counts all. */
const MOST_SESSIONS = 200;

/** The page of the selected sessions, piece by piece. `isShared`: what was analysed is a bundle in which names were replaced. */
export async function reportPage(analysis: Analysis, invocation: Invocation, isShared = false): Promise<Iterable<string>> {
  const { report } = analysis;
  const ids = mostTelling(report, sessionsToTake(analysis, invocation));
  const points = new Set(report.inputs.flatMap(({ vantage }) => vantage ?? []));
  const comparisons = points.size > 1 ? await analysis.compare(ids) : [];
  const comparisonOf = new Map(comparisons.map((comparison) => [comparison.session, comparison]));
  const wanted = new Set(ids);
  const told: PageSession[] = [];
  const reused = findReusedTuples(report.sessions);
  const all = report.sessions.map((session) => {
    if (wanted.has(session.id)) {
      told.push({
        session,
        transcript: analysis.transcripts(session.id),
        comparison: comparisonOf.get(session.id) ?? null,
        portReused: session.streams.some((stream) => reused.has(tupleOf(stream))),
      });
    }
    return countSession(session, hopsOf(analysis.sessionOf(session.id)));
  });
  return renderHtmlPage({ report, counted: all, sessions: told, told: told.length, isShared });
}

/** As many as a page holds, interrupted ones before those that ended well. */
function mostTelling(report: Analysis['report'], ids: readonly string[]): string[] {
  if (ids.length <= MOST_SESSIONS) return [...ids];
  const interrupted = new Set<string>();
  for (const session of report.sessions) if (isInterrupted(session)) interrupted.add(session.id);
  return [...ids.filter((id) => interrupted.has(id)), ...ids.filter((id) => !interrupted.has(id))].slice(0, MOST_SESSIONS);
}

/** Writes the page to its file; the pieces of standard output say so. `-o -`: the page itself is the output. */
export async function writeReportPage(analysis: Analysis, invocation: Invocation, io: Io): Promise<Iterable<string>> {
  const pieces = await reportPage(analysis, invocation);
  const path = invocation.output.file ?? REPORT_FILE;
  if (path === '-') return pieces;
  refuseInputs(
    [path],
    analysis.sources.map((source) => source.path),
  );
  writeOutputFile(path, pieces, io.createFile);
  const { length } = analysis.report.sessions;
  const told = Math.min(MOST_SESSIONS, sessionsToTake(analysis, invocation).length);
  return [`${escapeText(path)}: ${counted(length, 'session')}, ${told} in full; open it in any browser, it loads nothing\n`];
}

/** What systems start with (RFC 1700; Windows; network devices). */
const INITIAL_TTLS = [64, 128, 255];

/** Routers between the peer of the appliance and the capture, taken from the TTL of its packets. */
function hopsOf(session: Session | null): number | null {
  const captured = session?.captured;
  if (!captured) return null;
  const { connection, dialogue } = captured;
  for (const { side, ttl } of connection.segments) {
    if ((side === dialogue.client) === (session.direction === 'outbound')) continue;
    const initial = INITIAL_TTLS.find((start) => ttl <= start);
    return initial === undefined ? null : initial - ttl;
  }
  return null;
}
