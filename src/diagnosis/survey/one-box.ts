import type { PeerSurvey } from '../../model/judgement.ts';
import type { CapturedSession } from '../../model/pairing.ts';
import { hopsOf } from '../hops.ts';
import { clientOf, networkOf } from './places.ts';

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
export class OneBoxSurvey {
  readonly #peers = new Map<string, { ttl: number; layout: string }>();

  add(session: CapturedSession): void {
    const client = clientOf(session);
    if (!client.syn || !session.connection.sawSyn) return;
    this.#peers.set(networkOf(client.ip), { ttl: client.syn.ttl, layout: client.syn.layout });
  }

  result(): Pick<PeerSurvey, 'networks' | 'oneBox'> {
    const peers = [...this.#peers.values()];
    const [ttl, share] = mostCommon(peers.map((peer) => peer.ttl));
    const [, layoutShare] = mostCommon(peers.map((peer) => peer.layout));
    const alike = peers.length >= MIN_NETWORKS && share >= 1 - MAX_ODD_SHARE && layoutShare >= 1 - MAX_ODD_SHARE && ttl !== null && hopsOf(ttl) <= NEAR_HOPS;
    return { networks: peers.length, oneBox: alike && ttl !== null ? { hops: hopsOf(ttl), ttl } : null };
  }
}

/** Whether handshakes of incoming connections are answered far sooner than their first words: TCP ends nearby. */
export class RhythmSurvey {
  #timed = 0;
  #near = 0;

  add({ connection, dialogue }: CapturedSession): void {
    const client = clientOf({ connection, dialogue });
    if (!client.syn || !connection.sawSyn || connection.originatorRttUs === null) return;
    const greeting = dialogue.greeting?.at.atUs;
    const first = dialogue.events.find((event) => event.kind === 'command');
    if (greeting === undefined || first === undefined) return;
    const wordUs = first.at.atUs - greeting;
    if (wordUs < 0) return;
    this.#timed++;
    if (wordUs >= MIN_WORD_US && wordUs >= connection.originatorRttUs * SLOWER) this.#near++;
  }

  result(): boolean {
    return this.#timed >= MIN_TIMED && this.#near >= this.#timed * (1 - MAX_ODD_SHARE);
  }
}

function mostCommon<T>(values: readonly T[]): [T | null, number] {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: T | null = null;
  for (const [value, count] of counts) if (best === null || count > (counts.get(best) ?? 0)) best = value;
  return [best, best === null ? 0 : (counts.get(best) ?? 0) / values.length];
}
