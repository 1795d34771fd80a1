import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { EVERYTHING } from '../../src/model/settings.ts';
import { SITE } from '../support/pairing-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'whohungup-flood-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A capture of lone SYNs, each from another address. */
function floodOf(count: number): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65_535, 16);
  head.writeUInt32LE(1, 20);
  const packets = Array.from({ length: count }, (_, i) => {
    const packet = Buffer.alloc(16 + 54);
    packet.writeUInt32LE(1_700_000_000 + Math.floor(i / 1000), 0);
    packet.writeUInt32LE((i % 1000) * 1000, 4);
    packet.writeUInt32LE(54, 8);
    packet.writeUInt32LE(54, 12);
    packet.writeUInt16BE(0x0800, 16 + 12);
    packet[16 + 14] = 0x45;
    packet.writeUInt16BE(40, 16 + 16);
    packet[16 + 22] = 60;
    packet[16 + 23] = 6;
    packet.writeUInt32BE(0x0b000000 + i, 16 + 26);
    packet.writeUInt32BE(0xc0000219, 16 + 30);
    packet.writeUInt16BE(1024 + (i % 60_000), 16 + 34);
    packet.writeUInt16BE(25, 16 + 36);
    packet.writeUInt32BE(i, 16 + 38);
    packet[16 + 46] = 0x50;
    packet[16 + 47] = 2;
    return packet;
  });
  return Buffer.concat([head, ...packets]);
}

test('a flood of SYNs is counted beyond what can be listed, and a caveat says so', async () => {
  const path = join(folder, 'flood.pcap');
  writeFileSync(path, floodOf(20_050));
  const { report } = await analyze({
    inputs: [{ path, vantage: null }],
    site: SITE,
    selection: EVERYTHING,
  });
  expect(report.sessions.length).toBe(20_000);
  expect(report.caveats.join('\n')).toContain('50 further attempts to connect that nobody answered are counted, not listed');
});
