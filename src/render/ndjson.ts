import type { SessionComparison } from '../model/comparison.ts';
import type { Report, ReportConnection, ReportInput, ReportMessage, ReportSession, Transcript } from '../model/report.ts';
import type { Verification } from '../model/verification.ts';
import { hasMadeLists, safeJsonPieces, toSafeJson } from './escape.ts';

/** What the last line says: that the output is whole. */
interface StreamEnd {
  readonly inputs: number;
  readonly sessions: number;
  readonly messages: number;
  readonly exitStatus: number;
}

/** What lines of `--ndjson` tell, by their type. */
interface LineTypes {
  readonly input: { readonly index: number } & ReportInput;
  readonly clock: Report['clocks'][number];
  readonly session: ReportSession;
  readonly message: ReportMessage;
  readonly connection: ReportConnection;
  readonly caveat: { readonly text: string };
  readonly transcript: Transcript;
  readonly comparison: SessionComparison;
  readonly verdict: Verification['verdicts'][number];
  readonly end: { readonly schemaVersion: number; readonly tool: Report['tool'] } & StreamEnd;
}

/** One line. The type is put in front of the record's text: a copy of the record with one more field would cost more than its text. */
function renderLine<Type extends keyof LineTypes>(type: Type, record: LineTypes[Type]): string {
  return `{"type":"${type}",${toSafeJson(record).slice(1)}\n`;
}

/** One line each; none is held when the next one is made. */
function* renderSessions(sessions: Iterable<ReportSession>): Generator<string> {
  for (const session of sessions) {
    if (hasMadeLists(session)) {
      yield* safeJsonPieces(session, '{"type":"session",');
      yield '\n';
    } else yield renderLine('session', session);
  }
}

/** The report as lines: inputs, clocks, sessions, messages, caveats, end. */
export function* renderNdjson(report: Report, exitStatus: number): Generator<string> {
  yield* renderHead(report);
  yield* renderSessions(report.sessions);
  let messages = 0;
  for (const message of report.messages) {
    messages++;
    yield renderLine('message', message);
  }
  for (const text of report.caveats) yield renderLine('caveat', { text });
  yield renderEnd(report, exitStatus, messages);
}

/** `connections --ndjson`: one line a connection. */
export function* renderConnectionsNdjson(report: Report, connections: Iterable<ReportConnection>, exitStatus: number): Generator<string> {
  yield* renderHead(report);
  for (const connection of connections) yield renderLine('connection', connection);
  yield renderEnd(report, exitStatus);
}

/** `transcript --ndjson`: one line a session. */
export function* renderTranscriptNdjson(report: Report, transcripts: Iterable<Transcript>, exitStatus: number): Generator<string> {
  yield* renderHead(report);
  for (const transcript of transcripts) yield renderLine('transcript', transcript);
  yield renderEnd(report, exitStatus);
}

/** `compare --ndjson`: one line a session. */
export function* renderComparisonsNdjson(report: Report, comparisons: readonly SessionComparison[], exitStatus: number): Generator<string> {
  yield* renderHead(report);
  for (const comparison of comparisons) yield renderLine('comparison', comparison);
  yield renderEnd(report, exitStatus);
}

/** `verify --ndjson`: one line a verdict. */
export function* renderVerificationNdjson(report: Report, verification: Verification, exitStatus: number): Generator<string> {
  yield* renderHead(report);
  for (const verdict of verification.verdicts) yield renderLine('verdict', verdict);
  yield renderEnd(report, exitStatus);
}

function* renderHead(report: Report): Generator<string> {
  for (const [index, input] of report.inputs.entries()) yield renderLine('input', { index, ...input });
  for (const clock of report.clocks) yield renderLine('clock', clock);
}

function renderEnd(report: Report, exitStatus: number, messages = 0): string {
  const { inputs, sessions, schemaVersion, tool } = report;
  return renderLine('end', { schemaVersion, tool, inputs: inputs.length, sessions: sessions.length, messages, exitStatus });
}
