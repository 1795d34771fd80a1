/**
 * Captures real sessions on loopback: `openssl s_client` speaks STARTTLS with a server of Node.js over every suite that both offer, resumes,
 * updates keys, sends early data; what is decrypted must be what tshark decrypts with the same key log, octet for octet, and say what was said.
 * Needs tcpdump (and the right to use it), openssl and tshark.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCaptures } from '../../src/capture/index.ts';
import { suiteOf } from '../../src/model/cipher-suites.ts';
import type { DialogueFollower, SmtpDialogue } from '../../src/model/smtp.ts';
import type { OpenTls } from '../../src/model/tls.ts';
import { followDialogue } from '../../src/smtp/index.ts';
import { openSources } from '../../src/source/index.ts';
import { trackConnections } from '../../src/tcp/index.ts';
import { type KeyRing, readKeyLog, RsaKeys, Secrets, tlsFollowers } from '../../src/tls/index.ts';
import { BlockStore } from '../../src/vault/index.ts';
import { EC_CERTIFICATE, EC_KEY, RSA_CERTIFICATE, RSA_KEY } from '../tls/credentials.ts';
import { inside } from '../tls/scenes.ts';

const WANTED = ['tcpdump', 'tshark', 'openssl'];
const lacking = WANTED.filter((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error);
const mayCapture = lacking.length === 0 && process.getuid?.() === 0;

const folder = mayCapture ? mkdtempSync(join(tmpdir(), 'tls-tshark-')) : '';
const at = (name: string): string => join(folder, name);
const PAUSE_MS = 40;
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, milliseconds));

/** Within TLS; small letters, because s_client takes lines that begin with R, Q or K for orders. */
const LINES = ['ehlo client.example', 'mail from:<a@client.example>', 'rcpt to:<b@example.com>', 'data', 'Subject: hello\r\n\r\nhello\r\n.', 'quit'];
const ANSWERS: Readonly<Record<string, string>> = {
  ehlo: '250-esa.example.com\r\n250 SIZE 1000000',
  mail: '250 sender <a@client.example> ok',
  rcpt: '250 recipient <b@example.com> ok',
  data: '354 go ahead',
  quit: '221 esa.example.com',
};
const SAID = [
  'EHLO client.example (21)',
  '250 answer esa.example.com|SIZE 1000000',
  'MAIL from:<a@client.example> (30)',
  '250 answer sender <a@client.example> ok',
  'RCPT to:<b@example.com> (25)',
  '250 answer recipient <b@example.com> ok',
  'DATA  (6)',
  '354 answer go ahead',
  'data-start 0',
  'data-end 25',
  '250 answer ok:  Message 1357 accepted',
  'QUIT  (6)',
  '221 answer esa.example.com',
];

/** A server that takes one message, behind STARTTLS. */
function startMailServer(): Promise<Server> {
  const secureContext = createSecureContext({
    key: [RSA_KEY, EC_KEY],
    cert: [RSA_CERTIFICATE, EC_CERTIFICATE],
    ciphers: 'ALL:@SECLEVEL=0',
    minVersion: 'TLSv1',
    dhparam: 'auto',
  });
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('220 esa.example.com ESMTP\r\n');
    serve(socket, (octets) => {
      if (!/^STARTTLS/i.test(octets)) return octets.startsWith('EHLO') ? '250-esa.example.com\r\n250 STARTTLS' : null;
      socket.removeAllListeners('data');
      socket.write('220 Go ahead with TLS\r\n');
      const secure = new TLSSocket(socket, { isServer: true, secureContext });
      secure.on('error', () => undefined);
      serve(secure, answerInside);
      return null;
    });
  });
  return new Promise((resolve) => void server.listen(0, '127.0.0.1', () => resolve(server)));
}

function serve(socket: Socket, answer: (line: string) => string | null): void {
  let held = '';
  socket.on('data', (octets: Buffer) => {
    held += octets.toString('latin1');
    for (let end = held.indexOf('\n'); end >= 0; end = held.indexOf('\n')) {
      const reply = answer(held.slice(0, end + 1));
      held = held.slice(end + 1);
      if (reply !== null) socket.write(`${reply}\r\n`);
    }
  });
}

function answerInside(line: string): string | null {
  if (line.trim() === '.') return '250 ok:  Message 1357 accepted';
  return ANSWERS[line.slice(0, 4).toLowerCase()] ?? null;
}

