import type { CapturedSession, Session } from '../model/pairing.ts';
import type { Segment } from '../model/tcp.ts';
import { APPLIANCE } from './read-vantages.ts';

/** The appliance's connections without a SYN, by server and by the wire number at which one of their sides begins. */
export class Strays {
  readonly #byStart = new Map<string, CapturedSession[]>();

  add(session: CapturedSession): void {
    const { connection } = session;
    if (connection.sawSyn || connection.vantage !== APPLIANCE) return;
    const { originator, responder } = connection;
    for (const first of firstOfEachSide(session)) {
      const base = (first.side === 0 ? originator : responder).baseSeq ?? 0;
      const key = `${serverOf(session)} ${(base + first.seq) >>> 0}`;
      const known = this.#byStart.get(key);
      if (known) known.push(session);
      else this.#byStart.set(key, [session]);
    }
  }

  /** Those that go on where a session's octets end, in order of their streams. */
  siblingsOf({ captured }: Session): readonly CapturedSession[] {
    if (!captured || this.#byStart.size === 0) return [];
    return [captured.connection.originator, captured.connection.responder].flatMap((end) => {
      const next = end.baseSeq === null ? null : (end.baseSeq + end.contiguousTo) >>> 0;
      const found = this.#byStart.get(`${serverOf(captured)} ${next}`) ?? [];
      return found.filter((stray) => stray.connection.stream !== captured.connection.stream).sort((a, b) => a.connection.stream - b.connection.stream);
    });
  }
}

function firstOfEachSide({ connection }: CapturedSession): Segment[] {
  const found: Segment[] = [];
  for (const segment of connection.segments) {
    if (!found.some((first) => first.side === segment.side)) found.push(segment);
    if (found.length === 2) break;
  }
  return found;
}

function serverOf({ connection, dialogue }: CapturedSession): string {
  const server = dialogue.client === 0 ? connection.responder : connection.originator;
  return `${server.ip} ${server.port}`;
}
