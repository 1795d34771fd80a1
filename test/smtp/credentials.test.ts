import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commands, exchanges, playbook, replies, stages } from './conversation.ts';

const USER = 'postmaster@example.com';
const PASSWORD = 'hunter2-Geheim!';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const PLAIN = base64(`\0${USER}\0${PASSWORD}`);

/** Nothing that could log anyone in is left. */
function expectClean(dialogue: unknown): void {
  const text = JSON.stringify(dialogue);
  for (const secret of [PASSWORD, PLAIN, base64(PASSWORD), base64(USER), PLAIN.slice(0, 12)]) expect(text).not.toContain(secret);
}

describe('AUTH', () => {
  test('PLAIN with an initial response', () => {
    const dialogue = playbook().greet().client(`AUTH PLAIN ${PLAIN}`).server('235 2.7.0 Authentication successful').envelope().finish();
    expectClean(dialogue);
    expect(commands(dialogue)[1]).toMatchObject({ verb: 'AUTH', argument: 'PLAIN ***', known: true });
    expect(dialogue.authenticated).toBe(true);
    expect(stages(dialogue)).toEqual(['banner', 'helo', 'auth', 'mail', 'rcpt']);
  });

  test('LOGIN in steps', () => {
    const dialogue = playbook()
      .greet()
      .client('auth login')
      .server('334 VXNlcm5hbWU6')
      .client(base64(USER))
      .server('334 UGFzc3dvcmQ6')
      .client(base64(PASSWORD))
      .server('535 5.7.8 failed')
      .finish();
    expectClean(dialogue);
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'AUTH 334', '*** 334', '*** 535']);
    expect(replies(dialogue).map(({ lines }) => lines[0])).toContain('VXNlcm5hbWU6');
    expect(dialogue.authenticated).toBe(false);
  });

  test('an exchange that the client cancels, or leaves', () => {
    const cancelled = playbook()
      .greet()
      .client('AUTH LOGIN')
      .server('334 VXNlcm5hbWU6')
      .client('*')
      .server('501 cancelled')
      .client('QUIT')
      .server('221 bye')
      .finish();
    expect(exchanges(cancelled)).toEqual(['EHLO 250', 'AUTH 334', '* 501', 'QUIT 221']);
    const left = playbook().greet().client('AUTH LOGIN').server('334 VXNlcm5hbWU6').clientRaw(base64(USER)).finish();
    expectClean(left);
    expect(left.owes).toMatchObject({ side: 'client' });
  });

  test('responses sent without waiting, refused and repeated by the server', () => {
    const dialogue = playbook()
      .greet()
      .client('AUTH LOGIN', base64(USER), base64(PASSWORD))
      .server('503 no AUTH here', `500 unknown command "${base64(USER)}"`, `500 unknown command "${base64(PASSWORD)}"`)
      .finish();
    expectClean(dialogue);
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'AUTH 503', '*** 500', '*** 500']);
  });

  test.each([
    ['masked verb', `XXXX PLAIN ${PLAIN}`],
    ['missing blank', `AUTHPLAIN${PLAIN}`],
    ['missing mechanism', `AUTH ${PLAIN}`],
    ['equals sign', `AUTH=PLAIN ${PLAIN}`],
    ['POP3', `PASS ${PASSWORD}`],
    ['IMAP', `LOGIN ${USER} ${PASSWORD}`],
    ['leading blanks and tabs', `  AUTH\tPLAIN\t${PLAIN}`],
    ['overlong', `AUTH PLAIN ${PLAIN.repeat(400)}`],
  ])('odd spelling: %s', (_, line) => {
    expectClean(playbook().greet().client(line).server(`500 unknown: ${line}`).finish());
    expectClean(playbook().greet().clientRaw(line.slice(0, -3)).finish());
    expectClean(playbook().client(line).server('220 hi').finish());
  });

  test('the command fell into a gap', () => {
    expectClean(
      playbook()
        .greet()
        .clientGap(12)
        .server('334 VXNlcm5hbWU6')
        .client(base64(USER))
        .server('334 UGFzc3dvcmQ6')
        .client(base64(PASSWORD))
        .server('235 ok')
        .finish(),
    );
    expectClean(
      playbook()
        .greet()
        .clientRaw(`AUTH PLAIN ${PLAIN.slice(0, 20)}`)
        .clientGap(3)
        .clientRaw(`${PLAIN.slice(23)}\r\n`)
        .server('235 ok')
        .finish(),
    );
    const lost = playbook().greet().client('AUTH LOGIN').serverGap(18).client(base64(USER)).serverGap(18).client(base64(PASSWORD)).server('235 ok').finish();
    expectClean(lost);
    expect(lost.authenticated).toBe(true);
  });

  test('the capture begins in the exchange', () => {
    const dialogue = playbook({ clientSide: null }).client(base64(USER)).server('334 UGFzc3dvcmQ6').client(base64(PASSWORD)).server('235 ok').finish();
    expectClean(dialogue);
    expect(dialogue.authenticated).toBe(true);
  });

  test('wherever the segments are cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.boolean(), (size, mute) => {
        const cut = (octets: Buffer) => Array.from({ length: Math.ceil(octets.length / size) }, (_, i) => octets.subarray(i * size, (i + 1) * size));
        const p = playbook({ cut }).greet().client('AUTH LOGIN');
        if (!mute) p.server('334 VXNlcm5hbWU6');
        p.client(base64(USER));
        if (!mute) p.server('334 UGFzc3dvcmQ6');
        p.client(base64(PASSWORD), `AUTH PLAIN ${PLAIN}`, `auth  plain  ${PLAIN}`);
        expectClean(p.finish());
      }),
      { numRuns: 30 },
    );
  });

  const story = (opening: string, user: string, password: string, code: number, pipelined: boolean) => {
    const p = playbook().greet();
    if (pipelined) return p.client(opening, user, password).server('334 VXNlcm5hbWU6', '334 UGFzc3dvcmQ6', `${code} ${user} ${password}`);
    return p.client(opening).server('334 VXNlcm5hbWU6').client(user).server('334 UGFzc3dvcmQ6').client(password).server(`${code} ${user}`);
  };
  test('whatever the verb was made of, a challenge shows that what follows is a credential', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('XXXX LOGIN', 'XXXX XXXXX', 'XXXX', 'xauth login', 'AUHT LOGIN', 'FOO BAR', 'NOOP', 'XXXX\tLOGIN', 'AUTHX'),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(235, 535, 500, 334),
        (opening, encoded, pipelined, code) => {
          const user = encoded ? base64(USER) : USER;
          const password = encoded ? base64(PASSWORD) : PASSWORD;
          // To a command that SMTP knows nobody answers with a challenge before all was sent.
          expectClean(
            story(opening, user, password, code, pipelined && opening !== 'NOOP')
              .envelope()
              .finish(),
          );
          expect(JSON.stringify(story(opening, user, password, code, pipelined && opening !== 'NOOP').finish())).not.toContain(USER);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('a masked AUTH is told as an exchange', () => {
    const dialogue = story('XXXX LOGIN', base64(USER), base64(PASSWORD), 235, false).envelope().finish();
    expect(exchanges(dialogue)).toEqual(['EHLO 250', 'XXXX 334', '*** 334', '*** 235', 'MAIL 250', 'RCPT 250']);
    expect(dialogue.authenticated).toBe(true);
    expect(stages(dialogue)).toContain('auth');
    const pipelined = story('AUTH LOGIN', base64(USER), base64(PASSWORD), 235, true).envelope().finish();
    expect(exchanges(pipelined)).toEqual(['EHLO 250', 'AUTH 334', '*** 334', '*** 235', 'MAIL 250', 'RCPT 250']);
  });

  test.each([235, 334, 535, 534])('a lone word, or words behind a masked verb, that are answered by %d', (code) => {
    for (const line of [base64(USER), PASSWORD, `XXXX XXXXX ${PLAIN}`, `XXXX ${PASSWORD}`, `foo ${PASSWORD}`])
      expectClean(playbook().greet().client(line).server(`${code} ${line}`).finish());
  });

  test('the name that XCLIENT gives', () => {
    const dialogue = playbook().greet().client(`XCLIENT ADDR=192.0.2.1 LOGIN=${USER} NAME=a.example`).server('220 ok').finish();
    expect(JSON.stringify(dialogue)).not.toContain(USER);
    expect(dialogue.xclient).toBe('ADDR=192.0.2.1 LOGIN=*** NAME=a.example');
    expect(JSON.stringify(playbook().greet().client(`XXXXXXX ADDR=192.0.2.1 LOGIN=${USER}`).server(`500 LOGIN=${USER}`).finish())).not.toContain(USER);
  });

  test('lines that end in a bare line feed, or hold control characters', () => {
    for (const line of [`XXXX PLAIN \0${USER}\0${PASSWORD}`, `\0${USER}\0${PASSWORD}`, PASSWORD])
      for (const code of [235, 535]) {
        expectClean(playbook().greet().clientRaw(`${line}\n`).serverRaw(`${code} ${line}\n`).finish());
        expectClean(playbook().clientRaw(`${line}\n`).serverRaw(`${code} ${line}\n`).finish());
      }
  });
});
