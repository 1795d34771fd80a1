import { describe, expect, test } from 'vitest';
import type { SmtpDialogue } from '../../src/model/smtp.ts';
import { commands, exchanges, playbook, replies, stages, verbs } from './conversation.ts';

describe('octets that the capture lost, although the server had them', () => {
  test('a command in the gap: its reply is an answer to nobody that is known', () => {
    const dialogue = playbook()
      .greet()
      .clientGap(26)
      .server('250 sender ok')
      .client('RCPT TO:<b@c.example>')
      .server('550 no')
      .client('QUIT')
      .server('221 bye')
      .finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'RCPT 550', 'QUIT 221']);
    expect(replies(dialogue)[2]).toMatchObject({ code: 250, role: 'answer', to: null });
    expect(commands(dialogue).map(({ afterGap }) => afterGap)).toEqual([false, true, false]);
    expect(dialogue.gaps).toEqual({ client: true, server: false });
    expect(dialogue.transactions[0]).toMatchObject({ mail: -1, outcome: 'rejected' });
  });

  test('221 tells that QUIT was said, where the end of the message and the QUIT are missing together', () => {
    const dialogue = playbook()
      .greet()
      .envelope()
      .client('DATA')
      .server('354 go')
      .client('Subject: x', '')
      .clientGap(20)
      .server('250 ok:  Message 5 accepted', '221 bye')
      .finish();
    expect(stages(dialogue).slice(-2)).toEqual(['idle-after-message', 'quit']);
    expect(dialogue.transactions).toMatchObject([{ outcome: 'accepted' }]);
  });

  test('354 tells that DATA was said', () => {
    const dialogue = playbook()
      .greet()
      .envelope()
      .clientGap(6)
      .server('354 go ahead')
      .client('Subject: x', '', 'QUIT', '.', 'QUIT')
      .server('250 ok:  Message 5 accepted', '221 bye')
      .finish();
    expect(stages(dialogue)).toEqual(['banner', 'helo', 'mail', 'rcpt', 'data-command', 'data-body', 'data-end', 'quit']);
    expect(dialogue.transactions[0]).toMatchObject({ outcome: 'accepted', acceptedMid: 5, header: { subject: 'x' } });
    expect(verbs(dialogue)).toEqual(['EHLO', 'MAIL', 'RCPT', 'QUIT']);
  });

  test('AsyncOS repeats the paths of MAIL and RCPT', () => {
    const dialogue = playbook()
      .greet()
      .clientGap(60)
      .server('250 sender <a@b.example> ok')
      .server('250 recipient <c@d.example> ok')
      .client('QUIT')
      .server('221 bye')
      .finish();
    expect(stages(dialogue)).toEqual(['banner', 'helo', 'mail', 'rcpt', 'quit']);
    expect(dialogue.transactions).toMatchObject([
      { mail: -1, reversePath: 'a@b.example', recipients: [{ forwardPath: 'c@d.example', command: -1, code: 250 }], outcome: 'withdrawn' },
    ]);
  });

  test('keywords tell that EHLO was said, 334 that AUTH was', () => {
    const dialogue = playbook()
      .server('220 hi')
      .clientGap(20)
      .server('250-esa', '250-SIZE 5', '250 AUTH LOGIN')
      .clientGap(12)
      .server('334 VXNlcm5hbWU6')
      .client('c2VjcmV0')
      .server('235 ok')
      .finish();
    expect(dialogue).toMatchObject({ esmtp: true, capabilities: ['SIZE 5', 'AUTH LOGIN'], authenticated: true });
    expect(stages(dialogue)).toEqual(['banner', 'helo', 'auth']);
    expect(JSON.stringify(dialogue)).not.toContain('c2VjcmV0');
  });

  test('replies that are handed over before the commands that they answer, because a hole had to be settled first', () => {
    const p = playbook().greet();
    const say = (side: 0 | 1, packet: number, text: string): void =>
      p.follower.octets(side, Buffer.from(text), 0, text.length, { atUs: packet * 1_000_000, input: 0, packet });
    p.follower.gap(0, 35, 'capture', { atUs: 109_000_000, input: 0, packet: 109 });
    say(1, 109, '250 sender <a@b.example> ok\r\n');
    say(1, 111, '550 no such user\r\n');
    say(1, 113, '250 recipient <c@d.example> ok\r\n');
    say(1, 115, '354 go\r\n');
    say(1, 118, '250 ok:  Message 7 accepted\r\n');
    say(0, 110, 'RCPT TO:<x@d.example>\r\n');
    say(0, 112, 'RCPT TO:<c@d.example>\r\n');
    say(0, 114, 'DATA\r\n');
    say(0, 116, 'Subject: x\r\n');
    say(0, 117, '.\r\n');
    say(0, 119, 'QUIT\r\n');
    say(1, 120, '221 bye\r\n');
    const dialogue = p.finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'RCPT 550', 'RCPT 250', 'DATA 354', 'data-end 250', 'QUIT 221']);
    expect(dialogue.transactions).toMatchObject([{ reversePath: 'a@b.example', outcome: 'accepted', acceptedMid: 7, header: { subject: 'x' } }]);
  });

  test('221 tells that QUIT was said', () => {
    const dialogue = playbook().greet().clientGap(6).server('221 bye').finish();
    expect(stages(dialogue).at(-1)).toBe('quit');
    expect(dialogue.quit).toBeNull();
    expect(replies(dialogue).at(-1)).toMatchObject({ role: 'answer', to: null });
  });

  test('the final dot in the gap: the final reply tells', () => {
    const dialogue = playbook()
      .greet()
      .envelope()
      .client('DATA')
      .server('354 go')
      .client('Subject: x', '', 'text')
      .clientGap(100)
      .server('250 ok:  Message 6 accepted')
      .client('QUIT')
      .server('221 bye')
      .finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'MAIL 250', 'RCPT 250', 'DATA 354', 'data-end 250', 'QUIT 221']);
    expect(stages(dialogue).slice(-3)).toEqual(['data-end', 'idle-after-message', 'quit']);
    expect(dialogue.transactions[0]?.octets).toBe('Subject: x\r\n\r\ntext\r\n'.length + 100);
  });

  test('QUIT pipelined behind a dot that the gap holds is not lost', () => {
    const asked = playbook().greet().envelope().client('DATA').server('354 go').client('text').clientGap(3).client('QUIT').server('250 ok', '221 bye').finish();
    expect(exchanges(asked).slice(-2)).toEqual(['data-end 250', 'QUIT 221']);
    const unasked = playbook().greet().envelope().client('DATA').server('354 go').client('text').clientGap(3).client('QUIT').finish();
    expect(commands(unasked).at(-1)).toMatchObject({ verb: 'QUIT', afterGap: true });
  });

  test('a body with a gap goes on to its dot', () => {
    const dialogue = playbook()
      .greet()
      .envelope()
      .client('DATA')
      .server('354 go')
      .client('Subject: x')
      .clientGap(1_460)
      .clientRaw('le of a line\r\nQUIT\r\n.\r\n')
      .server('250 ok')
      .client('QUIT')
      .finish();
    expect(exchanges(dialogue).slice(-2)).toEqual(['data-end 250', 'QUIT -']);
    expect(dialogue.transactions[0]?.octets).toBe(12 + 1_460 + 14 + 6);
  });

  test('the dot in a segment of its own behind the gap', () => {
    const dialogue = playbook().greet().envelope().client('DATA').server('354 go').clientGap(500).client('.').server('250 ok').finish();
    expect(exchanges(dialogue).at(-1)).toBe('data-end 250');
  });

  test('the next message begins behind the gap', () => {
    const dialogue = playbook()
      .greet()
      .envelope()
      .client('DATA')
      .server('354 go')
      .client('x')
      .clientGap(500)
      .serverGap(30)
      .client('MAIL FROM:<next@b.example>')
      .server('250 ok')
      .finish();
    expect(dialogue.transactions.map(({ reversePath, outcome }) => [reversePath, outcome])).toEqual([
      ['a@client.example', 'open'],
      ['next@b.example', 'open'],
    ]);
    expect(exchanges(dialogue).at(-1)).toBe('MAIL 250');
  });

  test('replies in the gap: the client that goes on had them', () => {
    const dialogue = playbook().greet().client('MAIL FROM:<a@b.example>').serverGap(8).client('RCPT TO:<c@d.example>').server('550 no').finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'MAIL -', 'RCPT 550']);
    expect(dialogue.owes).toMatchObject({ side: 'client', what: 'command' });
  });

  test('a gap in the middle of a line does not turn its rest into a command', () => {
    const dialogue = playbook()
      .greet()
      .clientRaw('MAIL FROM:<aaaa')
      .clientGap(20)
      .clientRaw('quit@b.example>\r\nRCPT TO:<c@d.example>\r\n')
      .server('250 ok', '250 ok')
      .finish();
    expect(verbs(dialogue)).toEqual(['EHLO', 'MAIL', 'RCPT']);
    expect(commands(dialogue)[1]).toMatchObject({ missing: 20 });
  });

  test('a gap inside a chunk leaves its border known', () => {
    const dialogue = playbook()
      .greet()
      .envelope()
      .clientRaw('BDAT 100 LAST\r\nabc')
      .clientGap(90)
      .clientRaw('defghij')
      .client('QUIT')
      .server('250 ok', '221 bye')
      .finish();
    expect(exchanges(dialogue).slice(-3)).toEqual(['BDAT 250', 'data-end 250', 'QUIT 221']);
  });
});

