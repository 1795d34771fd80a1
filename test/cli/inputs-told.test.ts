import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { runCli } from './fake-io.ts';

const sample = fileURLToPath(new URL('../../samples/reset-mid-envelope', import.meta.url));
const schema: object = JSON.parse(await readFile(new URL('../../report.schema.json', import.meta.url), 'utf8'));
const COMMANDS = ['diagnose', 'transcript', 'trace', 'messages', 'connections', 'compare', 'verify'] as const;

let folder = '';
let packed = '';
let cut = '';
let missing = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whohungup-inputs-'));
  packed = join(folder, 'x.xz');
  cut = join(folder, 'cut.pcap');
  missing = join(folder, 'missing.pcap');
  await writeFile(packed, Buffer.from('fd377a585a000004e6d6b446', 'hex'));
  const whole = await readFile(join(sample, 'esa.pcap'));
  await writeFile(cut, whole.subarray(0, whole.length - 3));
});

afterAll(() => rm(folder, { recursive: true }));

const secondPoint = (command: string): string[] => (command === 'compare' ? ['--at', `client=${join(sample, 'esa.pcap')}`] : []);

describe.each(COMMANDS)('%s', (command) => {
  test.each([[[]], [['-q']], [['--json']], [['--ndjson']]])('names what it cannot read and what is damaged, with %j', async (options) => {
    const { status, out, err } = await runCli([command, packed, cut, missing, join(sample, 'mail_logs.log'), ...secondPoint(command), ...options], { analyze });
    expect(status).toBe(4);
    const told = command === 'diagnose' && !options.includes('--json') && !options.includes('--ndjson') ? out.replace(/\s+/g, ' ') : err;
    expect(told).toContain('this packing is not read; unpack it first: xz -dk');
    expect(told).toContain('the file ends inside a record');
    expect(err).toContain(`whohungup: ${missing}: no such file\n  `);
    expect(err.split(missing)).toHaveLength(2);
  });
});

test('nothing readable: the reason and the command that helps are not kept back', async () => {
  for (const command of ['diagnose', 'transcript'])
    expect(await runCli([command, packed, '-q'], { analyze })).toMatchObject({
      status: 3,
      out: '',
      err: `whohungup: ${packed}: xz: this packing is not read; unpack it first: xz -dk ${packed}\n`,
    });
});

test('what could not be opened stands in the document behind the inputs that were', async () => {
  const { status, out } = await runCli([missing, sample, '--json'], { analyze });
  expect(status).toBe(4);
  const document = JSON.parse(out) as { readonly inputs: readonly { readonly path: string }[] };
  expect(document.inputs.at(-1)).toMatchObject({
    path: missing,
    kind: 'unreadable',
    packets: null,
    anomalies: [{ kind: 'unreadable', severity: 'error', meaning: 'no such file; check the spelling and the current folder' }],
  });
  const valid = new Ajv2020({ strict: true }).compile(schema);
  valid(document);
  expect(valid.errors ?? []).toEqual([]);
});

test('only a missing file: the document lists it, too', async () => {
  const { status, out } = await runCli([missing, '--json'], { analyze });
  expect(status).toBe(3);
  expect(JSON.parse(out)).toMatchObject({ inputs: [{ path: missing, kind: 'unreadable' }], sessions: [] });
});
