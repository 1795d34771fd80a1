import { execFileSync } from 'node:child_process';
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert, asyncProperty, integer } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeHeaderText, readLogs } from '../../src/maillog/index.ts';
import type { ReportMessage } from '../../src/model/report.ts';
import type { Selection } from '../../src/model/settings.ts';
import type { Source } from '../../src/model/source.ts';
import { listMessages } from '../../src/route/list-messages.ts';
import { MessageTraces } from '../../src/tracing/index.ts';
import { ScratchDepot } from '../../src/vault/index.ts';
import { SAMPLE_LOG } from '../maillog/sample-log.ts';
import { textSource } from '../maillog/sources.ts';
import { EVERYTHING } from '../../src/model/settings.ts';
import { delivered, headerOf, logOf, PLAIN_CLOCK, received } from './stories.ts';

/** What a list shows of a message. */
function shown({ mid, serial, lineage, sender, subject, messageId, recipients, outcome, first, last, octets }: ReportMessage): unknown {
  const told = recipients.map(({ address, rid, outcome: own, mid: under }) => ({ address, rid, own, under }));
  return { mid, serial, lineage, sender, subject, messageId, told, outcome, first, last, octets };
}

async function listed(files: () => readonly Source[], selection: Selection, most: number, roundBytes: number, quietSeconds: number): Promise<unknown> {
  const found = await listMessages(files(), selection, most, () => ({ selection, clock: PLAIN_CLOCK }), {
    archive: new ScratchDepot(),
    roundBytes,
    quietSeconds,
    blockBytes: 2048,
  });
  return found && { count: found.list.count, outcomes: Object.fromEntries(found.list.outcomes), newest: found.list.newest.map(shown) };
}

/** The same, of everything read at once. */
async function whole(files: () => readonly Source[], selection: Selection, most: number): Promise<unknown> {
  const log = await readLogs(files());
  const all = [...new MessageTraces({ log, sessions: [], clock: PLAIN_CLOCK, decodeHeader: decodeHeaderText }, selection)];
  const outcomes: Record<string, number> = {};
  for (const { outcome } of all) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return { count: all.length, outcomes, newest: all.slice(-most).map(shown) };
}

async function compare(files: () => readonly Source[], change: Partial<Selection>, most: number, roundBytes: number, quietSeconds: number): Promise<void> {
  const selection = { ...EVERYTHING, ...change };
  expect(await listed(files, selection, most, roundBytes, quietSeconds)).toEqual(await whole(files, selection, most));
}

function generated(): string {
  const folder = mkdtempSync(join(tmpdir(), 'whohungup-passing-'));
  execFileSync(process.execPath, [
    fileURLToPath(new URL('../bench/generate-log.mjs', import.meta.url)),
    join(folder, 'mail_logs'),
    '--megabytes',
    '0.6',
    '--rate',
    '1',
    '--seed',
    '7',
  ]);
  const text = readFileSync(join(folder, 'mail_logs'), 'latin1');
  rmSync(folder, { recursive: true });
  return text;
}

const GENERATED = generated();

