import type { PeerSurvey } from '../../model/judgement.ts';
import type { CapturedSession } from '../../model/pairing.ts';
import { isRst } from '../case.ts';
import { clientOf, networkOf } from './places.ts';

/** RSTs that came over another number of hops than their client's packets, by that number: one box near the appliance looks the same to all. */
export class ForeignResetSurvey {
  readonly #networks = new Map<number, Set<string>>();

  add(session: CapturedSession): void {
    const client = clientOf(session);
    if (client.rsts.length === 0) return;
    const side = session.dialogue.client;
    const ttls = new Set<number>();
    for (const segment of session.connection.segments) {
      if (segment.side !== side) continue;
      if (!isRst(segment)) ttls.add(segment.ttl);
      else if (ttls.size > 0 && !ttls.has(segment.ttl)) this.#count(segment.ttl, networkOf(client.ip));
    }
  }

  #count(ttl: number, network: string): void {
    const networks = this.#networks.get(ttl);
    if (networks) networks.add(network);
    else this.#networks.set(ttl, new Set([network]));
  }

  result(): Pick<PeerSurvey, 'foreignResets'> {
    return { foreignResets: new Map([...this.#networks].map(([ttl, networks]) => [ttl, networks.size])) };
  }
}
