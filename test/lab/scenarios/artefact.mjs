import { done } from './boxes.mjs';
import {
  FIN,
  RST,
  body,
  close,
  data,
  ehlo,
  esa,
  fin,
  greet,
  hear,
  idle,
  mail,
  message,
  one,
  pause,
  put,
  quit,
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

const quitOpen = (stage = 'rcpt', more = {}) => truth(`client-quit/client/${stage}`, more);
const bodyThen = (end) => [upToData, { op: 'body', n: 9000, upto: 6000, chunk: 1000, gap: 0.05 }, pause(0.3), end];
const unknown = (stage, more = {}) =>
  truth(`undetermined/undetermined/${stage}`, {
    certain: false,
    accept: ['undetermined/*/*', 'still-open/*/*'],
    not: ['completed/*/*', '*/middlebox/*', 'silent-drop/*/*>=0.7'],
    ...more,
  });
const rejectRule = [['f', 'sh', 'iptables -I FORWARD -p tcp --sport 25 -m string --string "354 go" --algo bm -j REJECT --reject-with tcp-reset']];
const box = { ttl: 64, id: 0, win: 0 };

/** What captures and logs do to the truth. */
export const ARTEFACT = [
  {
    id: 'e201-starts-in-body-rst',
    title: 'capture begins in the body: reset',
    ...esa(['startAt', '000030 the']),
    sessions: one(bodyThen(rst), reset('data-body', { acceptStage: ['data-command', 'rcpt'] }), RST),
  },
  {
    id: 'e202-starts-idle-timeout',
    title: 'capture begins after RCPT, one keep-alive-less silence and the 421',
    ...esa(['startAfter', 'RCPT TO']),
    sessions: one([upToRcpt, until(14)], idle('rcpt', { accept: ['timeout/appliance/*'] }), { end: 'timeout', order: 'sF' }),
  },
  {
    id: 'e203-starts-forged-rst',
    title: 'capture begins in the body; forged reset with the TTL of the box',
    ...esa(['startAt', '000015 the']),
    inject: {
      when: { text: '000060 the' },
      resets: [
        { to: 'server', ...box },
        { to: 'client', ...box },
      ],
    },
    sessions: one(
      [upToData, { op: 'body', n: 9000, chunk: 900, gap: 0.08, soft: true }, until(3)],
      truth('rst/middlebox/data-body', {
        accept: ['rst/undetermined/*'],
        acceptStage: ['data-command', 'rcpt'],
        not: ['*/client/*>=0.7', '*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*'],
      }),
      { end: 'reset', order: 'cR', ttl: [0, 63] },
    ),
  },
  {
    id: 'e204-ends-in-body-log-lost',
    title: 'capture ends in the body; the log has lost and Receiving aborted',
    ...esa(['endBeforeFlag', 'fin']),
    sessions: one(
      bodyThen(close),
      unknown('data-body', {
        accept: ['undetermined/*/*', 'premature-fin/client/*', 'rst/undetermined/*', 'premature-fin/undetermined/*', 'still-open/*/*'],
        not: ['client-quit/*/*', 'completed/*/*', 'timeout/*/*>=0.7', '*/client/*>=0.8', '*/middlebox/*'],
      }),
      FIN,
    ),
  },
  {
    id: 'e205-ends-before-quit-log-knows',
    title: 'capture ends after the 250; the log closes cleanly',
    ...esa(['endAfter', 'accepted']),
    sessions: one(
      [upToRcpt, message, pause(0.5), quit],
      truth('completed/client/idle-after-message', {
        certain: false,
        accept: ['completed/*/*', 'undetermined/*/*', 'still-open/*/*'],
        acceptStage: ['quit'],
        not: ['premature-fin/*/*', 'rst/*/*', 'timeout/*/*', '*/middlebox/*'],
      }),
      { end: 'quit' },
    ),
  },
  {
    id: 'e206-ends-in-envelope-sender-abort',
    title: 'capture ends after RCPT; the log says aborted by sender',
    ...esa(['endAfter', '250 recipient']),
    sessions: one(
      [upToRcpt, pause(0.5), quit],
      truth('client-quit/client/rcpt', {
        certain: false,
        accept: ['undetermined/*/*', 'still-open/*/*'],
        not: ['premature-fin/*/*', 'completed/*/*', 'timeout/*/*', '*/middlebox/*', 'rst/*/*'],
      }),
      { end: 'quit' },
    ),
  },
  {
    id: 'e207-ends-open-timeout-in-log',
    title: 'capture ends while idle after RCPT; the log aborts eight seconds after the last command, without lost',
    ...esa(['endAfter', '250 recipient']),
    sessions: one(
      [upToRcpt, until(14)],
      truth('timeout/appliance/rcpt', {
        certain: false,
        silent: 'client',
        accept: ['undetermined/*/*', 'still-open/*/*', 'timeout/undetermined/*'],
        not: ['client-quit/*/*', 'completed/*/*', '*/middlebox/*', 'premature-fin/*/*>=0.7', 'rst/*/*'],
      }),
      { end: 'timeout' },
    ),
  },
  {
    id: 'e208-losses-then-fin',
    title: 'every fourth segment of the client is missing from the capture; FIN in the body',
    ...esa(['lose', { every: 4, side: 'client' }]),
    sessions: one(bodyThen(close), fin('data-body', { not: ['client-quit/*/*', 'rst/*/*', 'completed/*/*', '*/middlebox/*', 'silent-drop/*/*'] }), FIN),
  },
  {
    id: 'e209-losses-both-complete',
    title: 'every third segment of either side is missing; completed',
    ...esa(['lose', { every: 3 }]),
    sessions: one([upToRcpt, message, quit], done({ not: ['silent-drop/*/*', 'rst/*/*', '*/middlebox/*', 'premature-fin/*/*'] }), { end: 'quit' }),
  },
  {
    id: 'e211-snap-68-fin',
    title: 'snap length 68; FIN after RCPT',
    ...esa(['snap', 68]),
    sessions: one([upToRcpt, pause(0.3), close], fin('rcpt', { acceptStage: ['mail', 'helo', 'banner', 'data-command', 'data-body'] }), FIN),
  },
  { id: 'e212-snap-96-complete', title: 'snap length 96; completed', ...esa(['snap', 96]), sessions: one([upToRcpt, message, quit], done(), { end: 'quit' }) },
  {
    id: 'e213-snap-96-421',
    title: "snap length 96; appliance's timeout after DATA",
    ...esa(['snap', 96]),
    sessions: one([upToData, until(14)], idle('data-command', { acceptStage: ['rcpt'] }), { end: 'timeout', order: 'sF' }),
  },
  {
    id: 'e214-inbound-only-quit',
    title: 'only packets towards the appliance; QUIT after RCPT',
    ...esa(['only', 'client']),
    sessions: one([upToRcpt, pause(0.3), quit], quitOpen(), { end: 'quit' }),
  },
  {
    id: 'e215-inbound-only-timeout',
    title: "only packets towards the appliance; its timeout: the client's FIN answers a FIN that is not in the file",
    ...esa(['only', 'client']),
    sessions: one(
      [upToRcpt, until(14)],
      idle('rcpt', {
        certain: false,
        accept: ['undetermined/*/*', 'timeout/appliance/*', 'timeout/undetermined/*'],
        not: ['client-quit/*/*', 'premature-fin/client/*>=0.7', 'timeout/client/*', 'rst/*/*', 'completed/*/*', '*/middlebox/*'],
      }),
      { end: 'timeout' },
    ),
  },
  {
    id: 'e216-outbound-only-fin',
    title: "only packets from the appliance; the client's FIN after DATA is not in the file",
    ...esa(['only', 'server']),
    sessions: one(
      [upToData, pause(0.4), close],
      fin('data-command', {
        certain: false,
        accept: ['undetermined/*/*', 'premature-fin/client/*', 'premature-fin/undetermined/*', 'rst/undetermined/*'],
        not: ['client-quit/*/*', 'completed/*/*', '*/middlebox/*', '*/appliance/*>=0.7', 'timeout/*/*'],
      }),
      { end: 'eof' },
    ),
  },
  {
    id: 'e217-outbound-only-complete',
    title: 'only packets from the appliance; completed',
    ...esa(['only', 'server']),
    sessions: one([upToRcpt, message, quit], done({ not: ['premature-fin/client/*', 'rst/*/*', '*/middlebox/*', 'silent-drop/*/*'] }), { end: 'quit' }),
  },
  {
    id: 'e218-duplicates-rst',
    title: 'every frame twice (mirror port); client resets',
    ...esa(['duplicate', 9]),
    sessions: one(bodyThen(rst), reset('data-body', {}), RST),
  },
  {
    id: 'e219-duplicates-forged',
    title: 'every frame twice; forged reset of the box',
    ...esa(['duplicate', 14]),
    inject: {
      when: { text: '000060 the' },
      resets: [
        { to: 'server', ...box },
        { to: 'client', ...box },
      ],
    },
    sessions: one([upToData, { op: 'body', n: 9000, chunk: 900, gap: 0.08, soft: true }, until(3)], truth('rst/middlebox/data-body', {}), {
      end: 'reset',
      order: 'cR',
      ttl: [0, 63],
    }),
  },
  {
    id: 'e220-disorder-complete',
    title: 'neighbouring frames exchanged; completed',
    ...esa(['swap', 5]),
    sessions: one([upToRcpt, message, quit], done({ not: ['silent-drop/*/*', 'rst/*/*', '*/middlebox/*', 'premature-fin/*/*'] }), { end: 'quit' }),
  },
  {
    id: 'e221-disorder-fin',
    title: 'neighbouring frames exchanged; FIN in the body',
    ...esa(['swap', 3]),
    sessions: one(bodyThen(close), fin('data-body', {}), FIN),
  },
  {
    id: 'e222-offload-fin',
    offload: true,
    title: 'offload left on: giant segments; FIN in the body',
    sessions: one([upToData, { op: 'body', n: 60000, upto: 50000 }, pause(0.3), close], fin('data-body', {}), FIN),
  },
  {
    id: 'e223-qinq-timeout',
    title: "two VLAN tags; appliance's timeout",
    ...esa(['vlan', [100, 200]]),
    sessions: one([upToRcpt, until(14)], idle('rcpt'), { end: 'timeout', order: 'sF' }),
  },
  {
    id: 'e224-sll-timeout',
    title: "Linux cooked capture; appliance's timeout in the body",
    form: 'pcap',
    ...esa(['cooked', true]),
    sessions: one([upToData, body(3000), until(14)], idle('data-body'), { end: 'timeout', order: 'sF' }),
  },
  {
    id: 'e225-truncated-quit',
    title: 'file cut in its last record; QUIT after RCPT',
    form: 'pcap',
    truncate: { esa: 21 },
    sessions: one([upToRcpt, pause(0.3), quit], quitOpen(), { end: 'quit' }),
  },
  {
    id: 'e226-truncated-gzip',
    title: 'gzip file cut; RST in the body',
    form: 'pcap.gz',
    truncate: { esa: 60 },
    sessions: one(
      [upToData, { op: 'body', n: 9000, upto: 6000, chunk: 1000, gap: 0.05 }, pause(0.3), rst],
      truth('rst/client/data-body', {
        certain: false,
        accept: ['undetermined/*/*', 'premature-fin/*/*', 'still-open/*/*', 'rst/*/*'],
        not: ['completed/*/*', 'timeout/*/*', '*/middlebox/*>=0.7', 'client-quit/*/*'],
      }),
      RST,
    ),
  },
  {
    id: 'e227-rotated-rst',
    title: 'capture rotated every second; client resets after five seconds of pauses',
    split: { esa: 1 },
    sessions: one(
      [greet, ehlo, pause(1), mail, pause(1), rcpt, pause(1), data, { op: 'body', n: 9000, upto: 6000, chunk: 1000, gap: 0.3 }, rst],
      reset('data-body', {}),
      RST,
    ),
  },

  { id: 'e230-log-hour-behind', title: 'log one hour behind', log: { offset: -3600 }, sessions: one(bodyThen(rst), reset('data-body', {}), RST) },
  {
    id: 'e231-log-half-hour',
    title: 'log 31 minutes and 7 seconds ahead',
    log: { offset: 1867 },
    sessions: one([upToRcpt, pause(0.4), quit], quitOpen(), { end: 'quit' }),
  },
  {
    id: 'e232-log-two-hours-timeout',
    title: "log two hours ahead; appliance's timeout",
    log: { offset: 7200 },
    sessions: one([upToRcpt, until(14)], idle('rcpt'), { end: 'timeout' }),
  },
  {
    id: 'e233-log-other-day',
    title: 'log of the day before: it has nothing to do with the capture',
    log: {
      offset: 0,
      crowd: (entries) =>
        entries.map((e) => ({
          ...e,
          t: e.t - 86400 + 4321,
          line: e.line
            .replace(/MID (\d+)/g, (_, n) => `MID ${Number(n) - 5000}`)
            .replace(/ICID (\d+)/g, (_, n) => `ICID ${Number(n) - 500}`)
            .replace(/198\.51\.100\.\d+/g, '198.51.100.250')
            .replaceAll('sender@client', 'other@another')
            .replaceAll('rcpt@', 'someone@'),
        })),
      determinable: false,
    },
    sessions: one([upToRcpt, pause(0.4), close], fin('rcpt', { noIcid: true }), FIN),
  },
  {
    id: 'e234-wrapped-paste',
    title: 'log pasted: wrapped at 80 columns, blank lines',
    log: { form: 'wrapped', file: 'mail_logs.txt' },
    sessions: one([upToRcpt, pause(0.4), rst], reset('rcpt', {}), RST),
  },
  {
    id: 'e235-quoted-paste',
    title: 'log quoted in a mail',
    log: { form: 'quoted', file: 'mail_logs.txt' },
    sessions: one([upToData, until(14)], idle('data-command'), { end: 'timeout' }),
  },
  { id: 'e236-syslog', title: 'log by syslog, without the year', log: { form: 'syslog' }, sessions: one(bodyThen(close), fin('data-body', {}), FIN) },
  {
    id: 'e237-crlf',
    title: 'log with CRLF',
    log: { form: 'crlf' },
    sessions: one(
      [upToRcpt, message, pause(0.4), close],
      fin('idle-after-message', { accept: ['completed/*/*'], not: ['rst/*/*', 'timeout/*/*', '*/middlebox/*', 'client-quit/*/*'] }),
      FIN,
    ),
  },
  {
    id: 'e238-grep-mid-fin',
    title: "only the MID's lines; FIN after RCPT",
    log: { keep: /MID \d+/ },
    sessions: one([upToRcpt, pause(0.4), close], fin('rcpt', {}), FIN),
  },
  {
    id: 'e239-grep-icid',
    title: 'only the lines with ICID; reset in the body',
    log: { keep: /ICID \d+/ },
    sessions: one(bodyThen(rst), reset('data-body', {}), RST),
  },
  {
    id: 'e240-log-starts-late',
    title: 'the log begins after the session opened; QUIT after RCPT',
    log: { from: /RID 0/, form: 'bare' },
    sessions: one([greet, ehlo, mail, pause(1), rcpt, pause(1.2), quit], quitOpen(), { end: 'quit' }),
  },
  {
    id: 'e241-no-log-timeout',
    title: "no log; appliance's timeout",
    log: { none: true },
    sessions: one([upToData, until(14)], idle('data-command'), { end: 'timeout' }),
  },
  {
    id: 'e242-no-log-forged',
    title: 'no log; forged resets of the box',
    log: { none: true },
    inject: {
      when: { text: '000060 the' },
      resets: [
        { to: 'server', ...box },
        { to: 'client', ...box },
      ],
    },
    sessions: one([upToData, { op: 'body', n: 9000, chunk: 900, gap: 0.08, soft: true }, until(3)], truth('rst/middlebox/data-body', {}), {
      end: 'reset',
      order: 'cR',
      ttl: [0, 63],
    }),
  },
  {
    id: 'e243-injection-debug-quit',
    title: 'with the injection debug log; QUIT after RCPT',
    esa: { debug: true },
    sessions: one([upToRcpt, pause(0.3), quit], quitOpen(), { end: 'quit' }),
  },

  {
    id: 'e250-six-at-once',
    title: 'six sessions of one client at the same time, six fates',
    sameClient: true,
    icidStep: 3,
    sessions: [
      { label: 's1', steps: bodyThen(rst), truth: reset('data-body'), expect: RST },
      { label: 's2', steps: [upToRcpt, pause(0.3), quit], truth: quitOpen(), expect: { end: 'quit' } },
      { label: 's3', steps: [upToRcpt, message, quit], truth: done(), expect: { end: 'quit' } },
      { label: 's4', steps: [upToData, until(14)], truth: idle('data-command'), expect: { end: 'timeout' } },
      { label: 's5', steps: [upToRcpt, pause(0.4), close], truth: fin('rcpt'), expect: FIN },
      { label: 's6', steps: [greet, ehlo, pause(0.2), close], truth: fin('helo'), expect: FIN },
    ],
  },
  {
    id: 'e251-twins-same-end-second',
    title: 'two sessions of one client, same second and same envelope: QUIT after RCPT and FIN after RCPT',
    sameClient: true,
    sessions: [
      { label: 's1', steps: [upToRcpt, pause(0.1), quit], truth: quitOpen(), expect: { end: 'quit' } },
      { label: 's2', at: 0.05, steps: [upToRcpt, pause(0.1), close], truth: fin('rcpt'), expect: FIN },
    ],
  },
  {
    id: 'e252-reuse-of-port',
    title: 'the client uses the same source port twice within two seconds: reset, then a good session',
    sameClient: true,
    sessions: [
      { label: 's1', steps: [{ op: 'connect', sport: 41414 }, hear, ehlo, mail, rcpt, pause(0.1), rst], truth: reset('rcpt'), expect: { end: 'reset' } },
      { label: 's2', at: 1.5, steps: [{ op: 'connect', sport: 41414 }, hear, ehlo, mail, rcpt, message, quit], truth: done(), expect: { end: 'quit' } },
    ],
  },
  {
    id: 'e253-crowd-log',
    title: 'a crowd of other sessions in the log that the capture filter left out',
    log: { crowd: (entries) => [...entries, ...crowd(entries)] },
    sessions: one([upToRcpt, pause(0.4), rst], reset('rcpt', {}), RST),
  },
  {
    id: 'e254-retry-after-rst',
    title: 'the same client comes back three times: reset twice, then accepted',
    sameClient: true,
    sessions: [
      { label: 's1', steps: [upToRcpt, pause(0.1), rst], truth: reset('rcpt'), expect: RST },
      { label: 's2', at: 1.1, steps: [upToData, pause(0.1), rst], truth: reset('data-command'), expect: RST },
      { label: 's3', at: 2.2, steps: [upToRcpt, message, quit], truth: done(), expect: { end: 'quit' } },
    ],
  },
  {
    id: 'e255-still-open-tls',
    title: 'capture and log end while a TLS session is alive',
    esa: { tls: true },
    timeout: 60,
    stopEarly: true,
    linger: 1,
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, signal('x'), pause(30)],
      truth('still-open/undetermined/rcpt', {
        encrypted: true,
        acceptStage: ['starttls', 'mail', 'helo'],
        accept: ['still-open/*/*', 'undetermined/*/*'],
        not: ['premature-fin/*/*', 'timeout/*/*', 'client-quit/*/*', 'completed/*/*', 'silent-drop/*/*', 'tls-failure/*/*'],
      }),
      { exactly: '' },
    ),
    max: 3,
  },
  {
    id: 'e256-still-open-body',
    title: 'capture and log end in the body',
    timeout: 60,
    stopEarly: true,
    sessions: one(
      [upToData, { op: 'body', n: 9000, upto: 6000, chunk: 1000, gap: 0.1 }, pause(30)],
      truth('still-open/undetermined/data-body', {
        accept: ['still-open/*/*', 'undetermined/*/*'],
        not: ['premature-fin/*/*', 'timeout/*/*', 'client-quit/*/*', 'completed/*/*', 'silent-drop/*/*'],
      }),
      { exactly: '' },
    ),
    max: 3,
    linger: 0.3,
  },
  {
    id: 'e257-reject-354-vlan-dup',
    title: 'the 354 rejected by the firewall, VLAN tag and doubled frames',
    before: rejectRule,
    ...esa(['vlan', 42], ['duplicate', 7]),
    sessions: one([upToRcpt, put('DATA'), until(4)], truth('rst/middlebox/data-command', { acceptStage: ['rcpt'] }), {
      end: 'reset',
      order: 'cR',
      ttl: [0, 63],
    }),
  },
  {
    id: 'e258-log-only-quit',
    title: 'TLS session without its handshake in the capture: QUIT hidden, the log tells',
    esa: { tls: true },
    edits: { esa: [['skip', 22]] },
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, pause(0.4), quit],
      truth('client-quit/client/rcpt', {
        encrypted: true,
        accept: ['client-quit/client/*'],
        acceptStage: ['starttls'],
        not: ['premature-fin/*/*', 'completed/*/*', 'timeout/*/*', '*/middlebox/*'],
      }),
      { end: 'quit' },
    ),
  },

  {
    id: 'e260-sll2-rst',
    title: 'Linux cooked capture v2: client resets in the body',
    form: 'pcap',
    ...esa(['cooked2', true]),
    sessions: one(bodyThen(rst), reset('data-body', {}), RST),
  },
  {
    id: 'e261-raw-ip-forged',
    title: 'raw IP link type: forged resets of the box',
    form: 'pcap',
    ...esa(['bare', true]),
    inject: {
      when: { text: '000060 the' },
      resets: [
        { to: 'server', ...box },
        { to: 'client', ...box },
      ],
    },
    sessions: one([upToData, { op: 'body', n: 9000, chunk: 900, gap: 0.08, soft: true }, until(3)], truth('rst/middlebox/data-body', {}), {
      end: 'reset',
      order: 'cR',
      ttl: [0, 63],
    }),
  },
  {
    id: 'e262-snap-68-forged',
    title: 'snap length 68; forged resets of the box',
    ...esa(['snap', 68]),
    inject: {
      when: { text: '000060 the' },
      resets: [
        { to: 'server', ...box },
        { to: 'client', ...box },
      ],
    },
    sessions: one(
      [upToData, { op: 'body', n: 9000, chunk: 900, gap: 0.08, soft: true }, until(3)],
      truth('rst/middlebox/data-body', { acceptStage: ['data-command', 'rcpt', 'mail'] }),
      { end: 'reset', order: 'cR', ttl: [0, 63] },
    ),
  },
  {
    id: 'e263-outbound-only-rst',
    title: 'only packets from the appliance; the client resets in the body: nothing of it in the file, the log says lost',
    ...esa(['only', 'server']),
    sessions: one(
      bodyThen(rst),
      truth('undetermined/undetermined/data-body', {
        certain: false,
        accept: [
          'undetermined/*/*',
          'rst/client/*',
          'rst/undetermined/*',
          'premature-fin/client/*',
          'premature-fin/undetermined/*',
          'still-open/*/*',
          'silent-drop/undetermined/*',
        ],
        acceptStage: ['data-command'],
        not: ['client-quit/*/*', 'completed/*/*', '*/appliance/*>=0.7', '*/middlebox/*', 'timeout/*/*>=0.7'],
      }),
      { end: 'reset' },
    ),
  },
  {
    id: 'e264-outbound-only-timeout',
    title: 'only packets from the appliance; its timeout after RCPT',
    ...esa(['only', 'server']),
    sessions: one(
      [upToRcpt, until(14)],
      idle('rcpt', {
        accept: ['timeout/appliance/*', 'timeout/*/*'],
        not: ['client-quit/*/*', 'premature-fin/client/*', 'rst/*/*', 'completed/*/*', '*/middlebox/*', 'silent-drop/*/*>=0.7'],
      }),
      { end: 'timeout', order: 'sF' },
    ),
  },
  {
    id: 'e265-inbound-only-rst-appliance',
    title: 'only packets towards the appliance; the appliance resets after RCPT, nothing of it in the file',
    ...esa(['only', 'client']),
    esa: { hooks: [{ at: 'rcpt', nth: 2, delay: 0.3, end: 'rst' }] },
    edits: { esa: [['only', 'client']] },
    sessions: one(
      [upToRcpt, pause(0.1), put('RCPT TO:<second@example.net>'), until(4)],
      truth('undetermined/undetermined/rcpt', {
        certain: false,
        accept: ['undetermined/*/*', 'rst/appliance/*', 'still-open/*/*', 'premature-fin/appliance/*', 'timeout/appliance/*'],
        not: ['client-quit/*/*', 'completed/*/*', 'rst/client/*', 'premature-fin/client/*', '*/middlebox/*'],
      }),
      { end: 'own-rst' },
    ),
  },
  {
    id: 'e266-losses-then-quit',
    title: 'the capture lost segments of both sides, QUIT after RCPT among them is there',
    ...esa(['lose', { every: 5 }]),
    sessions: one([greet, ehlo, mail, rcpt, say('RCPT TO:<second@example.net>'), pause(0.3), quit], quitOpen('rcpt', { accept: ['client-quit/client/*'] }), {
      end: 'quit',
    }),
  },
  {
    id: 'e267-banner-missing',
    title: 'the first ten packets are missing; the client closes after RCPT',
    ...esa(['skip', 10]),
    sessions: one([upToRcpt, pause(0.3), close], fin('rcpt', { acceptStage: ['mail'] }), FIN),
  },
  {
    id: 'e268-duplicates-vlan-421',
    title: "frames doubled at a VLAN trunk; appliance's timeout in the body",
    ...esa(['duplicate', 3], ['vlan', 12]),
    sessions: one([upToData, body(2500), until(14)], idle('data-body', {}), { end: 'timeout', order: 'sF' }),
  },
  {
    id: 'e269-new-year',
    title: 'recorded over midnight of new year, log by syslog without the year',
    days: 40,
    log: { form: 'syslog', zone: 'Australia/Adelaide', offset: 0 },
    sessions: one([upToRcpt, pause(0.3), rst], reset('rcpt', {}), RST),
  },
  {
    id: 'e270-crowd-same-client',
    title: 'the log holds many earlier and later sessions of the same client with the same envelope',
    log: { crowd: (entries) => [...entries, ...crowd(entries, true)] },
    sessions: one([upToRcpt, pause(0.4), quit], quitOpen(), { end: 'quit' }),
  },
  {
    id: 'e271-crowd-offset-37',
    title: 'crowd of the same client and a log that is 37 s off',
    log: { offset: 37, crowd: (entries) => [...entries, ...crowd(entries, true)], determinable: false },
    sessions: one([upToRcpt, message, pause(0.6), mail, rcpt, data, body(3000, { upto: 2000 }), pause(0.3), close], fin('data-body', {}), FIN),
  },
  {
    id: 'e272-client-point-only-extra',
    capture: ['esa', 'client'],
    title: "both captures, the client's clock 4.2 s ahead; client closes in the body",
    edits: { client: [['shift', 4.2]] },
    sessions: one(bodyThen(close), fin('data-body', {}), FIN),
  },
  {
    id: 'e273-two-points-forged-clock',
    capture: ['esa', 'client'],
    title: 'both captures, clocks apart by an hour; perfect copies of resets to both sides',
    edits: { client: [['shift', -3601.5]] },
    inject: {
      when: { text: '000060 the' },
      resets: [
        { to: 'server', ttl: 'copy', id: 'copy', ts: true, ts_step: 4, win: 'copy' },
        { to: 'client', ttl: 'copy', id: 'copy', ts: true, ts_step: 4, win: 'copy' },
      ],
    },
    sessions: one([upToData, { op: 'body', n: 9000, chunk: 900, gap: 0.08, soft: true }, until(3)], truth('rst/middlebox/data-body', {}), {
      end: 'reset',
      order: 'cR',
      ttl: [0, 61],
    }),
  },
  {
    id: 'e274-tls-inbound-only',
    title: 'TLS, only packets towards the appliance; FIN after RCPT',
    esa: { tls: true },
    edits: { esa: [['only', 'client']] },
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, pause(0.3), close],
      fin('rcpt', { encrypted: true, accept: ['premature-fin/client/*'], acceptStage: ['starttls'] }),
      { end: 'eof', order: 'cF' },
    ),
  },
  {
    id: 'e275-policy-quarantine-then-rst',
    title: 'message accepted and put into the policy quarantine; the client resets without QUIT',
    log: {
      crowd: (entries) =>
        entries.flatMap((e) =>
          /queued for delivery/.test(e.line) ? [{ t: e.t, line: e.line.replace('queued for delivery', 'quarantined to "Policy" (content filter:hold)') }] : [e],
        ),
    },
    sessions: one(
      [upToRcpt, message, pause(0.4), rst],
      reset('idle-after-message', { accept: ['completed/*/*'], not: ['premature-fin/*/*', 'timeout/*/*', '*/middlebox/*>=0.7', 'client-quit/*/*'] }),
      RST,
    ),
  },
  {
    id: 'e276-no-pcap-of-session',
    title: "the capture holds one client, the log another in the same minute: the log's one is judged by the log alone",
    log: { crowd: (entries) => [...entries, ...crowd(entries).slice(0, 40)] },
    sessions: one(bodyThen(close), fin('data-body', {}), FIN),
  },
  {
    id: 'e280-two-appliances',
    title: 'logs of two appliances with the same numbers: the other one has the same client a minute later',
    log: {
      other: (entries) =>
        entries.map((e) => ({
          ...e,
          t: e.t + 64,
          line: e.line
            .replace(/192\.0\.2\.25/g, '192.0.2.26')
            .replace('Receiving aborted', 'Receiving aborted by sender')
            .replace(/^ICID \d+ lost$/, 'Status: CPULd 3'),
        })),
    },
    sessions: one([upToRcpt, pause(0.4), close], fin('rcpt', {}), FIN),
  },
  {
    id: 'e281-two-appliances-same-second',
    title: 'logs of two appliances with the same numbers and the same second; the captured one is told by its address',
    log: {
      other: (entries) =>
        entries.map((e) => ({
          ...e,
          line: e.line
            .replace(/192\.0\.2\.25/g, '192.0.2.26')
            .replace(/198\.51\.100\.\d+/g, '198.51.100.249')
            .replace(/^ICID (\d+) lost$/, 'ICID $1 close'),
        })),
    },
    sessions: one(bodyThen(rst), reset('data-body', {}), RST),
  },
];

/** Sessions of other clients, before and after, made of the recorded ones. */
function crowd(entries, same = false) {
  const out = [];
  for (let k = 1; k <= 12; k++) {
    const by = (k % 2 ? -1 : 1) * (k * 17 + 3);
    for (const e of entries) {
      out.push({
        t: e.t + by,
        line: e.line
          .replace(/\bMID (\d+)/g, (_, n) => `MID ${Number(n) + (by > 0 ? k : -k) * 3}`)
          .replace(/ICID (\d+)/g, (_, n) => `ICID ${Number(n) + (by > 0 ? k : -k) * 2}`)
          .replace(same ? /$^/g : /198\.51\.100\.(\d+)/g, (_, n) => `198.51.100.${((Number(n) + k * 7) % 220) + 20}`)
          .replaceAll('client.example', same ? 'client.example' : `client${k}.example`),
      });
    }
  }
  return out;
}
