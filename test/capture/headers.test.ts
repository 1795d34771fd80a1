import { describe, expect, test } from 'vitest';
import { TCP_ACK, TCP_PSH } from '../../src/model/packet.ts';
import type { Captured } from '../support/captures.ts';
import { encodePcap, ethernet, memorySource } from '../support/captures.ts';
import { fragments, icmpErrorPacket, ipPacket, tcpPacket, udpPacket } from '../support/packets.ts';
import type { TcpFields } from '../support/packets.ts';
import { read } from '../support/reading.ts';
import { HOSTS, mailSession, START_US } from './scene.ts';

const TEXT = 'MAIL FROM:<someone@example.com>\r\n';

function command(family: 4 | 6, fields: Partial<TcpFields> = {}): Uint8Array {
  const { client, appliance } = HOSTS[family];
  return tcpPacket({ src: client, dst: appliance, srcPort: 40_025, dstPort: 25, seq: 100, ack: 200, flags: TCP_ACK | TCP_PSH, payload: TEXT, ...fields });
}

function at(packets: readonly Uint8Array[], gapUs = 1000): Captured[] {
  return packets.map((ip, i) => ({ ip, atUs: START_US + i * gapUs }));
}

describe.each([4, 6] as const)('IPv%i', (family) => {
  test('padding behind the packet is no payload', async () => {
    const { segments } = await read(encodePcap(at([command(family, { payload: 'x' })]), { link: 'ethernet-padded' }));
    expect(segments).toMatchObject([{ payload: 'x', payloadLength: 1, checksumState: 1 }]);
  });

  test('what the snap length cuts off is missed, not made up', async () => {
    const whole = command(family);
    const headers = 14 + whole.length - TEXT.length;
    for (const stored of [headers, headers + 5, headers + TEXT.length - 1]) {
      const { segments, summaries, anomalies } = await read(encodePcap([{ ip: whole, atUs: START_US, captured: stored }]));
      expect(segments).toMatchObject([{ payload: TEXT.slice(0, stored - headers), payloadLength: TEXT.length, checksumState: -1, seq: 100 }]);
      expect(summaries[0]?.snapLength).toBe(stored);
      expect(anomalies).toEqual(['snap-length']);
    }
    const headless = await read(encodePcap([{ ip: whole, atUs: START_US, captured: headers - 8 }]));
    expect([headless.segments.length, headless.anomalies]).toEqual([0, ['unreadable-packet', 'snap-length']]);
  });

  test('options cut in half are given as far as they are there', async () => {
    const options = Uint8Array.from([1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]);
    const ip = command(family, { options });
    const { segments } = await read(encodePcap([{ ip, atUs: START_US, captured: 14 + ip.length - TEXT.length - 6 }]));
    expect(segments).toMatchObject([{ options: '0101080a0000', payload: '', payloadLength: TEXT.length }]);
  });

  test('a length of zero, as offload leaves it, means the whole frame', async () => {
    const payload = 'x'.repeat(4000);
    const { segments, anomalies } = await read(encodePcap(at([command(family, { totalLength: 0, payload })])));
    expect(segments).toMatchObject([{ payloadLength: 4000 }]);
    expect(anomalies).toContain('offload');
  });

  test('wrong checksums are counted, and the segment is kept', async () => {
    const { segments, anomalies } = await read(encodePcap(at([command(family, { checksum: 0x1234 }), command(family)])));
    expect(segments.map(({ checksumState }) => checksumState)).toEqual([0, 1]);
    expect(anomalies).toEqual(['bad-checksum']);
  });

  test('every length and content has its checksum verified rightly', async () => {
    const packets = Array.from({ length: 64 }, (_, i) =>
      command(family, { payload: Uint8Array.from({ length: i }, (_, j) => (j * 83 + i * 7) & 0xff), seq: 0xffffff00 + i * 4 }),
    );
    const { segments } = await read(encodePcap(at(packets)));
    expect(segments.map(({ checksumState }) => checksumState)).toEqual(packets.map(() => 1));
    const damaged = packets.map((packet) => {
      const copy = packet.slice();
      copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 0x10;
      return copy;
    });
    expect((await read(encodePcap(at(damaged)))).segments.map(({ checksumState }) => checksumState)).toEqual(packets.map(() => 0));
  });

  test('fragments are put together in any order, duplicates and strangers aside', async () => {
    const whole = command(family, { payload: TEXT.repeat(30) });
    const stranger = fragments(command(family, { payload: 'y'.repeat(500), ipId: 99 }), 256, 99);
    const pieces = fragments(whole, 256);
    for (const order of [
      pieces,
      pieces.toReversed(),
      [...pieces, ...pieces.slice(0, 1)],
      [...pieces.slice(2), ...stranger.slice(0, 1), ...pieces.slice(0, 2)],
    ]) {
      const { segments, summaries } = await read(encodePcap(at(order)));
      expect(segments).toHaveLength(1);
      expect(segments[0]).toMatchObject({ payload: TEXT.repeat(30), payloadLength: TEXT.length * 30, checksumState: 1, seq: 100, mac: '020000000001' });
      expect(summaries[0]?.contains.fragments).toBe(true);
    }
    const inOrder = await read(encodePcap(at(pieces)));
    expect(inOrder.segments[0]?.packet).toBe(pieces.length);
  });

  test('of fragments that overlap the first one stands', async () => {
    const whole = command(family, { payload: 'A'.repeat(400) });
    const other = command(family, { payload: 'B'.repeat(400) });
    const [first, second, ...rest] = fragments(whole, 128);
    const [, secondOfOther] = fragments(other, 128);
    const order = [first, second, secondOfOther, ...rest].filter((piece) => piece !== undefined);
    expect((await read(encodePcap(at(order)))).segments[0]?.payload).toBe('A'.repeat(400));
  });

  test('fragments that never become whole are told', async () => {
    const [, ...rest] = fragments(command(family, { payload: TEXT.repeat(20) }), 128);
    const { segments, anomalies } = await read(encodePcap(at([...rest, command(family)])));
    expect([segments.length, anomalies]).toEqual([1, ['unfinished-fragments']]);
    const late = await read(encodePcap(at([...rest, ...fragments(command(family, { payload: TEXT.repeat(20) }), 128).slice(0, 1)], 61_000_000)));
    expect(late.segments).toHaveLength(0);
  });

  test('a flood of unfinished fragments stays within its budget', async () => {
    const flood = Array.from({ length: 700 }, (_, i) => fragments(command(family, { payload: TEXT.repeat(20), ipId: i }), 128, i)[0]).filter(
      (piece) => piece !== undefined,
    );
    const { anomalies } = await read(encodePcap(at(flood, 10)));
    expect(anomalies).toEqual(['fragment-budget x 188', 'unfinished-fragments x 512']);
  });

  test('a fragment that the snap length cut leaves the rest unread', async () => {
    const pieces = fragments(command(family, { payload: TEXT.repeat(30) }), 256);
    const packets = at(pieces).map((packet, i) => (i === 1 ? { ...packet, captured: 100 } : packet));
    const { segments } = await read(encodePcap(packets));
    expect(segments).toMatchObject([{ payloadLength: TEXT.length * 30, checksumState: -1 }]);
    expect(segments[0]?.payload.length).toBeLessThan(310);
  });

  test('an ICMP error is kept when it quotes a mail port', async () => {
    const { client, appliance } = HOSTS[family];
    const router = family === 4 ? '203.0.113.1' : '2001:db8:ff::1';
    const [type, code] = family === 4 ? [3, 4] : [2, 0];
    const mtu = { type, code, rest: 1280 };
    const { icmp, summaries } = await read(
      encodePcap(
        at([
          command(family),
          icmpErrorPacket({ src: router, dst: client, ttl: 250, ...mtu, quoted: command(family) }),
          icmpErrorPacket({ src: router, dst: client, ...mtu, quoted: command(family), quotedOctets: 4 }),
          icmpErrorPacket({ src: router, dst: client, ...mtu, quoted: command(family, { dstPort: 443 }) }),
          icmpErrorPacket({ src: router, dst: client, ...mtu, quoted: udpPacket({ src: client, dst: appliance, srcPort: 25, dstPort: 25 }) }),
          icmpErrorPacket({ src: router, dst: client, type: family === 4 ? 8 : 128, code: 0, quoted: command(family) }),
        ]),
      ),
    );
    expect(icmp).toEqual([
      {
        input: 0,
        packet: 2,
        atUs: START_US + 1000,
        fromIp: router,
        toIp: client,
        ttl: 250,
        family,
        type,
        code,
        mtu: 1280,
        quoted: { srcIp: client, srcPort: 40_025, dstIp: appliance, dstPort: 25, seq: 100 },
      },
      expect.objectContaining({ packet: 3, quoted: expect.objectContaining({ dstPort: 25, seq: null }) }),
    ]);
    expect(summaries[0]?.contains.icmp).toBe(true);
  });
});

