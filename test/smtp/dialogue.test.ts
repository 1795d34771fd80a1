import { describe, expect, test } from 'vitest';
import { stageAt } from '../../src/model/smtp.ts';
import { owesAt } from '../../src/smtp/index.ts';
import { commands, exchanges, playbook, replies, SECOND, stages, verbs } from './conversation.ts';

const MESSAGE = [
  'Message-ID: <1@client.example>',
  'Subject: hello',
  ' world',
  'From: A <a@client.example>',
  'Date: Thu, 1 Jan 2026 10:00:00 +0000',
  '',
  'body',
  '..dot',
];

describe('a session that delivers one message', () => {
  const dialogue = playbook()
    .greet()
    .envelope()
    .client('DATA')
    .server('354 go ahead')
    .client(...MESSAGE, '.')
    .server('250 ok:  Message 4711 accepted')
    .client('QUIT')
    .server('221 esa.example.com')
    .finish();

  test('commands are matched with their replies', () => {
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'MAIL 250', 'RCPT 250', 'DATA 354', 'data-end 250', 'QUIT 221']);
    expect(dialogue.greeting).toMatchObject({ code: 220, role: 'greeting', to: null, lines: ['esa.example.com ESMTP'] });
    expect(replies(dialogue).every(({ role }) => role !== 'unsolicited')).toBe(true);
    expect(dialogue).toMatchObject({ isSmtp: true, client: 0, heloName: 'mail.client.example', esmtp: true, capabilities: ['8BITMIME', 'SIZE 20971520'] });
    expect(verbs(dialogue)[dialogue.events.slice(0, dialogue.quit ?? 0).filter(({ kind }) => kind === 'command').length]).toBe('QUIT');
  });

  test('the transaction holds envelope, header and the MID of the final reply', () => {
    expect(dialogue.transactions).toHaveLength(1);
    expect(dialogue.transactions[0]).toMatchObject({
      reversePath: 'a@client.example',
      recipients: [{ forwardPath: 'b@example.com', code: 250 }],
      ended: true,
      outcome: 'accepted',
      acceptedMid: 4711,
      octets: MESSAGE.join('\r\n').length + 1,
      header: { messageId: '<1@client.example>', subject: 'hello world', from: 'A <a@client.example>', date: 'Thu, 1 Jan 2026 10:00:00 +0000' },
      longestHeaderLine: 36,
    });
  });

  test('each stage begins with its step', () => {
    expect(stages(dialogue)).toEqual(['banner', 'helo', 'mail', 'rcpt', 'data-command', 'data-body', 'data-end', 'idle-after-message', 'quit']);
    expect(stageAt(dialogue, 0)).toBe('connect');
    const rcpt = commands(dialogue)[2];
    expect(stageAt(dialogue, rcpt?.at.atUs ?? 0)).toBe('rcpt');
    expect(stageAt(dialogue, (rcpt?.at.atUs ?? 0) - 1)).toBe('mail');
  });

  test('a clock that is set back while it records does not undo the steps before', () => {
    const last = dialogue.stages.at(-1)?.at;
    const setBack = (dialogue.stages[0]?.at.atUs ?? 0) - 1;
    expect(stageAt(dialogue, setBack)).toBe('connect');
    expect(stageAt(dialogue, setBack, last?.packet)).toBe('quit');
  });

  test('at each moment it is known whose turn it is', () => {
    const what = dialogue.events.map((event) => owesAt(dialogue, event.at.atUs).what);
    expect(owesAt(dialogue, 0)).toMatchObject({ side: 'server', what: 'greeting' });
    expect(what).toEqual([
      'command',
      'reply to EHLO',
      'command',
      'reply to MAIL',
      'command',
      'reply to RCPT',
      'command',
      'reply to DATA',
      'message',
      'reply to the end of data',
      'reply to the end of data',
      'command',
      'reply to QUIT',
      'nothing',
    ]);
    expect(dialogue.owes).toMatchObject({ side: null });
  });
});

