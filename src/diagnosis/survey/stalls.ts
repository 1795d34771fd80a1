import type { PeerSurvey } from '../../model/judgement.ts';
import type { CapturedSession } from '../../model/pairing.ts';
import { clientOf, envelopeKey } from './places.ts';

/** Envelopes followed: a gateway's undeliverable mail must not fill the memory. */
const MAX_ENVELOPES = 20_000;

/** Messages that stopped short, by envelope: tries of one message that all stop at the same octet were stopped by what they contain. */
export class StallSurvey {
  readonly #stops = new Map<string, number[]>();
  readonly #passed = new Set<string>();

  add(session: CapturedSession): void {
    const { transactions } = session.dialogue;
    if (transactions.some((transaction) => transaction.outcome === 'accepted') && this.#passed.size < MAX_ENVELOPES) this.#passed.add(clientOf(session).ip);
    const last = transactions.at(-1);
    if (last?.outcome !== 'open' || last.octets === 0 || last.ended) return;
    const key = envelopeKey(session, last);
    const stops = this.#stops.get(key);
    if (stops) stops.push(last.octets);
    else if (this.#stops.size < MAX_ENVELOPES) this.#stops.set(key, [last.octets]);
  }

  result(): Pick<PeerSurvey, 'stops' | 'passed'> {
    return { stops: new Map([...this.#stops].filter(([, octets]) => octets.length > 1)), passed: this.#passed };
  }
}
