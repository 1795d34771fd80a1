import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodePcap, encodePcapng, FORMATS, memorySource, pcapRecord } from '../support/captures.ts';
import { concat } from '../support/packets.ts';
import { read } from '../support/reading.ts';
import { mailSession, START_US } from './scene.ts';

/** Four sessions one after the other: 24 packets. */
const PACKETS = [0, 1, 2, 3].flatMap((i) => mailSession(i % 2 === 0 ? 4 : 6, { clientPort: 40_000 + i, startUs: START_US + i * 3_000_000 }));

const NAMES = Object.keys(FORMATS);

function encoded(name: string): Uint8Array {
  return FORMATS[name]?.(PACKETS) ?? new Uint8Array(0);
}

/** Where each packet is complete: the file lengths at which one more is read. */
function packetEnds(name: string): number[] {
  const encode = FORMATS[name];
  return PACKETS.map((_, i) => {
    const length = encode?.(PACKETS.slice(0, i + 1)).length ?? 0;
    // Statistics at the end of a section follow the last packet.
    return name === 'pcapng with other blocks' ? length - 40 : length;
  });
}

function patched(at: number, value: number): (record: Uint8Array) => Uint8Array {
  return (record) => {
    new DataView(record.buffer).setUint32(at, value, true);
    return record;
  };
}

describe('a file that ends too early', () => {
  test.each(NAMES)('%s: whatever the octet, all whole packets before it are kept', async (name) => {
    const whole = encoded(name);
    const ends = packetEnds(name);
    for (let length = 0; length < whole.length; length += 7) {
      const { segments, anomalies } = await read(whole.slice(0, length));
      const expected = ends.filter((end) => end <= length).length;
      expect([length, segments.length]).toEqual([length, expected]);
      for (const kind of anomalies) expect(['cut-in-record', 'corrupt-record']).toContain(kind);
    }
  });

  test('a file cut in its last record says so, a whole one does not', async () => {
    const whole = encodePcap(PACKETS);
    expect((await read(whole.slice(0, -1))).anomalies).toEqual(['cut-in-record']);
    expect((await read(whole.slice(0, 20))).anomalies).toEqual(['cut-in-record']);
    expect((await read(whole)).anomalies).toEqual([]);
  });
});

