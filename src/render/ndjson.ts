import type { SessionComparison } from '../model/comparison.ts';
import type { Report, ReportConnection, ReportInput, ReportMessage, ReportSession, Transcript } from '../model/report.ts';
import type { Verification } from '../model/verification.ts';
import { safeJsonPieces } from './escape.ts';

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
function renderLine<Type extends keyof LineTypes>(type: Type, record: LineTypes[Type]): Generator<string> {
  return safeJsonPieces(record, `{"type":"${type}",`, '\n');
}

/** One line each; no record is held when the next one is made. Returns how many there were. */
function* renderLines<Type extends keyof LineTypes>(type: Type, records: Iterable<LineTypes[Type]>): Generator<string, number> {
  let count = 0;
  for (const record of records) {
    yield* renderLine(type, record);
    count++;
  }
  return count;
}

/** The report as lines: inputs, clocks, sessions, messages, caveats, end. */
export function* renderNdjson(report: Report, exitStatus: number): Generator<string> {
  yield* renderHead(report);
  yield* renderLines('session', report.sessions);
  const messages = yield* renderLines('message', report.messages);
  for (const text of report.caveats) yield* renderLine('caveat', { text });
  yield* renderEnd(report, exitStatus, messages);
}

/** `connections --ndjson`: one line a connection. */
export function* renderConnectionsNdjson(report: Report, connections: Iterable<ReportConnection>, exitStatus: number): Generator<string> {
  yield* renderHead(report);
  yield* renderLines('connection', connections);
  yield* renderEnd(report, exitStatus);
}

/** `transcript --ndjson`: one line a session. */
export function* renderTranscriptNdjson(report: Report, transcripts: Iterable<Transcript>, exitStatus: number): Generator<string> {
  yield* renderHead(report);
  yield* renderLines('transcript', transcripts);
  yield* renderEnd(report, exitStatus);
}

/** `compare --ndjson`: one line a session. */
export function* renderComparisonsNdjson(report: Report, comparisons: readonly SessionComparison[], exitStatus: number): Generator<string> {
  yield* renderHead(report);
  yield* renderLines('comparison', comparisons);
  yield* renderEnd(report, exitStatus);
}

/** `verify --ndjson`: one line a verdict. */
export function* renderVerificationNdjson(report: Report, verification: Verification, exitStatus: number): Generator<string> {
  yield* renderHead(report);
  yield* renderLines('verdict', verification.verdicts);
  yield* renderEnd(report, exitStatus);
}

function* renderHead(report: Report): Generator<string> {
  for (const [index, input] of report.inputs.entries()) yield* renderLine('input', { index, ...input });
  yield* renderLines('clock', report.clocks);
}

function renderEnd(report: Report, exitStatus: number, messages = 0): Generator<string> {
  const { inputs, sessions, schemaVersion, tool } = report;
  return renderLine('end', { schemaVersion, tool, inputs: inputs.length, sessions: sessions.length, messages, exitStatus });
}
