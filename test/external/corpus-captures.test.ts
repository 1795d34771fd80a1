import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readCaptures } from '../../src/capture/index.ts';
import { openSources } from '../../src/source/index.ts';
import { interestIn, recordingSink } from '../support/reading.ts';

const shared = fileURLToPath(new URL('../../../shared', import.meta.url));
const folders = ['corpus/pcap', 'cases'].map((name) => `${shared}/${name}`).filter((path) => existsSync(path));
const run = promisify(execFile);
const hasCapinfos = await run('capinfos', ['-v']).then(
  () => true,
  () => false,
);

/** Packets by the count of an independent reader; files that it does not read are absent. */
async function countsOf(paths: readonly string[]): Promise<Map<string, number>> {
  // It goes on with the next file but exits with an error when one of them is not to its liking.
  const { stdout } = await run('capinfos', ['-Tcmr', ...paths], { maxBuffer: 1 << 26 }).catch((error: { stdout: string }) => error);
  return new Map(
    stdout
      .split('\n')
      .map((line) => /^(.*),(\d+)$/.exec(line))
      .filter((match) => match !== null)
      .map(([, path = '', count]) => [path, Number(count)]),
  );
}

describe.skipIf(folders.length === 0 || !hasCapinfos)('captures that nobody here wrote', () => {
  test('are all read, with as many packets as the independent reader counts', async () => {
    const { sources } = await openSources(folders.map((path) => ({ path, vantage: null })));
    const captures = sources.filter(({ kind }) => kind === 'capture');
    const expected = await countsOf(captures.map(({ path }) => path));
    const differences: string[] = [];
    for (const source of captures) {
      const [summary] = await readCaptures([source], recordingSink(), interestIn([25, 465, 587]));
      const count = expected.get(source.path);
      if (count !== undefined && count !== summary?.packets) differences.push(`${source.path}: ${summary?.packets} instead of ${count}`);
    }
    expect(captures.length).toBeGreaterThan(100);
    expect(expected.size).toBeGreaterThan(captures.length * 0.95);
    expect(differences).toEqual([]);
  });
});
