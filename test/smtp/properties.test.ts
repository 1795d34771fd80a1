import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DIALOGUE_BUDGET, followDialogue, owesAt, roleOf } from '../../src/smtp/index.ts';
import { stageAt, type SmtpDialogue } from '../../src/model/smtp.ts';
import { tlsFollowers } from '../../src/tls/index.ts';
import { exchanges, playbook, verbs } from './conversation.ts';
import { CHANGE_CIPHER, clientHello, record, serverHello } from './tls-octets.ts';

type Turn = readonly [side: 'client' | 'server', octets: Buffer];
const said = (side: 'client' | 'server', ...lines: string[]): Turn => [side, Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1')];

const STORIES: Readonly<Record<string, readonly Turn[]>> = {
  'two messages': [
    said('server', '220-esa.example.com', '220 ESMTP'),
    said('client', 'EHLO x.example'),
    said('server', '250-esa', '250-SIZE 5', '250 PIPELINING'),
    said('client', 'MAIL FROM:<>', 'RCPT TO:<"a>b"@c.example>', 'DATA'),
    said('server', '250 ok', '250 ok', '354 go'),
    said('client', 'Subject: a', ' b', 'Message-ID: <1@x>', '', '..', '.x', 'QUIT', '', '.', 'MAIL FROM:<b@c.example>', 'RCPT TO:<d@e.example>', 'BDAT 9'),
    ['client', Buffer.from('\r\n.\r\nQUITBDAT 5 LAST\r\n\n.\r\nQQUIT\r\n')],
    said('server', '250 ok:  Message 1 accepted', '250 ok', '250 ok', '250 chunk', '250 ok:  Message 2 accepted', '221 bye'),
  ],
  'AUTH and junk': [
    said('client', 'EHLO early.example'),
    said('server', 'what is this', '220 hi', '250-a', '250 AUTH PLAIN LOGIN'),
    said('client', 'AUTH LOGIN'),
    said('server', '334 VXNlcm5hbWU6'),
    said('client', 'dXNlcg=='),
    said('server', '334 UGFzc3dvcmQ6'),
    said('client', '*'),
    said('server', '501 cancelled'),
    ['client', Buffer.from('XXXX foo\nNOOP\n\x00\x01\x02\r\nDATA\r\n')],
    said('server', '500 what', '250 ok', '500 what', '503 no'),
    said('client', 'RSET', 'QUIT', 'NOOP'),
    said('server', '250 ok', '221 bye'),
  ],
  'a body without waiting': [
    said('server', '220 hi'),
    said('client', 'HELO x', 'MAIL FROM:<a@b.example>', 'RCPT TO:<c@d.example>', 'DATA', 'Received: here', '', 'QUIT', '.', 'QUIT'),
    said('server', '250 ok', '250 ok', '550 no', '554 no', '500 what', '500 what', '500 what', '500 what', '221 bye'),
  ],
  STARTTLS: [
    said('server', '220 hi'),
    said('client', 'EHLO x'),
    said('server', '250 STARTTLS'),
    said('client', 'STARTTLS'),
    said('server', '220 go'),
    [
      'client',
      Buffer.concat([record(22, clientHello('mx.example.com', [0x0304]).subarray(0, 30)), record(22, clientHello('mx.example.com', [0x0304]).subarray(30))]),
    ],
    ['server', Buffer.concat([record(22, serverHello(0x1301, true)), CHANGE_CIPHER, record(23, 800), record(23, 50)])],
    ['client', Buffer.concat([CHANGE_CIPHER, record(23, 60), record(23, 19)])],
  ],
  'a binary PROXY header': [
    [
      'client',
      Buffer.concat([
        Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21, 0x11, 0, 12, 203, 0, 113, 9, 192, 0, 2, 25, 0x12, 0x67, 0, 25]),
        Buffer.from('EHLO x\r\n'),
      ]),
    ],
    said('server', '220 hi', '250 ok'),
    ['client', Buffer.from('QUI')],
  ],
};

function play(story: readonly Turn[], cutsOf: (turn: number, length: number) => readonly number[], clientSide: 0 | null = 0): SmtpDialogue {
  const follower = followDialogue({ clientSide, serverPort: 25, openTls: tlsFollowers() });
  for (const [turn, [side, octets]] of story.entries()) {
    const at = { atUs: turn * 100_000, input: 0, packet: turn };
    const borders = [...new Set([0, ...cutsOf(turn, octets.length), octets.length])].sort((a, b) => a - b);
    for (let i = 1; i < borders.length; i++) follower.octets(side === 'client' ? 0 : 1, octets, borders[i - 1] ?? 0, borders[i] ?? 0, at);
  }
  return follower.finish();
}

