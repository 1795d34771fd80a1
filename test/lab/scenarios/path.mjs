import { dark, done, dropped, rules, sent, ways, STAGES } from './boxes.mjs';
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
  quit,
  raw,
  rcpt,
  startTls,
  truth,
  until,
  upToData,
  upToRcpt,
} from './words.mjs';

const mangle = (...lines) => [['f', 'sh', ['set -e', ...lines.map((line) => `iptables -t mangle -A FORWARD ${line}`)].join('\n')]];
const clamp = (mss) => mangle(`-p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss ${mss}`);
const strip = (side, what = 'wscale') => mangle(`-p tcp --${side} 25 -j TCPOPTSTRIP --strip-options ${what}`);
const hole = (port, more = 'ip length > 1400') => rules(`${more} tcp ${port} 25 drop`);
/** with ICMP: the firewall says that the packet is too big, and drops it */
const small = (mtu) => [['f', 'sh', `ip link set eth0 mtu ${mtu}`]];
const ecn = (role, fallback) => [role, 'sh', `sysctl -qw net.ipv4.tcp_ecn=1 net.ipv4.tcp_ecn_fallback=${fallback}`];
const noEcn = rules('tcp flags & (syn | ecn | cwr) == (syn | ecn | cwr) drop');
const rest = { acceptStage: ['data-command', 'data-end'] };
const big = (size) => [upToData, body(size), { op: 'send', text: '.\r\n', soft: true, timeout: 9 }, until(14)];
const bigFine = [upToData, body(150000), raw('.\r\n'), hear, quit];
const fine = { not: ['silent-drop/*/*', 'rst/*/*', 'premature-fin/*/*', '*/middlebox/*', 'timeout/*/*'] };
const remoteLost = { ...rest, not: ['rst/*/*', 'premature-fin/*/*', 'completed/*/*', '*/remote-server/*>=0.7', 'client-quit/*/*'] };

