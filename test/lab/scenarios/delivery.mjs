import { delivery, hook, truth } from './words.mjs';

const fin = (stage, more) => truth(`premature-fin/remote-server/${stage}`, more);
const reset = (stage, more) => truth(`rst/remote-server/${stage}`, more);
const rejected = (stage, more) => truth(`rejected/remote-server/${stage}`, { accept: ['client-quit/appliance/*'], ...more });
const done = (more = {}) => truth('completed/appliance/quit', { accept: ['completed/*/*'], ...more });
const waited = (stage, more) =>
  truth(`timeout/appliance/${stage}`, {
    silent: 'remote-server',
    accept: ['timeout/appliance/*'],
    not: ['completed/*/*', 'silent-drop/*/*', '*/middlebox/*', 'premature-fin/*/*', 'rst/*/*'],
    ...more,
  });
const vanished = (stage, more = {}) =>
  truth(`silent-drop/undetermined/${stage}`, {
    certain: false,
    accept: [
      'silent-drop/middlebox/*',
      'silent-drop/network/*',
      'silent-drop/undetermined/*',
      'silent-drop/remote-server/*',
      'undetermined/*/*',
      'timeout/undetermined/*',
      `timeout/appliance/${stage}`,
    ],
    not: ['rst/*/*', 'premature-fin/*/*', 'completed/*/*', '*/middlebox/*>=0.9', 'client-quit/*/*'],
    ...more,
  });
const dropFrom = (port) => `table inet lab {
 chain f { type filter hook forward priority 0
  tcp sport ${port} drop
 }
}`;
const dropBoth = `table inet lab {
 chain f { type filter hook forward priority 0
  tcp dport 25 drop
  tcp sport 25 drop
 }
}`;