test('IPv4 options move the segment, IPv6 extension headers too', async () => {
  const routerAlert = Uint8Array.of(0x94, 4, 0, 0);
  const packets = [command(4, { ipOptions: routerAlert }), command(6, { extensions: [0, 60] }), command(6, { extensions: [43, 51, 60] })];
  const { segments } = await read(encodePcap(at(packets)));
  expect(segments.map(({ payload, checksumState }) => [payload, checksumState])).toEqual(packets.map(() => [TEXT, 1]));
});

test('an atomic fragment is a whole packet', async () => {
  const [atomic] = fragments(command(6), 4096);
  const { segments, summaries } = await read(encodePcap(at(atomic ? [atomic] : [])));
  expect([segments.length, summaries[0]?.contains.fragments]).toEqual([1, false]);
});

test('tunnels within tunnels are followed, but not without end', async () => {
  const { client, appliance } = HOSTS[4];
  const nested = (depth: number): Uint8Array => (depth === 0 ? command(4) : ipPacket({ src: client, dst: appliance }, 4, nested(depth - 1)));
  const { segments } = await read(encodePcap(at([nested(1), nested(4), nested(5), nested(40)])));
  expect(segments.map(({ packet }) => packet)).toEqual([1, 2]);
});

test('headers that contradict themselves are counted and passed over', async () => {
  const wrong = [
    command(4).map((octet, i) => (i === 0 ? 0x43 : octet)),
    command(4).map((octet, i) => (i === 2 || i === 3 ? (i === 3 ? 19 : 0) : octet)),
    command(4).map((octet, i) => (i === 32 ? 0x40 : octet)),
    command(6).map((octet, i) => (i === 52 ? 0x40 : octet)),
    command(4).subarray(0, 19),
  ];
  const { segments, anomalies } = await read(encodePcap(at([...wrong, command(4)])));
  expect([segments.length, anomalies]).toEqual([1, ['unreadable-packet x 5']]);
});

