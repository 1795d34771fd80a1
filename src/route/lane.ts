import type { AnalyzeInput } from '../model/analysis.ts';
import { readCaptures } from '../capture/index.ts';
import { openSources } from '../source/index.ts';
import { RsaKeys, Secrets } from '../tls/index.ts';
import { ScratchDepot, type WrittenSessions, type WrittenStore } from '../vault/index.ts';
import { Pace } from './pace.ts';
import { VantageReader } from './vantage-reader.ts';

/** Packed sessions that a lane holds in memory; the rest of them is in its scratch file, in which all of them are at the end. */
const RESIDENT_OCTETS = 2 << 20;

/** What a lane in another thread is to read. */
export interface LaneTask {
  readonly name: string;
  /** Files, each of which is one source. */
  readonly inputs: readonly AnalyzeInput[];
  /** The sources' indexes in the report. */
  readonly numbers: readonly number[];
  readonly ports: Uint8Array;
  /** Whether keys that captures hold open TLS. */
  readonly opensTls: boolean;
  readonly lane: number;
  readonly lanes: number;
  readonly pace: SharedArrayBuffer;
}

/** What it found. */
export interface LaneResult {
  readonly store: WrittenStore;
  readonly sessions: WrittenSessions;
  readonly births: Float64Array;
}

/** Reads the captures of one vantage point behind the thread that leads, following the lane's connections only; null where another lane could not tell the same. */
export async function readLane(task: LaneTask): Promise<LaneResult | null> {
  const pace = new Pace(task.pace);
  const { sources } = await openSources(task.inputs);
  if (sources.length !== task.numbers.length) return null;
  const depot = new ScratchDepot(RESIDENT_OCTETS);
  const ring = task.opensTls ? { secrets: new Secrets(), rsa: new RsaKeys([]) } : null;
  const reader = new VantageReader({ ...task, depot, ring });
  let chunks = 0;
  await readCaptures(
    sources.map((source, index) => ({ ...source, input: task.numbers[index] ?? 0 })),
    reader.sink,
    reader.interest,
    {
      goesOn: () => !reader.isStrained && pace.mayFollow(chunks),
      onOctets: () => {
        chunks++;
      },
      restart: () => reader.restart(),
    },
  );
  reader.finish();
  const sessions = reader.isStrained ? null : reader.vault.written();
  const written = depot.store.writeOut();
  return sessions && written && { store: written, sessions, births: reader.births };
}