interface Scene {
  readonly name: string;
  /** Arguments of s_client beside those that all have. */
  readonly args: readonly string[];
  /** Said in front of the second line. */
  readonly order?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly resumes?: true;
}

const OFFERED = Array.from({ length: 0x10000 }, (_, number) => suiteOf(number)).filter(
  (suite) => suite !== null && /^(?:RSA|DHE_RSA|ECDHE_RSA|ECDHE_ECDSA)$/.test(suite.keyExchange) && suite.mode !== 'stream' && !suite.cipher.startsWith('3DES'),
);
const of12 = (suite: string, ...more: string[]): string[] => ['-tls1_2', '-cipher', `${suite}:@SECLEVEL=0`, ...more];

const SCENES: readonly Scene[] = [
  ...OFFERED.map((suite): Scene => ({ name: `TLSv1.2 ${suite?.openssl}`, args: of12(suite?.openssl ?? '') })),
  ...['AES128-SHA', 'ECDHE-RSA-AES256-SHA', 'ECDHE-ECDSA-AES128-SHA', 'DHE-RSA-AES256-SHA'].flatMap((suite): Scene[] => [
    { name: `TLSv1 ${suite}`, args: ['-tls1', '-cipher', `${suite}:@SECLEVEL=0`] },
    { name: `TLSv1.1 ${suite}`, args: ['-tls1_1', '-cipher', `${suite}:@SECLEVEL=0`] },
  ]),
  ...['AES128-SHA', 'AES128-SHA256', 'ECDHE-RSA-AES256-SHA384'].map(
    (suite): Scene => ({ name: `${suite} without encrypt-then-MAC`, args: of12(suite, '-no_etm') }),
  ),
  ...['AES128-GCM-SHA256', 'AES128-SHA256'].map(
    (suite): Scene => ({
      name: `${suite} without extended master secret`,
      args: of12(suite),
      env: { OPENSSL_CONF: at('no-ems.cnf') },
    }),
  ),
  ...['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'].map(
    (suite): Scene => ({
      name: `TLSv1.3 ${suite}`,
      args: ['-tls1_3', '-ciphersuites', suite],
    }),
  ),
  { name: 'TLSv1.3, the client updates its keys', args: ['-tls1_3'], order: 'k' },
  { name: 'TLSv1.3, both update their keys', args: ['-tls1_3'], order: 'K' },
  { name: 'TLSv1.2, negotiated anew', args: of12('ECDHE-RSA-AES128-GCM-SHA256'), order: 'R' },
  { name: 'TLSv1.2, to be resumed by a ticket', args: of12('AES128-GCM-SHA256', '-sess_out', at('ticket.pem')) },
  { name: 'TLSv1.2, resumed by a ticket', args: of12('AES128-GCM-SHA256', '-sess_in', at('ticket.pem')), resumes: true },
  { name: 'TLSv1.3, to be resumed', args: ['-tls1_3', '-sess_out', at('psk.pem')] },
  { name: 'TLSv1.3, resumed by a PSK', args: ['-tls1_3', '-sess_in', at('psk.pem')], resumes: true },
];

const KEY_LOG = at('keys.log');
const CAPTURE = at('loopback.pcap');

async function speak(port: number, scene: Scene): Promise<void> {
  const args = ['s_client', '-starttls', 'smtp', '-connect', `127.0.0.1:${port}`, '-keylogfile', KEY_LOG, ...scene.args];
  const client = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, ...scene.env } });
  let heard = '';
  client.stdout.on('data', (octets: Buffer) => void (heard += octets.toString('latin1')));
  client.stdin.on('error', () => undefined);
  const left = new Promise<void>((resolve) => void client.once('exit', () => resolve()));
  for (let i = 0; i < 100 && !/^---\s*$[\s\S]*(?:Verify return code|read R BLOCK|250 )/m.test(heard); i++) await pause(10);
  await pause(PAUSE_MS);
  for (const [index, line] of LINES.entries()) {
    if (index === 1 && scene.order !== undefined) {
      // An order is one only at the beginning of what s_client reads at once.
      await pause(10 * PAUSE_MS);
      client.stdin.write(`${scene.order}\n`);
      await pause(10 * PAUSE_MS);
    }
    const from = heard.length;
    client.stdin.write(`${line}\r\n`);
    await pause(PAUSE_MS);
    // A busy machine answers late; who speaks on would be captured so.
    for (let i = 0; i < 200 && !/^\d{3} /m.test(heard.slice(from)); i++) await pause(10);
  }
  client.stdin.end();
  await Promise.race([left, pause(2_000)]);
  client.kill();
}

