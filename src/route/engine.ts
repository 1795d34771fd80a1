import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/**
 * How much the heap may grow beyond what was in use after the last full collection, in percent. V8 would let it grow to the fourfold,
 * which triples the peak of a long run; this costs about a tenth of the time. Little of it is full collections, of which there are a hundred in a minute,
 * most of each in other threads.
 */
const GROWTH_PERCENT = 25;
/**
 * Octets of bytecode that may be put into one optimised function, instead of 920. The program has many functions of which each takes a few
 * percent of the time: compiling them took a third of a run, and half of that was for calls that gain nothing by it.
 */
const INLINED_OCTETS = 300;

/**
 * Room for young objects, in octets. Nearly all of them die young, but in the 1 MB with which it begins many are moved, and moved on to the old ones,
 * before they do. V8 11 and 12 would double it step by step to this; with all of it at once a run takes 3 % less, in the same memory.
 */
const YOUNG_OCTETS = 16 * 2 ** 20;
/** What old objects may grow by at least before they are collected, in octets. */
const OLD_STEP_OCTETS = 16e6;

/** The same for threads that are started beside the first, in megabytes. */
const THREAD_YOUNG_MB = 8;

interface Tuning {
  /** V8's major version, first and last. */
  readonly engines: readonly [number, number];
  /**
   * Whether the program has to watch its heap. V8 13 lets the room for young objects become four times as large, V8 14 twice, and it adds that room to what
   * the old ones may become, whatever the flag says: 12,000 sessions took 300 MB instead of 160.
   */
  readonly isWatched: boolean;
  readonly flags: readonly string[];
}

/** Measured with Node 20.20, 22.23, 24.9 and 26.10. Engines that are not listed are left as they are: V8 complains of a flag that it does not know. */
const TUNINGS: readonly Tuning[] = [
  { engines: [11, 12], isWatched: false, flags: [`--heap-growing-percent=${GROWTH_PERCENT}`] },
  // Here most is compiled by Maglev, whose memory stays with the thread that compiled.
  { engines: [13, 14], isWatched: true, flags: ['--max-maglev-inlined-bytecode-size-cumulative=100'] },
];

const COMMON_FLAGS = [
  `--max-inlined-bytecode-size-cumulative=${INLINED_OCTETS}`,
  // These hold for threads that begin later.
  `--min-semi-space-size=${THREAD_YOUNG_MB}`,
  `--max-semi-space-size=${THREAD_YOUNG_MB}`,
];
const WATCH_MS = 50;
const NOT_OLD = new Set(['new_space', 'read_only_space', 'shared_space', 'shared_large_object_space', 'shared_trusted_space']);

function tuningOf(version: string): Tuning | undefined {
  const engine = Number.parseInt(version, 10);
  return TUNINGS.find(({ engines: [oldest, newest] }) => engine >= oldest && engine <= newest);
}

/**
 * Has garbage collected early, because memory counts where the captures are, and little compiled, because it runs for seconds. To be called
 * in each thread before anything is read.
 */
export function tuneEngine(): void {
  const tuning = tuningOf(process.versions.v8);
  if (!tuning) return;
  if (isMainThread) {
    const growth = Math.max(1, Math.floor(YOUNG_OCTETS / heapOctets().room));
    for (const flag of [...COMMON_FLAGS, ...tuning.flags, `--semi-space-growth-factor=${growth}`]) setFlagsFromString(flag);
  }
  if (tuning.isWatched) watchHeap();
}

/** Keeps the heap of this thread as small as older engines do, whenever the program gives way. */
function watchHeap(): void {
  let isGrown = !isMainThread;
  let limit = OLD_STEP_OCTETS;
  let collect: ((options: { type: 'major' }) => void) | undefined;
  setInterval(() => {
    const { room, old } = heapOctets();
    if (!isGrown && room > YOUNG_OCTETS / 2) {
      isGrown = true;
      setFlagsFromString('--semi-space-growth-factor=1');
    }
    if (old < limit) return;
    collect ??= exposeCollector();
    collect({ type: 'major' });
    const live = heapOctets().old;
    limit = Math.max(live * (1 + GROWTH_PERCENT / 100), live + OLD_STEP_OCTETS);
  }, WATCH_MS).unref();
}

/** Room for young objects, and what old ones take. */
function heapOctets(): { room: number; old: number } {
  let room = 0;
  let old = 0;
  for (const { space_name, space_available_size, space_used_size } of getHeapSpaceStatistics()) {
    if (space_name === 'new_space') room = space_used_size + space_available_size;
    else if (!NOT_OLD.has(space_name)) old += space_used_size;
  }
  return { room, old };
}

function exposeCollector(): (options: { type: 'major' }) => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as (options: { type: 'major' }) => void;
}
