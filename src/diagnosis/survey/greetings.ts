import type { PeerSurvey } from '../../model/judgement.ts';
import type { CapturedSession } from '../../model/pairing.ts';
import { clientOf, networkOf, serverOf } from './places.ts';

/** Clients that are remembered; a gateway's traffic must not fill the memory. */
const MAX_CLIENTS = 20_000;

/** What servers offered and clients made of it, over all sessions: what nobody ever uses was taken away on its way. */
export class GreetingSurvey {
  readonly #tlsServers = new Set<string>();
  readonly #tlsClients = new Set<string>();
  readonly #offered = new Set<string>();
  #used = 0;
  readonly #named = new Set<string>();
  #literals = 0;

  add(session: CapturedSession, direction: 'inbound' | 'outbound' | 'unknown'): void {
    const { dialogue } = session;
    const offersTls = dialogue.capabilities.some((keyword) => keyword.toUpperCase() === 'STARTTLS');
    if (direction === 'outbound' && (offersTls || dialogue.tls)) this.#tlsServers.add(serverOf(session).ip);
    if (direction !== 'inbound') return;
    const { ip } = clientOf(session);
    const network = networkOf(ip);
    if (offersTls) this.#offered.add(network);
    if (dialogue.tls) {
      this.#used++;
      if (this.#tlsClients.size < MAX_CLIENTS) this.#tlsClients.add(ip);
    }
    if (dialogue.heloName === null || this.#named.has(network)) return;
    this.#named.add(network);
    if (isLiteralOf(dialogue.heloName, ip)) this.#literals++;
  }

  result(): Pick<PeerSurvey, 'tlsServers' | 'tlsClients' | 'starttls' | 'heloNames'> {
    return {
      tlsServers: this.#tlsServers,
      tlsClients: this.#tlsClients,
      starttls: { networks: this.#offered.size, used: this.#used },
      heloNames: { networks: this.#named.size, literals: this.#literals },
    };
  }
}

/** `[192.0.2.7]`, or the bare address, as a proxy writes that does not pass the name on. */
function isLiteralOf(name: string, ip: string): boolean {
  return name.replace(/^\[(?:IPv6:)?(.*)\]$/i, '$1') === ip;
}
