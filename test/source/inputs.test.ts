import { gzipSync } from 'node:zlib';
import { spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { PassThrough } from 'node:stream';
import { dirname, join, sep } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Source } from '../../src/model/source.ts';
import { openSources, spool } from '../../src/source/index.ts';
import { BLOCK_OCTETS, BlockStore } from '../../src/vault/block-store.ts';
import { encodePcap, encodePcapng, gzip } from '../support/captures.ts';
import { concat, octetsOf } from '../support/packets.ts';

const PCAP = encodePcap([{ atUs: 1e15, frame: new Uint8Array(60) }]);
const LOG = 'Thu Aug 14 11:05:36 2014 Info: ICID 10293 lost\r\n';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inputs '));
  await put('mail_logs', LOG);
  await put('ring of captures/b.pcap2', PCAP);
  await put('ring of captures/b.pcap10', PCAP);
  await put('ring of captures/deep/er/z', gzip(PCAP));
  await put('ring of captures/.hidden', PCAP);
  await put('strange[1].pcap', PCAP);
  await put('empty', '');
  // Windows may not let an ordinary user make links; the tests do not depend on it.
  await symlink('..', join(folder, 'ring of captures', 'deep', 'up')).catch(() => {});
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function put(name: string, content: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

async function open(...paths: (string | [path: string, vantage: string])[]): Promise<{ sources: readonly Source[]; names: string[]; failures: string[] }> {
  const args = paths.map((path) =>
    typeof path === 'string' ? { path: join(folder, path), vantage: null } : { path: join(folder, path[0]), vantage: path[1] },
  );
  const { sources, failures } = await openSources(args);
  return { sources, names: sources.map(({ path }) => named(path)), failures: failures.map(({ path, message }) => `${named(path)}: ${message}`) };
}

/** All octets that a source gives. */
async function contentOf(source: Source | undefined): Promise<Uint8Array> {
  const reader = source?.open();
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(1000);
  for (;;) {
    const count = (await reader?.read(buffer, 10, 900)) ?? 0;
    if (count === 0) break;
    parts.push(buffer.slice(10, 10 + count));
  }
  await reader?.close();
  return concat(...parts);
}

/** Octets that do not pack. */
function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => (state = Math.imul(state, 1_664_525) + 1_013_904_223) >>> 24);
}

/** The path below the test's folder. */
function named(path: string): string {
  return path.slice(folder.length + 1).replaceAll(sep, '/');
}

