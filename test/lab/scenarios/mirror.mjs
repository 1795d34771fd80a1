import { copy, cutIn, done, forged, own, pair, sent, ways, STAGES } from './boxes.mjs';
import {
  body,
  close,
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
  truth,
  until,
  upToData,
  upToRcpt,
} from './words.mjs';

const flow = { op: 'body', n: 14000, chunk: 900, gap: 0.08, soft: true };
const flowing = [upToData, flow, until(3)];
const partly = [upToData, { op: 'body', n: 9000, upto: 6000, chunk: 700, gap: 0.05 }, pause(0.3)];
const text = '000060 the';
/** A sensor on the appliance's link: the reset in the client's name enters at the router, the one in the appliance's name is put on the same link, where a mirror port sees both. */
const sensor = (when, fields, appliance = 'server') => [
  { role: 'b', tap: 'eth1', when, resets: [{ to: appliance, ...fields }] },
  { role: 'e', tap: 'eth0', when, resets: [{ to: appliance === 'server' ? 'client' : 'server', ...fields }] },
];
const lookedAt = { acceptStage: ['data-command', 'data-end'] };
const ownRst = truth('rst/client/data-body', {});
const BOTH = { accept: ['rst/middlebox/*'], not: ['*/client/*', '*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*'] };
const route = (from, to) => [['a', 'nft', `table ip turn {\n chain f { type filter hook forward priority 0\n  ip ttl ${from} ip ttl set ${to}\n }\n}`]];
const synProxy = [
  [
    'f',
    'sh',
    [
      'set -e',
      'sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0 net.ipv4.tcp_syncookies=1 net.ipv4.tcp_timestamps=1',
      'iptables -t raw -A PREROUTING -p tcp --dport 25 --syn -j CT --notrack',
      'iptables -A FORWARD -p tcp --dport 25 -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460',
      'iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP',
    ].join('\n'),
  ],
];

