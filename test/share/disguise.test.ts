import { array, assert, boolean, integer, property, string, tuple, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Disguise, wordsOfShapes } from '../../src/share/index.ts';
import type { FrameView } from '../../src/model/frame.ts';
import { tcpPacket } from '../support/packets.ts';
import { LOG_PATTERNS, placesOfLine } from '../../src/maillog/index.ts';

const words = wordsOfShapes(LOG_PATTERNS.map(({ regex }) => regex));
const made = (seed = 1, cut = false): Disguise => new Disguise(new Uint8Array(32).fill(seed), { words, placesOf: placesOfLine }, cut);

/** What is shown; nothing of what is not understood. */
function say(text: string, kind: 'line' | 'header' = 'line', fromClient = true, disguise = made()): string | null {
  const shown = disguise.speech.said(Buffer.from(text, 'latin1'), kind, fromClient);
  return shown && Buffer.from(shown).toString('latin1');
}

/** A frame of Ethernet from this hardware address. */
function frameOf(hardware: string): FrameView {
  const bytes = Buffer.concat([
    Buffer.from(`020000000001${hardware}0800`, 'hex'),
    tcpPacket({ src: '198.51.100.7', dst: '192.0.2.25', srcPort: 40_000, dstPort: 25 }),
  ]);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    input: 0,
    number: 1,
    atUs: 0,
    wireLength: bytes.length,
    bytes,
    view,
    linkNumber: 1,
    interfaceId: 0,
    interfaceName: null,
    snapLength: 0,
    networkAt: 14,
    layers: [
      { kind: 'link', addressAt: 0, addresses: 2 },
      { kind: 'ip', family: 4, at: 14, addressAt: 26, protocol: 6, contentAt: 34, end: bytes.length, wireEnd: bytes.length, quoted: false, fragment: null },
      { kind: 'tcp', at: 34, payloadAt: 54, end: bytes.length, wireEnd: bytes.length, quoted: false },
    ],
  };
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

  test.each(['127.0.0.1', '0.0.0.0', '224.0.0.1', '239.255.255.250', '255.255.255.255', '::1', 'ff02::1'])('%s means something and stays', (address) =>
    expect(made().address(address)).toBe(address),
  );

  test('reserved ones are addresses like others', () => expect(made().address('251.219.237.118')).toMatch(/^2(?:4\d|5[0-5])\.(?!219)/));

  test('IPv6 keeps its groups, its zeros and its scope', () => {
    expect(made().address('2001:db8:e::25')).toMatch(/^[23][0-9a-f]{3}:[0-9a-f]{3}:[0-9a-f]::[0-9a-f]{2}$/);
    expect(made().address('fe80::1')).toMatch(/^fe80::[0-9a-f]$/);
  });
});

test('an address as one number is a number like others: always the same one stands for it', () => {
  expect(say('250 1/3325256711 x=3325256711 3325256712\r\n', 'line', false)).toMatch(/^250 (?!1)\d\/(?!3325256711)(\d{10}) x=\1 (?!3325256712|\1)\d{10}\r\n$/);
});

