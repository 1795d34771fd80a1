import { describeCoverage, isSelected, reportInputs, spanOf } from './assembly/index.ts';
import { firstPacketUs } from './capture/index.ts';
import { inferSession } from './inference/index.ts';
import type { Analysis, AnalyzeRequest } from './model/analysis.ts';
import type { Inference } from './model/inference.ts';
import type { Judgement } from './model/judgement.ts';
import type { MailLog } from './model/maillog.ts';
import type { Depot } from './model/octet-store.ts';
import type { PairingResult } from './model/pairing.ts';
import { type MessageList, SCHEMA_VERSION, type Report } from './model/report.ts';
import { NO_KEYS, selectsAll, type Selection } from './model/settings.ts';
import type { Source } from './model/source.ts';
import { pairInSteps, pairSessions } from './pairing/index.ts';
import { compareViews } from './route/compare-views.ts';
import { inTurns } from './route/in-turns.ts';
import { contextOfLog, judgeSessions, type JudgedList } from './route/judge-sessions.ts';
import { APPLIANCE, mailPorts, readVantages, type Vantage } from './route/read-vantages.ts';
import { readKeys } from './route/read-keys.ts';
import { readWantedLogs } from './route/read-wanted-logs.ts';
import type { Meaning } from './route/list-messages.ts';
import { judgedInTurn, NamedSessions } from './route/session-list.ts';
import { takeOut } from './route/take-out.ts';
import { sessionsOfMessages, traceConnections, traceMessages } from './route/trace-messages.ts';
import { openSources } from './source/index.ts';
import { buildTranscript } from './transcript/index.ts';
import { ScratchDepot } from './vault/index.ts';
import { TOOL_NAME, TOOL_VERSION } from './version.ts';

/**
 * The route: inputs → logs → captures → pairs → verdicts → report. Logs are read first, because they name the ports to look at;
 * captures are read once. When `signal` fires, reading ends and the result rests on what was read; bad inputs are failures and anomalies in the result.
 */
export async function analyze(request: AnalyzeRequest): Promise<Analysis> {
  const { sources, failures } = await openSources(request.inputs);
  const progress = startProgress(request, sources);
  const depot = new ScratchDepot();
  const options = { ...(await yearHint(sources)), depot, onProgress: progress, ...(request.signal ? { signal: request.signal } : {}) };
  const { log, list } = await readWantedLogs(request, sources, options, (known) => meaningOf(request, known));
  request.signal?.throwIfAborted();
  const { ring, caveats } = await readKeys(request.keys === undefined ? NO_KEYS : request.keys, sources);
  const ports = mailPorts(request.site.ports, log?.deliveries.map((delivery) => delivery.remotePort) ?? []);
  const vantages = await readVantages(sources, {
    ports,
    depot,
    ring,
    threads: request.threads ?? null,
    onProgress: progress,
    isAborted: () => request.signal?.aborted === true,
  });
  const captured = vantages.find((vantage) => vantage.name === APPLIANCE)?.sessions ?? [];
  const paired = pairInSteps({
    captured,
    log: log && isListOf(request) && captured.length === 0 ? withoutHistories(log) : log,
    site: request.site,
    depot,
  });
  const pairing = await inTurns(paired, request.signal);
  const judged = judgeWanted(request, pairing, vantages, log);
  return present(request, sources, failures, log, list, vantages, pairing, judged, ports, depot, caveats);
}

function isListOf({ subject }: AnalyzeRequest): boolean {
  return subject === 'messages' || subject === 'connections';
}

/** What the selection means by the logs alone, as far as they were read. */
function meaningOf(request: AnalyzeRequest, log: MailLog): Meaning {
  const pairing = pairSessions({ captured: [], log: withoutHistories(log), site: request.site, depot: new ScratchDepot() });
  return { selection: resolveTimes(request, pairing, log), clock: pairing.clock };
}

/** Enough to tell the time zone and the clock; a list needs no session where nothing was captured. */
function withoutHistories(log: MailLog): MailLog {
  return { ...log, injections: [], messages: [], deliveries: [] };
}

/** Who asks for messages or connections needs verdicts only of the sessions that these went over; of the list of all, only what packets add. */
function judgeWanted(request: AnalyzeRequest, pairing: PairingResult, vantages: readonly Vantage[], log: MailLog | null): JudgedList {
  const { subject } = request;
  if (subject === undefined || subject === 'sessions') return judgeSessions(pairing, vantages, request.site, log);
  const wanted =
    subject === 'one-message'
      ? sessionsOfMessages(log, pairing, resolveTimes(request, pairing, log))
      : pairing.sessions.filter(({ captured }) => captured !== null && subject === 'messages');
  // Connections that only other points hold come behind, and went over none of them.
  const judged = judgeSessions({ ...pairing, sessions: wanted }, vantages, request.site, log);
  return { length: wanted.length, at: (place) => (place < wanted.length ? judged.at(place) : undefined) };
}

/** Syslog stamps have no year: the captures' first packet tells which one is meant. */
async function yearHint(sources: readonly Source[]): Promise<{ readonly nearUs?: number }> {
  for (const source of sources) {
    const firstUs = source.kind === 'capture' ? await firstPacketUs(source) : null;
    if (firstUs !== null) return { nearUs: firstUs };
  }
  return {};
}

