import { readCaptures } from '../capture/index.ts';
import type { CaptureContext } from '../model/judgement.ts';
import type { OctetStore } from '../model/octet-store.ts';
import type { CaptureSummary, Interest } from '../model/packet.ts';
import type { CapturedList } from '../model/pairing.ts';
import { MAIL_PORTS } from '../model/settings.ts';
import type { DialogueFollower } from '../model/smtp.ts';
import type { Source } from '../model/source.ts';
import type { TcpConnection } from '../model/tcp.ts';
import { followDialogue } from '../smtp/index.ts';
import { type KeyRing, tlsFollowers } from '../tls/index.ts';
import { openLog, trackConnections, type ConnectionTracker } from '../tcp/index.ts';
import { SessionVault } from '../vault/index.ts';
import { takeKeyLog } from './read-keys.ts';

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

/** Reads all captures, one vantage point after the other; the appliance's comes first. */
export async function readVantages(
  sources: readonly Source[],
  ports: Uint8Array,
  store: OctetStore,
  ring: KeyRing | null,
  onProgress: (octets: number) => void,
  signal?: AbortSignal,
): Promise<Vantage[]> {
  const names = new Set(sources.filter((source) => source.kind === 'capture').map((source) => source.vantage ?? APPLIANCE));
  const ordered = [...names].sort((a, b) => Number(b === APPLIANCE) - Number(a === APPLIANCE) || a.localeCompare(b));
  const vantages: Vantage[] = [];
  for (const name of ordered) {
    const own = sources.filter((source) => source.kind === 'capture' && (source.vantage ?? APPLIANCE) === name);
    vantages.push(await readVantage(name, own, ports, store, ring, onProgress, signal));
  }
  return vantages;
}

async function readVantage(
  name: string,
  sources: readonly Source[],
  ports: Uint8Array,
  store: OctetStore,
  ring: KeyRing | null,
  onProgress: (octets: number) => void,
  signal?: AbortSignal,
): Promise<Vantage> {
  const openTls = tlsFollowers(ring);
  let vault = new SessionVault(store, openLog);
  let attempts = 0;
  const startTracker = (): ConnectionTracker => {
    vault = new SessionVault(store, openLog);
    attempts = 0;
    return trackConnections({
      vantage: name,
      store,
      serverPorts: ports,
      openStream: (info) => followDialogue({ clientSide: info.sawSyn ? 0 : null, serverPort: info.responderPort, openTls }),
      countAttempt: () => {
        if (attempts < ATTEMPTS_LISTED) return false;
        attempts++;
        return true;
      },
      onConnection: (connection, stream) => {
        if (isUnanswered(connection) && ++attempts > ATTEMPTS_LISTED) return;
        const dialogue = (stream as DialogueFollower).finish();
        if (dialogue.isSmtp || ports[connection.responder.port] === 1) {
          vault.keep(connection, dialogue);
        }
      },
    });
  };
  let tracker = startTracker();
  const interest: Interest = {
    ports,
    smtpElsewhere: (port) => {
      ports[port] = 1;
    },
    keyLog: (octets) => ring !== null && takeKeyLog(octets, ring.secrets),
  };
  const sink = {
    segment: (view: Parameters<ConnectionTracker['segment']>[0]) => tracker.segment(view),
    icmp: (error: Parameters<ConnectionTracker['icmp']>[0]) => tracker.icmp(error),
  };
  const summaries = await readCaptures(sources, sink, interest, {
    onOctets: onProgress,
    ...(signal ? { signal } : {}),
    restart: () => {
      tracker = startTracker();
      return sink;
    },
  });
  tracker.finish();
  return { name, sources, summaries, sessions: vault.list(), unlisted: Math.max(0, attempts - ATTEMPTS_LISTED), context: contextOf(summaries) };
}

/** A flood of SYNs must not become a report of millions of sessions. */
const ATTEMPTS_LISTED = 20_000;

function isUnanswered({ sawSyn, bothDirections, originator, icmp }: TcpConnection): boolean {
  return sawSyn && !bothDirections && originator.octets === 0 && originator.state === 'syn-sent' && icmp.length === 0;
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
