import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readPackets } from '../../src/capture/index.ts';
import type { Report } from '../../src/model/report.ts';
import { openSources } from '../../src/source/index.ts';
import { type RecordReader, verifyCitations } from '../../src/verify/index.ts';
import { sampleInput, sampleReport, sampleSession } from '../render/sample-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'whohungup verify '));
afterAll(() => rmSync(folder, { recursive: true }));

/** A classic capture of `count` packets with different octets, as another program would write it. */
function encode(count: number, { magic = 0xa1b2c3d4, minor = 4, little = true, cutBy = 0 } = {}): Buffer {
  const header = Buffer.alloc(24);
  const put32 = (buffer: Buffer, value: number, at: number): number => (little ? buffer.writeUInt32LE(value, at) : buffer.writeUInt32BE(value, at));
  put32(header, magic, 0);
  if (little) header.writeUInt16LE(2, 4);
  else header.writeUInt16BE(2, 4);
  if (little) header.writeUInt16LE(minor, 6);
  else header.writeUInt16BE(minor, 6);
  put32(header, 65_535, 16);
  put32(header, 1, 20);
  const records = Array.from({ length: count }, (_, index) => {
    const record = Buffer.alloc(16 + 60 + index, index + 1);
    put32(record, 1_795_283_661 + index, 0);
    put32(record, 57_155 + index, 4);
    put32(record, 60 + index, 8);
    put32(record, 1000 + index, 12);
    return record;
  });
  const whole = Buffer.concat([header, ...records]);
  return whole.subarray(0, whole.length - cutBy);
}

async function verifyFile(octets: Buffer, changes: Partial<Report> = {}, readOwn: RecordReader = readPackets) {
  const path = join(folder, `a b ${Math.random()}.pcap`);
  writeFileSync(path, octets);
  const { sources } = await openSources([{ path, vantage: null }]);
  return verifyCitations(sampleReport({ inputs: [sampleInput()], sessions: [sampleSession()], ...changes }), sources, readOwn);
}

describe('both readers on the packets that a verdict cites (#1, #12 to #16)', () => {
  test.each([true, false])('agree on a capture, little-endian: %s', async (little) => {
    const { packets, verdicts, inputs } = await verifyFile(encode(20, { little }));
    expect(packets).toEqual({ same: 6, different: 0, notApplicable: 0 });
    expect(verdicts[0]?.packets.map(({ number, octets, result }) => [number, octets, result])).toEqual(
      [1, 12, 13, 14, 15, 16].map((number) => [number, 59 + number, 'same']),
    );
    expect(inputs[0]).toMatchObject({ applicable: true, why: null });
  });

  test('a difference of one octet, one microsecond or one length is found', async () => {
    for (const change of [{ bytes: new Uint8Array(72) }, { atUs: 1 }, { capturedLength: 5 }, { originalLength: 5 }]) {
      const liar: RecordReader = (source, wanted, onRecord) =>
        readPackets(source, wanted, (record) => onRecord(record.number === 13 ? { ...record, ...change } : record));
      const { packets, verdicts } = await verifyFile(encode(20), {}, liar);
      expect(packets).toEqual({ same: 5, different: 1, notApplicable: 0 });
      expect(verdicts[0]).toMatchObject({ result: 'different' });
    }
  });

  test('behind a cut nothing is claimed, before it everything', async () => {
    const { packets, verdicts } = await verifyFile(encode(14, { cutBy: 5 }));
    expect(packets).toEqual({ same: 3, different: 0, notApplicable: 3 });
    expect(verdicts[0]?.packets.at(-1)?.why).toContain('neither reader');
  });

  test.each([
    ['nanoseconds', encode(20, { magic: 0xa1b23c4d }), 'nanosecond'],
    ['the modified format', encode(20, { magic: 0xa1b2cd34 }), 'modified'],
    ['an old version', encode(20, { minor: 2 }), 'version 2.4'],
  ])('%s: not applicable, with the reason', async (_, octets, why) => {
    const { packets, inputs } = await verifyFile(octets);
    expect(packets).toEqual({ same: 0, different: 0, notApplicable: 6 });
    expect(inputs[0]?.why).toContain(why);
  });

  test('joined and damaged captures: not applicable', async () => {
    const anomalies = [{ kind: 'concatenated', severity: 'info' as const, count: 1, where: 'offset 99', meaning: '' }];
    const { inputs } = await verifyFile(encode(20), { inputs: [sampleInput({ anomalies })] });
    expect(inputs[0]?.applicable).toBe(false);
  });
});
