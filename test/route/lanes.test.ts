import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import type { AnalyzeRequest } from '../../src/model/analysis.ts';
import { EVERYTHING } from '../../src/model/settings.ts';
import { lanesFor, readInLanes } from '../../src/route/read-in-lanes.ts';
import { mailPorts } from '../../src/route/read-vantages.ts';
import { openSources } from '../../src/source/index.ts';
import { depot } from '../support/depot.ts';
import { SITE } from '../support/pairing-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'whohungup-lanes-'));
afterAll(() => rmSync(folder, { recursive: true }));
execFileSync(process.execPath, ['test/bench/generate.mjs', folder, '--sessions', '120', '--span', '40']);
const capture = join(folder, 'traffic.pcap');
const inputs = ['traffic.pcap', 'mail_logs'].map((name) => ({ path: join(folder, name), vantage: null }));

const REQUEST: AnalyzeRequest = {
  inputs,
  site: SITE,
  selection: EVERYTHING,
};

async function told(request: AnalyzeRequest): Promise<string> {
  const { report } = await analyze(request);
  const text = JSON.stringify([report.inputs, report.clocks, [...report.sessions], [...report.messages]]);
  return `${report.sessions.length} sessions ${createHash('sha256').update(text).digest('hex')} ${report.caveats.join('\n')}`;
}

async function read(lanes: number, path = capture): Promise<Awaited<ReturnType<typeof readInLanes>>> {
  const { sources } = await openSources([{ path, vantage: null }]);
  const ring = null;
  return await readInLanes(
    sources,
    { name: 'appliance', ports: mailPorts([], []), depot, ring, lanes },
    () => {},
    () => false,
  );
}

describe('captures that are read in several threads', () => {
  test.each([2, 3])('in %i of them: the report is that of one', async (threads) => {
    expect((await read(threads))?.sessions.length).toBe(120);
    expect(await told({ ...REQUEST, threads })).toBe(await told({ ...REQUEST, threads: 1 }));
  });

  test('also where reading is interrupted: all of them stop at the same chunk', async () => {
    const interrupted = (threads: number): Promise<string> => {
      const abort = new AbortController();
      return told({ ...REQUEST, threads, signal: abort.signal, onProgress: ({ bytes }) => void (bytes > 3e6 && abort.abort()) });
    };
    const alone = await interrupted(1);
    expect(alone).toContain('Reading was interrupted');
    expect(await interrupted(2)).toBe(alone);
    expect(await interrupted(3)).toBe(alone);
  });

  test('also where mail turns up on a port that nobody named, and the captures are read again', async () => {
    const path = join(folder, 'elsewhere.pcap');
    writeFileSync(path, capturedOn(2_525));
    const elsewhere = { ...REQUEST, inputs: [{ path, vantage: null }] };
    const alone = await told({ ...elsewhere, threads: 1 });
    expect(alone).toMatch(/^1[12]\d sessions/);
    expect((await read(2, path))?.sessions.length).toBeGreaterThan(110);
    expect(await told({ ...elsewhere, threads: 2 })).toBe(alone);
  });

  test('small captures, packed ones and pipes are read by one thread unless more are asked for', async () => {
    const { sources } = await openSources([{ path: capture, vantage: null }]);
    expect(await lanesFor(sources, mailPorts([], []), null)).toBe(1);
    expect(await lanesFor(sources, mailPorts([], []), 3)).toBe(3);
    expect(await lanesFor([{ ...sources[0], once: true } as never], mailPorts([], []), 3)).toBe(1);
  });
});

/** The capture with another port instead of 25. */
function capturedOn(port: number): Buffer {
  const octets = Buffer.from(readFileSync(capture));
  for (let at = 24; at + 16 < octets.length; at += 16 + octets.readUInt32LE(at + 8)) {
    for (const place of [at + 16 + 34, at + 16 + 36]) if (octets.readUInt16BE(place) === 25) octets.writeUInt16BE(port, place);
  }
  return octets;
}
