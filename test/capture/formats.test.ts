import { describe, expect, test } from 'vitest';
import { CAPTURE_FORMATS, LINK_TYPES } from '../../src/capture/index.ts';
import { encodePcap, encodePcapng, FORMATS, LINK_NAMES, LINKS, memorySource, pcapngBlock } from '../support/captures.ts';
import type { Captured } from '../support/captures.ts';
import { concat, tcpPacket } from '../support/packets.ts';
import type { SeenSegment } from '../support/reading.ts';
import { read } from '../support/reading.ts';
import { HOSTS, mailSession, START_US } from './scene.ts';

/** What must not depend on how the packets were written down. */
function essence(segments: readonly SeenSegment[]): unknown[] {
  return segments.map(({ vlan: _vlan, mac: _mac, ...rest }) => rest);
}

describe.each([4, 6] as const)('a mail session over IPv%i', (family) => {
  test('is described field by field', async () => {
    const { segments, summaries, anomalies } = await read(encodePcap(mailSession(family)));
    const { client, appliance } = HOSTS[family];
    expect(segments).toHaveLength(6);
    expect(segments[0]).toEqual({
      input: 0,
      packet: 1,
      atUs: START_US,
      src: client,
      dst: appliance,
      srcPort: 40_025,
      dstPort: 25,
      seq: 0xfffffff0,
      ack: 0,
      flags: 2,
      window: 64_240,
      ttl: 57,
      ipId: family === 4 ? 7 : -1,
      dontFragment: family === 4,
      tos: 0,
      options: '020405b40402080a000003e80000000001030307',
      payload: '',
      payloadLength: 0,
      checksumState: 1,
      vlan: -1,
      mac: '020000000001',
      interfaceId: 0,
    });
    expect(segments[3]).toMatchObject({
      src: appliance,
      payload: '220 esa.example.com ESMTP\r\n',
      payloadLength: 27,
      tos: 0x48,
      atUs: START_US + 1_200_003,
      checksumState: 1,
    });
    expect(segments[5]).toMatchObject({ packet: 6, flags: 0x11, seq: 6 });
    expect(summaries[0]).toMatchObject({
      packets: 6,
      segments: 6,
      firstUs: START_US,
      lastUs: START_US + 2_000_005,
      linkTypes: ['ethernet'],
      snapLength: null,
      reportedDrops: null,
    });
    expect(anomalies).toEqual([]);
  });

  test.each(Object.keys(FORMATS))('reads the same as %s', async (name) => {
    const expected = essence((await read(encodePcap(mailSession(family)))).segments);
    const encode = FORMATS[name];
    const { segments, summaries, anomalies } = await read(encode?.(mailSession(family)) ?? new Uint8Array(0));
    // Custom blocks have a number of their own in Wireshark's list.
    const numbered = name === 'pcapng with other blocks' ? segments.map((segment) => ({ ...segment, packet: segment.packet / 2 })) : segments;
    expect(essence(numbered)).toEqual(expected);
    expect(summaries[0]?.packets).toBe(6);
    expect(anomalies).toEqual([]);
  });

  test.each(LINK_NAMES)('reads the same over %s', async (link) => {
    const expected = essence((await read(encodePcap(mailSession(family)))).segments);
    for (const content of [encodePcap(mailSession(family), { link }), encodePcapng(mailSession(family), { link, little: false })]) {
      const { segments, summaries, anomalies } = await read(content);
      expect(essence(segments)).toEqual(expected);
      expect(summaries[0]?.linkTypes).toHaveLength(1);
      expect(anomalies.filter((kind) => !kind.startsWith('tunnel'))).toEqual([]);
    }
  });
});

test('the tags and addresses of the link are told', async () => {
  const tagged = await read(encodePcap(mailSession(), { link: 'ethernet-qinq' }));
  expect(tagged.segments[0]).toMatchObject({ vlan: 100, mac: '020000000001' });
  const cooked = await read(encodePcap(mailSession(), { link: 'sll' }));
  expect(cooked.segments[0]).toMatchObject({ vlan: -1, mac: '020000000001' });
  expect((await read(encodePcap(mailSession(), { link: 'raw' }))).segments[0]).toMatchObject({ mac: null });
});

test('a tunnel is noted', async () => {
  expect((await read(encodePcap(mailSession(), { link: 'vxlan' }))).anomalies).toEqual(['tunnel x 6']);
});

test('every link type of the test encoders is in the table, and no number twice', () => {
  const numbers = LINK_TYPES.flatMap((link) => link.numbers);
  for (const { number } of Object.values(LINKS)) expect(numbers).toContain(number);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(CAPTURE_FORMATS.map(({ name }) => name)).toEqual(['pcap', 'pcapng']);
});

test('link types for one IP version need no further sign', async () => {
  for (const [family, linkNumber] of [
    [4, 228],
    [6, 229],
  ] as const) {
    expect((await read(encodePcap(mailSession(family), { link: 'raw', linkNumber }))).segments).toHaveLength(6);
  }
});

test('an unknown link type is said, its packets are counted', async () => {
  const { segments, summaries, anomalies } = await read(encodePcap(mailSession(), { linkNumber: 147 }));
  expect([segments.length, summaries[0]?.packets, summaries[0]?.linkTypes, anomalies]).toEqual([0, 6, ['link type 147'], ['unknown-link-type']]);
});

test('record headers longer than the magic number promises are recognised', async () => {
  const content = encodePcap(mailSession(), { variant: 'modified' });
  new DataView(content.buffer).setUint32(0, 0xa1b2c3d4, true);
  expect((await read(content)).segments).toHaveLength(6);
  const plain = encodePcap(mailSession());
  new DataView(plain.buffer).setUint32(0, 0xa1b2cd34, true);
  expect((await read(plain)).segments).toHaveLength(6);
});