/** Paths that swallow some packets by their size, their window or their flags. */
export const PATH = [
  ...ways(
    {
      id: 'p401-window-unscaled-body',
      title: 'a firewall that knows no window scaling reads 63 octets of window: the segments of the body vanish, short lines pass',
      device: { windows: 'now' },
      sessions: one(big(9000), dropped('data-body', rest), { end: 'timeout' }),
      linger: 2,
      max: 45,
    },
    { 'no-log': {}, vlan: {}, snap: { acceptStage: STAGES }, kathmandu: {}, late: {} },
  ),
  {
    id: 'p402-window-unscaled-64k',
    title: 'a firewall that knows no window scaling remembers the furthest edge: the body stalls after 64 kB',
    device: { windows: 'keep' },
    sessions: one(big(150000), dropped('data-body', rest), { end: 'timeout' }),
    linger: 2,
    max: 45,
  },
  {
    id: 'p403-window-unscaled-two-points',
    capture: ['esa', 'client'],
    title: 'as p401 with the capture of the client',
    device: { windows: 'now' },
    sessions: one(big(9000), dropped('data-body', rest), { end: 'timeout' }),
    linger: 2,
    max: 45,
  },
  ...ways(
    {
      id: 'p404-window-unscaled-delivery',
      title: 'delivery: a firewall that knows no window scaling lets 63 octets pass at a time: the segments of the body vanish',
      device: { windows: 'now' },
      sessions: delivery({ bytes: 20000 }, { offers: ['8BITMIME'] }, dropped('data-body', remoteLost), { end: 'timeout', has: ['354 End'] }),
      linger: 2,
      max: 45,
    },
    { 'no-log': {}, vlan: {}, 'peer-server': { certain: false, acceptStage: STAGES, accept: ['undetermined/*/*', 'timeout/*/*'] } },
  ),
  {
    id: 'p405-window-unscaled-delivery-64k',
    title: 'delivery: a firewall that knows no window scaling, the body stalls after 64 kB',
    device: { windows: 'keep' },
    sessions: delivery({ bytes: 200000 }, {}, dropped('data-body', remoteLost), { end: 'timeout' }),
    linger: 2,
    max: 45,
  },
  {
    id: 'p407-window-unscaled-delivery-helo',
    title: "delivery: a firewall that knows no window scaling drops the server's long EHLO answer",
    device: { windows: 'now' },
    sessions: delivery({}, {}, dropped('helo', remoteLost), { end: 'timeout', hasNot: ['PIPELINING'] }),
    linger: 2,
    max: 45,
  },
  {
    id: 'p406-window-unscaled-client-fin',
    title: 'as p401, the client gives up after five seconds: its FIN lies behind the hole',
    timeout: 14,
    device: { windows: 'now' },
    sessions: one(
      [upToData, body(9000), pause(5), close],
      dropped('data-body', {
        ...rest,
        accept: ['timeout/client/*'],
        not: ['client-quit/*/*', 'rst/*/*', 'completed/*/*', '*/client/*>=0.9', '*/appliance/*>=0.7'],
      }),
      {},
    ),
    linger: 2,
    max: 45,
  },
  {
    id: 'p410-wscale-stripped-synack',
    title:
      'a firewall strips window scaling from the SYN/ACK only: the client believes in windows of 64 kB, the appliance scales what it hears; small mail completes',
    before: strip('sport'),
    sessions: one([upToRcpt, message, quit], done(fine), { end: 'quit' }),
  },
  {
    id: 'p411-wscale-stripped-synack-big',
    title: "as p410 with a big message: the client reads the appliance's scaled windows as they are, 63 octets at a time, and it takes long",
    timeout: 30,
    before: strip('sport'),
    sessions: one([upToData, body(2500), raw('.\r\n'), hear, quit], done(fine), { end: 'quit' }),
    max: 80,
  },
  {
    id: 'p412-wscale-stripped-syn',
    title: 'a firewall strips window scaling from the SYN only: neither side scales; completed',
    before: strip('dport'),
    sessions: one(bigFine, done(fine), { end: 'quit' }),
    max: 60,
  },
  {
    id: 'p413-wscale-stripped-own-fin',
    title: 'window scaling and SACK stripped one way; the client closes in its body by itself',
    before: strip('sport', 'wscale,sack-permitted'),
    sessions: one([upToData, { op: 'body', n: 9000, upto: 6000, chunk: 400, gap: 0.04 }, pause(0.4), close], truth('premature-fin/client/data-body'), {
      end: 'eof',
      order: 'cF',
    }),
  },

  {
    id: 'p420-ecn-syn-dropped-then-plain',
    title: 'delivery: the SYN that asks for ECN vanishes, the plain repetition works',
    before: [ecn('e', 1), ...noEcn],
    sessions: delivery({}, {}, sent(fine), { end: 'quit' }),
    max: 40,
  },
  ...ways(
    {
      id: 'p421-ecn-syn-never-works',
      title: 'delivery: every SYN asks for ECN and vanishes',
      before: [ecn('e', 0), ...noEcn],
      sessions: delivery({}, {}, dark('connect', { accept: ['silent-drop/remote-server/*'] }), { end: 'noanswer' }),
      linger: 1,
    },
    { 'no-log': {}, vlan: {} },
  ),
  {
    id: 'p422-ecn-syn-lost-plain-session-works',
    title: 'delivery: SYNs with ECN vanish, three seconds later a connection without ECN to the same server works',
    sameClient: true,
    before: [ecn('e', 0), ...noEcn],
    sessions: [
      {
        label: 'd1',
        message: 'same',
        deliver: { connect_timeout: 3.5 },
        remote: {},
        truth: dropped('connect', {
          accept: ['timeout/appliance/connect'],
          not: ['refused/*/*', 'rst/*/*', 'premature-fin/*/*', 'completed/*/*', '*/remote-server/*>=0.7'],
        }),
        expect: { end: 'noanswer' },
      },
      { label: 'd2', message: 'same', noRemote: true, deliver: { at: 4.5 }, truth: sent(fine), expect: { end: 'quit' } },
    ],
    script: async ({ lane, sleep }) => {
      await sleep(4);
      await lane.sh('e', 'sysctl -qw net.ipv4.tcp_ecn=2');
    },
    max: 40,
  },
  {
    id: 'p423-ecn-inbound-client-side',
    capture: ['esa', 'client'],
    title: "inbound: the client's SYNs ask for ECN and vanish at the firewall; both captures",
    log: { none: true },
    before: [ecn('c', 0), ...noEcn],
    sessions: one([{ op: 'connect', timeout: 5 }], dropped('connect', { not: ['refused/*/*', 'rst/*/*', '*/appliance/*', '*/client/*>=0.7'] }), { packets: 0 }),
  },
  {
    id: 'p424-ecn-works',
    title: 'inbound and delivery with ECN on a path that honours it',
    before: [ecn('c', 1), ecn('e', 1)],
    sessions: one([upToRcpt, message, quit], done(fine), { end: 'quit' }),
  },

  ...ways(
    {
      id: 'p430-mtu-hole-delivery-after-small',
      title: 'delivery: one small message is delivered, the big second one disappears into a path MTU black hole',
      before: hole('dport'),
      sessions: delivery({ messages: 2, bytes: 900, between: 1, later: 24000 }, {}, dropped('data-body', remoteLost), { end: 'timeout' }),
      linger: 2,
      max: 45,
    },
    { vlan: {}, snap: { acceptStage: STAGES }, 'no-log': {} },
  ),
  {
    id: 'p431-mtu-hole-delivery-clamped',
    title: 'delivery: MSS clamped to 1380, and still segments over 1300 octets vanish behind it',
    before: [...clamp(1380), ...hole('dport', 'ip length > 1300')],
    sessions: delivery({ bytes: 24000 }, {}, dropped('data-body', remoteLost), { end: 'timeout' }),
    linger: 2,
    max: 45,
  },
  {
    id: 'p432-mtu-delivery-icmp-works',
    title: 'delivery: a small link with ICMP fragmentation needed: the message gets through in smaller segments',
    before: small(1300),
    sessions: delivery({ bytes: 24000 }, {}, sent(fine), { end: 'quit' }),
    max: 40,
  },
  {
    id: 'p433-mtu-delivery-icmp-ignored',
    title: 'delivery: the firewall says fragmentation needed, but the appliance takes no notice: full segments repeat and vanish',
    before: [
      ...small(1300),
      ['e', 'nft', 'table inet deaf {\n chain i { type filter hook input priority 0\n  ip protocol icmp icmp type destination-unreachable drop\n }\n}'],
    ],
    sessions: delivery({ bytes: 24000 }, {}, dropped('data-body', remoteLost), { end: 'timeout' }),
    linger: 2,
    max: 45,
  },
  {
    id: 'p434-mtu-hole-delivery-ipv6',
    title: 'IPv6 delivery: packets over 1400 octets vanish without ICMPv6',
    before: hole('dport', 'ip6 length > 1360'),
    sessions: delivery({ bytes: 24000 }, {}, dropped('data-body', remoteLost), { end: 'timeout' }, { v6: true }),
    linger: 2,
    max: 45,
  },
  {
    id: 'p435-mtu-hole-delivery-tls',
    title: 'TLS 1.3 delivery: the handshake passes, the body vanishes',
    before: hole('dport'),
    sessions: delivery({ bytes: 24000, tls: 'preferred' }, { tls: true }, dropped('data-body', { ...remoteLost, encrypted: true, acceptStage: STAGES }), {
      end: 'timeout',
    }),
    linger: 2,
    max: 45,
  },
  {
    id: 'p436-mtu-hole-server-hello',
    title: "delivery: the server's certificate does not fit through the path: the handshake hangs, its tail arrives",
    before: hole('sport', 'ip length > 1000'),
    sessions: delivery(
      { tls: 'required', tls_max: '1.2' },
      { tls: true },
      dropped('starttls', {
        encrypted: true,
        accept: ['tls-failure/middlebox/*', 'tls-failure/network/*'],
        not: ['rst/*/*', 'premature-fin/*/*', 'completed/*/*', '*/remote-server/*>=0.9', 'client-quit/*/*'],
      }),
      {},
    ),
    linger: 2,
    max: 45,
  },
  {
    id: 'p437-mtu-hole-inbound-tls-certificate',
    title: "inbound: the appliance's certificate does not fit through the path; the client waits, then closes",
    timeout: 14,
    esa: { tls: true, tls_max: '1.2' },
    before: hole('sport', 'ip length > 1000'),
    sessions: one(
      [greet, ehlo, ...startTls({ timeout: 6 }), close],
      dropped('starttls', {
        accept: ['tls-failure/middlebox/*', 'tls-failure/network/*', 'timeout/client/*'],
        not: ['completed/*/*', 'client-quit/*/*', '*/appliance/*>=0.9', '*/client/*>=0.9'],
      }),
      {},
    ),
    linger: 2,
    max: 45,
  },
  {
    id: 'p438-clamped-and-fine',
    title: 'MSS clamped to 1380 in both directions, big message, completed',
    before: clamp(1380),
    sessions: one(bigFine, done(fine), { end: 'quit' }),
    max: 40,
  },
  {
    id: 'p439-mtu-hole-clamped-own-quit',
    title: 'MSS clamped to 1380; the client says QUIT with its transaction open: a box is there and did nothing',
    before: clamp(1380),
    sessions: one([upToRcpt, pause(0.3), quit], truth('client-quit/client/rcpt'), { end: 'quit' }),
  },
  {
    id: 'p440-mtu-hole-client-mss-small',
    title: 'inbound: segments over 1000 octets vanish, the appliance announced MSS 1380',
    before: [...clamp(1380), ...hole('dport', 'ip length > 1000')],
    sessions: one(big(9000), dropped('data-body', rest), { end: 'timeout' }),
    linger: 2,
    max: 45,
  },
  {
    id: 'p441-loss-heavy-delivery',
    title: 'delivery over a path that loses a quarter of all packets; it completes',
    device: { loss: 18, delay: 0.004, seed: 21 },
    deliveryTimeout: 30,
    sessions: delivery({ bytes: 24000 }, {}, sent(fine), { end: 'quit' }),
    max: 120,
  },
  {
    id: 'p442-loss-heavy-then-client-quit',
    title: 'inbound over a lossy path; the client quits with its transaction open',
    device: { loss: 14, delay: 0.006, seed: 33 },
    timeout: 30,
    sessions: one([connect, hear, ehlo, mail, rcpt, pause(0.5), quit], truth('client-quit/client/rcpt'), { end: 'quit' }),
    max: 90,
  },
  {
    id: 'p443-acks-lost-one-way-late-data',
    title: "the appliance's packets are delayed by a full second each; the session completes",
    timeout: 25,
    device: { delay: 0.5 },
    sessions: one([connect, hear, ehlo, mail, rcpt, data, body(6000), raw('.\r\n'), hear, quit], done(fine), { end: 'quit' }),
    max: 60,
  },
];