/** Deliveries: the appliance is the SMTP client. */
export const DELIVERY = [
  { id: 'd201-two-messages-one-connection', title: 'two messages over one connection, QUIT', sessions: delivery({ messages: 2 }, {}, done(), { end: 'quit' }) },
  {
    id: 'd202-remote-fin-banner',
    title: 'remote accepts and closes without a banner',
    sessions: delivery(
      {},
      hook('banner', { delay: 0.4, end: 'fin' }),
      fin('banner', { accept: ['refused/remote-server/*'], not: ['*/appliance/*', 'completed/*/*', '*/middlebox/*', 'timeout/*/*'] }),
      { end: 'eof', order: 'sF' },
    ),
  },
  {
    id: 'd203-remote-fin-mail',
    title: 'remote closes instead of answering MAIL',
    sessions: delivery({}, hook('mail', { delay: 0.3, end: 'fin' }), fin('mail', {}), { end: 'eof', order: 'sF' }),
  },
  {
    id: 'd204-remote-fin-rcpt',
    title: 'remote closes instead of answering RCPT; IPv6',
    sessions: delivery({}, hook('rcpt', { delay: 0.3, end: 'fin' }), fin('rcpt', {}), { end: 'eof', order: 'sF' }, { v6: true }),
  },
  {
    id: 'd205-remote-fin-data',
    title: 'remote closes instead of 354',
    sessions: delivery({}, hook('data', { delay: 0.3, end: 'fin' }), fin('data-command', {}), { end: 'eof', order: 'sF' }),
  },
  {
    id: 'd206-remote-fin-body',
    title: 'remote closes in the body, with data unread: FIN or RST of its stack',
    sessions: delivery(
      { bytes: 60000, chunk: 1400, gap: 0.03 },
      hook('body', { bytes: 9000, end: 'fin' }),
      fin('data-body', { accept: ['rst/remote-server/*'], not: ['*/appliance/*', 'completed/*/*', 'client-quit/*/*', '*/middlebox/*>=0.7'] }),
      {},
    ),
  },
  {
    id: 'd207-remote-fin-dot',
    title: 'remote closes instead of answering the dot',
    sessions: delivery({}, hook('dot', { delay: 0.5, end: 'fin' }), fin('data-end', {}), { end: 'eof', order: 'sF' }),
  },
  {
    id: 'd208-remote-rst-ehlo',
    title: 'remote resets at EHLO',
    sessions: delivery({}, hook('helo', { delay: 0.2, end: 'rst' }), reset('helo', {}), { end: 'reset', order: 'sR' }),
  },
  {
    id: 'd209-remote-rst-dot',
    title: 'remote resets instead of answering the dot',
    sessions: delivery({}, hook('dot', { delay: 0.6, end: 'rst' }), reset('data-end', {}), { end: 'reset', order: 'sR' }),
  },
  {
    id: 'd210-remote-421-mail',
    title: '421 to MAIL and FIN',
    sessions: delivery({}, hook('mail', { reply: '421 4.7.0 try again later, closing', end: 'fin' }), rejected('mail', {}), { end: 'refusal' }),
  },
  {
    id: 'd211-remote-421-mid-body',
    title: '421 in the middle of the body, then close with data unread',
    sessions: delivery(
      { bytes: 60000, chunk: 1400, gap: 0.03 },
      hook('body', { bytes: 9000, reply: '421 4.3.2 system shutting down', end: 'fin' }),
      rejected('data-body', {
        accept: ['rst/remote-server/*', 'premature-fin/remote-server/*'],
        not: ['completed/*/*', '*/appliance/*', '*/middlebox/*>=0.7'],
      }),
      {},
    ),
  },
  {
    id: 'd212-sender-5xx',
    title: '550 to MAIL, the appliance quits',
    sessions: delivery({}, hook('mail', { reply: '550 5.7.1 sender blocked' }), rejected('mail', {}), { end: 'refusal' }),
  },
  {
    id: 'd213-all-rcpts-5xx',
    title: 'both recipients 550, the appliance quits',
    sessions: delivery({ rcpts: ['gone@remote.example', 'nobody@remote.example'] }, hook('rcpt', { reply: '550 5.1.1 User unknown' }), rejected('rcpt', {}), {
      end: 'refusal',
    }),
  },
  {
    id: 'd214-data-5xx',
    title: '554 to DATA, the appliance quits',
    sessions: delivery({}, hook('data', { reply: '554 5.5.1 Error: no valid recipients' }), rejected('data-command', {}), { end: 'refusal' }),
  },
  {
    id: 'd215-dot-5xx',
    title: '550 to the dot (content), the appliance quits',
    sessions: delivery({}, hook('dot', { reply: '550 5.7.1 message content rejected' }), rejected('data-end', {}), { end: 'refusal' }),
  },
  {
    id: 'd216-dot-451',
    title: '451 to the dot (greylisting), the appliance quits',
    sessions: delivery({}, hook('dot', { reply: '451 4.7.1 greylisted' }), rejected('data-end', {}), { end: 'refusal' }),
  },
  {
    id: 'd217-banner-554',
    title: 'remote greets with 554, the appliance quits',
    sessions: delivery({}, hook('banner', { reply: '554 mx1.remote.example no SMTP service here' }), rejected('banner', {}), { end: 'refusal' }),
  },
  {
    id: 'd218-tls-required-not-offered',
    title: 'TLS required by the destination table, the remote does not offer it: the appliance quits',
    sessions: delivery(
      { tls: 'required' },
      {},
      truth('client-quit/appliance/helo', {
        accept: ['client-quit/appliance/*', 'tls-failure/*/*', 'rejected/*/*'],
        acceptStage: ['quit', 'starttls'],
        not: ['completed/*/*', '*/middlebox/*', 'timeout/*/*', 'premature-fin/*/*'],
      }),
      {},
    ),
  },
  {
    id: 'd219-tls-454',
    title: 'STARTTLS answered 454; TLS preferred: goes on in clear and delivers',
    sessions: delivery(
      { tls: 'preferred' },
      { tls: true, hooks: [{ at: 'starttls', reply: '454 4.7.0 TLS not available' }] },
      done({ not: ['tls-failure/*/*', 'premature-fin/*/*', 'rst/*/*', 'rejected/*/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'd220-tls-454-required',
    title: 'STARTTLS answered 454; TLS required: the appliance quits',
    sessions: delivery(
      { tls: 'required' },
      { tls: true, hooks: [{ at: 'starttls', reply: '454 4.7.0 TLS not available' }] },
      rejected('starttls', {
        accept: ['tls-failure/*/*', 'client-quit/appliance/*'],
        acceptStage: ['helo'],
        not: ['completed/*/*', '*/middlebox/*', 'premature-fin/*/*', 'timeout/*/*'],
      }),
      {},
    ),
  },
  {
    id: 'd221-tls-cert-refused',
    title: 'the appliance verifies the certificate and refuses it (TLS 1.2 alert)',
    sessions: delivery(
      { tls: 'required', verify: true, tls_max: '1.2' },
      { tls: true },
      truth('tls-failure/appliance/starttls', {
        accept: ['tls-failure/appliance/*'],
        not: ['completed/*/*', '*/middlebox/*', '*/remote-server/*', 'timeout/*/*'],
      }),
      {},
    ),
  },
  {
    id: 'd222-tls-remote-alert',
    title: 'the remote demands TLS 1.3, the appliance speaks 1.2: alert from the remote',
    sessions: delivery(
      { tls: 'required', tls_max: '1.2' },
      { tls: true, tls_min: '1.3' },
      truth('tls-failure/remote-server/starttls', {
        accept: ['tls-failure/remote-server/*'],
        not: ['completed/*/*', '*/middlebox/*', 'timeout/*/*', 'rst/*/*'],
      }),
      {},
    ),
  },
  {
    id: 'd223-tls-remote-rst-body',
    title: 'TLS 1.3 delivery, the remote resets in the body',
    sessions: delivery(
      { tls: 'preferred', bytes: 60000, chunk: 1400, gap: 0.03 },
      { tls: true, hooks: [{ at: 'body', bytes: 9000, end: 'rst' }] },
      truth('rst/remote-server/data-body', { encrypted: true, accept: ['rst/remote-server/*'], acceptStage: ['starttls', 'data-command', 'rcpt', 'mail'] }),
      { order: 'sR' },
    ),
  },
  {
    id: 'd224-refused',
    title: 'connection refused by the remote host',
    sessions: delivery(
      {},
      {},
      truth('refused/remote-server/connect', {
        accept: ['refused/remote-server/*', 'rst/remote-server/connect'],
        not: ['*/appliance/*', 'silent-drop/*/*', 'completed/*/*', '*/middlebox/*>=0.7'],
      }),
      { end: 'refused', exactly: 'sR' },
      { noRemote: true },
    ),
  },
  {
    id: 'd225-icmp-host-unreachable',
    title: 'the firewall answers the SYN with ICMP admin prohibited',
    before: [
      [
        'f',
        'nft',
        `table ip lab {
 chain f { type filter hook forward priority 0
  tcp dport 25 reject with icmp type admin-prohibited
 }
}`,
      ],
    ],
    sessions: delivery(
      {},
      {},
      truth('silent-drop/middlebox/connect', {
        accept: [
          'refused/middlebox/*',
          'silent-drop/undetermined/*',
          'silent-drop/network/*',
          'rejected/middlebox/*',
          'undetermined/*/*',
          'timeout/appliance/connect',
        ],
        not: ['*/remote-server/*', 'completed/*/*', 'premature-fin/*/*'],
      }),
      { end: 'unreachable' },
    ),
  },
  {
    id: 'd226-no-banner',
    title: 'connected, but the remote never greets',
    sessions: delivery({}, hook('banner', { end: 'stop' }), waited('banner'), { end: 'timeout' }),
  },
  { id: 'd227-no-answer-mail', title: 'MAIL is never answered', sessions: delivery({}, hook('mail', { end: 'stop' }), waited('mail'), { end: 'timeout' }) },
  {
    id: 'd228-slow-dot-late-250',
    title: 'the answer to the dot comes after the appliance gave up: resets',
    sessions: delivery(
      {},
      hook('dot', { delay: 8.5 }),
      waited('data-end', { secondary: 'late 250 meets the closed socket' }),
      { end: 'timeout', order: 'cF' },
      {},
    ),
    linger: 3,
  },
  {
    id: 'd229-firewall-rst-one-side',
    title: "the firewall rejects the appliance's DATA with a reset towards the appliance only",
    before: [['f', 'sh', 'iptables -I FORWARD -p tcp --dport 25 -m string --string DATA --algo bm -j REJECT --reject-with tcp-reset']],
    sessions: delivery(
      {},
      {},
      truth('rst/middlebox/data-command', {
        accept: ['rst/middlebox/*'],
        not: ['completed/*/*', '*/appliance/*', 'client-quit/*/*', '*/remote-server/*>=0.9', 'timeout/*/*'],
      }),
      { end: 'reset', order: 'sR' },
    ),
  },
  {
    id: 'd230-path-cut-body',
    title: 'both directions vanish in the body of a delivery',
    on: { body: [['f', 'nft', dropBoth]] },
    sessions: delivery({ bytes: 40000, chunk: 1400, gap: 0.02, signal_bytes: 14000 }, {}, vanished('data-body'), { end: 'timeout' }),
    linger: 2,
    max: 40,
  },
  {
    id: 'd231-remote-host-gone-dot',
    title: 'the path dies right after DATA was answered: nothing comes back',
    on: { 'data-command': [['f', 'nft', dropBoth]] },
    sessions: delivery(
      { signal: 'data-command' },
      hook('data', { delay: 0.3 }),
      vanished('data-command', {
        accept: [
          'silent-drop/middlebox/*',
          'silent-drop/network/*',
          'silent-drop/undetermined/*',
          'silent-drop/remote-server/*',
          'undetermined/*/*',
          'timeout/undetermined/*',
          'timeout/appliance/data-command',
        ],
      }),
      { end: 'timeout' },
    ),
    linger: 1.5,
  },
  {
    id: 'd232-answers-lost',
    title: "the remote's answers vanish after the banner",
    sessions: delivery({ signal: 'helo' }, { hooks: [{ at: 'helo', delay: 0.3 }] }, vanished('helo'), { end: 'timeout' }),
    on: { helo: [['f', 'nft', dropFrom(25)]] },
    linger: 1.5,
  },
  {
    id: 'd233-pmtu-hole-delivery',
    title: 'path MTU black hole on the way out: full segments vanish, the dot is never answered',
    before: [
      [
        'f',
        'nft',
        `table inet lab {
 chain f { type filter hook forward priority 0
  ip length > 1400 tcp dport 25 drop
 }
}`,
      ],
    ],
    sessions: delivery(
      { bytes: 20000 },
      {},
      vanished('data-body', {
        certain: true,
        acceptStage: ['data-command', 'data-end'],
        accept: ['silent-drop/middlebox/*', 'silent-drop/network/*', 'silent-drop/undetermined/*'],
        not: ['rst/*/*', 'premature-fin/*/*', 'completed/*/*', '*/remote-server/*>=0.7', 'client-quit/*/*'],
      }),
      { end: 'timeout' },
    ),
    linger: 1.5,
  },
  {
    id: 'd234-banner-masked',
    title: 'SMTP inspection in front of the remote: stars in the banner, X in the EHLO answer; delivery works',
    relay: {
      rules: `table inet proxy {
 chain p { type filter hook prerouting priority -150
  iifname "eth1" tcp dport 25 tproxy to :2525 meta mark set 1 accept
  iifname "eth0" tcp sport 25 meta mark set 1 accept
 }
}`,
      rewrites: [
        { from: 'server', match: '220 mx1.remote.example ESMTP Postfix', with: '220 **********************************' },
        { from: 'server', match: '250-STARTTLS', with: '250-XXXXXXXA' },
        { from: 'server', match: '250-PIPELINING', with: '250-XXXXXXXXXB' },
      ],
    },
    sessions: delivery(
      { tls: 'preferred' },
      { tls: true },
      done({ interference: ['banner-masked', 'starttls-stripped', 'proxy'], not: ['premature-fin/*/*', 'rst/*/*', 'rejected/*/*', 'tls-failure/*/*'] }),
      { end: 'quit', has: ['220 ****', '250-XXXXXXXA'] },
    ),
  },
  {
    id: 'd235-masked-tls-required',
    title: 'STARTTLS masked by inspection, TLS required: the appliance quits',
    relay: {
      rules: `table inet proxy {
 chain p { type filter hook prerouting priority -150
  iifname "eth1" tcp dport 25 tproxy to :2525 meta mark set 1 accept
  iifname "eth0" tcp sport 25 meta mark set 1 accept
 }
}`,
      rewrites: [
        { from: 'server', match: '220 mx1.remote.example ESMTP Postfix', with: '220 **********************************' },
        { from: 'server', match: '250-STARTTLS', with: '250-XXXXXXXA' },
      ],
    },
    sessions: delivery(
      { tls: 'required' },
      { tls: true },
      truth('client-quit/appliance/helo', {
        accept: ['client-quit/appliance/*', 'tls-failure/*/*'],
        acceptStage: ['quit', 'starttls'],
        interference: ['banner-masked', 'starttls-stripped', 'proxy'],
        not: ['completed/*/*', 'timeout/*/*', 'premature-fin/*/*', 'rst/*/*', '*/remote-server/*>=0.7'],
      }),
      {},
    ),
  },
  {
    id: 'd236-appliance-fin-after-idle',
    title: 'message delivered, the appliance closes after its idle hold without QUIT',
    sessions: delivery(
      { fin_after: true },
      {},
      truth('premature-fin/appliance/idle-after-message', {
        accept: ['completed/*/*', 'timeout/appliance/idle-after-message'],
        not: ['rst/*/*', '*/middlebox/*', '*/remote-server/*', 'silent-drop/*/*'],
      }),
      { end: 'closed', order: 'cF' },
    ),
  },
  {
    id: 'd237-remote-rst-idle',
    title: 'message delivered, the remote resets the idle connection after two seconds',
    sessions: delivery(
      { hold: 6 },
      { idle: 2, idle_do: 'rst' },
      reset('idle-after-message', {
        accept: ['completed/*/*'],
        not: ['*/appliance/rcpt', 'client-quit/*/*', 'timeout/appliance/*', 'silent-drop/*/*', '*/middlebox/*>=0.7'],
      }),
      { end: 'reset', order: 'sR' },
    ),
  },
  {
    id: 'd238-lossy-delivery',
    title: 'ten percent loss in both directions, the delivery completes',
    device: { loss: 10, delay: 0.005, seed: 7 },
    deliveryTimeout: 20,
    sessions: delivery({ bytes: 16000 }, {}, done({ not: ['silent-drop/*/*', 'premature-fin/*/*', 'rst/*/*', '*/middlebox/*'] }), { end: 'quit' }),
    max: 60,
  },
  {
    id: 'd239-rst-on-syn-by-firewall',
    title: 'the firewall refuses the SYN with a reset (TTL of the box)',
    before: [
      [
        'f',
        'nft',
        `table inet lab {
 chain f { type filter hook forward priority 0
  tcp dport 25 reject with tcp reset
 }
}`,
      ],
    ],
    sessions: delivery(
      {},
      {},
      truth('refused/remote-server/connect', {
        certain: false,
        accept: ['refused/*/*'],
        not: ['completed/*/*', 'silent-drop/*/*', '*/appliance/*', 'timeout/*/*'],
        note: 'No other packet of the remote host shows what its TTL would be.',
      }),
      { end: 'refused', exactly: 'sR' },
    ),
  },
  {
    id: 'd240-tls-hang',
    title: 'TLS 1.3 delivery, the dot is never answered',
    sessions: delivery(
      { tls: 'preferred' },
      { tls: true, hooks: [{ at: 'dot', end: 'stop' }] },
      waited('data-end', { encrypted: true, acceptStage: ['starttls', 'data-body'] }),
      { end: 'timeout' },
    ),
  },
];
