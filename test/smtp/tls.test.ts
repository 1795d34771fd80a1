import { describe, expect, test } from 'vitest';
import { commands, exchanges, type Playbook, playbook, replies, stages, tlsEvents, verbs } from './conversation.ts';
import { alert, CERTIFICATE, CHANGE_CIPHER, clientHello, record, serverHello } from './tls-octets.ts';

const bytewise = (octets: Buffer) => Array.from(octets, (octet) => Buffer.from([octet]));
const inHalves = (octets: Buffer) => [octets.subarray(0, octets.length >> 1), octets.subarray(octets.length >> 1)];

function start(cut?: (octets: Buffer) => Buffer[]): Playbook {
  return playbook(cut ? { cut } : {})
    .server('220 hi')
    .client('EHLO x.example')
    .server('250-esa', '250 STARTTLS')
    .client('STARTTLS')
    .server('220 go ahead');
}

describe('STARTTLS', () => {
  test.each([
    ['whole segments', undefined],
    ['single octets', bytewise],
    ['halves', inHalves],
  ])('TLS 1.2 up to close_notify, in %s', (_, cut) => {
    const hello = clientHello('mx.example.com');
    const dialogue = start(cut)
      // The hello spans two records.
      .client(Buffer.concat([record(22, hello.subarray(0, 50)), record(22, hello.subarray(50))]))
      .server(Buffer.concat([record(22, Buffer.concat([serverHello(0xc030), CERTIFICATE])), record(22, Buffer.from([14, 0, 0, 0]))]))
      .client(Buffer.concat([record(22, Buffer.from([16, 0, 0, 1, 9])), CHANGE_CIPHER, record(22, 40)]))
      .server(Buffer.concat([CHANGE_CIPHER, record(22, 40)]))
      .client(record(23, 50), record(23, 60))
      .server(record(23, 70))
      .client(record(21, 26))
      .finish();
    expect(tlsEvents(dialogue).map(({ side, what, octets, text }) => [side, what, octets, text])).toEqual([
      [0, 'client-hello', hello.length, 'TLSv1.2, SNI mx.example.com'],
      [1, 'server-hello', 44, 'TLSv1.2, ECDHE-RSA-AES256-GCM-SHA384'],
      [1, 'handshake', 908, null],
      [0, 'handshake', 5, null],
      [0, 'change-cipher', 1, null],
      [0, 'handshake', 40, null],
      [1, 'change-cipher', 1, null],
      [1, 'handshake', 40, null],
      [0, 'application-data', 110, null],
      [1, 'application-data', 70, null],
      [0, 'encrypted-alert', 26, null],
    ]);
    expect(dialogue.tls).toMatchObject({
      begin: 'starttls',
      version: 'TLSv1.2',
      sni: 'mx.example.com',
      established: true,
      alert: null,
      applicationOctets: [110, 70],
      applicationRecords: [2, 1],
    });
    expect(stages(dialogue)).toEqual(['banner', 'helo', 'starttls']);
    expect(dialogue.owes.side).toBeNull();
    expect(dialogue.starttlsRefused).toBe(false);
  });

  test('TLS 1.3: the chosen version stands in an extension', () => {
    const dialogue = start()
      .client(record(22, clientHello('a.example', [0x1a1a, 0x0304, 0x0303])))
      .server(record(22, serverHello(0x1302, true)), CHANGE_CIPHER, record(23, 900))
      .client(CHANGE_CIPHER, record(23, 69), record(23, 40))
      .server(record(23, 80))
      .finish();
    expect(tlsEvents(dialogue)[0]?.text).toBe('TLSv1.3, SNI a.example');
    expect(dialogue.tls).toMatchObject({ version: 'TLSv1.3', established: true });
    expect(dialogue.owes).toMatchObject({ side: 'client', what: 'next TLS record' });
  });

  test('an alert in clear names who refused and why', () => {
    const dialogue = start()
      .client(record(22, clientHello(null)))
      .server(record(22, Buffer.concat([serverHello(0xc030), CERTIFICATE])))
      .client(alert(2, 48))
      .finish();
    expect(dialogue.tls).toMatchObject({ established: false, alert: { side: 0, level: 'fatal', name: 'unknown_ca' } });
    expect(tlsEvents(dialogue).at(-1)).toMatchObject({ what: 'alert', text: 'fatal unknown_ca' });
    expect(dialogue.owes.side).toBeNull();
  });

  test('an alert that TLS 1.3 hides is told by its size', () => {
    const dialogue = start()
      .client(record(22, clientHello(null, [0x0304])))
      .server(record(22, serverHello(0x1301, true)), record(23, 900))
      .client(record(23, 19))
      .finish();
    expect(tlsEvents(dialogue).at(-1)).toMatchObject({ what: 'encrypted-alert', side: 0 });
    expect(dialogue.tls?.established).toBe(false);
  });

  test('a pause parts two runs of application data', () => {
    const dialogue = start()
      .client(record(22, clientHello(null)))
      .client(record(23, 30))
      .wait(5)
      .client(record(23, 30))
      .finish();
    expect(tlsEvents(dialogue).filter(({ what }) => what === 'application-data')).toHaveLength(2);
  });

  test('refused, the session goes on in clear', () => {
    const dialogue = playbook().greet().client('STARTTLS').server('454 TLS not available').envelope().finish();
    expect(dialogue).toMatchObject({ starttlsRefused: true, tls: null });
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'STARTTLS 454', 'MAIL 250', 'RCPT 250']);
    expect(stages(dialogue).at(-1)).toBe('rcpt');
  });

  test('accepted, but the client goes on in clear', () => {
    const dialogue = start().client('MAIL FROM:<a@b.example>').server('530 must use TLS').finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'STARTTLS 220', 'MAIL 530']);
    expect(tlsEvents(dialogue)).toMatchObject([{ side: 0, what: 'not-tls' }]);
  });

  test('the server answers the ClientHello in clear', () => {
    const dialogue = start()
      .client(record(22, clientHello(null)))
      .server('454 TLS broken')
      .client('QUIT')
      .finish();
    expect(replies(dialogue).at(-1)).toMatchObject({ code: 454, role: 'unsolicited' });
    expect(tlsEvents(dialogue).map(({ what, side }) => [what, side])).toContainEqual(['not-tls', 1]);
    expect(verbs(dialogue).at(-1)).toBe('QUIT');
  });

  test('the 220 is not in the file', () => {
    const dialogue = playbook()
      .greet()
      .client('STARTTLS')
      .client(record(22, clientHello('a.example')))
      .finish();
    expect(dialogue.tls).toMatchObject({ begin: 'starttls', sni: 'a.example' });
  });

  test('records are counted through losses', () => {
    const dialogue = start()
      .client(record(22, clientHello('a.example')))
      .clientRaw(record(23, 1000).subarray(0, 20))
      .clientGap(985, 'snap')
      .client(record(23, 10))
      .clientRaw(record(23, 100).subarray(0, 20))
      .clientGap(5000)
      .client(record(23, 7))
      .finish();
    expect(dialogue.tls?.applicationOctets[0]).toBe(1000 + 10 + 100 + 7);
  });

  test('after the handover nothing of the session is read as commands', () => {
    const dialogue = start()
      .client(record(22, clientHello('a.example')))
      .client(record(23, Buffer.from('QUIT\r\nAUTH PLAIN AGFiYwBkZWY=\r\n')))
      .finish();
    expect(commands(dialogue).map(({ verb }) => verb)).toEqual(['EHLO', 'STARTTLS']);
  });
});

