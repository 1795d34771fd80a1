import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/**
 * How much the heap may grow beyond what was in use after the last full collection, in percent. V8 would let it grow to the fourfold,
 * which triples the peak of a long run; this costs about a tenth of the time. Little of it is full collections, of which there are a hundred in a minute,
 * most of each in other threads.
 */
const GROWTH_PERCENT = 25;
/** The same in octets at least, where the program watches over it. */
const GROWTH_OCTETS = 16e6;
/**
 * Octets of bytecode that may be put into one optimised function, instead of 920. The program has many functions of which each takes a few
 * percent of the time: compiling them took a third of a run, and half of that was for calls that gain nothing by it.
 */
const INLINED_OCTETS = 300;
/**
 * Room for young objects, in megabytes: V8 begins with 1 or 2 and doubles it as need be. Nearly all objects die young, but in a small room many are moved,
 * and moved on to the old ones, before they do: with all of it at once a run takes 3 % less, and with half of it up to 10 % more.
 */
const YOUNG_MB = 16;
/** The same for threads that are started beside the first. */
const THREAD_YOUNG_MB = YOUNG_MB / 2;
/** By what that room grows at a time, where 16 MB are the most that V8 gives. */
const YOUNG_GROWTH = 8;
const WATCH_MS = 50;

interface Tuning {
  /** V8's major version, first and last. */
  readonly engines: readonly [number, number];
  readonly flags: readonly string[];
  /**
   * Whether the program has to watch its heap. V8 13 lets the room for young objects become 64 MB, V8 14 32 MB, of which there are two halves, and V8 14 adds
   * it to what the old ones may become, whatever the flag says: 12,000 sessions took 300 MB, where V8 11 takes 160.
   */
  readonly isWatched: boolean;
}

/** Measured with Node 20.20, 22.23, 24.9 and 26.10. Engines that are not listed are left as they are: V8 complains of a flag that it does not know. */
const TUNINGS: readonly Tuning[] = [
  { engines: [11, 12], flags: [`--heap-growing-percent=${GROWTH_PERCENT}`, `--semi-space-growth-factor=${YOUNG_GROWTH}`], isWatched: false },
  // Here most is compiled by Maglev, whose memory stays with the thread that compiled.
  { engines: [13, 14], flags: ['--max-maglev-inlined-bytecode-size-cumulative=100'], isWatched: true },
];

const COMMON_FLAGS = [
  `--max-inlined-bytecode-size-cumulative=${INLINED_OCTETS}`,
  // These two hold for threads that begin later.
  `--min-semi-space-size=${THREAD_YOUNG_MB}`,
  `--max-semi-space-size=${THREAD_YOUNG_MB}`,
];

/**
 * Has garbage collected early, because memory counts where the captures are, and little compiled, because it runs for seconds. To be called
 * in each thread before anything is read.
 */
export function tuneEngine(): void {
  const engine = Number.parseInt(process.versions.v8, 10);
  const tuning = TUNINGS.find(({ engines: [oldest, newest] }) => engine >= oldest && engine <= newest);
  if (!tuning) return;
  if (isMainThread) {
    for (const flag of [...COMMON_FLAGS, ...tuning.flags]) setFlagsFromString(flag);
    if (tuning.isWatched) settleYoungRoom();
  }
  if (tuning.isWatched) watchHeap();
}

/** Has the room for young objects grown once, and no more: it grows when more objects live on than it has room for. */
function settleYoungRoom(): void {
  const living: object[] = [];
  setFlagsFromString(`--semi-space-growth-factor=${Math.max(1, Math.round(YOUNG_MB / youngRoomMb()))}`);
  while (youngRoomMb() < YOUNG_MB / 2 && living.length < 500_000) for (let i = 0; i < 1000; i++) living.push({ i });
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** Keeps the heap of this thread as small as older engines do, whenever the program gives way. */
function watchHeap(): void {
  let limit = GROWTH_OCTETS;
  let collect: Collector | undefined;
  setInterval(() => {
    if (oldOctets() < limit) return;
    collect ??= exposeCollector();
    collect({ type: 'major' });
    const live = oldOctets();
    limit = Math.max(live * (1 + GROWTH_PERCENT / 100), live + GROWTH_OCTETS);
  }, WATCH_MS).unref();
}

/** One half of the room for young objects. */
function youngRoomMb(): number {
  const { used, available } = youngOctets();
  return (used + available) / 2 ** 20;
}

/** What old objects take, with the buffers that belong to objects. */
function oldOctets(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory - youngOctets().used;
}

function youngOctets(): { used: number; available: number } {
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  return { used: space?.space_used_size ?? 0, available: space?.space_available_size ?? 0 };
}

type Collector = (options: { type: 'major' }) => void;

function exposeCollector(): Collector {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collector;
}
