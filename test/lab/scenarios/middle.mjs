import { done } from './boxes.mjs';
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
  say,
  signal,
  startTls,
  truth,
  until,
  upToData,
  upToRcpt,
} from './words.mjs';

const forward = (...rules) => `table inet lab {
 chain f { type filter hook forward priority 0
${rules.map((r) => `  ${r}`).join('\n')}
 }
}`;
const fw = (...rules) => [['f', 'nft', forward(...rules)]];
const forgetful = (verdict, seconds = 3) => [
  ['f', 'nft', forward(`ct state invalid meta l4proto tcp ${verdict}`, 'ct state established,related accept', 'tcp flags syn / syn,ack accept')],
  ['f', 'sh', `sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_established=${seconds} net.netfilter.nf_conntrack_tcp_loose=0`],
];
const box = { ttl: 64, id: 0, win: 0 };
const clone = { ttl: 'copy', id: 'copy', ts: true, ts_step: 4, win: 'copy' };
const both = (r) => [
  { to: 'server', ...r },
  { to: 'client', ...r },
];
const lostTo = ['silent-drop/middlebox/*', 'silent-drop/network/*', 'silent-drop/undetermined/*'];
const dropped = (stage, more = {}) =>
  truth(`silent-drop/middlebox/${stage}`, {
    accept: lostTo,
    not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', 'completed/*/*', '*/client/*>=0.7', 'timeout/client/*'],
    ...more,
  });
const timeoutSeen = (stage, more = {}) =>
  truth(`timeout/appliance/${stage}`, {
    certain: false,
    silent: 'client',
    accept: ['undetermined/*/*', 'timeout/undetermined/*', 'silent-drop/undetermined/*', '*/middlebox/*'],
    not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/client/*>=0.7'],
    ...more,
  });
const flowing = [upToData, { op: 'body', n: 30000, chunk: 900, gap: 0.08, soft: true }, until(3)];

/** More boxes in the middle: rewriting, forged FINs and forged words, noise after the end, half-working paths; some in deliveries. */
export const MIDDLE = [
  {
    id: 'c271-inpath-ehlo-masked',
    title: 'inspection without a proxy: EHLO arrives as XXXX, same lengths, TTL untouched; HELO works',
    device: { rewrites: [{ side: 0, match: 'EHLO', with: 'XXXX' }] },
    sessions: one(
      [greet, ehlo, say('HELO mail.client.example'), mail, rcpt, message, quit],
      done({ interference: ['command-masked'], not: ['premature-fin/*/*', 'rejected/*/*', 'rst/*/*'] }),
      { end: 'quit', has: ['XXXX mail'] },
    ),
  },
  {
    id: 'c272-banner-shortened',
    capture: ['esa', 'client'],
    title: 'the banner is shortened on the way: sequence numbers differ between the captures; completed',
    device: { rewrites: [{ side: 1, match: '220 esa.example.net ESMTP', with: '220 mail' }] },
    sessions: one(
      [upToRcpt, message, quit],
      done({ interference: ['sequence-shift', 'banner-rewritten'], not: ['premature-fin/*/*', 'rst/*/*', 'silent-drop/*/*', '*/middlebox/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'c273-banner-shortened-own-fin',
    capture: ['esa', 'client'],
    title: 'as c272, the client closes after RCPT by itself',
    device: { rewrites: [{ side: 1, match: '220 esa.example.net ESMTP', with: '220 mail' }] },
    sessions: one([upToRcpt, pause(0.3), close], truth('premature-fin/client/rcpt', { interference: ['sequence-shift', 'banner-rewritten'] }), {
      end: 'eof',
      order: 'cF',
    }),
  },
  {
    id: 'c274-masked-then-quit',
    title: 'EHLO masked, the client cannot do without it and quits',
    device: { rewrites: [{ side: 0, match: 'EHLO', with: 'XXXX' }] },
    sessions: one(
      [greet, ehlo, pause(0.2), quit],
      truth('rejected/appliance/banner', {
        certain: false,
        accept: ['client-quit/client/*', 'rejected/*/*'],
        acceptStage: ['helo'],
        interference: ['command-masked'],
        not: ['premature-fin/*/*', 'completed/*/*', 'timeout/*/*'],
      }),
      { end: 'quit' },
    ),
  },
  {
    id: 'c280-forged-rst-after-quit',
    title: 'a forged reset after QUIT (the 221 is slow): noise',
    esa: { hooks: [{ at: 'quit', delay: 0.3 }] },
    inject: { when: { text: 'QUIT', after: 0.05 }, resets: both(box) },
    sessions: one([upToRcpt, message, quit], done({ secondary: 'forged RST after QUIT', not: ['rst/*/*', 'premature-fin/*/*', 'timeout/*/*'] }), {
      order: 'cR',
    }),
  },
  {
    id: 'c281-forged-rst-after-fin',
    title: "a forged reset after the client's own FIN: noise",
    inject: { when: { flags: 0x11 }, resets: [{ to: 'server', ...box }] },
    sessions: one(
      [upToRcpt, pause(0.3), close],
      truth('premature-fin/client/rcpt', {
        secondary: 'forged RST after the FIN',
        not: ['rst/*/*', 'client-quit/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*'],
      }),
      { order: 'cF' },
    ),
  },
  {
    id: 'c282-forged-fin',
    title: 'forged FIN to the appliance in the body (TTL of the box); the client goes on sending',
    inject: { when: { text: '000040 the' }, resets: [{ to: 'server', ...box, flags: 0x11, win: 500 }] },
    sessions: one(
      flowing,
      truth('premature-fin/middlebox/data-body', {
        accept: ['premature-fin/undetermined/*'],
        not: ['client-quit/*/*', 'rst/appliance/*', 'timeout/*/*', 'completed/*/*', '*/client/*>=0.7'],
      }),
      { order: 'cF' },
    ),
  },
  {
    id: 'c283-forged-fin-clone',
    title: 'forged FIN, TTL and timestamps copied; the client goes on sending',
    inject: { when: { text: '000040 the' }, resets: [{ to: 'server', ...clone, flags: 0x11 }] },
    sessions: one(
      flowing,
      truth('premature-fin/middlebox/data-body', {
        certain: false,
        accept: ['premature-fin/undetermined/*', 'premature-fin/client/*'],
        not: ['client-quit/*/*', 'rst/*/*', 'timeout/*/*', 'completed/*/*', '*/client/*>=0.9'],
      }),
      { order: 'cF' },
    ),
  },
  {
    id: 'c284-forged-554-to-client',
    title: "a box says 554 to the client in the appliance's name; the client quits, but its ACKs are beyond what the appliance sent",
    inject: {
      when: { text: 'RCPT TO', after: 0.3 },
      resets: [{ to: 'client', ttl: 61, id: 4711, win: 'copy', flags: 0x18, ts: true, data: '554 5.7.1 blocked by policy\r\n' }],
    },
    sessions: one(
      [upToRcpt, hear, put('QUIT'), until(12)],
      truth('rejected/middlebox/rcpt', {
        certain: false,
        accept: ['*/middlebox/*', 'timeout/appliance/*', 'silent-drop/undetermined/*', 'undetermined/*/*', 'timeout/undetermined/*'],
        acceptStage: ['quit'],
        not: ['premature-fin/*/*', 'completed/*/*', '*/client/*>=0.7', 'timeout/client/*'],
      }),
      { end: 'timeout' },
    ),
  },
  {
    id: 'c285-forged-541-rst-client',
    title: 'a box says 541 to the client and resets it; the appliance hears nothing',
    inject: {
      when: { text: '000030 the' },
      resets: [
        { to: 'client', ttl: 61, id: 4711, win: 'copy', flags: 0x18, data: '541 5.4.1 Content blocked\r\n' },
        { to: 'client', ...box, seq: 27, after: 0.01 },
      ],
    },
    sessions: one([upToData, { op: 'body', n: 30000, chunk: 900, gap: 0.08, soft: true }, until(12)], timeoutSeen('data-body'), { end: 'timeout' }),
  },
  {
    id: 'c286-forged-541-rst-client-two-points',
    capture: ['esa', 'client'],
    title: 'as c285 with both captures',
    inject: {
      when: { text: '000030 the' },
      resets: [
        { to: 'client', ttl: 61, id: 4711, win: 'copy', flags: 0x18, data: '541 5.4.1 Content blocked\r\n' },
        { to: 'client', ...box, seq: 27, after: 0.01 },
      ],
    },
    sessions: one(
      [upToData, { op: 'body', n: 30000, chunk: 900, gap: 0.08, soft: true }, until(12)],
      truth('rst/middlebox/data-body', { accept: ['rst/middlebox/*', 'rejected/middlebox/*'], not: ['*/client/*', 'client-quit/*/*', 'premature-fin/*/*'] }),
      { end: 'timeout' },
    ),
  },
  {
    id: 'c287-reject-all-from-now',
    title: 'a new rule rejects everything of the connection with resets: client first, the appliance when it says 421',
    on: { cut: fw('tcp dport 25 reject with tcp reset', 'tcp sport 25 reject with tcp reset') },
    sessions: one(
      [upToRcpt, pause(0.2), signal('cut'), put('DATA'), until(12)],
      truth('timeout/appliance/rcpt', {
        certain: false,
        silent: 'client',
        accept: ['rst/middlebox/*', 'silent-drop/middlebox/*', 'timeout/middlebox/*', 'timeout/appliance/*'],
        acceptStage: ['data-command'],
        not: ['client-quit/*/*', 'rst/client/*', 'premature-fin/*/*'],
      }),
      { order: 'cR', ttl: [0, 63] },
    ),
  },
  {
    id: 'c288-reject-all-two-points',
    capture: ['esa', 'client'],
    title: 'as c287 with both captures',
    on: { cut: fw('tcp dport 25 reject with tcp reset', 'tcp sport 25 reject with tcp reset') },
    sessions: one(
      [upToRcpt, pause(0.2), signal('cut'), put('DATA'), until(12)],
      truth('rst/middlebox/rcpt', { accept: ['rst/middlebox/*'], acceptStage: ['data-command'], not: ['*/client/*', 'client-quit/*/*', 'premature-fin/*/*'] }),
      { client: 'reset' },
    ),
  },
  {
    id: 'c290-keepalive-gives-up',
    title: "the appliance's packets vanish; the client's keep-alives go unanswered and its kernel resets",
    on: { cut: fw('tcp sport 25 drop') },
    timeout: 20,
    sessions: one(
      [
        {
          op: 'connect',
          opts: [
            ['SOL_SOCKET', 'SO_KEEPALIVE', 1],
            ['IPPROTO_TCP', 'TCP_KEEPIDLE', 1],
            ['IPPROTO_TCP', 'TCP_KEEPINTVL', 1],
            ['IPPROTO_TCP', 'TCP_KEEPCNT', 4],
          ],
        },
        hear,
        ehlo,
        mail,
        rcpt,
        signal('cut'),
        until(12),
      ],
      dropped('rcpt', {
        certain: false,
        accept: [...lostTo, 'undetermined/*/*', 'rst/client/*', 'timeout/client/*'],
        not: ['client-quit/*/*', 'completed/*/*', '*/appliance/*', 'rst/client/*>=0.9', 'premature-fin/*/*'],
      }),
      { order: 'cR' },
    ),
  },
  {
    id: 'c291-out-drop-354-fin',
    title: 'the 354 and its repetitions vanish; after six seconds the client closes',
    timeout: 20,
    on: { cut: fw('tcp sport 25 drop') },
    sessions: one(
      [upToRcpt, signal('cut'), put('DATA'), pause(6), close],
      dropped('data-command', {
        acceptStage: ['rcpt'],
        accept: [...lostTo, 'timeout/client/*'],
        not: ['client-quit/*/*', 'rst/*/*', 'completed/*/*', '*/appliance/*', 'premature-fin/client/*>=0.7'],
      }),
      {},
    ),
    max: 40,
    linger: 7,
  },
  {
    id: 'c293-pmtu-hole-fin',
    title: 'path MTU black hole; after five seconds the client closes, its FIN arrives behind the hole',
    before: fw('ip length > 1400 tcp dport 25 drop'),
    sessions: one(
      [upToData, body(8000), pause(5), close],
      dropped('data-body', { acceptStage: ['data-command'], not: ['client-quit/*/*', 'rst/*/*', 'completed/*/*', '*/client/*>=0.7', '*/appliance/*>=0.7'] }),
      {},
    ),
    linger: 2,
    max: 40,
  },
  {
    id: 'c294-pmtu-hole-rst',
    title: 'path MTU black hole; after five seconds the client resets: inexact reset, challenge ACK, exact reset',
    before: fw('ip length > 1400 tcp dport 25 drop'),
    sessions: one(
      [upToData, body(8000), pause(5), rst],
      dropped('data-body', {
        acceptStage: ['data-command'],
        accept: [...lostTo, 'rst/client/*', 'timeout/client/*'],
        not: ['client-quit/*/*', 'completed/*/*', 'premature-fin/*/*', 'rst/client/*>=0.9'],
      }),
      { order: 'cR' },
    ),
    max: 40,
  },
  {
    id: 'c295-jitter-reorder',
    title: 'heavy jitter: segments overtake each other, the session completes',
    device: { delay: 0.002, jitter: 0.03, seed: 3 },
    timeout: 20,
    sessions: one(
      [upToRcpt, data, body(16000), raw('.\r\n'), hear, quit],
      done({ not: ['silent-drop/*/*', 'rst/*/*', 'premature-fin/*/*', '*/middlebox/*'] }),
      { end: 'quit' },
    ),
    max: 50,
  },
  {
    id: 'c296-tls-forged-rst',
    title: 'TLS 1.3: resets of the box to both sides in the body',
    esa: { tls: true },
    inject: { when: { text: 'STARTTLS', from: 'client', after: 1.2 }, resets: both(box) },
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, data, { op: 'body', n: 60000, chunk: 900, gap: 0.08, soft: true }, until(3)],
      truth('rst/middlebox/data-body', {
        encrypted: true,
        acceptStage: ['starttls', 'rcpt', 'data-command', 'mail'],
        not: ['*/client/*', '*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', 'tls-failure/*/*'],
      }),
      { order: 'cR', ttl: [0, 63] },
    ),
  },
  {
    id: 'c297-tls-state-expiry-two-points',
    capture: ['esa', 'client'],
    title: 'TLS 1.3: the firewall forgets the idle connection and drops; both captures',
    esa: { tls: true },
    timeout: 9,
    before: forgetful('drop'),
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, pause(5), put('DATA'), until(12)],
      dropped('rcpt', { encrypted: true, acceptStage: ['starttls', 'data-command', 'mail', 'helo'] }),
      {},
    ),
    linger: 2,
    max: 40,
  },
  {
    id: 'c299-ipv6-cut-body',
    title: 'IPv6: both directions vanish in the body',
    on: { cut: fw('tcp dport 25 drop', 'tcp sport 25 drop') },
    sessions: one(
      [upToData, body(4000, { chunk: 1000, gap: 0.1 }), signal('cut'), { op: 'body', n: 3000, head: false, chunk: 1000, gap: 0.2, soft: true }, until(14)],
      truth('silent-drop/undetermined/data-body', {
        certain: false,
        accept: [...lostTo, 'undetermined/*/*', 'timeout/undetermined/*', 'timeout/appliance/data-body'],
        not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', '*/client/*>=0.7', '*/middlebox/*>=0.9'],
      }),
      { end: 'timeout' },
      { v6: true },
    ),
    linger: 2,
    max: 40,
  },
  {
    id: 'c300-ipv6-pmtu-hole',
    title: 'IPv6: packets over 1400 octets vanish, no ICMPv6',
    before: [['f', 'nft', forward('ip6 length > 1360 tcp dport 25 drop')]],
    sessions: one([upToData, body(8000), until(14)], dropped('data-body', { acceptStage: ['data-command'] }), { end: 'timeout' }, { v6: true }),
    linger: 1,
  },
  {
    id: 'c301-expiry-then-quit',
    title: 'message accepted, the firewall forgets the connection, the late QUIT is dropped',
    timeout: 9,
    before: forgetful('drop'),
    sessions: one(
      [upToRcpt, message, pause(5), put('QUIT'), until(12)],
      truth('timeout/appliance/idle-after-message', {
        certain: false,
        silent: 'client',
        accept: [...lostTo, 'timeout/*/*', 'completed/*/*', 'undetermined/*/*'],
        interference: ['idle-expiry'],
        not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', '*/client/*>=0.7'],
      }),
      { end: 'timeout' },
    ),
    linger: 2,
  },

  {
    id: 'd251-rst-box-banner',
    title: 'delivery: the box resets both sides when it sees the banner',
    inject: { when: { text: '220 mx1', from: 'server' }, resets: both(box) },
    sessions: delivery(
      {},
      { hooks: [{ at: 'helo', delay: 0.5 }] },
      truth('rst/middlebox/banner', {
        accept: ['rst/middlebox/*', 'refused/middlebox/*', 'rst/undetermined/*'],
        acceptStage: ['helo'],
        not: ['*/appliance/*', 'completed/*/*', 'client-quit/*/*', '*/remote-server/*>=0.7'],
      }),
      { end: 'reset', order: 'sR', ttl: [0, 63] },
    ),
  },
  {
    id: 'd252-rst-box-dot',
    title: 'delivery: the box resets both sides while the dot waits for its answer',
    inject: { when: { text: '\\r\\n\\.\\r\\n|^\\.\\r\\n', from: 'client', after: 0.2 }, resets: both(box) },
    sessions: delivery(
      {},
      { hooks: [{ at: 'dot', delay: 3 }] },
      truth('rst/middlebox/data-end', { not: ['*/appliance/*', 'completed/*/*', 'client-quit/*/*', '*/remote-server/*'] }),
      { end: 'reset', order: 'sR', ttl: [0, 63] },
    ),
  },
  {
    id: 'd253-expiry-second-message-drop',
    title: "delivery: the firewall forgets the held connection; the second message's MAIL is dropped",
    before: forgetful('drop'),
    sessions: delivery(
      { messages: 2, between: 5 },
      {},
      truth('silent-drop/undetermined/mail', {
        certain: false,
        accept: [...lostTo, 'silent-drop/remote-server/*', 'undetermined/*/*', 'timeout/*/*'],
        acceptStage: ['idle-after-message'],
        interference: ['idle-expiry'],
        not: ['rst/*/*', 'premature-fin/*/*', 'completed/*/*', 'client-quit/*/*', '*/middlebox/*>=0.9'],
      }),
      { end: 'timeout' },
    ),
    linger: 1,
    max: 40,
  },
  {
    id: 'd254-expiry-second-message-reject',
    title: 'delivery: the firewall forgets the held connection and answers the second MAIL with a reset',
    before: forgetful('reject with tcp reset'),
    sessions: delivery(
      { messages: 2, between: 5 },
      {},
      truth('rst/middlebox/mail', {
        accept: ['rst/middlebox/*', 'rst/undetermined/*'],
        acceptStage: ['idle-after-message'],
        interference: ['idle-expiry'],
        not: ['*/appliance/*', 'completed/*/*', 'client-quit/*/*', '*/remote-server/*>=0.7'],
      }),
      { end: 'reset', order: 'sR', ttl: [0, 63] },
    ),
    max: 40,
  },
  {
    id: 'd255-remote-zero-window',
    title: 'delivery: the remote stops reading, zero window, the appliance gives up',
    sessions: delivery(
      { bytes: 400000, chunk: 8000 },
      { rcvbuf: 4096, hooks: [{ at: 'data', reply: '354 End data', end: 'stop', for: 25 }] },
      truth('timeout/appliance/data-body', {
        silent: 'remote-server',
        accept: ['timeout/appliance/*'],
        not: ['completed/*/*', 'silent-drop/*/*', '*/middlebox/*', 'rst/remote-server/*'],
      }),
      { end: 'timeout' },
    ),
    max: 40,
    linger: 1.5,
  },
  {
    id: 'd256-proxy-554-dot',
    title: 'delivery through a proxy that answers the body itself with 554 (appliance only: the remote said so)',
    relay: {
      rules: `table inet proxy {
 chain p { type filter hook prerouting priority -150
  iifname "eth1" tcp dport 25 tproxy to :2525 meta mark set 1 accept
  iifname "eth0" tcp sport 25 meta mark set 1 accept
 }
}`,
      cut: { from: 'client', text: '000020 outbound', do: 'fin', after: 0.3, reply: '554 5.7.1 virus found' },
    },
    sessions: delivery(
      { bytes: 6000 },
      {},
      truth('rejected/remote-server/data-body', {
        certain: false,
        accept: ['rejected/*/*', 'premature-fin/remote-server/*', 'client-quit/appliance/*'],
        acceptStage: ['data-end', 'data-command'],
        not: ['completed/*/*', 'timeout/*/*', 'silent-drop/*/*', '*/middlebox/*>=0.8'],
      }),
      {},
    ),
  },
  {
    id: 'd257-stray-rst-ignored',
    title: 'delivery: a stale reset to the appliance is ignored, delivery works',
    inject: { when: { text: 'RCPT TO', from: 'client', after: 0.01 }, resets: [{ to: 'client', ...box, seq: -50 }] },
    sessions: delivery(
      {},
      { hooks: [{ at: 'rcpt', delay: 0.3 }] },
      truth('completed/appliance/quit', {
        accept: ['completed/*/*'],
        interference: ['stray-rst'],
        not: ['rst/*/*', 'premature-fin/*/*', 'timeout/*/*', 'silent-drop/*/*'],
      }),
      { end: 'quit' },
    ),
  },
  {
    id: 'd258-remote-slow-fine',
    title: 'delivery: the remote is slow everywhere, it works',
    deliveryTimeout: 15,
    sessions: delivery(
      {},
      {
        hooks: [
          { at: 'banner', delay: 2 },
          { at: 'rcpt', delay: 2 },
          { at: 'dot', delay: 4 },
        ],
      },
      truth('completed/appliance/quit', { accept: ['completed/*/*'], not: ['rst/*/*', 'premature-fin/*/*', 'timeout/*/*', 'silent-drop/*/*'] }),
      { end: 'quit' },
    ),
    max: 50,
  },
  {
    id: 'd259-ipv6-cut-dot',
    title: 'IPv6 delivery: the path dies when the dot is sent',
    on: { 'data-end': fw('tcp dport 25 drop', 'tcp sport 25 drop') },
    sessions: delivery(
      { signal: 'data-end' },
      { hooks: [{ at: 'dot', delay: 0.3 }] },
      truth('silent-drop/undetermined/data-end', {
        certain: false,
        accept: [...lostTo, 'silent-drop/remote-server/*', 'undetermined/*/*', 'timeout/*/*'],
        not: ['rst/*/*', 'premature-fin/*/*', 'completed/*/*', 'client-quit/*/*', '*/middlebox/*>=0.9'],
      }),
      { end: 'timeout' },
      { v6: true },
    ),
    linger: 2,
    max: 40,
  },
  {
    id: 'd260-remote-timeout-mid-envelope',
    title: 'delivery: a slow appliance, the remote says 421 timeout before DATA',
    sessions: delivery(
      { pause_before: 'data-command', pause: 6 },
      { idle: 3 },
      truth('timeout/remote-server/rcpt', {
        accept: ['timeout/remote-server/*', 'rejected/remote-server/*'],
        silent: 'appliance',
        acceptStage: ['data-command'],
        not: ['completed/*/*', 'silent-drop/*/*', '*/middlebox/*', 'rst/*/*'],
      }),
      {},
    ),
  },
  {
    id: 'c310-two-routes-own-rst',
    title: 'packets take two routes in turn (TTL 61 and 59); the client resets by itself in the body',
    before: [
      [
        'a',
        'nft',
        `table ip lab {
 chain f { type filter hook forward priority 0
  tcp dport 25 numgen random mod 2 0 ip ttl set 61
 }
}`,
      ],
    ],
    sessions: one([upToData, { op: 'body', n: 9000, upto: 6000, chunk: 500, gap: 0.03 }, pause(0.3), rst], truth('rst/client/data-body'), {
      end: 'reset',
      order: 'cR',
    }),
  },
  {
    id: 'c311-options-stripped-own-fin',
    title: 'a box strips timestamps and SACK and clamps the MSS to 1380; the client closes by itself',
    before: [
      [
        'f',
        'sh',
        'iptables -t mangle -A FORWARD -p tcp -j TCPOPTSTRIP --strip-options timestamp,sack-permitted,wscale; iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1380',
      ],
    ],
    sessions: one([upToData, { op: 'body', n: 9000, upto: 6000, chunk: 2000, gap: 0.03 }, pause(0.3), close], truth('premature-fin/client/data-body'), {
      end: 'eof',
      order: 'cF',
    }),
  },
  {
    id: 'c312-recipient-limit-drop',
    title: 'the box drops the fortieth RCPT for ever; nothing else follows but the ACK of the 421',
    before: [['f', 'sh', 'iptables -I FORWARD -p tcp --dport 25 -m string --string "user39@" --algo bm -j DROP']],
    sessions: one(
      [greet, ehlo, mail, Array.from({ length: 39 }, (_, k) => say(`RCPT TO:<user${k}@example.net>`)), put('RCPT TO:<user39@example.net>'), until(14)],
      dropped('rcpt'),
      { end: 'timeout', hasNot: ['user39'] },
    ),
    linger: 1,
  },
  {
    id: 'c313-drop-at-quit',
    title: 'message accepted; the box drops the QUIT for ever; the client gives up after three seconds, its FIN lies behind the hole',
    before: [['f', 'sh', 'iptables -I FORWARD -p tcp --dport 25 -m string --string QUIT --algo bm -j DROP']],
    sessions: one(
      [upToRcpt, message, put('QUIT'), pause(3), close],
      truth('silent-drop/middlebox/idle-after-message', {
        certain: false,
        accept: [...lostTo, 'completed/*/*', 'timeout/appliance/*', 'premature-fin/client/*'],
        acceptStage: ['quit'],
        not: ['client-quit/*/*', 'rst/*/*', '*/appliance/rcpt'],
      }),
      {},
    ),
    max: 40,
    linger: 2,
  },
  {
    id: 'c314-in-drop-mid-dialogue-heals',
    title: "the client's packets vanish for two seconds after MAIL; its repetition gets through, all is well",
    timeout: 15,
    on: { cut: fw('tcp dport 25 drop') },
    sessions: one(
      [greet, ehlo, mail, signal('cut'), put('RCPT TO:<rcpt@example.net>'), hear, message, quit],
      done({ not: ['silent-drop/*/*', 'rst/*/*', 'premature-fin/*/*', 'timeout/*/*'] }),
      { end: 'quit' },
    ),
    script: async ({ lane, sleep }) => {
      await sleep(2.5);
      await lane.nft('f', 'flush ruleset');
    },
    max: 40,
  },
  {
    id: 'c315-forged-421-and-fin-to-client',
    capture: ['esa', 'client'],
    title: "a box says 421 to the client and closes in the appliance's name; both captures",
    inject: {
      when: { text: 'RCPT TO', after: 0.4 },
      resets: [{ to: 'client', ttl: 61, id: 4711, win: 'copy', flags: 0x19, ts: true, data: '421 4.3.2 closing\r\n' }],
    },
    sessions: one(
      [upToRcpt, until(12)],
      truth('rejected/middlebox/rcpt', { certain: false, accept: ['*/middlebox/*'], not: ['*/client/*', 'completed/*/*', 'client-quit/*/*'] }),
      {},
    ),
    linger: 1,
  },
  {
    id: 'c316-forged-rst-then-real-fin',
    title: 'a stale forged reset is ignored, later the client closes in its body by itself',
    inject: { when: { text: 'RCPT TO', after: 0.03 }, resets: [{ to: 'server', ...box, seq: -25 }] },
    sessions: one(
      [upToRcpt, pause(0.3), data, { op: 'body', n: 9000, upto: 3000 }, pause(0.4), close],
      truth('premature-fin/client/data-body', {
        interference: ['stray-rst'],
        not: ['client-quit/*/*', 'rst/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*'],
      }),
      { end: 'eof' },
    ),
  },
  {
    id: 'c317-late-forged-rst',
    title: 'the appliance times out with 421 and FIN; afterwards the box sends resets: noise',
    inject: { when: { text: '421 Timed', from: 'server', after: 0.05 }, resets: both(box) },
    sessions: one(
      [upToRcpt, pause(14)],
      truth('timeout/appliance/rcpt', {
        silent: 'client',
        secondary: 'forged RST after the 421',
        not: ['rst/*/*', 'premature-fin/*/*', 'client-quit/*/*', 'timeout/client/*', '*/middlebox/*'],
      }),
      { end: 'timeout', order: 'sF' },
    ),
  },
];