async function* streamOf(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

describe('what the user names', () => {
  test('a folder is walked: sorted, hidden files left out, loops not followed', async () => {
    const { names, failures } = await open('ring of captures');
    expect(names).toEqual(['ring of captures/b.pcap10', 'ring of captures/b.pcap2', 'ring of captures/deep/er/z']);
    expect(failures).toEqual([]);
  });

  test('an empty folder is told', async () => {
    await put('bare/.hidden', PCAP);
    const { names, failures } = await open('bare');
    expect([names, failures]).toEqual([[], ['bare: no file is in this folder']]);
  });

  test.each([
    ['*.pcap', ['strange[1].pcap']],
    ['strange[1].pcap', ['strange[1].pcap']],
    ['ring*/b.pcap?', ['ring of captures/b.pcap2']],
    ['ring of captures/b.pcap[0-9]*', ['ring of captures/b.pcap10', 'ring of captures/b.pcap2']],
    ['ring of captures/b.pcap[!2]*', ['ring of captures/b.pcap10']],
    ['**/z', ['ring of captures/deep/er/z']],
    ['ring of captures/**', ['ring of captures/b.pcap10', 'ring of captures/b.pcap2', 'ring of captures/deep/er/z']],
    ['ring of captures/.h*', ['ring of captures/.hidden']],
    ['[e-f]mpt[y]', ['empty']],
  ])('%s is expanded', async (pattern, expected) => {
    const { names, failures } = await open(pattern);
    expect([names, failures]).toEqual([expected, []]);
  });

  test('what is missing keeps nobody else from being read', async () => {
    const { names, failures } = await open('nowhere', 'mail_logs', '*.zip', 'mail_logs/inside', '[z-a]', 'un[closed');
    expect(names).toEqual(['mail_logs']);
    expect(failures).toEqual([
      'nowhere: no such file',
      '*.zip: no file matches this pattern',
      'mail_logs/inside: a part of the path is not a folder',
      '[z-a]: no file matches this pattern',
      'un[closed: no file matches this pattern',
    ]);
  });

  test('the same file twice is one input; its vantage point is the named one', async () => {
    const { names, sources } = await open('ring of captures', ['ring of captures/b.pcap2', 'client'], 'ring of captures/b.pcap10');
    expect(names).toHaveLength(3);
    expect(sources.map(({ vantage }) => vantage)).toEqual(['appliance', 'client', 'appliance']);
    expect(sources.map(({ input }) => input)).toEqual([0, 1, 2]);
  });

  test.skipIf(process.platform === 'win32')('a link to nothing in a folder costs only itself', async () => {
    await put('links/a.pcap', PCAP);
    await put('links/z.pcap', PCAP);
    await symlink('nowhere', join(folder, 'links', 'm.pcap'));
    await symlink('a.pcap', join(folder, 'links', 'n'));
    const failed = ['links/m.pcap: a link to a file that does not exist'];
    for (const argument of ['links', 'links/*', 'links/**']) {
      const { names, failures } = await open(argument);
      expect([names, failures], argument).toEqual([['links/a.pcap', 'links/z.pcap'], failed]);
    }
  });

  test.skipIf(process.platform !== 'linux')('a name that is not UTF-8 is told as such', async () => {
    await put('names/a.pcap', PCAP);
    await writeFile(Buffer.concat([Buffer.from(join(folder, 'names', 'b')), Buffer.of(0xff)]), PCAP);
    const { names, failures } = await open('names');
    expect([names, failures]).toEqual([['names/a.pcap'], ['names/b\uFFFD: a name that is not UTF-8 cannot be opened']]);
  });

  test('logs have no vantage point', async () => {
    const { sources } = await open(['mail_logs', 'client']);
    expect(sources[0]).toMatchObject({ kind: 'text', format: 'text', vantage: null, bytes: LOG.length, advice: null });
  });
});

describe('what a file is', () => {
  const utf16 = Uint8Array.from(Buffer.from(LOG, 'utf16le'));
  const tar = new Uint8Array(1024);
  tar.set(octetsOf('ustar'), 257);
  const erf = new Uint8Array(96);
  for (const at of [0, 48]) erf.set([0, 0, 0, 0, 0x80, 0x5a, 0x3c, 0x66, 2, 4, 0, 48, 0, 0, 0, 30], at);

  test.each<[string, Uint8Array | string, string, string]>([
    ['classic pcap', PCAP, 'capture', 'pcap'],
    ['pcapng', encodePcapng([], { little: false }), 'capture', 'pcapng'],
    ['packed pcapng', gzip(encodePcapng([])), 'capture', 'pcapng (gzip)'],
    ['gzip packed again', gzip(gzip(PCAP)), 'capture', 'pcap (gzip)'],
    ['text', LOG, 'text', 'text'],
    ['text with a mark of UTF-8', concat(Uint8Array.of(0xef, 0xbb, 0xbf), octetsOf(LOG)), 'text', 'text'],
    ['text with junk from the net', `${LOG.repeat(20)}\0\x01\x02`, 'text', 'text'],
    ['what PowerShell writes', concat(Uint8Array.of(0xff, 0xfe), utf16), 'text', 'text (utf-16le)'],
    ['the same without its mark', utf16, 'text', 'text (utf-16le)'],
    [
      'big-endian text',
      concat(
        Uint8Array.of(0xfe, 0xff),
        utf16.slice().map((_, i) => utf16[i ^ 1] ?? 0),
      ),
      'text',
      'text (utf-16be)',
    ],
    ['packed text', gzip(octetsOf(LOG)), 'text', 'text (gzip)'],
    ['nothing', '', 'empty', 'empty'],
    ['nothing, packed', gzip(new Uint8Array(0)), 'empty', 'empty (gzip)'],
    ['zip', 'PK\x03\x04\x14\0\0\0', 'unsupported', 'zip'],
    ['tar', tar, 'unsupported', 'tar'],
    ['packed tar', gzip(tar), 'unsupported', 'tar (gzip)'],
    ['xz', '\xfd7zXZ\0\0\0', 'unsupported', 'xz'],
    ['bzip2', 'BZh91AY&SY\0\0', 'unsupported', 'bzip2'],
    ['zstd', '\x28\xb5\x2f\xfd\0\0', 'unsupported', 'zstd'],
    ['7z', '7z\xbc\xaf\x27\x1c\0', 'unsupported', '7z'],
    ['PDF', '%PDF-1.7\n', 'unsupported', 'pdf'],
    ['snoop', 'snoop\0\0\0\0\0\0\x02', 'unsupported', 'snoop'],
    ['Network Monitor', 'GMBU\0\0\0\0', 'unsupported', 'netmon'],
    ['ERF', erf, 'unsupported', 'erf'],
    ['other binary', '\x7fELF\x02\x01\x01\0\0\0\0\0\0\0', 'unsupported', 'unknown'],
    ['damaged gzip', concat(gzip(PCAP).subarray(0, 10), new Uint8Array(30).fill(0xff)), 'unsupported', 'damaged (gzip)'],
  ])('%s', async (_name, content, kind, format) => {
    const path = await put('probe/capture.txt', octetsOf(content));
    const { sources } = await openSources([{ path, vantage: null }]);
    expect(sources[0]).toMatchObject({ kind, format, vantage: kind === 'capture' ? 'appliance' : null });
    expect(sources[0]?.advice === null).toBe(kind !== 'unsupported');
  });

  const tcpdump = '10:00:01.000001 IP 192.0.2.1.40000 > 192.0.2.25.25: Flags [S], seq 1, win 64240, length 0\n';
  const tshark = '    1   0.000000    192.0.2.1 \u2192 192.0.2.25   TCP 74 40000 \u2192 25 [SYN] Seq=0 Win=64240 Len=0\n';
  test.each<[string, string, string]>([
    ['K12 text', '+---------+---------------+----------+\r\n10:00:01,000,001   ETHER\r\n|0   |aa|bb|\r\n', 'k12text'],
    ['what tcpdump prints', tcpdump, 'tcpdump text'],
    ['with what it says on top', `reading from file x.pcap, link-type EN10MB (Ethernet)\n${tcpdump}`, 'tcpdump text'],
    ['with dates', `2026-03-03 ${tcpdump}`, 'tcpdump text'],
    ['without times, IPv6', 'IP6 2001:db8::1.40000 > 2001:db8::25.25: Flags [P.], seq 1:5, ack 1, win 3, length 4\n', 'tcpdump text'],
    [
      'in full',
      '10:00:01.000001 IP (tos 0x0, ttl 61, id 1, offset 0, flags [DF], proto TCP (6), length 60)\n    192.0.2.1.4 > 192.0.2.25.25: Flags [S]\n',
      'tcpdump text',
    ],
    [
      'with hardware addresses',
      '10:00:01.000001 02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype IPv4 (0x0800), length 74: 192.0.2.1.4 > 192.0.2.25.25: Flags [S]\n',
      'tcpdump text',
    ],
    ['what tshark prints', tshark, 'tshark text'],
    ['in the form of old releases', tshark.replaceAll('\u2192', '->'), 'tshark text'],
    ['exported packet details', 'Frame 1: 74 bytes on wire (592 bits), 74 bytes captured (592 bits)\n', 'Wireshark text'],
    ['an exported list', '"No.","Time","Source","Destination","Protocol","Length","Info"\n', 'Wireshark text'],
    ['octets in hexadecimal', '0000  aa 70 ca 19 03 ff ba 76 f2 35 5a ab 08 00 45 00   .p.....v.5Z...E.\n', 'hexadecimal dump'],
  ])('a capture as text: %s', async (_name, text, format) => {
    for (const octets of [Buffer.from(text), Buffer.from(`\ufeff${text}`, 'utf16le')]) {
      const { sources } = await openSources([{ path: await put('probe/printed.txt', octets), vantage: null }]);
      expect(sources[0]).toMatchObject({ kind: 'unsupported', format });
      expect(sources[0]?.advice).toMatch(/editcap|tcpdump -s 0 -w|tshark -r|text2pcap/);
    }
    const beside = await openSources([{ path: await put('probe/printed.txt', `${text}${LOG}`), vantage: null }]);
    expect(beside.sources[0]?.kind).toBe('text');
  });

  test('advice is a command that can be pasted', async () => {
    const path = await put('probe/a capture', 'snoop\0\0\0');
    const { sources } = await openSources([{ path, vantage: null }]);
    expect(sources[0]?.advice).toContain(`editcap -F pcap "${path}" out.pcap`);
    const hostile = await put("probe/$(reboot)`a`'$&", 'snoop\0\0\0');
    const [source] = (await openSources([{ path: hostile, vantage: null }])).sources;
    expect(source?.advice).toContain(`'${hostile.replace("'", String.raw`'\''`)}' out.pcap`);
  });
});

describe('unpacking', () => {
  const long = noise(300_000);
  const large = concat(PCAP, long);

  test('several members one after the other are one file', async () => {
    await put('probe/members', gzip(large.subarray(0, 1000), large.subarray(1000, 1001), new Uint8Array(0), large.subarray(1001)));
    const { sources } = await open('probe/members');
    expect(Buffer.from(await contentOf(sources[0])).equals(large)).toBe(true);
    expect(sources[0]?.anomalies.list()).toEqual([]);
  });

  test('a source can be opened again', async () => {
    await put('probe/again', gzip(large));
    const { sources } = await open('probe/again');
    for (let i = 0; i < 2; i++) expect(await contentOf(sources[0])).toHaveLength(large.length);
  });

  test('a cut file gives what is there and says so once', async () => {
    const packed = gzip(large);
    await put('probe/cut', packed.subarray(0, packed.length - 5000));
    const { sources } = await open('probe/cut');
    for (let i = 0; i < 2; i++) {
      const content = await contentOf(sources[0]);
      expect(content.length).toBeGreaterThan(large.length * 0.9);
      expect(Buffer.from(content).equals(large.subarray(0, content.length))).toBe(true);
    }
    expect(sources[0]?.anomalies.list()).toMatchObject([{ kind: 'cut-gzip', count: 1, where: `packed offset ${packed.length - 5000}` }]);
  });

  test('damage in the middle costs little of what came before', async () => {
    const packed = gzip(large).slice();
    packed.fill(0xff, packed.length >> 1, (packed.length >> 1) + 100);
    await put('probe/damaged', packed);
    const { sources } = await open('probe/damaged');
    expect((await contentOf(sources[0])).length).toBeGreaterThan(large.length * 0.35);
    expect(sources[0]?.anomalies.list()).toMatchObject([{ kind: 'corrupt-gzip' }]);
  });
});

describe('gzip with damage inside', () => {
  // Stored blocks: the place of the damage tells to the octet what can be unpacked.
  const text = octetsOf(LOG.repeat(4000)).subarray(0, 150_000);
  const stored = (): Uint8Array => Uint8Array.from(gzipSync(text, { level: 0 }));

  test.each([0, 1])('all in front of it is kept, also in member %i', async (member) => {
    const damaged = stored();
    // The second block's header is at the first block's end: a length that its complement denies.
    const length = Buffer.from(damaged).readUInt16LE(11);
    const second = 10 + 5 + length;
    damaged[second + 1] = (damaged[second + 1] ?? 0) ^ 0xff;
    await put('probe/inside', member === 0 ? damaged : concat(gzip(text), damaged));
    const { sources } = await open('probe/inside');
    for (let i = 0; i < 2; i++) {
      const content = await contentOf(sources[0]);
      expect(content).toHaveLength(member * text.length + length);
      expect(Buffer.from(content.subarray(-length)).equals(text.subarray(0, length))).toBe(true);
    }
    expect(sources[0]?.anomalies.list()).toMatchObject([{ kind: 'corrupt-gzip', count: 1 }]);
  });
});

describe('gzip whose data are whole', () => {
  const large = concat(PCAP, noise(100_000));
  const damageChecksum = (packed: Uint8Array): Uint8Array => packed.map((octet, at) => (at === packed.length - 8 ? octet ^ 1 : octet));
  const header = (flags: number, more: Uint8Array): Uint8Array => concat(Uint8Array.of(0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3), more, gzip(large).subarray(10));

  test.each([
    ['junk behind it', concat(gzip(large), octetsOf('<html>proxy error</html>')), ['trailing-octets']],
    ['half a magic number behind it', concat(gzip(large), Uint8Array.of(0x1f)), ['cut-gzip']],
    ['zeros behind it', concat(gzip(large), new Uint8Array(5000)), []],
    ['zeros and junk behind it', concat(gzip(large), new Uint8Array(5000), octetsOf('x')), ['trailing-octets']],
    ['a wrong checksum', damageChecksum(gzip(large)), ['corrupt-gzip']],
    ['no checksum', gzip(large).subarray(0, -8), ['cut-gzip']],
    ['half a checksum', gzip(large).subarray(0, -5), ['cut-gzip']],
    ['a file name', header(0x08, octetsOf('esa.pcap\0')), []],
    ['every field', header(0x1e, concat(Uint8Array.of(3, 0, 1, 2, 3), octetsOf('n\0'), octetsOf('c\0'), Uint8Array.of(0, 0))), []],
  ])('%s: nothing is lost, from a file or a pipe in pieces', async (_, packed, kinds) => {
    await put('probe/whole', packed);
    const pieces = Array.from({ length: Math.ceil(packed.length / 997) }, (_piece, i) => packed.subarray(i * 997, (i + 1) * 997));
    for (const { sources } of [await open('probe/whole'), await openSources([{ path: '-', vantage: null }], { stdin: streamOf(...pieces) })]) {
      expect(Buffer.from(await contentOf(sources[0])).equals(large)).toBe(true);
      expect(sources[0]?.anomalies.list().map(({ kind }) => kind)).toEqual(kinds);
    }
  });

  test('a member behind a wrong checksum is read, too', async () => {
    await put('probe/second', concat(damageChecksum(gzip(large)), gzip(large)));
    const { sources } = await open('probe/second');
    expect(await contentOf(sources[0])).toHaveLength(2 * large.length);
    expect(sources[0]?.anomalies.list()).toMatchObject([{ kind: 'corrupt-gzip', severity: 'error' }]);
  });
});

describe('reading again from any place', () => {
  test('a plain file gives its octets, a packed one has no places', async () => {
    await put('again/plain', LOG);
    await put('again/packed', gzipSync(LOG));
    const { sources } = await open('again/packed', 'again/plain');
    const [packed, plain] = sources;
    const into = new Uint8Array(5);
    expect(plain?.reread?.(into, 4)).toBe(5);
    expect(Buffer.from(into).toString()).toBe(LOG.slice(4, 9));
    expect(plain?.reread?.(into, LOG.length - 2)).toBe(2);
    expect(plain?.reread?.(into, LOG.length)).toBe(0);
    expect(packed?.reread).toBeUndefined();
  });

  test('another file under the same name gives nothing', async () => {
    await put('again/rotated', LOG);
    const { sources } = await open('again/rotated');
    await put('again/next', LOG.replace('lost', 'close'));
    await rename(join(folder, 'again/next'), join(folder, 'again/rotated'));
    expect(sources[0]?.reread?.(new Uint8Array(5), 0)).toBe(0);
    await rm(join(folder, 'again/rotated'));
    expect(sources[0]?.reread?.(new Uint8Array(5), 0)).toBe(0);
  });
});

describe('a pipe', () => {
  test('is looked into and then read on', async () => {
    const content = concat(PCAP, new Uint8Array(200_000).fill(7));
    const chunks = [content.subarray(0, 3), content.subarray(3, 70_000), new Uint8Array(0), content.subarray(70_000)];
    const { sources } = await openSources([{ path: '-', vantage: null }], { stdin: streamOf(...chunks) });
    expect(sources[0]).toMatchObject({ path: '-', kind: 'capture', format: 'pcap', once: true });
    expect(Buffer.from(await contentOf(sources[0])).equals(content)).toBe(true);
    expect(sources[0]?.bytes).toBe(content.length);
  });

  test('may be packed', async () => {
    const packed = gzip(concat(PCAP, new Uint8Array(200_000)));
    const { sources } = await openSources([{ path: '-', vantage: 'client' }], { stdin: streamOf(packed.subarray(0, 20), packed.subarray(20)) });
    expect(sources[0]).toMatchObject({ format: 'pcap (gzip)', vantage: 'client' });
    expect(await contentOf(sources[0])).toHaveLength(PCAP.length + 200_000);
  });

  test('that is silent can be let go in the middle of a read', async () => {
    const stream = new PassThrough();
    stream.write(PCAP);
    stream.write(new Uint8Array(70_000));
    const { sources } = await openSources([{ path: '-', vantage: null }], { stdin: stream });
    const reader = sources[0]?.open();
    const rest = (async () => {
      const buffer = new Uint8Array(100_000);
      while (((await reader?.read(buffer, 0, buffer.length)) ?? 0) > 0);
    })().catch(() => null);
    await reader?.close();
    await rest;
    expect(stream.destroyed).toBe(true);
  });

  const canMakePipes = spawnSync('mkfifo', ['--version']).error === undefined;
  test.skipIf(!canMakePipes)('that nobody writes to holds no thread, and is not found by a pattern', async () => {
    await put('pipes/a.pcap', PCAP);
    const pipes = Array.from({ length: 8 }, (_, index) => join(folder, 'pipes', `p${index}`));
    spawnSync('mkfifo', pipes);
    expect((await open('pipes/*')).names).toEqual(['pipes/a.pcap']);
    const opened = Promise.all(pipes.map((path) => openSources([{ path, vantage: null }])));
    try {
      // Needs a thread.
      expect((await stat(folder)).isDirectory()).toBe(true);
    } finally {
      spawn('sh', ['-c', 'for pipe; do cat "$0" > "$pipe" & done', join(folder, 'pipes', 'a.pcap'), ...pipes]);
    }
    for (const { sources } of await opened) {
      expect(sources[0]).toMatchObject({ kind: 'capture', once: true });
      expect(await contentOf(sources[0])).toEqual(PCAP);
    }
  });

  test('and a packed file can be read again from any place, once what they give is kept', async () => {
    const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) >>> 8));
    const path = await put('kept.gz', gzip(content));
    const packed = await openSources([{ path, vantage: null }]);
    const piped = await openSources([{ path: '-', vantage: null }], { stdin: streamOf(content.subarray(0, 200_001), content.subarray(200_001)) });
    for (const [source] of [packed.sources, piped.sources]) {
      expect(source?.reread).toBeUndefined();
      const kept = source && spool(source, new BlockStore(BLOCK_OCTETS));
      const begun = kept?.open();
      await begun?.read(new Uint8Array(100_000), 0, 100_000);
      await begun?.close();
      for (let again = 0; again < 2; again++) expect(Buffer.from(await contentOf(kept)).equals(content)).toBe(true);
      for (const [from, length] of [
        [0, 10],
        [65_530, 70_000],
        [299_990, 100],
        [300_000, 5],
      ] as const) {
        const octets = Buffer.alloc(length);
        const count = kept?.reread?.(octets, from) ?? -1;
        expect(octets.subarray(0, count).equals(content.subarray(from, from + length))).toBe(true);
      }
    }
  });

  test('its writer waits until it is read', async () => {
    let written = 0;
    async function* writer(): AsyncGenerator<Uint8Array> {
      for (; written < 100; written++) yield new Uint8Array(65_536).fill(65);
    }
    const { sources } = await openSources([{ path: '-', vantage: null }], { stdin: writer() });
    const before = written;
    const reader = sources[0]?.open();
    await reader?.read(new Uint8Array(1000), 0, 1000);
    await reader?.close();
    expect([before < 3, written < 3]).toEqual([true, true]);
  });
});
