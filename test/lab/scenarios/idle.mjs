import { dark, done, dropped, forged, forgetful, sent, ways, STAGES } from './boxes.mjs';
import { body, close, data, ehlo, greet, mail, message, one, pause, put, quit, raw, rcpt, startTls, truth, until, upToRcpt } from './words.mjs';

const forgets = { interference: ['idle-expiry'] };
const keepAlive = (s, count = 20) => ({
  op: 'connect',
  opts: [
    ['SOL_SOCKET', 'SO_KEEPALIVE', 1],
    ['IPPROTO_TCP', 'TCP_KEEPIDLE', s],
    ['IPPROTO_TCP', 'TCP_KEEPINTVL', s],
    ['IPPROTO_TCP', 'TCP_KEEPCNT', count],
  ],
});
const heldGone = {
  not: ['rst/*/*', 'premature-fin/*/*', '*/remote-server/*>=0.7', '*/middlebox/*>=0.9'],
  acceptStage: ['idle-after-message', 'quit'],
  ...forgets,
};
/** a delivery whose connection was held, forgotten by the firewall and used again: the second message goes into nothing */
const secondLost = (more = {}) => dark('mail', { accept: ['silent-drop/remote-server/*'], ...heldGone, ...more });
const held = (deliver, remote, verdict, expect, more = {}) => [
  { label: 'd1', deliver: { messages: 2, between: 5, ...deliver }, remote, truth: verdict, expect, ...more },
];
const TIMERS = [
  ['azure-240', 240],
  ['f5-300', 300],
  ['aws-350', 350],
  ['gta-600', 600],
  ['srx-1800', 1800],
  ['asa-3600', 3600],
  ['nsx-7200', 7200],
  ['off-the-table-1234', 1234],
];

