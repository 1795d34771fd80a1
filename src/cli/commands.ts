import type { Analysis } from '../model/analysis.ts';
import type { SessionComparison } from '../model/comparison.ts';
import type { Transcript } from '../model/report.ts';
import type { Verification } from '../model/verification.ts';
import {
  type TextStyle,
  isInterrupted,
  refStyleOf,
  renderComparison,
  renderComparisonsJson,
  renderComparisonsNdjson,
  renderConnectionTable,
  renderConnectionsJson,
  renderConnectionsNdjson,
  renderCsv,
  renderJson,
  renderMarkdown,
  renderMessages,
  renderNdjson,
  renderSessionDetail,
  renderText,
  renderTrace,
  renderTranscript,
  renderTranscriptJson,
  renderTranscriptNdjson,
  renderVerificationJson,
  renderVerificationNdjson,
  renderVerificationText,
} from '../render/index.ts';
import type { Invocation } from './invocation.ts';

/** The pieces of a command's standard output. */
export function renderDiagnosis(analysis: Analysis, { output }: Invocation, style: TextStyle, exitStatus: number): Iterable<string> {
  if (output.format === 'json') return renderJson(analysis.report);
  if (output.format === 'ndjson') return renderNdjson(analysis.report, exitStatus);
  if (output.format === 'csv') return renderCsv(analysis.report);
  if (output.format === 'md') return renderMarkdown(analysis.report, (id) => analysis.transcripts(id), output.all);
  return renderText(analysis.report, style, output.all);
}

/** One message in full, several as a list. */
export function renderTraced(analysis: Analysis, { output }: Invocation, style: TextStyle, exitStatus: number): Iterable<string> {
  if (output.format === 'json') return renderJson(analysis.report);
  if (output.format === 'ndjson') return renderNdjson(analysis.report, exitStatus);
  return renderTrace(analysis.report, style);
}

export function renderMessageList(analysis: Analysis, { output }: Invocation, style: TextStyle, exitStatus: number): Iterable<string> {
  if (output.format === 'json') return renderJson(analysis.report);
  if (output.format === 'ndjson') return renderNdjson(analysis.report, exitStatus);
  return renderMessages(analysis.report, style, analysis.messageList);
}

export function renderConnections({ report, connections }: Analysis, { output }: Invocation, style: TextStyle, exitStatus: number): Iterable<string> {
  if (output.format === 'json') return renderConnectionsJson(report.tool, connections);
  if (output.format === 'ndjson') return renderConnectionsNdjson(report, connections, exitStatus);
  return [renderConnectionTable(connections, style)];
}

export function renderTranscripts(analysis: Analysis, invocation: Invocation, style: TextStyle, exitStatus: number): Iterable<string> {
  const { report } = analysis;
  if (invocation.output.format === 'json') return renderTranscriptJson(report.tool, transcriptsOf(analysis, invocation));
  if (invocation.output.format === 'ndjson') return renderTranscriptNdjson(report, transcriptsOf(analysis, invocation), exitStatus);
  return renderTranscriptTexts(analysis, invocation, style);
}

/** Which sessions are written out: what was selected; without a selection the interrupted ones (`--all`: every one). */
export function sessionsToTake({ report }: Analysis, { output, selects }: Invocation): string[] {
  return report.sessions.filter((session) => selects || output.all || isInterrupted(session)).map(({ id }) => id);
}

/** Which sessions are compared: what was selected; without a selection the interrupted ones and those that a box meddled with. JSON holds all. */
export function sessionsToCompare({ report }: Analysis, { output, selects }: Invocation): string[] {
  const all = output.format !== 'text' || selects || output.all;
  return report.sessions.filter((session) => all || isInterrupted(session) || session.interference.length > 0).map(({ id }) => id);
}

export function renderComparisons(
  analysis: Analysis,
  comparisons: readonly SessionComparison[],
  invocation: Invocation,
  style: TextStyle,
  exitStatus: number,
): Iterable<string> {
  const { report } = analysis;
  const { output } = invocation;
  if (output.format === 'json') return renderComparisonsJson(report.tool, comparisons);
  if (output.format === 'ndjson') return renderComparisonsNdjson(report, comparisons, exitStatus);
  return renderComparisonTexts(analysis, comparisons, sessionsToCompare(analysis, invocation).length, style);
}

function* renderComparisonTexts({ report }: Analysis, comparisons: readonly SessionComparison[], asked: number, style: TextStyle): Generator<string> {
  const refs = refStyleOf(report);
  const byId = new Map(report.sessions.map((session) => [session.id, session]));
  for (const [index, comparison] of comparisons.entries()) {
    if (index > 0) yield '\n';
    yield* renderComparison(comparison, byId.get(comparison.session) ?? null, refs, style);
  }
  const hidden = report.sessions.length - asked;
  if (hidden > 0)
    yield `${comparisons.length > 0 ? '\n' : ''}${hidden} of ${report.sessions.length} sessions ${hidden === 1 ? 'is' : 'are'} not compared: --all compares every one that a capture holds.\n`;
}

export function renderVerification(
  analysis: Analysis,
  verification: Verification,
  { output }: Invocation,
  style: TextStyle,
  exitStatus: number,
): Iterable<string> {
  const { report } = analysis;
  if (output.format === 'json') return renderVerificationJson(report.tool, verification);
  if (output.format === 'ndjson') return renderVerificationNdjson(report, verification, exitStatus);
  return renderVerificationText(verification, report.inputs, refStyleOf(report), style);
}

/** Which sessions a transcript is shown of: what was selected; without a selection the interrupted ones (`--all`: every one). JSON holds all. */
function* transcriptsOf(analysis: Analysis, { output, selects }: Invocation): Generator<Transcript> {
  for (const session of analysis.report.sessions) {
    if (output.format === 'text' && !selects && !output.all && !isInterrupted(session)) continue;
    const transcript = analysis.transcripts(session.id);
    if (transcript) yield transcript;
  }
}

function* renderTranscriptTexts(analysis: Analysis, invocation: Invocation, style: TextStyle): Generator<string> {
  const { report } = analysis;
  const refs = refStyleOf(report);
  const byId = new Map(report.sessions.map((session) => [session.id, session]));
  let shown = 0;
  for (const transcript of transcriptsOf(analysis, invocation)) {
    if (shown > 0) yield '\n';
    shown++;
    const session = byId.get(transcript.session);
    if (invocation.output.withVerdict && session) yield `${renderSessionDetail(session, style, { refs, portReused: false })}\n`;
    yield* renderTranscript(transcript, refs, style);
  }
  const hidden = report.sessions.length - shown;
  if (hidden > 0)
    yield `${shown > 0 ? '\n' : ''}${hidden} of ${report.sessions.length} sessions ended well and ${hidden === 1 ? 'is' : 'are'} not shown: --all shows every one.\n`;
}
