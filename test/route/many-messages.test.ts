import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import type { Report, ReportSession } from '../../src/model/report.ts';
import { EVERYTHING } from '../../src/model/settings.ts';
import { renderCsv, renderJson, renderNdjson } from '../../src/render/index.ts';
import { SITE } from '../support/pairing-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'whohungup-many-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (text: string): string => `Tue Mar  3 11:00:00 2026 Info: ${text}`;

/** How messages of the connection ended, in turns. */
const ENDS = [
  { line: (mid: number) => `MID ${mid} ready ${mid} bytes from <ann@a.example>`, kind: 'log-ready', outcome: 'accepted' },
  { line: (mid: number) => `MID ${mid} ready ${mid} bytes from <ann@a.example>`, kind: 'log-ready', outcome: 'accepted' },
  { line: (mid: number) => `Message aborted MID ${mid} Receiving aborted by sender`, kind: 'log-by-sender', outcome: 'withdrawn' },
  { line: (mid: number) => `Message aborted MID ${mid} Receiving aborted`, kind: 'log-aborted', outcome: 'aborted' },
  { line: (mid: number) => `Message aborted MID ${mid} Receiving aborted`, kind: 'log-aborted', outcome: 'aborted' },
];
const FIRST_MID = 5000;
const END_LINE = 4;

async function reportOf(messages: number): Promise<Report> {
  const lines = [at('New SMTP ICID 77 interface Data 1 (192.0.2.25) address 198.51.100.4 reverse dns host a.example verified yes')];
  for (let i = 0; i < messages; i++) {
    const mid = FIRST_MID + i;
    lines.push(at(`Start MID ${mid} ICID 77`), at(`MID ${mid} ICID 77 From: <ann@a.example>`));
    lines.push(at(`MID ${mid} ICID 77 RID 0 To: <bob@b.example>`), at(ENDS[i % ENDS.length]?.line(mid) ?? ''));
  }
  const path = join(folder, `log-of-${messages}`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return (await analyze({ inputs: [{ path, vantage: null }], site: SITE, selection: EVERYTHING })).report;
}

function lineOfSession(report: Report): string {
  return (
    [...renderNdjson(report, 0)]
      .join('')
      .split('\n')
      .find((line) => line.startsWith('{"type":"session"')) ?? ''
  );
}

/** Its kind and its line, in the order of the report: what was accepted, then what was not. */
function expectedFacts(messages: number): (readonly [string, number])[] {
  const all = Array.from({ length: messages }, (_, i) => [ENDS[i % ENDS.length]?.kind ?? '', 1 + END_LINE * (i + 1)] as const);
  return [...all.filter(([kind]) => kind === 'log-ready'), ...all.filter(([kind]) => kind !== 'log-ready')];
}

describe.each([10, 2_500])('a connection with %i messages', (messages) => {
  test('has one fact and one transaction for each of them', async () => {
    const session = JSON.parse(lineOfSession(await reportOf(messages))) as Omit<ReportSession, 'evidence' | 'transactions'> & {
      evidence: ReportSession['evidence'] & { kind: string; lines: { line: number }[] }[];
      transactions: { mid: number; outcome: string; octets: number | null }[];
    };
    expect(session.evidence.map(({ kind, lines }) => [kind, lines[0]?.line])).toEqual(expectedFacts(messages));
    expect(session.evidence[0]).toMatchObject({ side: 'for', weight: 3 });
    expect(session.transactions.map(({ mid, outcome }) => [mid, outcome])).toEqual(
      Array.from({ length: messages }, (_, i) => [FIRST_MID + i, ENDS[i % ENDS.length]?.outcome]),
    );
    expect(session).toMatchObject({ impact: 'message-lost', verdict: { actor: 'undetermined' } });
  });

  test('stands in both documents alike', async () => {
    const report = await reportOf(messages);
    const document = JSON.parse([...renderJson(report)].join('')) as { sessions: object[] };
    expect(`{"type":"session",${JSON.stringify(document.sessions[0]).slice(1)}`).toBe(lineOfSession(report));
    const largest = FIRST_MID + Math.max(...Array.from({ length: messages }, (_, i) => (i % ENDS.length < 2 ? i : 0)));
    expect([...renderCsv(report)][1]).toContain(`,${largest},`);
  });
});
