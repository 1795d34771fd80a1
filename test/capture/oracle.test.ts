import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readPackets } from '../../src/capture/index.ts';
import { encodePcap, memorySource } from '../support/captures.ts';
import { readWithLibrary } from '../support/library-reader.ts';
import { mailSession, START_US } from './scene.ts';

test.each([true, false])('the independent reader sees the same packets (little-endian: %s)', async (little) => {
  const packets = [0, 1, 2]
    .flatMap((i) => mailSession(i === 1 ? 6 : 4, { startUs: START_US + i * 3e6 }))
    .map((packet, i) => (i % 4 === 0 ? { ...packet, captured: 60 } : packet));
  const content = encodePcap(packets, { little });
  const ours: unknown[] = [];
  const all = new Set(packets.map((_, i) => i + 1));
  await readPackets(memorySource(content, { chunk: 333 }), all, ({ number, atUs, capturedLength, originalLength, bytes }) => {
    ours.push({ number, atUs, capturedLength, originalLength, octets: Buffer.from(bytes).toString('hex') });
  });
  const theirs = await readWithLibrary(Readable.from([Buffer.from(content)]));
  expect(ours).toEqual(theirs);
  expect(ours).toHaveLength(18);
});
