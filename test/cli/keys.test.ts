import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { encodePcap, encodePcapng, pcapngBlock } from '../support/captures.ts';
import { conversation, type Step } from '../support/mail-capture.ts';
import { RSA_KEY, SEALED_KEY } from '../tls/credentials.ts';
import { converse, type Recording } from '../tls/peers.ts';
import { WORDS } from '../tls/scenes.ts';
import { type Outcome, runCli, type Setting } from './fake-io.ts';

const folder = mkdtempSync(join(tmpdir(), 'keys-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const schema: object = JSON.parse(readFileSync(new URL('../../report.schema.json', import.meta.url), 'utf8'));

const PRELUDE: readonly Step[] = [
  ['S', '220 esa.example.com ESMTP\r\n'],
  ['C', 'EHLO mail.client.example\r\n'],
  ['S', '250-esa.example.com\r\n250 STARTTLS\r\n'],
  ['C', 'STARTTLS\r\n'],
  ['S', '220 Go ahead with TLS\r\n'],
];

let modern: Recording;
let plain: Recording;

beforeAll(async () => {
  modern = await converse(WORDS, { server: { minVersion: 'TLSv1.3' } });
  plain = await converse(WORDS, { server: { ciphers: 'AES128-GCM-SHA256', maxVersion: 'TLSv1.2' } });
  writeFileSync(at('modern.pcap'), encodePcap(packetsOf(modern)));
  writeFileSync(at('plain.pcap'), encodePcap(packetsOf(plain)));
  writeFileSync(at('modern.keys'), `# a comment\n${modern.keyLog.join('\n')}\n`);
  writeFileSync(at('plain.keys'), plain.keyLog.join('\r\n'));
  writeFileSync(at('rsa.key'), RSA_KEY);
  writeFileSync(at('sealed.key'), SEALED_KEY);
});

function packetsOf({ wire }: Recording) {
  return conversation([...PRELUDE, ...wire.map(({ side, octets }): Step => [side === 0 ? 'C' : 'S', octets]), 'CF', 'SF']);
}

/** The secrets of a key log as a decryption secrets block. */
function secretsBlock(keyLog: readonly string[]): Uint8Array {
  const text = Buffer.from(`${keyLog.join('\n')}\n`);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x544c534b, 0);
  head.writeUInt32LE(text.length, 4);
  return pcapngBlock(10, Buffer.concat([head, text]));
}

async function run(argv: readonly string[], setting: Setting = {}): Promise<Outcome> {
  const outcome = await runCli(argv, { analyze, ...setting });
  for (const line of [...modern.keyLog, ...plain.keyLog]) {
    const secret = line.split(' ')[2] ?? '';
    expect(outcome.out + outcome.err).not.toContain(secret);
  }
  return outcome;
}

interface Told {
  readonly sessions: readonly {
    readonly verdict: { readonly stage: string; readonly cause: string };
    readonly tls: { readonly content: string };
    readonly caveats: readonly string[];
  }[];
  readonly caveats: readonly string[];
}

async function judged(...argv: readonly string[]): Promise<Told> {
  const { out, status } = await run([...argv, '--all', '--json']);
  expect(status).toBe(0);
  const told = JSON.parse(out) as Told;
  const validate = new Ajv2020({ strict: false }).compile(schema);
  expect(validate(told) ? [] : validate.errors).toEqual([]);
  return told;
}

describe('--keylog', () => {
  test('the session is read up to QUIT', async () => {
    const [session] = (await judged(at('modern.pcap'), '--keylog', at('modern.keys'))).sessions;
    expect(session).toMatchObject({ verdict: { cause: 'completed', stage: 'quit' }, tls: { content: 'decrypted', version: 'TLSv1.3' }, caveats: [] });
  });

  test('rows of the transcript say how they came to be known', async () => {
    const { out } = await run(['transcript', at('modern.pcap'), '--keylog', at('modern.keys'), '--all', '--json']);
    const [transcript] = (JSON.parse(out) as { transcripts: { rows: { client: string; appliance: string; basis: string }[] }[] }).transcripts;
    const said = (transcript?.rows ?? []).flatMap(({ client, appliance, basis }) =>
      client === '' && appliance === '' ? [] : `${basis}: ${client}${appliance}`,
    );
    expect(said).toEqual(
      expect.arrayContaining(['read: STARTTLS', 'decrypted: MAIL FROM:<a@client.example>', 'decrypted: QUIT', 'decrypted: 221 esa.example.com']),
    );
    const text = await run(['transcript', at('modern.pcap'), '--keylog', at('modern.keys'), '--all']);
    expect(text.out).toMatch(/QUIT\s+#\d+ -> decrypted/);
  });

  test('a key log among the inputs is taken as one, and none of its lines is ever shown', async () => {
    expect((await judged(at('modern.pcap'), at('modern.keys'))).sessions[0]?.tls.content).toBe('decrypted');
    const { out, err } = await run([at('modern.pcap'), at('modern.keys'), '--unknown-lines']);
    expect(out + err).not.toContain('TRAFFIC_SECRET');
  });

  test('several may be given; those of other sessions do no harm', async () => {
    const told = await judged(at('modern.pcap'), '--keylog', at('plain.keys'), '--keylog', at('modern.keys'));
    expect(told.sessions[0]?.tls.content).toBe('decrypted');
  });

  test('one of other sessions alone: the reading without keys, and a caveat', async () => {
    const without = await judged(at('modern.pcap'));
    const told = await judged(at('modern.pcap'), '--keylog', at('plain.keys'));
    expect(told.sessions[0]).toMatchObject({ verdict: without.sessions[0]?.verdict, tls: { content: 'opaque' } });
    expect(told.sessions[0]?.caveats.join()).toContain('none of them belongs to this session');
  });

  test('a file that is none: a caveat; one that is not there: an error', async () => {
    expect((await judged(at('modern.pcap'), '--keylog', at('rsa.key'))).caveats.join()).toContain('holds no secret of a TLS session');
    expect(await run([at('modern.pcap'), '--keylog', at('nothing.keys')])).toMatchObject({ status: 3, err: expect.stringContaining('ENOENT') });
  });
});

describe('decryption secrets blocks', () => {
  test.each([
    ['in front of the packets', true],
    ['behind them', false],
  ])('%s', async (_, isInFront) => {
    const capture = encodePcapng(packetsOf(modern));
    const head = 28;
    const block = secretsBlock(modern.keyLog);
    writeFileSync(at('own.pcapng'), isInFront ? Buffer.concat([capture.subarray(0, head), block, capture.subarray(head)]) : Buffer.concat([capture, block]));
    expect((await judged(at('own.pcapng'))).sessions[0]?.tls.content).toBe('decrypted');
  });

  test('secrets of another protocol, and blocks whose length is a lie, are passed over', async () => {
    const other = Buffer.from(secretsBlock(modern.keyLog));
    other.writeUInt32LE(0x57474b4c, 8);
    const lie = Buffer.from(secretsBlock(['CLIENT_RANDOM']));
    lie.writeUInt32LE(0xffffffff, 12);
    writeFileSync(at('other.pcapng'), Buffer.concat([encodePcapng(packetsOf(modern)), other, lie]));
    expect((await judged(at('other.pcapng'))).sessions[0]?.tls.content).toBe('opaque');
  });

  test.each([[['extract']], [['extract', '--raw']], [['share']]])('%s opens nothing and leaves the secrets out', async ([command = '', ...more]) => {
    writeFileSync(at('own.pcapng'), Buffer.concat([encodePcapng(packetsOf(modern)), secretsBlock(modern.keyLog)]));
    const target = at(command === 'share' ? 'bundle' : 'evidence.pcapng');
    rmSync(target, { recursive: true, force: true });
    rmSync(`${target}-key.json`, { force: true });
    const { status, files, err } = await run([command, at('own.pcapng'), '--all', '-o', target, ...more]);
    expect([status, err]).toEqual([0, '']);
    const written = command === 'share' ? readdirSync(target).map((name) => readFileSync(join(target, name))) : [...files.values()];
    expect(written.length).toBeGreaterThan(0);
    for (const octets of written) expect(octets.toString('latin1')).not.toMatch(/CLIENT_TRAFFIC_SECRET|a@client\.example|Message 1357|221 esa/);
  });

  test('they take no keys', async () => {
    expect((await run(['share', at('modern.pcap'), '--keylog', at('modern.keys')])).status).toBe(2);
    expect((await run(['extract', at('modern.pcap'), '--rsa-key', at('rsa.key')])).status).toBe(2);
  });
});

describe('--rsa-key', () => {
  test('opens what has no forward secrecy', async () => {
    expect((await judged(at('plain.pcap'), '--rsa-key', at('rsa.key'))).sessions[0]?.tls.content).toBe('decrypted');
    const other = await judged(at('modern.pcap'), '--rsa-key', at('rsa.key'));
    expect(other.sessions[0]?.caveats.join()).toMatch(/forward secrecy/);
  });

  test('a password is asked for, never taken from the command line', async () => {
    const argv = [at('plain.pcap'), '--rsa-key', at('sealed.key'), '--all', '--json'];
    const { out } = await run([...argv, '--rsa-key-password'], { secret: 'geheim' });
    expect((JSON.parse(out) as Told).sessions[0]?.tls.content).toBe('decrypted');
    expect(await run(argv)).toMatchObject({ status: 3, err: expect.stringContaining('--rsa-key-password') });
    expect(await run([...argv, '--rsa-key-password'], { secret: 'offen' })).toMatchObject({ status: 3, err: expect.stringContaining('does not open the key') });
  });

  test.each([
    [['--rsa-key-password'], 'no key is named'],
    [['--rsa-key', 'sealed.key', '--rsa-key-password', '-'], 'standard input'],
  ])('%j is refused', async (options, says) => {
    expect(await run([at('plain.pcap'), ...options])).toMatchObject({ status: 2, err: expect.stringContaining(says) });
  });
});
