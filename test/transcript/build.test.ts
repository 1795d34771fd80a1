import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TCP_ACK, TCP_FIN } from '../../src/model/packet.ts';
import type { Transcript } from '../../src/model/report.ts';
import { SegmentNote } from '../../src/model/tcp.ts';
import { buildTranscript } from '../../src/transcript/index.ts';
import { Scene, START_US, clockMap, injection, logLines } from './scene.ts';
import { tlsSummary } from '../support/tls-summary.ts';

const names = { session: 's' };
const show = (transcript: Transcript): string[] =>
  transcript.rows.map(({ client, packets, appliance, log }) => [client, packets, appliance, log.replaceAll('\n', ' / ')].join(' | '));
const endAt = (packet: number, cause: 'premature-fin' | 'rst' | 'client-quit') => ({
  packets: [{ input: 0, number: packet }],
  lines: [],
  words: 'so it was',
  atUs: null,
  cause,
});

describe('a client that leaves after RCPT', () => {
  const scene = new Scene()
    .handshake()
    .reply(0.01, '220 esa.example.com ESMTP')
    .command(0.02, 'EHLO ns.example.com')
    .reply(0.03, '250 esa.example.com|8BITMIME|SIZE 1000')
    .command(0.04, 'MAIL FROM:<a@example.com>')
    .reply(0.05, '250 ok')
    .command(0.06, 'RCPT TO:<b@example.org>')
    .reply(0.07, '250 ok')
    .fin(36.2, 0)
    .fin(36.21, 1);
  const lines = logLines(
    [3600, 'New SMTP ICID 10293 interface Management (192.0.2.25) address 198.51.100.7 reverse dns host unknown verified no'],
    [3600, 'ICID 10293 ACCEPT SG UNKNOWNLIST match sbrs[none] SBRS None'],
    [3600, 'Start MID 1404 ICID 10293'],
    [3600, 'MID 1404 ICID 10293 From: <a@example.com>'],
    [3600, 'MID 1404 ICID 10293 RID 0 To: <b@example.org>'],
    [3636, 'ICID 10293 lost'],
    [3636, 'Message aborted MID 1404 Receiving aborted'],
    [3636, 'Message finished MID 1404 aborted'],
    [3636, 'ICID 10293 close'],
  );
  const session = scene.session({ injection: injection(lines) });

  test('is told side by side, each log line beside what it is about', () => {
    const transcript = buildTranscript(session, clockMap(3600), endAt(11, 'premature-fin'), names);
    expect(show(transcript)).toEqual([
      ' | SYN, SYN/ACK, ACK: connected in 2.0 ms |  | 18:54:21 New SMTP ICID 10293 interface Management (192.0.2.25) address 198.51.100.7 reverse dns host unknown verified no / 18:54:21 ICID 10293 ACCEPT SG UNKNOWNLIST match sbrs[none] SBRS None',
      ' | <- | 220 esa.example.com ESMTP | ',
      'EHLO ns.example.com | -> |  | ',
      ' | <- | 250 esa.example.com 8BITMIME SIZE 1000 | ',
      'MAIL FROM:<a@example.com> | -> |  | 18:54:21 Start MID 1404 ICID 10293 / 18:54:21 MID 1404 ICID 10293 From: <a@example.com>',
      ' | <- | 250 ok | ',
      'RCPT TO:<b@example.org> | -> |  | 18:54:21 MID 1404 ICID 10293 RID 0 To: <b@example.org>',
      ' | <- | 250 ok | ',
      ' | -> FIN |  | 18:54:57 ICID 10293 lost / 18:54:57 Message aborted MID 1404 Receiving aborted / 18:54:57 Message finished MID 1404 aborted',
      ' | <- FIN |  | 18:54:57 ICID 10293 close',
    ]);
    expect(transcript.rows.map(({ ended }) => ended).indexOf(true)).toBe(8);
    expect(transcript.rows.filter(({ after }) => after)).toHaveLength(1);
    expect(transcript.endedWords).toBe('so it was');
    expect(transcript.rows[8]?.gapSeconds).toBeCloseTo(36.13);
    expect(transcript.rows[0]?.at).toBe('2026-11-21T17:54:21.000000Z');
  });

  test('with the wrong clock the lines keep their own time and order', () => {
    const rows = buildTranscript(session, clockMap(3000), null, names).rows;
    expect(rows.slice(0, 10).every(({ log }) => log === '')).toBe(true);
    expect(rows.slice(10).flatMap(({ lines: refs }) => refs.map(({ line }) => line))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('without a log there are no log texts, without a capture only them', () => {
    expect(buildTranscript(scene.session(), clockMap(null), null, names).rows.every(({ log, lines: refs }) => log === '' && refs.length === 0)).toBe(true);
    const alone = buildTranscript(
      scene.session({ captured: null, injection: injection(lines) }),
      clockMap(null),
      { packets: [], lines: [{ input: 1, line: 6 }], words: 'lost', atUs: null, cause: null },
      names,
    );
    expect(alone.rows.map(({ log }) => log.slice(0, 8))).toEqual(lines.map(({ atUs }) => (atUs < START_US + 3_610_000_000 ? '18:54:21' : '18:54:57')));
    expect(alone.rows.findIndex(({ ended }) => ended)).toBe(5);
    expect(alone.title).toContain('from the log alone');
  });
});

test('an end that only another vantage point saw has a row of its own at its time', () => {
  const scene = new Scene().handshake().reply(0.1, '220 esa').command(5, 'EHLO x');
  const end = { packets: [{ input: 7, number: 1 }], lines: [], words: 'reset at the client', atUs: START_US + 2_000_000, cause: 'rst' as const };
  const { rows } = buildTranscript(scene.session(), clockMap(null), end, names);
  expect(rows.map(({ packets, ended, after }) => [packets, ended, after]).slice(1)).toEqual([
    ['<-', false, false],
    ['(not among these packets)', true, false],
    ['->', false, true],
  ]);
});

describe('what repeats is folded', () => {
  test('retransmissions into one row with count and time span, from the first to the last packet', () => {
    const scene = new Scene().handshake().reply(0.1, '220 esa');
    for (const at of [0.3, 0.7, 1.5, 3.1]) scene.segment(at, 1, TCP_ACK, 10, SegmentNote.retransmission);
    scene.command(4, 'QUIT');
    const rows = buildTranscript(scene.session(), clockMap(null), null, names).rows;
    expect(rows.map(({ packets }) => packets)).toEqual(['SYN, SYN/ACK, ACK: connected in 2.0 ms', '<-', '<- sent again 4 times in 2.800 s (40 octets)', '->']);
    expect(rows[2]?.refs.map(({ number }) => number)).toEqual([5, 6, 7, 8]);
  });

  test('the two sides apart, though their packets alternate', () => {
    const scene = new Scene().handshake().reply(0.1, '220 esa');
    for (let i = 1; i < 5; i++) scene.segment(i, 1, TCP_ACK, 10, SegmentNote.retransmission).segment(i + 0.5, 0, TCP_ACK, 5, SegmentNote.retransmission);
    expect(buildTranscript(scene.session(), clockMap(null), null, names).rows).toHaveLength(4);
  });

  test('keep-alives, closed windows and a repeated FIN', () => {
    const scene = new Scene().handshake().reply(0.1, '220 esa');
    for (let i = 1; i < 4; i++) scene.segment(i * 60, 0, TCP_ACK, 0, SegmentNote.keepAlive);
    scene.segment(200, 1, TCP_ACK, 0, SegmentNote.zeroWindow).segment(205, 1, TCP_ACK).fin(300, 1);
    scene.segment(301, 1, TCP_ACK | TCP_FIN, 0, SegmentNote.retransmission);
    expect(
      buildTranscript(scene.session(), clockMap(null), null, names)
        .rows.slice(2)
        .map(({ packets }) => packets),
    ).toEqual(['-> keep-alive 3 times in 120.0 s', '<- window 0: can take no more', '<- window open again', '<- FIN', '<- FIN again']);
  });

  test('a message into one row with octets and packets, parted where it paused', () => {
    const scene = new Scene().handshake().command(0.1, 'DATA').reply(0.2, '354 go ahead').body(0.3, 20, 1000, false);
    scene.segment(9, 0, TCP_ACK, 500);
    const rows = buildTranscript(scene.session(), clockMap(null), null, names).rows.slice(3);
    expect(rows.map(({ client, packets }) => [client, packets])).toEqual([
      ['(message, 20,000 octets)', '-> 20 packets in 0.2 s'],
      ['(message, 500 octets)', '-> 1 packet'],
    ]);
  });

  test('a short message needs no row beside its final dot', () => {
    const scene = new Scene().handshake().command(0.1, 'DATA').reply(0.2, '354 go ahead').body(0.3, 1, 300, true).reply(0.4, '250 ok:  Message 7 accepted');
    expect(
      buildTranscript(scene.session(), clockMap(null), null, names)
        .rows.slice(3)
        .map(({ client }) => client),
    ).toEqual(['. (end of data, 297 octets)', '']);
  });
});

describe('what matters is never folded away', () => {
  test('RST with its acceptability, ICMP with its words, gaps with their meaning', () => {
    const scene = new Scene().handshake().reply(0.1, '220 esa').rst(1, 0, SegmentNote.rstInWindow).rst(2, 0, SegmentNote.rstExact);
    scene.gaps.push({ side: 0, from: 5, length: 86, kind: 'network', segment: 3 });
    scene.icmp.push({
      input: 0,
      packet: 99,
      atUs: START_US + 1_500_000,
      fromIp: '10.0.0.1',
      toIp: '192.0.2.25',
      ttl: 255,
      family: 4,
      type: 3,
      code: 13,
      mtu: null,
      quoted: { srcIp: '192.0.2.25', srcPort: 25, dstIp: '198.51.100.7', dstPort: 40_000, seq: 1 },
    });
    expect(
      buildTranscript(scene.session(), clockMap(null), null, names)
        .rows.slice(1)
        .map(({ packets }) => packets),
    ).toEqual([
      '-> 86 octets missing: never reached the receiver',
      '<-',
      '-> RST, in the window but not exact: a challenge ACK is due, no end',
      'ICMP from 10.0.0.1: administratively prohibited',
      '-> RST, at the exact sequence number',
    ]);
  });

  test('QUIT and FIN in one segment are two rows, and the cause says which is marked', () => {
    const scene = new Scene().handshake().command(0.1, 'QUIT');
    const quit = scene.segments.at(-1);
    if (quit) scene.segments[3] = { ...quit, flags: TCP_ACK | TCP_FIN };
    scene.finAt[0] = 3;
    const session = scene.session();
    const byQuit = buildTranscript(session, clockMap(null), endAt(4, 'client-quit'), names).rows;
    expect(byQuit.map(({ client, packets, ended }) => [client, packets, ended]).slice(1)).toEqual([
      ['QUIT', '->', true],
      ['', '-> FIN behind 6 octets', false],
    ]);
    expect(buildTranscript(session, clockMap(null), endAt(4, 'premature-fin'), names).rows[2]?.ended).toBe(true);
  });

  test('data behind a hole are shown as what the receiver never got', () => {
    const scene = new Scene().handshake();
    scene.gaps.push({ side: 0, from: 1, length: 100, kind: 'network', segment: 3 });
    scene.segment(1, 0, TCP_ACK, 1400, SegmentNote.afterHole, 101);
    expect(buildTranscript(scene.session(), clockMap(null), null, names).rows.map(({ client, packets }) => `${client} ${packets}`)).toContain(
      '(1,400 octets that cannot be delivered) -> 1 packet behind a hole',
    );
  });
});

test('debug records are the words where the capture is encrypted, and a log text where it is not', () => {
  const lines = logLines([0, 'New SMTP ICID 10293 interface Management (192.0.2.25) address 198.51.100.7 reverse dns host unknown verified no']);
  const [line] = lines;
  const debug = line ? [{ line: { ...line, ref: { input: 2, line: 1 } }, direction: 'received' as const, peer: '198.51.100.7', text: 'EHLO ns\r\n' }] : [];
  const scene = new Scene().handshake().command(0.02, 'EHLO ns');
  const clear = buildTranscript(scene.session({ injection: injection(lines, { debug }) }), clockMap(0), null, names);
  expect(clear.rows.map(({ log }) => log).join(' ')).toContain("debug: received 'EHLO ns'");
  scene.tls = tlsSummary({ begin: 'from-start', firstUs: START_US });
  const opaque = buildTranscript(scene.session({ injection: injection(lines, { debug }) }), clockMap(0), null, names);
  expect(opaque.rows.filter(({ client }) => client === 'EHLO ns')).toHaveLength(2);
});

test('rows are in order of time, gaps are never negative, and no log line is lost, whatever the clocks say', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -100, max: 100 }), fc.string()), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: -50, max: 50 }),
      (entries, offset) => {
        const scene = new Scene().handshake().reply(0.1, '220 esa').command(10, 'EHLO x').reply(10.1, '250 ok').fin(40, 0);
        const lines = logLines(...entries);
        const { rows } = buildTranscript(scene.session({ injection: injection(lines) }), clockMap(offset), null, names);
        expect(rows.flatMap(({ lines: refs }) => refs.map(({ line }) => line))).toEqual(lines.map(({ ref }) => ref.line));
        expect(rows.filter(({ refs }) => refs.length > 0)).toHaveLength(5);
        for (const { gapSeconds } of rows) expect(gapSeconds ?? 0).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});