/** Resets seen from a point that is not an end, and hop counts that change for honest reasons. */
export const MIRROR = [
  ...ways(
    {
      id: 'r401-sensor-both-on-link',
      title: "a sensor resets both sides in the body; the capture holds the reset in the appliance's name too, TTL 255",
      inject: sensor({ text }, { ...own, ttl: 255 }),
      sessions: one(flowing, forged('data-body', { ...lookedAt, ...BOTH }), { end: 'reset', resets: ['c', 's'] }),
    },
    { 'no-log': {}, vlan: {}, link: {}, doubled: {}, snap: { acceptStage: STAGES } },
  ),
  {
    id: 'r402-sensor-both-copy',
    title: 'as r401 with copied TTL and numbering: both ends reset each other in the same instant',
    inject: sensor({ text }, copy),
    sessions: one(
      flowing,
      forged('data-body', {
        ...lookedAt,
        certain: false,
        accept: ['rst/*/*'],
        not: ['client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', '*/client/*>=0.9', '*/appliance/*>=0.9'],
      }),
      {
        end: 'reset',
        resets: ['c', 's'],
      },
    ),
  },
  {
    id: 'r403-sensor-both-idle',
    title: 'a sensor resets both sides while the client thinks after RCPT',
    inject: sensor({ text: 'RCPT TO', after: 1 }, { ...own, ttl: 128 }),
    sessions: one([upToRcpt, until(4)], forged('rcpt', BOTH), { end: 'reset', resets: ['c', 's'] }),
  },
  {
    id: 'r404-sensor-delivery',
    title: 'delivery: a sensor resets both sides in the body, both resets in the capture',
    inject: sensor({ text: '000060 outbound', from: 'client' }, { ...own, ttl: 255 }, 'client'),
    sessions: delivery(
      { bytes: 30000, chunk: 900, gap: 0.04 },
      {},
      forged('data-body', { ...lookedAt, accept: ['rst/middlebox/*'], not: ['*/remote-server/*', '*/appliance/*', 'completed/*/*', 'premature-fin/*/*'] }),
      { end: 'reset', resets: ['c', 's'] },
    ),
  },
  {
    id: 'r405-sensor-ipv6',
    title: 'a sensor resets both sides over IPv6, both resets in the capture',
    inject: sensor({ text }, { ttl: 255, win: 0 }),
    sessions: one(flowing, forged('data-body', { ...lookedAt, ...BOTH }), { end: 'reset', resets: ['c', 's'] }, { v6: true }),
  },
  {
    id: 'r406-mirror-own-rst',
    title: "the mirror port of the appliance's link: the client resets by itself",
    esaAt: 'link',
    sessions: one([partly, rst], ownRst, { end: 'reset', order: 'cR', ttl: [0, 61] }),
  },
  {
    id: 'r407-mirror-appliance-rst',
    title: "the mirror port of the appliance's link: the appliance resets in the body",
    esaAt: 'link',
    esa: { hooks: [{ at: 'body', bytes: 4000, end: 'rst' }] },
    sessions: one([upToData, { op: 'body', n: 30000, chunk: 1400, gap: 0.03 }], truth('rst/appliance/data-body'), { end: 'own-rst', order: 'sR' }),
  },
  {
    id: 'r408-mirror-timeout',
    title: "the mirror port of the appliance's link: the appliance's timeout",
    esaAt: 'link',
    sessions: one([upToRcpt, until(14)], truth('timeout/appliance/rcpt', { silent: 'client' }), { end: 'timeout', order: 'sF' }),
  },
  {
    id: 'r409-outside-injected',
    title: 'the firewall resets both sides; the capture at its outside never saw a reset from the client',
    capture: ['esa', 'outside'],
    inject: { when: { text }, resets: pair(copy) },
    sessions: one(flowing, forged('data-body', { ...lookedAt, ...BOTH }), { end: 'reset', order: 'cR', ttl: [0, 61] }),
  },
  {
    id: 'r410-outside-own-rst',
    title: "the client's own reset, seen at the firewall's outside and at the appliance",
    capture: ['esa', 'outside'],
    sessions: one([partly, rst], truth('rst/client/data-body', { not: ['client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', '*/middlebox/*'] }), {
      end: 'reset',
      order: 'cR',
    }),
  },
  {
    id: 'r411-outside-dropped',
    title: "the firewall drops the client's packets in the body; its outside shows them arriving",
    capture: ['esa', 'outside'],
    on: { cut: cutIn },
    sessions: one(
      [
        upToData,
        body(4000, { chunk: 1000, gap: 0.1 }),
        { op: 'signal', name: 'cut' },
        { op: 'body', n: 3000, head: false, chunk: 1000, gap: 0.2, soft: true },
        until(14),
      ],
      truth('silent-drop/middlebox/data-body', {
        accept: ['silent-drop/middlebox/*', 'silent-drop/network/*', 'silent-drop/undetermined/*'],
        not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', 'completed/*/*', '*/client/*'],
      }),
      { end: 'timeout' },
    ),
    linger: 2,
  },
  {
    id: 'r412-outside-own-fin',
    title: "the client's own FIN after RCPT, seen at the firewall's outside and at the appliance",
    capture: ['esa', 'outside'],
    sessions: one([upToRcpt, pause(0.4), close], truth('premature-fin/client/rcpt'), { end: 'eof', order: 'cF' }),
  },

  ...ways(
    {
      id: 'r420-syn-proxy-own-rst',
      title: "a SYN proxy answers for the appliance: the SYN comes with its TTL, the data with the client's; the client resets by itself",
      before: synProxy,
      sessions: one([partly, rst], truth('rst/client/data-body', { interference: ['proxy'] }), { end: 'reset', order: 'cR', ttls: [63, 61] }),
    },
    { 'no-log': {}, vlan: {}, late: { acceptStage: STAGES } },
  ),
  {
    id: 'r421-syn-proxy-complete',
    title: 'a SYN proxy in front, message and QUIT',
    before: synProxy,
    sessions: one([upToRcpt, message, quit], done({ not: ['rst/*/*', 'premature-fin/*/*', 'timeout/*/*', '*/middlebox/*'] }), { end: 'quit', ttls: [63, 61] }),
  },
  {
    id: 'r422-syn-proxy-own-fin',
    title: 'a SYN proxy in front, the client closes after RCPT',
    before: synProxy,
    sessions: one([upToRcpt, pause(0.4), close], truth('premature-fin/client/rcpt'), { end: 'eof', order: 'cF', ttls: [63, 61] }),
  },
  {
    id: 'r423-syn-proxy-forged',
    title: 'a SYN proxy in front; the same box resets both sides in the body, with the TTL that the SYN had',
    before: synProxy,
    inject: { when: { text }, resets: pair(own) },
    sessions: one(flowing, forged('data-body', lookedAt), { end: 'reset', order: 'cR', ttl: [0, 63] }),
  },
  {
    id: 'r424-syn-proxy-timeout',
    title: "a SYN proxy in front; the appliance's timeout after DATA",
    before: synProxy,
    sessions: one([upToData, until(14)], truth('timeout/appliance/data-command', { silent: 'client' }), { end: 'timeout', order: 'sF' }),
  },

  ...ways(
    {
      id: 'r430-route-change-own-rst',
      title: 'the route changes in the body (TTL 61 to 57), twenty packets later the client resets by itself',
      on: { route: route(63, 59) },
      sessions: one(
        [
          upToData,
          { op: 'body', n: 9000, upto: 4000, chunk: 500, gap: 0.03 },
          { op: 'signal', name: 'route' },
          { op: 'body', n: 9000, head: false, chunk: 450, gap: 0.03 },
          pause(0.3),
          rst,
        ],
        ownRst,
        { end: 'reset', order: 'cR', ttl: [0, 57], ttls: [61, 57] },
      ),
    },
    { 'no-log': {}, snap: { acceptStage: ['data-command', 'rcpt'] }, peer: { acceptStage: STAGES } },
  ),
  {
    id: 'r431-route-change-just-before-rst',
    title: 'the route changes two packets before the client resets by itself: not to be told from a box',
    on: { route: route(63, 59) },
    sessions: one(
      [partly, { op: 'signal', name: 'route' }, { op: 'body', n: 700, head: false, chunk: 350, gap: 0.1 }, rst],
      truth('rst/client/data-body', {
        certain: false,
        accept: ['rst/undetermined/*'],
        not: ['client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', '*/middlebox/*>=0.7', '*/appliance/*'],
      }),
      { end: 'reset', order: 'cR', ttl: [0, 57] },
    ),
  },
  {
    id: 'r432-route-flaps-own-fin',
    title: 'the route changes and changes back in the body; the client closes',
    on: { route: route(63, 60), back: [['a', 'nft', 'flush ruleset']] },
    sessions: one(
      [
        upToData,
        { op: 'body', n: 3000, chunk: 500, gap: 0.03 },
        { op: 'signal', name: 'route' },
        { op: 'body', n: 3000, head: false, chunk: 500, gap: 0.03 },
        { op: 'signal', name: 'back' },
        { op: 'body', n: 3000, head: false, chunk: 500, gap: 0.03 },
        pause(0.3),
        close,
      ],
      truth('premature-fin/client/data-body'),
      { end: 'eof', order: 'cF', ttls: [61, 58] },
    ),
  },
  {
    id: 'r433-route-change-delivery-own-rst',
    title: 'delivery: the route of the server changes in the body, later it resets by itself',
    on: { body: route(63, 60) },
    sessions: delivery(
      { bytes: 40000, chunk: 900, gap: 0.03, signal_bytes: 6000 },
      { hooks: [{ at: 'body', bytes: 30000, end: 'rst' }] },
      truth('rst/remote-server/data-body'),
      { end: 'reset', order: 'sR', ttl: [0, 58] },
    ),
  },
  ...ways(
    {
      id: 'r434-ecmp-own-rst',
      title: 'packets take two paths of unequal length in strict turn; the client resets by itself',
      before: [['a', 'nft', 'table ip turn {\n chain f { type filter hook forward priority 0\n  tcp dport 25 numgen inc mod 2 0 ip ttl set 59\n }\n}']],
      sessions: one([upToData, { op: 'body', n: 9000, upto: 7000, chunk: 450, gap: 0.03 }, pause(0.3), rst], ownRst, { end: 'reset', order: 'cR' }),
    },
    { 'no-log': {}, vlan: {} },
  ),
  {
    id: 'r435-ecmp-forged',
    title: 'packets take two paths in turn; the box resets both sides with a TTL of its own',
    before: [['a', 'nft', 'table ip turn {\n chain f { type filter hook forward priority 0\n  tcp dport 25 numgen inc mod 2 0 ip ttl set 59\n }\n}']],
    inject: { when: { text }, resets: pair({ ...own, ttl: 128 }) },
    sessions: one(
      flowing,
      forged('data-body', {
        ...lookedAt,
        accept: ['rst/middlebox/*', 'rst/undetermined/*'],
        not: ['*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', '*/client/*>=0.7'],
      }),
      {
        end: 'reset',
        order: 'cR',
      },
    ),
  },
  {
    id: 'r436-socket-ttl-255-own-rst',
    title: 'the client speaks with TTL 255, its host answers the late reply without a socket with 64',
    esa: { hooks: [{ at: 'rcpt', nth: 2, delay: 0.6 }] },
    sessions: one(
      [greet, { op: 'ttl', v: 255 }, ehlo, mail, rcpt, put('RCPT TO:<second@example.net>'), pause(0.2), close],
      truth('premature-fin/client/rcpt', { secondary: 'reset of the host without the socket, TTL 64' }),
      { order: 'cF' },
    ),
  },
  {
    id: 'r437-host-ttl-128-own-rst',
    title: 'the socket speaks with TTL 128, the SYN went out with the default of the host (64); own reset in the body',
    sessions: one([greet, { op: 'ttl', v: 128 }, ehlo, mail, rcpt, data, { op: 'body', n: 9000, upto: 6000, chunk: 700, gap: 0.05 }, pause(0.3), rst], ownRst, {
      end: 'reset',
      order: 'cR',
      ttl: [0, 125],
    }),
  },
  {
    id: 'r438-windows-route-change',
    title: 'a client without timestamps; the route changes for good before the body, it resets by itself',
    os: 'windows',
    on: { route: [['a', 'nft', 'table ip turn {\n chain f { type filter hook forward priority 0\n  tcp dport 25 ip ttl set 122\n }\n}']] },
    sessions: one([upToData, { op: 'signal', name: 'route' }, { op: 'body', n: 9000, upto: 7000, chunk: 700, gap: 0.03 }, pause(0.3), rst], ownRst, {
      end: 'reset',
      order: 'cR',
      ttl: [0, 120],
    }),
  },
  {
    id: 'r439-ipv6-route-change',
    title: 'IPv6: the hop limit changes in the body, later the client resets by itself',
    on: { route: [['a', 'nft', 'table ip6 turn {\n chain f { type filter hook forward priority 0\n  tcp dport 25 ip6 hoplimit set 59\n }\n}']] },
    sessions: one(
      [
        upToData,
        { op: 'body', n: 3000, chunk: 500, gap: 0.03 },
        { op: 'signal', name: 'route' },
        { op: 'body', n: 7000, head: false, chunk: 500, gap: 0.03 },
        pause(0.3),
        rst,
      ],
      ownRst,
      { end: 'reset', order: 'cR' },
      { v6: true },
    ),
  },
  {
    id: 'r440-late-firewall-delivery-sent',
    title: 'delivery: the box resets both sides after the 250, before QUIT: the message is delivered',
    inject: { when: { text: 'queued as', from: 'server', after: 0.3 }, resets: pair(own) },
    sessions: delivery(
      { hold: 2 },
      {},
      forged('idle-after-message', {
        accept: ['completed/*/*', 'rst/middlebox/*'],
        not: ['*/remote-server/*', '*/appliance/rcpt', 'premature-fin/*/*', 'timeout/*/*'],
      }),
      {
        end: 'reset',
        order: 'sR',
        ttl: [0, 63],
      },
    ),
  },
  {
    id: 'r441-nat-own-rst',
    title: 'source NAT at the firewall, capture of the appliance alone: the client resets by itself',
    before: [
      ['f', 'nft', 'table ip nat {\n chain post { type nat hook postrouting priority 100\n  tcp dport 25 snat to 203.0.113.1\n }\n}'],
      ['b', 'sh', 'ip route replace 203.0.113.0/24 via 10.0.2.2'],
    ],
    sessions: one([partly, rst], ownRst, { end: 'reset', order: 'cR' }, { hidden: true }),
  },
  {
    id: 'r442-nat-forged',
    title: 'source NAT, the box behind it resets both sides',
    before: [
      ['f', 'nft', 'table ip nat {\n chain post { type nat hook postrouting priority 100\n  tcp dport 25 snat to 203.0.113.1\n }\n}'],
      ['b', 'sh', 'ip route replace 203.0.113.0/24 via 10.0.2.2'],
    ],
    inject: { role: 'b', tap: 'eth1', when: { text }, resets: [{ to: 'server', ...own }] },
    sessions: one(flowing, forged('data-body', lookedAt), { end: 'reset', order: 'cR', ttl: [0, 64] }, { hidden: true }),
  },
  {
    id: 'r443-sensor-reset-lost-race',
    title: 'the sensor is slow: its reset comes when the window has moved on; the message completes',
    inject: { when: { text }, resets: [{ to: 'server', ...own, seq: -900 }] },
    sessions: one(
      [upToData, { ...flow, soft: false }, raw('.\r\n'), hear, quit],
      done({ interference: ['stray-rst'], not: ['rst/*/*', 'premature-fin/*/*', 'timeout/*/*', 'silent-drop/*/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'r444-delivery-sent-then-server-rst',
    title: 'delivery: the server answers QUIT with a reset',
    sessions: delivery({}, { hooks: [{ at: 'quit', end: 'rst' }] }, sent({ not: ['rst/*/*', 'premature-fin/*/*', '*/middlebox/*', 'timeout/*/*'] }), {}),
  },
];
