/** Conversations as whole packets, for tests that write captures to disk and read them again. */
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_SYN } from '../../src/model/packet.ts';
import type { Captured } from './captures.ts';
import { tcpPacket } from './packets.ts';

/** `C` the client says something, `S` the server; `CF` and `SF` end that side's stream. */
export type Step = readonly ['C' | 'S', string | Uint8Array] | 'CF' | 'SF';

export interface Ends {
  readonly client?: string;
  readonly server?: string;
  readonly clientPort?: number;
  readonly startUs?: number;
}

/** One connection from the handshake on, a step every 50 ms, each acknowledged at once. */
export function conversation(
  steps: readonly Step[],
  { client = '198.51.100.7', server = '192.0.2.25', clientPort = 40_000, startUs = 1_780_000_000e6 }: Ends = {},
): Captured[] {
  const packets: Captured[] = [];
  const next = { C: 1000, S: 5000 };
  let atUs = startUs;
  let ipId = 1;
  const send = (side: 'C' | 'S', flags: number, payload: string | Uint8Array = ''): void => {
    const other = side === 'C' ? 'S' : 'C';
    const ends = side === 'C' ? { src: client, dst: server, srcPort: clientPort, dstPort: 25 } : { src: server, dst: client, srcPort: 25, dstPort: clientPort };
    const ack = (flags & TCP_SYN) !== 0 && side === 'C' ? {} : { ack: next[other] };
    packets.push({ atUs, ip: tcpPacket({ ...ends, ...ack, ttl: side === 'C' ? 57 : 64, ipId: ipId++, seq: next[side], flags, payload }) });
    next[side] += payload.length + ((flags & (TCP_SYN | TCP_FIN)) === 0 ? 0 : 1);
    atUs += 1000;
  };
  send('C', TCP_SYN);
  send('S', TCP_SYN | TCP_ACK);
  send('C', TCP_ACK);
  for (const step of steps) {
    atUs += 50_000;
    const side = step[0] as 'C' | 'S';
    if (typeof step === 'string') send(side, TCP_FIN | TCP_ACK);
    else send(side, TCP_PSH | TCP_ACK, step[1]);
    send(side === 'C' ? 'S' : 'C', TCP_ACK);
  }
  return packets;
}