describe('damage in the middle', () => {
  const header = encodePcap([]);
  const records = PACKETS.map((packet) => pcapRecord(packet));

  /** A file whose records from `index` on are replaced. */
  function withRecord(index: number, change: (record: Uint8Array) => Uint8Array): Uint8Array {
    return concat(header, ...records.map((record, i) => (i === index ? change(record.slice()) : record)));
  }

  test.each([
    ['a length beyond all packets', patched(8, 0x7fffffff)],
    ['a length that is a little too long', patched(8, 100)],
    ['a length that is a little too short', patched(8, 33)],
    ['a length that swallows the rest of the file', patched(8, 200_000)],
    ['an impossible fraction and a jump in time', (record: Uint8Array) => patched(8, 0xffff)(patched(4, 0xffffffff)(record))],
    ['zeros', (record: Uint8Array) => record.fill(0)],
    ['zeros for a whole disk block', () => new Uint8Array(4096)],
    ['noise', () => Uint8Array.from({ length: 777 }, (_, i) => (i * 197 + (i >> 3) * 31) & 0xff)],
    ['nothing but its second half', (record: Uint8Array) => record.slice(record.length >> 1)],
  ])('%s costs at most the records next to it', async (_name, change) => {
    for (const index of [1, 9, 22]) {
      const { segments, anomalies } = await read(withRecord(index, change));
      const seen = new Set(segments.map(({ atUs }) => atUs));
      const lost = PACKETS.filter(({ atUs }) => !seen.has(atUs));
      expect([index, lost.length]).toEqual([index, Math.min(lost.length, 2)]);
      expect(anomalies.some((kind) => kind.startsWith('corrupt-record') || kind.startsWith('cut-in-record'))).toBe(true);
    }
  });

  test('the place is told', async () => {
    const source = memorySource(withRecord(3, patched(8, 0x7fffffff)));
    await read([source]);
    const offset = header.length + records.slice(0, 3).reduce((sum, record) => sum + record.length, 0);
    expect(source.anomalies.list()).toMatchObject([{ kind: 'corrupt-record', where: `offset ${offset}`, count: 1, severity: 'error' }]);
  });

  test('a clock that is set in the middle of a capture is no damage', async () => {
    const later = PACKETS.slice(12).map((packet) => ({ ...packet, atUs: packet.atUs + 400 * 86_400_000_000 }));
    for (const packets of [
      [...PACKETS.slice(0, 12), ...later],
      [...later, ...PACKETS.slice(0, 12)],
    ]) {
      const { segments, anomalies } = await read(encodePcap(packets));
      expect(segments).toHaveLength(24);
      expect(anomalies).toEqual(packets[0] === later[0] ? ['disorder'] : []);
    }
  });

  test('pcapng goes on behind a block with an impossible length', async () => {
    const section = encodePcapng([]);
    const blocks = PACKETS.map((packet) => encodePcapng([packet]).slice(section.length));
    for (const wrong of [3, 0x7ffffffc, 64, 4]) {
      const damaged = blocks.map((block, i) => {
        const copy = block.slice();
        if (i === 5) new DataView(copy.buffer).setUint32(4, wrong, true);
        return copy;
      });
      const { segments, anomalies } = await read(concat(section, ...damaged));
      expect([wrong, segments.length]).toEqual([wrong, 23]);
      expect(anomalies).toEqual(['corrupt-block']);
    }
  });

  test('a packet of an interface that was never described is passed over', async () => {
    const packets = PACKETS.map((packet, i) => (i === 4 ? { ...packet, interfaceId: 9 } : packet));
    const { segments, anomalies } = await read(encodePcapng(packets));
    expect([segments.length, anomalies]).toEqual([23, ['corrupt-block']]);
  });
});

describe('properties', () => {
  test('how a file comes in pieces makes no difference, damaged or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...NAMES),
        fc.integer({ min: 1, max: 3000 }),
        fc.array(fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }), { maxLength: 3 }),
        async (name, chunk, changes) => {
          const content = encoded(name).slice();
          for (const { at, value } of changes) content[32 + (at % (content.length - 32))] = value;
          const atOnce = await read(content);
          const inPieces = await read([memorySource(content, { chunk })]);
          expect(inPieces).toEqual(atOnce);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('no octets make the reader throw or hang', async () => {
    const beginnings = NAMES.map((name) => encoded(name));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...beginnings),
        fc.nat({ max: 200 }),
        fc.uint8Array({ maxLength: 3000 }),
        fc.nat(),
        async (beginning, kept, junk, resume) => {
          const { summaries } = await read(concat(beginning.subarray(0, kept), junk, beginning.subarray(resume % beginning.length)), undefined, 512);
          expect(summaries).toHaveLength(1);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('octets changed at random in the packets never throw', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('ethernet', 'sll2', 'ppp', 'nflog', 'pktap', 'geneve', 'erspan-3', 'ethernet-mpls', 'pflog', 'ethernet-snap'),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 60 }),
        async (link, changes) => {
          const content = FORMATS['pcap µs little']?.(PACKETS, link) ?? new Uint8Array(0);
          for (const [at, value] of changes) content[24 + (at % (content.length - 24))] = value;
          await read(content);
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('an empty file and a file without packets are no errors', async () => {
  expect((await read(new Uint8Array(0))).summaries[0]).toMatchObject({ packets: 0, firstUs: null });
  const { anomalies, summaries } = await read(encodePcap([]));
  expect([anomalies, summaries[0]?.packets]).toEqual([[], 0]);
});
