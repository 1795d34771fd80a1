import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { inferSession } from '../../src/inference/index.ts';
import type { Analysis } from '../../src/model/analysis.ts';
import type { Inference } from '../../src/model/inference.ts';
import { EVERYTHING } from '../../src/model/settings.ts';
import { generate, type Played } from '../lab/tls/generate.mjs';
import { nameOf, Score } from '../lab/tls/score.mjs';
import { encodePcap } from '../support/captures.ts';
import { SITE } from '../support/pairing-world.ts';

/** Sessions that peers of Node really said to each other; how they are laid out in time is made up. */
const SESSIONS = 32;
const folder = mkdtempSync(join(tmpdir(), 'whohungup-inference-'));
let played: Played;
const inferences = { logged: new Map<number, Inference>(), alone: new Map<number, Inference>(), cut: new Map<number, Inference>() };
const analyses: Analysis[] = [];

async function inferAll(octets: Uint8Array, log: string | null): Promise<Map<number, Inference>> {
  const capture = join(folder, 'traffic.pcap');
  writeFileSync(capture, octets);
  const paths = [capture];
  if (log !== null) {
    paths.push(join(folder, 'mail_logs'));
    writeFileSync(join(folder, 'mail_logs'), log);
  }
  const analysis = await analyze({
    inputs: paths.map((path) => ({ path, vantage: null })),
    site: { ...SITE, applianceAddresses: ['192.0.2.25'] },
    selection: EVERYTHING,
  });
  analyses.push(analysis);
  const found = new Map<number, Inference>();
  for (const { id } of analysis.report.sessions) {
    const session = analysis.sessionOf(id);
    const inference = session?.captured ? inferSession(session) : null;
    if (session?.captured && inference) found.set(session.captured.connection.originator.port, inference);
  }
  return found;
}

function scoreOf(found: ReadonlyMap<number, Inference>): Score {
  const score = new Score();
  for (const session of played.truth) score.add(session, found.get(session.port) ?? null);
  return score;
}

const encodeFrames = (packets: Played['packets']): Uint8Array => encodePcap(packets.map(({ us, data }) => ({ atUs: us, frame: data })));

beforeAll(async () => {
  played = await generate({ sessions: SESSIONS, seed: 'test' });
  inferences.logged = await inferAll(encodeFrames(played.packets), played.log);
  inferences.alone = await inferAll(encodeFrames(played.packets), null);
  inferences.cut = await inferAll(encodeFrames((await generate({ sessions: SESSIONS, seed: 'test', segment: 97 })).packets), played.log);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe('sessions played through TLS', () => {
  test.each([
    ['with the log', 'logged', 0.96],
    ['without a log', 'alone', 0.93],
  ] as const)('%s most records are named right, and what is called strong nearly always', (_, how, least) => {
    const score = scoreOf(inferences[how]);
    expect(score.without).toBe(0);
    expect(score.records.right / score.records.all).toBeGreaterThan(least);
    const strong = score.byConfidence.get('strong');
    expect((strong?.right ?? 0) / (strong?.all ?? 1)).toBeGreaterThan(0.99);
    expect(score.byConfidence.has('proven')).toBe(false);
  });

  test('QUIT is told in nearly all, and hardly ever wrongly', () => {
    for (const how of ['logged', 'alone'] as const) {
      const { quit } = scoreOf(inferences[how]).questions;
      expect(quit.wrong).toBeLessThanOrEqual(1);
      expect(quit.right).toBeGreaterThanOrEqual(SESSIONS * 0.9);
    }
  });

  test('how the stream is cut into segments does not matter', () => {
    for (const [port, inference] of inferences.logged) {
      expect(inferences.cut.get(port)?.records.map((record) => nameOf(record))).toEqual(inference.records.map((record) => nameOf(record)));
    }
  });

  test('what was not read is never shown as read', () => {
    const [analysis] = analyses;
    for (const { id } of analysis?.report.sessions ?? []) {
      for (const row of analysis?.transcripts(id)?.rows ?? []) {
        const marked = row.client.startsWith('≈') || row.appliance.startsWith('≈');
        expect([row.basis === 'inferred', row.confidence !== null]).toEqual([marked, marked]);
        expect(row.confidence).not.toBe('proven');
      }
    }
  });
});
