import { dark, done, rules } from './boxes.mjs';
import {
  FIN,
  RST,
  body,
  chunk,
  close,
  connect,
  data,
  dot,
  ehlo,
  eof,
  fin,
  fine,
  greet,
  hear,
  hook,
  idle,
  left,
  mail,
  message,
  one,
  pause,
  put,
  quit,
  raw,
  rcpt,
  rst,
  say,
  shut,
  signal,
  startTls,
  truth,
  until,
  upToData,
  upToRcpt,
} from './words.mjs';

const gaveUp = (stage, more = {}) =>
  truth(`timeout/client/${stage}`, {
    silent: 'appliance',
    accept: ['timeout/client/*', 'client-quit/client/*', 'premature-fin/client/*'],
    not: ['*/middlebox/*', 'completed/*/*', '*/appliance/*', 'silent-drop/*/*'],
    ...more,
  });
const rejected = (stage, more = {}) =>
  truth(`rejected/appliance/${stage}`, {
    accept: ['client-quit/client/*', 'premature-fin/client/*', 'rst/client/*'],
    not: ['*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'timeout/*/*'],
    ...more,
  });
const letters = (text) => [{ op: 'send', text: `${text}\r\n`, chunk: 1, gap: 0.02 }, hear];
const chunking = { offers: ['PIPELINING', 'CHUNKING'] };
const logins = { offers: ['AUTH PLAIN LOGIN'] };
const withdrawn = [mail, rcpt, say('RSET')];
const tls = { tls: true };

/** Unusual clients, and appliances with words of their own. */
export const MANNERS = [
  {
    id: 'y401-letter-by-letter-fin',
    title: 'every octet in a segment of its own; the client closes after RCPT',
    sessions: one(
      [greet, letters('EHLO mail.client.example'), letters('MAIL FROM:<sender@client.example>'), letters('RCPT TO:<rcpt@example.net>'), close],
      fin('rcpt'),
      FIN,
    ),
  },
  {
    id: 'y402-letter-by-letter-quit',
    title: 'every octet in a segment of its own, the QUIT as well; message accepted',
    sessions: one([greet, letters('EHLO mail.client.example'), mail, rcpt, message, letters('QUIT')], done(fine), { end: 'quit' }),
  },
  {
    id: 'y403-rset-loop-fin',
    title: 'five transactions begun and withdrawn by RSET, then FIN',
    sessions: one([greet, ehlo, withdrawn, withdrawn, withdrawn, withdrawn, withdrawn, pause(0.2), close], fin('helo', { acceptStage: ['rcpt', 'mail'] }), FIN),
  },
  {
    id: 'y404-rset-loop-hang',
    title: 'four transactions begun and withdrawn, a fifth begun, then silence until the timeout',
    sessions: one([greet, ehlo, withdrawn, withdrawn, withdrawn, withdrawn, mail, rcpt, until(14)], idle('rcpt'), { end: 'timeout' }),
  },
  {
    id: 'y405-ehlo-refused-helo-complete',
    title: 'EHLO answered with 502, HELO instead, message accepted, QUIT',
    esa: hook('helo', { nth: 1, reply: '502 #5.5.1 command not implemented' }),
    sessions: one([greet, ehlo, say('HELO mail.client.example'), mail, rcpt, message, quit], done(fine), { end: 'quit' }),
  },
  {
    id: 'y406-ehlo-refused-helo-fin',
    title: 'EHLO answered with 502, HELO instead, the client closes after RCPT',
    esa: hook('helo', { nth: 1, reply: '502 #5.5.1 command not implemented' }),
    sessions: one([greet, ehlo, say('HELO mail.client.example'), mail, rcpt, pause(0.2), close], fin('rcpt'), FIN),
  },
  {
    id: 'y407-noop-keepalives-fin',
    title: 'NOOP every second with a transaction open, for longer than the timeout; then FIN',
    timeout: 6,
    sessions: one([upToRcpt, Array.from({ length: 8 }, () => [pause(1), say('NOOP')]), pause(0.2), close], fin('rcpt'), FIN),
  },
  {
    id: 'y408-noop-keepalives-then-message',
    title: 'NOOP every second, then the message after all',
    timeout: 6,
    sessions: one([upToRcpt, Array.from({ length: 7 }, () => [pause(1), say('NOOP')]), message, quit], done(fine), { end: 'quit' }),
  },
  {
    id: 'y409-first-message-timer-noop',
    title: 'the timer of a connection without a message runs from its opening: NOOPs do not help, 421',
    timeout: 7,
    esa: { first_message: 7 },
    sessions: one(
      [upToRcpt, Array.from({ length: 9 }, () => [pause(1), { ...put('NOOP'), soft: true }, { op: 'recv', timeout: 2, soft: true }])],
      truth('timeout/appliance/rcpt', { accept: ['timeout/appliance/*', 'rejected/appliance/*'], not: ['*/client/*', '*/middlebox/*', 'silent-drop/*/*'] }),
      { end: 'timeout', order: 'sF' },
    ),
  },
  {
    id: 'y410-first-message-timer-drip',
    title: 'the same timer ends a body that drips',
    timeout: 7,
    esa: { first_message: 7 },
    sessions: one(
      [upToData, { op: 'body', n: 9000, chunk: 60, gap: 0.2, soft: true }],
      truth('timeout/appliance/data-body', {
        accept: ['timeout/appliance/*', 'rejected/appliance/*'],
        not: ['*/client/*', '*/middlebox/*', 'silent-drop/*/*', 'rst/*/*'],
      }),
      { end: 'timeout' },
    ),
  },
  {
    id: 'y411-first-message-timer-silent-drip',
    title: 'the same timer, and the appliance closes a dripping body without a word',
    timeout: 7,
    esa: { first_message: 7, silent_timeout: true },
    sessions: one(
      [upToData, { op: 'body', n: 9000, chunk: 60, gap: 0.2, soft: true }],
      truth('premature-fin/appliance/data-body', {
        certain: false,
        accept: ['timeout/appliance/*', 'premature-fin/appliance/*', 'rst/appliance/*'],
        not: ['*/client/*', '*/middlebox/*', 'silent-drop/*/*'],
      }),
      { end: 'timeout' },
    ),
  },
  {
    id: 'y412-middle-message-withdrawn',
    title: 'first message accepted, second withdrawn in the envelope by RSET, third accepted, QUIT',
    sessions: one([upToRcpt, message, withdrawn, mail, rcpt, message, quit], done(fine), { end: 'quit' }),
  },
  {
    id: 'y413-middle-message-refused',
    title: 'first message accepted, second refused at its dot, third accepted, QUIT',
    esa: hook('dot', { nth: 2, reply: '554 #5.3.0 message rejected by content filter' }),
    sessions: one([upToRcpt, message, mail, rcpt, message, mail, rcpt, message, quit], done({ not: [...fine.not.slice(0, 5), 'client-quit/*/*'] }), {
      end: 'quit',
    }),
  },
  {
    id: 'y414-refused-rset-quit',
    title: 'first message accepted, the recipient of the second refused, RSET, QUIT',
    esa: { bad_rcpts: ['ghost'] },
    sessions: one(
      [upToRcpt, message, mail, say('RCPT TO:<ghost@example.net>'), say('RSET'), quit],
      truth('completed/client/quit', {
        accept: ['rejected/appliance/*', 'client-quit/client/*'],
        acceptStage: ['rcpt'],
        not: ['premature-fin/*/*', 'rst/*/*', '*/middlebox/*', 'timeout/*/*'],
      }),
      { end: 'quit' },
    ),
  },
  {
    id: 'y415-shutdown-between-messages',
    title: 'message accepted; the listener is suspended while the client pauses: 421 and FIN with nothing open',
    on: { now: [['e', 'appliance', 'shutdown']] },
    sessions: one(
      [upToRcpt, message, pause(0.5), signal('now'), until(4)],
      truth('rejected/appliance/idle-after-message', {
        accept: ['rejected/appliance/*', 'premature-fin/appliance/*'],
        not: ['*/client/*', '*/middlebox/*', 'timeout/*/*', 'silent-drop/*/*'],
      }),
      { end: 'shutdown' },
    ),
  },
  {
    id: 'y416-451-at-data-fin',
    title: '451 instead of 354, the client closes without QUIT',
    esa: hook('data', { reply: '451 #4.3.0 Server error' }),
    sessions: one([upToRcpt, data, pause(0.2), close], rejected('data-command'), FIN),
  },
  {
    id: 'y417-451-at-data-rst',
    title: '451 instead of 354, the client resets',
    esa: hook('data', { reply: '451 #4.3.0 Server error' }),
    sessions: one([upToRcpt, data, pause(0.2), rst], rejected('data-command'), RST),
  },
  {
    id: 'y418-451-at-data-hang',
    title: '451 instead of 354, the client says nothing more until the timeout',
    esa: hook('data', { reply: '451 #4.3.0 Server error' }),
    sessions: one(
      [upToRcpt, data, until(14)],
      truth('timeout/appliance/data-command', {
        silent: 'client',
        accept: ['rejected/appliance/*'],
        acceptStage: ['rcpt'],
        not: ['*/client/*', '*/middlebox/*', 'silent-drop/*/*', 'premature-fin/*/*'],
      }),
      { end: 'timeout' },
    ),
  },
  {
    id: 'y419-chunks-without-last-quit',
    title: 'two chunks, LAST never comes, QUIT',
    esa: chunking,
    sessions: one([upToRcpt, chunk(2000), hear, chunk(2000), hear, quit], left('data-body', { acceptStage: ['quit'] }), { end: 'quit' }),
  },
  {
    id: 'y420-chunks-without-last-hang',
    title: 'two chunks, LAST never comes, silence until the timeout',
    esa: chunking,
    sessions: one([upToRcpt, chunk(2000), hear, chunk(2000), hear, until(14)], idle('data-body'), { end: 'timeout' }),
  },
  {
    id: 'y421-chunk-then-rset-quit',
    title: 'one chunk, RSET, QUIT',
    esa: chunking,
    sessions: one([upToRcpt, chunk(2000), hear, say('RSET'), quit], left('quit', { acceptStage: ['data-body'] }), { end: 'quit' }),
  },
  {
    id: 'y422-empty-last-chunk',
    title: 'one chunk that holds a dot line and the word QUIT, then BDAT 0 LAST and QUIT in one segment',
    esa: chunking,
    sessions: one([upToRcpt, put('BDAT 31'), raw('Subject: x\r\n\r\n.\r\nQUIT\r\nRSET\r\n12'), hear, raw('BDAT 0 LAST\r\nQUIT\r\n'), eof], done(fine), {
      end: 'quit',
    }),
  },
  {
    id: 'y423-endless-line-fin',
    title: 'a body of one line of sixty thousand octets, no dot; FIN',
    sessions: one([upToData, { op: 'send', text: 'x'.repeat(60000), chunk: 3000, gap: 0.02 }, pause(0.3), close], fin('data-body'), FIN),
  },
  {
    id: 'y424-eight-bit-complete',
    title: 'SMTPUTF8 addresses and octets above 127 everywhere; message accepted',
    sessions: one(
      [
        greet,
        ehlo,
        say('MAIL FROM:<j\u00c3\u00bcrgen@client.example> SMTPUTF8 BODY=8BITMIME'),
        say('RCPT TO:<m\u00c3\u00bcller@example.net>'),
        data,
        raw('Subject: \u00ff\u00fe\u0000\u0001\r\n\r\n\u0080\u0081\u0082\r\n'),
        dot,
        quit,
      ],
      done(fine),
      { end: 'quit' },
    ),
  },
  {
    id: 'y425-bare-newline-dot-hang',
    title: 'the end of data comes with bare newlines: the appliance goes on waiting for the dot, the client for its answer; timeout',
    sessions: one(
      [upToData, raw('Subject: x\n\nsome text\n.\n'), until(14)],
      truth('timeout/appliance/data-body', {
        accept: ['timeout/appliance/*'],
        acceptStage: ['data-end'],
        not: ['*/client/*', '*/middlebox/*', 'silent-drop/*/*', 'premature-fin/*/*'],
      }),
      { end: 'timeout' },
    ),
  },
  {
    id: 'y426-bare-newline-dot-fin',
    title: 'the end of data comes with bare newlines; the client waits five seconds, then closes',
    sessions: one(
      [upToData, raw('Subject: x\n\nsome text\n.\nQUIT\n'), pause(5), close],
      fin('data-body', { accept: ['timeout/client/*'], acceptStage: ['data-end'], not: ['completed/*/*', 'client-quit/*/*', '*/middlebox/*', 'rst/*/*'] }),
      FIN,
    ),
  },
  {
    id: 'y427-bare-newline-commands',
    title: 'commands end with bare newlines; QUIT after RCPT',
    sessions: one(
      [
        greet,
        raw('EHLO client.example\n'),
        hear,
        raw('MAIL FROM:<sender@client.example>\n'),
        hear,
        raw('RCPT TO:<rcpt@example.net>\n'),
        hear,
        raw('QUIT\n'),
        eof,
      ],
      left('rcpt'),
      { end: 'quit' },
    ),
  },
  {
    id: 'y428-empty-message',
    title: 'nothing but the dot after 354; accepted, QUIT',
    sessions: one([upToData, dot, quit], done(fine), { end: 'quit' }),
  },
  {
    id: 'y429-dot-with-fin',
    title: 'the final dot and the FIN in one segment: the 250 meets a closed socket',
    esa: hook('dot', { delay: 0.4 }),
    sessions: one(
      [upToData, body(3000), { op: 'cork', v: 1 }, raw('.\r\n'), close],
      fin('data-end', {
        accept: ['premature-fin/client/*'],
        acceptStage: ['idle-after-message'],
        not: ['completed/*/*', '*/middlebox/*', 'rst/*/*', 'timeout/*/*'],
      }),
      { order: 'cF' },
    ),
  },
  {
    id: 'y430-quit-as-body-then-silence',
    title: 'after 354 the client thinks better of it and says QUIT, which is text of the body; both wait, timeout',
    sessions: one(
      [upToData, put('QUIT'), until(14)],
      truth('timeout/appliance/data-body', {
        silent: 'client',
        not: ['client-quit/*/*', 'completed/*/*', '*/middlebox/*', 'silent-drop/*/*', 'premature-fin/*/*'],
      }),
      { end: 'timeout' },
    ),
  },
  {
    id: 'y431-quit-as-body-then-fin',
    title: 'after 354 the client says QUIT, which is text of the body, and closes',
    sessions: one([upToData, put('QUIT'), pause(0.2), close], fin('data-body', { acceptStage: ['data-command'] }), FIN),
  },
  {
    id: 'y432-auth-answer-quit',
    title: 'the user name in base64 reads QUIT; the client closes at the prompt for the password',
    esa: logins,
    sessions: one([greet, ehlo, say('AUTH LOGIN'), say('QUIT'), pause(0.2), close], fin('auth'), FIN),
  },
  {
    id: 'y433-auth-fails-twice-fin',
    title: 'AUTH LOGIN refused twice, the client closes without QUIT',
    esa: { ...logins, auth_ok: false },
    sessions: one(
      [greet, ehlo, say('AUTH LOGIN'), say('dXNlcjE='), say('d3Jvbmc='), say('AUTH LOGIN'), say('dXNlcjE='), say('d3Jvbmc='), pause(0.2), close],
      rejected('auth'),
      FIN,
    ),
  },
  {
    id: 'y434-auth-fails-goes-on',
    title: 'AUTH refused, the client goes on without it; message accepted, QUIT',
    esa: { ...logins, auth_ok: false },
    sessions: one([greet, ehlo, say('AUTH PLAIN AHVzZXIxAHdyb25n'), mail, rcpt, message, quit], done(fine), { end: 'quit' }),
  },
  {
    id: 'y435-auth-fails-later-fin',
    title: 'AUTH refused, the client goes on without it and closes after RCPT',
    esa: { ...logins, auth_ok: false },
    sessions: one(
      [greet, ehlo, say('AUTH PLAIN AHVzZXIxAHdyb25n'), mail, rcpt, pause(0.2), close],
      fin('rcpt', { not: ['rejected/*/*', 'rst/*/*', '*/middlebox/*'] }),
      FIN,
    ),
  },
  {
    id: 'y436-quit-with-argument',
    title: 'QUIT with words behind it, a transaction open',
    sessions: one([upToRcpt, put('quit now please  '), eof], left('rcpt'), { end: 'quit' }),
  },
  {
    id: 'y437-pipelined-data-after-refusal',
    title: 'RCPT and DATA in one segment, the recipient refused, DATA too; QUIT',
    esa: { ...chunking, bad_rcpts: ['ghost'] },
    sessions: one([greet, ehlo, mail, raw('RCPT TO:<ghost@example.net>\r\nDATA\r\n'), hear, hear, quit], rejected('data-command', { acceptStage: ['rcpt'] }), {
      end: 'quit',
    }),
  },
  {
    id: 'y438-pipelined-partly-refused',
    title: 'the envelope in one segment, one of two recipients refused; message accepted, QUIT',
    esa: { ...chunking, bad_rcpts: ['ghost'] },
    sessions: one(
      [
        greet,
        ehlo,
        raw('MAIL FROM:<sender@client.example>\r\nRCPT TO:<ghost@example.net>\r\nRCPT TO:<rcpt@example.net>\r\nDATA\r\n'),
        hear,
        hear,
        hear,
        hear,
        body(2000),
        dot,
        quit,
      ],
      done({ not: [...fine.not.slice(0, 5), 'client-quit/*/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'y439-thinks-long-in-its-turn',
    title: 'the client thinks for six seconds after 354, in its own turn, and closes',
    timeout: 9,
    sessions: one([upToData, pause(6), close], fin('data-command', { not: ['timeout/appliance/*', 'client-quit/*/*', '*/middlebox/*', 'rst/*/*'] }), FIN),
  },
  ...[
    { at: 'banner', stage: 'banner', steps: [connect] },
    { at: 'helo', stage: 'helo', steps: [greet, put('EHLO mail.client.example')] },
    { at: 'mail', stage: 'mail', steps: [greet, ehlo, put('MAIL FROM:<sender@client.example>')] },
    { at: 'data', stage: 'data-command', steps: [upToRcpt, put('DATA')] },
    { at: 'rset', stage: 'rcpt', steps: [upToRcpt, put('RSET')] },
    { at: 'starttls', stage: 'starttls', steps: [greet, ehlo, put('STARTTLS')] },
  ].map(({ at, stage, steps }, k) => ({
    id: `y44${k}-no-answer-quit-${at}`,
    title: `no answer at ${at}: after six seconds the client says QUIT and closes`,
    timeout: 14,
    esa: { ...tls, ...hook(at, { delay: 9 }) },
    sessions: one([steps, pause(6), put('QUIT'), pause(0.1), close], gaveUp(stage, { acceptStage: at === 'rset' ? ['helo', 'mail'] : [] }), { order: 'cF' }),
    max: 40,
  })),
  {
    id: 'y446-no-221',
    title: 'message accepted, QUIT is never answered: the client closes after four seconds',
    esa: hook('quit', { delay: 7 }),
    sessions: one([upToRcpt, message, put('QUIT'), pause(4), close], done(fine), { order: 'cF' }),
  },
  {
    id: 'y447-no-221-rst',
    title: 'message accepted, QUIT is never answered: the client resets after four seconds',
    esa: hook('quit', { delay: 7 }),
    sessions: one([upToRcpt, message, put('QUIT'), pause(4), rst], done(fine), { order: 'cR' }),
  },
  {
    id: 'y448-appliance-fin-between-messages',
    title: 'message accepted; the appliance closes without a word while nothing is open',
    esa: hook('mail', { nth: 2, end: 'fin' }),
    sessions: one(
      [upToRcpt, message, pause(0.5), put('MAIL FROM:<sender@client.example>'), eof],
      truth('premature-fin/appliance/mail', {
        accept: ['premature-fin/appliance/*'],
        acceptStage: ['idle-after-message'],
        not: ['*/client/*', '*/middlebox/*', 'timeout/*/*', 'completed/*/*'],
      }),
      { end: 'own-fin', order: 'sF' },
    ),
  },
  {
    id: 'y449-appliance-crash-between-messages',
    title: 'message accepted; the listener dies while nothing is open: FIN, the log just stops',
    on: { now: [['e', 'appliance', 'reboot']] },
    sessions: one(
      [upToRcpt, message, pause(0.5), signal('now'), until(4)],
      truth('premature-fin/appliance/idle-after-message', { not: ['*/client/*', '*/middlebox/*', 'timeout/*/*', 'completed/*/*', 'rst/*/*'] }),
      { end: 'crash', order: 'sF' },
    ),
  },
  {
    id: 'y450-421-to-ehlo-client-stays',
    title: '421 to EHLO, the appliance keeps the connection; the client closes first',
    esa: hook('helo', { reply: '421 #4.3.2 too busy, come back later' }),
    sessions: one([greet, ehlo, pause(0.3), close], rejected('helo'), FIN),
  },
  {
    id: 'y451-421-at-rset',
    title: '421 to RSET and FIN',
    esa: hook('rset', { reply: '421 esa.example.net Service not available, closing transaction channel', end: 'fin' }),
    sessions: one(
      [upToRcpt, put('RSET'), eof],
      truth('rejected/appliance/rcpt', { acceptStage: ['helo', 'mail'], not: ['*/client/*', '*/middlebox/*', 'timeout/*/*'] }),
      {
        end: 'own-fin',
        order: 'sF',
      },
    ),
  },
  {
    id: 'y452-greylisted-mail-then-accepted',
    title: '451 to the first MAIL, the second one accepted, message, QUIT',
    esa: hook('mail', { nth: 1, reply: '451 #4.7.1 try again' }),
    sessions: one([greet, ehlo, mail, pause(1), mail, rcpt, message, quit], done({ not: [...fine.not.slice(0, 5), 'client-quit/*/*'] }), { end: 'quit' }),
  },
  {
    id: 'y453-refused-first-accepted-second-fin',
    title: '554 to the first dot, the second message accepted, FIN without QUIT',
    esa: hook('dot', { nth: 1, reply: '554 #5.3.0 message rejected by content filter' }),
    sessions: one(
      [upToRcpt, message, mail, rcpt, message, pause(0.2), close],
      fin('idle-after-message', { not: ['rejected/*/*', 'rst/*/*', 'timeout/*/*', '*/middlebox/*', 'client-quit/*/*'] }),
      FIN,
    ),
  },
  {
    id: 'y454-starttls-twice',
    title: 'TLS 1.2; the client says STARTTLS again inside, gets 503, sends its message, QUIT',
    esa: { ...tls, hooks: [{ at: 'starttls', nth: 2, reply: '503 #5.5.1 TLS already active' }] },
    sessions: one([greet, ehlo, startTls({ max: '1.2' }), ehlo, say('STARTTLS'), mail, rcpt, message, quit], done({ encrypted: true, ...fine }), {
      end: 'quit',
    }),
  },
  {
    id: 'y455-tls12-notify-mid-body',
    title: 'TLS 1.2: close_notify and FIN in the body, no dot',
    esa: tls,
    sessions: one(
      [greet, ehlo, startTls({ max: '1.2' }), ehlo, mail, rcpt, data, { op: 'body', n: 9000, upto: 5000 }, { op: 'notify' }, close],
      fin('data-body', { encrypted: true, not: ['client-quit/*/*', 'rst/*/*', 'completed/*/*', 'tls-failure/*/*', '*/middlebox/*'] }),
      { end: 'eof' },
    ),
  },
  {
    id: 'y456-tls13-notify-after-rcpt',
    title: 'TLS 1.3: close_notify and FIN after RCPT, no QUIT',
    esa: tls,
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, { op: 'notify' }, close],
      fin('rcpt', { encrypted: true, not: ['client-quit/*/*', 'rst/*/*', 'completed/*/*', 'tls-failure/*/*', '*/middlebox/*'] }),
      { end: 'eof' },
    ),
  },
  {
    id: 'y457-tls-hello-then-rst',
    title: 'STARTTLS, a ClientHello, the reset behind it while the appliance answers',
    esa: tls,
    sessions: one(
      [greet, ehlo, say('STARTTLS'), { op: 'hello' }, pause(0.3), rst],
      truth('rst/client/starttls', {
        accept: ['tls-failure/client/*', 'rst/client/*'],
        not: ['*/middlebox/*', '*/appliance/*', 'premature-fin/*/*', 'timeout/*/*'],
      }),
      { order: 'cR' },
    ),
  },
  {
    id: 'y458-tls-hello-then-fin',
    title: 'STARTTLS, a ClientHello, then FIN without reading the answer',
    esa: tls,
    sessions: one(
      [greet, ehlo, say('STARTTLS'), { op: 'hello' }, shut, pause(0.5), close],
      truth('premature-fin/client/starttls', { accept: ['tls-failure/client/*'], not: ['*/middlebox/*', '*/appliance/*', 'timeout/*/*', 'client-quit/*/*'] }),
      { order: 'cF' },
    ),
  },
  {
    id: 'y459-tls-hello-then-silence',
    title: 'STARTTLS, a ClientHello, nothing more: the appliance gives up waiting',
    esa: tls,
    sessions: one(
      [greet, ehlo, say('STARTTLS'), { op: 'hello' }, until(14)],
      truth('timeout/appliance/starttls', {
        silent: 'client',
        accept: ['timeout/appliance/*', 'tls-failure/appliance/*'],
        not: ['*/client/*', '*/middlebox/*', 'silent-drop/*/*'],
      }),
      { end: 'timeout' },
    ),
  },
  {
    id: 'y460-tls-hello-then-dark',
    title: 'STARTTLS, a ClientHello, then both directions vanish',
    esa: tls,
    on: { cut: rules('tcp dport 25 drop', 'tcp sport 25 drop') },
    sessions: one(
      [greet, ehlo, say('STARTTLS'), signal('cut'), { op: 'hello' }, until(14)],
      dark('starttls', { accept: ['timeout/appliance/*', 'tls-failure/undetermined/*'] }),
      {
        end: 'timeout',
      },
    ),
  },
  {
    id: 'y461-tls-no-server-hello',
    title: 'STARTTLS answered, the ClientHello is not: the client closes after five seconds',
    timeout: 14,
    esa: { ...tls, ...hook('starttls', { reply: '220 Go ahead with TLS', end: 'stop', for: 9 }) },
    sessions: one(
      [greet, ehlo, say('STARTTLS'), { op: 'hello' }, pause(5), close],
      gaveUp('starttls', { not: ['*/middlebox/*', 'completed/*/*', 'silent-drop/*/*'] }),
      { order: 'cF' },
    ),
    max: 30,
  },
  {
    id: 'y462-implicit-tls-says-nothing',
    title: 'port 465: the handshake, the banner, then silence until the timeout',
    port: 465,
    esa: { ...tls, tls_max: '1.2' },
    sessions: one(
      [connect, { op: 'tls' }, hear, until(14)],
      idle('banner', { encrypted: true, accept: ['timeout/appliance/*'], acceptStage: ['starttls', 'helo', 'connect'] }),
      {
        end: 'timeout',
      },
    ),
  },
  {
    id: 'y463-implicit-tls-plain-talk',
    title: 'port 465: the client speaks plain SMTP; the appliance ends the handshake by an alert',
    port: 465,
    esa: tls,
    sessions: one(
      [connect, put('EHLO mail.client.example'), until(4)],
      truth('tls-failure/appliance/starttls', {
        accept: ['tls-failure/*/*', 'premature-fin/appliance/*', 'rst/appliance/*', 'refused/appliance/*'],
        acceptStage: ['banner', 'connect', 'helo'],
        not: ['*/middlebox/*', 'silent-drop/*/*', 'timeout/*/*', 'completed/*/*'],
      }),
      {},
    ),
  },
];
