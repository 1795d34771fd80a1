import {
  FIN,
  RST,
  body,
  close,
  connect,
  data,
  ehlo,
  eof,
  fin,
  greet,
  hear,
  idle,
  kill,
  mail,
  message,
  one,
  pause,
  put,
  quit,
  raw,
  rcpt,
  reset,
  rst,
  say,
  shut,
  truth,
  until,
  upToData,
  upToRcpt,
} from './words.mjs';

const done = (stage = 'quit', more = {}) => truth(`completed/client/${stage}`, { accept: ['completed/*/*'], ...more });
const gaveUp = (stage, more) => truth(`timeout/client/${stage}`, { silent: 'appliance', ...more });

/** What clients do, with nothing in between. */
export const CLIENT = [
  {
    id: 'a201-three-messages',
    title: 'three messages in one connection, QUIT',
    sessions: one([greet, ehlo, mail, rcpt, message, mail, rcpt, message, mail, rcpt, message, quit], done(), { end: 'quit' }),
  },
  {
    id: 'a202-helo-only-quit',
    title: 'HELO, message, QUIT; IPv6',
    sessions: one([greet, say('HELO old.client.example'), mail, rcpt, message, quit], done(), { end: 'quit' }, { v6: true }),
  },
  {
    id: 'a203-quit-after-banner',
    title: 'QUIT as the first word (health check)',
    sessions: one(
      [greet, quit],
      truth('client-quit/client/quit', {
        accept: ['client-quit/client/*', 'completed/client/*'],
        acceptStage: ['banner'],
        not: ['premature-fin/*/*', 'timeout/*/*', '*/middlebox/*'],
      }),
      { end: 'quit' },
    ),
  },
  { id: 'a204-quit-after-mail', title: 'QUIT after MAIL', sessions: one([greet, ehlo, mail, quit], truth('client-quit/client/mail'), { end: 'quit' }) },
  {
    id: 'a205-rset-then-message',
    title: 'RSET, then a message that is accepted, QUIT: the aborted MID is not the end',
    sessions: one(
      [greet, ehlo, mail, rcpt, say('RSET'), mail, rcpt, message, quit],
      done('quit', { not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', 'timeout/*/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'a206-rset-then-hang',
    title: 'RSET, then silence until the timeout',
    sessions: one([greet, ehlo, mail, rcpt, say('RSET'), eof], idle('helo', { acceptStage: ['rcpt', 'mail', 'idle-after-message'] }), {
      end: 'timeout',
      order: 'sF',
    }),
  },
  {
    id: 'a207-quit-without-reading',
    title: 'message accepted, QUIT, closes without reading the 221: the 221 meets a reset',
    esa: { hooks: [{ at: 'quit', delay: 0.4 }] },
    sessions: one([greet, ehlo, mail, rcpt, message, put('QUIT'), close], done('quit', { secondary: 'RST that answers the late 221' }), { order: 'cF' }),
  },
  {
    id: 'a208-rst-after-221',
    title: 'message, QUIT, 221, then SO_LINGER 0',
    esa: { wait_for_peer: 0.6 },
    sessions: one([greet, ehlo, mail, rcpt, message, put('QUIT'), hear, rst], done('quit', { secondary: 'RST after 221' }), { exactly: 'cR' }),
  },
  {
    id: 'a209-quit-then-rst-open-transaction',
    title: 'QUIT after RCPT and SO_LINGER 0 at once, the 221 unread',
    esa: { hooks: [{ at: 'quit', delay: 0.3 }] },
    sessions: one(
      [upToRcpt, put('QUIT'), pause(0.05), rst],
      truth('client-quit/client/rcpt', { accept: ['rst/client/rcpt', 'rst/client/quit'], certain: false, note: 'QUIT was said before the reset.' }),
      { order: 'cR' },
    ),
  },
  {
    id: 'a210-pipelined-quit-slow-answer',
    title: 'dot and QUIT in one segment, the answer to the dot takes two seconds',
    esa: { hooks: [{ at: 'dot', delay: 2 }] },
    sessions: one(
      [upToData, body(2500), raw('.\r\nQUIT\r\n'), hear, eof],
      done('quit', { not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', '*/middlebox/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'a211-pipelined-quit-left-early',
    title: 'dot and QUIT in one segment, FIN before the slow answer comes; the 250 and the 221 meet a reset',
    esa: { hooks: [{ at: 'dot', delay: 1.5 }] },
    sessions: one(
      [upToData, body(2500), raw('.\r\nQUIT\r\n'), pause(0.2), close],
      truth('completed/client/quit', {
        accept: ['completed/*/*', 'premature-fin/client/data-end', 'client-quit/client/data-end'],
        certain: false,
        note: 'The appliance accepted the message; the client had said QUIT but left before the 250.',
        not: ['*/middlebox/*', '*/appliance/*'],
      }),
      { order: 'cF' },
    ),
  },
  {
    id: 'a212-fin-before-banner',
    title: 'the appliance is slow with its banner (DNS), the client closes after two seconds',
    esa: { hooks: [{ at: 'banner', delay: 3 }] },
    sessions: one(
      [connect, pause(2), close],
      fin('banner', {
        accept: ['timeout/client/banner', 'premature-fin/client/*'],
        not: ['client-quit/*/*', 'rst/*/*', 'completed/*/*', '*/middlebox/*', '*/appliance/*'],
      }),
      { order: 'cF' },
    ),
  },
  {
    id: 'a213-rst-before-banner',
    title: 'connect and SO_LINGER 0 before the banner',
    esa: { hooks: [{ at: 'banner', delay: 1 }] },
    sessions: one(
      [connect, pause(0.1), rst],
      truth('refused/client/banner', {
        accept: ['rst/client/*', 'refused/client/*'],
        not: ['premature-fin/*/*', 'timeout/*/*', '*/appliance/*', '*/middlebox/*>=0.7'],
      }),
      { order: 'cR' },
    ),
  },
  {
    id: 'a214-syn-scan',
    title: 'half-open scan: SYN, SYN/ACK, RST by the kernel of the scanner',
    log: { none: true },
    sessions: one(
      [{ op: 'rawsyn' }, pause(0.5)],
      truth('refused/client/connect', {
        accept: ['rst/client/connect', 'refused/client/*'],
        not: ['premature-fin/*/*', 'timeout/*/*', '*/appliance/*', 'silent-drop/*/*', '*/middlebox/*>=0.7'],
      }),
      { exactly: 'cR' },
    ),
  },
  {
    id: 'a215-health-checks',
    title: 'a load balancer opens and closes three times, one real message between',
    sameClient: false,
    sessions: [
      {
        label: 's1',
        at: 0,
        src: '198.51.100.9',
        steps: [connect, close],
        truth: fin('banner', { accept: ['premature-fin/client/*'], not: ['rst/middlebox/*', '*/appliance/*'] }),
        expect: { order: 'cF' },
      },
      {
        label: 's2',
        at: 1.5,
        src: '198.51.100.9',
        steps: [connect, close],
        truth: fin('banner', { accept: ['premature-fin/client/*'], not: ['rst/middlebox/*', '*/appliance/*'] }),
        expect: { order: 'cF' },
      },
      { label: 's3', at: 2, src: '198.51.100.71', steps: [upToRcpt, message, quit], truth: done(), expect: { end: 'quit' } },
      {
        label: 's4',
        at: 3,
        src: '198.51.100.9',
        steps: [connect, close],
        truth: fin('banner', { accept: ['premature-fin/client/*'], not: ['rst/middlebox/*', '*/appliance/*'] }),
        expect: { order: 'cF' },
      },
    ],
  },
  {
    id: 'a216-early-talker',
    title: 'says EHLO before the banner, then resets',
    esa: { hooks: [{ at: 'banner', delay: 1 }] },
    sessions: one(
      [connect, put('HELO spambot'), pause(0.4), rst],
      truth('refused/client/banner', {
        accept: ['rst/client/banner', 'rst/client/helo', 'refused/client/*'],
        acceptStage: ['helo'],
        certain: true,
        not: ['premature-fin/*/*', 'timeout/*/*', '*/appliance/*', '*/middlebox/*>=0.7'],
      }),
      { order: 'cR' },
    ),
  },
  { id: 'a217-rst-after-ehlo', title: 'SO_LINGER 0 after the EHLO answer', sessions: one([greet, ehlo, pause(0.2), rst], reset('helo'), RST) },
  { id: 'a218-rst-after-mail', title: 'SO_LINGER 0 after MAIL; IPv6', sessions: one([greet, ehlo, mail, pause(0.2), rst], reset('mail'), RST, { v6: true }) },
  { id: 'a219-rst-after-354', title: 'SO_LINGER 0 after 354', sessions: one([upToData, pause(0.2), rst], reset('data-command'), RST) },
  {
    id: 'a220-rst-before-final-reply',
    title: 'dot sent, SO_LINGER 0 while the appliance scans',
    esa: { hooks: [{ at: 'dot', delay: 2 }] },
    sessions: one(
      [upToData, body(3000), raw('.\r\n'), pause(0.6), rst],
      reset('data-end', { accept: ['timeout/client/data-end'], not: ['completed/*/*', 'client-quit/*/*', 'premature-fin/*/*', '*/middlebox/*>=0.7'] }),
      { order: 'cR' },
    ),
  },
  {
    id: 'a221-rst-after-message',
    title: 'message accepted, SO_LINGER 0 without QUIT',
    sessions: one(
      [upToRcpt, message, pause(0.3), rst],
      reset('idle-after-message', { accept: ['completed/*/*'], not: ['premature-fin/*/*', 'timeout/*/*', '*/middlebox/*>=0.7', 'client-quit/*/*'] }),
      RST,
    ),
  },
  {
    id: 'a222-close-then-late-replies',
    title: 'client closes in a pipelined envelope with one reply unread: reset',
    esa: { hooks: [{ at: 'rcpt', delay: 0.5 }] },
    sessions: one(
      [greet, ehlo, raw('MAIL FROM:<sender@client.example>\r\nRCPT TO:<rcpt@example.net>\r\nDATA\r\n'), pause(0.1), close],
      reset('data-command', { acceptStage: ['rcpt', 'mail'] }),
      { order: 'cR' },
    ),
  },
  {
    id: 'a223-fin-after-rset',
    title: 'RSET answered, then FIN without QUIT',
    sessions: one([greet, ehlo, mail, rcpt, say('RSET'), pause(0.3), close], fin('helo', { acceptStage: ['rcpt', 'mail', 'idle-after-message'] }), FIN),
  },
  {
    id: 'a224-second-message-rst',
    title: 'first message accepted, reset in the body of the second',
    sessions: one(
      [upToRcpt, message, mail, rcpt, data, body(9000, { upto: 4000 }), pause(0.3), rst],
      reset('data-body', { not: ['client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*>=0.7'] }),
      RST,
    ),
  },
  {
    id: 'a225-second-message-hang',
    title: 'first message accepted, silence after the second RCPT',
    sessions: one([upToRcpt, message, mail, rcpt, until(20)], idle('rcpt'), { end: 'timeout', order: 'sF' }),
  },
  { id: 'a226-hang-banner', title: 'connects and says nothing', sessions: one([greet, until(20)], idle('banner'), { end: 'timeout', order: 'sF' }) },
  { id: 'a227-hang-after-354', title: 'silent after 354', sessions: one([upToData, until(20)], idle('data-command'), { end: 'timeout', order: 'sF' }) },
  {
    id: 'a228-hang-mid-body',
    title: 'silent in the middle of the body',
    sessions: one([upToData, body(9000, { upto: 5000, chunk: 1000, gap: 0.1 }), until(20)], idle('data-body'), { end: 'timeout', order: 'sF' }),
  },
  {
    id: 'a229-hang-before-dot',
    title: 'whole body sent, the dot never comes; IPv6',
    sessions: one([upToData, body(4000), until(20)], idle('data-body'), { end: 'timeout', order: 'sF' }, { v6: true }),
  },
  { id: 'a230-hang-mail', title: 'silent after MAIL', sessions: one([greet, ehlo, mail, until(20)], idle('mail'), { end: 'timeout', order: 'sF' }) },
  {
    id: 'a231-unread-421',
    title: 'silent client leaves the 421 unread and closes two seconds later: reset',
    sessions: one(
      [upToRcpt, pause(10), close],
      idle('rcpt', {
        secondary: 'RST of a client that closed with the 421 unread',
        not: ['rst/*/*', 'premature-fin/*/*', 'client-quit/*/*', 'timeout/client/*', '*/middlebox/*'],
      }),
      { end: 'timeout', order: 'sF' },
    ),
  },
  {
    id: 'a232-late-data-after-421',
    title: 'silent past the timeout, then sends on: the appliance answers with resets',
    sessions: one(
      [upToRcpt, pause(8.8), { op: 'send', text: 'DATA\r\n', soft: true }, pause(0.3), close],
      idle('rcpt', {
        secondary: 'RST from the appliance to late data',
        not: ['rst/*/*', 'premature-fin/*/*', 'client-quit/*/*', 'timeout/client/*', '*/middlebox/*'],
      }),
      { end: 'timeout', order: 'sF' },
    ),
  },
  {
    id: 'a233-quit-after-421',
    title: '421 at the timeout, the client politely says QUIT to it',
    sessions: one(
      [upToRcpt, hear, put('QUIT'), pause(0.2), close],
      idle('rcpt', { secondary: 'QUIT after the 421', not: ['client-quit/*/*', 'rst/*/*', 'premature-fin/*/*', 'timeout/client/*', '*/middlebox/*'] }),
      { end: 'timeout', order: 'sF' },
    ),
  },
  {
    id: 'a234-slow-drip-total-limit',
    title: 'a few octets each second: never idle, ends at the total time limit',
    timeout: 6,
    esa: { total: 14 },
    sessions: one(
      [upToData, body(4000, { chunk: 60, gap: 0.5, head: true }), until(5)],
      truth('timeout/appliance/data-body', {
        silent: null,
        accept: ['timeout/appliance/*', 'rejected/appliance/data-body'],
        not: ['premature-fin/*/*', 'client-quit/*/*', 'silent-drop/*/*', '*/client/*', '*/middlebox/*'],
        mechanism: 'total time limit',
      }),
      { end: 'timeout' },
    ),
  },
  {
    id: 'a235-client-timeout-fin-banner',
    title: 'no banner for long: the client gives up by FIN after six seconds',
    timeout: 30,
    esa: { hooks: [{ at: 'banner', delay: 9 }] },
    settings: { inbound_timeout_s: 30 },
    sessions: one(
      [connect, pause(6), close],
      gaveUp('banner', { accept: ['premature-fin/client/*'], not: ['*/middlebox/*', 'completed/*/*', '*/appliance/*', 'rst/*/*'] }),
      { order: 'cF' },
    ),
  },
  {
    id: 'a236-client-timeout-fin-mail',
    title: 'no answer to MAIL: FIN after six seconds',
    timeout: 30,
    esa: { hooks: [{ at: 'mail', delay: 9 }] },
    sessions: one(
      [greet, ehlo, pause(0.1), put('MAIL FROM:<sender@client.example>'), pause(6), close],
      gaveUp('mail', { accept: ['premature-fin/client/mail'] }),
      { order: 'cF' },
    ),
  },
  {
    id: 'a237-client-timeout-rst-data',
    title: 'no 354: SO_LINGER 0 after seven seconds',
    timeout: 30,
    esa: { hooks: [{ at: 'data', delay: 10 }] },
    sessions: one(
      [upToRcpt, put('DATA'), pause(7), rst],
      gaveUp('data-command', { accept: ['rst/client/data-command'], not: ['*/middlebox/*>=0.7', 'completed/*/*', '*/appliance/*'] }),
      { order: 'cR' },
    ),
  },
  {
    id: 'a238-client-timeout-fin-dot',
    title: 'no answer to the dot: FIN after eight seconds',
    timeout: 30,
    esa: { hooks: [{ at: 'dot', delay: 11 }] },
    sessions: one([upToData, body(3000), raw('.\r\n'), pause(8), close], gaveUp('data-end', { accept: ['premature-fin/client/data-end'] }), { order: 'cF' }),
  },
  {
    id: 'a239-client-timeout-quit-dot',
    title: 'no answer to the dot: QUIT after seven seconds',
    timeout: 30,
    esa: { hooks: [{ at: 'dot', delay: 10 }] },
    sessions: one(
      [upToData, body(3000), raw('.\r\n'), pause(7), put('QUIT'), until(6)],
      gaveUp('data-end', {
        accept: ['client-quit/client/*', 'completed/client/*'],
        certain: false,
        not: ['*/middlebox/*', 'premature-fin/*/*', '*/appliance/*'],
        note: 'The client gave up after 7 s and said QUIT; the appliance accepted the message later.',
      }),
      {},
    ),
  },
  {
    id: 'a240-client-timeout-helo',
    title: 'no answer to EHLO: FIN after six seconds',
    timeout: 30,
    esa: { hooks: [{ at: 'helo', delay: 9 }] },
    sessions: one([greet, put('EHLO mail.client.example'), pause(6), close], gaveUp('helo', { accept: ['premature-fin/client/helo'] }), { order: 'cF' }),
  },
  {
    id: 'a241-client-zero-window',
    title: 'the client stops reading: its window closes under a long EHLO dialogue, the appliance gives up',
    timeout: 8,
    esa: { send_timeout: 6, hooks: [{ at: 'helo', reply: Array.from({ length: 4000 }, (_, k) => `250-X-FILLER-${k} ${'y'.repeat(60)}`).join('\r\n') }] },
    sessions: one(
      [{ op: 'connect', opts: [['SOL_SOCKET', 'SO_RCVBUF', 4096]] }, hear, put('EHLO mail.client.example'), pause(16)],
      truth('timeout/appliance/helo', {
        silent: 'client',
        accept: ['timeout/appliance/*', 'rst/client/*', 'timeout/undetermined/*', 'undetermined/*/*'],
        certain: false,
        note: 'The appliance gave up at 12 s (the log closes then, without lost), but its FIN waits behind the closed window; the client resets at 16 s.',
        not: ['*/middlebox/*', 'silent-drop/*/*', 'premature-fin/client/*'],
        mechanism: 'zero window',
      }),
      { end: 'timeout' },
    ),
    max: 30,
  },
  {
    id: 'a242-appliance-zero-window',
    title: 'the appliance stops reading (resource conservation): zero window, the client gives up by reset after seven seconds',
    timeout: 40,
    esa: { rcvbuf: 4096, hooks: [{ at: 'data', reply: '354 go ahead', end: 'stop', for: 14 }] },
    sessions: one(
      [upToData, { op: 'body', n: 60000, timeout: 7, soft: true }, rst],
      gaveUp('data-body', { accept: ['premature-fin/client/data-body', 'rst/client/data-body'], not: ['*/middlebox/*', 'silent-drop/*/*', 'completed/*/*'] }),
      {},
    ),
    max: 30,
  },
  {
    id: 'a243-kill-before-banner-read',
    title: 'client killed with the banner unread: reset',
    sessions: one([connect, pause(0.5), kill], reset('banner', { accept: ['refused/client/*'] }), RST),
  },
  {
    id: 'a244-kill-idle-after-rcpt',
    title: 'client killed while idle after RCPT, nothing unread: FIN',
    sessions: one([upToRcpt, pause(0.5), kill], fin('rcpt'), FIN),
  },
  {
    id: 'a245-half-close-mid-body',
    title: 'half-close in the body, keeps reading',
    sessions: one([upToData, body(5000, { upto: 3000 }), pause(0.3), shut, until(12)], fin('data-body'), FIN),
  },
  {
    id: 'a246-half-close-after-quit',
    title: 'half-close right behind QUIT, 221 read, all fine',
    sessions: one([upToRcpt, message, put('QUIT'), shut, until(12)], done(), { end: 'quit' }),
  },
  {
    id: 'a247-keepalives-then-fin',
    title: 'TCP keep-alives while the client thinks for six seconds, then FIN',
    timeout: 20,
    sessions: one(
      [connect, { op: 'keepalive', s: 1 }, hear, ehlo, mail, rcpt, pause(6), close],
      fin('rcpt', { accept: [], not: ['client-quit/*/*', 'rst/*/*', 'completed/*/*', '*/middlebox/*', 'timeout/appliance/*'] }),
      FIN,
    ),
  },
  {
    id: 'a248-mixed-recipients',
    title: 'three recipients, one rejected by RAT, message accepted',
    esa: { bad_rcpts: ['nobody@'] },
    sessions: one(
      [greet, ehlo, mail, rcpt, say('RCPT TO:<nobody@example.net>'), say('RCPT TO:<third@example.net>'), message, quit],
      done('quit', { not: ['rejected/*/*', 'premature-fin/*/*', 'rst/*/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'a249-all-rejected-quit',
    title: 'the only recipient rejected, QUIT',
    esa: { bad_rcpts: ['nobody@'] },
    sessions: one(
      [greet, ehlo, mail, say('RCPT TO:<nobody@example.net>'), quit],
      truth('rejected/appliance/rcpt', { accept: ['client-quit/client/*'], not: ['*/middlebox/*', 'silent-drop/*/*', 'premature-fin/*/*', 'completed/*/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'a250-all-rejected-fin',
    title: 'all recipients rejected, FIN without QUIT',
    esa: { bad_rcpts: ['nobody@', 'gone@'] },
    sessions: one(
      [greet, ehlo, mail, say('RCPT TO:<nobody@example.net>'), say('RCPT TO:<gone@example.net>'), pause(0.2), close],
      truth('rejected/appliance/rcpt', { accept: ['premature-fin/client/rcpt'], not: ['*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'rst/*/*'] }),
      FIN,
    ),
  },
  {
    id: 'a251-bdat-rst',
    title: 'reset inside a BDAT chunk',
    esa: { offers: ['PIPELINING', 'CHUNKING'] },
    sessions: one([upToRcpt, put('BDAT 6000'), { op: 'body', n: 3000 }, pause(0.3), rst], reset('data-body'), RST),
  },
  {
    id: 'a252-bdat-quit-between',
    title: 'QUIT between two BDAT chunks',
    esa: { offers: ['CHUNKING'] },
    sessions: one(
      [upToRcpt, put('BDAT 2000'), { op: 'body', n: 3000, upto: 2000 }, hear, quit],
      truth('client-quit/client/data-body', { accept: ['client-quit/client/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'a253-bdat-last-fin',
    title: 'BDAT LAST sent, FIN before the slow answer',
    esa: { offers: ['CHUNKING'], hooks: [{ at: 'dot', delay: 2 }] },
    sessions: one(
      [upToRcpt, put('BDAT 3000 LAST'), { op: 'body', n: 4000, upto: 3000 }, pause(0.5), close],
      fin('data-end', { acceptStage: ['data-body'], accept: ['timeout/client/data-end'], not: ['client-quit/*/*', 'completed/*/*', '*/middlebox/*'] }),
      { order: 'cF' },
    ),
  },
  {
    id: 'a254-bdat-pipelined-quit',
    title: 'BDAT LAST with QUIT behind it in one segment',
    esa: { offers: ['PIPELINING', 'CHUNKING'] },
    sessions: one(
      [upToRcpt, raw('BDAT 38 LAST\r\nSubject: chunk\r\n\r\nQUIT\r\nis just text\r\nQUIT\r\n'), hear, eof],
      done('quit', { not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', '*/middlebox/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'a255-auth-failed-quit',
    title: 'AUTH PLAIN refused with 535, client quits',
    esa: { offers: ['AUTH PLAIN LOGIN'], auth_ok: false },
    sessions: one(
      [greet, ehlo, say('AUTH PLAIN AHVzZXIxAHdyb25n'), pause(0.2), quit],
      truth('rejected/appliance/auth', { accept: ['client-quit/client/*'], not: ['*/middlebox/*', 'silent-drop/*/*', 'premature-fin/*/*', 'completed/*/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'a256-auth-ok-complete',
    title: 'AUTH LOGIN succeeds, one message',
    esa: { offers: ['AUTH PLAIN LOGIN'] },
    sessions: one([greet, ehlo, say('AUTH LOGIN'), say('dXNlcjE='), say('c2VjcmV0'), mail, rcpt, message, quit], done(), { end: 'quit' }),
  },
  {
    id: 'a257-auth-hang',
    title: 'silent at the password prompt',
    esa: { offers: ['AUTH PLAIN LOGIN'] },
    sessions: one([greet, ehlo, say('AUTH LOGIN'), say('dXNlcjE='), until(20)], idle('auth'), { end: 'timeout', order: 'sF' }),
  },
  {
    id: 'a258-lhlo',
    title: 'an LMTP client: LHLO is not known here, QUIT',
    sessions: one(
      [greet, say('LHLO mail.client.example'), quit],
      truth('rejected/appliance/helo', {
        accept: ['rejected/appliance/*', 'client-quit/client/*'],
        acceptStage: ['banner'],
        not: ['*/middlebox/*', 'premature-fin/*/*', 'completed/*/*'],
      }),
      { end: 'quit' },
    ),
  },
  {
    id: 'a259-quit-lowercase-split',
    title: 'quit in small letters, split over two segments, during RCPT',
    sessions: one([upToRcpt, raw('qu'), pause(0.2), raw('it\r\n'), eof], truth('client-quit/client/rcpt'), { end: 'quit' }),
  },
  {
    id: 'a260-wrong-ttl-own-rst',
    title: 'client process changes its TTL just before its own SO_LINGER-0 reset (IP-ID and timestamp go on)',
    sessions: one(
      [upToRcpt, pause(0.3), { op: 'ttl', v: 57 }, pause(0.05), rst],
      truth('rst/undetermined/rcpt', {
        accept: ['rst/client/*', 'rst/middlebox/*'],
        certain: false,
        not: ['*/middlebox/*>=0.8', '*/client/*>=0.95', 'client-quit/*/*', 'premature-fin/*/*'],
      }),
      RST,
    ),
  },
  {
    id: 'a262-own-ttl-then-close',
    title: "client socket with its own TTL closes after a pipelined RCPT; the late answer meets a socketless reset with the host's TTL",
    esa: { hooks: [{ at: 'rcpt', delay: 0.4 }] },
    sessions: one(
      [connect, { op: 'ttl', v: 50 }, hear, ehlo, mail, put('RCPT TO:<rcpt@example.net>'), pause(0.1), close],
      fin('rcpt', {
        secondary: 'socketless RST with another TTL',
        not: ['client-quit/*/*', 'rst/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*', '*/appliance/*'],
      }),
      { order: 'cF' },
    ),
  },
  {
    id: 'a263-close-unread-mid-body',
    title: 'appliance says 452 early in the body, the client never reads it and closes: reset',
    esa: { hooks: [{ at: 'body', bytes: 2000, reply: '452 #4.3.1 queue full' }] },
    sessions: one(
      [upToData, { op: 'body', n: 9000, upto: 5000, chunk: 1000, gap: 0.05 }, pause(0.3), close],
      reset('data-body', {
        accept: ['rejected/appliance/data-body'],
        certain: false,
        not: ['client-quit/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*>=0.7'],
      }),
      RST,
    ),
  },
  {
    id: 'a264-zero-window-forever',
    title: 'the client stops reading for good; the appliance gives up, its FIN waits behind the closed window',
    esa: {
      send_timeout: 6,
      hooks: [{ at: 'helo', reply: Array.from({ length: 4000 }, (_, k) => `250-X-FILLER-${k} ${'y'.repeat(60)}`).join('\r\n') }],
    },
    sessions: one(
      [{ op: 'connect', opts: [['SOL_SOCKET', 'SO_RCVBUF', 4096]] }, hear, put('EHLO mail.client.example'), pause(16)],
      truth('timeout/appliance/helo', {
        silent: 'client',
        certain: false,
        accept: ['timeout/appliance/*', 'still-open/*/*', 'undetermined/*/*', 'timeout/undetermined/*'],
        not: ['*/middlebox/*', 'silent-drop/*/*>=0.7', 'rst/*/*', 'premature-fin/client/*'],
      }),
      { end: 'timeout' },
    ),
    edits: { esa: [['endBeforeFlag', 'rst']] },
    max: 30,
  },
  {
    id: 'a270-replayed-dialogue',
    title: "the sender's virus scanner plays the dialogue twice: RSET after RCPT, then EHLO, MAIL, RCPT again, then it closes",
    sessions: one([greet, ehlo, mail, rcpt, say('RSET'), ehlo, mail, rcpt, pause(0.4), close], fin('rcpt'), FIN),
  },
  {
    id: 'a271-total-limit-between-messages',
    title: 'many messages in one connection: 421 at the total time limit while nothing is open',
    timeout: 6,
    esa: { total: 9 },
    sessions: one(
      [upToRcpt, message, pause(2), mail, rcpt, message, pause(2), mail, rcpt, message, until(10)],
      truth('timeout/appliance/idle-after-message', {
        silent: 'client',
        accept: ['timeout/appliance/*', 'rejected/appliance/*', 'completed/*/*'],
        not: ['premature-fin/*/*', 'rst/*/*', 'silent-drop/*/*', '*/middlebox/*', '*/client/*>=0.7'],
      }),
      { end: 'timeout', order: 'sF' },
    ),
  },
  {
    id: 'a272-hundred-recipients',
    title: 'sixty recipients, then the client resets',
    sessions: one([greet, ehlo, mail, Array.from({ length: 60 }, (_, k) => say(`RCPT TO:<user${k}@example.net>`)), pause(0.3), rst], reset('rcpt'), RST),
  },
];
