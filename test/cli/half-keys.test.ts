import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import type { ReportSession } from '../../src/model/report.ts';
import { encodePcap } from '../support/captures.ts';
import { conversation, type Step } from '../support/mail-capture.ts';
import { converse } from '../tls/peers.ts';
import { WORDS } from '../tls/scenes.ts';
import { runCli } from './fake-io.ts';

const folder = mkdtempSync(join(tmpdir(), 'half-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));
const capture = join(folder, 'closed.pcap');
const keys = join(folder, 'client.keys');

beforeAll(async () => {
  // The client closes in the middle of its message, behind a short command and a short answer.
  const { wire, keyLog } = await converse([...WORDS.slice(0, 8), ['C', 'Subject: half\r\n\r\nhalf a ']], { server: { minVersion: 'TLSv1.3' } });
  const within: Step[] = wire.map(({ side, octets }) => [side === 0 ? 'C' : 'S', octets]);
  const steps: Step[] = [
    ['S', '220 mx.example.com\r\n'],
    ['C', 'EHLO client.example\r\n'],
    ['S', '250 STARTTLS\r\n'],
    ['C', 'STARTTLS\r\n'],
    ['S', '220 ok\r\n'],
    ...within,
    'CF',
    'SF',
  ];
  writeFileSync(capture, encodePcap(conversation(steps)));
  writeFileSync(keys, keyLog.filter((line) => line.startsWith('CLIENT')).join('\n'));
});

async function judged(...argv: readonly string[]): Promise<ReportSession | undefined> {
  const { out } = await runCli(['diagnose', capture, ...argv, '--all', '--json'], { analyze });
  const { sessions } = JSON.parse(out) as { sessions: ReportSession[] };
  return sessions[0];
}

describe('a session that the client closes inside its message', () => {
  test("with the client's keys alone no QUIT is guessed where its last words were read", async () => {
    expect(await judged('--keylog', keys)).toMatchObject({
      verdict: { cause: 'premature-fin', stage: 'data-body' },
      impact: 'message-lost',
      tls: { content: 'partly' },
    });
  });

  test('without keys and log nobody can say that no harm was done', async () => {
    expect((await judged())?.impact).toBe('unknown');
  });
});
