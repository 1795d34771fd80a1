import { done } from './boxes.mjs';
import {
  body,
  close,
  connect,
  data,
  dot,
  ehlo,
  eof,
  greet,
  hear,
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
  startTls,
  truth,
  until,
  upToData,
  upToRcpt,
} from './words.mjs';

const rejected = (stage, more) => truth(`rejected/appliance/${stage}`, { accept: ['client-quit/client/*'], ...more });
const tls = { tls: true };
const inTls = (verdict, more = {}) =>
  truth(verdict, {
    encrypted: true,
    acceptStage: ['starttls', ...(more.acceptStage ?? [])],
    ...Object.fromEntries(Object.entries(more).filter(([k]) => k !== 'acceptStage')),
  });
const tlsFail = (who, more) => truth(`tls-failure/${who}/starttls`, { accept: [`tls-failure/${who}/*`], ...more });

/** What the appliance does of its own accord, and everything about TLS. */
export const APPLIANCE = [
  {
    id: 'b201-connection-limit',
    title: 'too many connections from the host: the third gets 421 and FIN',
    sameClient: true,
    esa: { max_connections: 2 },
    sessions: [
      { label: 's1', steps: [upToRcpt, pause(2), message, quit], truth: done(), expect: { end: 'quit' } },
      { label: 's2', at: 0.3, steps: [upToRcpt, pause(2), message, quit], truth: done(), expect: { end: 'quit' } },
      {
        label: 's3',
        at: 0.8,
        steps: [connect, hear, eof],
        truth: rejected('banner', { accept: ['refused/appliance/*'], not: ['*/middlebox/*', 'silent-drop/*/*', '*/client/*'] }),
        expect: { end: 'own-fin', order: 'sF' },
      },
    ],
  },
  {
    id: 'b202-too-many-messages',
    title: 'second MAIL refused: 421 too many messages for this session',
    esa: { max_messages: 1 },
    sessions: one(
      [upToRcpt, message, pause(0.1), put('MAIL FROM:<sender@client.example>'), hear, eof],
      rejected('mail', {
        accept: ['completed/*/*', 'rejected/appliance/idle-after-message'],
        acceptStage: ['idle-after-message'],
        not: ['*/middlebox/*', 'silent-drop/*/*', 'premature-fin/client/*'],
      }),
      { end: 'own-fin', order: 'sF' },
    ),
  },
  {
    id: 'b203-shutdown-mid-envelope',
    title: 'listener suspended: 421 service not available in the middle of an envelope',
    on: { shutdown: [['e', 'appliance', 'shutdown']] },
    sessions: one(
      [upToRcpt, pause(1.5), { op: 'signal', name: 'shutdown' }, until(10)],
      rejected('rcpt', { accept: ['premature-fin/appliance/*'], not: ['*/middlebox/*', 'silent-drop/*/*', '*/client/*', 'timeout/*/*'] }),
      { end: 'shutdown', order: 'sF' },
    ),
  },
  {
    id: 'b204-shutdown-mid-body',
    title: 'listener suspended while the body flows: 421 with data on the way, reset',
    on: { shutdown: [['e', 'appliance', 'shutdown']] },
    sessions: one(
      [
        upToData,
        { op: 'body', n: 8000, upto: 4000 },
        pause(0.5),
        { op: 'signal', name: 'shutdown' },
        { op: 'body', n: 60000, head: false, chunk: 1000, gap: 0.02, soft: true },
        until(3),
      ],
      rejected('data-body', {
        accept: ['rst/appliance/*', 'premature-fin/appliance/*'],
        not: ['*/middlebox/*', 'silent-drop/*/*', '*/client/*', 'timeout/*/*'],
      }),
      { end: 'shutdown' },
    ),
  },
  {
    id: 'b205-appliance-fin-no-word',
    title: 'the appliance closes after RCPT without a word, well before its timeout',
    esa: { hooks: [{ at: 'rcpt', end: 'fin' }] },
    sessions: one(
      [greet, ehlo, mail, pause(0.1), put('RCPT TO:<rcpt@example.net>'), eof],
      truth('premature-fin/appliance/rcpt', { not: ['*/client/*', '*/middlebox/*', 'timeout/*/*', 'silent-drop/*/*'] }),
      { end: 'own-fin', order: 'sF' },
    ),
  },
  {
    id: 'b206-appliance-rst-banner',
    title: 'the appliance resets instead of greeting',
    esa: { hooks: [{ at: 'banner', delay: 0.3, end: 'rst' }] },
    sessions: one(
      [connect, { op: 'recv' }],
      truth('refused/appliance/banner', { accept: ['rst/appliance/*', 'refused/appliance/*'], not: ['*/middlebox/*', '*/client/*', 'silent-drop/*/*'] }),
      { end: 'own-rst', order: 'sR' },
    ),
  },
  {
    id: 'b207-appliance-rst-body',
    title: 'the appliance resets in the body',
    esa: { hooks: [{ at: 'body', bytes: 4000, end: 'rst' }] },
    sessions: one([upToData, { op: 'body', n: 30000, chunk: 1400, gap: 0.03 }], truth('rst/appliance/data-body', {}), { end: 'own-rst', order: 'sR' }),
  },
  {
    id: 'b208-appliance-rst-dot',
    title: 'the appliance resets instead of answering the dot',
    esa: { hooks: [{ at: 'dot', delay: 0.5, end: 'rst' }] },
    sessions: one([upToData, body(3000), raw('.\r\n'), hear], truth('rst/appliance/data-end', {}), { end: 'own-rst', order: 'sR' }),
  },
  {
    id: 'b209-crash-idle',
    title: 'the listener process dies while the session idles after RCPT: FIN, the log just stops',
    esa: { hooks: [] },
    on: { crash: [['e', 'appliance', 'crash']] },
    sessions: one(
      [upToRcpt, pause(1), { op: 'signal', name: 'crash' }, until(4)],
      truth('premature-fin/appliance/rcpt', {
        noIcid: false,
        not: ['*/client/*', '*/middlebox/*', 'timeout/*/*', 'silent-drop/*/*', 'completed/*/*'],
        seenAs: {},
      }),
      { order: 'sF' },
    ),
  },
  {
    id: 'b210-rcpt-limit',
    title: '452 too many recipients, client quits at once',
    esa: { hooks: [{ at: 'rcpt', nth: 3, reply: '452 #4.5.3 Too many recipients' }] },
    sessions: one(
      [greet, ehlo, mail, rcpt, rcpt, rcpt, quit],
      rejected('rcpt', { not: ['*/middlebox/*', 'silent-drop/*/*', 'premature-fin/*/*', 'completed/*/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'b211-dhap-drop',
    title: 'directory harvest: three rejected recipients, then the appliance drops the connection',
    esa: {
      bad_rcpts: ['x'],
      hooks: [
        {
          at: 'rcpt',
          nth: 4,
          log: "Warning: LDAP: Dropping connection due to potential Directory Harvest Attack from host=('{ip}', None), dhap_limit=3, sender_group=UNKNOWNLIST",
          reply: '550 #5.1.0 Too many invalid recipients',
          end: 'fin',
        },
      ],
    },
    sessions: one(
      [
        greet,
        ehlo,
        mail,
        say('RCPT TO:<ax@example.net>'),
        say('RCPT TO:<bx@example.net>'),
        say('RCPT TO:<cx@example.net>'),
        say('RCPT TO:<dx@example.net>'),
        eof,
      ],
      rejected('rcpt', { accept: [], not: ['*/middlebox/*', 'silent-drop/*/*', '*/client/*', 'premature-fin/client/*'] }),
      { end: 'own-fin', order: 'sF' },
    ),
  },
  {
    id: 'b212-sender-rejected-rst',
    title: 'sender rejected 5xx, the client resets instead of QUIT',
    esa: { hooks: [{ at: 'mail', reply: '553 #5.1.8 Domain of sender address does not exist' }] },
    sessions: one(
      [greet, ehlo, pause(0.1), say('MAIL FROM:<ghost@nowhere.invalid>'), pause(0.2), rst],
      rejected('mail', { accept: ['rst/client/mail'], not: ['*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'premature-fin/*/*'] }),
      { end: 'reset', order: 'cR' },
    ),
  },
  {
    id: 'b213-dot-451-retry-accepted',
    title: '451 to the dot, the client sends the message again in the same connection: accepted',
    esa: { hooks: [{ at: 'dot', nth: 1, reply: '451 #4.3.0 Server error' }] },
    sessions: one([upToRcpt, data, body(2000), dot, mail, rcpt, message, quit], done({ not: ['rejected/*/*', 'premature-fin/*/*', 'rst/*/*'] }), {
      end: 'quit',
    }),
  },
  {
    id: 'b214-slow-but-fine',
    title: 'every answer takes a second or two, nobody loses patience',
    timeout: 20,
    esa: {
      hooks: [
        { at: 'banner', delay: 2 },
        { at: 'mail', delay: 1.5 },
        { at: 'rcpt', delay: 2 },
        { at: 'dot', delay: 3 },
      ],
    },
    sessions: one([upToRcpt, message, quit], done({ not: ['timeout/*/*', 'premature-fin/*/*', 'rst/*/*'] }), { end: 'quit' }),
  },
  {
    id: 'b215-timeout-lost-logged',
    title: 'silent after RCPT; this version also logs "lost" at its timeout',
    esa: { timeout_lost: true },
    sessions: one([upToRcpt, until(20)], truth('timeout/appliance/rcpt', { silent: 'client' }), { end: 'timeout', order: 'sF' }),
  },
  {
    id: 'b216-delayed-hat-reject',
    title: 'HAT reject delayed to RCPT: 550 to the recipient, client quits',
    esa: {
      hooks: [
        {
          at: 'rcpt',
          log: 'ICID {icid} Delayed HAT REJECT continuing session for recipient logging ({ip})',
          reply: '550 #5.7.1 Your access to submit messages to this e-mail system has been rejected.',
        },
      ],
    },
    sessions: one([greet, ehlo, mail, rcpt, quit], rejected('rcpt', { not: ['*/middlebox/*', 'silent-drop/*/*', 'premature-fin/*/*', 'completed/*/*'] }), {
      end: 'quit',
    }),
  },
  {
    id: 'b217-syn-to-closed-port-retry',
    title: 'listener down: two connection attempts refused',
    noListener: true,
    log: { none: true },
    sessions: [
      {
        label: 's1',
        steps: [connect],
        truth: truth('refused/appliance/connect', {
          accept: ['refused/appliance/*', 'rst/appliance/connect'],
          not: ['*/middlebox/*', 'silent-drop/*/*', '*/client/*'],
        }),
        expect: { exactly: 'sR' },
      },
      {
        label: 's2',
        at: 1,
        steps: [connect],
        truth: truth('refused/appliance/connect', {
          accept: ['refused/appliance/*', 'rst/appliance/connect'],
          not: ['*/middlebox/*', 'silent-drop/*/*', '*/client/*'],
        }),
        expect: { exactly: 'sR' },
      },
    ],
  },
  {
    id: 'b218-starttls-refused-then-plain',
    title: 'STARTTLS answered 454, the client goes on in clear and completes',
    esa: { tls: true, hooks: [{ at: 'starttls', reply: '454 #4.7.0 TLS not available due to temporary reason' }] },
    sessions: one([greet, ehlo, say('STARTTLS'), mail, rcpt, message, quit], done({ not: ['tls-failure/*/*', 'premature-fin/*/*', 'rst/*/*'] }), {
      end: 'quit',
    }),
  },
  {
    id: 'b219-starttls-refused-quit',
    title: 'STARTTLS answered 454, the client insists on TLS and quits',
    esa: { tls: true, hooks: [{ at: 'starttls', reply: '454 #4.7.0 TLS not available due to temporary reason' }] },
    sessions: one(
      [greet, ehlo, say('STARTTLS'), quit],
      rejected('starttls', {
        accept: ['client-quit/client/*', 'rejected/appliance/*', 'tls-failure/appliance/*'],
        acceptStage: ['helo'],
        not: ['*/middlebox/*', 'premature-fin/*/*', 'completed/*/*', 'tls-failure/client/*'],
      }),
      { end: 'quit' },
    ),
  },
  {
    id: 'b220-tls-complete-12',
    title: 'STARTTLS (TLS 1.2), message, QUIT inside',
    esa: { ...tls, tls_max: '1.2' },
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, message, quit],
      inTls('completed/client/quit', { accept: ['completed/*/*'], not: ['premature-fin/*/*', 'tls-failure/*/*', 'rst/*/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'b221-tls-fin-mid-body',
    title: 'TLS 1.3, FIN without close_notify in the body',
    esa: tls,
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, data, body(9000, { upto: 5000 }), pause(0.4), close],
      inTls('premature-fin/client/data-body', {
        accept: ['premature-fin/client/*'],
        not: ['client-quit/*/*', 'tls-failure/*/*', 'completed/*/*', 'timeout/*/*', '*/middlebox/*'],
      }),
      { end: 'eof', order: 'cF' },
    ),
  },
  {
    id: 'b222-tls-rst-mid-body',
    title: 'TLS 1.3, SO_LINGER 0 in the body',
    esa: tls,
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, data, body(9000, { upto: 5000 }), pause(0.4), rst],
      inTls('rst/client/data-body', { accept: ['rst/client/*'], not: ['client-quit/*/*', 'tls-failure/*/*', 'completed/*/*', '*/middlebox/*>=0.7'] }),
      { end: ['reset', 'eof'], order: 'cR' },
    ),
  },
  {
    id: 'b223-tls-hang-rcpt',
    title: 'TLS 1.3, silent after RCPT: the 421 and the close_notify are inside TLS',
    esa: tls,
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, until(20)],
      inTls('timeout/appliance/rcpt', {
        silent: 'client',
        accept: ['timeout/appliance/*'],
        not: ['premature-fin/client/*', 'client-quit/*/*', 'tls-failure/*/*', '*/client/*', '*/middlebox/*'],
      }),
      { end: 'timeout' },
    ),
  },
  {
    id: 'b224-tls-hang-handshake',
    title: 'STARTTLS accepted, then no ClientHello: timeout',
    esa: tls,
    sessions: one(
      [greet, ehlo, say('STARTTLS'), until(20)],
      truth('timeout/appliance/starttls', {
        silent: 'client',
        accept: ['tls-failure/appliance/*'],
        not: ['*/client/*', 'silent-drop/*/*', '*/middlebox/*', 'completed/*/*'],
      }),
      { end: 'timeout' },
    ),
  },
  {
    id: 'b225-tls-client-rejects-13',
    title: 'TLS 1.3, the client rejects the self-signed certificate: its alert is encrypted',
    esa: tls,
    sessions: one(
      [greet, ehlo, startTls({ verify: true })],
      truth('tls-failure/client/starttls', { accept: ['tls-failure/*/*'], not: ['completed/*/*', '*/middlebox/*', 'client-quit/*/*', 'timeout/*/*'] }),
      {},
    ),
  },
  {
    id: 'b226-tls-version-mismatch',
    title: 'the client speaks TLS 1.2 at most, the appliance 1.3 at least: alert from the appliance',
    esa: { ...tls, tls_min: '1.3' },
    sessions: one(
      [greet, ehlo, startTls({ max: '1.2' })],
      tlsFail('appliance', { accept: ['tls-failure/*/*'], not: ['completed/*/*', '*/middlebox/*', 'client-quit/*/*', 'timeout/*/*'] }),
      {},
    ),
  },
  {
    id: 'b227-tls-rst-after-hello',
    title: 'plain reset right after the STARTTLS answer instead of a ClientHello',
    esa: tls,
    sessions: one(
      [greet, ehlo, say('STARTTLS'), pause(0.3), rst],
      truth('rst/client/starttls', { accept: ['tls-failure/client/*'], not: ['completed/*/*', 'premature-fin/*/*', 'timeout/*/*', '*/middlebox/*>=0.7'] }),
      { order: 'cR' },
    ),
  },
  {
    id: 'b228-tls-fin-after-starttls',
    title: 'FIN after the STARTTLS answer',
    esa: tls,
    sessions: one(
      [greet, ehlo, say('STARTTLS'), pause(0.3), close],
      truth('premature-fin/client/starttls', { accept: ['tls-failure/client/*'], not: ['completed/*/*', 'rst/*/*', 'timeout/*/*', '*/middlebox/*'] }),
      { order: 'cF' },
    ),
  },
  {
    id: 'b229-tls-garbage',
    title: 'the client answers the STARTTLS go-ahead with plain SMTP: alert from the appliance',
    esa: tls,
    sessions: one(
      [greet, ehlo, say('STARTTLS'), put('MAIL FROM:<sender@client.example>'), until(3)],
      tlsFail('appliance', { accept: ['tls-failure/*/*'], not: ['completed/*/*', '*/middlebox/*', 'client-quit/*/*', 'timeout/*/*'] }),
      {},
    ),
  },
  {
    id: 'b230-implicit-tls-complete',
    title: 'port 465, TLS from the first octet, message accepted',
    port: 465,
    esa: { interface: 'Management' },
    sessions: one(
      [connect, { op: 'tls' }, hear, ehlo, mail, rcpt, message, quit],
      inTls('completed/client/quit', { accept: ['completed/*/*'], not: ['premature-fin/*/*', 'tls-failure/*/*', 'rst/*/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'b231-implicit-tls-rst',
    title: 'port 465, reset after RCPT',
    port: 465,
    sessions: one(
      [connect, { op: 'tls' }, hear, ehlo, mail, rcpt, pause(0.4), rst],
      inTls('rst/client/rcpt', { accept: ['rst/client/*'], not: ['client-quit/*/*', 'tls-failure/*/*', 'completed/*/*', '*/middlebox/*>=0.7'] }),
      { end: ['reset', 'eof'], order: 'cR' },
    ),
  },
  {
    id: 'b232-tls-quit-open-transaction',
    title: 'TLS 1.2, QUIT after RCPT: only the log tells',
    esa: { ...tls, tls_max: '1.2' },
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, quit],
      inTls('client-quit/client/rcpt', { accept: ['client-quit/client/*'], not: ['premature-fin/*/*', 'tls-failure/*/*', 'completed/*/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'b233-tls-message-no-quit',
    title: 'TLS 1.3, message accepted, close_notify and FIN without QUIT',
    esa: tls,
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, message, { op: 'notify', timeout: 0.2 }, close],
      inTls('premature-fin/client/idle-after-message', {
        accept: ['completed/*/*', 'premature-fin/client/*'],
        not: ['rst/*/*', 'tls-failure/*/*', 'timeout/*/*', '*/middlebox/*'],
      }),
      {},
    ),
  },
  {
    id: 'b234-tls-appliance-rst',
    title: 'TLS 1.3, the appliance resets in the body',
    esa: { ...tls, hooks: [{ at: 'body', bytes: 3000, end: 'rst' }] },
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, data, body(30000, { chunk: 1400, gap: 0.03 })],
      inTls('rst/appliance/data-body', { accept: ['rst/appliance/*'], not: ['*/client/*', '*/middlebox/*', 'tls-failure/*/*', 'timeout/*/*'] }),
      { end: 'own-rst', order: 'sR' },
    ),
  },
  {
    id: 'b235-tls-hang-data-end',
    title: 'TLS 1.3, slow answer to the dot; the client gives up by FIN after six seconds',
    timeout: 30,
    esa: { ...tls, hooks: [{ at: 'dot', delay: 9 }] },
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, data, body(3000), raw('.\r\n'), pause(6), close],
      inTls('timeout/client/data-end', {
        silent: 'appliance',
        accept: ['premature-fin/client/*', 'timeout/client/*'],
        acceptStage: ['data-body'],
        not: ['*/middlebox/*', 'tls-failure/*/*', '*/appliance/*'],
      }),
      { order: 'cF' },
    ),
  },
];
