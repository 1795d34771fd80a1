import type { CapturedSession } from '../model/pairing.ts';
import type { PeerSurvey } from '../model/judgement.ts';
import { hopsOf } from './hops.ts';

/** Networks that must be told apart before "all alike" means anything, and the share that may differ. */
const MIN_NETWORKS = 10;
const MAX_ODD_SHARE = 0.05;
/** Real clients of the internet are farther away than this. */
const NEAR_HOPS = 2;
/** Handshakes and first words of this many sessions, with first words at least this slow and this many times slower. */
const MIN_TIMED = 5;
const MIN_WORD_US = 10_000;
const SLOWER = 5;

/**
 * Looks over all incoming connections: clients of unrelated networks that are all equally near and open with the same options are not
 * clients but one box that speaks for them. Network address translation alone does not do that: it leaves hop counts as they are.
 */
export function surveyPeers(sessions: readonly CapturedSession[]): PeerSurvey {
  const peers = new Map<string, { ttl: number; layout: string }>();
  let timed = 0;
  let near = 0;
  for (const { connection, dialogue } of sessions) {
    const client = dialogue.client === 0 ? connection.originator : connection.responder;
    if (!client.syn || !connection.sawSyn) continue;
    peers.set(networkOf(client.ip), { ttl: client.syn.ttl, layout: client.syn.layout });
    const greeting = dialogue.greeting?.at.atUs;
    const first = dialogue.events.find((event) => event.kind === 'command');
    if (greeting === undefined || first === undefined || connection.originatorRttUs === null) continue;
    const wordUs = first.at.atUs - greeting;
    if (wordUs < 0) continue;
    timed++;
    if (wordUs >= MIN_WORD_US && wordUs >= connection.originatorRttUs * SLOWER) near++;
  }
  const [ttl, share] = mostCommon([...peers.values()].map((peer) => peer.ttl));
  const [, layoutShare] = mostCommon([...peers.values()].map((peer) => peer.layout));
  const alike = peers.size >= MIN_NETWORKS && share >= 1 - MAX_ODD_SHARE && layoutShare >= 1 - MAX_ODD_SHARE && ttl !== null && hopsOf(ttl) <= NEAR_HOPS;
  return {
    networks: peers.size,
    oneBox: alike && ttl !== null ? { hops: hopsOf(ttl), ttl } : null,
    answersNearby: timed >= MIN_TIMED && near >= timed * (1 - MAX_ODD_SHARE),
  };
}

/** /16 in IPv4, /32 in IPv6: addresses of one are likely one organisation. */
function networkOf(ip: string): string {
  return ip.includes(':') ? ip.split(':').slice(0, 2).join(':') : ip.split('.').slice(0, 2).join('.');
}

function mostCommon<T>(values: readonly T[]): [T | null, number] {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: T | null = null;
  for (const [value, count] of counts) if (best === null || count > (counts.get(best) ?? 0)) best = value;
  return [best, best === null ? 0 : (counts.get(best) ?? 0) / values.length];
}