test('files from before version 2.4 have their lengths the other way round', async () => {
  const { segments, summaries, anomalies } = await read(
    encodePcap(
      mailSession().map((packet) => ({ ...packet, captured: 60 })),
      { variant: 'swapped' },
    ),
  );
  expect(segments).toHaveLength(6);
  expect(summaries[0]).toMatchObject({ packets: 6, snapLength: 60 });
  expect(anomalies).toEqual(['snap-length x 6']);
});

test('nanoseconds and powers of two keep their fractions', async () => {
  const packets = mailSession().map((packet) => ({ ...packet, atUs: packet.atUs + 0.25 }));
  expect((await read(encodePcap(packets, { nanoseconds: true }))).segments[0]?.atUs).toBe(START_US + 0.25);
  expect((await read(encodePcapng(packets, { resolution: 9 }))).segments[0]?.atUs).toBe(START_US + 0.25);
  expect((await read(encodePcapng(packets, { resolution: 0x94 }))).segments[1]?.atUs).toBeCloseTo(START_US + 400_001.25, -1);
  expect((await read(encodePcapng(packets, { resolution: 3 }))).segments[1]?.atUs).toBe(START_US + 400_000);
});

test('sections and interfaces of a pcapng file each have their own byte order, link and clock', async () => {
  const all = mailSession();
  const content = concat(
    encodePcapng(all.slice(0, 2), { resolution: 9, comment: 'first part', interfaces: 2 }),
    encodePcapng(
      all.slice(2, 4).map((packet) => ({ ...packet, interfaceId: 1, comment: 'look here' })),
      { little: false, link: 'sll', interfaces: 2 },
    ),
    encodePcapng(all.slice(4), { link: 'raw', offsetSeconds: -7200, drops: 3 }),
  );
  const { segments, summaries, anomalies } = await read(content);
  expect(segments.map(({ atUs }) => atUs)).toEqual(all.map(({ atUs }) => atUs));
  expect(segments.map(({ interfaceId }) => interfaceId)).toEqual([0, 0, 3, 3, 4, 4]);
  expect(summaries[0]).toMatchObject({
    packets: 6,
    linkTypes: ['ethernet', 'linux-sll', 'raw'],
    reportedDrops: 3,
    comments: ['first part', 'look here', 'look here'],
    contains: { interfaces: 3 },
  });
  expect(anomalies).toEqual(['capture-drops x 3']);
});

test('simple packet blocks take the time of the packet before', async () => {
  const [first, second, ...others] = mailSession();
  const packets = [first, second].filter((packet): packet is Captured => packet !== undefined);
  const simple = encodePcapng(others, { block: 'simple' });
  // The second section's own headers are left out: its blocks go on in the first one.
  const blocksAt = encodePcapng([], { block: 'simple' }).length;
  const { segments } = await read(concat(encodePcapng(packets), simple.subarray(blocksAt)));
  expect(segments.map(({ atUs }) => atUs - START_US)).toEqual([0, 400_001, 400_001, 400_001, 400_001, 400_001]);
  const timeless = await read(simple);
  expect(timeless.segments).toHaveLength(4);
  expect(timeless.summaries[0]).toMatchObject({ packets: 4, firstUs: null, lastUs: null });
});

/** An obsolete packet block that says how many packets were dropped before it. */
function obsoleteBlock(drops: number): Uint8Array {
  const [packet] = mailSession();
  const whole = encodePcapng(packet ? [packet] : [], { block: 'obsolete' });
  const body = whole.slice(encodePcapng([]).length + 8, -4);
  new DataView(body.buffer).setUint16(2, drops, true);
  return pcapngBlock(2, body);
}

test('drops told packet by packet are added up', async () => {
  expect((await read(concat(encodePcapng([]), obsoleteBlock(2), obsoleteBlock(0xffff), obsoleteBlock(5)))).summaries[0]?.reportedDrops).toBe(7);
});

test('several captures joined by cat are read on, in either format and byte order', async () => {
  const all = mailSession();
  const content = concat(
    encodePcap([]),
    encodePcap(all.slice(0, 2)),
    encodePcap(all.slice(2, 3), { little: false, nanoseconds: true, link: 'sll' }),
    encodePcapng(all.slice(3, 5), { little: false }),
    encodePcap(all.slice(5), { link: 'raw' }),
  );
  const { segments, summaries, anomalies } = await read(content);
  expect(segments.map(({ packet }) => packet)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(segments.map(({ atUs }) => atUs)).toEqual(all.map(({ atUs }) => atUs));
  expect(summaries[0]?.linkTypes).toEqual(['ethernet', 'linux-sll', 'raw']);
  expect(anomalies).toEqual(['concatenated x 4']);
});

test('a record longer than all buffers is read', async () => {
  const { client, appliance } = HOSTS[4];
  const large = tcpPacket({ src: client, dst: appliance, srcPort: 40_025, dstPort: 25, payload: 'x'.repeat(65_000) });
  const frame = concat(new Uint8Array(12), Uint8Array.of(8, 0), large, new Uint8Array(150_000));
  const packets = [...mailSession().slice(0, 3), { atUs: START_US + 900_000, frame }, ...mailSession().slice(3)];
  for (const chunk of [1000, 70_000, 1_000_000]) {
    const { segments } = await read([memorySource(encodePcap(packets), { chunk })]);
    expect(segments).toHaveLength(7);
    expect(segments[3]).toMatchObject({ payloadLength: 65_000, checksumState: 1 });
  }
});