describe('what a file contains', () => {
  const elsewhere = { src: HOSTS[4].client, dst: '203.0.113.80', srcPort: 50_000 };

  test('mail alone, as behind a filter for port and host', async () => {
    const { summaries } = await read(encodePcap(mailSession()));
    expect(summaries[0]?.contains).toEqual({
      icmp: false,
      fragments: false,
      udp: false,
      otherPorts: false,
      arp: false,
      commonAddress: HOSTS[4].appliance,
      onlyPair: true,
      interfaces: 1,
    });
  });

  test('other traffic shows up', async () => {
    const arp = ethernet(0x0806, new Uint8Array(28));
    const others = [tcpPacket({ ...elsewhere, dstPort: 443 }), udpPacket({ ...elsewhere, dstPort: 53 })].map((ip, i) => ({ ip, atUs: START_US + 9e6 + i }));
    const { summaries, segments } = await read(encodePcap([...mailSession(), ...others, { frame: arp, atUs: START_US + 10e6 }]));
    expect(segments).toHaveLength(6);
    expect(summaries[0]?.contains).toMatchObject({ udp: true, otherPorts: true, arp: true, commonAddress: HOSTS[4].client, onlyPair: false });
    const both = await read(encodePcap([...mailSession(), ...mailSession(6, { startUs: START_US + 9e6 })]));
    expect(both.summaries[0]?.contains).toMatchObject({ commonAddress: null, onlyPair: false });
  });
});

test('segments reach the sink with the number of their input', async () => {
  const { segments } = await read([memorySource(encodePcap(mailSession()), { input: 4 })]);
  expect(segments.map(({ input }) => input)).toEqual([4, 4, 4, 4, 4, 4]);
});
