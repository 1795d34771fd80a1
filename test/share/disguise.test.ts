import { assert, boolean, integer, property, string, tuple, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Disguise, wordsOfShapes } from '../../src/share/index.ts';
import { LOG_PATTERNS } from '../../src/maillog/index.ts';

const words = wordsOfShapes(LOG_PATTERNS.map(({ regex }) => regex));
const made = (seed = 1, cut = false): Disguise => new Disguise(new Uint8Array(32).fill(seed), words, cut);

function say(text: string, kind: 'line' | 'header' = 'line', fromClient = true, disguise = made()): string {
  return Buffer.from(disguise.speech.said(Buffer.from(text, 'latin1'), kind, fromClient)).toString('latin1');
}

const part = integer({ min: 0, max: 255 });
const v4 = tuple(integer({ min: 1, max: 223 }), part, part, part).map((parts) => parts.join('.'));

describe('addresses', () => {
  test('keep the length of their text and the prefixes that they share, and stay apart', () => {
    assert(
      property(v4, v4, integer({ min: 1, max: 255 }), (a, b, seed) => {
        const disguise = made(seed);
        const [x, y] = [disguise.address(a), disguise.address(b)];
        expect([x.length, y.length]).toEqual([a.length, b.length]);
        expect(x === y).toBe(a === b);
        const shared = (p: string, q: string): number => {
          const [left, right] = [p.split('.'), q.split('.')];
          const at = left.findIndex((value, index) => value !== right[index]);
          return at < 0 ? 4 : at;
        };
        expect(shared(x, y)).toBe(shared(a, b));
      }),
    );
  });

  test.each(['10.1.2.3', '192.168.7.9', '172.20.1.1', '169.254.3.4'])('%s stays private', (address) => {
    const drawn = made().address(address);
    expect(drawn).not.toBe(address);
    expect(drawn).toMatch(/^(?:10\.|192\.168\.|172\.20\.|169\.254\.)/);
  });

  test.each(['127.0.0.1', '0.0.0.0', '224.0.0.1', '::1', 'ff02::1'])('%s means something and stays', (address) =>
    expect(made().address(address)).toBe(address),
  );

  test('IPv6 keeps its groups, its zeros and its scope', () => {
    expect(made().address('2001:db8:e::25')).toMatch(/^[23][0-9a-f]{3}:[0-9a-f]{3}:[0-9a-f]::[0-9a-f]{2}$/);
    expect(made().address('fe80::1')).toMatch(/^fe80::[0-9a-f]$/);
  });
});

test('an address as one number is replaced once the address is known', () => {
  const disguise = made();
  disguise.address('198.51.100.7');
  expect(say('250 1/3325256711 x=3325256711 3325256712\r\n', 'line', false, disguise)).toMatch(
    /^250 1\/(?!3325256711)\d{10} x=(?!3325256711)\d{10} 3325256712\r\n$/,
  );
});

test('an original is found in what is given away, but for one that is the pseudonym of another', () => {
  const disguise = made();
  const drawn = say('EHLO pc82\r\n', 'line', true, disguise).slice(5, 9);
  say(`EHLO ${drawn}\r\n`, 'line', true, disguise);
  const leaksIn = (text: string): string[] => disguise.leaks(Buffer.from(text));
  expect([leaksIn('by PC82.'), leaksIn('by pc821'), leaksIn(`by ${drawn}`)]).toEqual([['pc82'], [], []]);
});