describe('octets that never reached the server', () => {
  test('what the client says behind them was never heard', () => {
    const dialogue = playbook()
      .greet()
      .envelope()
      .client('DATA')
      .server('354 go')
      .client('Subject: x')
      .clientGap(1_460, 'network')
      .client('.', 'QUIT')
      .finish();
    expect(dialogue.quit).toBeNull();
    expect(dialogue.transactions[0]?.ended).toBe(false);
    expect(stages(dialogue).at(-1)).toBe('data-body');
    expect(dialogue.events.at(-1)).toMatchObject({ kind: 'gap', why: 'network', length: 1_460 });
    expect(dialogue.owes).toMatchObject({ side: 'client', what: 'rest of the message' });
  });

  test('the first octets of the message are lost: it had begun all the same', () => {
    const dialogue = playbook().greet().envelope().client('DATA').server('354 go').clientGap(1_460, 'network').client('tail').finish();
    expect(stages(dialogue).at(-1)).toBe('data-body');
    expect(dialogue.transactions[0]?.octets).toBe(0);
  });

  test('a lost reply is owed', () => {
    const dialogue = playbook().greet().client('MAIL FROM:<a@b.example>').serverGap(10, 'network').server('421 bye').finish();
    expect(dialogue.owes).toMatchObject({ side: 'server', what: 'reply to MAIL' });
  });
});

