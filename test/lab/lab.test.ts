import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('./run.mjs', import.meta.url));

test('the laboratory lists its scenarios on any machine, each with an identifier of its own', () => {
  const lines = execFileSync(process.execPath, [script, '--list'], { encoding: 'utf8' }).trim().split('\n');
  const ids = lines.map((line) => line.split(' ')[0]);
  expect(ids.length).toBeGreaterThan(300);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z]\d{3}[0-9a-z-]*$/.test(id ?? ''))).toEqual([]);
});
