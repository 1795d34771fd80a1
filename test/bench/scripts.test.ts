import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';

const LOG = 'samples/firewall-reset/mail_logs.log';

test.skipIf(!existsSync('dist/maillog/index.js')).each(['recognise-log.mjs', 'read-logs.mjs'])('%s measures the log room as it is built', (script) => {
  const told: unknown = JSON.parse(execFileSync(process.execPath, [`test/bench/${script}`, LOG], { encoding: 'utf8' }));
  expect(told).toMatchObject({ seconds: expect.any(Number), cpuSeconds: expect.any(Number), peakMb: expect.any(Number), unknown: 0 });
});
