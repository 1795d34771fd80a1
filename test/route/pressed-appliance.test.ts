import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { EVERYTHING } from '../../src/model/settings.ts';
import { SITE } from '../support/pairing-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'whohungup-pressed-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (time: string, text: string): string => `Tue Mar  3 ${time} 2026 Info: ${text}`;
const lost = [
  at('11:00:00', 'New SMTP ICID 77 interface Data 1 (192.0.2.25) address 198.51.100.4 reverse dns host a.example verified yes'),
  at('11:00:01', 'Start MID 14 ICID 77'),
  at('11:00:02', 'MID 14 ICID 77 From: <ann@a.example>'),
  at('11:05:36', 'ICID 77 lost'),
  at('11:05:36', 'Message aborted MID 14 Receiving aborted'),
  at('11:05:37', 'ICID 77 close'),
];
const status = (time: string, conservation: number, waiting: number): string =>
  at(time, `Status: CPULd 99 CrtMID 15 CrtICID 78 CrtDCID 9 ResCon ${conservation} WorkQ ${waiting}`);

async function pressureSaid(statuses: readonly string[], lines: readonly string[] = lost): Promise<readonly [string, readonly number[]][]> {
  const paths = ['mail_logs', 'status'].map((name) => join(folder, name));
  for (const [i, text] of [lines, statuses].entries()) writeFileSync(paths[i] ?? '', `${text.join('\n')}\n`);
  const { report } = await analyze({ inputs: paths.map((path) => ({ path, vantage: null })), site: SITE, selection: EVERYTHING });
  return [...report.sessions].flatMap(({ evidence }) =>
    evidence.filter(({ kind }) => kind === 'appliance-pressed').map((one) => [one.side, one.lines.map(({ line }) => line)] as const),
  );
}

describe('a session that was lost while the status log shows the appliance under pressure', () => {
  test('is told with that line, which accuses nobody', async () => {
    expect(await pressureSaid([status('11:04:50', 0, 3), status('11:05:50', 120, 4100), status('11:06:50', 0, 3)])).toEqual([['neutral', [2]]]);
    expect(await pressureSaid([status('11:05:00', 0, 700)])).toEqual([['neutral', [1]]]);
  });

  test('not where it was at ease in that minute, whatever it was before and later', async () => {
    expect(await pressureSaid([status('11:01:00', 120, 4100), status('11:05:10', 0, 499), status('11:09:00', 120, 4100)])).toEqual([]);
  });

  test('nor where the session ended well', async () => {
    const fine = [...lost.slice(0, 3), at('11:05:35', 'MID 14 ready 900 bytes from <ann@a.example>'), at('11:05:37', 'ICID 77 close')];
    expect(await pressureSaid([status('11:05:50', 120, 4100)], fine)).toEqual([]);
  });
});