describe('originals that were left', () => {
  const leaksIn = (disguise: Disguise, content: string | Uint8Array, isOurs = false): string[] =>
    disguise
      .search()
      .inText(typeof content === 'string' ? Buffer.from(content, 'latin1') : content, isOurs)
      .map(({ what }) => what);

  test('are found as whole words, but for one that is the pseudonym of another', () => {
    const disguise = made();
    const drawn = say('EHLO pc82\r\n', 'line', true, disguise)?.slice(5, 9);
    say(`EHLO ${drawn}\r\n`, 'line', true, disguise);
    expect([leaksIn(disguise, 'by PC82.'), leaksIn(disguise, 'by pc821'), leaksIn(disguise, `by ${drawn}`)]).toEqual([['pc82'], [], []]);
  });

  const NAME = 'Alice.Miller@example.net';
  const base64 = (shift: number): string => Buffer.from(`${' '.repeat(shift)}${NAME} `).toString('base64');
  test.each([
    ['text', `to ${NAME}`],
    ['text in capitals', NAME.toUpperCase()],
    ['base64', base64(0)],
    ['base64, one octet later', base64(1)],
    ['base64, two octets later', base64(2)],
    ['base64 behind other letters', `xB${base64(1)}`],
    [
      'base64 in folded lines',
      Buffer.from('.'.repeat(50) + NAME)
        .toString('base64')
        .replace(/.{76}/g, '$&\r\n'),
    ],
    ['base64 for addresses of pages', Buffer.from(`\xff\xfe ${NAME}`, 'latin1').toString('base64url')],
    ['quoted-printable', 'alice=2Emiller=40example=2Enet'],
    ['quoted-printable, folded', 'alice.mil=\r\nler@example.net'],
    ['percent', 'alice%2emiller%40example%2Enet'],
    ['backslashes', String.raw`alice.miller\u0040example\x2enet`],
    ['hexadecimal digits', Buffer.from(NAME).toString('hex')],
    ['hexadecimal digits behind another', `0${Buffer.from(NAME.toLowerCase()).toString('hex').toUpperCase()}`],
    ['UTF-16, small end first', Buffer.from(NAME, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(NAME, 'utf16le').swap16()],
    ['a place where two pieces meet', `${' '.repeat((1 << 20) - 9)}${NAME} `],
  ])('are found as %s', (_, content) => {
    const disguise = made();
    say(`MAIL FROM:<${NAME}>\r\n`, 'line', true, disguise);
    expect(leaksIn(disguise, content)).toContain(NAME.toLowerCase());
  });

  test.each(['198.51.100.7', '198-51-100-7', 'c6336407', '2001:db8:e::25', '20010db8000e00000000000000000025', '02:1b:c0:aa:00:07', '021b.c0aa.0007'])(
    'an address is found as %s',
    (text) => {
      const disguise = made();
      disguise.address('198.51.100.7');
      disguise.address('2001:db8:e::25');
      disguise.frames.rewrite(frameOf('021bc0aa0007'), () => undefined);
      expect(leaksIn(disguise, `host ${text} said`)).toHaveLength(1);
    },
  );

  test('words that are in use are no names, in reports no plain words are; of numbers only long ones are looked for, and none that stays elsewhere', () => {
    const disguise = made();
    for (const line of ['VRFY message rejected\r\n', 'VRFY Invoice\r\n', 'HELO 4711\r\n', 'VRFY 49309018\r\n', 'VRFY 12345678\r\n', 'BDAT 12345678\r\n'])
      say(line, 'line', true, disguise);
    expect(leaksIn(disguise, 'message rejected 4711 12345678')).toEqual([]);
    expect([leaksIn(disguise, 'an invoice'), leaksIn(disguise, 'an invoice', true)]).toEqual([['invoice'], []]);
    expect(leaksIn(disguise, 'call 49309018')).toEqual(['49309018']);
  });
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
  ])('%s: %j', (side, line, expected) => {
    const shown = say(line, 'line', side === 'C');
    expect(shown).toMatch(expected);
    expect(shown).toHaveLength(line.length);
  });

  test.each([
    ['C', 'PASSWORD hunter2\r\n'],
    ['S', 'no reply at all\r\n'],
  ])('%s: of %j nothing is understood', (side, line) => expect(say(line, 'line', side === 'C')).toBeNull());

  const BIRTH = '24.12.1985';
  const PHONE = '+49 (0)30 901820-17';
  const IBAN = 'DE89 3704 0044 0532 0130 00';
  test.each([
    ['S', `550 5.7.1 call ${PHONE} or say ticket #20261187\r\n`, /^550 5\.7\.1 /],
    ['S', `250 2.1.5 customer 4711 born ${BIRTH} pays by ${IBAN}\r\n`, /^250 2\.1\.5 /],
    ['S', `554 card 4111-1111-1111-1111 blocked at 18:30, size 4930123456\r\n`, /^554 /],
    ['C', `NOOP ${PHONE}\r\n`, /^NOOP /],
    ['C', `RCPT TO:<4711@example.net> NOTIFY=${PHONE.slice(1, 3)} ENVID=20261187\r\n`, /^RCPT TO:</],
    ['C', `MAIL FROM:4930901820 SIZE=12x4711\r\n`, /^MAIL FROM:/],
    ['C', `QUIT 4930901820\r\n`, /^QUIT /],
  ])('%s: of the numbers in %j none stays', (side, line, begins) => {
    const shown = say(line, 'line', side === 'C') ?? '';
    expect(shown).toMatch(begins);
    const rest = (text: string): string => text.replace(begins, '');
    for (const number of rest(line).match(/\d{2,}/g) ?? []) expect(rest(shown).match(/\d+/g)).not.toContain(number);
    expect(shown.replace(/\d/g, '#').replace(/[A-Za-z]/g, 'x')).toBe(line.replace(/\d/g, '#').replace(/[A-Za-z]/g, 'x'));
  });

  test.each([
    ['S', '250-SIZE 52428800\r\n'],
    ['S', '250 LIMITS RCPTMAX=100 MAILMAX=20\r\n'],
    ['S', '550 #5.1.0 Address rejected\r\n'],
    ['S', '552 5.3.4 Message size exceeds 10485760 bytes\r\n'],
    ['S', '421 4.4.2 timeout after 300 seconds\r\n'],
    ['S', '354 end data with <CR><LF>.<CR><LF>\r\n'],
    ['S', '220****\r\n'],
    ['S', '25'],
    ['C', 'BDAT 4096 LAST\r\n'],
    ['C', 'MAIL FROM:<> SIZE=4096 RET=HDRS BODY=8BITMIME\r\n'],
  ])('%s: %j says nothing of anybody', (side, line) => expect(say(line, 'line', side === 'C')).toBe(line));

  test.each(['MAIL FROM: info', 'RCPT TO:user SIZE=1', 'MAIL user', 'MAIL FROM:"host error"@mail', 'RCPT TO <no host>'])(
    'a mailbox that reads like the protocol is one: %s',
    (line) => {
      const shown = say(`${line}\r\n`);
      expect(shown).toHaveLength(line.length + 2);
      expect(shown).not.toMatch(/info|user|host|error|no\b|@mail/);
    },
  );

  test.each([
    ['Subject: Invoice for Bob\r\n', /^Subject: (?!Invoice)[A-Z][a-z]{6} (?!for)[a-z]{3} (?!Bob)[A-Z][a-z]{2}\r\n$/],
    ['Subject: =?utf-8?B?SGVsbG8gQm9i?=\r\n', /^Subject: =\?(?!utf)[a-z]{3}-\d\?[A-Z]\?(?!SGVs)\w+\?=\r\n$/],
    ['Received: from mail.client.example ([198.51.100.7])\r\n', /^Received: x+\r\n$/],
    ['X-Acme-Scanner: Acme Ltd\r\n', /^X-x+: x+\r\n$/],
    [' folded secret\r\n', /^ x+\r\n$/],
    ['Date: Sat, 21 Nov 2026 09:55:21 +0000 (UTC)\r\n', /^Date: Sat, 21 Nov 2026 09:55:21 \+0000 \(UTC\)\r\n$/],
    ['Date: born 24.12.1985, call 030 901820\r\n', /^Date: x+\r\n$/],
  ])('header %j', (line, expected) => expect(say(line, 'header')).toMatch(expected));

  test('are the same in log and capture, in any case, and for the same key only', () => {
    const disguise = made();
    const [, name = ''] = /<(.*)>/.exec(say('MAIL FROM:<Alice@Example.com>\r\n', 'line', true, disguise) ?? '') ?? [];
    expect(disguise.log('Sat Nov 21 09:55:21 2026 Info: MID 850 ICID 656 From: <alice@example.com>')).toContain(`<${name.toLowerCase()}>`);
    expect(say('MAIL FROM:<Alice@Example.com>\r\n', 'line', true, made(2))).not.toContain(name);
  });

  test('that the snap length cut are still the beginning of the whole', () => {
    const disguise = made(3, true);
    const whole = say('MAIL FROM:<sender@client.example>\r\n', 'line', true, disguise);
    expect(whole?.startsWith(say('MAIL FROM:<sende', 'line', true, disguise) ?? '-')).toBe(true);
    expect(whole).not.toContain('sender');
  });

  test('where digits and capitals stood in a code, as in base64, is not told', () => {
    const code = 'ZXJpa2EubXVzdGVybWFubkBnZWhlaW0ta3VuZGUuZGU';
    const shapes = [1, 2, 3].map((seed) => (say(`HELO ${code}\r\n`, 'line', true, made(seed)) ?? '').slice(5).replace(/\d/g, '0').replace(/[a-z]/g, 'a'));
    expect(new Set(shapes).size).toBe(3);
    for (const shape of shapes) {
      expect(shape).toHaveLength(code.length + 2);
      expect(shape).not.toMatch(/[A-Z]/);
      expect(shape.match(/0/g)).toHaveLength(code.match(/\d/g)?.length ?? 0);
    }
  });

  test('no short word stands for itself, however many there are', () => {
    const disguise = made();
    for (let number = 0; number < 100; number++) {
      for (const text of [String(number), String(number % 10)]) expect(say(`HELO ${text}\r\n`, 'line', true, disguise)).not.toBe(`HELO ${text}\r\n`);
    }
  });

  test('any text that is shown keeps its length', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 60 }), boolean(), (text, fromClient) => {
        const octets = Buffer.from(text, 'utf8');
        for (const kind of ['line', 'header'] as const) expect(made().speech.said(octets, kind, fromClient)?.length ?? octets.length).toBe(octets.length);
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
    ["Rcvd from '198.51.100.7': 'dear bob, the password is x\\015\\012'", /^Rcvd from '[\d.]{12}': '[x ]+\\015\\012'$/],
    [
      "4711 Sent to '198.51.100.7': '550 5.1.1 ask 030 901820\\015\\012'",
      /^4711 Sent to '[\d.]{12}': '550 5\.1\.1 (?!ask)\w{3} (?!030)\d{3} (?!901820)\d{6}\\015\\012'$/,
    ],
    ["165 Sent: 'MAIL FROM:<4711@example.com> SIZE=4711'", /^165 Sent: 'MAIL FROM:<(?!4711)\d{4}@\w{7}\.\w{3}> SIZE=4711'$/],
    ['Start MID 1404 ICID 48213', /^Start MID 1404 ICID 48213$/],
    ['MID 1404 ready 2048 bytes from <ann4711@example.net>', /^MID 1404 ready 2048 bytes from <(?!ann4711)[a-z]{3}\d{4}@/],
    ["MID 1404 Subject 'MID 4711, call 030 901820'", /^MID 1404 Subject '(?!MID 4711)\w{3} \d{4}, (?!call)\w{4} (?!030)\d{3} (?!901820)\d{6}'$/],
    ["MID 1404 RID [0] Response '2.0.0 Ok: queued as 20261187'", /^MID 1404 RID \[0\] Response '2\.0\.0 Ok: queued as (?!20261187)\d{8}'$/],
    [
      "Bounced: DCID 165 MID 1404 to RID 0 - 5.1.0 - Unknown address error ('550', ['5.1.1 call 030 901820']) []",
      /^Bounced: DCID 165 MID 1404 to RID 0 - 5\.1\.0 - Unknown address error \('550', \['5\.1\.1 \w{4} (?!030)\d{3} (?!901820)\d{6}'\]\) \[\]$/,
    ],
    ['MID 1404 ICID 48213 From: info', /^MID 1404 ICID 48213 From: (?!info)\w{4}$/],
    ['MID 1404 was opened for customer 4711 at 030 901820', /^MID 1404 was .* (?!4711)\d{4} at (?!030)\d{3} (?!901820)\d{6}$/],
    ['Time offset from UTC: -21600 seconds', /^Time offset from UTC: -21600 seconds$/],
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
  const tls = (pieces: readonly Uint8Array[], isBeginning = true): Buffer =>
    Buffer.concat(
      made()
        .speech.tls(pieces, isBeginning)
        .map((octets, index) => octets ?? Buffer.alloc(pieces[index]?.length ?? 0)),
    );
  const name = [...Buffer.from('mail.secret.example')];
  const sni = [0, 0, 0, name.length + 5, 0, name.length + 3, 0, 0, name.length, ...name];
  const versions = [0, 43, 0, 3, 2, 3, 4];
  const extensions = [...sni, ...versions];
  const hello = [3, 3, ...Array.from({ length: 32 }, () => 7), 0, 0, 2, 0x13, 1, 1, 0, extensions.length >> 8, extensions.length & 0xff, ...extensions];
  const client = record(22, [1, 0, hello.length >> 8, hello.length & 0xff, ...hello]);

  test('the server name is replaced, versions, suites and lengths stay; certificates and ciphertext are cut, alerts stay', () => {
    const octets = Uint8Array.from([...client, ...record(22, [11, 0, 0, 4, 9, 9, 9, 9]), ...record(21, [2, 48]), ...record(20, [1]), ...record(23, [1, 2, 3])]);
    const shown = tls([octets]);
    const text = shown.toString('latin1');
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
    const shown = tls(pieces, isBeginning).toString('latin1');
    expect(shown).not.toMatch(/[a-z.]{4}/);
  });

  test.each([
    ['is cut', 'aa'.repeat(32), '00'.repeat(32)],
    ['stays where it asks for another hello', 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', null],
  ])("the server's random number %s", (_, random, shown) => {
    const body = [3, 3, ...Buffer.from(random, 'hex'), 0, 0x13, 1, 0, 0, 0];
    const octets = Uint8Array.from(record(22, [2, 0, 0, body.length, ...body]));
    expect(tls([octets]).toString('hex')).toBe(
      Buffer.from(octets)
        .toString('hex')
        .replace(random, shown ?? random),
    );
  });

  test('what is no record is nothing', () => {
    assert(
      property(array(uint8Array({ maxLength: 40 }), { maxLength: 5 }), boolean(), (pieces, isBeginning) => {
        const shown = made().speech.tls(pieces, isBeginning);
        expect(shown.map((octets, index) => octets?.length ?? pieces[index]?.length)).toEqual(pieces.map(({ length }) => length));
      }),
    );
    expect(made().speech.tls([Buffer.from('EHLO secret\r\n')], true)).toEqual([null]);
  });

  test('a record whose octets are text by chance, in pieces, is one all the same', () => {
    const octets = Uint8Array.from(record(23, [...Buffer.from('only letters in this record')]));
    const pieces = [octets.subarray(0, 9), octets.subarray(9, 20), octets.subarray(20), Uint8Array.from(record(21, [1, 0]))];
    expect(tls(pieces).toString('hex')).toBe(Buffer.from([...octets.map((octet, at) => (at < 5 ? octet : 0)), ...record(21, [1, 0])]).toString('hex'));
  });

  test('behind a loss records begin again with a piece that begins like one', () => {
    const pieces = [Uint8Array.of(9, 200, 9), Uint8Array.from(record(23, [200, 1])), Uint8Array.from(record(21, [1, 0]))];
    expect(tls(pieces, false)).toEqual(Buffer.from([0, 0, 0, ...record(23, [0, 0]), ...record(21, [1, 0])]));
  });

  test('of a record that is too long the head stays, as the attempt that it was', () => {
    const head = [23, 3, 3, 0xff, 0xff];
    expect(made().speech.tls([Uint8Array.from([...head, 200, 65]), Buffer.from('QUIT\r\n')], true)).toEqual([Uint8Array.from([...head, 0, 0]), null]);
  });
});