describe('pipelining', () => {
  test('replies are matched in order', () => {
    const dialogue = playbook()
      .greet()
      .client('MAIL FROM:<a@b.example>', 'RCPT TO:<c@d.example>', 'RCPT TO:<e@d.example>', 'DATA')
      .server('250 ok', '550 5.1.1 no such user', '250 ok', '354 go')
      .client('x', '.', 'QUIT')
      .server('250 ok', '221 bye')
      .finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'MAIL 250', 'RCPT 550', 'RCPT 250', 'DATA 354', 'data-end 250', 'QUIT 221']);
    expect(commands(dialogue).map(({ pipelined }) => pipelined)).toEqual([false, false, true, true, true, true]);
    expect(dialogue.transactions[0]?.recipients.map(({ code }) => code)).toEqual([550, 250]);
    expect(replies(dialogue).find(({ code }) => code === 550)?.enhancedCode).toBe('5.1.1');
    expect(stages(dialogue).at(-1)).toBe('quit');
  });

  test('a client that does not wait for 354 and is refused has sent command lines', () => {
    const dialogue = playbook()
      .greet()
      .client('MAIL FROM:<a@b.example>', 'RCPT TO:<c@d.example>', 'DATA', 'Subject: x', '', 'text', '.', 'QUIT')
      .server('250 ok', '550 no', '554 no valid recipients')
      .server('500 what', '500 what', '500 what', '500 what', '221 bye')
      .finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'MAIL 250', 'RCPT 550', 'DATA 554', 'data-end 554', 'QUIT 221']);
    expect(dialogue.transactions[0]).toMatchObject({ outcome: 'rejected' });
  });

  test('while its body still flows, a refusal turns what follows into commands', () => {
    const dialogue = playbook()
      .greet()
      .envelope()
      .client('DATA')
      .clientRaw('Subject: x\r\nto')
      .server('451 later')
      .clientRaw('day\r\nQUIT\r\n')
      .server('500 what')
      .server('500 what', '221 bye')
      .finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'MAIL 250', 'RCPT 250', 'DATA 451', 'QUIT 221']);
  });

  test('a body sent before a 354 that comes late is a message', () => {
    const dialogue = playbook().greet().envelope().client('DATA').client('Subject: x', '', 'y', '.', 'QUIT').server('354 go', '250 ok', '221 bye').finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'MAIL 250', 'RCPT 250', 'DATA 354', 'data-end 250', 'QUIT 221']);
    expect(dialogue.transactions[0]).toMatchObject({ outcome: 'accepted', header: { subject: 'x' } });
  });

  test('a client that gives up waiting for 354 says QUIT, not a message', () => {
    const dialogue = playbook().greet().envelope().client('DATA').wait(120).client('QUIT').finish();
    expect(verbs(dialogue)).toEqual(['EHLO', 'MAIL', 'RCPT', 'DATA', 'QUIT']);
    expect(stages(dialogue).at(-1)).toBe('quit');
    expect(dialogue.transactions[0]).toMatchObject({ outcome: 'withdrawn', withdrawnBy: dialogue.quit });
  });
});