describe('a capture that begins in mid-stream', () => {
  test.each([0, 1] as const)('roles are told by what is said (client is side %i)', (client) => {
    const p = playbook({ clientSide: null });
    let packet = 0;
    const say = (side: 0 | 1, text: string): void => {
      packet++;
      p.follower.octets(side, Buffer.from(text), 0, text.length, { atUs: packet * 1_000_000, input: 0, packet });
    };
    const server = client === 0 ? 1 : 0;
    say(server, '250 sender ok\r\n');
    say(client, 'RCPT TO:<b@c.example>\r\n');
    say(server, '250 ok\r\n');
    say(client, 'QUIT\r\n');
    say(server, '221 bye\r\n');
    const dialogue = p.finish();
    expect(dialogue).toMatchObject({ client, isSmtp: true, greeting: null });
    expect(exchanges(dialogue)).toEqual(['RCPT 250', 'QUIT 221']);
    expect(replies(dialogue)[0]).toMatchObject({ role: 'answer', to: null });
    expect(dialogue.transactions[0]).toMatchObject({ mail: -1, recipients: [{ forwardPath: 'b@c.example', code: 250 }], outcome: 'withdrawn' });
  });

  test('in the middle of a message', () => {
    const dialogue = playbook({ clientSide: null })
      .clientRaw('the lazy dog\r\nQUIT said the fox\r\n')
      .client('250 times', 'QUIT it', '.')
      .server('250 ok:  Message 9 accepted')
      .client('QUIT')
      .server('221 bye')
      .finish();
    expect(dialogue.client).toBe(0);
    expect(stages(dialogue)).toEqual(['banner', 'data-body', 'data-end', 'idle-after-message', 'quit']);
    expect(dialogue.transactions).toMatchObject([{ outcome: 'accepted', acceptedMid: 9 }]);
  });

  test('in a message that never ends', () => {
    const dialogue = playbook({ clientSide: null }).client('the lazy dog '.repeat(40), 'the lazy dog '.repeat(40)).server('421 bye').finish();
    expect(stages(dialogue)).toEqual(['banner', 'data-body']);
  });

  test('a greeting may still come', () => {
    const dialogue = playbook({ clientSide: null }).greet().finish();
    expect(dialogue.greeting?.code).toBe(220);
    expect(exchanges(dialogue)).toEqual(['EHLO 250']);
  });

  test('nothing was said', () => {
    expect(playbook({ clientSide: null }).finish()).toMatchObject({ client: 0, isSmtp: false, events: [], stages: [] });
  });
});