describe.each(Object.entries(STORIES))('%s', (_, story) => {
  test.each([0, null] as const)('any segmentation gives the same dialogue (client side %s)', (clientSide) => {
    const whole = play(story, () => [], clientSide);
    const single = play(story, (_turn, length) => Array.from({ length }, (_octet, i) => i), clientSide);
    expect(single).toEqual(whole);
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }), { minLength: story.length, maxLength: story.length }),
        (cuts) => {
          const dialogue = play(story, (turn, length) => (cuts[turn] ?? []).map((share) => Math.floor(share * length)), clientSide);
          expect(dialogue).toEqual(whole);
        },
      ),
      { numRuns: 60 },
    );
  });
});

test('QUIT behind the final dot is never lost, however the two are split', () => {
  const end = 'text\r\n.\r\nQUIT\r\n';
  for (let mask = 0; mask < 1 << (end.length - 1); mask += 7) {
    const p = playbook().greet().envelope().client('DATA').server('354 go');
    let from = 0;
    for (let i = 1; i <= end.length; i++) {
      if (i < end.length && (mask & (1 << (i - 1))) === 0) continue;
      p.clientRaw(end.slice(from, i));
      from = i;
    }
    const dialogue = p.server('250 ok', '221 bye').finish();
    expect(exchanges(dialogue).slice(-2)).toEqual(['data-end 250', 'QUIT 221']);
  }
});

