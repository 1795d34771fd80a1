import { describe, expect, test } from 'vitest';
import type { SmtpDialogue } from '../../src/model/smtp.ts';
import { exchanges, playbook, stages } from './conversation.ts';

function ended(body: string): SmtpDialogue {
  return playbook().greet().envelope().client('DATA').server('354 go').clientRaw(body).server('250 ok').client('QUIT').server('221 bye').finish();
}

const header = (body: string) => ended(`${body}\r\n.\r\n`).transactions[0]?.header;

describe('the end of mail data', () => {
  test.each([
    ['an empty message', '.\r\n', 0],
    ['one line', 'x\r\n.\r\n', 3],
    ['stuffed dots are taken away', '..\r\n..a\r\n.b\r\n.\r\n', 3 + 4 + 3],
    ['a dot before a bare line feed does not end it', 'x\n.\n.\r\r\n.\r\n', 2 + 2 + 4],
    ['CR CR LF before the dot', 'x\r\r\n.\r\n', 4],
  ])('%s', (_, body, octets) => {
    const dialogue = ended(body);
    expect(exchanges(dialogue).slice(-2)).toEqual(['data-end 250', 'QUIT 221']);
    expect(dialogue.transactions[0]).toMatchObject({ octets, ended: true, outcome: 'accepted' });
  });

  test('the word QUIT in a message is text', () => {
    const dialogue = playbook().greet().envelope().client('DATA').server('354 go').client('Subject: x', '', 'QUIT', 'RSET', 'MAIL FROM:<x@y.example>').finish();
    expect(dialogue.quit).toBeNull();
    expect(stages(dialogue).at(-1)).toBe('data-body');
    expect(dialogue.transactions).toHaveLength(1);
    expect(dialogue.owes).toMatchObject({ side: 'client', what: 'rest of the message' });
  });

  test('LF.LF does not end a message, as at the appliance', () => {
    const dialogue = playbook().greet().envelope().client('DATA').server('354 go').clientRaw('x\n.\nQUIT\n').finish();
    expect(dialogue.transactions[0]?.ended).toBe(false);
    expect(dialogue.quit).toBeNull();
  });

  test('the header ends at the empty line and at the first line that is no field', () => {
    expect(header('\r\nSubject: no')).toMatchObject({ subject: null });
    expect(header('plain text\r\nSubject: no')).toMatchObject({ subject: null });
    expect(header('From mailbox Thu\r\nSUBJECT : yes\r\nSubject: second')).toMatchObject({ subject: 'yes' });
    expect(header('X-Long: a\r\n subject: b\r\nfrom:c')).toMatchObject({ subject: null, from: 'c' });
    expect(header(`Subject: ${'s'.repeat(5_000)}`)?.subject).toHaveLength(2_000);
    expect(header('Subject: =?utf-8?q?x?=\r\n =?utf-8?q?y?=')).toMatchObject({ subject: '=?utf-8?q?x?= =?utf-8?q?y?=' });
  });
});