describe('one direction only', () => {
  test('the client alone: a line behind DATA is a message or a command', () => {
    const accepted = playbook()
      .client('EHLO a.example')
      .client('MAIL FROM:<a@b.example>')
      .client('RCPT TO:<c@d.example>')
      .client('DATA')
      .client('Subject: x', '', 'QUIT', '.')
      .client('QUIT')
      .finish();
    expect(verbs(accepted)).toEqual(['EHLO', 'MAIL', 'RCPT', 'DATA', 'QUIT']);
    expect(accepted.transactions[0]).toMatchObject({ ended: true, outcome: 'open' });
    const refused = playbook().client('EHLO a.example').client('MAIL FROM:<a@b.example>').client('DATA').client('RSET').client('QUIT').finish();
    expect(verbs(refused)).toEqual(['EHLO', 'MAIL', 'DATA', 'RSET', 'QUIT']);
  });

  test('the server alone', () => {
    const dialogue = playbook()
      .server('220 hi ESMTP')
      .server('250-esa', '250 SIZE 5')
      .server('250 ok')
      .server('354 go')
      .server('250 ok:  Message 3 accepted')
      .server('221 bye')
      .finish();
    expect(dialogue.isSmtp).toBe(true);
    expect(dialogue.transactions).toMatchObject([{ mail: -1, outcome: 'accepted', ended: true, acceptedMid: 3 }]);
    expect(stages(dialogue)).toEqual(['banner', 'helo', 'mail', 'data-command', 'idle-after-message', 'quit']);
    expect(replies(dialogue).map(({ role }) => role)).toEqual(['greeting', 'answer', 'answer', 'answer', 'answer', 'answer']);
  });

  test.each([
    ['AsyncOS', 'sender <a@b.example> ok', 'recipient <c@d.example> ok', 'ok:  Message 3 accepted', 'reset'],
    ['Postfix', '2.1.0 Ok', '2.1.5 Ok', '2.0.0 Ok: queued as 4F2B1A', '2.0.0 Reset'],
    ['Postfix, to HELO', 'Ok', 'Ok', 'Ok: queued as 4F2B1A', 'Reset'],
    ['Exim', 'OK', 'Accepted', 'OK id=1pXyZ-0001Ab-Cd', 'Reset OK'],
    ['Exchange', '2.1.0 Sender OK', '2.1.5 Recipient OK', '2.6.0 <x@y> [InternalId=1] Queued mail for delivery', '2.0.0 Resetting'],
    ['Gmail', '2.1.0 OK x1 - gsmtp', '2.1.5 OK x1 - gsmtp', '2.0.0 OK  1700000000 x1 - gsmtp', '2.1.5 Flushed x1 - gsmtp'],
  ])('the replies of %s tell the commands', (_, mail, rcpt, end, rset) => {
    const envelope = (story: ReturnType<typeof playbook>) => story.server(`250 ${mail}`).server(`250 ${rcpt}`);
    const story = playbook().server('220 hi ESMTP').server('250 mx.example');
    envelope(envelope(story).server('354 go').server(`250 ${end}`)).server(`250 ${rset}`);
    const dialogue = envelope(story).server(`250 ${rcpt}`).server('354 go').server('554 no').server('221 bye').finish();
    expect(dialogue.transactions.map(({ outcome, recipients }) => `${outcome} ${recipients.length}`)).toEqual(['accepted 1', 'withdrawn 1', 'rejected 2']);
    expect(dialogue.transactions[1]?.withdrawnBy).not.toBeNull();
    expect(stages(dialogue).slice(2)).toEqual([
      'mail',
      'rcpt',
      'data-command',
      'idle-after-message',
      'mail',
      'rcpt',
      'idle-after-message',
      'mail',
      'rcpt',
      'data-command',
      'data-end',
      'quit',
    ]);
  });

  test('the server alone: what it refuses, and what it does not understand', () => {
    const dialogue = playbook()
      .server('220 hi ESMTP')
      .server('500 unknown')
      .server('250 mx.example')
      .server('550 not you')
      .server('250 sender ok')
      .server('550 no such user')
      .server('221 bye')
      .finish();
    expect(stages(dialogue)).toEqual(['banner', 'helo', 'mail', 'rcpt', 'quit']);
    expect(dialogue.transactions).toMatchObject([
      { outcome: 'rejected', recipients: [] },
      { outcome: 'rejected', recipients: [{ code: 550 }] },
    ]);
  });

  test('the server alone: a second 220 is the answer to STARTTLS', () => {
    const dialogue = playbook().server('220 hi ESMTP').server('250-mx.example', '250 STARTTLS').server('220 go ahead').finish();
    expect(stages(dialogue)).toEqual(['banner', 'helo', 'starttls']);
  });

  test('one reply that came before its command in the file is no sign that the client is missing', () => {
    const dialogue = playbook().server('220 hi ESMTP').server('250 mx.example').client('EHLO a.example').client('QUIT').server('221 bye').finish();
    expect(verbs(dialogue)).toEqual(['EHLO', 'QUIT']);
    expect(dialogue.transactions).toEqual([]);
  });

  test('what a server says of its own accord answers nobody', () => {
    const dialogue = playbook().server('220 hi ESMTP').server('554 too many connections').finish();
    expect(replies(dialogue)[1]).toMatchObject({ role: 'unsolicited' });
    expect(stages(dialogue)).toEqual(['banner']);
  });
});

