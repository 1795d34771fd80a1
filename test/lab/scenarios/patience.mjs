import { cutBoth, dark, done, dropped, flush, ways, STAGES } from './boxes.mjs';
import {
  body,
  close,
  connect,
  data,
  delivery,
  ehlo,
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
    accept: ['timeout/client/*', 'premature-fin/client/*'],
    not: ['*/middlebox/*', 'completed/*/*', '*/appliance/*', 'silent-drop/*/*', 'tls-failure/*/*'],
    ...more,
  });
const gaveUpReset = (stage, more = {}) => gaveUp(stage, { accept: ['timeout/client/*', 'rst/client/*'], ...more });
const slow = (at, delay) => ({ hooks: [{ at, delay }] });
const toDot = [upToData, body(3000), raw('.\r\n')];
/** the appliance's machine disappears without a word: its kernel forgets every connection behind a closed door, and comes back without them */
const reboot = [
  [
    'e',
    'nft',
    'table inet down {\n chain o { type filter hook output priority 0\n  tcp sport 25 drop\n  tcp dport 25 drop\n }\n chain i { type filter hook input priority 0\n  tcp dport 25 drop\n  tcp sport 25 drop\n }\n}',
  ],
  ['e', 'appliance', 'reboot'],
  ['e', 'sh', 'sleep 0.3; ss -K >/dev/null 2>&1; sleep 0.1'],
];
const boot = [['e', 'nft', 'flush ruleset']];
const rejected = (stage, more = {}) => truth(`rejected/appliance/${stage}`, { accept: ['client-quit/client/*'], ...more });
const TIMERS = [
  { name: 'dot-600', at: 'dot', seconds: 600.2, steps: toDot, stage: 'data-end', aborts: true },
  { name: 'dot-300', at: 'dot', seconds: 300.1, steps: toDot, stage: 'data-end', aborts: true },
  { name: 'dot-1200', at: 'dot', seconds: 1200.1, steps: toDot, stage: 'data-end', aborts: true },
  { name: 'data-120', at: 'data', seconds: 120.1, steps: [upToRcpt, put('DATA')], stage: 'data-command', aborts: false },
  { name: 'rcpt-300', at: 'rcpt', seconds: 300.1, steps: [greet, ehlo, mail, put('RCPT TO:<rcpt@example.net>')], stage: 'rcpt', aborts: false },
  { name: 'mail-300', at: 'mail', seconds: 300.1, steps: [greet, ehlo, put('MAIL FROM:<sender@client.example>')], stage: 'mail', aborts: false },
  { name: 'banner-300', at: 'banner', seconds: 300.1, steps: [connect], stage: 'banner', aborts: false },
];

