import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const LOG = 'samples/firewall-reset/mail_logs.log';
const FIGURES = { seconds: expect.any(Number), cpuSeconds: expect.any(Number), peakMb: expect.any(Number) };

function told(...args: string[]): unknown {
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

test.skipIf(!existsSync('dist/maillog/index.js')).each(['recognise-log.mjs', 'read-logs.mjs'])('%s measures the log room as it is built', (script) => {
  expect(told(`test/bench/${script}`, LOG)).toMatchObject({ ...FIGURES, unknown: 0 });
});

test('least-work.mjs looks at all of the generated sessions and writes the whole answer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'whohungup-least-'));
  try {
    execFileSync(process.execPath, ['test/bench/generate.mjs', folder, '--sessions', '20']);
    const answer = join(folder, 'answer.ndjson');
    writeFileSync(answer, '{"type":"input"}\n{"type":"end"}\n');
    const figures = told('test/bench/least-work.mjs', join(folder, 'traffic.pcap'), join(folder, 'mail_logs'), answer);
    expect(figures).toMatchObject({ ...FIGURES, sessions: 20, histories: 20, octets: 32 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
