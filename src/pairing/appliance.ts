import { canonicalAddress } from '../model/address.ts';
import type { CapturedSession } from '../model/pairing.ts';
import { SegmentNote } from '../model/tcp.ts';
import { MAIL_PORTS, type Site } from '../model/settings.ts';
import { ORIGINATOR, type Side } from '../model/units.ts';

/** The appliance's own addresses and how they became known. */
export interface ApplianceIdentity {
  readonly addresses: readonly string[];
  readonly basis: string;
}

/** Values that operating systems start the TTL at; a packet that still has one has passed no router (RFC 1340 and the systems in use). */
const INITIAL_TTLS: ReadonlySet<number> = new Set([32, 64, 128, 255]);
/** Segments looked at to learn the distance of a side. */
const SEGMENTS_READ = 8;
/** Connections looked at: enough to see who is common to them. */
const CONNECTIONS_READ = 5_000;
/** An address that is an end of this share of the mail connections is the one the capture was made for. */
const COMMON_SHARE = 0.9;

/** What was captured, as far as it tells who the appliance is. */
interface CapturedEnds {
  /** Whether any connection has that end. */
  hasEnd(address: string): boolean;
  readonly length: number;
  readonly sessions: Iterable<CapturedSession>;
}

/**
 * Which addresses are the appliance: given, told by the log, or the end of the connections that everything speaks for.
 * `atAppliance` says that the captures were made on it, so that its packets are the fresh ones.
 */
export function identifyAppliance(captured: CapturedEnds, told: ReadonlySet<string>, site: Site, atAppliance: boolean): ApplianceIdentity {
  if (site.applianceAddresses.length > 0) return { addresses: unique(site.applianceAddresses.map(canonicalAddress)), basis: 'given' };
  const isSeen = [...told].some((address) => captured.hasEnd(address));
  if (told.size > 0 && (isSeen || captured.length === 0)) {
    return { addresses: unique([...told]), basis: `the log names ${told.size === 1 ? 'it' : 'them'} as the address of its interfaces` };
  }
  const inferred = inferFromCapture(captured.sessions, site, atAppliance);
  if (inferred) {
    const note = told.size > 0 ? `; the log's own interface addresses (${[...told].sort().join(', ')}) are not in the capture` : '';
    return { addresses: unique([...told, inferred.address]), basis: inferred.basis + note };
  }
  return { addresses: unique([...told]), basis: told.size > 0 ? 'the log names them, but the capture does not show them' : 'unknown' };
}

/** What speaks for an address being the host on which the capture was made. */
interface Witness {
  connections: number;
  asServer: number;
  local: number;
}

function inferFromCapture(captured: Iterable<CapturedSession>, site: Site, atAppliance: boolean): { address: string; basis: string } | null {
  const ports = new Set([...MAIL_PORTS, ...site.ports]);
  const witnesses = new Map<string, Witness>();
  let total = 0;
  for (const session of captured) {
    if (total === CONNECTIONS_READ) break;
    const { connection } = session;
    total++;
    const [originatorLocal, responderLocal] = [atAppliance && isLocal(session, 0), atAppliance && isLocal(session, 1)];
    const server = ports.has(connection.responder.port) || !ports.has(connection.originator.port);
    count(witnesses, canonicalAddress(connection.originator.ip), !server, originatorLocal && !responderLocal);
    count(witnesses, canonicalAddress(connection.responder.ip), server, responderLocal && !originatorLocal);
  }
  const ranked = [...witnesses].sort(([a, x], [b, y]) => y.local - x.local || y.connections - x.connections || y.asServer - x.asServer || (a < b ? -1 : 1));
  const [first] = ranked;
  if (!first) return null;
  const [address, witness] = first;
  if (witness.local > 0) {
    return { address, basis: `its packets carry an undiminished TTL or checksums left to the network card in ${witness.local} of ${total} connections` };
  }
  const common = ranked.filter(([, { connections }]) => connections >= total * COMMON_SHARE).sort(([, x], [, y]) => y.asServer - x.asServer);
  const [best] = common;
  if (best && total > 1) return { address: best[0], basis: `it is an end of ${best[1].connections} of ${total} connections` };
  const servers = ranked.filter(([, { asServer }]) => asServer > 0).sort(([, x], [, y]) => y.asServer - x.asServer);
  const [server] = servers;
  return server ? { address: server[0], basis: 'it is the server of the captured mail connections' } : null;
}

function count(witnesses: Map<string, Witness>, address: string, server: boolean, local: boolean): void {
  let witness = witnesses.get(address);
  if (!witness) {
    witness = { connections: 0, asServer: 0, local: 0 };
    witnesses.set(address, witness);
  }
  witness.connections++;
  if (server) witness.asServer++;
  if (local) witness.local++;
}

/** Whether the packets of a side were captured before any router touched them. */
function isLocal({ connection }: CapturedSession, side: Side): boolean {
  const { segments } = connection;
  let undiminished = 0;
  let seen = 0;
  for (let i = 0; i < segments.length && seen < SEGMENTS_READ; i++) {
    const segment = segments.at(i);
    if ((segment.side === ORIGINATOR) !== (side === ORIGINATOR)) continue;
    seen++;
    if ((segment.notes & (SegmentNote.badChecksum | SegmentNote.oversized)) !== 0) return true;
    if (INITIAL_TTLS.has(segment.ttl)) undiminished++;
  }
  return seen > 0 && undiminished === seen;
}

function unique(addresses: readonly string[]): string[] {
  return [...new Set(addresses)].sort();
}