describe('words', () => {
  test.each([
    ['C', 'EHLO Mail.Client.example\r\n', /^EHLO (?!Mail)[A-Z][a-z]{3}\.[A-Z][a-z]{5}\.[a-z]{7}\r\n$/],
    ['C', 'HELO [198.51.100.7]\r\n', /^HELO \[(?!198)\d+\.\d\d\.\d{3}\.\d\]\r\n$/],
    [
      'C',
      'MAIL FROM:<message@sender.com> SIZE=1234 BODY=8BITMIME\r\n',
      /^MAIL FROM:<(?!message)[a-z]{7}@(?!sender)[a-z]{6}\.[a-z]{3}> SIZE=1234 BODY=8BITMIME\r\n$/,
    ],
    ['C', 'XXXX mail.client.example\r\n', /^XXXX (?!mail)[a-z]{4}\./],
    ['C', 'XCLIENT NAME=secret ADDR=198.51.100.7\r\n', /^XCLIENT NAME=(?!secret)[a-z]{6} ADDR=(?!198)/],
    ['C', 'PASSWORD hunter2\r\n', /^x+\r\n$/],
    ['S', '250 ok:  Message 1357 accepted\r\n', /^250 ok: {2}Message 1357 accepted\r\n$/],
    [
      'S',
      '421 Timed out waiting for successful message injection, disconnecting.\r\n',
      /^421 Timed out waiting for successful message injection, disconnecting\.\r\n$/,
    ],
    ['S', '220 esa.example.net ESMTP Hugo\r\n', /^220 [a-z]{3}\.[a-z]{7}\.[a-z]{3} ESMTP (?!Hugo)[A-Z][a-z]{3}\r\n$/],
    ['S', '250-XXXXXXXXA\r\n', /^250-XXXXXXXXA\r\n$/],
    [
      'S',
      '550 5.1.1 <bob@example.net> no such user: Bob Miller\r\n',
      /^550 5\.1\.1 <(?!bob)[a-z]{3}@[^>]+> no (?!such)[a-z]{4} user: (?!Bob)[A-Z][a-z]{2} (?!Miller)/,
    ],
    ['S', 'no reply at all\r\n', /^x+\r\n$/],
  ])('%s: %j', (side, line, expected) => {
    const shown = say(line, 'line', side === 'C');
    expect(shown).toMatch(expected);
    expect(shown).toHaveLength(line.length);
  });

  test.each([
    ['Subject: Invoice for Bob\r\n', /^Subject: (?!Invoice)[A-Z][a-z]{6} (?!for)[a-z]{3} (?!Bob)[A-Z][a-z]{2}\r\n$/],
    ['Subject: =?utf-8?B?SGVsbG8gQm9i?=\r\n', /^Subject: =\?(?!utf)[a-z]{3}-\d\?[A-Z]\?(?!SGVs)\w+\?=\r\n$/],
    ['Received: from mail.client.example ([198.51.100.7])\r\n', /^Received: x+\r\n$/],
    ['X-Acme-Scanner: Acme Ltd\r\n', /^X-x+: x+\r\n$/],
    [' folded secret\r\n', /^ x+\r\n$/],
    ['Date: Sat, 21 Nov 2026 09:55:21 +0000\r\n', /^Date: Sat, 21 Nov 2026/],
  ])('header %j', (line, expected) => expect(say(line, 'header')).toMatch(expected));

  test('are the same in log and capture, in any case, and for the same key only', () => {
    const disguise = made();
    const [, name = ''] = /<(.*)>/.exec(say('MAIL FROM:<Alice@Example.com>\r\n', 'line', true, disguise)) ?? [];
    expect(disguise.log('Sat Nov 21 09:55:21 2026 Info: MID 850 ICID 656 From: <alice@example.com>')).toContain(`<${name.toLowerCase()}>`);
    expect(say('MAIL FROM:<Alice@Example.com>\r\n', 'line', true, made(2))).not.toContain(name);
  });

  test('that the snap length cut are still the beginning of the whole', () => {
    const disguise = made(3, true);
    const whole = say('MAIL FROM:<sender@client.example>\r\n', 'line', true, disguise);
    expect(whole.startsWith(say('MAIL FROM:<sende', 'line', true, disguise))).toBe(true);
    expect(whole).not.toContain('sender');
  });

  test('any text keeps its length, and no letter of a name comes through', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 60 }), boolean(), (text, fromClient) => {
        const octets = Buffer.from(text, 'utf8');
        expect(made().speech.said(octets, 'line', fromClient)).toHaveLength(octets.length);
        expect(made().speech.said(octets, 'header', fromClient)).toHaveLength(octets.length);
      }),
    );
  });
});

