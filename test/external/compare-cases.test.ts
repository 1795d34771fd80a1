import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { EVERYTHING } from '../../src/model/settings.ts';
import type { ComparedLeg, SessionComparison } from '../../src/model/comparison.ts';
import type { AnalyzeInput } from '../../src/model/analysis.ts';
import { SITE } from '../support/pairing-world.ts';

/** Incidents recorded at two and three points of a path; this suite is skipped where they are not available. */
const root = fileURLToPath(new URL('../../../shared/cases', import.meta.url));
const present = existsSync(join(root, 'vantage', 'labels.json'));

async function compare(inputs: readonly AnalyzeInput[]): Promise<readonly SessionComparison[]> {
  const analysis = await analyze({ inputs, site: SITE, selection: EVERYTHING });
  return await analysis.compare(analysis.report.sessions.map(({ id }) => id));
}

function inputsOfCase(prefix: string): AnalyzeInput[] {
  const folder = join(root, readdirSync(root).find((name) => name.startsWith(prefix)) ?? prefix);
  return readdirSync(folder)
    .filter((name) => /^(esa|client)\.pcap/.test(name))
    .map((name) => ({ path: join(folder, name), vantage: name.startsWith('client') ? 'client' : null }));
}

async function legOfCase(prefix: string): Promise<ComparedLeg> {
  const leg = (await compare(inputsOfCase(prefix)))[0]?.legs[0];
  if (!leg) throw new Error(`${prefix}: nothing compared`);
  return leg;
}

/** `injected server proven`, one a finding. */
function tell({ findings }: ComparedLeg): string[] {
  return findings.map(({ kind, sender, certainty }) => `${kind} ${sender} ${certainty}`);
}

describe.skipIf(!present)('incidents at two points', () => {
  test('a box that resets the client only, and swallows the word that it did not like', async () => {
    const leg = await legOfCase('c01');
    expect(leg.mode).toBe('same-packets');
    expect(tell(leg)).toEqual(['swallowed client likely', 'injected server proven']);
    expect(leg.findings[0]?.octets?.left).toContain('quick brown fox');
  });

  test('the same behind address translation', async () => {
    const leg = await legOfCase('c69');
    expect(tell(leg)).toEqual(['swallowed client likely', 'injected server proven']);
    expect(leg.transformation?.left.client).not.toBe(leg.transformation?.right.client);
  });

  test('a firewall that has forgotten the connection swallows both directions', async () => {
    expect(tell(await legOfCase('c38'))).toEqual(['swallowed client proven', 'swallowed server proven']);
  });

  test('SYNs that reach no capture with packets are left open', async () => {
    const leg = await legOfCase('c42');
    expect(leg.mode).toBe('one-side');
    expect(tell(leg)).toEqual(['swallowed client open']);
  });

  test.each(['c60', 'c64'])('a proxy of its own connections (%s)', async (prefix) => {
    const leg = await legOfCase(prefix);
    expect(leg.mode).toBe('proxy');
    expect(leg.interference.map(({ kind }) => kind)).toContain('proxy');
    expect(tell(leg)).toContain('answered server proven');
    expect(tell(leg)).toContain('injected client proven');
  });

  test('giant segments of offload hide nothing and invent nothing', async () => {
    const leg = await legOfCase('e20');
    expect(tell(leg)).toEqual([]);
    expect(leg.counts).toMatchObject({ onlyLeft: 0, onlyRight: 0 });
  });

  test('a path that swallows large packets', async () => {
    const leg = await legOfCase('f04');
    expect(tell(leg)).toEqual(['swallowed client proven']);
    expect(leg.findings[0]?.statement).toContain('only large ones');
  });
});

interface Label {
  readonly cap: string;
  readonly actor: string;
}

const labels: Label[] = present ? (JSON.parse(readFileSync(join(root, 'vantage', 'labels.json'), 'utf8')) as Label[]) : [];

describe.skipIf(!present)('recordings of single mechanisms at three points', () => {
  test.each(labels.filter(({ cap }) => existsSync(join(root, 'vantage', `${cap}.fwout.pcap`))).map(({ cap, actor }) => [cap, actor]))(
    '%s',
    async (cap, actor) => {
      const at = (point: string, vantage: string | null) => ({ path: join(root, 'vantage', `${cap}.${point}.pcap`), vantage });
      const [comparison] = await compare([at('esa', null), at('fwout', 'outside'), at('cli', 'client')]);
      expect(comparison?.points.map(({ name }) => name)).toEqual(['client', 'outside', 'appliance']);
      const told = comparison?.legs.map((leg) => tell(leg).filter((text) => !text.endsWith('open'))) ?? [];
      // Between the ends’ own stacks nothing is made; what the box does, it does between its two sides.
      expect(told[0]?.filter((text) => !text.startsWith('swallowed'))).toEqual([]);
      const box = told[1] ?? [];
      const isBox = /firewall|injector|proxy/.test(actor);
      if (!isBox && cap !== 'f7_proxy_pass') expect(box).toEqual([]);
      if (isBox) expect(box).not.toEqual([]);
    },
  );
});