/** Early data has no place behind STARTTLS with these tools: `s_server` takes it from the first octet. */
async function speakEarly(port: number): Promise<void> {
  writeFileSync(at('early.txt'), 'EHLO early.example\r\n');
  const common = ['s_client', '-connect', `127.0.0.1:${port}`, '-keylogfile', KEY_LOG, '-tls1_3'];
  for (const args of [
    [...common, '-sess_out', at('early.pem')],
    [...common, '-sess_in', at('early.pem'), '-early_data', at('early.txt')],
  ]) {
    const client = spawn('openssl', args, { stdio: ['pipe', 'ignore', 'ignore'] });
    await pause(500);
    client.stdin.write('noop\r\n');
    await pause(200);
    client.stdin.end();
    await pause(200);
    client.kill();
  }
}

interface Stream {
  readonly dialogue: SmtpDialogue;
  /** What was decrypted, by side. */
  readonly plain: readonly [Buffer, Buffer];
}

async function readCapture(ring: KeyRing, ports: readonly number[], tlsPort: number): Promise<Stream[]> {
  const plain = new Map<number, [Buffer, Buffer]>();
  const found = new Map<number, SmtpDialogue>();
  const marked = new Uint8Array(65_536);
  for (const port of ports) marked[port] = 1;
  const open = tlsFollowers(ring);
  const tracker = trackConnections({
    vantage: 'appliance',
    store: new BlockStore(),
    serverPorts: marked,
    openStream: ({ stream, responderPort }) => {
      const said: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)];
      plain.set(stream, said);
      const openTls: OpenTls = (client, begin, listener) =>
        open(client, begin, {
          ...listener,
          plain: (side, bytes, start, end, when) => {
            said[side] = Buffer.concat([said[side], bytes.subarray(start, end)]);
            listener.plain(side, bytes, start, end, when);
          },
        });
      return followDialogue({ clientSide: 0, serverPort: responderPort === tlsPort ? 465 : responderPort, openTls });
    },
    onConnection: ({ stream }, sink) => void found.set(stream, (sink as DialogueFollower).finish()),
  });
  const { sources } = await openSources([{ path: CAPTURE, vantage: null }]);
  await readCaptures(sources, tracker, { ports: marked, smtpElsewhere: () => undefined });
  tracker.finish();
  return [...found].sort(([a], [b]) => a - b).map(([stream, dialogue]) => ({ dialogue, plain: plain.get(stream) ?? [Buffer.alloc(0), Buffer.alloc(0)] }));
}

/** What tshark decrypts, by stream and side. */
function followByTshark(streams: number, port: number, servers: readonly number[]): [Buffer, Buffer][] {
  const follow = Array.from({ length: streams }, (_, stream) => ['-z', `follow,tls,raw,${stream}`]).flat();
  const args = ['-r', CAPTURE, '-o', `tls.keylog_file:${KEY_LOG}`, '-d', `tcp.port==${port},smtp`, '-q', ...follow];
  const text = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 64 * 1024 * 1024 });
  const found = new Map<number, [Buffer, Buffer]>();
  for (const part of text.split(/^=+$/m)) {
    const stream = /tcp\.stream eq (\d+)/.exec(part)?.[1];
    if (stream === undefined) continue;
    const sides: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)];
    // Node 0 is who spoke first within TLS.
    const first = servers.includes(Number(/^Node 0: .*:(\d+)$/m.exec(part)?.[1])) ? 1 : 0;
    for (const line of part.split('\n')) {
      const octets = /^(\t?)([0-9a-f]+)$/.exec(line);
      if (!octets) continue;
      const side = (octets[1] === '\t') === (first === 0) ? 1 : 0;
      sides[side] = Buffer.concat([sides[side], Buffer.from(octets[2] ?? '', 'hex')]);
    }
    found.set(Number(stream), sides);
  }
  return Array.from({ length: streams }, (_, stream) => found.get(stream) ?? [Buffer.alloc(0), Buffer.alloc(0)]);
}