describe('TLS from the first octet', () => {
  test('on port 465', () => {
    const dialogue = playbook({ serverPort: 465 })
      .client(record(22, clientHello('a.example')))
      .server(record(22, serverHello(0x009c)))
      .client(CHANGE_CIPHER)
      .finish();
    expect(dialogue).toMatchObject({ isSmtp: true, tls: { begin: 'from-start', version: 'TLSv1.2' } });
    expect(stages(dialogue)).toEqual(['banner']);
    expect(dialogue.owes).toMatchObject({ side: 'server' });
  });

  test('on a port of another protocol it is no SMTP', () => {
    expect(
      playbook({ serverPort: 443 })
        .client(record(22, clientHello('a.example')))
        .finish().isSmtp,
    ).toBe(false);
  });

  test('the hello of SSL 2.0', () => {
    const dialogue = playbook({ serverPort: 465 })
      .client(Buffer.from([0x80, 0x2e, 1, 3, 1, ...Array<number>(0x2b).fill(5)]))
      .finish();
    expect(tlsEvents(dialogue)).toMatchObject([{ what: 'client-hello' }]);
  });

  test('port 465 in clear is read as it is', () => {
    const dialogue = playbook({ serverPort: 465 }).greet().client('QUIT').server('221 bye').finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'QUIT 221']);
  });

  test.each([60, 5_000])('encrypted records in mid-stream do not tell who is the client, whatever their %i octets are', (octets) => {
    const cipher = record(23, octets);
    expect(playbook({ clientSide: null }).server(cipher, cipher).client(record(23, 50)).finish().client).toBe(0);
    // The file begins inside a record.
    const inside = Uint8Array.from({ length: octets }, (_, i) => (i * 73 + 41) & 255);
    expect(playbook({ clientSide: null }).serverRaw(inside).server(cipher).client(record(23, 50)).finish().client).toBe(0);
  });

  test('the capture begins inside TLS', () => {
    const dialogue = playbook({ clientSide: null }).client(record(23, 50)).server(record(23, 60)).finish();
    expect(dialogue.tls).toMatchObject({ begin: 'starttls', version: null, established: true, applicationOctets: [50, 60] });
  });
});

test('FTP is no SMTP, SMTP on an odd port is', () => {
  expect(playbook({ serverPort: 21 }).server('220 ProFTPD ready').client('USER x').server('331 password').client('QUIT').finish().isSmtp).toBe(false);
  expect(playbook({ serverPort: 10025 }).server('220 hi ESMTP').finish().isSmtp).toBe(true);
  expect(playbook({ serverPort: 10025 }).server('220 hi').client('EHLO x.example').finish().isSmtp).toBe(true);
});
