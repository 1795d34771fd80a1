import { readCaptures } from '../capture/index.ts';
import type { CaptureContext } from '../model/judgement.ts';
import type { Depot } from '../model/octet-store.ts';
import type { CaptureSummary } from '../model/packet.ts';
import type { CapturedList } from '../model/pairing.ts';
import { MAIL_PORTS } from '../model/settings.ts';
import type { Source } from '../model/source.ts';
import { holdsKeys, type KeyRing } from '../tls/index.ts';
import { joinVaults } from '../vault/index.ts';
import { lanesFor, readInLanes } from './read-in-lanes.ts';
import { VantageReader } from './vantage-reader.ts';

/** One vantage point: its captures read, its connections sealed, its dialogues followed. */
export interface Vantage {
  readonly name: string;
  readonly sources: readonly Source[];
  readonly summaries: readonly CaptureSummary[];
  readonly sessions: CapturedList;
  /** Attempts to connect that nobody answered, beyond those that are in `sessions`. */
  readonly unlisted: number;
  /** Null when its captures hold no packet at all. */
  readonly context: CaptureContext | null;
}

export const APPLIANCE = 'appliance';

/** A capture without packets: nothing of the mail traffic reached its point, or it never ran. */
export const EMPTY_CONTEXT: CaptureContext = {
  firstUs: 0,
  lastUs: 0,
  reportedDrops: 0,
  snapLength: null,
};

/** Ports on which mail may be spoken: the known ones, those that the user names, and those that the log's deliveries name. */
export function mailPorts(given: readonly number[], logged: readonly (number | null)[]): Uint8Array {
  const ports = new Uint8Array(65_536);
  for (const port of [...MAIL_PORTS, ...given, ...logged]) if (port !== null && port > 0 && port < 65_536) ports[port] = 1;
  return ports;
}

/** How captures are read. */
export interface ReadingOptions {
  /** Of mail; those that turn out to be are marked as well. */
  readonly ports: Uint8Array;
  readonly depot: Depot;
  readonly ring: KeyRing | null;
  /** Threads that read the captures of one vantage point; null: as many as pay. */
  readonly threads: number | null;
  readonly onProgress: (octets: number) => void;
  readonly isAborted: () => boolean;
}

/** Reads all captures, one vantage point after the other; the appliance's comes first. */
export async function readVantages(sources: readonly Source[], options: ReadingOptions): Promise<Vantage[]> {
  const names = new Set(sources.filter((source) => source.kind === 'capture').map((source) => source.vantage ?? APPLIANCE));
  const ordered = [...names].sort((a, b) => Number(b === APPLIANCE) - Number(a === APPLIANCE) || a.localeCompare(b));
  const vantages: Vantage[] = [];
  for (const name of ordered) {
    const own = sources.filter((source) => source.kind === 'capture' && (source.vantage ?? APPLIANCE) === name);
    const { summaries, sessions, unlisted } = await readVantage(name, own, options);
    vantages.push({ name, sources: own, summaries, sessions, unlisted, context: contextOf(summaries) });
  }
  return vantages;
}

async function readVantage(name: string, sources: readonly Source[], options: ReadingOptions): Promise<Pick<Vantage, 'summaries' | 'sessions' | 'unlisted'>> {
  const { ports, depot, ring, onProgress, isAborted } = options;
  // Keys that were given are not handed to other threads.
  const lanes = holdsKeys(ring) ? 1 : await lanesFor(sources, ports, options.threads);
  const together = lanes === 1 ? null : await readInLanes(sources, { name, ports, depot, ring, lanes }, onProgress, isAborted);
  if (together) return { ...together, unlisted: 0 };
  const reader = new VantageReader({ name, ports, depot, ring, lane: 0, lanes: 1 });
  const summaries = await readCaptures(sources, reader.sink, reader.interest, {
    onOctets: onProgress,
    goesOn: () => !isAborted(),
    restart: () => reader.restart(),
  });
  reader.finish();
  return { summaries, sessions: joinVaults([reader.vault]), unlisted: reader.unlisted };
}

function contextOf(summaries: readonly CaptureSummary[]): CaptureContext | null {
  const firsts = summaries.flatMap((summary) => summary.firstUs ?? []);
  const lasts = summaries.flatMap((summary) => summary.lastUs ?? []);
  if (firsts.length === 0 || lasts.length === 0) return null;
  const snapLengths = summaries.flatMap((summary) => summary.snapLength ?? []);
  return {
    firstUs: Math.min(...firsts),
    lastUs: Math.max(...lasts),
    reportedDrops: summaries.reduce((sum, summary) => sum + (summary.reportedDrops ?? 0), 0),
    snapLength: snapLengths.length > 0 ? Math.min(...snapLengths) : null,
  };
}
