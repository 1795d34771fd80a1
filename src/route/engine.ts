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
 * Room for young objects, in megabytes. Nearly all of them die young, but in the 1 MB with which it begins many are moved, and moved on to the old ones,
 * before they do: with this at once a run takes 3 % less. Twice as much is 4 % faster again, but takes 20 MB.
 */
const YOUNG_MB = 8;
const WATCH_MS = 50;

interface Tuning {
  /** V8's major version, first and last. */
  readonly engines: readonly [number, number];
  readonly flags: readonly string[];
  /**
   * Whether the program has to watch its heap. V8 13 lets the room for young objects become 64 MB, V8 14 32 MB, of which there are two halves, and V8 14 adds
   * it to what the old ones may become, whatever the flag says: 12,000 sessions took 300 MB instead of 160.
   */
  readonly isWatched: boolean;
}

/** Measured with Node 20.20, 22.23, 24.9 and 26.10. Engines that are not listed are left as they are: V8 complains of a flag that it does not know. */
const TUNINGS: readonly Tuning[] = [
  { engines: [11, 12], flags: [`--heap-growing-percent=${GROWTH_PERCENT}`], isWatched: false },
  // Here most is compiled by Maglev, whose memory stays with the thread that compiled.
  { engines: [13, 14], flags: ['--max-maglev-inlined-bytecode-size-cumulative=100'], isWatched: true },
];

const COMMON_FLAGS = [
  `--max-inlined-bytecode-size-cumulative=${INLINED_OCTETS}`,
  // These two hold for threads that begin later.
  `--min-semi-space-size=${YOUNG_MB}`,
  `--max-semi-space-size=${YOUNG_MB}`,
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
    const growth = Math.max(1, Math.floor(YOUNG_MB / youngRoomMb()));
    for (const flag of [...COMMON_FLAGS, ...tuning.flags, `--semi-space-growth-factor=${growth}`]) setFlagsFromString(flag);
  }
  if (tuning.isWatched) watchHeap();
}

/** Keeps the heap of this thread as small as older engines do, whenever the program gives way. */
function watchHeap(): void {
  let isGrown = !isMainThread;
  let limit = GROWTH_OCTETS;
  let collect: Collector | undefined;
  setInterval(() => {
    if (!isGrown && youngRoomMb() > YOUNG_MB / 2) {
      isGrown = true;
      setFlagsFromString('--semi-space-growth-factor=1');
    }
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