describe('outcomes of a transaction', () => {
  test('a size refused at MAIL leaves the stage where it was', () => {
    const dialogue = playbook().greet().client('MAIL FROM:<> SIZE=99999999').server('552 #5.3.4 message size exceeds limit').finish();
    expect(dialogue.transactions[0]).toMatchObject({ reversePath: '', outcome: 'rejected' });
    expect(replies(dialogue).at(-1)?.enhancedCode).toBe('5.3.4');
    expect(stages(dialogue).at(-1)).toBe('mail');
  });

  test('every recipient refused is a refusal, even if the client then says QUIT', () => {
    const dialogue = playbook()
      .greet()
      .client('MAIL FROM:<a@b.example>')
      .server('250 ok')
      .client('RCPT TO:<x@y.example>')
      .server('550 no')
      .client('QUIT')
      .server('221 bye')
      .finish();
    expect(dialogue.transactions[0]).toMatchObject({ outcome: 'rejected', withdrawnBy: null });
    expect(dialogue.events[dialogue.transactions[0]?.finalReply ?? -1]).toMatchObject({ code: 550 });
  });

  test('RSET withdraws and goes back to helo; after an accepted message to idle', () => {
    const first = playbook().greet().envelope().client('RSET').server('250 reset').finish();
    expect(first.transactions[0]).toMatchObject({ outcome: 'withdrawn' });
    expect(stages(first).at(-1)).toBe('helo');
    const second = playbook()
      .greet()
      .envelope()
      .client('DATA')
      .server('354 go')
      .client('x', '.')
      .server('250 ok')
      .envelope()
      .client('RSET')
      .server('250 reset')
      .finish();
    expect(second.transactions.map(({ outcome }) => outcome)).toEqual(['accepted', 'withdrawn']);
    expect(stages(second).at(-1)).toBe('idle-after-message');
  });

  test('a refusal at the dot leaves data-end until a command shows that the client goes on', () => {
    const refused = playbook().greet().envelope().client('DATA').server('354 go').client('x', '.').server('554 spam');
    expect(stages(refused.finish()).at(-1)).toBe('data-end');
    const goesOn = playbook().greet().envelope().client('DATA').server('354 go').client('x', '.').server('554 spam').client('NOOP').server('250 ok').finish();
    expect(stages(goesOn).at(-1)).toBe('helo');
  });

  test('QUIT behind the final dot withdraws nothing', () => {
    const dialogue = playbook().greet().envelope().client('DATA').server('354 go').client('x', '.', 'QUIT').finish();
    expect(dialogue.transactions[0]).toMatchObject({ outcome: 'open', ended: true });
    expect(dialogue.owes).toMatchObject({ side: 'server', what: 'reply to the end of data' });
  });

  test('a new HELO withdraws once it is accepted', () => {
    const refused = playbook().greet().envelope().client('EHLO').server('501 name').client('DATA').server('354 go').client('x', '.').server('250 ok').finish();
    expect(refused.transactions.map(({ outcome }) => outcome)).toEqual(['accepted']);
    const accepted = playbook().greet().envelope().client('EHLO y.example').server('250 ok').finish();
    expect(accepted.transactions.map(({ outcome }) => outcome)).toEqual(['withdrawn']);
    expect(stages(accepted).at(-1)).toBe('helo');
  });

  test('a nested MAIL that is refused leaves the transaction open, one that is accepted withdraws it', () => {
    const nested = playbook()
      .greet()
      .envelope()
      .client('MAIL FROM:<z@z.example>')
      .server('503 nested MAIL')
      .client('DATA')
      .server('354 go')
      .client('x', '.')
      .server('250 ok')
      .finish();
    expect(nested.transactions.map(({ outcome }) => outcome)).toEqual(['accepted', 'rejected']);
    const replaced = playbook().greet().envelope().client('MAIL FROM:<z@z.example>').server('250 ok').finish();
    expect(replaced.transactions.map(({ outcome }) => outcome)).toEqual(['withdrawn', 'open']);
  });
});

