import { cannotContain, isOneDirection } from './capture-limits.ts';
import { isoTime } from './times.ts';
import type { InputFailure } from '../model/analysis.ts';
import type { MailLog } from '../model/maillog.ts';
import type { CaptureSummary } from '../model/packet.ts';
import type { CapturedList, ClockMap } from '../model/pairing.ts';
import type { ReportInput } from '../model/report.ts';
import type { Source } from '../model/source.ts';

/** What was read at one vantage point, as far as the report tells of it. */
interface ReadVantage {
  readonly sources: readonly Source[];
  readonly summaries: readonly CaptureSummary[];
  readonly sessions: CapturedList;
}

/**
 * One record an input, in the order of the inputs: what it was taken for, what it holds and what it cannot.
 * What could not be opened stands behind them, so that the index of a source stays that of its record.
 */
export function reportInputs(
  sources: readonly Source[],
  failures: readonly InputFailure[],
  log: MailLog | null,
  vantages: readonly ReadVantage[],
  clock: ClockMap,
): ReportInput[] {
  const summaries = new Map<number, { summary: CaptureSummary; oneDirection: boolean }>();
  for (const vantage of vantages) {
    const oneDirection = isOneDirection(vantage.sessions);
    for (const [i, source] of vantage.sources.entries()) {
      const summary = vantage.summaries[i];
      if (summary) summaries.set(source.input, { summary, oneDirection });
    }
  }
  const files = new Map(log?.files.map((file) => [file.input, file]));
  const opened = sources.map((source): ReportInput => {
    const capture = summaries.get(source.input);
    const file = files.get(source.input);
    const toUtc = (wallUs: number | null) => (wallUs === null ? null : isoTime(clock.toUtc(wallUs, source.input)));
    return {
      path: source.path,
      kind: capture ? 'capture' : (file?.kind ?? source.kind),
      format: capture?.summary.format ?? file?.format ?? source.format,
      vantage: capture ? (source.vantage ?? 'appliance') : null,
      bytes: source.bytes,
      packets: capture?.summary.packets ?? null,
      lines: file?.lines ?? null,
      first: capture ? isoTime(capture.summary.firstUs) : toUtc(file?.firstUs ?? null),
      last: capture ? isoTime(capture.summary.lastUs) : toUtc(file?.lastUs ?? null),
      cannotContain: capture ? cannotContain(capture.summary, capture.oneDirection) : [],
      anomalies: [
        ...source.anomalies.list(),
        ...(source.advice === null ? [] : [{ kind: 'unsupported', severity: 'error' as const, count: 1, where: 'start', meaning: source.advice }]),
      ],
    };
  });
  return [...opened, ...failures.map(reportFailure)];
}

function reportFailure({ path, message, hint }: InputFailure): ReportInput {
  return {
    path,
    kind: 'unreadable',
    format: 'unreadable',
    vantage: null,
    bytes: 0,
    packets: null,
    lines: null,
    first: null,
    last: null,
    cannotContain: [],
    anomalies: [{ kind: 'unreadable', severity: 'error', count: 1, where: '', meaning: hint === null ? message : `${message}; ${hint}` }],
  };
}
