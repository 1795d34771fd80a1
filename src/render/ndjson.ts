import type { SessionComparison } from '../model/comparison.ts';
import type { Report, ReportConnection, ReportInput, ReportMessage, ReportSession, Transcript } from '../model/report.ts';
import type { Verification } from '../model/verification.ts';
import { toSafeJson } from './escape.ts';

/** What the last line says: that the output is whole. */
interface StreamEnd {
  readonly inputs: number;
  readonly sessions: number;
  readonly messages: number;
  readonly exitStatus: number;
}

/** One line of `--ndjson`. */
type ReportLine =
  | ({ readonly type: 'input'; readonly index: number } & ReportInput)
  | ({ readonly type: 'clock' } & Report['clocks'][number])
  | ({ readonly type: 'session' } & ReportSession)
  | ({ readonly type: 'message' } & ReportMessage)
  | ({ readonly type: 'connection' } & ReportConnection)
  | { readonly type: 'caveat'; readonly text: string }
  | ({ readonly type: 'transcript' } & Transcript)
  | ({ readonly type: 'comparison' } & SessionComparison)
  | ({ readonly type: 'verdict' } & Verification['verdicts'][number])
  | ({ readonly type: 'end'; readonly schemaVersion: number; readonly tool: Report['tool'] } & StreamEnd);

function renderLine(line: ReportLine): string {
  return `${toSafeJson(line)}\n`;
}

/** The report as lines: inputs, clocks, sessions, messages, caveats, end. */
export function* renderNdjson(report: Report, exitStatus: number): Generator<string> {
  yield* renderHead(report);
  for (const session of report.sessions) yield renderLine({ type: 'session', ...session });
  let messages = 0;
  for (const message of report.messages) {
    messages++;
    yield renderLine({ type: 'message', ...message });
  }
  for (const text of report.caveats) yield renderLine({ type: 'caveat', text });
  yield renderEnd(report, exitStatus, messages);
}

/** `connections --ndjson`: one line a connection. */
export function* renderConnectionsNdjson(report: Report, connections: Iterable<ReportConnection>, exitStatus: number): Generator<string> {
  yield* renderHead(report);
  for (const connection of connections) yield renderLine({ type: 'connection', ...connection });
  yield renderEnd(report, exitStatus);
}

/** `transcript --ndjson`: one line a session. */
export function* renderTranscriptNdjson(report: Report, transcripts: Iterable<Transcript>, exitStatus: number): Generator<string> {
  yield* renderHead(report);
  for (const transcript of transcripts) yield renderLine({ type: 'transcript', ...transcript });
  yield renderEnd(report, exitStatus);
}

/** `compare --ndjson`: one line a session. */
export function* renderComparisonsNdjson(report: Report, comparisons: readonly SessionComparison[], exitStatus: number): Generator<string> {
  yield* renderHead(report);
  for (const comparison of comparisons) yield renderLine({ type: 'comparison', ...comparison });
  yield renderEnd(report, exitStatus);
}

/** `verify --ndjson`: one line a verdict. */
export function* renderVerificationNdjson(report: Report, verification: Verification, exitStatus: number): Generator<string> {
  yield* renderHead(report);
  for (const verdict of verification.verdicts) yield renderLine({ type: 'verdict', ...verdict });
  yield renderEnd(report, exitStatus);
}

function* renderHead(report: Report): Generator<string> {
  for (const [index, input] of report.inputs.entries()) yield renderLine({ type: 'input', index, ...input });
  for (const clock of report.clocks) yield renderLine({ type: 'clock', ...clock });
}

function renderEnd(report: Report, exitStatus: number, messages = 0): string {
  const { inputs, sessions, schemaVersion, tool } = report;
  return renderLine({ type: 'end', schemaVersion, tool, inputs: inputs.length, sessions: sessions.length, messages, exitStatus });
}