describe('words out of order', () => {
  test('421 at any time is unsolicited unless something was asked', () => {
    const idle = playbook().greet().envelope().wait(300).server('421 Timed out waiting for successful message injection, disconnecting.').finish();
    expect(replies(idle).at(-1)).toMatchObject({ code: 421, role: 'unsolicited', to: null });
    expect(stages(idle).at(-1)).toBe('rcpt');
    expect(idle.longestClientPauseUs).toBeLessThan(SECOND);
    const inBody = playbook().greet().envelope().client('DATA').server('354 go').client('x').wait(300).server('421 bye').finish();
    expect(replies(inBody).at(-1)).toMatchObject({ role: 'unsolicited' });
    expect(stages(inBody).at(-1)).toBe('data-body');
    const asked = playbook().greet().envelope().client('DATA').server('421 too busy').finish();
    expect(exchanges(asked).at(-1)).toBe('DATA 421');
    expect(asked.transactions[0]?.outcome).toBe('rejected');
  });

  test('a client that speaks before the greeting', () => {
    const dialogue = playbook().client('EHLO x.example').server('220 hello').server('250 ok').finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250']);
    expect(dialogue.greeting?.code).toBe(220);
    expect(dialogue.events.find(({ kind }) => kind === 'oddity')).toMatchObject({ what: 'before-greeting', side: 0 });
  });

  test('text before the banner has code 0 and greets nobody', () => {
    const dialogue = playbook().server('Welcome, stranger').server('220 hello').client('HELO x.example').server('250 ok').finish();
    expect(replies(dialogue).map(({ code, role }) => [code, role])).toEqual([
      [0, 'unsolicited'],
      [220, 'greeting'],
      [250, 'answer'],
    ]);
    expect(dialogue.esmtp).toBe(false);
  });

  test('a refusing greeting is a greeting', () => {
    const dialogue = playbook().server('554 go away').client('QUIT').server('221 bye').finish();
    expect(dialogue.greeting?.code).toBe(554);
    expect(exchanges(dialogue)).toEqual(['QUIT 221']);
    expect(stages(dialogue)).toEqual(['banner', 'quit']);
  });

  test('a banner masked by inspection', () => {
    const dialogue = playbook().server('220*************************').client('EHLO x.example').server('250-esa', '250-XXXXXXXA', '250 XXXB').finish();
    expect(dialogue.greeting).toMatchObject({ code: 220, lines: ['*************************'] });
    expect(dialogue.capabilities).toEqual(['XXXXXXXA', 'XXXB']);
  });

  test('masked and unknown commands are commands that advance nothing', () => {
    const dialogue = playbook()
      .server('220 hi')
      .client('XXXX mail.client.example')
      .server('500 what')
      .client('HELO mail.client.example')
      .server('250 ok')
      .finish();
    expect(commands(dialogue)[0]).toMatchObject({ verb: 'XXXX', argument: 'mail.client.example', known: false });
    expect(exchanges(dialogue)).toEqual(['XXXX 500', 'HELO 250']);
    expect(stages(dialogue)).toEqual(['banner', 'helo']);
  });

  test('a reply that the file shows before its command', () => {
    const p = playbook().greet();
    const at = { atUs: p.nowUs + 50, input: 0, packet: 90 };
    p.follower.octets(1, Buffer.from('250 sender ok\r\n'), 0, 15, at);
    p.follower.octets(0, Buffer.from('MAIL FROM:<a@b.example>\r\n'), 0, 25, { ...at, atUs: at.atUs - 40 });
    const dialogue = p.client('RCPT TO:<c@d.example>').server('550 no').finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'MAIL 250', 'RCPT 550']);
  });

  test('what follows QUIT is ignored but told', () => {
    const dialogue = playbook().greet().client('QUIT', 'MAIL FROM:<a@b.example>').server('221 bye').finish();
    expect(verbs(dialogue)).toEqual(['EHLO', 'QUIT']);
    expect(dialogue.events.find(({ kind }) => kind === 'oddity')).toMatchObject({ what: 'after-quit', text: 'MAIL' });
    expect(dialogue.transactions).toHaveLength(0);
  });

  test('a refused QUIT with an argument ends nothing', () => {
    const dialogue = playbook().greet().client('QUIT now').server('501 no arguments').envelope().finish();
    expect(dialogue.quit).toBeNull();
    expect(dialogue.transactions).toHaveLength(1);
  });
});