describe('logs', () => {
  test.each([
    ["MID 798 Subject 'This is spam?'", /^MID 798 Subject '(?!This)\w{4} \w\w \w{4}\?'$/],
    ["MID 798 Message-ID '<9afe3f@client.example>'", /Message-ID '<(?!9afe3f)\w{6}@(?!client)\w{6}\.\w{7}>'$/],
    [
      'New SMTP ICID 656 interface Data 1 (192.0.2.25) address 198.51.100.133 reverse dns host host66.example.org verified yes',
      /^New SMTP ICID 656 interface Data 1 \([\d.]{10}\) address [\d.]{14} reverse dns host (?!host66)\w{4}\d\d\.\w{7}\.\w{3} verified yes$/,
    ],
    ["Rcvd from '198.51.100.7': 'dear bob, the password is x\\015\\012'", /^Rcvd from '[\d.]{12}': '[x\\ ]+'$/],
    ["MID 7 attachment 'Password Reset.docx'", /^MID 7 attachment '(?!Password)\w{8} (?!Reset)\w{5}\.\w{4}'$/],
    [
      'MID 7 IP=198.51.100.7 by host 198-51-100-7 and 198.051.100.007',
      /^MID 7 IP=(?!198)([\d.]{12}) by host (?!198)[\d-]{12} and (?!198)\d{3}\.0\d\d\.\d{3}\.00\d$/,
    ],
    ['Message aborted MID 850 Receiving aborted', /^Message aborted MID 850 Receiving aborted$/],
  ])('%s', (text, expected) => {
    expect(made().log(`Sat Nov 21 09:55:21 2026 Info: ${text}`).slice(31)).toMatch(expected);
  });
});

describe('TLS', () => {
  const record = (type: number, body: readonly number[]): number[] => [type, 3, 3, body.length >> 8, body.length & 0xff, ...body];
  const name = [...Buffer.from('mail.secret.example')];
  const sni = [0, 0, 0, name.length + 5, 0, name.length + 3, 0, 0, name.length, ...name];
  const versions = [0, 43, 0, 3, 2, 3, 4];
  const extensions = [...sni, ...versions];
  const hello = [3, 3, ...Array.from({ length: 32 }, () => 7), 0, 0, 2, 0x13, 1, 1, 0, extensions.length >> 8, extensions.length & 0xff, ...extensions];
  const client = record(22, [1, 0, hello.length >> 8, hello.length & 0xff, ...hello]);

  test('the server name is replaced, versions, suites and lengths stay; certificates and ciphertext are cut, alerts stay', () => {
    const octets = Uint8Array.from([...client, ...record(22, [11, 0, 0, 4, 9, 9, 9, 9]), ...record(21, [2, 48]), ...record(20, [1]), ...record(23, [1, 2, 3])]);
    const [shown = new Uint8Array()] = made().speech.tls([octets], true);
    const text = Buffer.from(shown).toString('latin1');
    expect(shown).toHaveLength(octets.length);
    expect(text).not.toContain('secret');
    expect(text).toMatch(/[a-z]{4}\.[a-z]{6}\.[a-z]{7}/);
    expect(Buffer.from(shown).includes(Buffer.from(versions))).toBe(true);
    expect(Array.from(shown.subarray(client.length))).toEqual([
      ...record(22, [11, 0, 0, 4, 0, 0, 0, 0]),
      ...record(21, [2, 48]),
      ...record(20, [1]),
      ...record(23, [0, 0, 0]),
    ]);
  });

  const halves = (at: number): number[] => [...record(22, client.slice(5, at)), ...record(22, client.slice(at))];
  test.each([
    ['in two records', [Uint8Array.from(halves(client.length - versions.length - 10))], true],
    ['in two records, the head of the message cut', [Uint8Array.from(halves(7))], true],
    ['behind a loss', [Uint8Array.from(client)], false],
    ['that lies about its suites', [Uint8Array.from(client.map((octet, at) => (at === 5 + 4 + 2 + 32 + 1 + 1 ? 60 : octet)))], true],
    ['that lies about its length', [Uint8Array.from(client.map((octet, at) => (at === 8 ? octet - 9 : octet)))], true],
    ['with a session identifier beyond its end', [Uint8Array.from(client.map((octet, at) => (at === 5 + 4 + 2 + 32 ? 255 : octet)))], true],
  ] as const)('of a hello %s nothing is shown', (_, pieces, isBeginning) => {
    const shown = Buffer.concat(made().speech.tls(pieces, isBeginning)).toString('latin1');
    expect(shown).not.toMatch(/[a-z.]{4}/);
  });

  test('what is no record is nothing', () => {
    assert(
      property(uint8Array({ maxLength: 80 }), (octets) => {
        const [shown = new Uint8Array()] = made().speech.tls([octets], true);
        expect(shown).toHaveLength(octets.length);
      }),
    );
    expect([...(made().speech.tls([Buffer.from('EHLO secret\r\n')], true)[0] ?? [])].every((octet) => octet === 0)).toBe(true);
  });
});