test('debug records stand beside the words that they repeat', () => {
  const lines = logLines(
    [0, 'New SMTP ICID 10293 interface Management (192.0.2.25) address 198.51.100.7 reverse dns host unknown verified no'],
    [0, 'Start MID 1404 ICID 10293'],
  );
  const [line] = lines;
  if (!line) throw new RangeError('no line');
  const record = (direction: 'sent' | 'received', text: string, number: number) => ({
    line: { ...line, ref: { input: 2, line: number } },
    direction,
    peer: '',
    text,
  });
  const debug = [record('sent', '220 esa ESMTP\r\n', 1), record('received', 'EHLO ns\r\n', 2), record('sent', '250-esa\r\n250 SIZE 10\r\n', 3)];
  const scene = new Scene()
    .handshake()
    .reply(0.1, '220 esa ESMTP')
    .command(0.2, 'EHLO ns')
    .reply(0.3, '250 esa|SIZE 10')
    .command(0.4, 'MAIL FROM:<a@example.com>');
  const { rows } = buildTranscript(scene.session({ injection: injection(lines, { debug }) }), clockMap(0), null, names);
  expect(rows.map(({ lines: refs }) => refs.map(({ input, line: number }) => `${input}:${number}`).join(' '))).toEqual(['1:1', '2:1', '2:2', '2:3', '1:2']);
});
