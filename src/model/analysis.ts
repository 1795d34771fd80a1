import type { SessionComparison } from './comparison.ts';
import type { Session } from './pairing.ts';
import type { MessageList, Report, ReportConnection, Transcript } from './report.ts';
import type { KeySources, Selection, Site } from './settings.ts';
import type { Source } from './source.ts';
import type { Takeout } from './takeout.ts';
import type { WallUs } from './units.ts';

/** An input as named on the command line: a file, a directory, a glob pattern, or `-`. */
export interface AnalyzeInput {
  readonly path: string;
  /** NAME of `--at NAME=FILE`; null for a bare input (a bare capture is the appliance's own). */
  readonly vantage: string | null;
}

export interface AnalyzeProgress {
  /** Octets read so far, over all inputs. */
  readonly bytes: number;
  /** Null while it is unknown (a pipe). */
  readonly totalBytes: number | null;
}

export interface AnalyzeRequest {
  readonly inputs: readonly AnalyzeInput[];
  readonly site: Site;
  /** `since` and `until` in it are instants; times given without a zone stand in `sinceLocal` and `untilLocal`. */
  readonly selection: Selection;
  /** `--since`/`--until` without a zone: the log's local time, or UTC where no log is given. */
  readonly sinceLocal?: WallUs | null;
  readonly untilLocal?: WallUs | null;
  /** What is asked for, so that nothing else is judged; sessions where it is absent. `one-message`: its connections get a verdict, captured or not. */
  readonly subject?: 'sessions' | 'one-message' | 'messages' | 'connections';
  /** Of a list of messages so many of the newest are shown, the others only counted; absent where all are wanted. */
  readonly rows?: number;
  /** Absent: what captures hold themselves. Null: TLS stays closed, because what is made of it is handed on. */
  readonly keys?: KeySources | null;
  /** Threads that read captures; absent: as many as pay. The result is the same. */
  readonly threads?: number;
  /** Called at most some times a second. */
  readonly onProgress?: (progress: AnalyzeProgress) => void;
  /** Called when a session of the report has been judged, also after `analyze`. */
  readonly onJudged?: (judged: number, of: number) => void;
  /** When it fires, `analyze` stops reading and tells what is known so far. */
  readonly signal?: AbortSignal;
}

/** An input that could not be read at all; the others were analysed. */
export interface InputFailure {
  readonly path: string;
  /** What was expected, with the place where it is known. */
  readonly message: string;
  /** What to try. */
  readonly hint: string | null;
}

export interface UnknownLine {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** Raw: escaped by whoever shows it. */
  readonly text: string;
}

/** Everything that the commands show. */
export interface Analysis {
  /** All selected sessions in the contract's order, whether they ended well or not. */
  readonly report: Report;
  /** The side-by-side transcript of a session by its id in the report, built when asked for; null for an id that is not in the report. */
  transcripts(sessionId: string): Transcript | null;
  /** Sessions of the report, by id, compared over all vantage points; reads payloads again from the captures. Sessions without packets are left out. */
  compare(sessionIds: readonly string[]): Promise<SessionComparison[]>;
  /** Messages that were listed while the logs were read; null where `report.messages` has them all. */
  readonly messageList: MessageList | null;
  /** Sessions of the report with all that is needed to write them out again. */
  takeOut(sessionIds: readonly string[]): Takeout;
  /** The selected connections as the log tells of them, in order of their first line; told as they are asked for. */
  readonly connections: Iterable<ReportConnection>;
  /** The model's session behind a session of the report, by its id. */
  sessionOf(sessionId: string): Session | null;
  /** The opened inputs; the index is the one of `report.inputs`. `verify` reads the captures again through them. */
  readonly sources: readonly Source[];
  readonly unknownLines: readonly UnknownLine[];
  readonly failures: readonly InputFailure[];
  /** An input was damaged or incomplete (an anomaly of severity `loss` or `error`, or a failure): exit status 4. */
  readonly damaged: boolean;
  /** At least one input could be read; false: exit status 3. */
  readonly anyReadable: boolean;
}
