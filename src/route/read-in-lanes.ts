import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { mailShare, readCaptures } from '../capture/index.ts';
import { AnomalyCounter } from '../model/anomaly.ts';
import type { Depot } from '../model/octet-store.ts';
import type { CaptureSummary } from '../model/packet.ts';
import type { CapturedList } from '../model/pairing.ts';
import type { Source } from '../model/source.ts';
import { laneOf, openLog } from '../tcp/index.ts';
import { BlockStore, joinVaults, SessionVault } from '../vault/index.ts';
import { packageFile } from '../version.ts';
import type { LaneResult, LaneTask } from './lane.ts';
import { Pace } from './pace.ts';
import { VantageReader, type VantageReaderOptions } from './vantage-reader.ts';

/** More readers than these have to wait for the one that leads. */
const MOST_LANES = 4;
/** Octets of mail for which another thread pays: it compiles a program of its own before it is of use. */
const WORTH_OCTETS = 400 << 20;
/** Packed sessions of another lane that are in memory. */
const RESIDENT_OCTETS = 4 << 20;

/** In how many lanes the captures of a vantage point should be read; `threads` is what the user wants, null where that is left open. */
export async function lanesFor(sources: readonly Source[], ports: Uint8Array, threads: number | null): Promise<number> {
  const lanes = threads ?? Math.min(availableParallelism(), MOST_LANES);
  if (lanes === 1 || sources.some((source) => source.once || source.onlyInterface !== undefined)) return 1;
  if (threads !== null) return lanes;
  // What is packed is unpacked by each lane.
  const plain = sources.filter((source) => source.reread !== undefined);
  const octets = plain.reduce((sum, source) => sum + source.bytes, 0);
  const [largest] = plain.toSorted((a, b) => b.bytes - a.bytes);
  return largest && octets >= WORTH_OCTETS && octets * (await mailShare(largest, ports, lanes, laneOf)) >= WORTH_OCTETS ? lanes : 1;
}

interface LanesRead {
  readonly summaries: CaptureSummary[];
  readonly sessions: CapturedList;
}

/**
 * Reads captures in several threads: each sees all packets and follows its share of the connections. The result is that of one reader;
 * null where it would not be (limits over all connections were reached, no room for a scratch file, a thread that failed).
 */
export async function readInLanes(
  sources: readonly Source[],
  options: Omit<VantageReaderOptions, 'lane'>,
  onProgress: (octets: number) => void,
  isAborted: () => boolean,
): Promise<LanesRead | null> {
  const pace = new Pace();
  const reader = new VantageReader({ ...options, lane: 0 });
  const others = Array.from({ length: options.lanes - 1 }, (_, index) => startLane(sources, options, index + 1, pace));
  // What is noted stands only if the result does.
  const noted = sources.map((source) => ({ ...source, anomalies: new AnomalyCounter() }));
  let read = 0;
  try {
    const summaries = await readCaptures(noted, reader.sink, reader.interest, {
      goesOn: () => !isAborted() && !pace.refused && !reader.isStrained,
      onOctets: (octets) => {
        pace.lead();
        read += octets;
        onProgress(octets);
      },
      restart: () => reader.restart(),
    });
    pace.end();
    reader.finish();
    const results = reader.isStrained ? [] : await Promise.all(others.map(({ result }) => result));
    const vaults = vaultsOf(reader, results, options.depot);
    if (vaults === null) onProgress(-read);
    else noted.forEach(({ anomalies }, index) => sources[index]?.anomalies.take(anomalies));
    return vaults && { summaries, sessions: joinVaults(vaults) };
  } finally {
    pace.end();
    await Promise.all(others.map(({ worker }) => worker.terminate()));
  }
}

function startLane(
  sources: readonly Source[],
  options: Omit<VantageReaderOptions, 'lane'>,
  lane: number,
  pace: Pace,
): { worker: Worker; result: Promise<LaneResult | null> } {
  const { name, ports, ring, lanes } = options;
  const inputs = sources.map(({ path, vantage }) => ({ path, vantage }));
  const numbers = sources.map(({ input }) => input);
  const task: LaneTask = { name, inputs, numbers, ports, opensTls: ring !== null, lane, lanes, pace: pace.shared };
  const worker = new Worker(packageFile('dist/whohungup-lane.js'), {
    workerData: task,
    // The scratch file outlives the thread.
    trackUnmanagedFds: false,
  });
  const result = new Promise<LaneResult | null>((resolve) => {
    worker.once('message', resolve);
    worker.once('error', () => {
      pace.refuse();
      resolve(null);
    });
    worker.once('exit', () => resolve(null));
  });
  return { worker, result };
}

/** One vault a lane, streams numbered as one reader would; null where a lane has no result. */
function vaultsOf(reader: VantageReader, results: readonly (LaneResult | null)[], { newColumn }: Depot): SessionVault[] | null {
  const whole = results.filter((result) => result !== null);
  if (whole.length === 0 || whole.length < results.length) return null;
  const vaults = [
    reader.vault,
    ...whole.map(({ store, sessions }) => new SessionVault({ store: BlockStore.over(store, RESIDENT_OCTETS), newColumn }, openLog, sessions)),
  ];
  const numbers = numberStreams([reader.births, ...whole.map(({ births }) => births)]);
  vaults.forEach((vault, lane) => vault.renumber(numbers[lane] ?? new Uint32Array(0)));
  return vaults;
}

/** The streams of each lane by number, in the order of all births. */
function numberStreams(births: readonly Float64Array[]): Uint32Array[] {
  const numbers = births.map(({ length }) => new Uint32Array(length));
  const next = births.map(() => 0);
  for (let number = 0; ; number++) {
    let first = -1;
    let earliest = Number.POSITIVE_INFINITY;
    births.forEach((own, lane) => {
      const birth = own[next[lane] ?? 0] ?? Number.POSITIVE_INFINITY;
      if (birth < earliest) {
        earliest = birth;
        first = lane;
      }
    });
    const own = numbers[first];
    if (!own) return numbers;
    own[next[first] ?? 0] = number;
    next[first] = (next[first] ?? 0) + 1;
  }
}
