import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';

const top = new URL('../../', import.meta.url);
const bin = fileURLToPath(new URL('bin/whohungup.js', top));
const sample = fileURLToPath(new URL('samples/reset-mid-envelope', top));
const schema: object = JSON.parse(readFileSync(new URL('report.schema.json', top), 'utf8'));

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function run(
  argv: readonly string[],
  options: { readonly stdin?: string; readonly closesOutput?: boolean; readonly output?: number; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...argv], {
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '', ...options.env },
      stdio: ['pipe', options.output ?? 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
    if (options.closesOutput) child.stdout?.destroy();
    if (options.stdin === undefined) child.stdin?.end();
    else child.stdin?.end(readFileSync(options.stdin));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, out, err }));
  });
}

// `npm test` builds first; a bare `vitest` in a fresh checkout has nothing to run.
describe.skipIf(!existsSync(new URL('dist/whohungup.js', top)))('the installed command', () => {
  test('diagnoses a sample incident in a directory and tells who, what and by which packet', async () => {
    const { status, out, err } = await run([sample]);
    expect([status, err]).toEqual([0, '']);
    expect(out).toMatch(/rst by client/);
    expect(out).toMatch(/\(#\d+/);
    // oxlint-disable-next-line no-control-regex -- control characters are what must be absent
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  test('its JSON fits the schema that ships with it', async () => {
    const valid = new Ajv2020({ strict: true }).compile(schema);
    for (const command of ['diagnose', 'transcript', 'verify']) {
      const document: unknown = JSON.parse((await run([command, sample, '--json'])).out);
      valid(document);
      expect(valid.errors ?? []).toEqual([]);
    }
  });

  test('its transcript marks the row that ended the session', async () => {
    const { out } = await run(['transcript', sample]);
    expect(out.match(/<== ended here/g)).toHaveLength(1);
  });

  test('verify reads every cited packet twice', async () => {
    const { status, out } = await run(['verify', sample]);
    expect(status).toBe(0);
    expect(out).toMatch(/\d+ cited packets? the same in both readers, 0 different/);
  });

  test('a capture from a pipe gives the same verdict as from the file', async () => {
    const fromFile = JSON.parse((await run([`${sample}/esa.pcap`, '--json'])).out) as { sessions: { verdict: unknown }[] };
    const fromPipe = JSON.parse((await run(['-', '--json'], { stdin: `${sample}/esa.pcap` })).out) as { sessions: { verdict: unknown }[] };
    expect(fromPipe.sessions.map(({ verdict }) => verdict)).toEqual(fromFile.sessions.map(({ verdict }) => verdict));
  });

  test('a pipe gets no colours, not even where a build server says CI', async () => {
    const { out } = await run([sample], { env: { NO_COLOR: '', CI: 'true' } });
    expect(out).not.toContain('\u001b');
  });

  test('a closed pipe is quiet success', async () => {
    expect(await run([sample, '--json'], { closesOutput: true })).toEqual({ status: 0, out: '', err: '' });
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk is no success', async () => {
    const full = openSync('/dev/full', 'w');
    const { status, err } = await run([sample], { output: full });
    closeSync(full);
    expect(status).toBe(74);
    expect(err).toMatch(/^whohungup: the output could not be written: ENOSPC.*\n {2}.+\n$/);
  });

  test('a missing file is named with what to do, and the status says that nothing could be read', async () => {
    const { status, out, err } = await run(['no-such-file.pcap']);
    expect([status, out]).toEqual([3, '']);
    expect(err).toMatch(/^whohungup: no-such-file\.pcap: .+\n {2}.+\n$/);
  });

  test('wrong usage exits 2', async () => {
    expect((await run(['--icid', 'x', sample])).status).toBe(2);
  });
});