test('the scan for the final dot agrees with a plain search', () => {
  const octet = fc.constantFrom('\r', '\n', '.', 'a', '\r\n', '\r\n.', '.\r\n');
  fc.assert(
    fc.property(fc.array(octet, { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (parts, size) => {
      const body = parts.join('');
      const end = `\r\n${body}`.indexOf('\r\n.\r\n');
      const cut = (octets: Buffer) => Array.from({ length: Math.ceil(octets.length / size) }, (_, i) => octets.subarray(i * size, (i + 1) * size));
      const p = playbook().greet().envelope().client('DATA').server('354 go');
      for (const piece of cut(Buffer.from(body))) p.clientRaw(piece);
      const transaction = p.finish().transactions[0];
      expect(transaction?.ended).toBe(end >= 0);
      if (end < 0) return;
      // The message with the line end that DATA's line lent it taken off, dots unstuffed.
      const message = `\r\n${body}`
        .slice(0, end + 2)
        .replaceAll('\r\n.', '\r\n')
        .slice(2);
      expect(transaction?.octets).toBe(message.length);
    }),
    { numRuns: 1_000 },
  );
});

describe('whatever comes', () => {
  const word = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        'EHLO x\r\n',
        'MAIL FROM:<a@b>\r\n',
        'RCPT TO:<c@d>\r\n',
        'DATA\r\n',
        'BDAT 5\r\n',
        'BDAT 3 LAST\r\n',
        'QUIT\r\n',
        'RSET\r\n',
        'STARTTLS\r\n',
        'AUTH LOGIN\r\n',
        '.\r\n',
        '\r\n',
      ),
    },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        '220 a\r\n',
        '250 ok\r\n',
        '250-ok\r\n',
        '354 go\r\n',
        '221 bye\r\n',
        '421 no\r\n',
        '334 \r\n',
        '235 ok\r\n',
        '550 no\r\n',
        '500 no\r\n',
        '250 ok:  Message 7 accepted\r\n',
      ),
    },
    { weight: 1, arbitrary: fc.constantFrom('\x16\x03\x01\x00\x05\x01', '\x17\x03\x03\x00\x02ab', '\x15\x03\x03\x00\x02\x02\x28', '\x80\x2e\x01') },
    { weight: 2, arbitrary: fc.uint8Array({ maxLength: 30 }).map((octets) => Buffer.from(octets).toString('latin1')) },
  );
  const event = fc.record({
    side: fc.constantFrom(0 as const, 1 as const),
    what: fc.oneof(
      { weight: 9, arbitrary: word },
      {
        weight: 1,
        arbitrary: fc.record({
          length: fc.integer({ min: 1, max: 3_000 }),
          kind: fc.constantFrom('capture' as const, 'snap' as const, 'budget' as const, 'network' as const),
        }),
      },
    ),
  });

  test('nothing throws, and the record is whole', () => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 60 }),
        fc.constantFrom(0 as const, 1 as const, null),
        fc.constantFrom(25, 465, 4711),
        fc.constantFrom(6, 20_000),
        (story, clientSide, serverPort, events) => {
          const follower = followDialogue({
            openTls: tlsFollowers(),
            clientSide,
            serverPort,
            budget: { ...DIALOGUE_BUDGET, events, transactions: 4, recipients: 2, unanswered: 3, lineOctets: 64 },
          });
          for (const [i, { side, what }] of story.entries()) {
            const at = { atUs: i * 1_000_000, input: 0, packet: i };
            if (typeof what === 'string') {
              const octets = Buffer.from(what, 'latin1');
              follower.octets(side, octets, 0, octets.length, at);
              if (clientSide === null) roleOf(octets, 0, octets.length);
            } else follower.gap(side, what.length, what.kind, at);
          }
          follower.fin(0, { atUs: 0, input: 0, packet: 0 });
          const dialogue = follower.finish();
          expect(dialogue.events.length).toBeLessThanOrEqual(1.5 * events + 1);
          for (const entry of dialogue.events) {
            if ('reply' in entry && entry.reply !== null) expect(dialogue.events[entry.reply]?.kind).toBe('reply');
            if (entry.kind === 'reply' && entry.to !== null) expect(['command', 'data-end', 'chunk-end']).toContain(dialogue.events[entry.to]?.kind);
          }
          if (dialogue.quit !== null) expect(dialogue.events[dialogue.quit]).toMatchObject({ kind: 'command', verb: 'QUIT' });
          for (const transaction of dialogue.transactions) {
            if (transaction.mail >= 0) expect(dialogue.events[transaction.mail]?.kind).toBe('command');
            if (transaction.finalReply !== null) expect(dialogue.events[transaction.finalReply]?.kind).toBe('reply');
          }
          for (let i = 0; i < story.length; i++) {
            owesAt(dialogue, i * 1_000_000);
            stageAt(dialogue, i * 1_000_000);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('budgets', () => {
  test('a session without end keeps its beginning and its end', () => {
    const p = playbook({ budget: { ...DIALOGUE_BUDGET, events: 100, transactions: 10 } }).greet();
    for (let i = 0; i < 200; i++) p.envelope().client('DATA').server('354 go').client('x', '.').server(`250 ok:  Message ${i} accepted`);
    const dialogue = p.client('QUIT').server('221 bye').finish();
    expect(dialogue.events.length).toBeLessThanOrEqual(150);
    expect(dialogue.events.length + dialogue.eventsDropped).toBe(3 + 200 * 9 + 2);
    expect(verbs(dialogue).slice(0, 3)).toEqual(['EHLO', 'MAIL', 'RCPT']);
    expect(exchanges(dialogue).slice(-4)).toEqual(['RCPT 250', 'DATA 354', 'data-end 250', 'QUIT 221']);
    expect(dialogue.quit).toBe(dialogue.events.length - 2);
    expect(dialogue.transactions.at(-1)).toMatchObject({ acceptedMid: 199 });
    expect(dialogue.transactions.length).toBeLessThanOrEqual(15);
    expect(dialogue.stages.at(-1)?.stage).toBe('quit');
  });
});

test('the scan for a loose end agrees with a plain search', () => {
  const octet = fc.constantFrom('\n', '.', 'a', '\n.', '.\n', '\n.\n');
  fc.assert(
    fc.property(fc.array(octet, { maxLength: 30 }), fc.integer({ min: 1, max: 7 }), (parts, size) => {
      const body = `x\n${parts.join('')}`;
      const end = body.indexOf('\n.\n');
      const p = playbook().greet().envelope().client('DATA').server('354 go');
      for (let i = 0; i < body.length; i += size) p.clientRaw(body.slice(i, i + size));
      const transaction = p.server('550 no').finish().transactions[0];
      expect(transaction).toMatchObject({ ended: end >= 0, outcome: 'rejected', octets: end >= 0 ? end + 1 : body.length });
    }),
    { numRuns: 500 },
  );
});