function startProgress({ onProgress }: AnalyzeRequest, sources: readonly Source[]): (octets: number) => void {
  const total = sources.some((source) => source.bytes === 0 && source.path === '-') ? null : sources.reduce((sum, source) => sum + source.bytes, 0);
  let read = 0;
  return (octets) => {
    read += octets;
    onProgress?.({ bytes: read, totalBytes: total });
  };
}

function present(
  request: AnalyzeRequest,
  sources: readonly Source[],
  failures: Analysis['failures'],
  log: MailLog | null,
  list: MessageList | null,
  vantages: readonly Vantage[],
  pairing: PairingResult,
  judged: JudgedList,
  ports: Uint8Array,
  depot: Depot,
  keyCaveats: readonly string[],
): Analysis {
  const selection = resolveTimes(request, pairing, log);
  const named = new NamedSessions(judged, pairing, depot);
  const wantsAll = request.subject === 'one-message' || selectsAll(selection);
  const entries = named.select((entry) => wantsAll || entry.isSelected(selection));
  const own = vantages.find((vantage) => vantage.name === APPLIANCE);
  const inputs = reportInputs(sources, failures, log, vantages, pairing.clock);
  const report: Report = {
    schemaVersion: SCHEMA_VERSION,
    tool: { name: TOOL_NAME, version: TOOL_VERSION },
    inputs,
    clock: firstClock(pairing),
    clocks: pairing.estimates,
    sessions: judgedInTurn(entries, request.onJudged),
    messages: list?.newest ?? traceMessages(log, pairing, named, selection),
    caveats: [
      ...(request.signal?.aborted ? [INTERRUPTED] : []),
      ...keyCaveats,
      ...pairing.caveats,
      ...unlistedAttempts(vantages),
      ...describeCoverage(own?.context ?? null, contextOfLog(log, pairing)),
    ],
  };
  const transcriptOf = (id: string) => {
    const entry = entries.find(id);
    if (!entry) return null;
    const inference = inferSession(entry.session);
    return buildTranscript(entry.session, pairing.clock, endMark(entry.judge(), inference), { session: id }, inference);
  };
  return {
    report,
    transcripts: transcriptOf,
    compare: (ids) =>
      compareViews(
        ids.flatMap((id) => entries.find(id) ?? []),
        vantages,
        ports,
      ),
    messageList: list,
    takeOut: (ids) =>
      takeOut(
        ids.flatMap((id) => entries.find(id) ?? []),
        { vantages, ports, log, pairing, transcriptOf },
      ),
    connections: traceConnections(log, pairing, (session, connection) =>
      isSelected(
        selection,
        session,
        { mids: connection.mids, clientIp: connection.icid === null ? connection.localIp : connection.remoteIp, serial: connection.serial },
        spanOf(session, pairing.clock),
      ),
    ),
    sessionOf: (id) => entries.find(id)?.session ?? null,
    sources,
    unknownLines: (log?.unknown ?? []).map(({ ref, text }) => ({ path: sources[ref.input]?.path ?? '', line: ref.line, text })),
    failures,
    damaged: failures.length > 0 || inputs.some((input) => input.anomalies.some(({ severity }) => severity === 'loss' || severity === 'error')),
    anyReadable: sources.some((source) => source.kind !== 'unsupported'),
  };
}

const INTERRUPTED = 'Reading was interrupted: this rests on what had been read until then.';

/** What a flood of attempts leaves out of the report. */
function unlistedAttempts(vantages: readonly Vantage[]): string[] {
  return vantages.flatMap(({ name, unlisted }) =>
    unlisted === 0
      ? []
      : `${unlisted} further attempts to connect that nobody answered are counted, not listed${name === APPLIANCE ? '' : ` (${name})`}: a flood of SYNs, or a scan.`,
  );
}

/** The contract's `clock` does not name the inputs; `clocks` does. */
function firstClock({ estimates }: PairingResult): Report['clock'] {
  const [first] = estimates;
  if (!first) return null;
  const { log: _log, capture: _capture, ...clock } = first;
  return clock;
}

/** Times that were given without a zone stand in the log's local time. */
function resolveTimes({ selection, sinceLocal, untilLocal }: AnalyzeRequest, pairing: PairingResult, log: MailLog | null): Selection {
  const input = log?.files[0]?.input;
  const resolve = (wallUs: number | null | undefined) =>
    wallUs === null || wallUs === undefined ? null : input === undefined ? wallUs : pairing.clock.toUtc(wallUs, input);
  return { ...selection, since: selection.since ?? resolve(sinceLocal), until: selection.until ?? resolve(untilLocal) };
}

/** A QUIT that only the records show is what ended a session that the log calls complete. */
function endMark({ ending, verdict, decidedUs }: Judgement, inference: Inference | null): Parameters<typeof buildTranscript>[2] {
  if (!ending) return null;
  const quit = inference?.quitAt && (verdict.cause === 'completed' || verdict.cause === 'client-quit') ? [inference.quitAt.packet] : [];
  return {
    packets: [...quit, ...(ending.packet ? [ending.packet] : [])],
    lines: ending.line ? [ending.line] : [],
    words: ending.words,
    atUs: decidedUs,
    cause: verdict.cause,
  };
}