/** Slow appliances, closed windows, machines that go away, limits of the appliance, and who loses patience. */
export const PATIENCE = [
  ...TIMERS.flatMap(({ name, at, seconds, steps, stage, aborts }, k) => [
    {
      id: `t40${k}-client-gives-up-${name}`,
      title: `no answer for ${Math.round(seconds)} s, the client closes`,
      timeout: 20,
      esa: slow(at, 9),
      stretch: { over: 4, to: seconds },
      settings: { inbound_timeout_s: 300 },
      sessions: one(
        [steps, pause(5.5), close],
        gaveUp(stage, at === 'banner' ? { accept: ['timeout/client/*', 'premature-fin/client/*', 'refused/client/*'] } : {}),
        { order: 'cF' },
      ),
      max: 40,
    },
    ...(aborts
      ? [
          {
            id: `t41${k}-client-aborts-${name}`,
            title: `no answer for ${Math.round(seconds)} s, the client resets`,
            timeout: 20,
            esa: slow(at, 9),
            stretch: { over: 4, to: seconds },
            settings: { inbound_timeout_s: 300 },
            log: { none: true },
            sessions: one([steps, pause(5.5), rst], gaveUpReset(stage), { order: 'cR' }),
            max: 40,
          },
        ]
      : []),
  ]),
  ...ways(
    {
      id: 't420-dot-600-quit',
      title: 'no answer to the dot for ten minutes, the client says QUIT and closes',
      timeout: 20,
      esa: slow('dot', 10),
      stretch: { over: 4, to: 600.05 },
      settings: { inbound_timeout_s: 300 },
      sessions: one([toDot, pause(5.5), put('QUIT'), pause(0.2), close], gaveUp('data-end', { accept: ['timeout/client/*', 'client-quit/client/*'] }), {
        order: 'cF',
      }),
      max: 40,
    },
    {
      'no-log': {},
      vlan: {},
      snap: { acceptStage: STAGES, accept: ['premature-fin/client/*'] },
      late: {},
      lossy: { acceptStage: ['data-body', 'data-command'], accept: ['premature-fin/client/*'] },
    },
  ),
  {
    id: 't421-dot-600-tls',
    title: 'TLS 1.3: no answer to the dot for ten minutes, the client closes',
    timeout: 20,
    esa: { tls: true, ...slow('dot', 9) },
    stretch: { over: 4, to: 600.1 },
    settings: { inbound_timeout_s: 300 },
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, data, body(3000), raw('.\r\n'), pause(5.5), close],
      gaveUp('data-end', { encrypted: true, acceptStage: STAGES }),
      { order: 'cF' },
    ),
    max: 40,
  },
  {
    id: 't422-slow-scan-then-late-250',
    title: "the client closes after its ten minutes, the appliance's 250 comes later and meets no socket",
    timeout: 20,
    esa: slow('dot', 7),
    stretch: { over: 4, to: 600.1 },
    settings: { inbound_timeout_s: 300 },
    sessions: one(
      [toDot, pause(5.5), close],
      gaveUp('data-end', {
        secondary: 'the late 250 meets a reset',
        accept: ['timeout/client/*', 'premature-fin/client/*', 'completed/*/*'],
        not: ['*/middlebox/*', '*/appliance/*', 'silent-drop/*/*', 'rst/*/*'],
      }),
      { order: 'cF' },
    ),
    max: 40,
  },
  {
    id: 't423-impatient-after-one-second',
    title: 'the client closes one second after its dot: impatience, no known timer',
    timeout: 20,
    esa: slow('dot', 4),
    sessions: one(
      [toDot, pause(1), close],
      truth('premature-fin/client/data-end', {
        accept: ['timeout/client/data-end'],
        not: ['*/middlebox/*', 'completed/*/*', '*/appliance/*', 'silent-drop/*/*', 'client-quit/*/*'],
      }),
      { order: 'cF' },
    ),
  },
  {
    id: 't424-delivery-dot-600',
    title: 'delivery: no answer to the dot for ten minutes, the appliance gives up',
    stretch: { over: 4, to: 600.05 },
    sessions: delivery(
      {},
      { hooks: [{ at: 'dot', end: 'stop' }] },
      truth('timeout/appliance/data-end', {
        silent: 'remote-server',
        not: ['completed/*/*', 'silent-drop/*/*', '*/middlebox/*', 'premature-fin/*/*', 'rst/*/*'],
      }),
      { end: 'timeout' },
    ),
  },
  {
    id: 't425-delivery-banner-slow-remote-fin',
    title: 'delivery: the appliance is slow before MAIL, the server closes without a word',
    sessions: delivery(
      { pause_before: 'mail', pause: 5.5 },
      { idle: 4, idle_do: 'fin' },
      truth('premature-fin/remote-server/helo', {
        accept: ['timeout/remote-server/*'],
        acceptStage: ['mail'],
        not: ['completed/*/*', 'silent-drop/*/*', '*/middlebox/*', 'rst/*/*'],
      }),
      { order: 'sF' },
    ),
  },

  {
    id: 't430-appliance-window-closed',
    title: 'the appliance stops reading in the body: its window closes, the client gives up by FIN',
    timeout: 30,
    esa: { rcvbuf: 4096, hooks: [{ at: 'body', bytes: 1, nth: 1, delay: 14 }] },
    sessions: one(
      [upToData, { op: 'body', n: 120000, soft: true, timeout: 7 }, close],
      truth('timeout/client/data-body', {
        silent: 'appliance',
        accept: ['timeout/client/*', 'premature-fin/client/*', 'rst/client/*'],
        not: ['*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'timeout/appliance/*', 'client-quit/*/*'],
      }),
      {},
    ),
    max: 60,
    linger: 1,
  },
  {
    id: 't431-appliance-window-closed-recovers',
    title: 'the appliance stops reading for five seconds, opens its window again, the message completes',
    timeout: 30,
    esa: { rcvbuf: 4096, hooks: [{ at: 'body', bytes: 1, nth: 1, delay: 5 }] },
    sessions: one(
      [upToData, body(90000), raw('.\r\n'), hear, quit],
      done({ not: ['timeout/*/*', 'silent-drop/*/*', 'rst/*/*', 'premature-fin/*/*', '*/middlebox/*'] }),
      { end: 'quit' },
    ),
    max: 60,
  },
  {
    id: 't432-appliance-window-closed-kill',
    title: 'the appliance stops reading in the body, the client process is killed while its window is closed',
    timeout: 30,
    esa: { rcvbuf: 4096, hooks: [{ at: 'body', bytes: 1, nth: 1, delay: 14 }] },
    sessions: one(
      [upToData, { op: 'body', n: 120000, soft: true, timeout: 6 }, rst],
      truth('timeout/client/data-body', {
        silent: 'appliance',
        accept: ['timeout/client/*', 'rst/client/*'],
        not: ['*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'timeout/appliance/*', 'client-quit/*/*'],
      }),
      { order: 'cR' },
    ),
    max: 60,
  },
  {
    id: 't433-delivery-window-closed-remote-rst',
    title: 'delivery: the server stops reading, its window closes; six seconds later it resets',
    sessions: delivery(
      { bytes: 400000, chunk: 8000 },
      {
        rcvbuf: 4096,
        hooks: [
          { at: 'data', reply: '354 End data', delay: 0 },
          { at: 'body', bytes: 1, nth: 1, delay: 5, end: 'rst' },
        ],
      },
      truth('rst/remote-server/data-body', { not: ['completed/*/*', 'silent-drop/*/*', '*/middlebox/*>=0.7', '*/appliance/*'] }),
      { order: 'sR' },
    ),
    max: 40,
  },

  ...ways(
    {
      id: 't440-appliance-reboots-idle',
      title: 'the appliance restarts while the client thinks after RCPT: no farewell, and later a reset for its DATA',
      on: { reboot, boot },
      sessions: one(
        [upToRcpt, pause(0.5), signal('reboot'), pause(2), signal('boot'), { op: 'send', text: 'DATA\r\n', soft: true }, until(4)],
        truth('rst/appliance/rcpt', {
          accept: ['rst/appliance/*'],
          acceptStage: ['data-command'],
          not: ['*/client/*', '*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'premature-fin/*/*'],
        }),
        { end: 'crash', order: 'sR' },
      ),
    },
    { 'no-log': {}, vlan: {} },
  ),
  {
    id: 't441-appliance-reboots-in-body',
    title: 'the appliance restarts in the body: its silence, the repetitions of the client, then a reset',
    on: { reboot, boot },
    sessions: one(
      [
        upToData,
        { op: 'body', n: 4000, chunk: 1000, gap: 0.1 },
        signal('reboot'),
        { op: 'body', n: 3000, head: false, chunk: 1000, gap: 0.3, soft: true },
        pause(2),
        signal('boot'),
        until(9),
      ],
      truth('rst/appliance/data-body', {
        accept: ['rst/appliance/*'],
        not: ['*/client/*', '*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'premature-fin/*/*'],
      }),
      { end: 'crash', order: 'sR' },
    ),
    max: 40,
  },
  {
    id: 't442-appliance-gone-for-good',
    title: 'the appliance goes and does not come back while the capture lasts; the client repeats its data into nothing',
    on: { reboot },
    sessions: one(
      [
        upToData,
        { op: 'body', n: 4000, chunk: 1000, gap: 0.1 },
        signal('reboot'),
        { op: 'body', n: 3000, head: false, chunk: 1000, gap: 0.3, soft: true },
        until(7),
      ],
      truth('undetermined/appliance/data-body', {
        certain: false,
        accept: ['undetermined/*/*', 'still-open/*/*', 'silent-drop/*/*', 'timeout/*/*'],
        not: ['*/client/*>=0.7', '*/middlebox/*>=0.7', 'completed/*/*', 'premature-fin/client/*', 'client-quit/*/*', 'rst/*/*'],
      }),
      { end: 'crash', exactly: '' },
    ),
    max: 30,
  },
  {
    id: 't443-total-limit-in-body',
    title: 'the body drips; the total time limit ends it with 421',
    timeout: 8,
    esa: { total: 9 },
    settings: { inbound_timeout_s: 8 },
    sessions: one(
      [upToData, { op: 'body', n: 3000, chunk: 40, gap: 0.5, soft: true }, until(3)],
      truth('timeout/appliance/data-body', {
        silent: 'client',
        mechanism: 'total time limit',
        accept: ['timeout/appliance/*', 'rejected/appliance/*'],
        not: ['*/client/*', '*/middlebox/*', 'silent-drop/*/*', 'completed/*/*'],
      }),
      { end: 'timeout' },
    ),
    max: 60,
  },
  {
    id: 't444-hat-reject-client-stays',
    title: 'rejected by the host access table with 554; the client reads it and only closes much later',
    esa: { hat: 'REJECT' },
    sessions: one(
      [connect, hear, pause(2), close],
      rejected('banner', {
        accept: ['refused/appliance/*', 'rejected/appliance/*'],
        not: ['*/middlebox/*', 'silent-drop/*/*', 'premature-fin/client/*', '*/client/*'],
      }),
      { end: 'own-fin', order: 'sF' },
    ),
  },
  {
    id: 't445-hat-reject-client-talks-on',
    title: 'rejected by the host access table with 554; the client says EHLO all the same and meets a reset',
    esa: { hat: 'REJECT' },
    sessions: one(
      [connect, hear, pause(0.3), put('EHLO mail.client.example'), until(2)],
      rejected('banner', {
        accept: ['refused/appliance/*', 'rejected/appliance/*'],
        acceptStage: ['helo'],
        not: ['*/middlebox/*', 'silent-drop/*/*', 'premature-fin/client/*', '*/client/*', 'rst/*/*'],
      }),
      { order: 'sF' },
    ),
  },
  {
    id: 't446-452-too-many-then-fin',
    title: '452 too many recipients for all but the first; the client leaves without QUIT',
    esa: { hooks: [2, 3, 4].map((nth) => ({ at: 'rcpt', nth, reply: '452 #4.5.3 Too many recipients' })) },
    sessions: one(
      [greet, ehlo, mail, rcpt, rcpt, rcpt, rcpt, pause(0.3), close],
      rejected('rcpt', {
        certain: false,
        accept: ['premature-fin/client/*'],
        not: ['*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'timeout/*/*', 'client-quit/*/*'],
      }),
      { order: 'cF' },
    ),
  },
  {
    id: 't447-452-at-mail-quit',
    title: '452 for MAIL (resource conservation), the client quits',
    esa: { hooks: [{ at: 'mail', reply: '452 #4.3.1 Temporary system resource shortage' }] },
    sessions: one(
      [greet, ehlo, say('MAIL FROM:<sender@client.example>'), pause(0.1), quit],
      rejected('mail', { not: ['*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'premature-fin/*/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 't448-452-then-accepted',
    title: '452 for the second of three recipients, the message is accepted for the others',
    esa: { hooks: [{ at: 'rcpt', nth: 2, reply: '452 #4.5.3 Too many recipients' }] },
    sessions: one([greet, ehlo, mail, rcpt, rcpt, rcpt, message, quit], done({ not: ['rejected/*/*', 'premature-fin/*/*', 'rst/*/*', '*/middlebox/*'] }), {
      end: 'quit',
    }),
  },
  {
    id: 't449-552-size-mid-body',
    title: 'the appliance says 552 in the middle of the body and closes',
    esa: { hooks: [{ at: 'body', bytes: 5000, nth: 1, reply: '552 #5.3.4 message size exceeds limit', end: 'fin' }] },
    sessions: one(
      [upToData, { op: 'body', n: 30000, chunk: 2000, gap: 0.1, soft: true }, until(3)],
      rejected('data-body', {
        accept: ['rejected/appliance/*', 'rst/appliance/*', 'premature-fin/appliance/*'],
        not: ['*/middlebox/*', 'silent-drop/*/*', '*/client/*', 'completed/*/*'],
      }),
      {},
    ),
  },
  {
    id: 't450-delivery-452-rcpt-all',
    title: 'delivery: 452 for all recipients, the appliance quits',
    sessions: delivery(
      { rcpts: ['a@remote.example', 'b@remote.example'] },
      { hooks: [{ at: 'rcpt', reply: '452 4.2.2 Mailbox full' }] },
      truth('rejected/remote-server/rcpt', {
        accept: ['client-quit/appliance/*'],
        not: ['completed/*/*', '*/middlebox/*', 'premature-fin/*/*', 'timeout/*/*'],
      }),
      { end: 'refusal' },
    ),
  },
  {
    id: 't451-cut-while-appliance-scans-then-heals',
    title: 'the path is cut while the appliance scans, and heals: its repeated 250 arrives, the client quits',
    timeout: 20,
    esa: slow('dot', 2),
    on: { cut: cutBoth, heal: flush },
    sessions: one(
      [toDot, pause(0.5), signal('cut'), pause(4), signal('heal'), hear, quit],
      done({ not: ['silent-drop/*/*', 'rst/*/*', 'premature-fin/*/*', 'timeout/*/*'] }),
      { end: 'quit' },
    ),
    max: 40,
  },
  {
    id: 't452-cut-while-appliance-scans-two-points',
    capture: ['esa', 'client'],
    title: 'the path is cut while the appliance scans and stays so; both captures show what each side still sent',
    timeout: 9,
    esa: slow('dot', 2),
    on: { cut: cutBoth },
    sessions: one(
      [toDot, pause(0.5), signal('cut'), pause(7), { op: 'send', text: 'QUIT\r\n', soft: true }, pause(2), close],
      dropped('data-end', {
        acceptStage: ['idle-after-message'],
        accept: ['completed/*/*', 'timeout/*/*'],
        not: ['premature-fin/*/*', 'rst/*/*', '*/client/*>=0.9'],
      }),
      {},
    ),
    linger: 3,
    max: 45,
  },
  {
    id: 't453-client-machine-dies-while-scan',
    title: 'the client machine dies while the appliance scans: its 250 is never acknowledged',
    timeout: 9,
    esa: slow('dot', 2),
    on: {
      cut: [
        [
          'c',
          'nft',
          'table inet dead {\n chain o { type filter hook output priority 0\n  tcp dport 25 drop\n }\n chain i { type filter hook input priority 0\n  tcp sport 25 drop\n }\n}',
        ],
      ],
    },
    sessions: one(
      [toDot, pause(0.5), signal('cut'), pause(14)],
      dark('data-end', {
        acceptStage: ['idle-after-message'],
        accept: ['silent-drop/client/*'],
        not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', '*/middlebox/*>=0.9'],
      }),
      {},
    ),
    linger: 1,
    max: 45,
  },
];