describe.skipIf(!mayCapture)('sessions of OpenSSL on loopback', () => {
  let streams: Stream[] = [];
  let shown: [Buffer, Buffer][] = [];
  let withKeyOnly: Stream[] = [];

  beforeAll(async () => {
    writeFileSync(at('no-ems.cnf'), 'openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = tls\n[tls]\nOptions = -ExtendedMasterSecret\n');
    writeFileSync(at('rsa.key'), RSA_KEY);
    writeFileSync(at('rsa.crt'), RSA_CERTIFICATE);
    const server = await startMailServer();
    const { port } = server.address() as AddressInfo;
    const tlsPort = port === 65_535 ? port - 1 : port + 1;
    const children: ChildProcess[] = [
      spawn('tcpdump', ['-i', 'lo', '-U', '-B', '8192', '-w', CAPTURE, 'tcp', 'portrange', `${Math.min(port, tlsPort)}-${Math.max(port, tlsPort)}`], {
        stdio: 'ignore',
      }),
      spawn('openssl', ['s_server', '-accept', `127.0.0.1:${tlsPort}`, '-key', at('rsa.key'), '-cert', at('rsa.crt'), '-early_data', '-quiet'], {
        stdio: ['pipe', 'ignore', 'ignore'],
      }),
    ];
    await pause(1_500);
    for (const scene of SCENES) await speak(port, scene);
    await speakEarly(tlsPort);
    await pause(500);
    for (const child of children) child.kill();
    server.close();
    await pause(500);
    const secrets = new Secrets();
    readKeyLog(readFileSync(KEY_LOG, 'latin1'), secrets);
    streams = await readCapture({ secrets, rsa: new RsaKeys([]) }, [port, tlsPort], tlsPort);
    withKeyOnly = await readCapture({ secrets: new Secrets(), rsa: new RsaKeys([createPrivateKey(RSA_KEY)]) }, [port, tlsPort], tlsPort);
    shown = followByTshark(streams.length, port, [port, tlsPort]);
  }, 300_000);

  afterAll(() => {
    if (folder !== '' && existsSync(folder) && !process.env['KEEP_CAPTURE']) rmSync(folder, { recursive: true });
  });

  test('every session is in the capture', () => {
    expect(streams).toHaveLength(SCENES.length + 2);
  });

  test.each(SCENES.map((scene, index) => [scene.name, index, scene] as const))('%s', (_, index, scene) => {
    const stream = streams[index];
    expect(inside(stream?.dialogue as SmtpDialogue)).toEqual(SAID);
    expect(stream?.dialogue.tls).toMatchObject({ content: 'decrypted', obstacle: null, resumed: scene.resumes === true });
  });

  test.each(SCENES.map((scene, index) => [scene.name, index] as const))('as tshark reads it: %s', (name, index) => {
    const stream = streams[index];
    const other = shown[index];
    if (!other || (other[0].length === 0 && other[1].length === 0)) {
      console.warn(`tshark decrypts nothing of: ${name}`);
      return;
    }
    expect(stream?.plain.map((octets) => octets.toString('latin1'))).toEqual(other.map((octets) => octets.toString('latin1')));
  });

  test('early data is read as said, and as tshark reads it', () => {
    const [stream, other] = [streams.at(-1), shown.at(-1)];
    expect(stream?.plain[0].toString('latin1')).toBe('EHLO early.example\r\nnoop\r\n');
    expect(stream?.plain.map((octets) => octets.toString('latin1'))).toEqual(other?.map((octets) => octets.toString('latin1')));
    expect(stream?.dialogue.tls).toMatchObject({ content: 'decrypted', resumed: true });
  });

  test('with the RSA key alone: what has no forward secrecy, resumed sessions of it as well', () => {
    for (const [index, scene] of SCENES.entries()) {
      const isRsa = /(?:^|TLSv1(?:\.\d)? )(?:AES|ARIA|CAMELLIA)|ticket/.test(scene.name);
      expect([scene.name, withKeyOnly[index]?.dialogue.tls?.content]).toEqual([scene.name, isRsa ? 'decrypted' : 'opaque']);
    }
  });
});

test.skipIf(mayCapture)(`skipped: ${lacking.length > 0 ? `${lacking.join(', ')} not found` : 'only root may capture'}`, () => undefined);
