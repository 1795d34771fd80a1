import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCaptures, readPackets } from '../../src/capture/index.ts';
import type { Source } from '../../src/model/source.ts';
import { encodePcap, encodePcapng, memorySource } from '../support/captures.ts';
import type { Captured } from '../support/captures.ts';
import { tcpPacket } from '../support/packets.ts';
import { interestIn, read, recordingSink } from '../support/reading.ts';
import { HOSTS, mailSession, START_US } from './scene.ts';

function sourcesOf(parts: readonly (readonly Captured[])[], order: readonly number[] = parts.map((_, i) => i)): Source[] {
  return order.map((part, input) =>
    memorySource(input % 2 === 0 ? encodePcap(parts[part] ?? []) : encodePcapng(parts[part] ?? [], { little: false }), { input }),
  );
}

describe('several files are one timeline', () => {
  const session = mailSession();

  test('rotated files are ordered by what is in them', async () => {
    const parts = [session.slice(0, 2), session.slice(2, 3), session.slice(3)];
    const { segments, summaries } = await read(sourcesOf(parts, [2, 0, 1]));
    expect(segments.map(({ atUs }) => atUs)).toEqual(session.map(({ atUs }) => atUs));
    expect(segments.map(({ input }) => input)).toEqual([1, 1, 2, 0, 0, 0]);
    expect(segments.map(({ packet }) => packet)).toEqual([1, 2, 1, 1, 2, 3]);
    expect(summaries.map(({ packets }) => packets)).toEqual([3, 2, 1]);
  });

  test('files that overlap are merged by time, whoever has which packet', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { minLength: 12, maxLength: 12 }), async (owner) => {
        const packets = [...session, ...mailSession(4, { startUs: START_US + 200_000, clientPort: 40_026 })].sort((a, b) => a.atUs - b.atUs);
        const parts = [0, 1, 2, 3].map((part) => packets.filter((_, i) => owner[i] === part));
        const { segments } = await read(sourcesOf(parts));
        expect(segments.map(({ atUs }) => atUs)).toEqual(packets.map(({ atUs }) => atUs));
      }),
      { numRuns: 40 },
    );
  });

  test('in one file the order of the file stands', async () => {
    const packets = session.toReversed();
    const { segments, anomalies } = await read(encodePcap(packets));
    expect(segments.map(({ atUs }) => atUs)).toEqual(packets.map(({ atUs }) => atUs));
    expect(anomalies).toEqual(['disorder x 5']);
  });

  test('empty and damaged files among them keep nobody from being read', async () => {
    const sources = [
      memorySource(new Uint8Array(0), { input: 0 }),
      memorySource(encodePcap(session), { input: 1 }),
      memorySource(encodePcap(session).slice(0, 30), { input: 2 }),
      memorySource(encodePcap([]), { input: 3 }),
    ];
    const { segments, summaries } = await read(sources);
    expect(segments).toHaveLength(6);
    expect(summaries.map(({ packets }) => packets)).toEqual([0, 6, 0, 0]);
    expect(sources.map(({ anomalies }) => anomalies.list().map(({ kind, count }) => `${kind} ${count}`))).toEqual([[], [], ['cut-in-record 1'], []]);
  });
});

describe('SMTP on a port that nobody named', () => {
  const session = mailSession(4, { port: 2526 });

  test('the captures are read again from the start, into a fresh sink', async () => {
    const interest = interestIn([25], (port) => void (interest.ports[port] = 1));
    const first = recordingSink();
    const second = recordingSink();
    const summaries = await readCaptures(sourcesOf([session, mailSession(4, { startUs: START_US + 9e6 })]), first, interest, { restart: () => second });
    expect(second.segments.map(({ dstPort, srcPort }) => Math.min(dstPort, srcPort))).toEqual([...Array(6).fill(2526), ...Array(6).fill(25)]);
    expect(summaries.map(({ segments }) => segments)).toEqual([6, 6]);
  });

  test('a pipe goes on from there', async () => {
    const interest = interestIn([25], (port) => void (interest.ports[port] = 1));
    const sink = recordingSink();
    const source: Source = { ...memorySource(encodePcap(session)), once: true };
    await readCaptures([source], sink, interest, { restart: () => recordingSink() });
    expect(sink.segments.map(({ packet }) => packet)).toEqual([5, 6]);
  });

  test('a port that the caller does not want is left alone', async () => {
    const asked: number[] = [];
    const { segments } = await read(
      encodePcap(session),
      interestIn([25], (port) => void asked.push(port)),
    );
    expect([segments.length, asked]).toEqual([0, [2526]]);
  });

  test.each(['ehlo x', 'HELO there', 'LhLo mx'])('%s is recognised', async (payload) => {
    const asked: number[] = [];
    const { client, appliance } = HOSTS[4];
    const ip = tcpPacket({ src: client, dst: appliance, srcPort: 40_000, dstPort: 10_025, payload });
    await read(
      encodePcap([{ ip, atUs: START_US }]),
      interestIn([25], (port) => void asked.push(port)),
    );
    expect(asked).toEqual([10_025]);
  });

  test.each(['EHLOx', 'hello there', 'EHL', 'GET / HTTP/1.1', 'QUIT\r\nEHLO x'])('%s is not', async (payload) => {
    const asked: number[] = [];
    const { client, appliance } = HOSTS[4];
    const ip = tcpPacket({ src: client, dst: appliance, srcPort: 40_000, dstPort: 10_025, payload });
    await read(
      encodePcap([{ ip, atUs: START_US }], { link: 'ethernet-padded' }),
      interestIn([25], (port) => void asked.push(port)),
    );
    expect(asked).toEqual([]);
  });
});

test('single packets can be fetched again by their numbers', async () => {
  const seen: [number, number, number][] = [];
  await readPackets(memorySource(encodePcap(mailSession()), { chunk: 100 }), new Set([2, 5]), ({ number, atUs, bytes }) =>
    seen.push([number, atUs - START_US, bytes.length]),
  );
  expect(seen).toEqual([
    [2, 400_001, 74],
    [5, 1_600_004, 87],
  ]);
});

test('reading stops when it is told to, with what is known so far', async () => {
  const stop = new AbortController();
  const packets = Array.from({ length: 500 }, (_, i) => mailSession(4, { startUs: START_US + i * 3e6 })).flat();
  const source = memorySource(encodePcap(packets), { chunk: 4096 });
  let octets = 0;
  const [summary] = await readCaptures([source], recordingSink(), interestIn(), {
    goesOn: () => !stop.signal.aborted,
    onOctets: (count) => {
      octets += count;
      if (octets > 100_000) stop.abort();
    },
  });
  expect(summary?.packets).toBeGreaterThan(50);
  expect(summary?.packets).toBeLessThan(2000);
});

test('a disk that stops giving octets is an anomaly, not a crash', async () => {
  const content = encodePcap(mailSession());
  const source = memorySource(content);
  let reads = 0;
  const failing: Source = {
    ...source,
    open: () => ({
      read: async (into, offset) => {
        if (reads++ > 0) throw new Error('EIO: i/o error');
        into.set(content.subarray(0, 300), offset);
        return 300;
      },
      close: async () => {},
    }),
  };
  const { segments } = await read([failing]);
  expect(segments).toHaveLength(3);
  expect(source.anomalies.list()).toMatchObject([{ kind: 'read-error', where: 'offset 300' }, { kind: 'cut-in-record' }]);
});
