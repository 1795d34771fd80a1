import { copy, dark, done, forged, own, pair, rules, sent } from './boxes.mjs';
import {
  FIN,
  RST,
  close,
  data,
  delivery,
  ehlo,
  esa,
  fin,
  fine,
  flow,
  greet,
  hook,
  idle,
  left,
  mail,
  message,
  one,
  pause,
  put,
  quit,
  rcpt,
  reset,
  rst,
  signal,
  truth,
  until,
  upToData,
  upToRcpt,
} from './words.mjs';

const FORGED = { end: 'reset', order: 'cR', ttl: [0, 63] };
const refused = (stage, more = {}) =>
  truth(`rejected/remote-server/${stage}`, {
    accept: ['client-quit/appliance/*'],
    not: ['*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'timeout/*/*'],
    ...more,
  });
const rfin = (stage, more) => truth(`premature-fin/remote-server/${stage}`, more);
const rreset = (stage, more) => truth(`rst/remote-server/${stage}`, more);
const gaveUp = (stage, more) =>
  truth(`timeout/appliance/${stage}`, {
    silent: 'remote-server',
    not: ['completed/*/*', 'silent-drop/*/*', '*/middlebox/*', 'premature-fin/*/*', 'rst/*/*'],
    ...more,
  });
const partly = { op: 'body', n: 9000, upto: 6000, chunk: 1000, gap: 0.05 };
const nat = [
  ['f', 'nft', 'table ip nat {\n chain post { type nat hook postrouting priority 100\n  tcp dport 25 snat to 203.0.113.1:30000-39999 random\n }\n}'],
  ['b', 'sh', 'ip route replace 203.0.113.0/24 via 10.0.2.2'],
];
/** the client knows the appliance under an address of the firewall */
const published = '203.0.113.5';
const dnat = [
  ['f', 'nft', `table ip published {\n chain pre { type nat hook prerouting priority -100\n  ip daddr ${published} tcp dport 25 dnat to 192.0.2.25\n }\n}`],
];
const peerGone = [['c', 'sh', 'ip link set eth0 down']];
const dead = [
  'silent-drop/undetermined/*',
  'silent-drop/network/*',
  'silent-drop/middlebox/*',
  'undetermined/*/*',
  'timeout/appliance/*',
  'timeout/undetermined/*',
  'silent-drop/remote-server/*',
];

/** Five plain incidents in a file of one more kind. */
const seenThrough = (id, title, more, change = {}) =>
  [
    { words: 'own-rst', sessions: one([upToRcpt, data, partly, pause(0.3), rst], reset('data-body', change.rst), RST) },
    { words: 'own-fin', sessions: one([upToRcpt, pause(0.3), close], fin('rcpt', change.fin), FIN) },
    {
      words: 'forged',
      sessions: one([upToRcpt, data, flow, until(3)], forged('data-body', { accept: ['rst/middlebox/*'], ...change.forged }), FORGED),
      extra: { inject: { when: { text: '000060 the' }, resets: pair(own) } },
    },
    { words: 'timeout', sessions: one([upToRcpt, until(14)], idle('rcpt', change.timeout), { end: 'timeout' }) },
    { words: 'complete', sessions: one([upToRcpt, message, quit], done({ ...fine, ...change.complete }), { end: 'quit' }) },
    { words: 'quit', sessions: one([upToRcpt, pause(0.3), quit], left('rcpt', change.quit), { end: 'quit' }) },
  ].map(({ words, sessions, extra }, k) => ({
    id: `${id.slice(0, 1)}${Number(id.slice(1)) + k}-${words}`,
    title: `${words}: ${title}`,
    ...more,
    ...extra,
    sessions,
  }));

const anyStage = { acceptStage: ['connect', 'banner', 'helo', 'mail', 'rcpt', 'data-command', 'data-body', 'data-end', 'idle-after-message', 'quit'] };

/** Boxes that die or forget, deliveries that go wrong late, and captures of a kind that a filter or a clock leaves. */
export const TURNS = [
  {
    id: 'z401-proxy-dies',
    title: 'the transparent proxy dies in the body: its kernel closes both sides; appliance only',
    relay: {},
    on: { die: [['f', 'relay', 'stop']] },
    sessions: one(
      [upToData, partly, pause(0.3), signal('die'), until(4)],
      truth('premature-fin/client/data-body', {
        certain: false,
        accept: ['premature-fin/*/*', 'rst/client/*', 'rst/middlebox/*', 'rst/undetermined/*'],
        not: ['client-quit/*/*', 'completed/*/*', '*/middlebox/*>=0.8', '*/appliance/*', 'timeout/*/*', '*/client/*>=0.9'],
      }),
      {},
      { hidden: true },
    ),
  },
  {
    id: 'z402-proxy-dies-two-points',
    title: "as z401 with the client's capture: it closed nothing",
    capture: ['esa', 'client'],
    relay: {},
    on: { die: [['f', 'relay', 'stop']] },
    sessions: one(
      [upToData, partly, pause(0.3), signal('die'), until(4)],
      truth('premature-fin/middlebox/data-body', {
        accept: ['premature-fin/middlebox/*', 'rst/middlebox/*'],
        not: ['*/client/*', '*/appliance/*', 'client-quit/*/*', 'completed/*/*'],
      }),
      {},
      { hidden: true },
    ),
  },
  {
    id: 'z403-shift-forgotten',
    title: 'the banner is shortened on the way; in the body the box fails over and forgets by how much: numbers no longer fit',
    device: { rewrites: [{ side: 1, match: '220 esa.example.net ESMTP', with: '220 mail ESMTP' }] },
    on: { over: [['m', 'device', 'inspect=off']] },
    timeout: 7,
    sessions: one(
      [upToData, partly, pause(0.3), signal('over'), { op: 'body', n: 9000, head: false, chunk: 900, gap: 0.08, soft: true }, until(14)],
      truth('timeout/appliance/data-body', {
        certain: false,
        accept: ['silent-drop/*/*', 'timeout/appliance/*', 'undetermined/*/*', 'rst/*/*'],
        not: ['completed/*/*', 'client-quit/*/*', 'premature-fin/*/*', '*/client/*>=0.7'],
      }),
      {},
    ),
  },
  {
    id: 'z404-shift-then-forged',
    title: 'the banner is shortened on the way; the box resets both sides in the body, its numbers fit the one side only',
    device: { rewrites: [{ side: 1, match: '220 esa.example.net ESMTP', with: '220 mail ESMTP' }] },
    inject: { when: { text: '000060 the' }, resets: pair(own) },
    sessions: one([upToData, flow, until(3)], forged('data-body'), FORGED),
  },
  {
    id: 'z405-forged-fin-both',
    title: 'a box closes both sides politely in the body: FINs with its own TTL, nobody resets; both captures',
    capture: ['esa', 'client'],
    inject: { when: { text: '000060 the' }, resets: pair({ ...own, flags: 0x11, win: 500 }) },
    sessions: one(
      [upToData, flow, until(3)],
      truth('premature-fin/middlebox/data-body', {
        accept: ['premature-fin/middlebox/*', 'rst/middlebox/*'],
        not: ['client-quit/*/*', 'completed/*/*', '*/client/*>=0.7', '*/appliance/*'],
      }),
      { order: 'cF' },
    ),
  },
  {
    id: 'z406-forged-fin-both-esa-only',
    title: 'as z405, appliance only',
    inject: { when: { text: '000060 the' }, resets: pair({ ...own, flags: 0x11, win: 500 }) },
    sessions: one(
      [upToData, flow, until(3)],
      truth('premature-fin/middlebox/data-body', {
        accept: ['premature-fin/middlebox/*', 'premature-fin/undetermined/*'],
        not: ['client-quit/*/*', 'completed/*/*', '*/client/*>=0.7', '*/appliance/*'],
      }),
      { order: 'cF' },
    ),
  },
  {
    id: 'z407-client-reset-after-250',
    title: 'the box resets both sides after an accepted message, before QUIT',
    inject: { when: { text: 'accepted', from: 'server', after: 0.3 }, resets: pair(own) },
    sessions: one([upToRcpt, message, pause(1.5), put('QUIT'), until(3)], forged('idle-after-message'), FORGED),
  },
  {
    id: 'z408-late-box-reset-in-pause',
    title: 'three seconds into a pause after 354 the box resets the appliance alone, the client goes on',
    inject: { when: { text: 'go ahead', from: 'server', after: 3 }, resets: [{ to: 'server', ...own }] },
    sessions: one([upToData, pause(4), flow, until(3)], forged('data-command', { acceptStage: ['data-body'] }), FORGED),
  },
  {
    id: 'z409-answers-dropped-then-rejected',
    title: 'the appliance’s answers vanish after MAIL; when the client repeats itself the box resets the appliance',
    on: { cut: rules('tcp sport 25 drop'), kill: [['f', 'sh', 'true']] },
    inject: { when: { text: 'RCPT TO', nth: 3 }, resets: pair(own) },
    sessions: one(
      [greet, ehlo, mail, signal('cut'), put('RCPT TO:<rcpt@example.net>'), until(6)],
      forged('rcpt', { accept: ['rst/middlebox/*', 'silent-drop/middlebox/*'], acceptStage: ['mail'] }),
      {
        order: 'cR',
      },
    ),
  },
  {
    id: 'z410-published-address-own-fin',
    title: 'the client knows the appliance under another address (destination NAT); it closes after RCPT by itself; both captures',
    capture: ['esa', 'client'],
    before: dnat,
    sessions: one([upToRcpt, pause(0.3), close], fin('rcpt'), FIN, { dst: published }),
  },
  {
    id: 'z411-published-address-forged',
    title: 'destination NAT; the box behind it resets the appliance alone; both captures',
    capture: ['esa', 'client'],
    before: dnat,
    inject: { role: 'b', tap: 'eth0', when: { text: '000060 the' }, resets: [{ to: 'server', ...copy }] },
    sessions: one([upToData, flow, until(5)], forged('data-body'), { order: 'cR' }, { dst: published }),
  },
  {
    id: 'z412-both-addresses-changed-two-sessions',
    title: 'source and destination NAT, two sessions of one client at once; the client of one resets, the other completes; both captures',
    capture: ['esa', 'client'],
    sameClient: true,
    before: [...dnat, ...nat],
    sessions: [
      { label: 's1', steps: [upToRcpt, pause(0.6), rst], truth: reset('rcpt'), expect: { end: 'reset' }, dst: published, hidden: true, ofMany: true },
      {
        label: 's2',
        at: 0.2,
        steps: [upToRcpt, pause(0.2), message, quit],
        truth: done(fine),
        expect: { end: 'quit' },
        dst: published,
        hidden: true,
        ofMany: true,
      },
    ],
  },
  {
    id: 'z413-nat-six-at-once',
    title: 'source NAT, six sessions from behind it in the same second with the same envelope, six fates; no port is the one of the client’s capture',
    capture: ['esa', 'client'],
    before: nat,
    sessions: [
      ['s1', 0, [upToRcpt, pause(0.5), quit], left('rcpt'), { end: 'quit', at: 'rcpt' }],
      ['s2', 0.03, [upToRcpt, pause(0.5), close], fin('rcpt'), { end: 'eof', at: 'rcpt' }],
      ['s3', 0.06, [upToRcpt, pause(0.5), rst], reset('rcpt'), { end: 'reset' }],
      ['s4', 0.09, [upToRcpt, message, quit], done(fine), { end: 'quit', at: 'quit' }],
      ['s5', 0.12, [upToRcpt, until(14)], idle('rcpt'), { end: 'timeout' }],
      ['s6', 0.15, [upToData, partly, close], fin('data-body'), { end: 'eof', at: 'data-body' }],
    ].map(([label, at, steps, t, expect]) => ({ label, at, steps, truth: t, expect, hidden: true, ofMany: true })),
  },
  {
    id: 'z414-balancer-crowd',
    title: 'twelve probes of one balancer address and one incident among them, the log an hour and a bit off',
    sameClient: true,
    log: { offset: 3711 },
    sessions: [
      ...Array.from({ length: 12 }, (_, k) => ({
        label: `p${k}`,
        at: k * 0.4,
        steps: [greet, quit],
        truth: left('quit', { acceptStage: ['banner'] }),
        expect: { end: 'quit' },
      })),
      { label: 'x', at: 1.3, steps: [upToRcpt, pause(1.2), close], truth: fin('rcpt'), expect: { end: 'eof' } },
    ],
  },
  {
    id: 'z415-twins-swapped-ends',
    title: 'three sessions of one client in one second with one envelope: FIN, RST and QUIT within the next second; log without lost for none',
    sameClient: true,
    log: { offset: -2.4 },
    sessions: [
      { label: 's1', steps: [upToRcpt, pause(1), close], truth: fin('rcpt'), expect: { end: 'eof' } },
      { label: 's2', at: 0.05, steps: [upToRcpt, pause(1.1), rst], truth: reset('rcpt'), expect: { end: 'reset' } },
      { label: 's3', at: 0.1, steps: [upToRcpt, pause(0.9), quit], truth: left('rcpt'), expect: { end: 'quit' } },
    ],
  },
  {
    id: 'z416-refused-ehlo-and-helo',
    title: 'delivery: EHLO and HELO both answered with 502, the appliance quits',
    sessions: delivery(
      {},
      {
        hooks: [
          { at: 'helo', nth: 1, reply: '502 5.5.1 no' },
          { at: 'helo', nth: 2, reply: '502 5.5.1 no' },
        ],
      },
      refused('helo'),
      { end: 'refusal' },
    ),
  },
  {
    id: 'z417-ehlo-refused-helo-ok',
    title: 'delivery: EHLO answered with 502, HELO taken, delivered',
    sessions: delivery({}, hook('helo', { nth: 1, reply: '502 5.5.1 no' }), sent(), { end: 'quit' }),
  },
  ...[
    { at: 'helo', stage: 'helo' },
    { at: 'rcpt', stage: 'rcpt' },
    { at: 'data', stage: 'data-command' },
    { at: 'starttls', stage: 'starttls', more: { tls: 'preferred' } },
  ].map(({ at, stage, more = {} }, k) => ({
    id: `z42${k}-server-mute-${at}`,
    title: `delivery: the server never answers at ${at}; the appliance gives up`,
    sessions: delivery(more, { tls: at === 'starttls', ...hook(at, { end: 'stop', for: 20 }) }, gaveUp(stage), { end: 'timeout' }),
  })),
  {
    id: 'z424-421-dot-fin',
    title: 'delivery: 421 to the dot and FIN',
    sessions: delivery({}, hook('dot', { reply: '421 4.3.2 shutting down', end: 'fin' }), refused('data-end'), { end: 'refusal' }),
  },
  {
    id: 'z425-250-then-fin',
    title: 'delivery: the server accepts the message and closes at once',
    sessions: delivery(
      {},
      hook('dot', { reply: '250 2.0.0 Ok: queued', end: 'fin' }),
      rfin('idle-after-message', { acceptStage: ['data-end'], not: ['*/appliance/*', '*/middlebox/*', 'timeout/*/*', 'rst/*/*'] }),
      {
        order: 'sF',
      },
    ),
  },
  {
    id: 'z426-550-dot-fin',
    title: 'delivery: 550 to the dot and FIN before the appliance can quit',
    sessions: delivery({}, hook('dot', { reply: '550 5.7.1 content', end: 'fin' }), refused('data-end'), { order: 'sF' }),
  },
  {
    id: 'z427-354-then-rst',
    title: 'delivery: 354 and a reset at once',
    sessions: delivery(
      { bytes: 40000, chunk: 1400, gap: 0.05 },
      hook('data', { reply: '354 go', end: 'rst' }),
      rreset('data-command', { acceptStage: ['data-body'] }),
      { end: 'reset', order: 'sR' },
    ),
  },
  {
    id: 'z428-banner-then-fin',
    title: 'delivery: the banner and FIN at once',
    sessions: delivery(
      {},
      hook('banner', { reply: '220 mx1.remote.example ESMTP', end: 'fin' }),
      rfin('banner', { accept: ['rst/remote-server/*'], acceptStage: ['helo'] }),
      {},
    ),
  },
  {
    id: 'z429-server-gone-icmp-unreachable',
    title: 'delivery: the server’s link goes down in the body; the last router says host unreachable',
    on: { body: peerGone },
    deliveryTimeout: 9,
    sessions: delivery(
      { bytes: 40000, chunk: 900, gap: 0.05, signal_bytes: 9000 },
      {},
      truth('silent-drop/undetermined/data-body', {
        certain: false,
        accept: dead,
        not: ['rst/*/*', 'premature-fin/*/*', 'completed/*/*', '*/remote-server/*>=0.7'],
      }),
      {},
    ),
  },
  {
    id: 'z430-client-gone-icmp-unreachable',
    title: 'the client’s link goes down after RCPT; the appliance’s 421 is answered with host unreachable by the last router',
    on: { gone: peerGone },
    sessions: one([upToRcpt, signal('gone'), until(14)], dark('rcpt'), { end: 'timeout' }),
    linger: 5,
  },
  {
    id: 'z431-tls-server-fin-after-220',
    title: 'delivery: 220 to STARTTLS, then FIN instead of a ServerHello',
    sessions: delivery(
      { tls: 'preferred' },
      { tls: true, no_tls: true, ...hook('starttls', { reply: '220 2.0.0 Ready', end: 'fin' }) },
      rfin('starttls', { accept: ['tls-failure/remote-server/*'], not: ['*/appliance/*', 'completed/*/*', '*/middlebox/*', 'timeout/*/*'] }),
      {},
    ),
  },
  {
    id: 'z432-tls-server-rst-after-220',
    title: 'delivery: 220 to STARTTLS, then a reset',
    sessions: delivery(
      { tls: 'preferred' },
      { tls: true, no_tls: true, ...hook('starttls', { reply: '220 2.0.0 Ready', end: 'rst' }) },
      rreset('starttls', { accept: ['tls-failure/remote-server/*'], not: ['*/appliance/*', 'completed/*/*', '*/middlebox/*>=0.7', 'timeout/*/*'] }),
      {},
    ),
  },
  {
    id: 'z433-tls-server-talks-plain',
    title: 'delivery: 220 to STARTTLS, and the ClientHello is answered with plain text',
    sessions: delivery(
      { tls: 'required' },
      { tls: true, no_tls: true },
      truth('tls-failure/appliance/starttls', {
        accept: ['tls-failure/*/*', 'timeout/appliance/*', 'premature-fin/appliance/*', 'rst/appliance/*'],
        not: ['completed/*/*', '*/middlebox/*', 'silent-drop/*/*'],
      }),
      {},
    ),
  },
  {
    id: 'z434-two-servers-second-takes-it',
    title: 'delivery: the first server does not answer the SYN, the second one takes the same message',
    sessions: [
      {
        label: 'd1',
        deliver: { connect_timeout: 4 },
        remote: {},
        noAddress: true,
        noRemote: true,
        src: '198.51.100.253',
        message: 1,
        truth: truth('silent-drop/undetermined/connect', {
          certain: false,
          accept: [...dead, 'refused/*/*'],
          not: ['completed/*/*', 'rst/*/*', '*/remote-server/*>=0.9', '*/middlebox/*>=0.9'],
        }),
        expect: {},
      },
      { label: 'd2', deliver: { at: 6 }, remote: {}, message: 1, truth: sent(), expect: { end: 'quit' } },
    ],
    max: 40,
  },
  {
    id: 'z435-deliveries-at-once',
    title: 'three deliveries to one server at once: delivered, reset in the body, 421 to MAIL',
    sessions: [
      { label: 'd1', src: '198.51.100.77', deliver: {}, remote: { hooks: [{ at: 'mail', nth: 9 }] }, truth: sent(), expect: { end: 'quit' } },
      {
        label: 'd2',
        src: '198.51.100.78',
        deliver: { at: 0.2, bytes: 60000, chunk: 1400, gap: 0.03 },
        remote: hook('body', { bytes: 9000, end: 'rst' }),
        truth: rreset('data-body'),
        expect: { end: 'reset' },
      },
      {
        label: 'd3',
        src: '198.51.100.79',
        deliver: { at: 0.4 },
        remote: hook('mail', { reply: '421 4.7.0 later', end: 'fin' }),
        truth: refused('mail'),
        expect: { end: 'refusal' },
      },
    ],
  },
  {
    id: 'z436-summer-time-ends',
    title: 'the night on which summer time ends: the log repeats an hour and has no offset written; FIN after RCPT',
    days: -28,
    log: { zone: 'Europe/Berlin', offset: 0, form: 'bare', crowd: (entries) => entries },
    sessions: one([upToRcpt, pause(0.3), close], fin('rcpt'), FIN),
  },
  {
    id: 'z437-log-rotated-in-session',
    title: 'the log was rotated between RCPT and the end; both files, the newer first',
    log: { rotate: /lost|aborted/ },
    sessions: one([upToRcpt, pause(1.2), rst], reset('rcpt'), RST),
  },
  {
    id: 'z438-grep-sender-lines',
    title: 'only the lines with the sender’s address: nothing about any end',
    log: { keep: /sender@client/ },
    sessions: one([upToRcpt, message, mail, rcpt, pause(0.3), close], fin('rcpt'), FIN),
  },
  {
    id: 'z439-no-icid-lines',
    title: 'the lines of the connection are missing, its MIDs are there; QUIT after RCPT',
    log: { drop: /ICID \d+ (close|lost|ACCEPT|RELAY)|New SMTP/ },
    sessions: one([upToRcpt, pause(0.3), quit], left('rcpt'), { end: 'quit' }),
  },
  {
    id: 'z440-lines-late',
    title: 'the log writes its lines up to a second late, now and then out of order',
    log: { crowd: (entries) => entries.map((e, k) => ({ ...e, t: e.t + ((k * 37) % 10) / 10 })) },
    sessions: one([upToRcpt, message, mail, rcpt, data, partly, pause(0.3), close], fin('data-body'), FIN),
  },
  {
    id: 'z441-421-missing-from-file',
    title: 'the packet with the 421 is missing from the file: the appliance’s FIN after silence, numbered behind it',
    ...esa(['without', '421 Timed']),
    sessions: one([upToRcpt, until(14)], idle('rcpt'), { end: 'timeout' }),
  },
  {
    id: 'z442-fin-missing-from-file',
    title: 'the client’s FIN is missing from the file: the appliance acknowledges it and closes too, the log has lost',
    ...esa(['dropEnds', 'client']),
    sessions: one(
      [upToRcpt, pause(0.3), close],
      fin('rcpt', {
        accept: ['undetermined/*/*', 'rst/client/*', 'premature-fin/*/*'],
        not: ['client-quit/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*', '*/appliance/*'],
      }),
      { end: 'eof' },
    ),
  },
  {
    id: 'z443-rst-missing-from-file',
    title: 'the client’s reset is missing from the file; the log has lost',
    ...esa(['dropEnds', 'client']),
    sessions: one(
      [upToRcpt, pause(0.3), rst],
      truth('undetermined/undetermined/rcpt', {
        certain: false,
        accept: ['rst/client/*', 'premature-fin/client/*', 'undetermined/*/*', 'still-open/*/*'],
        not: ['client-quit/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*', '*/appliance/*'],
      }),
      { end: 'reset' },
    ),
  },
  ...seenThrough('z450', 'the filter of the capture let only SYN, FIN and RST in', esa(['flagsOnly', 0]), {
    rst: anyStage,
    fin: anyStage,
    forged: anyStage,
    timeout: { ...anyStage, accept: ['timeout/appliance/*', 'premature-fin/appliance/*', 'undetermined/*/*'] },
    complete: { ...anyStage, not: ['timeout/*/*', '*/middlebox/*', 'silent-drop/*/*'] },
    quit: { ...anyStage },
  }),
  ...seenThrough(
    'z460',
    'the filter of the capture let only SYN, FIN and RST in, no log',
    { ...esa(['flagsOnly', 0]), log: { none: true } },
    {
      rst: anyStage,
      fin: {
        ...anyStage,
        accept: ['undetermined/*/*', 'client-quit/client/*', 'completed/client/*'],
        not: ['*/middlebox/*', '*/appliance/*>=0.7', 'silent-drop/*/*'],
      },
      forged: { ...anyStage, accept: ['rst/middlebox/*', 'rst/undetermined/*', 'rst/client/*'], not: ['*/client/*>=0.7', '*/appliance/*'] },
      timeout: {
        ...anyStage,
        accept: ['timeout/appliance/*', 'premature-fin/appliance/*', 'undetermined/*/*', 'rejected/appliance/*', 'completed/*/*', 'client-quit/client/*'],
        not: ['*/middlebox/*', 'silent-drop/*/*', '*/*/*>=0.9'],
      },
      complete: {
        ...anyStage,
        accept: ['undetermined/*/*', 'completed/*/*', 'premature-fin/*/*', 'client-quit/*/*', 'rejected/*/*'],
        not: ['*/middlebox/*', 'silent-drop/*/*', '*/*/*>=0.9', 'timeout/*/*>=0.7'],
      },
      quit: {
        ...anyStage,
        accept: ['undetermined/*/*', 'completed/*/*', 'premature-fin/*/*', 'client-quit/*/*', 'rejected/*/*'],
        not: ['*/middlebox/*', 'silent-drop/*/*', '*/*/*>=0.9', 'timeout/*/*>=0.7'],
      },
    },
  ),
  ...seenThrough('z470', 'the filter of the capture let no bare acknowledgements in', esa(['noBareAcks', 0])),
  ...seenThrough('z480', 'the appliance’s packets are stamped fifteen milliseconds late', esa(['lag', { side: 'server', us: 15000 }])),
  ...seenThrough('z490', 'the client’s packets are stamped fifteen milliseconds late, no log', {
    ...esa(['lag', { side: 'client', us: 15000 }]),
    log: { none: true },
  }),
  ...seenThrough('z500', 'a capturing clock that ticks every 15.6 ms', esa(['coarse', 15625])),
  ...seenThrough('z510', 'a capturing clock that ticks once a second, no log', { ...esa(['coarse', 1000000]), log: { none: true } }),
  ...seenThrough(
    'z520',
    'two cards of the capturing host: every frame twice, the appliance’s a millisecond late',
    esa(['lag', { side: 'server', us: 1000 }], ['duplicate', 400]),
  ),
];