/** Firewalls that forget idle connections, and connections that survive being idle. */
export const IDLE = [
  ...ways(
    {
      id: 'k401-held-delivery-forgotten',
      title: 'delivery: a held connection is forgotten by the firewall without a word; the MAIL of the second message is never answered',
      before: forgetful(),
      sessions: held({}, {}, secondLost(), { end: 'timeout' }),
      linger: 1,
      max: 40,
    },
    { 'no-log': {}, vlan: {}, snap: { acceptStage: STAGES }, late: {} },
  ),
  ...TIMERS.map(([name, seconds], k) => ({
    id: `k41${k}-held-delivery-${name}`,
    title: `as k401, the connection was idle for ${seconds} s`,
    stretch: { over: 4, to: seconds + 0.6 },
    before: forgetful(),
    sessions: held({}, {}, secondLost(), { end: 'timeout' }),
    linger: 1,
    max: 40,
  })),
  {
    id: 'k420-held-delivery-two-points',
    capture: ['esa', 'client'],
    title: 'as k401 with the capture of the server: the MAIL never arrives there',
    before: forgetful(),
    sessions: held(
      {},
      {},
      dropped('mail', { acceptStage: ['idle-after-message'], ...forgets, not: ['rst/*/*', 'premature-fin/*/*', '*/remote-server/*', '*/appliance/*>=0.9'] }),
      { end: 'timeout' },
    ),
    linger: 1,
    max: 40,
  },
  {
    id: 'k421-held-delivery-ipv6',
    title: 'as k401 over IPv6',
    before: forgetful(),
    sessions: held({}, {}, secondLost(), { end: 'timeout' }, { v6: true }),
    linger: 1,
    max: 40,
  },
  {
    id: 'k422-held-delivery-server-421-lost',
    title: "delivery: the firewall forgets the held connection; the server's 421 is lost in it, then the appliance's MAIL",
    before: forgetful(),
    sessions: held(
      { between: 7 },
      { idle: 5 },
      secondLost({
        accept: [
          'silent-drop/remote-server/*',
          'silent-drop/middlebox/*',
          'silent-drop/network/*',
          'silent-drop/undetermined/*',
          'undetermined/*/*',
          'timeout/*/*',
        ],
      }),
      {
        end: 'timeout',
        hasNot: ['421'],
      },
    ),
    linger: 1,
    max: 45,
  },
  {
    id: 'k423-held-delivery-quit-lost',
    title: 'delivery: one message accepted, the connection is forgotten while held; QUIT is said into nothing',
    before: forgetful(),
    sessions: [
      {
        label: 'd1',
        deliver: { hold: 5 },
        remote: {},
        truth: sent({
          ...forgets,
          accept: ['completed/*/*', 'silent-drop/*/*'],
          acceptStage: ['idle-after-message'],
          not: ['rst/*/*', 'premature-fin/*/*', '*/remote-server/*'],
        }),
        expect: { end: 'quit', hasNot: ['221'] },
      },
    ],
    linger: 3,
    max: 40,
  },
  {
    id: 'k424-held-delivery-rejected',
    title: 'delivery: the firewall answers the second MAIL with a reset after an hour of silence',
    stretch: { over: 4, to: 3600.4 },
    before: forgetful('reject with tcp reset'),
    sessions: held(
      {},
      {},
      forged('mail', {
        accept: ['rst/middlebox/*'],
        acceptStage: ['idle-after-message'],
        ...forgets,
        not: ['*/remote-server/*>=0.9', '*/appliance/*', 'premature-fin/*/*', 'timeout/*/*'],
      }),
      {
        end: 'reset',
        order: 'sR',
        ttl: [0, 63],
      },
    ),
    max: 40,
  },
  {
    id: 'k425-held-delivery-kept-alive',
    title: 'delivery: keep-alives of the appliance keep the firewall awake; both messages are delivered',
    before: forgetful('drop', 3),
    sessions: held({ keepalive: 1 }, {}, sent({ not: ['silent-drop/*/*', 'timeout/*/*', 'rst/*/*', 'premature-fin/*/*', '*/middlebox/*'] }), { end: 'quit' }),
    max: 40,
  },
  {
    id: 'k426-held-delivery-keepalives-too-rare',
    title: 'delivery: the keep-alives come later than the firewall forgets: they and the second MAIL are dropped',
    before: forgetful('drop', 2),
    sessions: held({ keepalive: 4, between: 7 }, {}, secondLost(), { end: 'timeout' }),
    linger: 1,
    max: 45,
  },
  {
    id: 'k427-held-delivery-server-closed-first',
    title: 'delivery: the server closes the held connection with 421 before the next message: no firewall is needed for that',
    sessions: held(
      { between: 6 },
      { idle: 3 },
      truth('timeout/remote-server/idle-after-message', {
        silent: 'appliance',
        accept: ['completed/*/*', 'rejected/remote-server/idle-after-message', 'rejected/remote-server/*'],
        acceptStage: ['mail'],
        not: ['silent-drop/*/*', '*/middlebox/*', 'rst/*/*'],
      }),
      {},
    ),
    max: 40,
  },
  {
    id: 'k428-delivery-idle-hour-fine',
    title: 'delivery: an hour of silence between two messages, and all is well',
    stretch: { over: 4, to: 3601 },
    sessions: held({}, {}, sent({ not: ['silent-drop/*/*', 'timeout/*/*', 'rst/*/*', '*/middlebox/*', 'premature-fin/*/*'] }), { end: 'quit' }),
    max: 40,
  },
  {
    id: 'k429-held-deliveries-three',
    title: 'delivery: three held connections to one server fail alike after the pause, shorter pauses were survived',
    before: forgetful('drop', 4),
    sessions: [
      { ...held({ messages: 3, between: 2 }, {}, sent({ not: ['silent-drop/*/*', '*/middlebox/*', 'rst/*/*'] }), { end: 'quit' })[0], label: 'd1' },
      ...[2, 3, 4].map((k) => ({
        ...held({ at: k - 1, between: 6 }, {}, secondLost({ not: ['rst/*/*', 'premature-fin/*/*', '*/remote-server/*>=0.7'] }), { end: 'timeout' })[0],
        label: `d${k}`,
        noRemote: true,
      })),
    ],
    sameClient: true,
    linger: 1,
    max: 50,
  },

  ...ways(
    {
      id: 'k430-inbound-after-message-forgotten',
      title: 'inbound: after an accepted message the client pauses; the firewall forgets, the next MAIL never arrives',
      timeout: 9,
      before: forgetful(),
      sessions: one(
        [upToRcpt, message, pause(5), put('MAIL FROM:<second@client.example>'), until(12)],
        dark('idle-after-message', {
          acceptStage: ['mail'],
          ...forgets,
          accept: ['completed/*/*'],
          not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', '*/client/*>=0.7', '*/middlebox/*>=0.9'],
        }),
        { end: 'timeout', hasNot: ['second@'] },
      ),
      linger: 2,
    },
    { 'no-log': {}, kathmandu: {} },
  ),
  {
    id: 'k431-inbound-forgotten-240',
    title: 'inbound: four minutes of silence after RCPT, then the DATA is dropped; its repetition shows nothing, the appliance gives up at 300 s',
    timeout: 9,
    stretch: { over: 6, to: 300.02 },
    settings: { inbound_timeout_s: 300 },
    before: forgetful(),
    sessions: one([upToRcpt, pause(6.5), put('DATA'), until(12)], dark('rcpt', { acceptStage: ['data-command'], ...forgets }), { end: 'timeout' }),
    linger: 2,
  },
  {
    id: 'k432-inbound-client-keepalives-dropped',
    title: "inbound: the client's keep-alives come after the firewall has forgotten; the client's kernel resets, nothing of it arrives",
    timeout: 12,
    before: forgetful('drop', 2),
    sessions: one([keepAlive(3, 2), { op: 'recv' }, ehlo, mail, rcpt, until(16)], dark('rcpt', forgets), { end: 'timeout' }),
    linger: 2,
  },
  {
    id: 'k433-inbound-kept-alive-then-fine',
    title: 'inbound: keep-alives keep the firewall awake while the client thinks, the message completes',
    timeout: 12,
    before: forgetful('drop', 3),
    sessions: one(
      [keepAlive(1), { op: 'recv' }, ehlo, mail, rcpt, pause(6), message, quit],
      done({ not: ['silent-drop/*/*', 'timeout/*/*', 'rst/*/*', '*/middlebox/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'k434-inbound-kept-alive-then-timeout',
    title: "inbound: keep-alives flow, the client says nothing: the appliance's timeout",
    timeout: 9,
    before: forgetful('drop', 3),
    sessions: one([keepAlive(1), { op: 'recv' }, ehlo, mail, rcpt, until(14)], truth('timeout/appliance/rcpt', { silent: 'client' }), {
      end: 'timeout',
      order: 'sF',
    }),
  },
  {
    id: 'k435-inbound-slow-scan-forgotten',
    title: 'inbound: the appliance needs longer for its answer to the dot than the firewall remembers: the 250 is dropped again and again',
    timeout: 14,
    esa: { hooks: [{ at: 'dot', delay: 5 }] },
    before: forgetful(),
    sessions: one(
      [upToRcpt, data, body(3000), raw('.\r\n'), pause(9), close],
      dark('data-end', {
        acceptStage: ['idle-after-message'],
        ...forgets,
        accept: ['completed/*/*', 'timeout/client/*'],
        not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', '*/middlebox/*>=0.9'],
      }),
      {},
    ),
    linger: 6,
    max: 50,
  },
  {
    id: 'k436-inbound-slow-scan-two-points',
    capture: ['esa', 'client'],
    title: "as k435 with the client's capture: the 250 never arrives there",
    timeout: 14,
    esa: { hooks: [{ at: 'dot', delay: 5 }] },
    before: forgetful(),
    sessions: one(
      [upToRcpt, data, body(3000), raw('.\r\n'), pause(9), close],
      dropped('data-end', {
        acceptStage: ['idle-after-message'],
        ...forgets,
        accept: ['completed/*/*'],
        not: ['client-quit/*/*', 'rst/*/*', '*/client/*>=0.9', '*/appliance/*>=0.9'],
      }),
      {},
    ),
    linger: 6,
    max: 50,
  },
  {
    id: 'k437-inbound-tls-forgotten',
    title: 'inbound, TLS 1.3: forgotten while the client pauses; the log has the timeout',
    timeout: 9,
    esa: { tls: true },
    before: forgetful(),
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, pause(5), put('DATA'), until(12)],
      dark('rcpt', { encrypted: true, acceptStage: ['starttls', 'data-command', 'mail', 'helo'], ...forgets }),
      {},
    ),
    linger: 2,
    max: 40,
  },
  {
    id: 'k438-inbound-client-closed-into-nothing',
    title: 'inbound: the client closes after the firewall has forgotten: its FIN never arrives',
    timeout: 9,
    before: forgetful(),
    sessions: one([upToRcpt, pause(5), close], dark('rcpt', forgets), { end: 'timeout' }),
    linger: 2,
  },
  {
    id: 'k439-inbound-half-open-after-restart',
    title: 'inbound: after its pause the client starts anew from another port; the old connection runs into its timeout',
    timeout: 9,
    sameClient: true,
    before: forgetful(),
    sessions: [
      {
        label: 's1',
        steps: [upToRcpt, pause(5), put('DATA'), until(3), close],
        truth: dark('rcpt', { acceptStage: ['data-command'], ...forgets }),
        expect: { end: 'timeout' },
      },
      {
        label: 's2',
        at: 8.6,
        steps: [upToRcpt, message, quit],
        truth: done({ not: ['silent-drop/*/*', 'timeout/*/*', '*/middlebox/*'] }),
        expect: { end: 'quit' },
      },
    ],
    linger: 2,
    max: 40,
  },
];
