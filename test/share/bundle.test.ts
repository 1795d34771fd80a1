import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { runCli } from '../cli/fake-io.ts';
import { encodePcap, type Captured, ethernet } from '../support/captures.ts';
import { conversation } from '../support/mail-capture.ts';
import { icmpErrorPacket, tcpPacket } from '../support/packets.ts';
import { read } from '../support/reading.ts';

const samples = fileURLToPath(new URL('../../samples', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bundles-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function bundle(packets: readonly Captured[], name: string): Promise<{ content: Buffer; out: string }> {
  writeFileSync(join(folder, `${name}.pcap`), encodePcap(packets));
  const { status, err, out } = await runCli(['share', join(folder, `${name}.pcap`), '--all', '-o', join(folder, name)], { analyze });
  expect([status, err]).toEqual([0, '']);
  return { content: readFileSync(join(folder, name, 'capture.pcapng')), out };
}

const STEPS = [
  ['S', '220 esa.example.net ESMTP\r\n'],
  ['C', 'EHLO mail.client.example\r\n'],
  ['S', '250 ok\r\n'],
  ['C', 'MAIL FROM:<alice@client.example>\r\n'],
  ['S', '250 ok\r\n'],
] as const;

describe('packets', () => {
  test('ICMP quotes, hardware addresses, trailers and unknown TCP options hold nothing of the original; checksums and the rest are as before', async () => {
    const packets = conversation(STEPS);
    const last = packets.at(-1)?.atUs ?? 0;
    const quoted = tcpPacket({ src: '192.0.2.25', dst: '198.51.100.7', srcPort: 25, dstPort: 40_000, seq: 5034, payload: '250 hello alice' });
    const option = Uint8Array.of(34, 10, 1, 2, 3, 4, 5, 6, 7, 8);
    const tail: Captured[] = [
      { atUs: last + 1000, ip: icmpErrorPacket({ src: '203.0.113.9', dst: '192.0.2.25', type: 3, code: 13, quoted, quotedOctets: 40 }) },
      {
        atUs: last + 2000,
        frame: Buffer.concat([
          ethernet(
            0x0800,
            tcpPacket({ src: '198.51.100.7', dst: '192.0.2.25', srcPort: 40_000, dstPort: 25, seq: 1060, ack: 5034, options: option, flags: 0x11 }),
          ),
          Buffer.from('trailer of alice'),
        ]),
      },
    ];
    const before = await read(encodePcap([...packets, ...tail]));
    const { content } = await bundle([...packets, ...tail], 'icmp');
    for (const secret of [
      'alice',
      'client.example',
      'trailer',
      '\x02\x00\x00\x00\x00\x01',
      '\xc6\x33\x64\x07',
      '\xc0\x00\x02\x19',
      '\xcb\x00\x71\x09',
      '\x01\x02\x03\x04\x05\x06\x07\x08',
    ])
      expect(content.includes(Buffer.from(secret, 'latin1'))).toBe(false);
    const after = await read(content);
    const shape = ({ segments, icmp }: typeof before): unknown => [
      segments.map(({ atUs, seq, ack, flags, ttl, ipId, window, payloadLength, checksumState }) => [
        atUs,
        seq,
        ack,
        flags,
        ttl,
        ipId,
        window,
        payloadLength,
        checksumState,
      ]),
      icmp.map(({ type, code, quoted: { srcPort, dstPort, seq } }) => [type, code, srcPort, dstPort, seq]),
    ];
    expect(shape(after)).toEqual(shape(before));
    expect(after.icmp[0]?.quoted.srcIp).toBe(after.segments[1]?.src);
  });
});

describe('the bundle', () => {
  const out = join(folder, 'two');
  const argv = ['share', join(samples, 'firewall-reset-two-points'), '--at', `client=${join(samples, 'firewall-reset-two-points', 'client.pcap.gz')}`];

  test('holds capture, log and reports; the key stays outside, for its owner alone', async () => {
    const said = await runCli([...argv, '-o', out], { analyze });
    expect(said.out).toMatch(/1 verdict the same as before: ICID 656 rst by middlebox/);
    expect(readdirSync(out)).toEqual(['README.txt', 'capture.pcapng', 'incident.html', 'mail.log', 'verdict.json', 'verdict.md']);
    expect(statSync(`${out}-key.json`).mode & 0o077).toBe(0);
    const { replaced } = JSON.parse(readFileSync(`${out}-key.json`, 'utf8')) as { replaced: { addresses: Record<string, string> } };
    expect(Object.keys(replaced.addresses)).toContain('198.51.100.133');
    expect(readFileSync(join(out, 'incident.html'), 'utf8')).toContain('README.txt in this folder says what was replaced');
    for (const file of readdirSync(out)) expect(readFileSync(join(out, file), 'latin1')).not.toMatch(/198\.51\.100\.133|client\.example|samples/);
  });

  test('the same key gives the same names again; a folder that exists is not touched', async () => {
    expect((await runCli([...argv, '-o', out], { analyze })).status).toBe(2);
    const first = readFileSync(join(out, 'capture.pcapng'));
    rmSync(out, { recursive: true });
    await runCli([...argv, '-o', out], { analyze });
    expect(readFileSync(join(out, 'capture.pcapng')).equals(first)).toBe(true);
  });

  test('leaves out the session whose verdict would change, and says so', async () => {
    const input = join(folder, 'both.pcap');
    writeFileSync(input, encodePcap([...conversation(STEPS), ...conversation([...STEPS, 'CF', 'SF'], { clientPort: 41_000, startUs: 1_780_000_010e6 })]));
    let runs = 0;
    const { status, out: said } = await runCli(['share', input, '--all', '-o', join(folder, 'one')], {
      analyze: async (request) => {
        const analysis = await analyze(request);
        if (runs++ !== 1) return analysis;
        const sessions = [...analysis.report.sessions].filter(({ clientPort }) => clientPort !== 40_000);
        return { ...analysis, report: { ...analysis.report, sessions } };
      },
    });
    expect([status, runs]).toEqual([0, 3]);
    expect(said).toMatch(/^1 verdict the same as before: stream-\d premature-fin by client$/m);
    expect(said).toMatch(/^1 session left out, without names the verdict would be another one: stream-0 still-open.* before, missing after$/m);
    expect(readFileSync(join(folder, 'one', 'README.txt'), 'utf8')).toMatch(/Left out, because without names the verdict would be another one:\n {2}stream-0/);
    const packets = await read(readFileSync(join(folder, 'one', 'capture.pcapng')));
    expect(new Set(packets.segments.map(({ srcPort }) => srcPort))).toEqual(new Set([41_000, 25]));
  });

  test('is not written where the verdict would change: status 5, and nothing is left', async () => {
    let runs = 0;
    const { status, err } = await runCli([...argv, '-o', join(folder, 'never')], {
      analyze: async (request) => {
        const analysis = await analyze(request);
        return runs++ === 0 ? analysis : { ...analysis, report: { ...analysis.report, sessions: [] } };
      },
    });
    expect([status, readdirSync(folder).filter((name) => name.startsWith('never'))]).toEqual([5, []]);
    expect(err).toMatch(/the verdict would be another one: ICID 656 .* before, missing after/);
  });
});
