import { copy, cutBoth, cutOut, dark, done, dropFlow, dropped, flush, forged, own, pair, rejectFlow, rules, sent, waited, ways } from './boxes.mjs';
import {
  FIN,
  RST,
  body,
  chunk,
  close,
  connect,
  data,
  delivery,
  dot,
  ehlo,
  eof,
  esa,
  fin,
  flow,
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
  reset,
  rst,
  say,
  signal,
  startTls,
  truth,
  until,
  upToData,
  upToRcpt,
} from './words.mjs';

const FORGED = { end: 'reset', order: 'cR', ttl: [0, 63] };
const rejected = (stage, more = {}) =>
  truth(`rejected/appliance/${stage}`, {
    accept: ['premature-fin/client/*', 'rst/client/*', 'client-quit/client/*'],
    not: ['*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'timeout/*/*'],
    ...more,
  });
const refused = (stage, more = {}) =>
  truth(`rejected/remote-server/${stage}`, {
    accept: ['client-quit/appliance/*'],
    not: ['*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'timeout/*/*'],
    ...more,
  });
const fine = { not: ['rst/*/*', 'premature-fin/*/*', 'timeout/*/*', 'silent-drop/*/*', '*/middlebox/*', 'rejected/*/*'] };
const chunking = { offers: ['PIPELINING', 'CHUNKING'] };
const logins = { offers: ['AUTH PLAIN LOGIN'] };
const twoBefore = [upToRcpt, message, mail, rcpt, message, mail, rcpt];
const oneBefore = [upToRcpt, message, mail, rcpt];
const part = { op: 'body', n: 9000, upto: 6000, chunk: 1000, gap: 0.05 };
const word = { op: 'body', n: 9000, chunk: 900, gap: 0.08, soft: true, word: 'FORBIDDEN', line: 40 };
const nat = [
  ['f', 'nft', 'table ip nat {\n chain post { type nat hook postrouting priority 100\n  tcp dport 25 snat to 203.0.113.1\n }\n}'],
  ['b', 'sh', 'ip route replace 203.0.113.0/24 via 10.0.2.2'],
];
const forget = [...flush, ['f', 'sh', 'conntrack -F']];
const finDropped = rules('tcp dport 25 tcp flags & fin == fin drop');
const heal =
  (seconds) =>
  async ({ act, sleep }) => {
    await sleep(seconds);
    await act(flush);
  };
const undecided = ['rst/middlebox/*', 'rst/undetermined/*'];

/** The appliance's host drops resets before its stack reads them; its capture has them. */
const deaf = [['e', 'sh', 'iptables -A INPUT -p tcp --tcp-flags RST RST -j DROP']];
const from = (sport) => [{ op: 'connect', sport }, hear, ehlo, mail, rcpt];

/** A client that vanishes and opens the same pair of ports again while the appliance still holds the old connection. */
const reborn = (more) => [
  {
    label: 's1',
    steps: [from(42424), pause(0.2), signal('cut'), rst],
    truth: reset('rcpt', {
      accept: ['rst/client/*', 'silent-drop/undetermined/*', 'rst/undetermined/*'],
      not: ['client-quit/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*>=0.7', '*/appliance/*'],
    }),
    expect: { end: 'reset' },
    ...more,
  },
  {
    label: 's2',
    at: 4,
    steps: [from(42424), message, quit],
    truth: done({ not: ['premature-fin/*/*', 'timeout/*/*', 'silent-drop/*/*', '*/middlebox/*', 'rst/*/*'] }),
    expect: { end: 'quit' },
    ...more,
  },
];

/** Five plain incidents, seen through a file of one more kind. */
const mirrored = (id, title, change, more = {}, sport = 0) => {
  const start = from(sport);
  const edits = change ? esa(change) : {};
  const scene = (k, words, sessions, extra = {}) => ({
    id: `${id.slice(0, 1)}${Number(id.slice(1)) + k}-${words}`,
    title: `${words}: ${title}`,
    ...edits,
    ...more,
    ...extra,
    sessions,
  });
  return [
    scene(0, 'own-rst', one([start, data, part, pause(0.3), rst], reset('data-body'), RST)),
    scene(1, 'own-fin', one([start, pause(0.3), close], fin('rcpt'), FIN)),
    // The forgers tell the directions apart by the port.
    ...(sport
      ? []
      : [
          scene(2, 'forged', one([start, data, flow, until(3)], forged('data-body', { accept: ['rst/middlebox/*'] }), FORGED), {
            inject: { when: { text: '000060 the' }, resets: pair(own) },
          }),
        ]),
    scene(3, 'timeout', one([start, until(14)], waited('rcpt', 'client'), { end: 'timeout' })),
    scene(4, 'complete', one([start, message, quit], done(fine), { end: 'quit' })),
  ];
};

/** Several mechanisms in one session, later messages, crossing farewells, and files that are bad in more than one way. */
export const MIXTURE = [
  {
    id: 'q401-third-message-fin',
    title: 'two messages accepted, FIN in the body of the third',
    sessions: one([twoBefore, data, part, pause(0.3), close], fin('data-body', {}), FIN),
  },
  {
    id: 'q402-third-message-forged',
    title: 'two messages accepted, the box resets both sides in the body of the third',
    inject: { when: { text: '000060 the', nth: 1 }, resets: pair(own) },
    sessions: one([twoBefore, data, flow, until(3)], forged('data-body'), FORGED),
  },
  {
    id: 'q403-second-message-flow-dropped',
    title: 'first message accepted, from a word in the second on nothing passes: no more than silence',
    before: dropFlow('FORBIDDEN', '--dport 25'),
    sessions: one([oneBefore, data, word, until(14)], dark('data-body', { accept: ['silent-drop/middlebox/*'] }), { end: 'timeout' }),
    timeout: 6,
  },
  {
    id: 'q404-second-all-refused-quit',
    title: 'first message accepted, the only recipient of the second refused, QUIT',
    esa: { bad_rcpts: ['ghost'] },
    sessions: one(
      [upToRcpt, message, mail, say('RCPT TO:<ghost@example.net>'), quit],
      rejected('rcpt', { accept: ['client-quit/client/*', 'completed/*/*'], not: ['*/middlebox/*', 'silent-drop/*/*', 'premature-fin/*/*', 'rst/*/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'q405-second-554-dot-fin',
    title: 'first message accepted, 554 to the dot of the second, the client closes without QUIT',
    esa: { hooks: [{ at: 'dot', nth: 2, reply: '554 #5.3.0 message rejected by content filter' }] },
    sessions: one([oneBefore, data, body(3000), dot, pause(0.2), close], rejected('data-end', { accept: ['premature-fin/client/*'] }), FIN),
  },
  {
    id: 'q406-pipelined-second-rst',
    title: 'first message accepted; MAIL, RCPT and DATA of the second in one segment, the client resets while the answers come',
    esa: { ...chunking, hooks: [{ at: 'rcpt', nth: 2, delay: 0.5 }] },
    sessions: one(
      [upToRcpt, message, raw('MAIL FROM:<sender@client.example>\r\nRCPT TO:<rcpt@example.net>\r\nDATA\r\n'), pause(0.2), rst],
      reset('rcpt', { acceptStage: ['mail', 'data-command'] }),
      RST,
    ),
  },
  {
    id: 'q407-pipelined-forged',
    title: 'the whole envelope in one segment, the box resets both sides at the recipient',
    esa: { ...chunking, hooks: [{ at: 'rcpt', delay: 0.5 }] },
    inject: { when: { text: 'RCPT TO', after: 0.05 }, resets: pair(own) },
    sessions: one(
      [greet, ehlo, raw('MAIL FROM:<sender@client.example>\r\nRCPT TO:<rcpt@example.net>\r\nDATA\r\n'), until(3)],
      forged('rcpt', { acceptStage: ['mail', 'data-command', 'helo'] }),
      FORGED,
    ),
  },
  {
    id: 'q408-bdat-third-chunk-hang',
    title: 'two chunks accepted, the third stops half-way: timeout',
    esa: chunking,
    sessions: one(
      [upToRcpt, chunk(2000), hear, chunk(2000), hear, put('BDAT 2000 LAST'), { op: 'body', n: 2000, upto: 700 }, until(14)],
      truth('timeout/appliance/data-body', { silent: 'client' }),
      { end: 'timeout', order: 'sF' },
    ),
  },
  {
    id: 'q409-bdat-between-chunks-forged',
    title: 'the box resets both sides between two chunks',
    esa: chunking,
    inject: { when: { text: 'BDAT 2001', after: 0.3 }, resets: pair(own) },
    sessions: one([upToRcpt, chunk(2001), hear, pause(1), put('BDAT 2000 LAST'), until(3)], forged('data-body'), FORGED),
  },
  {
    id: 'q410-bdat-refused-fin',
    title: 'the last chunk is answered with 554, the client closes',
    esa: { ...chunking, hooks: [{ at: 'dot', reply: '554 #5.3.0 message rejected by content filter' }] },
    sessions: one(
      [upToRcpt, chunk(3000, ' LAST'), hear, pause(0.2), close],
      rejected('data-end', { accept: ['premature-fin/client/*'], acceptStage: ['data-body'] }),
      FIN,
    ),
  },
  {
    id: 'q411-bdat-slow-answer-rst',
    title: 'the last chunk waits for its answer, the client resets after a second',
    esa: { ...chunking, hooks: [{ at: 'dot', delay: 3 }] },
    sessions: one([upToRcpt, chunk(3000, ' LAST'), pause(1), rst], reset('data-end', { acceptStage: ['data-body'] }), { order: 'cR' }),
  },
  {
    id: 'q412-auth-user-prompt-fin',
    title: 'the client closes at the prompt for its user name',
    esa: logins,
    sessions: one([greet, ehlo, say('AUTH LOGIN'), pause(0.3), close], fin('auth', {}), FIN),
  },
  {
    id: 'q413-auth-password-forged',
    title: 'the box resets both sides at the prompt for the password',
    esa: logins,
    inject: { when: { text: 'dXNlcjE=', after: 0.2 }, resets: pair(own) },
    sessions: one([greet, ehlo, say('AUTH LOGIN'), say('dXNlcjE='), until(3)], forged('auth'), FORGED),
  },
  {
    id: 'q414-auth-refused-rst',
    title: 'AUTH PLAIN refused with 535, the client resets',
    esa: { ...logins, auth_ok: false },
    sessions: one([greet, ehlo, say('AUTH PLAIN AHVzZXIxAHdyb25n'), pause(0.1), rst], rejected('auth', { accept: ['rst/client/*'] }), RST),
  },
  {
    id: 'q415-auth-path-cut',
    title: 'the path dies at the prompt for the password',
    esa: logins,
    on: { cut: cutBoth },
    sessions: one([greet, ehlo, say('AUTH LOGIN'), signal('cut'), put('dXNlcjE='), until(14)], dark('auth'), { end: 'timeout' }),
  },
  {
    id: 'q416-plain-inside-tls',
    title: 'TLS 1.3; after RCPT the client writes plain text on the encrypted connection: alert from the appliance',
    esa: { tls: true },
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, { op: 'bare' }, put('DATA'), until(3)],
      truth('tls-failure/appliance/rcpt', {
        encrypted: true,
        accept: ['tls-failure/*/*', 'premature-fin/appliance/*', 'rst/appliance/*'],
        acceptStage: ['starttls', 'mail', 'data-command'],
        not: ['*/middlebox/*', 'completed/*/*', 'timeout/*/*', 'silent-drop/*/*', 'client-quit/*/*'],
      }),
      {},
    ),
  },
  {
    id: 'q417-proxy-preface-completes',
    title: 'a balancer announces the client by PROXY before the banner; 500, and the session goes on and completes',
    sessions: one([connect, put('PROXY TCP4 203.0.113.77 192.0.2.25 51234 25'), hear, hear, ehlo, mail, rcpt, message, quit], done(fine), { end: 'quit' }),
  },
  {
    id: 'q418-proxy-preface-fin',
    title: 'a balancer announces the client by PROXY; it takes the 500 for the banner and closes after EHLO',
    sessions: one(
      [connect, put('PROXY TCP4 203.0.113.77 192.0.2.25 51234 25'), hear, hear, pause(0.2), close],
      fin('banner', {
        accept: ['rejected/appliance/*'],
        acceptStage: ['helo'],
        not: ['client-quit/*/*', 'rst/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*'],
      }),
      FIN,
    ),
  },
  {
    id: 'q419-xclient-refused-rst',
    title: 'XCLIENT is not known here: 500, the gateway resets',
    sessions: one(
      [greet, ehlo, say('XCLIENT ADDR=203.0.113.77 NAME=[UNAVAILABLE]'), pause(0.1), rst],
      rejected('helo', { accept: ['rst/client/*'], acceptStage: ['mail'] }),
      RST,
    ),
  },
  {
    id: 'q420-box-one-hop-nearer',
    title: 'reset to both sides one hop nearer than the client, next IP-ID, no timestamps',
    inject: { when: { text: '000060 the' }, resets: pair({ ...copy, ts: false, ttl_step: 1 }) },
    sessions: one(
      [upToData, flow, until(3)],
      forged('data-body', { accept: undecided, not: ['*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', '*/client/*>=0.9'] }),
      {
        end: 'reset',
        order: 'cR',
        ttl: [0, 62],
      },
    ),
  },
  {
    id: 'q421-own-ttl-128-rst',
    title: 'the client process changes its TTL to 128 just before its own reset',
    sessions: one(
      [upToData, part, pause(0.3), { op: 'ttl', v: 128 }, rst],
      reset('data-body', {
        accept: ['rst/undetermined/*'],
        not: ['*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', '*/middlebox/*>=0.7'],
      }),
      { end: 'reset', order: 'cR', ttl: [0, 125] },
    ),
  },
  {
    id: 'q422-own-ttl-255-fin',
    title: 'the client process changes its TTL to 255 before it closes',
    sessions: one(
      [upToRcpt, pause(0.3), { op: 'ttl', v: 255 }, close],
      fin('rcpt', { not: ['client-quit/*/*', 'rst/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*>=0.7'] }),
      {
        end: 'eof',
        order: 'cF',
        ttl: [0, 252],
      },
    ),
  },
  {
    id: 'q423-same-port-after-restart',
    title: 'the client host loses the connection without a word and comes again from the same port: challenge ACK, its reset, a new session',
    timeout: 14,
    sameClient: true,
    on: { cut: cutBoth },
    script: heal(3),
    sessions: reborn({}),
  },
  {
    id: 'q424-fin-crosses-421',
    title: "long path: the client's FIN and the appliance's 421 cross",
    timeout: 5,
    device: { delay: 0.2 },
    sessions: one(
      [upToRcpt, pause(4.8), close],
      waited('rcpt', 'client', {
        accept: ['premature-fin/client/*'],
        not: ['completed/*/*', 'silent-drop/*/*', '*/middlebox/*', 'rst/*/*', 'client-quit/*/*'],
      }),
      { end: 'timeout', order: 'sF cF' },
    ),
  },
  {
    id: 'q425-quit-crosses-421',
    title: "long path: the client's QUIT and the appliance's 421 cross, the QUIT meets no socket",
    timeout: 5,
    device: { delay: 0.2 },
    sessions: one(
      [upToRcpt, pause(4.8), quit],
      waited('rcpt', 'client', {
        accept: ['client-quit/client/*'],
        not: ['completed/*/*', 'silent-drop/*/*', '*/middlebox/*', 'premature-fin/*/*', 'rst/*/*'],
      }),
      { end: 'timeout', order: 'sF' },
    ),
  },
  {
    id: 'q426-data-crosses-421',
    title: "long path: the client's DATA and the appliance's 421 cross, the DATA meets a reset",
    timeout: 5,
    device: { delay: 0.2 },
    sessions: one([upToRcpt, pause(4.8), put('DATA'), eof], waited('rcpt', 'client', { acceptStage: ['data-command'] }), { end: 'timeout', order: 'sF' }),
  },
  {
    id: 'q427-fin-lost-repeated',
    title: 'the FIN of the client is lost three times, the fourth arrives',
    before: finDropped,
    script: heal(3.5),
    sessions: one([upToRcpt, pause(0.3), close], fin('rcpt', {}), FIN),
  },
  {
    id: 'q428-half-a-command-and-fin',
    title: 'half a command and the FIN in one segment',
    sessions: one([upToRcpt, pause(0.3), { op: 'cork', v: 1 }, raw('RCPT TO:<seco'), close], fin('rcpt', {}), FIN),
  },
  {
    id: 'q429-dot-quit-fin-one-segment',
    title: 'last line, dot, QUIT and FIN in one segment; the answers meet no socket',
    sessions: one(
      [upToData, body(2000), pause(0.2), { op: 'cork', v: 1 }, raw('the end\r\n.\r\nQUIT\r\n'), close],
      done({
        accept: ['completed/*/*', 'client-quit/client/*'],
        acceptStage: ['data-end', 'idle-after-message'],
        not: ['premature-fin/*/*', 'timeout/*/*', '*/middlebox/*', '*/appliance/*>=0.7'],
      }),
      { end: 'quit' },
    ),
  },
  {
    id: 'q430-partly-refused-then-rst',
    title: 'two of four recipients refused, the client resets in the body',
    esa: { bad_rcpts: ['ghost'] },
    sessions: one(
      [greet, ehlo, mail, rcpt, say('RCPT TO:<ghost1@example.net>'), rcpt, say('RCPT TO:<ghost2@example.net>'), data, part, pause(0.3), rst],
      reset('data-body'),
      RST,
    ),
  },
  {
    id: 'q431-greylisted-fin-ipv6',
    title: 'IPv6: 451 to the only recipient, the client closes without QUIT',
    esa: { hooks: [{ at: 'rcpt', reply: '451 #4.7.1 Please try again later' }] },
    sessions: one([greet, ehlo, mail, rcpt, pause(0.2), close], rejected('rcpt', { accept: ['premature-fin/client/*'] }), FIN, { v6: true }),
  },
  {
    id: 'q432-refused-goes-on-503-rst',
    title: '550 to MAIL, the client talks on through 503 and 503, then resets',
    esa: { hooks: [{ at: 'mail', reply: '550 #5.1.8 Sender rejected' }] },
    sessions: one(
      [greet, ehlo, mail, rcpt, data, pause(0.1), rst],
      rejected('mail', { accept: ['rst/client/*', 'rejected/appliance/*'], acceptStage: ['rcpt', 'data-command'] }),
      RST,
    ),
  },
  {
    id: 'q433-stray-syn-then-fin',
    title: 'a forged SYN inside the window is answered with a challenge ACK; the session goes on, the client closes after RCPT by itself',
    inject: { when: { text: 'MAIL FROM', after: 0.03 }, resets: [{ to: 'server', ...own, flags: 2, seq: 500 }] },
    sessions: one([upToRcpt, pause(0.5), close], fin('rcpt', { not: ['client-quit/*/*', 'rst/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*'] }), FIN),
  },
  {
    id: 'q434-challenge-thrice-then-timeout',
    title: 'three inexact resets, three challenge ACKs; the client is alive, keeps silent and meets the timeout',
    inject: { when: { text: 'RCPT TO', after: 0.05 }, resets: [300, 600, 900].map((seq) => ({ to: 'server', ...own, seq, after: 0.7 })) },
    sessions: one([upToRcpt, until(14)], waited('rcpt', 'client'), { end: 'timeout' }),
  },
  {
    id: 'q435-one-of-three-forged',
    title: 'three sessions of one address: the box resets one, the client another, the third completes',
    sameClient: true,
    inject: { when: { text: 'MAIL FROM:<doomed' }, resets: pair(own) },
    esa: { hooks: [{ at: 'mail', delay: 0.2 }] },
    sessions: [
      {
        label: 's1',
        steps: [greet, ehlo, put('MAIL FROM:<doomed@client.example>'), until(3)],
        truth: forged('mail', { acceptStage: ['helo'] }),
        expect: FORGED,
      },
      { label: 's2', at: 0.2, steps: [upToRcpt, pause(0.3), rst], truth: reset('rcpt'), expect: RST },
      { label: 's3', at: 0.4, steps: [upToRcpt, message, quit], truth: done(fine), expect: { end: 'quit' } },
    ],
  },
  {
    id: 'q436-nat-forgets-while-slow',
    title: 'source NAT that forgets while the appliance is slow with RCPT: its own stack answers the 250 with a reset',
    before: nat,
    on: { forget },
    esa: { hooks: [{ at: 'rcpt', delay: 2 }] },
    sessions: one(
      [greet, ehlo, mail, put('RCPT TO:<rcpt@example.net>'), signal('forget'), until(6)],
      forged('rcpt', {
        accept: ['rst/middlebox/*', 'rst/undetermined/*'],
        not: ['client-quit/*/*', 'premature-fin/*/*', '*/appliance/*', '*/client/*>=0.9', 'timeout/*/*'],
      }),
      FORGED,
      { hidden: true },
    ),
  },
  {
    id: 'q437-limit-421-client-rst',
    title: 'too many connections: 421, and the client resets before it is closed',
    sameClient: true,
    esa: { max_connections: 1 },
    sessions: [
      { label: 's1', steps: [upToRcpt, pause(1.5), message, quit], truth: done(fine), expect: { end: 'quit' } },
      { label: 's2', at: 0.4, steps: [connect, hear, rst], truth: rejected('banner', { accept: ['refused/appliance/*', 'rst/client/*'] }), expect: {} },
    ],
  },
  {
    id: 'q438-second-body-total-limit',
    title: 'first message accepted, the second drips: 421 at the total time limit',
    esa: { total: 6 },
    sessions: one(
      [oneBefore, data, { op: 'body', n: 9000, chunk: 200, gap: 0.3, soft: true }, until(3)],
      truth('timeout/appliance/data-body', {
        silent: 'client',
        accept: ['timeout/appliance/*', 'rejected/appliance/*', 'rst/appliance/*'],
        not: ['*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'premature-fin/client/*', 'client-quit/*/*'],
      }),
      { end: 'timeout' },
    ),
  },
  {
    id: 'q440-delivery-second-mail-421',
    title: 'delivery: the first message is accepted, the MAIL of the second is answered with 421 and FIN',
    sessions: delivery(
      { messages: 2 },
      { hooks: [{ at: 'mail', nth: 2, reply: '421 4.7.0 too many messages, closing', end: 'fin' }] },
      refused('mail', {
        accept: ['completed/*/*', 'rejected/remote-server/*'],
        acceptStage: ['idle-after-message'],
        not: ['*/middlebox/*', 'silent-drop/*/*', '*/appliance/*>=0.7', 'timeout/*/*'],
      }),
      {
        end: 'refusal',
      },
    ),
  },
  {
    id: 'q441-delivery-second-mail-fin',
    title: 'delivery: the server closes without a word at the second MAIL',
    sessions: delivery({ messages: 2 }, { hooks: [{ at: 'mail', nth: 2, delay: 0.2, end: 'fin' }] }, truth('premature-fin/remote-server/mail', {}), {
      end: 'eof',
      order: 'sF',
    }),
  },
  {
    id: 'q442-delivery-rst-data',
    title: 'delivery: the server resets on DATA',
    sessions: delivery({}, { hooks: [{ at: 'data', delay: 0.1, end: 'rst' }] }, truth('rst/remote-server/data-command', {}), { end: 'reset', order: 'sR' }),
  },
  {
    id: 'q443-delivery-own-ttl-255-rst',
    title: 'delivery: the server process changes its TTL to 255 just before its own reset',
    sessions: delivery(
      {},
      { hooks: [{ at: 'data', delay: 0.1, ttl: 255, end: 'rst' }] },
      truth('rst/remote-server/data-command', {
        accept: ['rst/undetermined/*'],
        not: ['*/appliance/*', 'completed/*/*', 'client-quit/*/*', '*/middlebox/*>=0.7'],
      }),
      { end: 'reset', order: 'sR', ttl: [0, 252] },
    ),
  },
  {
    id: 'q444-delivery-250-then-rst',
    title: 'delivery: the server accepts the message and resets at once',
    sessions: delivery(
      {},
      { hooks: [{ at: 'dot', reply: '250 2.0.0 Ok: queued as 4XkR1z', end: 'rst' }] },
      truth('rst/remote-server/idle-after-message', {
        accept: ['completed/*/*', 'rst/remote-server/*'],
        not: ['*/appliance/data-end', 'timeout/*/*', 'silent-drop/*/*', '*/middlebox/*>=0.7'],
      }),
      { order: 'sR' },
    ),
  },
  {
    id: 'q445-delivery-554-dot-rst',
    title: 'delivery: 554 to the dot and a reset behind it',
    sessions: delivery(
      {},
      { hooks: [{ at: 'dot', reply: '554 5.7.1 spam', end: 'rst' }] },
      refused('data-end', { accept: ['rst/remote-server/*', 'client-quit/appliance/*'] }),
      {
        order: 'sR',
      },
    ),
  },
  {
    id: 'q446-delivery-mixed-rcpts-fin',
    title: 'delivery: 450 for one recipient, 250 for the others; the server closes instead of 354',
    sessions: delivery(
      { rcpts: ['a@remote.example', 'b@remote.example', 'c@remote.example'] },
      {
        hooks: [
          { at: 'rcpt', nth: 2, reply: '450 4.2.1 mailbox busy' },
          { at: 'data', delay: 0.2, end: 'fin' },
        ],
      },
      truth('premature-fin/remote-server/data-command', {}),
      { end: 'eof', order: 'sF' },
    ),
  },
  {
    id: 'q447-delivery-452-dot-rst-at-quit',
    title: 'delivery: 452 to the dot, the server answers QUIT with a reset',
    sessions: delivery(
      {},
      {
        hooks: [
          { at: 'dot', reply: '452 4.3.1 Insufficient system storage' },
          { at: 'quit', end: 'rst' },
        ],
      },
      refused('data-end'),
      { end: 'refusal' },
    ),
  },
  {
    id: 'q448-delivery-421-banner-rst-ipv6',
    title: 'delivery over IPv6: the server greets with 421 and resets',
    sessions: delivery(
      {},
      { hooks: [{ at: 'banner', reply: '421 mx1.remote.example busy', end: 'rst' }] },
      refused('banner', { accept: ['rst/remote-server/*', 'refused/remote-server/*'] }),
      { order: 'sR' },
      { v6: true },
    ),
  },
  {
    id: 'q449-delivery-second-body-forged',
    title: 'delivery: first message accepted, the box resets both sides in the body of the second',
    inject: { when: { text: '000100 outbound', from: 'client' }, resets: pair(own) },
    sessions: delivery(
      { messages: 2, later: 40000, chunk: 1400, gap: 0.03 },
      {},
      forged('data-body', { not: ['*/appliance/*', '*/remote-server/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*'] }),
      {
        end: 'reset',
        order: 'sR',
        ttl: [0, 63],
      },
    ),
  },
  {
    id: 'q450-delivery-one-hop-nearer',
    title: 'delivery: reset one hop nearer than the server, next IP-ID, no timestamps',
    inject: { when: { text: '000100 outbound', from: 'client' }, resets: pair({ ...copy, ts: false, ttl_step: 1 }) },
    sessions: delivery(
      { bytes: 40000, chunk: 1400, gap: 0.03 },
      {},
      forged('data-body', { accept: undecided, not: ['*/appliance/*', '*/remote-server/*>=0.9', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*'] }),
      { end: 'reset', order: 'sR', ttl: [0, 62] },
    ),
  },
  {
    id: 'q451-delivery-late-250-crosses',
    title: "delivery: the server's 250 and the appliance's farewell after its timeout cross on a long path",
    device: { delay: 0.3 },
    deliveryTimeout: 5,
    sessions: delivery(
      {},
      { hooks: [{ at: 'dot', delay: 4.6 }] },
      truth('timeout/appliance/data-end', {
        silent: 'remote-server',
        accept: ['timeout/appliance/*'],
        not: ['completed/*/*', 'silent-drop/*/*', '*/middlebox/*', 'premature-fin/*/*', 'rst/*/*'],
      }),
      { end: 'timeout' },
    ),
  },
  {
    id: 'q452-delivery-three-messages-quit-fin',
    title: 'delivery: three messages, the server closes without answering QUIT',
    sessions: delivery({ messages: 3, between: 0.3 }, { hooks: [{ at: 'quit', end: 'fin' }] }, sent(fine), {}),
  },
  {
    id: 'q460-drops-reported-fin',
    title: 'pcapng reports dropped packets: holes in the capture of the body; the client closes',
    form: 'pcapng',
    drops: 31,
    ...esa(['lose', { every: 3 }]),
    sessions: one(
      [upToData, part, pause(0.3), close],
      fin('data-body', { not: ['client-quit/*/*', 'rst/*/*', 'completed/*/*', '*/middlebox/*', 'silent-drop/*/*'] }),
      FIN,
    ),
  },
  {
    id: 'q461-drops-reported-timeout',
    title: 'pcapng reports dropped packets, the last data of the client among them; the appliance times out in the body',
    form: 'pcapng-nano',
    drops: 9,
    ...esa(['lose', { every: 2, side: 'client' }]),
    sessions: one([upToData, part, until(14)], waited('data-body', 'client', { acceptStage: ['data-command', 'rcpt', 'mail'] }), {
      end: 'timeout',
      order: 'sF',
    }),
  },
  {
    id: 'q462-cut-both-ends-log-whole',
    title: 'begins in the first body, ends in the second before the reset; the log is whole',
    ...esa(['startAt', '000010 the'], ['endBeforeFlag', 'rst']),
    sessions: one(
      [oneBefore, data, part, pause(0.3), rst],
      truth('undetermined/undetermined/data-body', {
        certain: false,
        accept: ['undetermined/*/*', 'still-open/*/*', 'rst/*/*', 'premature-fin/client/*', 'premature-fin/undetermined/*', 'rst/undetermined/*'],
        not: ['completed/*/*', 'client-quit/*/*', 'timeout/*/*', '*/middlebox/*', '*/client/*>=0.8'],
      }),
      RST,
    ),
  },
  {
    id: 'q463-mid-lines-two-messages-fin',
    title: "only the MIDs' lines; first message accepted, FIN in the body of the second",
    log: { keep: /MID \d+/ },
    sessions: one([oneBefore, data, part, pause(0.3), close], fin('data-body'), FIN),
  },
  {
    id: 'q464-mid-lines-one-sided-forged',
    title: "only the MIDs' lines, only the client's packets, snap length 96: forged reset of the box",
    log: { keep: /MID \d+/ },
    ...esa(['only', 'client'], ['snap', 96]),
    inject: { when: { text: '000060 the' }, resets: pair(own) },
    sessions: one(
      [upToData, flow, until(3)],
      forged('data-body', {
        accept: ['rst/undetermined/*'],
        acceptStage: ['data-command', 'rcpt'],
        not: ['*/appliance/*', '*/client/*>=0.7', 'premature-fin/*/*', 'timeout/*/*'],
      }),
      FORGED,
    ),
  },
  {
    id: 'q465-sll-late-second-message-421',
    title: 'cooked capture that begins in the first body, doubled frames; timeout after the second RCPT; zone of Kathmandu, no header',
    form: 'pcap',
    log: { zone: 'Asia/Kathmandu', form: 'bare', offset: 37 },
    ...esa(['startAt', '000010 the'], ['duplicate', 7], ['cooked', true]),
    sessions: one([oneBefore, until(14)], waited('rcpt', 'client', { acceptStage: ['mail', 'idle-after-message'] }), { end: 'timeout', order: 'sF' }),
  },
  {
    id: 'q466-vlan-ipv6-snap-bdat-rst',
    title: 'IPv6 in a VLAN, snap length 130, neighbours exchanged: reset inside the second chunk',
    esa: chunking,
    form: 'nano',
    ...esa(['swap', 6], ['vlan', 44], ['snap', 130]),
    sessions: one(
      [upToRcpt, chunk(2000), hear, put('BDAT 6000'), body(3000), pause(0.3), rst],
      reset('data-body', { acceptStage: ['rcpt', 'data-end'] }),
      RST,
      { v6: true },
    ),
  },
  {
    id: 'q467-log-cut-capture-lossy-completes',
    title: 'the log ends in the second message, the capture lost every fourth segment; completed',
    log: { until: /ready .* bytes/ },
    ...esa(['lose', { every: 4 }]),
    sessions: one([oneBefore, message, quit], done({ acceptStage: ['idle-after-message', 'data-end'], not: fine.not }), { end: 'quit' }),
  },
  {
    id: 'q468-rotated-second-file-only-dropped',
    title: 'the first files of the ring are gone; from a word in the second message on its segments vanish, the answer to the 421 is numbered behind them',
    timeout: 6,
    ...esa(['skip', 25]),
    on: { cut: rules('tcp dport 25 tcp flags & psh == psh drop') },
    sessions: one(
      [oneBefore, data, part, pause(0.2), signal('cut'), { op: 'body', n: 2000, head: false }, until(12)],
      dropped('data-body', { acceptStage: ['data-command'], accept: ['timeout/appliance/*'] }),
      { end: 'timeout' },
    ),
  },

  ...ways(
    {
      id: 'q470-restart-same-port-ipv6',
      title: 'IPv6: the client host loses the connection without a word and comes again from the same port',
      timeout: 14,
      on: { cut: cutBoth },
      script: heal(3),
      sessions: reborn({ v6: true, src: '2001:db8:c::4242' }),
    },
    { 'no-log': {}, vlan: {} },
  ),
  {
    id: 'q471-same-port-after-timeout',
    title: "the appliance's timeout, and at once a new session from the same port that the client closes after RCPT",
    timeout: 5,
    sameClient: true,
    sessions: [
      { label: 's1', steps: [from(42425), until(8)], truth: waited('rcpt', 'client'), expect: { end: 'timeout' } },
      { label: 's2', at: 6.2, steps: [from(42425), pause(0.3), close], truth: fin('rcpt'), expect: { end: 'eof' } },
    ],
  },
  {
    id: 'q472-same-port-after-forged',
    title: 'the box resets both sides in the envelope, a new session from the same port half a second later completes',
    sameClient: true,
    inject: { when: { text: 'RCPT TO', after: 0.1 }, resets: pair(own) },
    sessions: [
      { label: 's1', steps: [from(42426), until(3)], truth: forged('rcpt'), expect: { end: 'reset' } },
      { label: 's2', at: 1.2, steps: [from(42426), message, quit], truth: done(fine), expect: { end: 'quit' } },
    ],
  },
  {
    id: 'q473-fin-acknowledged-into-nothing',
    title: "the client closes after RCPT; the appliance's packets vanish from then on, both repeat their FIN",
    on: { cut: cutOut },
    linger: 3,
    sessions: one(
      [upToRcpt, pause(0.2), signal('cut'), close],
      fin('rcpt', { not: ['client-quit/*/*', 'rst/*/*', 'timeout/*/*', 'completed/*/*', 'silent-drop/*/*>=0.7'] }),
      FIN,
    ),
  },
  {
    id: 'q474-221-lost',
    title: 'message accepted; the 221 and everything behind it vanishes, the client repeats its QUIT and closes',
    on: { cut: cutOut },
    linger: 2,
    sessions: one(
      [upToRcpt, message, signal('cut'), put('QUIT'), pause(3), close],
      done({ not: ['rst/*/*', 'premature-fin/*/*', 'timeout/*/*', 'silent-drop/*/*>=0.7'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'q475-quit-rejected-by-box',
    title: 'message accepted; from QUIT on the firewall answers everybody with a reset',
    before: rejectFlow('QUIT', '--dport 25'),
    sessions: one(
      [upToRcpt, message, put('QUIT'), until(12)],
      forged('idle-after-message', { accept: ['rst/middlebox/*', 'completed/*/*'], acceptStage: ['quit'] }),
      FORGED,
    ),
  },
  {
    id: 'q476-quit-crosses-shutdown',
    title: "long path: the listener is suspended, its 421 and the client's QUIT cross",
    device: { delay: 0.25 },
    on: { shutdown: [['e', 'appliance', 'shutdown']] },
    sessions: one(
      [upToRcpt, pause(0.5), signal('shutdown'), quit],
      rejected('rcpt', {
        accept: ['client-quit/client/*', 'premature-fin/appliance/*'],
        not: ['*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'timeout/*/*', 'premature-fin/client/*'],
      }),
      { end: 'shutdown', order: 'sF' },
    ),
  },
  {
    id: 'q477-rst-lost-421-meets-nobody',
    title: "the client's reset is lost; the appliance's timeout meets the reset of a host without the socket",
    timeout: 6,
    before: rules('tcp dport 25 tcp flags & rst == rst drop'),
    script: heal(3),
    sessions: one(
      [upToRcpt, pause(0.3), rst],
      waited('rcpt', 'client', {
        accept: ['timeout/appliance/*', 'undetermined/*/*', 'silent-drop/undetermined/*'],
        not: ['completed/*/*', '*/middlebox/*', 'premature-fin/*/*', 'client-quit/*/*', '*/client/*>=0.9'],
      }),
      { end: 'timeout' },
    ),
  },
  ...mirrored('q480', 'a mirror port on both sides of a router', ['routed', 15]),
  ...mirrored('q485', 'six octets of padding behind short frames of a client without timestamps', ['trailer', { text: 'QUIT\r\n', upTo: 60 }], {
    os: 'windows',
  }),
  ...mirrored('q490', 'four octets of check sequence behind every frame', ['trailer', { text: 'QU\r\n' }]),
  ...mirrored('q500', 'two captures of one direction each in one file, one behind the other', ['bySide', 'client']),
  ...mirrored('q505', 'two files, one per direction', null, { split: { esa: 'side' } }),
  ...mirrored('q510', "the capturing host's clock is set back by a second and a half in the envelope", ['step', { text: 'MAIL FROM', seconds: -1.5 }]),
  ...mirrored('q515', "the capturing host's clock is set forward by forty seconds in the envelope", ['step', { text: 'RCPT TO', seconds: 40 }]),
  ...mirrored('q520', 'the client speaks from port 25 to port 25', null, {}, 25),
  ...mirrored('q525', 'the client speaks from port 25 to port 25, the first twelve packets are missing', ['skip', 12], {}, 25),
  ...mirrored('q530', 'a listener on port 10025', null, { port: 10025 }),
  {
    id: 'q540-bad-checksum-then-fin',
    title: 'a reset with a wrong checksum is thrown away by the appliance; the client closes after RCPT by itself',
    inject: { when: { text: 'MAIL FROM', after: 0.03 }, resets: [{ to: 'server', ...own, bad_sum: true }] },
    sessions: one(
      [upToRcpt, pause(0.5), close],
      fin('rcpt', { interference: ['stray-rst'], not: ['client-quit/*/*', 'rst/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*'] }),
      { end: 'eof' },
    ),
  },
  {
    id: 'q541-bad-checksum-completes',
    title: 'a reset with a wrong checksum is thrown away by the appliance; the message completes',
    inject: { when: { text: 'RCPT TO', after: 0.03 }, resets: [{ to: 'server', ...own, bad_sum: true }] },
    sessions: one([upToRcpt, pause(0.3), message, quit], done({ interference: ['stray-rst'], not: fine.not }), { end: 'quit' }),
  },
  {
    id: 'q542-bad-checksum-copy-then-timeout',
    title: 'a perfect copy of a reset but for its checksum; the client keeps silent and meets the timeout',
    inject: { when: { text: 'RCPT TO', after: 0.2 }, resets: [{ to: 'server', ...copy, bad_sum: true }] },
    sessions: one([upToRcpt, until(14)], waited('rcpt', 'client'), { end: 'timeout' }),
  },
  {
    id: 'q543-reset-with-text',
    title: 'the resets of the box carry a line of text',
    inject: { when: { text: '000060 the' }, resets: pair({ ...own, data: 'Blocked by policy\r\n' }) },
    sessions: one([upToData, flow, until(3)], forged('data-body'), FORGED),
  },
  {
    id: 'q544-forged-quit',
    title: 'a box says QUIT to the appliance in the name of the client, which goes on',
    inject: { when: { text: 'RCPT TO', after: 0.3 }, resets: [{ to: 'server', ...copy, ts_step: 1, ttl: 64, id: 0, flags: 24, data: 'QUIT\r\n' }] },
    sessions: one(
      [upToRcpt, pause(0.8), { op: 'send', text: 'DATA\r\n', soft: true }, until(3)],
      truth('client-quit/middlebox/rcpt', {
        accept: ['*/middlebox/*', 'client-quit/undetermined/*', 'client-quit/client/*'],
        not: ['completed/*/*', 'premature-fin/*/*', 'timeout/*/*', 'rst/client/*', 'client-quit/client/*>=0.9'],
      }),
      { end: 'quit' },
    ),
  },
  {
    id: 'q545-remote-host-forgot',
    title: "delivery: the server's reset of the idle connection is lost; the next MAIL meets its host without the socket",
    before: rules('tcp sport 25 tcp flags & rst == rst drop'),
    script: heal(3.2),
    sessions: delivery(
      { messages: 2, between: 4 },
      { idle: 1.5, idle_do: 'rst' },
      truth('rst/remote-server/mail', { accept: ['rst/remote-server/*', 'rst/undetermined/*'], acceptStage: ['idle-after-message'] }),
      {
        end: 'reset',
        order: 'sR',
      },
    ),
  },
  {
    id: 'q546-both-directions-at-once',
    title: 'one capture with a session of a client that completes and a delivery that the server resets on DATA',
    sessions: [
      { label: 's1', steps: [upToRcpt, pause(1), message, quit], truth: done(fine), expect: { end: 'quit' } },
      {
        label: 'd1',
        deliver: { at: 0.4 },
        remote: { hooks: [{ at: 'data', delay: 0.2, end: 'rst' }] },
        truth: truth('rst/remote-server/data-command', {}),
        expect: { end: 'reset', order: 'sR' },
      },
    ],
  },
  {
    id: 'q547-restart-while-scanning',
    title: 'the client host restarts while the appliance scans and comes again from the same port: challenge ACK, its reset, a new session',
    timeout: 14,
    sameClient: true,
    esa: { hooks: [{ at: 'dot', nth: 1, icid_index: 0, delay: 4.5 }] },
    on: { cut: cutBoth },
    script: heal(3),
    sessions: reborn({}).map((s, k) =>
      k > 0
        ? { ...s, steps: [from(42424), pause(2), message, quit] }
        : {
            ...s,
            steps: [from(42424), data, body(3000), raw('.\r\n'), pause(0.3), signal('cut'), rst],
            truth: {
              ...s.truth,
              stage: 'data-end',
              accept: [...s.truth.accept, 'completed/*/*'],
              acceptStage: ['idle-after-message'],
              mustNot: ['client-quit/*/*', 'timeout/*/*', '*/middlebox/*>=0.7', '*/appliance/*'],
            },
            expect: {},
          },
    ),
  },
  {
    id: 'q548-tls-auth-forged',
    title: 'TLS 1.3, the box resets both sides at the prompt for the password',
    esa: { tls: true, ...logins },
    inject: { when: { idle: 0.7 }, resets: pair(own) },
    sessions: one(
      [greet, ehlo, startTls(), ehlo, say('AUTH LOGIN'), say('dXNlcjE='), until(3)],
      forged('auth', { encrypted: true, acceptStage: ['starttls', 'helo'] }),
      { end: ['reset', 'eof'], order: 'cR', ttl: [0, 63] },
    ),
  },
  {
    id: 'q549-early-everything',
    title: 'a client that says everything before the banner, QUIT and FIN included',
    esa: { hooks: [{ at: 'banner', delay: 0.5 }] },
    sessions: one(
      [
        connect,
        raw(
          'EHLO mail.client.example\r\nMAIL FROM:<sender@client.example>\r\nRCPT TO:<rcpt@example.net>\r\nDATA\r\nSubject: early\r\n\r\nbird\r\n.\r\nQUIT\r\n',
        ),
        { op: 'shut' },
        until(5),
      ],
      done({
        accept: ['completed/*/*', 'client-quit/client/*'],
        acceptStage: ['data-end', 'idle-after-message'],
        not: ['rst/*/*', 'timeout/*/*', '*/middlebox/*', 'rejected/*/*'],
      }),
      { end: 'quit' },
    ),
  },
  {
    id: 'q550-reset-filtered-completes',
    title: "an exact reset reaches the appliance's link, but a filter of its host drops it before its stack; the message completes",
    before: deaf,
    inject: { when: { text: 'RCPT TO', after: 0.03 }, resets: [{ to: 'server', ...own }] },
    sessions: one([upToRcpt, pause(0.3), message, quit], done({ interference: ['stray-rst'], not: fine.not }), { end: 'quit' }),
  },
  {
    id: 'q551-reset-filtered-then-fin',
    title: 'as q550 with a perfect copy; the client closes in the body by itself',
    before: deaf,
    inject: { when: { text: 'RCPT TO', after: 0.03 }, resets: [{ to: 'server', ...copy }] },
    sessions: one(
      [upToData, part, pause(0.3), close],
      fin('data-body', { interference: ['stray-rst'], not: ['client-quit/*/*', 'rst/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*'] }),
      {
        end: 'eof',
      },
    ),
  },
  {
    id: 'q552-reset-filtered-delivery',
    title: 'delivery: as q550, the delivery completes',
    before: deaf,
    inject: { when: { text: 'RCPT TO', from: 'client', after: 0.03 }, resets: [{ to: 'client', ...own }] },
    sessions: delivery({ pause_before: 'data-command', pause: 0.4 }, {}, sent({ interference: ['stray-rst'], not: fine.not }), { end: 'quit' }),
  },
  {
    id: 'q553-reset-filtered-one-sided',
    title: "as q550, only the client's packets, no log",
    before: deaf,
    log: { none: true },
    ...esa(['only', 'client']),
    inject: { when: { text: 'RCPT TO', after: 0.03 }, resets: [{ to: 'server', ...own }] },
    sessions: one([upToRcpt, pause(0.3), message, quit], done({ interference: ['stray-rst'], accept: ['completed/*/*', 'undetermined/*/*'], not: fine.not }), {
      end: 'quit',
    }),
  },
  {
    id: 'q554-forged-quit-slow-client',
    title: 'a box says QUIT to the appliance in the name of a client that has nothing more to say',
    inject: { when: { text: 'RCPT TO', after: 0.3 }, resets: [{ to: 'server', ...copy, ts_step: 1, ttl: 64, id: 0, flags: 24, data: 'QUIT\r\n' }] },
    sessions: one(
      [upToRcpt, until(5)],
      truth('client-quit/middlebox/rcpt', {
        accept: ['*/middlebox/*', 'client-quit/undetermined/*', 'client-quit/client/*'],
        not: ['completed/*/*', 'premature-fin/*/*', 'timeout/*/*', 'rst/client/*', 'client-quit/client/*>=0.9'],
      }),
      { end: 'quit' },
    ),
  },
];
