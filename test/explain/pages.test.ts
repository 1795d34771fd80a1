import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { WEIGHTS } from '../../src/diagnosis/weights.ts';
import { PAGES, findPage, readPage, suggestFindings } from '../../src/explain/index.ts';
import { CAUSES } from '../../src/model/report.ts';
import { paletteFor, renderPage } from '../../src/render/index.ts';
import { displayWidth } from '../../src/render/width.ts';
import { runCli } from '../cli/fake-io.ts';

const folder = new URL('../../docs/findings/', import.meta.url);
const schema = JSON.parse(readFileSync(new URL('../../report.schema.json', import.meta.url), 'utf8')) as {
  $defs: {
    sessionFields: { properties: { interference: { items: { properties: { kind: { enum: string[] } } } } } };
    comparedLeg: { properties: { findings: { items: { properties: { kind: { enum: string[] } } } } } };
  };
};
const interference = schema.$defs.sessionFields.properties.interference.items.properties.kind.enum;
const differences = schema.$defs.comparedLeg.properties.findings.items.properties.kind.enum;
const known = new Set([...Object.keys(WEIGHTS), ...CAUSES, ...interference, ...differences]);

describe('the manual of findings', () => {
  test('has a page for every cause, every kind of evidence, of interference and of difference between two points', () => {
    expect([...known].filter((finding) => findPage(finding) === null)).toEqual([]);
  });

  test('tells of nothing that does not exist, and of nothing twice', () => {
    const told = PAGES.flatMap(({ findings }) => findings);
    expect(told.filter((finding) => !known.has(finding) && finding !== 'firewall-logs')).toEqual([]);
    expect(told.filter((finding, at) => told.indexOf(finding) !== at)).toEqual([]);
  });

  test('every file is reachable, and every page is a file', () => {
    expect(readdirSync(folder).sort()).toEqual(PAGES.map(({ page }) => `${page}.md`).sort());
  });

  test.each(PAGES.map((page) => [page.page, page] as const))('%s is short, in four parts, and refers to pages that exist', (_, page) => {
    const text = readPage(page);
    const lines = text.split('\n');
    expect(lines[0]).toBe(`# ${page.title}`);
    expect(lines[2]).toBe(`Findings: ${page.findings.map((finding) => `\`${finding}\``).join(', ')}`);
    expect(lines.filter((line) => line.startsWith('## '))).toEqual(['## What was seen', '## Why it means that', '## How often it misleads', '## What to do']);
    expect(lines.length).toBeLessThan(60);
    for (const [, name] of text.matchAll(/whohungup explain ([a-z0-9-]+)/g)) expect(findPage(name ?? '')).not.toBeNull();
  });

  test.each([60, 80, 200])('fits into %i columns', (width) => {
    for (const page of PAGES) {
      for (const line of [...renderPage(readPage(page), { width, palette: paletteFor(false) })].join('').split('\n'))
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
    }
  });

  test('ships with the package', () => {
    const { files } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { files: string[] };
    expect(files).toContain('docs');
  });
});

describe('whohungup explain', () => {
  test('prints the page of a finding, however it is written', async () => {
    const { status, out } = await runCli(['explain', 'RST_Hops_Differ']);
    expect(status).toBe(0);
    expect(out).toContain('The RST took another way');
    expect(out).toContain('How often it misleads');
  });

  test('lists all of them', async () => {
    const { status, out } = await runCli(['explain']);
    expect(status).toBe(0);
    for (const { title, findings } of PAGES) {
      expect(out).toContain(title);
      expect(out.replace(/\s+/g, ' ')).toContain(findings.join(', '));
    }
  });

  test('a name that no page has is wrong usage, with what comes close', async () => {
    const { status, err } = await runCli(['explain', 'rst-hop']);
    expect(status).toBe(2);
    expect(err).toContain('rst-hops-differ');
    expect(suggestFindings('nothing like it')).toEqual([]);
    expect((await runCli(['explain', 'xyz'])).err).toContain('list all');
  });
});