describe('lines in bad shape', () => {
  test('bare line feeds are tolerated and told once', () => {
    const dialogue = playbook().server('220 hi').clientRaw('EHLO x.example\nMAIL FROM:<a@b.example>\n').server('250 ok', '250 ok').finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'MAIL 250']);
    expect(dialogue.events.filter(({ kind }) => kind === 'oddity')).toHaveLength(1);
  });

  test('an overlong command is cut, counted and answered', () => {
    const dialogue = playbook()
      .greet()
      .client(`MAIL FROM:<${'a'.repeat(20_000)}@b.example>`)
      .server('500 line too long')
      .finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'MAIL 500']);
    expect(commands(dialogue)[1]?.length).toBe(20_024);
    expect(commands(dialogue)[1]?.argument.length).toBeLessThan(5_000);
    expect(dialogue.events.some((event) => event.kind === 'oddity' && event.what === 'overlong-line')).toBe(true);
  });

  test('binary junk is no command, but it is answered', () => {
    const dialogue = playbook().server('220 hi').clientRaw('\x01\x02\x00\xff\r\n').server('500 what').client('QUIT').server('221 bye').finish();
    expect(dialogue.events.find(({ kind }) => kind === 'oddity')).toMatchObject({ what: 'binary', side: 0 });
    expect(exchanges(dialogue)).toEqual(['QUIT 221']);
  });

  test('half lines at the end are told as such', () => {
    const client = playbook().greet().clientRaw('MAIL FRO').finish();
    expect(commands(client).at(-1)).toMatchObject({ verb: 'MAIL', complete: false, reply: null });
    expect(stages(client).at(-1)).toBe('helo');
    expect(client.owes).toMatchObject({ side: 'client', what: 'rest of the command' });
    const server = playbook().greet().client('MAIL FROM:<a@b.example>').serverRaw('250 send').finish();
    expect(replies(server).at(-1)).toMatchObject({ code: 250, complete: false, role: 'answer' });
    expect(server.owes).toMatchObject({ side: 'server', what: 'reply to MAIL' });
    const halfBlock = playbook().server('220 hi').client('EHLO x.example').serverRaw('250-a\r\n250-b\r\n').finish();
    expect(replies(halfBlock).at(-1)).toMatchObject({ complete: false, lines: ['a', 'b'] });
    expect(halfBlock.esmtp).toBe(false);
  });

  test('UTF-8 in addresses is kept octet for octet', () => {
    const dialogue = playbook().greet().client(Buffer.from('MAIL FROM:<jürgen@exämple.com> SMTPUTF8\r\n')).server('250 ok').finish();
    expect(Buffer.from(dialogue.transactions[0]?.reversePath ?? '', 'latin1').toString()).toBe('jürgen@exämple.com');
  });
});

describe('who speaks for whom', () => {
  test('a PROXY line before SMTP is topology and answered by nobody', () => {
    const dialogue = playbook().client('PROXY TCP4 203.0.113.9 192.0.2.25 4711 25').server('220 hi').client('EHLO x.example').server('250 ok').finish();
    expect(dialogue.xclient).toBe('ADDR=203.0.113.9 PORT=4711');
    expect(exchanges(dialogue)).toEqual(['PROXY -', 'EHLO 250']);
    expect(dialogue.events.some(({ kind }) => kind === 'oddity')).toBe(false);
  });

  test('the binary form contains QUIT and is none', () => {
    const header = Buffer.from([
      0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21, 0x11, 0, 12, 203, 0, 113, 9, 192, 0, 2, 25, 0x12, 0x67, 0, 25,
    ]);
    const dialogue = playbook().client(header, 'EHLO x.example').server('220 hi', '250 ok').finish();
    expect(dialogue).toMatchObject({ xclient: 'ADDR=203.0.113.9 PORT=4711', quit: null });
    expect(exchanges(dialogue)).toEqual(['PROXY -', 'EHLO 250']);
  });

  test('XCLIENT is answered by a new greeting', () => {
    const dialogue = playbook().greet().client('XCLIENT NAME=a.example ADDR=203.0.113.9').server('220 hi').client('EHLO a.example').server('250 ok').finish();
    expect(dialogue.xclient).toBe('NAME=a.example ADDR=203.0.113.9');
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'XCLIENT 220', 'EHLO 250']);
  });

  test('LMTP answers for each recipient', () => {
    const dialogue = playbook()
      .server('220 hi')
      .client('LHLO x.example')
      .server('250 ok')
      .client('MAIL FROM:<a@b.example>', 'RCPT TO:<c@d.example>', 'RCPT TO:<e@d.example>', 'DATA')
      .server('250 ok', '250 ok', '250 ok', '354 go')
      .client('x', '.', 'QUIT')
      .server('250 ok', '452 full', '221 bye')
      .finish();
    expect(exchanges(dialogue).slice(-2)).toEqual(['data-end 452', 'QUIT 221']);
    expect(dialogue.transactions[0]?.outcome).toBe('accepted');
  });
});
