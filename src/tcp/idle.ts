import type { OctetStore } from '../model/octet-store.ts';
import { TCP_FIN, TCP_RST, TCP_SYN } from '../model/packet.ts';
import { type Segment, SegmentNote } from '../model/tcp.ts';
import type { EpochUs } from '../model/units.ts';
import type { TcpBudget } from './budget.ts';
import type { Connection } from './connection.ts';
import type { Reassembly } from './reassembly.ts';

const NEVER_OCTETS = TCP_SYN | TCP_FIN | TCP_RST;

/**
 * Puts away what open connections hold that say nothing: the rows of their segments, and, where all octets were handed on as they came, these octets
 * and what their sink made of them. When such a connection speaks again, a new sink is told the same as the one before.
 */
export class IdleConnections {
  readonly #budget: TcpBudget;
  readonly #store: OctetStore;
  readonly #reassembly: Reassembly;

  constructor(budget: TcpBudget, store: OctetStore, reassembly: Reassembly) {
    this.#budget = budget;
    this.#store = store;
    this.#reassembly = reassembly;
  }

  /** Each time it takes twice as long until a connection counts as idle, so that one which speaks now and then is seldom told again. */
  isIdle(connection: Connection, nowUs: EpochUs): boolean {
    return !connection.over && connection.heardAt < 0 && nowUs - connection.lastUs > this.#budget.idleUs * 2 ** connection.rests;
  }

  rest(connection: Connection): void {
    connection.rests++;
    const { sink } = connection;
    if (sink?.rest && heardAsSent(connection) && this.#reassembly.keepsAll(connection) && sink.rest())
      connection.heardAt = this.#store.keep(this.#reassembly.withdraw(connection));
    connection.rows.rest();
  }

  rouse(connection: Connection): void {
    const { heardAt } = connection;
    if (heardAt < 0) return;
    const heard = heardAsSent(connection);
    const place = this.#store.placeOf(heardAt);
    const octets = new Uint8Array(this.#store.blockOf(heardAt).subarray(place, place + connection.halves[0].octets + connection.halves[1].octets));
    connection.heardAt = -1;
    connection.sink = null;
    if (heard) this.#reassembly.tellAgain(connection, heard, octets);
  }
}

/**
 * The segments whose octets were handed on, each when it came; null where anything else was handed on or may be when the connection is sealed,
 * or where the beginnings of the stream were told otherwise than now.
 */
function heardAsSent(connection: Connection): Segment[] | null {
  const { halves, sawSyn, originatorBasis, gaps } = connection;
  if (sawSyn !== (originatorBasis === 'syn') || gaps.length > 0) return null;
  if (halves.some((half) => half.held !== null || half.fin !== null || half.unseenAck !== null || half.muted)) return null;
  const reached: [number, number] = [1, 1];
  const heard: Segment[] = [];
  for (const segment of connection.rows.segments()) {
    const { side, seq, length, flags, notes } = segment;
    if (length === 0 || seq + length <= reached[side]) continue;
    if (flags & NEVER_OCTETS || notes & SegmentNote.keepAlive || seq !== reached[side]) return null;
    reached[side] += length;
    heard.push(segment);
  }
  const isAll = halves.every(({ octets, contiguousTo, sentTo }, direction) => {
    const end = reached[direction] ?? 1;
    return octets === end - 1 && sentTo <= contiguousTo && (octets === 0 || contiguousTo === end);
  });
  return isAll ? heard : null;
}
