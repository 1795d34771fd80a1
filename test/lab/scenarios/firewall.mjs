import { done } from './boxes.mjs';
import {
  body,
  close,
  connect,
  data,
  greet,
  ehlo,
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
const cutBoth = fw('tcp dport 25 drop', 'tcp sport 25 drop');
const cutIn = fw('tcp dport 25 drop');
const cutOut = fw('tcp sport 25 drop');
const stringRule = (target, word = 'FORBIDDEN') => [['f', 'sh', `iptables -I FORWARD -p tcp --dport 25 -m string --string ${word} --algo bm -j ${target}`]];
const forgedTruth = (stage, more = {}) => truth(`rst/middlebox/${stage}`, more);
const lostTo = ['silent-drop/middlebox/*', 'silent-drop/network/*', 'silent-drop/undetermined/*'];
/** packets are proven to have vanished */
const dropped = (stage, more = {}) =>
  truth(`silent-drop/middlebox/${stage}`, {
    accept: lostTo,
    not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', 'completed/*/*', '*/client/*>=0.7', 'timeout/client/*'],
    ...more,
  });
/** nothing comes any more, and nothing says why */
const silence = (stage, more = {}) =>
  truth(`silent-drop/undetermined/${stage}`, {
    certain: false,
    accept: [...lostTo, 'undetermined/*/*', 'timeout/undetermined/*', `timeout/appliance/${stage}`],
    not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', '*/client/*>=0.7', '*/middlebox/*>=0.9', 'completed/*/*'],
    ...more,
  });
/** the appliance's timeout is all that its capture shows */
const timeoutSeen = (stage, more = {}) =>
  truth(`timeout/appliance/${stage}`, {
    certain: false,
    silent: 'client',
    accept: ['undetermined/*/*', 'timeout/undetermined/*', 'silent-drop/undetermined/*', '*/middlebox/*'],
    not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/client/*>=0.7', '*/middlebox/*>=0.7'],
    ...more,
  });
const both = (r = {}) => [
  { to: 'server', ...r },
  { to: 'client', ...r },
];
const box = { ttl: 64, id: 0, win: 0 };
const clone = { ttl: 'copy', id: 'copy', ts: true, ts_step: 4, win: 'copy' };
const chatty = [upToData, { op: 'body', n: 30000, chunk: 900, gap: 0.08, soft: true }, until(3)];

/** Firewalls, injectors and lossy paths. */
export const FIREWALL = [
  {
    id: 'c202-reject-354-two-points',
    capture: ['esa', 'client'],
    title: 'the 354 is rejected with a reset towards the appliance; both captures',
    before: [['f', 'sh', 'iptables -I FORWARD -p tcp --sport 25 -m string --string "354 go" --algo bm -j REJECT --reject-with tcp-reset']],
    sessions: one([upToRcpt, put('DATA'), until(4)], forgedTruth('data-command', { acceptStage: ['rcpt'] }), { end: 'reset', order: 'cR', ttl: [0, 63] }),
  },
  {
    id: 'c203-reject-out-after-dot',
    title: 'the 250 that answers the dot is rejected with a reset towards the appliance',
    before: [['f', 'sh', 'iptables -I FORWARD -p tcp --sport 25 -m string --string "accepted" --algo bm -j REJECT --reject-with tcp-reset']],
    sessions: one(
      [upToRcpt, data, body(3000), raw('.\r\n'), until(4)],
      forgedTruth('data-end', { acceptStage: ['idle-after-message'], accept: ['completed/*/*'], note: 'The appliance had accepted the message.' }),
      { end: 'reset', order: 'cR', ttl: [0, 63] },
    ),
  },
  {
    id: 'c204-reject-client-esa-only-rcpt',
    title: 'a forbidden recipient: reset to the client only; the appliance waits until its timeout',
    before: stringRule('REJECT --reject-with tcp-reset', 'rcpt@example'),
    sessions: one([greet, ehlo, mail, put('RCPT TO:<rcpt@example.net>'), until(12)], timeoutSeen('mail', { acceptStage: ['rcpt'] }), { end: 'timeout' }),
  },
  {
    id: 'c205-reject-client-two-points-rcpt',
    capture: ['esa', 'client'],
    title: 'a forbidden recipient: reset to the client only; both captures',
    before: stringRule('REJECT --reject-with tcp-reset', 'rcpt@example'),
    sessions: one(
      [greet, ehlo, mail, put('RCPT TO:<rcpt@example.net>'), until(12)],
      truth('rst/middlebox/rcpt', { accept: ['rst/middlebox/*'], acceptStage: ['mail'], not: ['*/client/*', 'client-quit/*/*', 'premature-fin/*/*'] }),
      { end: 'timeout', hasNot: ['rcpt@example'] },
    ),
  },
  {
    id: 'c206-inject-both-box',
    title: 'reset to both sides in the body, TTL of the box, no timestamps',
    inject: { when: { text: '000030 the', from: 'client' }, resets: both(box) },
    sessions: one(chatty, forgedTruth('data-body', { acceptStage: ['data-body'] }), { end: 'reset', order: 'cR', ttl: [0, 63] }),
  },
  {
    id: 'c207-inject-esa-only-box',
    title: 'reset to the appliance only, TTL of the box; the client goes on',
    inject: { when: { text: 'RCPT TO', after: 0.05 }, resets: [{ to: 'server', ...box }] },
    sessions: one(
      [upToRcpt, pause(0.5), { op: 'send', text: 'DATA\r\n', soft: true }, until(4)],
      forgedTruth('rcpt', { secondary: "RST of the appliance's kernel to the continuing client" }),
      { end: 'reset', order: 'cR', ttl: [0, 63] },
    ),
  },
  {
    id: 'c208-inject-client-only',
    title: 'reset forged to the client only while idle: the client vanishes, later the 421 meets a socketless reset',
    inject: { when: { text: 'RCPT TO', after: 0.4 }, resets: [{ to: 'client', ...box }] },
    sessions: one([upToRcpt, until(12)], timeoutSeen('rcpt', { not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/client/*>=0.7', '*/middlebox/*>=0.7'] }), {
      end: 'timeout',
      client: 'reset',
    }),
  },
  {
    id: 'c209-inject-stale',
    title: 'a stale reset (sequence behind the window) is ignored, the session completes',
    inject: { when: { text: 'RCPT TO', after: 0.03 }, resets: [{ to: 'server', ...box, seq: -30 }] },
    sessions: one(
      [upToRcpt, pause(0.3), message, quit],
      done({ interference: ['stray-rst'], not: ['rst/*/*', 'premature-fin/*/*', 'timeout/*/*', 'silent-drop/*/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'c210-inject-in-window',
    title: 'a reset inside the window but not exact: challenge ACK, the session completes',
    inject: { when: { text: 'RCPT TO', after: 0.03 }, resets: [{ to: 'server', ...box, seq: 700 }] },
    sessions: one(
      [upToRcpt, pause(0.3), message, quit],
      done({ interference: ['stray-rst'], not: ['rst/*/*', 'premature-fin/*/*', 'timeout/*/*', 'silent-drop/*/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'c211-inject-in-window-both',
    title: "inexact reset to the appliance, exact one to the client: the challenge ACK meets the client's dead socket, whose reset ends it",
    inject: {
      when: { text: 'RCPT TO', after: 0.05 },
      resets: [
        { to: 'client', ...box },
        { to: 'server', ...box, seq: 600, after: 0.02 },
      ],
    },
    sessions: one(
      [upToRcpt, pause(0.3), until(4)],
      truth('rst/middlebox/rcpt', {
        accept: ['rst/middlebox/*', 'rst/undetermined/*'],
        not: ['*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', '*/client/*>=0.7'],
      }),
      { end: 'reset', order: 'cR' },
    ),
  },
  {
    id: 'c212-inject-multiple',
    title: 'three resets to the appliance, sequence steps of 1460 and 4380, constant IP-ID',
    inject: {
      when: { text: '000030 the' },
      resets: [
        { to: 'server', ttl: 64, id: 4660, win: 0 },
        { to: 'server', ttl: 64, id: 4660, win: 0, seq: 1460 },
        { to: 'server', ttl: 64, id: 4660, win: 0, seq: 4380 },
        { to: 'client', ttl: 64, id: 4660, win: 0 },
      ],
    },
    sessions: one(chatty, forgedTruth('data-body'), { end: 'reset', order: 'cR' }),
  },
  {
    id: 'c213-inject-clone-continues',
    title: 'perfect copy to the appliance only; the client continues its body',
    inject: { when: { text: '000040 the' }, resets: [{ to: 'server', ...clone }] },
    sessions: one(chatty, forgedTruth('data-body', { secondary: "RSTs of the appliance's kernel" }), { end: 'reset', order: 'cR', ttl: [0, 61] }),
  },
  {
    id: 'c214-inject-clone-both-idle',
    title: 'perfect copies to both sides while the client pauses: not to be told from the real thing',
    tags: ['undetermined'],
    inject: { when: { text: 'RCPT TO', after: 0.5 }, resets: both(clone) },
    sessions: one(
      [upToRcpt, until(4)],
      truth('rst/undetermined/rcpt', {
        certain: false,
        accept: ['rst/client/*', 'rst/middlebox/*'],
        not: ['client-quit/*/*', 'premature-fin/*/*', '*/client/*>=0.9', '*/middlebox/*>=0.9', '*/appliance/*'],
      }),
      { end: 'reset', order: 'cR', ttl: [0, 61] },
    ),
  },
  {
    id: 'c215-inject-ttl-one-off',
    title: 'forged resets to both sides, TTL one lower, IP-ID zero, no timestamps',
    inject: { when: { text: '000030 the' }, resets: both({ ttl: 'copy', ttl_step: -1, id: 0, win: 0 }) },
    sessions: one(
      chatty,
      forgedTruth('data-body', {
        accept: ['rst/middlebox/*', 'rst/undetermined/*'],
        not: ['*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', '*/client/*>=0.7'],
      }),
      { end: 'reset', order: 'cR', ttl: [0, 60] },
    ),
  },
  {
    id: 'c216-inject-no-ts-same-ttl',
    title: 'forged reset with ACK flag, same TTL, next IP-ID, but without timestamps',
    inject: { when: { text: '000030 the' }, resets: both({ ...clone, ts: false }) },
    sessions: one(
      chatty,
      forgedTruth('data-body', {
        accept: ['rst/middlebox/*', 'rst/undetermined/*'],
        not: ['*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', '*/client/*>=0.7'],
      }),
      { end: 'reset', order: 'cR', ttl: [0, 61] },
    ),
  },
  {
    id: 'c217-inject-df-off',
    title: 'forged reset, same TTL, DF off, random IP-ID, no timestamps',
    inject: { when: { text: '000030 the' }, resets: both({ ttl: 'copy', id: 51966, df: false, win: 0 }) },
    sessions: one(
      chatty,
      forgedTruth('data-body', {
        accept: ['rst/middlebox/*', 'rst/undetermined/*'],
        not: ['*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', '*/client/*>=0.7'],
      }),
      { end: 'reset', order: 'cR', ttl: [0, 61] },
    ),
  },
  {
    id: 'c218-inject-ipv6-clone-ttl-off',
    title: 'IPv6: forged resets to both sides with the hop limit of the box',
    inject: { when: { text: '000030 the' }, resets: both({ ttl: 64, win: 0 }) },
    sessions: one(chatty, forgedTruth('data-body'), { end: 'reset', order: 'cR', ttl: [0, 63] }, { v6: true }),
  },
  {
    id: 'c219-idle-reset-both-after-message',
    title: 'idle timer of the firewall after an accepted message: resets to both sides',
    inject: { when: { idle: 3 }, resets: both({ ...box, flags: 0x14 }) },
    sessions: one(
      [upToRcpt, message, until(8)],
      forgedTruth('idle-after-message', { accept: ['completed/*/*', 'rst/undetermined/*'], interference: ['idle-expiry'] }),
      { end: 'reset', order: 'cR', ttl: [0, 63] },
    ),
  },
  {
    id: 'c220-inject-on-syn',
    title: "the box answers the SYN with a reset to the client; the appliance's SYN/ACK is refused by the client's kernel",
    inject: { when: { flags: 0x12 }, resets: [{ to: 'client', ...box }] },
    log: { none: true },
    sessions: one(
      [connect],
      truth('refused/undetermined/connect', {
        certain: false,
        accept: ['refused/*/*', 'rst/*/connect', 'rst/*/banner'],
        acceptStage: ['banner'],
        not: ['premature-fin/*/*', 'client-quit/*/*', 'completed/*/*', '*/appliance/*'],
      }),
      {},
    ),
  },
  {
    id: 'c221-inject-at-banner',
    title: 'the box resets both sides when it sees the banner',
    inject: { when: { text: '220 esa', from: 'server' }, resets: both(box) },
    sessions: one([connect, pause(0.3), until(3)], forgedTruth('banner', { accept: ['rst/middlebox/*', 'refused/middlebox/*', 'rst/undetermined/*'] }), {
      end: 'reset',
      order: 'cR',
      ttl: [0, 63],
    }),
  },
  {
    id: 'c222-inject-tls-hello',
    title: 'the box resets both sides when it sees STARTTLS',
    esa: { tls: true },
    inject: { when: { text: 'STARTTLS', from: 'client', nth: 1 }, resets: both(box) },
    sessions: one(
      [greet, ehlo, say('STARTTLS'), until(3)],
      forgedTruth('starttls', {
        accept: ['rst/middlebox/*', 'tls-failure/middlebox/*'],
        not: ['*/client/*', '*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', 'tls-failure/client/*'],
      }),
      { order: 'cR', ttl: [0, 63] },
    ),
  },
  {
    id: 'c223-inject-both-delay',
    title: 'resets to both sides in the body over a path of 40 ms',
    device: { delay: 0.02 },
    inject: { when: { text: '000030 the' }, resets: both(box) },
    sessions: one(chatty, forgedTruth('data-body'), { end: 'reset', order: 'cR', ttl: [0, 63] }),
  },
  {
    id: 'c224-clone-both-delay',
    title: "perfect copies to both sides in the body, 60 ms path: the client's data in flight comes after its own reset",
    device: { delay: 0.03 },
    inject: { when: { text: '000030 the' }, resets: both(clone) },
    sessions: one(
      [upToData, { op: 'body', n: 30000, chunk: 900, gap: 0.01, soft: true }, until(3)],
      truth('rst/undetermined/data-body', {
        certain: false,
        accept: ['rst/client/*', 'rst/middlebox/*'],
        not: ['client-quit/*/*', 'premature-fin/*/*', '*/client/*>=0.9', '*/appliance/*', 'timeout/*/*'],
      }),
      { end: 'reset', order: 'cR' },
    ),
  },
  {
    id: 'c225-stray-rst-to-client',
    title: 'a stale reset to the client is ignored, session completes; both captures',
    capture: ['esa', 'client'],
    inject: { when: { text: 'RCPT TO', after: 0.03 }, resets: [{ to: 'client', ...box, seq: -40 }] },
    sessions: one([upToRcpt, pause(0.3), message, quit], done({ not: ['rst/*/*', 'premature-fin/*/*', '*/middlebox/*'] }), { end: 'quit' }),
  },
  {
    id: 'c226-own-rst-windows',
    title: 'Windows-like client (TTL 128, no timestamps) resets by itself in the body',
    os: 'windows',
    sessions: one([upToData, body(9000, { upto: 5000 }), pause(0.3), rst], truth('rst/client/data-body', {}), { end: 'reset', order: 'cR' }),
  },
  {
    id: 'c227-windows-reject-both',
    title: 'Windows-like client; the box resets both sides with TTL 255',
    os: 'windows',
    inject: { when: { text: '000030 the' }, resets: both({ ttl: 255, id: 0, win: 0 }) },
    sessions: one(
      chatty,
      forgedTruth('data-body', {
        accept: ['rst/middlebox/*', 'rst/undetermined/*'],
        not: ['*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', '*/client/*>=0.7'],
      }),
      { end: 'reset', order: 'cR' },
    ),
  },

  {
    id: 'c230-state-expiry-drop',
    title: "the firewall forgets the idle connection and drops what follows; the client's DATA never arrives",
    timeout: 9,
    before: [
      ['f', 'nft', forward('ct state invalid drop', 'ct state established,related accept', 'tcp flags syn / syn,ack accept')],
      ['f', 'sh', 'sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_established=3 net.netfilter.nf_conntrack_tcp_loose=0'],
    ],
    sessions: one([upToRcpt, pause(5), put('DATA'), until(12)], silence('rcpt', { acceptStage: ['data-command'], interference: ['idle-expiry'] }), {
      end: 'timeout',
    }),
    linger: 2.5,
    stopEarly: false,
  },
  {
    id: 'c231-state-expiry-drop-two-points',
    capture: ['esa', 'client'],
    title: "as c230, with the client's capture",
    timeout: 9,
    before: [
      ['f', 'nft', forward('ct state invalid drop', 'ct state established,related accept', 'tcp flags syn / syn,ack accept')],
      ['f', 'sh', 'sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_established=3 net.netfilter.nf_conntrack_tcp_loose=0'],
    ],
    sessions: one(
      [upToRcpt, pause(5), put('DATA'), until(12)],
      dropped('rcpt', { acceptStage: ['data-command'], accept: [...lostTo, 'silent-drop/*/data-command'] }),
      { end: 'timeout' },
    ),
    linger: 2,
  },
  {
    id: 'c232-state-expiry-reject-two-points',
    capture: ['esa', 'client'],
    title: "the firewall forgets the connection and answers the client's DATA with a reset; both captures",
    timeout: 9,
    before: [
      ['f', 'nft', forward('ct state invalid meta l4proto tcp reject with tcp reset', 'ct state established,related accept', 'tcp flags syn / syn,ack accept')],
      ['f', 'sh', 'sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_established=3 net.netfilter.nf_conntrack_tcp_loose=0'],
    ],
    sessions: one(
      [upToRcpt, pause(5), put('DATA'), until(12)],
      truth('rst/middlebox/rcpt', {
        accept: ['rst/middlebox/*'],
        acceptStage: ['data-command'],
        not: ['*/client/*', 'client-quit/*/*', 'premature-fin/*/*'],
        interference: ['idle-expiry'],
      }),
      { end: 'timeout', client: 'reset' },
    ),
  },
  {
    id: 'c233-state-expiry-appliance-first',
    title: 'the firewall forgets the connection while the appliance is slow with its 250: its answer meets a reset of the box',
    timeout: 12,
    esa: { hooks: [{ at: 'dot', delay: 5 }] },
    before: [
      ['f', 'nft', forward('ct state invalid meta l4proto tcp reject with tcp reset', 'ct state established,related accept', 'tcp flags syn / syn,ack accept')],
      ['f', 'sh', 'sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_established=3 net.netfilter.nf_conntrack_tcp_loose=0'],
    ],
    sessions: one(
      [upToRcpt, data, body(3000), raw('.\r\n'), until(10)],
      forgedTruth('data-end', { accept: ['rst/middlebox/*', 'completed/*/*'], acceptStage: ['idle-after-message'], interference: ['idle-expiry'] }),
      { end: 'reset', order: 'cR', ttl: [0, 63] },
    ),
  },
  {
    id: 'c234-content-drop-no-more',
    title: "the segment with the forbidden word is dropped for ever, it was the last: only the client's ACK of the 421 shows that it had sent more",
    before: stringRule('DROP'),
    sessions: one(
      [upToData, body(900, { word: 'FORBIDDEN', chunk: 450, gap: 0.1 }), until(12)],
      silence('data-body', {
        accept: [...lostTo, 'undetermined/*/*', 'timeout/undetermined/*', 'timeout/appliance/*'],
        acceptStage: ['data-body', 'data-command'],
      }),
      { end: 'timeout', hasNot: ['FORBIDDEN'] },
    ),
    linger: 1,
  },
  {
    id: 'c235-content-drop-then-fin',
    title: 'the forbidden segment is dropped for ever; the client gives up after five seconds and its FIN arrives beyond the hole',
    before: stringRule('DROP'),
    sessions: one(
      [upToData, body(700, { word: 'FORBIDDEN' }), pause(5), close],
      dropped('data-body', {
        acceptStage: ['data-command'],
        not: ['client-quit/*/*', 'rst/*/*', 'completed/*/*', '*/client/*>=0.7', 'timeout/client/*>=0.7'],
        accept: [...lostTo, 'premature-fin/client/*'],
      }),
      { hasNot: ['FORBIDDEN'] },
    ),
    max: 40,
  },
  {
    id: 'c236-out-drop-mid-envelope',
    title: "the appliance's packets vanish after MAIL: the client repeats itself",
    on: { cut: cutOut },
    sessions: one(
      [greet, ehlo, mail, signal('cut'), put('RCPT TO:<rcpt@example.net>'), until(14)],
      dropped('rcpt', { certain: true, acceptStage: ['mail'], not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', 'completed/*/*', '*/client/*>=0.7'] }),
      {},
    ),
    linger: 2,
    max: 40,
  },
  {
    id: 'c237-in-drop-mid-body',
    title: "the client's packets vanish in the body, the appliance's still pass: 421 and FIN are acknowledged by nobody visible",
    on: { cut: cutIn },
    sessions: one(
      [upToData, body(4000, { chunk: 1000, gap: 0.1 }), signal('cut'), { op: 'body', n: 6000, head: false, chunk: 1000, gap: 0.3, soft: true }, until(14)],
      silence('data-body', {}),
      { end: 'timeout' },
    ),
    linger: 2,
    max: 40,
  },
  {
    id: 'c238-cut-both-before-banner',
    title: 'the path dies before the banner',
    esa: { hooks: [{ at: 'banner', delay: 1 }] },
    on: { cut: cutBoth },
    sessions: one([connect, signal('cut'), until(16)], silence('banner', {}), {}),
    linger: 1,
    max: 40,
  },
  {
    id: 'c239-cut-both-after-dot',
    title: 'the path dies while the appliance scans: its 250 is never acknowledged',
    timeout: 9,
    esa: { hooks: [{ at: 'dot', delay: 1.5 }] },
    on: { cut: cutBoth },
    sessions: one(
      [upToRcpt, data, body(3000), raw('.\r\n'), pause(0.3), signal('cut'), until(14)],
      silence('data-end', { acceptStage: ['idle-after-message'], accept: [...lostTo, 'undetermined/*/*', 'timeout/undetermined/*', 'timeout/appliance/*'] }),
      {},
    ),
    linger: 1,
    max: 40,
  },
  {
    id: 'c240-cut-both-idle-rcpt',
    title: 'the path dies while the client pauses after RCPT',
    on: { cut: cutBoth },
    sessions: one([upToRcpt, signal('cut'), until(14)], silence('rcpt', {}), { end: 'timeout' }),
    linger: 2,
    max: 40,
  },
  {
    id: 'c241-cut-heals',
    title: 'the path is dead for three seconds in the body, then heals; the message completes',
    timeout: 20,
    on: { cut: cutBoth, heal: [['f', 'nft', 'flush ruleset']] },
    sessions: one(
      [
        upToData,
        body(4000, { chunk: 1000, gap: 0.1 }),
        signal('cut'),
        { op: 'body', n: 3000, head: false, chunk: 1000 },
        pause(2.5),
        signal('heal'),
        raw('.\r\n'),
        hear,
        quit,
      ],
      done({ not: ['silent-drop/*/*', 'rst/*/*', 'premature-fin/*/*', 'timeout/*/*'] }),
      { end: 'quit' },
    ),
    max: 50,
  },
  {
    id: 'c242-cut-heals-too-late',
    title: "the path is dead for longer than the appliance's timeout, then the client's packets meet a closed socket",
    timeout: 6,
    on: { cut: cutBoth, heal: [['f', 'nft', 'flush ruleset']] },
    sessions: one(
      [upToRcpt, signal('cut'), { op: 'send', text: 'DATA\r\n' }, pause(9), signal('heal'), until(12)],
      silence('rcpt', {
        acceptStage: ['data-command'],
        not: ['client-quit/*/*', 'premature-fin/client/*', 'rst/client/*>=0.7', '*/client/*>=0.7', '*/middlebox/*>=0.9', 'completed/*/*'],
      }),
      { end: 'timeout' },
    ),
    linger: 4,
    max: 50,
  },
  {
    id: 'c243-pmtu-with-icmp',
    title: 'a small link on the way, ICMP fragmentation needed gets through: all fine',
    before: [['a', 'sh', 'ip link set eth1 mtu 1300']],
    after: [['a', 'sh', 'ip link set eth1 mtu 1500']],
    sessions: one([upToData, body(9000), raw('.\r\n'), hear, quit], done({ not: ['silent-drop/*/*', 'rst/*/*', 'premature-fin/*/*', '*/middlebox/*'] }), {
      end: 'quit',
    }),
  },
  {
    id: 'c244-pmtu-hole-bdat',
    title: 'path MTU black hole under BDAT',
    esa: { offers: ['CHUNKING'] },
    before: fw('ip length > 1400 tcp dport 25 drop'),
    sessions: one([upToRcpt, put('BDAT 6000 LAST'), { op: 'body', n: 6000, upto: 6000 }, until(14)], dropped('data-body', {}), { end: 'timeout' }),
    linger: 1,
  },
  {
    id: 'c245-pmtu-hole-ehlo-reply',
    title: "path MTU black hole towards the client: the appliance's long EHLO answer never arrives",
    esa: { offers: Array.from({ length: 60 }, (_, k) => `X-VENDOR-EXTENSION-NUMBER-${k} WITH A LONG LIST OF WORDS`) },
    before: fw('ip length > 1400 tcp sport 25 drop'),
    sessions: one(
      [greet, put('EHLO mail.client.example'), until(14)],
      dropped('helo', { not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', 'completed/*/*', '*/client/*>=0.7'] }),
      {},
    ),
    linger: 1,
    max: 40,
  },
  {
    id: 'c246-icmp-prohibited-mid-session',
    title: "a rule is added in mid-session: the appliance's packets are answered with ICMP admin prohibited",
    on: {
      cut: [
        [
          'f',
          'nft',
          `table ip lab {
 chain f { type filter hook forward priority 0
  tcp sport 25 reject with icmp type admin-prohibited
  tcp dport 25 drop
 }
}`,
        ],
      ],
    },
    sessions: one(
      [upToRcpt, signal('cut'), put('DATA'), until(14)],
      truth('silent-drop/middlebox/rcpt', {
        accept: ['silent-drop/middlebox/*', 'silent-drop/undetermined/*', 'timeout/appliance/*'],
        acceptStage: ['data-command'],
        not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', 'completed/*/*'],
      }),
      {},
    ),
    linger: 2,
    max: 40,
  },
  {
    id: 'c247-icmp-unreachable-to-syn',
    title: "the firewall answers the appliance's SYN/ACK with ICMP admin prohibited",
    before: [
      [
        'f',
        'nft',
        `table ip lab {
 chain f { type filter hook forward priority 0
  tcp sport 25 reject with icmp type admin-prohibited
 }
}`,
      ],
    ],
    log: { none: true },
    sessions: one(
      [{ op: 'connect', timeout: 4 }],
      truth('silent-drop/middlebox/connect', {
        accept: ['silent-drop/middlebox/*', 'refused/middlebox/*', 'silent-drop/undetermined/*'],
        not: ['*/client/*', '*/appliance/*', 'completed/*/*', 'rst/*/*'],
      }),
      {},
    ),
  },
  {
    id: 'c248-synack-dropped-two-points',
    capture: ['esa', 'client'],
    title: 'SYN/ACK dropped by the firewall; both captures',
    before: cutOut,
    log: { none: true },
    sessions: one([{ op: 'connect', timeout: 5 }], dropped('connect', { not: ['refused/*/*', 'rst/*/*', '*/appliance/*', '*/client/*>=0.7'] }), {}),
  },
  {
    id: 'c250-syn-lost-then-fine',
    title: 'SYN answered late (the first ones lost), then all is well',
    on: {},
    before: cutIn,
    sessions: one([connect, hear, ehlo, mail, rcpt, message, quit], done({ not: ['silent-drop/*/*', 'rst/*/*', 'refused/*/*', 'premature-fin/*/*'] }), {
      end: 'quit',
    }),
    script: async ({ lane, sleep }) => {
      await sleep(1.6);
      await lane.nft('f', 'flush ruleset');
    },
  },
  {
    id: 'c251-lossy-15-delay',
    title: '15 % loss over 30 ms, the session completes',
    timeout: 25,
    device: { loss: 15, delay: 0.015, jitter: 0.01, seed: 5 },
    sessions: one(
      [connect, hear, ehlo, mail, rcpt, data, body(12000), raw('.\r\n'), hear, quit],
      done({ not: ['silent-drop/*/*', 'rst/*/*', 'premature-fin/*/*', '*/middlebox/*'] }),
      { end: 'quit' },
    ),
    max: 80,
  },
  {
    id: 'c252-lossy-then-client-fin',
    title: '12 % loss, the client closes after RCPT',
    timeout: 25,
    device: { loss: 12, delay: 0.01, seed: 9 },
    sessions: one(
      [connect, hear, ehlo, mail, rcpt, pause(0.5), close],
      truth('premature-fin/client/rcpt', { not: ['client-quit/*/*', 'rst/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*', 'silent-drop/*/*'] }),
      { end: 'eof' },
    ),
    linger: 2,
    max: 60,
  },
  {
    id: 'c253-fin-lost-two-points',
    capture: ['esa', 'client'],
    title: 'the client closes, but its FIN and everything after is dropped; both captures',
    on: { cut: cutIn },
    sessions: one(
      [upToRcpt, pause(0.2), signal('cut'), close, pause(10)],
      truth('premature-fin/client/rcpt', {
        certain: false,
        accept: ['silent-drop/*/*', 'timeout/appliance/*', 'premature-fin/client/*'],
        not: ['client-quit/*/*', 'completed/*/*', 'rst/*/*'],
      }),
      { end: 'timeout' },
    ),
    linger: 1,
  },
  {
    id: 'c254-fin-lost-esa-only',
    title: "as c253, the appliance's capture only: silence, 421, resets of a host without the socket",
    on: { cut: cutIn, heal: [['f', 'nft', 'flush ruleset']] },
    sessions: one([upToRcpt, pause(0.2), signal('cut'), rst, pause(4)], timeoutSeen('rcpt', {}), { end: 'timeout' }),
    script: async ({ lane, sleep }) => {
      await sleep(5);
      await lane.nft('f', 'flush ruleset').catch(() => undefined);
    },
  },
  {
    id: 'c255-nat-rebinding',
    title: 'the NAT forgets the mapping in mid-session and takes another port: the stream goes on from a new port and is reset',
    tags: ['undetermined'],
    before: [
      [
        'f',
        'nft',
        `table ip nat {
 chain post { type nat hook postrouting priority 100
  tcp dport 25 snat to 203.0.113.1:40000-40000
 }
}`,
      ],
      ['b', 'sh', 'ip route replace 203.0.113.0/24 via 10.0.2.2'],
    ],
    on: {
      rebind: [
        [
          'f',
          'nft',
          `flush ruleset
table ip nat {
 chain post { type nat hook postrouting priority 100
  tcp dport 25 snat to 203.0.113.1:51000-51000
 }
}`,
        ],
        ['f', 'sh', 'conntrack -F'],
      ],
    },
    sessions: one(
      [upToRcpt, pause(0.3), signal('rebind'), put('DATA'), until(12)],
      truth('silent-drop/middlebox/rcpt', {
        accept: [...lostTo, 'timeout/appliance/*'],
        acceptStage: ['data-command'],
        not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/client/*', 'completed/*/*', '*/client/*'],
      }),
      { end: 'timeout' },
      { hidden: true },
    ),
    linger: 1,
  },
  {
    id: 'c256-nat-two-points-clean',
    capture: ['esa', 'client'],
    title: 'source NAT, both captures, client resets by itself',
    before: [
      [
        'f',
        'nft',
        `table ip nat {
 chain post { type nat hook postrouting priority 100
  tcp dport 25 snat to 203.0.113.1
 }
}`,
      ],
      ['b', 'sh', 'ip route replace 203.0.113.0/24 via 10.0.2.2'],
    ],
    sessions: one(
      [upToData, body(6000, { upto: 3000 }), pause(0.3), rst],
      truth('rst/client/data-body', { not: ['client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', '*/middlebox/*'] }),
      { end: 'reset', order: 'cR' },
      { hidden: true },
    ),
  },
  {
    id: 'c257-own-rst-two-points',
    capture: ['esa', 'client'],
    title: 'client resets by itself, both captures show it',
    sessions: one([upToRcpt, pause(0.3), rst], truth('rst/client/rcpt', { not: ['client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', '*/middlebox/*'] }), {
      end: 'reset',
      order: 'cR',
    }),
  },
  {
    id: 'c258-clone-two-points',
    capture: ['esa', 'client'],
    title: "perfect copies to both sides; the client's capture does not have the reset",
    inject: { when: { text: '000030 the' }, resets: both(clone) },
    sessions: one(chatty, forgedTruth('data-body', { accept: ['rst/middlebox/*'] }), { end: 'reset', order: 'cR', ttl: [0, 61] }),
  },
  {
    id: 'c259-route-change-completes',
    title: 'the route changes in mid-session (TTL drops by two), the session completes',
    before: [],
    on: { route: [['c', 'sh', 'sysctl -qw net.ipv4.ip_default_ttl=62']] },
    sessions: one([upToRcpt, pause(0.2), { op: 'ttl', v: 62 }, message, quit], done({ not: ['rst/*/*', 'premature-fin/*/*', '*/middlebox/*'] }), {
      end: 'quit',
    }),
  },

  {
    id: 'c260-proxy-relays-fin',
    title: "transparent proxy relays the client's FIN: from the appliance it is the client",
    relay: {},
    sessions: one(
      [upToRcpt, pause(0.3), close],
      truth('premature-fin/client/rcpt', {
        accept: ['premature-fin/undetermined/*', 'premature-fin/middlebox/*'],
        not: ['client-quit/*/*', 'rst/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*>=0.8', '*/appliance/*'],
        interference: ['proxy'],
      }),
      { end: 'eof', order: 'cF', ttl: [0, 63] },
      { hidden: true },
    ),
  },
  {
    id: 'c261-proxy-relays-fin-two-points',
    capture: ['esa', 'client'],
    title: "as c260 with the client's capture: its FIN is its own",
    relay: {},
    sessions: one(
      [upToRcpt, pause(0.3), close],
      truth('premature-fin/client/rcpt', {
        accept: ['premature-fin/client/*'],
        not: ['client-quit/*/*', 'rst/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*', '*/appliance/*'],
        interference: ['proxy'],
      }),
      { end: 'eof', order: 'cF' },
      { hidden: true },
    ),
  },
  {
    id: 'c262-proxy-554-quit',
    title: 'transparent proxy dislikes the recipient: 554 to the client, QUIT to the appliance',
    relay: { cut: { from: 'client', text: 'DATA', do: 'quit', reply: '554 5.7.1 blocked by policy' } },
    tags: ['undetermined'],
    sessions: one(
      [upToRcpt, put('DATA'), until(6)],
      truth('client-quit/client/rcpt', {
        certain: false,
        accept: ['client-quit/*/*', 'client-quit/middlebox/*'],
        not: ['premature-fin/*/*', 'completed/*/*', '*/middlebox/*>=0.8', '*/appliance/*'],
      }),
      { end: 'quit' },
      { hidden: true },
    ),
  },
  {
    id: 'c263-proxy-554-quit-two-points',
    capture: ['esa', 'client'],
    title: "as c262 with the client's capture: it never said QUIT",
    relay: { cut: { from: 'client', text: 'DATA', do: 'quit', reply: '554 5.7.1 blocked by policy' } },
    sessions: one(
      [upToRcpt, put('DATA'), until(6)],
      truth('client-quit/middlebox/rcpt', {
        accept: ['rejected/middlebox/*', 'client-quit/middlebox/*', 'premature-fin/middlebox/*'],
        acceptStage: ['data-command'],
        not: ['*/client/*', '*/appliance/*', 'completed/*/*'],
      }),
      { end: 'quit' },
      { hidden: true },
    ),
  },
  {
    id: 'c264-proxy-rst-both-two-points',
    capture: ['esa', 'client'],
    title: 'transparent proxy resets both sides in the body; both captures',
    relay: { cut: { from: 'client', text: '000030 the', do: 'rst' } },
    sessions: one(
      [upToData, { op: 'body', n: 9000, chunk: 900, gap: 0.08, soft: true }, until(3)],
      truth('rst/middlebox/data-body', { accept: ['rst/middlebox/*'], not: ['client-quit/*/*', 'premature-fin/*/*', '*/appliance/*', '*/client/*'] }),
      { end: 'reset', order: 'cR' },
      { hidden: true },
    ),
  },
  {
    id: 'c265-proxy-rst-esa-only',
    title: 'as c264, appliance only',
    tags: ['undetermined'],
    relay: { cut: { from: 'client', text: '000030 the', do: 'rst' } },
    sessions: one(
      [upToData, { op: 'body', n: 9000, chunk: 900, gap: 0.08, soft: true }, until(3)],
      truth('rst/client/data-body', {
        certain: false,
        accept: ['rst/undetermined/*', 'rst/middlebox/*'],
        not: ['client-quit/*/*', 'premature-fin/*/*', '*/middlebox/*>=0.8', '*/appliance/*'],
      }),
      { end: 'reset', order: 'cR' },
      { hidden: true },
    ),
  },
  {
    id: 'c266-proxy-swallows',
    title: "transparent proxy stalls in the body: the appliance's peer is silent but alive",
    relay: { cut: { from: 'client', text: '000030 the', do: 'swallow' } },
    sessions: one(
      [upToData, { op: 'body', n: 9000, chunk: 900, gap: 0.08, soft: true }, until(14)],
      truth('timeout/appliance/data-body', {
        silent: 'client',
        accept: ['timeout/appliance/*'],
        not: ['premature-fin/*/*', 'client-quit/*/*', 'rst/*/*', 'silent-drop/*/*', '*/middlebox/*>=0.7'],
      }),
      { end: 'timeout', order: 'sF' },
      { hidden: true },
    ),
  },
  {
    id: 'c267-inspection-masks-ehlo',
    title: 'SMTP inspection: EHLO arrives as XXXX, client falls back to HELO, then closes after RCPT',
    relay: { rewrites: [{ from: 'client', match: 'EHLO mail.client.example', with: 'XXXX mail.client.example' }] },
    sessions: one(
      [greet, ehlo, say('HELO mail.client.example'), mail, rcpt, pause(0.3), close],
      truth('premature-fin/client/rcpt', {
        accept: ['premature-fin/undetermined/*'],
        interference: ['command-masked', 'proxy'],
        not: ['client-quit/*/*', 'rst/*/*', 'timeout/*/*', 'completed/*/*', '*/appliance/*', '*/middlebox/*>=0.8'],
      }),
      { end: 'eof', has: ['XXXX mail'] },
      { hidden: true },
    ),
  },
  {
    id: 'c268-inspection-strips-starttls',
    capture: ['esa', 'client'],
    title: 'SMTP inspection hides STARTTLS from the client, which quits because it must have TLS; both captures',
    esa: { tls: true },
    relay: {
      rewrites: [
        { from: 'server', match: '220 esa.example.net ESMTP', with: '220 *********************' },
        { from: 'server', match: '250 STARTTLS', with: '250 XXXXXXXA' },
      ],
    },
    sessions: one(
      [greet, ehlo, pause(0.2), quit],
      truth('client-quit/client/quit', {
        accept: ['client-quit/client/*'],
        acceptStage: ['helo'],
        interference: ['banner-masked', 'starttls-stripped', 'proxy'],
        not: ['premature-fin/*/*', 'completed/*/*', 'timeout/*/*', '*/appliance/*'],
      }),
      { end: 'quit' },
      { hidden: true },
    ),
  },
  {
    id: 'c269-proxy-fin-after-starttls',
    title: 'proxy closes both sides at STARTTLS; appliance only',
    esa: { tls: true },
    tags: ['undetermined'],
    relay: { cut: { from: 'client', text: 'STARTTLS', do: 'fin' } },
    sessions: one(
      [greet, ehlo, pause(0.2), put('STARTTLS'), until(4)],
      truth('premature-fin/client/helo', {
        certain: false,
        accept: ['premature-fin/undetermined/*', 'premature-fin/middlebox/*', 'premature-fin/client/*'],
        not: ['client-quit/*/*', '*/middlebox/*>=0.8', '*/appliance/*', 'tls-failure/*/*'],
      }),
      { end: 'eof', order: 'cF' },
      { hidden: true },
    ),
  },
  {
    id: 'c270-tls-through-hole',
    title: 'TLS 1.3: path MTU black hole, the handshake passes, the body does not',
    esa: { tls: true },
    before: fw('ip length > 1400 tcp dport 25 drop'),
    sessions: one(
      [greet, ehlo, startTls(), ehlo, mail, rcpt, data, body(8000), until(14)],
      dropped('data-body', { encrypted: true, acceptStage: ['data-command', 'starttls'] }),
      {},
    ),
    linger: 1,
    max: 40,
  },
];