describe('messages listed while the log is read', () => {
  test.each<[string, Partial<Selection>]>([
    ['all', {}],
    ['what was not delivered', { outcomes: ['bounced', 'delayed', 'quarantined', 'dropped', 'aborted', 'unknown'] }],
    ['a sender', { sender: ['news1@'] }],
    ['a subject', { subject: ['FFER 50'] }],
  ])('%s: the same as when everything is held, however often the silent are put to rest', async (_, change) => {
    await assert(
      asyncProperty(integer({ min: 2048, max: 200_000 }), integer({ min: 0, max: 200 }), integer({ min: 1, max: 300 }), async (roundBytes, quiet, most) => {
        await compare(() => [textSource(GENERATED)], change, most, roundBytes, quiet);
      }),
      { numRuns: 6 },
    );
  });

  test('numbers used again, chains over long times, copies that come back, lines that come late', async () => {
    const at = (time: string, lines: readonly string[]) => lines.map((line) => `${time}${line.slice(8)}`);
    const filler = (hour: number) =>
      Array.from({ length: 40 }, (_, i) => `${hour}:${String(i).padStart(2, '0')}:00 MID ${hour * 1000 + i} queued for delivery`);
    const lines = [
      ...headerOf('08:00:00', 'SN-1'),
      ...received(71, 11, ['bob@example.com', 'dave@example.com'], '08:00:01'),
      '08:00:05 New SMTP DCID 31 interface 192.0.2.25 address 192.0.2.60 port 6025',
      '08:00:05 Delivery start DCID 31 MID 71 to RID [0, 1] to offbox IronPort Spam Quarantine',
      '08:00:06 Message done DCID 31 MID 71 to RID [0, 1] (external quarantine)',
      '08:00:06 Message finished MID 71 done',
      ...received(72, 12, ['bob@example.com'], '08:00:07'),
      '08:00:08 ISQ: Quarantined MID 72',
      '08:00:08 Message finished MID 72 done',
      ...received(73, 13, ['bob@example.com'], '08:00:09'),
      '08:00:09 Message finished MID 73 done',
      ...filler(10),
      '11:00:00 New SMTP ICID 19 interface Data 1 (192.0.2.25) address 192.0.2.60 reverse dns host unknown verified no',
      '11:00:00 Start MID 90 ICID 19',
      '11:00:00 MID 90 ICID 19 From: <ann@partner.example>',
      '11:00:00 MID 90 ICID 19 RID 0 To: <bob@example.com>',
      "11:00:00 MID 90 Message-ID '<figures.71@partner.example>'",
      ...delivered(90, 39, [0], '11:00:01', '11:00:02'),
      '11:00:02 Message finished MID 90 done',
      ...filler(12),
      '13:00:00 Start MID 91 ICID 0 (ISQ Released Message)',
      '13:00:00 ISQ: Reinjected MID 72 as MID 91',
      ...delivered(91, 40, [0], '13:00:01', '13:00:02'),
      ...delivered(73, 41, [0], '13:00:03', '13:00:04'),
      ...filler(14),
      ...at('15:00:00', received(73, 13, ['erin@example.com'])),
      '15:00:00 MID 73 and something unheard of',
      ...filler(16),
      "17:00:00 Bounced: DCID 41 MID 73 to RID 0 - 5.1.0 - Unknown address error ('550', ['no']) []",
    ];
    for (const roundBytes of [2048, 5000, 100_000])
      for (const quiet of [0, 60, 7200]) await compare(() => [textSource(logOf(...lines))], {}, 200, roundBytes, quiet);
    await compare(() => [textSource(logOf(...lines))], { recipient: ['erin@'] }, 200, 2048, 0);
    await compare(() => [textSource(logOf(...lines))], { since: Date.UTC(2026, 2, 3, 12, 30) * 1000 }, 200, 2048, 0);
  });

  test('several files, of several appliances, lines in more than one of them, and wrapped ones', async () => {
    const other = GENERATED.replaceAll('4215A1B2C3D4E5F60718', 'OTHER').slice(0, 90_000);
    const extract = GENERATED.split('\n')
      .filter((line) => line.includes(' MID 50'))
      .join('\n');
    const wrapped = SAMPLE_LOG.join('\n').replaceAll(' to RID', '\nto RID');
    const files = () => [textSource(GENERATED, 0), textSource(extract, 1), textSource(other, 2), textSource(wrapped, 3)];
    for (const quiet of [0, 60]) await compare(files, {}, 200, 8192, quiet);
  });

  test('packed files and connections are left to reading', async () => {
    const { reread: _reread, ...packed } = textSource(GENERATED);
    expect(await listed(() => [packed], EVERYTHING, 10, 8192, 0)).toBeNull();
    expect(await listed(() => [textSource(GENERATED)], { ...EVERYTHING, dcid: [30_001] }, 10, 8192, 0)).toBeNull();
  });
});
