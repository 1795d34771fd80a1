import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { parseCommandLine } from '../../src/cli/program.ts';
import type { ReportSession } from '../../src/model/report.ts';
import { runCli } from '../cli/fake-io.ts';
import { type Captured, encodePcap, encodePcapng, ethernet } from '../support/captures.ts';
import { conversation, type Step } from '../support/mail-capture.ts';
import { fragments, icmpErrorPacket, tcpPacket } from '../support/packets.ts';
import { read } from '../support/reading.ts';

const samples = fileURLToPath(new URL('../../samples', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'extract-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LOGIN: readonly Step[] = [
  ['S', '220 esa.example.net ESMTP\r\n'],
  ['C', 'EHLO mail.example\r\n'],
  ['S', '250-esa.example.net\r\n250 AUTH LOGIN PLAIN\r\n'],
  ['C', 'AUTH LOGIN\r\n'],
  ['S', '334 VXNlcm5hbWU6\r\n'],
  ['C', 'YWxpY2U=\r\n'],
  ['S', '334 UGFzc3dvcmQ6\r\n'],
  ['C', 'c2VjcmV0LXdvcmQ=\r\n'],
  ['S', '535 5.7.8 no: c2VjcmV0LXdvcmQ=\r\n'],
  ['C', 'AUTH PLAIN AGFsaWNlAHNlY3JldC13b3Jk\r\n'],
  ['S', '235 ok\r\n'],
  ['C', 'MAIL FROM:<alice@example.com>\r\n'],
  ['S', '250 ok\r\n'],
  ['C', 'RCPT TO:<bob@example.net>\r\n'],
  ['S', '250 ok\r\n'],
  ['C', 'DATA\r\n'],
  ['S', '354 go ahead\r\n'],
  ['C', 'Subject: quarterly figures\r\nMessage-ID: <1@example.com>\r\n\r\nThe figures are '],
  ['C', 'private.\r\n..dots\r\n.\r\nQUIT\r\n'],
  ['S', '250 ok:  Message 7 accepted\r\n221 bye\r\n'],
  'SF',
  'CF',
];

async function write(steps: readonly Step[], extra: readonly string[] = [], encode = encodePcap): Promise<Buffer> {
  const input = join(folder, 'in.pcap');
  writeFileSync(input, encode(conversation(steps)));
  const { files, status, err } = await runCli(['extract', input, '--all', '-o', join(folder, 'out.pcapng'), ...extra], { analyze });
  expect([status, err]).toEqual([0, '']);
  return files.get(join(folder, 'out.pcapng')) ?? Buffer.alloc(0);
}

/** What the client and the server say, in order of the packets. */
async function textOf(capture: Uint8Array): Promise<string> {
  return (await read(capture)).segments.map(({ payload }) => payload).join('');
}

describe('what stays of the words', () => {
  test('what ICMP errors quote of them is overwritten; their checksum fits', async () => {
    const quoted = tcpPacket({ src: '192.0.2.25', dst: '198.51.100.7', srcPort: 25, dstPort: 40_000, seq: 5034, payload: 'private figures '.repeat(20) });
    const capture = await write(LOGIN, [], (packets) =>
      encodePcap([
        ...packets,
        {
          atUs: (packets.at(-1)?.atUs ?? 0) + 1000,
          ip: icmpErrorPacket({ src: '203.0.113.9', dst: '192.0.2.25', type: 3, code: 13, quoted, quotedOctets: 300 }),
        },
      ]),
    );
    const { icmp } = await read(capture);
    expect([icmp.length, icmp[0]?.quoted.seq]).toEqual([1, 5034]);
    expect(capture.includes(Buffer.from('private'))).toBe(false);
    expect(capture.includes(Buffer.from('x'.repeat(250)))).toBe(true);
  });

  test('bodies and AUTH exchanges are overwritten at equal length; commands, replies and headers stay', async () => {
    const text = await textOf(await write(LOGIN));
    for (const secret of ['YWxpY2U', 'c2VjcmV0', 'AGFsaWNl', 'UGFzc3', 'figures are', 'private', 'dots']) expect(text).not.toContain(secret);
    for (const kept of ['AUTH LOGIN\r\n', 'AUTH PLAIN xxxx', 'MAIL FROM:<alice@example.com>', 'Subject: quarterly figures', '\r\n.\r\nQUIT\r\n', '235 ok'])
      expect(text).toContain(kept);
    expect(text).toHaveLength(LOGIN.reduce((sum, step) => sum + (typeof step === 'string' ? 0 : step[1].length), 0));
  });

  test('--raw keeps every octet and says so', async () => {
    const input = join(folder, 'in.pcap');
    writeFileSync(input, encodePcap(conversation(LOGIN)));
    const { files, out } = await runCli(['extract', input, '--all', '--raw', '-o', join(folder, 'raw.pcapng')], { analyze });
    expect(await textOf(files.get(join(folder, 'raw.pcapng')) ?? Buffer.alloc(0))).toContain('c2VjcmV0LXdvcmQ=');
    expect(out).toMatch(/every octet was kept.*look at it/);
  });

  test('a body that comes again, in other pieces, is overwritten again', async () => {
    const packets = conversation(LOGIN.slice(0, 18));
    const last = packets.at(-2);
    const ip = last?.ip ?? new Uint8Array();
    const again = { atUs: (last?.atUs ?? 0) + 300_000, ip };
    writeFileSync(join(folder, 'again.pcap'), encodePcap([...packets, again]));
    const { files } = await runCli(['extract', join(folder, 'again.pcap'), '--all', '-o', 'a.pcapng'], { analyze });
    expect(await textOf(files.get('a.pcapng') ?? Buffer.alloc(0))).not.toContain('figures are');
  });

  test('BDAT: of a message in chunks only the header of the first stays', async () => {
    const steps: Step[] = [
      ...LOGIN.slice(0, 3),
      ['C', 'MAIL FROM:<alice@example.com>\r\n'],
      ['S', '250 ok\r\n'],
      ['C', 'RCPT TO:<bob@example.net>\r\n'],
      ['S', '250 ok\r\n'],
      ['C', 'BDAT 21\r\nSubject: x\r\n\r\nhello\r\nBDAT 24 LAST\r\nBcc: private continuation'],
      ['S', '250 ok\r\n250 ok\r\n'],
    ];
    const text = await textOf(await write(steps));
    expect(text).toContain('Subject: x');
    expect(text).not.toContain('hello');
    expect(text).not.toContain('private');
  });

  test('fragments are taken along and overwritten, whatever their order', async () => {
    const packets = conversation(LOGIN.slice(0, 17));
    const body = tcpPacket({
      src: '198.51.100.7',
      dst: '192.0.2.25',
      srcPort: 40_000,
      dstPort: 25,
      seq: seqAfter(packets),
      ack: 5000,
      flags: 0x18,
      payload: `Subject: x\r\n\r\n${'private '.repeat(30)}`,
    });
    const pieces = fragments(body, 64).toReversed();
    const atUs = (packets.at(-1)?.atUs ?? 0) + 1000;
    writeFileSync(join(folder, 'pieces.pcap'), encodePcap([...packets, ...pieces.map((ip, i) => ({ atUs: atUs + i, ip }))]));
    const { files } = await runCli(['extract', join(folder, 'pieces.pcap'), '--all', '-o', 'f.pcapng'], { analyze });
    const octets = files.get('f.pcapng') ?? Buffer.alloc(0);
    expect(octets.includes('private')).toBe(false);
    expect((await read(octets)).segments.at(-1)?.payload).toMatch(/^Subject: x\r\n\r\nx+$/);
  });
});

function seqAfter(packets: ReturnType<typeof conversation>): number {
  const ours = packets.map(({ ip = new Uint8Array() }) => ip).filter((ip) => ip[12] === 198);
  return Math.max(...ours.map((ip) => new DataView(ip.buffer, ip.byteOffset).getUint32(24) + ip.length - 40));
}

describe('the file', () => {
  test('times, lengths and checksums are as they were; times of nanoseconds too, to a quarter of a microsecond', async () => {
    const before = await read(encodePcap(conversation(LOGIN)));
    const after = await read(await write(LOGIN));
    const shape = ({ segments }: typeof before): unknown[] =>
      segments.map(({ atUs, seq, ack, flags, ttl, ipId, payloadLength, checksumState }) => [atUs, seq, ack, flags, ttl, ipId, payloadLength, checksumState]);
    expect(shape(after)).toEqual(shape(before));
  });

  test('comments stand on the packet that ended the session and on the section, control characters escaped', async () => {
    const hostile = LOGIN.slice(0, 3).map(
      (step): Step => (typeof step !== 'string' && String(step[1]).startsWith('220') ? ['S', '220 \u001b[31mred ESMTP\r\n'] : step),
    );
    const octets = await write([...hostile, 'CF', 'SF']);
    const text = octets.toString('latin1');
    expect(text).toMatch(/ended here: /);
    expect(text).toMatch(/premature-fin by client/);
    expect(text).toMatch(/SHA-256 [0-9a-f]{64}/);
    const { summaries } = await read(octets);
    // oxlint-disable-next-line no-control-regex -- control characters are what must be absent
    for (const comment of summaries[0]?.comments ?? []) expect(comment).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test('what cards and taps put behind the packets is zero, behind bare acknowledgements too; --raw keeps it', async () => {
    const input = join(folder, 'padded.pcap');
    const padded = conversation(LOGIN).map(({ atUs, ip = new Uint8Array() }) => ({
      atUs,
      frame: Buffer.concat([ethernet(0x0800, ip), Buffer.from('other memory'), Buffer.from([1, 2, 3, 4])]),
    }));
    writeFileSync(input, encodePcap(padded));
    const { files } = await runCli(['extract', input, '--all', '-o', 'p.pcapng'], { analyze });
    const octets = files.get('p.pcapng') ?? Buffer.alloc(0);
    expect([octets.includes('memory'), octets.includes(Buffer.from([1, 2, 3, 4])), octets.includes('what lay behind the IP packets')]).toEqual([
      false,
      false,
      true,
    ]);
    expect((await read(octets)).segments.map(({ payloadLength }) => payloadLength)).toEqual(
      (await read(encodePcap(padded))).segments.map(({ payloadLength }) => payloadLength),
    );
    const raw = await runCli(['extract', input, '--all', '--raw', '-o', 'p.pcapng'], { analyze });
    expect(raw.files.get('p.pcapng')?.includes('other memory')).toBe(true);
  });

  test('decryption secrets and name resolution of a pcapng are left out', async () => {
    const input = join(folder, 'in.pcapng');
    writeFileSync(input, Buffer.concat([encodePcapng(conversation(LOGIN)), secrets('CLIENT_RANDOM 00 11')]));
    const { files } = await runCli(['extract', input, '--all', '-o', 's.pcapng'], { analyze });
    expect(files.get('s.pcapng')?.includes('CLIENT_RANDOM')).toBe(false);
  });

  test('an input is never written over, and a pipe cannot be extracted', async () => {
    const input = join(folder, 'in.pcap');
    writeFileSync(input, encodePcap(conversation(LOGIN)));
    const { status, err, files } = await runCli(['extract', input, '--all', '-o', input], { analyze });
    expect([status, files.size]).toEqual([2, 0]);
    expect(err).toMatch(/is one of the inputs/);
  });

  test('nothing selected: a note, and no file', async () => {
    const { status, err, files } = await runCli(['extract', join(samples, 'firewall-reset'), '--icid', '1'], { analyze });
    expect([status, files.size]).toEqual([0, 0]);
    expect(err).toMatch(/no session fits/);
  });
});

function secrets(text: string): Buffer {
  const length = 20 + Math.ceil(text.length / 4) * 4;
  const block = Buffer.alloc(length);
  block.writeUInt32LE(10, 0);
  block.writeUInt32LE(length, 4);
  block.writeUInt32LE(0x544c534b, 8);
  block.writeUInt32LE(text.length, 12);
  block.write(text, 16, 'latin1');
  block.writeUInt32LE(length, length - 4);
  return block;
}

const told = ({ verdict, icid, dcid, impact }: ReportSession): unknown => ({
  icid,
  dcid,
  impact,
  cause: verdict.cause,
  actor: verdict.actor,
  stage: verdict.stage,
  confidence: verdict.confidence,
});

describe('judged again', () => {
  test.each([
    ['fin-mid-envelope', []],
    ['firewall-reset', []],
    ['firewall-reset-two-points', ['--at', `client=${join(samples, 'firewall-reset-two-points', 'client.pcap.gz')}`]],
    ['five-minute-timeout', []],
    ['quit-before-data', []],
    ['spam-quarantine-release', []],
  ])('%s: the extract and its log lead to the same verdict', async (name, more) => {
    const source = join(samples, name);
    const out = join(folder, `${name}.pcapng`);
    const { out: said, files } = await runCli(['extract', source, ...more, '-o', out], { analyze });
    for (const [path, octets] of files) writeFileSync(path, octets);
    const command = /judge it again: whohungup (.*)/.exec(said)?.[1]?.split(' ') ?? [];
    const before = await judge([source, ...more]);
    const after = await judge([...command, '--all']);
    const harmed = before.filter((session) => session.impact !== 'none' || session.verdict.cause !== 'completed');
    expect(after.map(told)).toEqual(harmed.map(told));
    expect(readFileSync(out).length).toBeGreaterThan(200);
  });
});

/** Sessions in which what is overwritten might be taken for something else. */
const ODD: readonly (readonly [what: string, packets: () => readonly Captured[]])[] = [
  [
    'a client that speaks no SMTP',
    () =>
      conversation([
        ['C', Buffer.from([...Array(600).keys()].map((value) => (value * 31 + 128) & 0xff).filter((octet) => octet !== 22))],
        ['S', '220 esa.example.net ESMTP\r\n500 5.5.1 Command unrecognized\r\n500 5.5.1 Command unrecognized\r\n'],
        'CF',
        'SF',
      ]),
  ],
  [
    'a message of four letters a line, sent before it was asked for',
    () =>
      conversation([
        ['S', '220 esa.example.net ESMTP\r\n'],
        ['C', 'HELO mail.example\r\n'],
        ['C', 'MAIL FROM:<alice@example.com>\r\n'],
        ['C', 'RCPT TO:<bob@example.net>\r\n'],
        ['C', 'DATA\r\n'],
        ['C', 'test\r\n'],
        ['S', '250 esa.example.net\r\n250 ok\r\n250 ok\r\n354 go ahead\r\n'],
        ['C', '..\r\n'],
        'CF',
      ]),
  ],
  [
    'a file with packets of another year',
    () => [...conversation(LOGIN.slice(0, 5)), ...conversation(LOGIN, { client: '203.0.113.9', clientPort: 41_000, startUs: 1_820_000_000e6 })],
  ],
];

describe('of sessions in which what is overwritten might be taken for something else', () => {
  test.each(ODD)('%s: extract and bundle lead to the same verdict', async (_, packets) => {
    const input = join(folder, 'odd.pcap');
    writeFileSync(input, encodePcap(packets()));
    const [first] = await judge([input]);
    const { out: said, files } = await runCli(['extract', input, '--stream', '0', '-o', join(folder, 'odd.pcapng')], { analyze });
    for (const [path, octets] of files) writeFileSync(path, octets);
    const command = /judge it again: whohungup (.*)/.exec(said)?.[1]?.split(' ') ?? [];
    expect((await judge(command)).map(told)).toEqual(first ? [told(first)] : []);
    rmSync(join(folder, 'odd'), { recursive: true, force: true });
    const { status, out } = await runCli(['share', input, '--stream', '0', '-o', join(folder, 'odd')], { analyze });
    expect([status, out.match(/1 verdict the same as before/)?.length]).toEqual([0, 1]);
  });
});

async function judge(argv: readonly string[]): Promise<ReportSession[]> {
  const parsed = parseCommandLine([...argv], '0');
  if (!('invocation' in parsed)) throw new Error('no invocation');
  return [...(await analyze(parsed.invocation.request)).report.sessions];
}