function session(kept: number): SmtpDialogue {
  const p = playbook();
  const client = (text: string) => p.clientSnapped(`${text}\r\n`, kept);
  const server = (text: string) => p.serverSnapped(`${text}\r\n`, kept);
  server('220 esa.example.com ESMTP');
  client('EHLO mail.client.example');
  server('250-esa.example.com\r\n250-8BITMIME\r\n250 SIZE 20971520');
  client('MAIL FROM:<sender@client.example>');
  server('250 sender <sender@client.example> ok');
  client('RCPT TO:<recipient@example.com>');
  server('250 recipient <recipient@example.com> ok');
  client('DATA');
  server('354 go ahead please');
  client(`Subject: a long message\r\n\r\n${'text and more text\r\n'.repeat(60)}`);
  client('Data and more text\r\nQUIT');
  client('.');
  server('250 ok:  Message 4711 accepted');
  client('QUIT');
  server('221 esa.example.com closing');
  return p.finish();
}

describe('payloads cut by the snap length', () => {
  test.each([2, 3, 4, 6, 14, 20])('%i octets of each are enough to follow it', (kept) => {
    const dialogue = session(kept);
    expect(verbs(dialogue)).toEqual(['EHLO', 'MAIL', 'RCPT', 'DATA', 'QUIT']);
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'MAIL 250', 'RCPT 250', 'DATA 354', 'data-end 250', 'QUIT 221']);
    expect(stages(dialogue)).toEqual(['banner', 'helo', 'mail', 'rcpt', 'data-command', 'data-body', 'data-end', 'idle-after-message', 'quit']);
    expect(dialogue.transactions).toHaveLength(1);
    expect(dialogue.transactions[0]?.outcome).toBe('accepted');
    expect(dialogue.greeting?.code).toBe(220);
  });
});