describe('BDAT', () => {
  test('chunks may hold anything, final dots and QUIT included', () => {
    const chunk = 'Subject: x\r\n\r\n.\r\nQUIT\r\n';
    const dialogue = playbook()
      .greet()
      .envelope()
      .clientRaw(`BDAT ${chunk.length}\r\n${chunk}`)
      .server('250 2.0.0 24 octets received')
      .clientRaw('BDAT 3 LAST\r\nend')
      .server('250 ok:  Message 12 accepted')
      .client('QUIT')
      .server('221 bye')
      .finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'MAIL 250', 'RCPT 250', 'BDAT 250', 'chunk-end 250', 'BDAT 250', 'data-end 250', 'QUIT 221']);
    expect(dialogue.transactions[0]).toMatchObject({ octets: chunk.length + 3, acceptedMid: 12, outcome: 'accepted', header: { subject: 'x' } });
    expect(stages(dialogue)).toEqual(['banner', 'helo', 'mail', 'rcpt', 'data-command', 'data-body', 'data-end', 'idle-after-message', 'quit']);
    const final = dialogue.events[dialogue.transactions[0]?.finalReply ?? -1];
    expect(final?.kind === 'reply' && final.to !== null ? dialogue.events[final.to]?.kind : null).toBe('data-end');
  });

  test('an empty last chunk, and all in one segment', () => {
    const dialogue = playbook()
      .greet()
      .clientRaw('MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nBDAT 2\r\nhiBDAT 0 LAST\r\nQUIT\r\n')
      .server('250 a', '250 b', '250 c', '250 d', '221 e')
      .finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'MAIL 250', 'RCPT 250', 'BDAT 250', 'chunk-end 250', 'BDAT 250', 'data-end 250', 'QUIT 221']);
    expect(dialogue.transactions[0]?.octets).toBe(2);
  });

  test('the client stops inside a chunk', () => {
    const dialogue = playbook().greet().envelope().clientRaw('BDAT 1000 LAST\r\nhalf').finish();
    expect(stages(dialogue).at(-1)).toBe('data-body');
    expect(dialogue.owes).toMatchObject({ side: 'client', what: 'rest of the message' });
    expect(dialogue.transactions[0]).toMatchObject({ octets: 4, ended: false });
  });

  test('a refused chunk is still a chunk', () => {
    const dialogue = playbook()
      .greet()
      .client('MAIL FROM:<a@b.example>')
      .server('250 ok')
      .clientRaw('BDAT 10 LAST\r\nQUIT')
      .server('503 no recipients')
      .clientRaw('\r\nQUITQUIT\r\n')
      .server('221 bye')
      .finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'MAIL 250', 'BDAT 503', 'data-end 503', 'QUIT 221']);
    expect(dialogue.transactions[0]).toMatchObject({ outcome: 'rejected' });
  });

  test('a server that does not know BDAT reads on for commands', () => {
    const dialogue = playbook().greet().envelope().clientRaw('BDAT 5000 LAST\r\n').server('500 what').client('QUIT').server('221 bye').finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'MAIL 250', 'RCPT 250', 'BDAT 500', 'QUIT 221']);
  });
});

describe('a second message', () => {
  test('each message has its own counts', () => {
    const p = playbook().greet();
    for (const text of ['one', 'three'])
      p.envelope().client('DATA').server('354 go').client(`Subject: ${text}`, '.').server(`250 ok:  Message ${text.length} accepted`);
    const dialogue = p.finish();
    expect(dialogue.transactions.map(({ header, acceptedMid, octets }) => [header.subject, acceptedMid, octets])).toEqual([
      ['one', 3, 14],
      ['three', 5, 16],
    ]);
    expect(dialogue.owes).toMatchObject({ side: 'client', what: 'command' });
  });
});

describe('ends that only the reply tells', () => {
  test('a server that takes LF.LF for the end shows it by its reply', () => {
    const dialogue = playbook()
      .greet()
      .envelope()
      .client('DATA')
      .server('354 go')
      .clientRaw('Subject: x\n\ntext\n.\nQUIT\n')
      .server('250 ok:  Message 8 accepted', '221 bye')
      .finish();
    expect(exchanges(dialogue).slice(-2)).toEqual(['data-end 250', 'QUIT 221']);
    expect(dialogue.transactions[0]).toMatchObject({ octets: 17, outcome: 'accepted', acceptedMid: 8 });
  });

  test('a refusal in the middle of the message', () => {
    const dialogue = playbook().greet().envelope().client('DATA').server('354 go').client('Subject: x').server('552 too big').client('more').finish();
    expect(dialogue.transactions[0]).toMatchObject({ outcome: 'rejected', ended: false });
    expect(dialogue.events[dialogue.transactions[0]?.finalReply ?? -1]).toMatchObject({ code: 552, role: 'unsolicited' });
    expect(stages(dialogue).at(-1)).toBe('data-body');
  });
});
