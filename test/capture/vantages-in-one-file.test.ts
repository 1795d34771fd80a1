import { describe, expect, test } from 'vitest';
import { PcapngWriter } from '../../src/extract/index.ts';
import { memorySource } from '../support/captures.ts';
import { conversation } from '../support/mail-capture.ts';
import { read } from '../support/reading.ts';

const packets = conversation([['S', '220 esa.example.net ESMTP\r\n']]);
const [firstUs = 0, lastUs = 0] = [packets[0]?.atUs, packets.at(-1)?.atUs];

/** Two interfaces, each with all packets; of the second it is said that the capture ran from `fromUs` to `toUs`. */
function twoPoints(fromUs: number, toUs: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  const writer = new PcapngWriter((octets) => void blocks.push(octets), 'whohungup 1', ['vantage points: appliance, client']);
  for (const name of ['appliance', 'client']) {
    const interfaceId = writer.addInterface({ linkNumber: 101, name, description: '', snapLength: 0 });
    for (const { atUs, ip = new Uint8Array() } of packets) writer.addPacket({ interfaceId, atUs, bytes: ip, wireLength: ip.length, comments: [] });
  }
  writer.addStatistics({ interfaceId: 1, firstUs: fromUs, lastUs: toUs, drops: 3 });
  return Buffer.concat(blocks);
}

describe('several vantage points in one file', () => {
  test('a source that stands for one of them gives its packets alone, numbered as in the file', async () => {
    const content = twoPoints(firstUs, lastUs);
    const { segments, summaries } = await read([{ ...memorySource(content), onlyInterface: 'client' }]);
    expect(segments.map(({ packet }) => packet)).toEqual(packets.map((_, i) => packets.length + 1 + i));
    expect(summaries[0]).toMatchObject({ packets: packets.length, reportedDrops: 3 });
    const own = await read([{ ...memorySource(content), onlyInterface: 'appliance' }]);
    expect(own.summaries[0]).toMatchObject({ packets: packets.length, reportedDrops: null });
  });

  test('the time that a capture ran counts, also without packets; one that cannot be is not believed', async () => {
    const minute = 60_000_000;
    const ran = await read(twoPoints(firstUs - minute, lastUs + minute));
    expect(ran.summaries[0]).toMatchObject({ firstUs: firstUs - minute, lastUs: lastUs + minute });
    const strange = await read(twoPoints(0, lastUs * 2));
    expect(strange.summaries[0]).toMatchObject({ firstUs, lastUs });
  });
});
