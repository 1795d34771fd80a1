import type { ReportSession, ReportStream } from '../model/report.ts';
import { TextIndex } from '../model/text-index.ts';

/**
 * A Wireshark display filter that shows the session's packets, ICMP errors that quote it included (their inner headers match the same fields).
 * Built from addresses and ports, because `tcp.stream` numbers differ from tool to tool. `bounded` adds the time span, for ports that were used again.
 * Null for a session without packets.
 */
export function displayFilter(session: Pick<ReportSession, 'streams' | 'opened' | 'ended'>, bounded: boolean): string | null {
  const tuples = [...new Set(session.streams.map(matchStream))];
  if (tuples.length === 0) return null;
  const packets = tuples.length === 1 ? (tuples[0] ?? '') : tuples.map((tuple) => `(${tuple})`).join(' || ');
  if (!bounded || session.opened === null || session.ended === null) return packets;
  const [from, to] = [epochSeconds(session.opened), epochSeconds(session.ended)];
  if (from === null || to === null) return packets;
  return `(${packets}) && frame.time_epoch >= ${from} && frame.time_epoch <= ${to}`;
}

function matchStream(stream: ReportStream): string {
  const field = stream.clientIp.includes(':') ? 'ipv6.addr' : 'ip.addr';
  return `${field} == ${stream.clientIp} && ${field} == ${stream.serverIp} && tcp.port == ${stream.clientPort} && tcp.port == ${stream.serverPort}`;
}

function epochSeconds(iso: string): string | null {
  const whole = Date.parse(`${iso.slice(0, 19)}Z`);
  if (Number.isNaN(whole)) return null;
  const fraction = /\.(\d+)Z$/.exec(iso)?.[1] ?? '0';
  return `${whole / 1000}.${fraction.padEnd(6, '0')}`;
}

/** Addresses and ports of a stream as one text, the same for both directions: sessions that share it used a port again. */
export function tupleOf(stream: ReportStream): string {
  return `${stream.clientIp} ${stream.clientPort} ${stream.serverIp} ${stream.serverPort}`;
}

/** Addresses and ports that more than one session of the report used. Of those that are used once 64 bits of hashes are held. */
export class TupleCount {
  readonly #seen = new TextIndex();
  readonly reused = new Set<string>();

  add({ streams }: ReportSession): void {
    for (const tuple of new Set(streams.map(tupleOf))) {
      const mark = secondHash(tuple);
      if (this.#seen.find(tuple).includes(mark)) this.reused.add(tuple);
      else this.#seen.add(tuple, mark);
    }
  }

  isReused({ streams }: ReportSession): boolean {
    return streams.some((stream) => this.reused.has(tupleOf(stream)));
  }
}

/** Beside the one of `TextIndex`. */
function secondHash(text: string): number {
  let hash = 5381;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 33) + text.charCodeAt(i)) | 0;
  return hash >>> 0;
}

/** The same of a list that is read once more for it. */
export function findReusedTuples(sessions: Iterable<ReportSession>): Set<string> {
  const count = new TupleCount();
  for (const session of sessions) count.add(session);
  return count.reused;
}
