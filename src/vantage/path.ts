import type { CapturedSession, Session } from '../model/pairing.ts';
import type { Sender } from '../model/comparison.ts';
import { TCP_RST } from '../model/packet.ts';
import { otherSide, type Side } from '../model/units.ts';

/** Initial hop limits in use; a received one is one of them minus the routers passed. */
const INITIAL_TTLS: readonly number[] = [32, 64, 128, 255];

function hopsOf(ttl: number): number {
  return (INITIAL_TTLS.find((initial) => ttl <= initial) ?? 255) - ttl;
}

/** The side of the connection that speaks in this role. */
export function sideOf({ dialogue }: CapturedSession, sender: Sender): Side {
  return sender === 'client' ? dialogue.client : otherSide(dialogue.client);
}

/** The TTL that most packets of a sender have, RSTs left out (a box may have made them); null without a packet. */
export function usualTtl(session: CapturedSession, sender: Sender): number | null {
  const side = sideOf(session, sender);
  const counts = new Map<number, number>();
  for (const segment of session.connection.segments) {
    if (segment.side === side && (segment.flags & TCP_RST) === 0) counts.set(segment.ttl, (counts.get(segment.ttl) ?? 0) + 1);
  }
  let usual: number | null = null;
  for (const [ttl, count] of counts) if (usual === null || count > (counts.get(usual) ?? 0)) usual = ttl;
  return usual;
}

/** Routers between a sender and the capture point; null without a packet. A proxy on the way begins the count anew. */
export function hopsFrom(session: CapturedSession | null, sender: Sender): number | null {
  const ttl = session ? usualTtl(session, sender) : null;
  return ttl === null ? null : hopsOf(ttl);
}

/** Where points of these names stand on the way of an inbound session, for points that hop counts do not order. */
const RANKS: Readonly<Record<string, number>> = { client: 0, outside: 1, inside: 3, appliance: 4 };
const UNNAMED = 2;

/** A capture point with its view of a connection, as far as the order of points needs it. */
interface PlacedPoint {
  readonly name: string;
  readonly captured: CapturedSession | null;
}

/** Points from the SMTP client to the server: ends by their names, what is between by hop counts, else by name, else as given. */
export function orderPoints<T extends PlacedPoint>(points: readonly T[], direction: Session['direction']): T[] {
  const sign = direction === 'outbound' ? -1 : 1;
  const rankOf = ({ name }: T) => sign * (RANKS[name] ?? UNNAMED);
  const isEnd = ({ name }: T) => name === 'appliance' || (name === 'client' && direction !== 'outbound');
  const placeOf = ({ captured }: T) => {
    const [near, far] = [hopsFrom(captured, 'client'), hopsFrom(captured, 'server')];
    return near === null || far === null ? null : near - far;
  };
  return [...points].sort((a, b) => {
    if (!isEnd(a) && !isEnd(b)) {
      const [here, there] = [placeOf(a), placeOf(b)];
      if (here !== null && there !== null && here !== there) return here - there;
    }
    return rankOf(a) - rankOf(b);
  });
}

/** Whether the first view was taken nearer to the SMTP client than the second; null where TTLs do not tell. */
export function isNearerToClient(a: CapturedSession, b: CapturedSession): boolean | null {
  const differences = (['client', 'server'] as const).map((sender) => {
    const [here, there] = [hopsFrom(a, sender), hopsFrom(b, sender)];
    return here === null || there === null ? 0 : sender === 'client' ? there - here : here - there;
  });
  const sum = (differences[0] ?? 0) + (differences[1] ?? 0);
  return sum === 0 ? null : sum > 0;
}
