/** A small mail session as packets, in IPv4 or IPv6, that the tests of this room write down in every way. */
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_SYN } from '../../src/model/packet.ts';
import type { Captured } from '../support/captures.ts';
import { tcpOptions, tcpPacket } from '../support/packets.ts';

/** 2025-03-11 09:00:00 UTC. */
export const START_US = 1_741_683_600_000_000;

export const HOSTS = { 4: { client: '192.0.2.200', appliance: '198.51.100.25' }, 6: { client: '2001:db8::200', appliance: '2001:db8:1::25' } } as const;

/** Handshake, greeting, EHLO, a FIN without QUIT. Four hundred milliseconds apart. */
export function mailSession(family: 4 | 6 = 4, options: { readonly port?: number; readonly clientPort?: number; readonly startUs?: number } = {}): Captured[] {
  const { port = 25, clientPort = 40_025, startUs = START_US } = options;
  const { client, appliance } = HOSTS[family];
  const syn = tcpOptions({ mss: 1460, sackPermitted: true, timestamps: [1000, 0], windowScale: 7 });
  const toServer = { src: client, dst: appliance, srcPort: clientPort, dstPort: port, ttl: 57 };
  const toClient = { src: appliance, dst: client, srcPort: port, dstPort: clientPort, ttl: 64 };
  const packets = [
    tcpPacket({ ...toServer, seq: 0xfffffff0, flags: TCP_SYN, options: syn, ipId: 7, window: 64_240 }),
    tcpPacket({ ...toClient, seq: 5000, ack: 0xfffffff1, flags: TCP_SYN | TCP_ACK, options: syn, ipId: 0, window: 65_160 }),
    tcpPacket({ ...toServer, seq: 0xfffffff1, ack: 5001, options: stamp(1001, 1000), ipId: 8 }),
    tcpPacket({
      ...toClient,
      seq: 5001,
      ack: 0xfffffff1,
      flags: TCP_ACK | TCP_PSH,
      options: stamp(2000, 1001),
      payload: '220 esa.example.com ESMTP\r\n',
      tos: 0x48,
    }),
    tcpPacket({
      ...toServer,
      seq: 0xfffffff1,
      ack: 5028,
      flags: TCP_ACK | TCP_PSH,
      options: stamp(1400, 2000),
      payload: 'EHLO ns.example.com\r\n',
      dontFragment: false,
    }),
    tcpPacket({ ...toServer, seq: 6, ack: 5028, flags: TCP_FIN | TCP_ACK, options: stamp(1800, 2000) }),
  ];
  return packets.map((ip, i) => ({ ip, atUs: startUs + i * 400_000 + i }));
}

function stamp(value: number, echo: number): Uint8Array {
  return tcpOptions({ timestamps: [value, echo] });
}
