import type { SessionComparison } from '../model/comparison.ts';
import { SCHEMA_VERSION, type Report, type ReportConnection, type Transcript } from '../model/report.ts';
import type { Verification } from '../model/verification.ts';
import { hasMadeLists, safeJsonPieces, toSafeJson } from './escape.ts';

/** The document of `--json`, piece by piece: a list is never held as one text. */
export function* renderJson(report: Report): Generator<string> {
  yield* renderObject(report);
}

interface TranscriptDocument {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly tool: Report['tool'];
  readonly transcripts: Iterable<Transcript>;
}

/** The document of `transcript --json`; transcripts are built as they are written. */
export function* renderTranscriptJson(tool: Report['tool'], transcripts: Iterable<Transcript>): Generator<string> {
  yield* renderObject({ schemaVersion: SCHEMA_VERSION, tool, transcripts } satisfies TranscriptDocument);
}

/** The document of `connections --json`; connections are told as they are written. */
export function* renderConnectionsJson(tool: Report['tool'], connections: Iterable<ReportConnection>): Generator<string> {
  yield* renderObject({ schemaVersion: SCHEMA_VERSION, tool, connections });
}

/** The document of `compare --json`. */
export function* renderComparisonsJson(tool: Report['tool'], comparisons: readonly SessionComparison[]): Generator<string> {
  yield* renderObject({ schemaVersion: SCHEMA_VERSION, tool, comparisons });
}

/** The document of `verify --json`. */
export function* renderVerificationJson(tool: Report['tool'], verification: Verification): Generator<string> {
  yield* renderObject({ schemaVersion: SCHEMA_VERSION, tool, verification });
}

function* renderObject(record: object): Generator<string> {
  let before = '{\n';
  for (const [key, value] of Object.entries(record)) {
    yield `${before}"${key}": `;
    before = ',\n';
    if (isList(value)) yield* renderList(value);
    else yield toSafeJson(value);
  }
  yield '\n}\n';
}

function isList(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function* renderList(list: Iterable<unknown>): Generator<string> {
  let before = '[\n';
  let empty = true;
  for (const entry of list) {
    if (hasMadeLists(entry)) {
      yield before;
      yield* safeJsonPieces(entry);
    } else yield `${before}${toSafeJson(entry)}`;
    before = ',\n';
    empty = false;
  }
  yield empty ? '[]' : '\n]';
}
