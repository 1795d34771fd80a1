import { dark, done, dropFlow, dropped, dropWord, forged, own, pair, rules, sent, ways, STAGES } from './boxes.mjs';
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
  truth,
  until,
  upToData,
  upToRcpt,
} from './words.mjs';

const rcpts = (n) => Array.from({ length: n }, (_, k) => say(`RCPT TO:<user${k}@example.net>`));
const hundred = [greet, ehlo, mail, rcpts(100)];
const remotes = (n) => Array.from({ length: n }, (_, k) => `user${k}@remote.example`);
const LONG_HEADER = `X-Long-Header: ${'abcdefgh'.repeat(140)}\r\n`;
const LONG_COMMAND = `MAIL FROM:<sender@client.example> ${'X-PARAMETER=value '.repeat(33)}`;
const outwards = (rewrites, cut) => ({
  rules: `table inet proxy {
 chain p { type filter hook prerouting priority -150
  iifname "eth1" tcp dport 25 tproxy to :2525 meta mark set 1 accept
  iifname "eth0" tcp sport 25 meta mark set 1 accept
 }
}`,
  ...(rewrites ? { rewrites } : {}),
  ...(cut ? { cut } : {}),
});
const inPath = (...rewrites) => ({ rewrites });
/** what a firewall between appliance and server does to the server's words, lengths kept */
const MASK = [
  { side: 0, match: '220 mx1.remote.example ESMTP Postfix', with: `220 ${'*'.repeat(32)}` },
  { side: 0, match: '250-STARTTLS', with: '250-XXXXXXXA' },
  { side: 0, match: '250-PIPELINING', with: '250-XXXXXXXXXB' },
];
const UNSTARTED = [{ side: 0, match: '250-STARTTLS\r\n', with: '' }];
const masked = { interference: ['banner-masked', 'starttls-stripped'] };
const noTls = (more = {}) =>
  truth('client-quit/appliance/helo', {
    accept: ['client-quit/appliance/*', 'tls-failure/*/*', 'rejected/*/*'],
    acceptStage: ['quit', 'starttls'],
    not: ['completed/*/*', 'timeout/*/*', 'premature-fin/*/*', 'rst/*/*', 'silent-drop/*/*'],
    ...more,
  });
const boxRst = (stage, more = {}) =>
  forged(stage, {
    accept: ['rst/middlebox/*'],
    not: ['*/client/*', '*/remote-server/*', '*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*'],
    ...more,
  });
const strike = (text, more = {}) => ({ when: { text, ...more }, resets: pair(own) });
const fine = { not: ['silent-drop/*/*', 'rst/*/*', 'premature-fin/*/*', 'timeout/*/*', 'rejected/*/*'] };
const burst = 'MAIL FROM:<sender@client.example>\r\nRCPT TO:<rcpt@example.net>\r\nDATA\r\n';
const toProxyOrClient = { certain: false, accept: ['premature-fin/undetermined/*', 'premature-fin/middlebox/*'] };

/** Boxes that read SMTP: what they mask, strip, limit, answer and cut. */
export const INSPECT = [
  ...ways(
    {
      id: 'w401-masked-ehlo-and-helo-reset',
      title: 'EHLO arrives as XXXX; the client falls back to HELO and resets by itself in the body',
      device: inPath({ side: 0, match: 'EHLO', with: 'XXXX' }),
      sessions: one(
        [greet, ehlo, say('HELO mail.client.example'), mail, rcpt, data, { op: 'body', n: 6000, upto: 4000, chunk: 700, gap: 0.05 }, pause(0.3), rst],
        truth('rst/client/data-body', { interference: ['command-masked'] }),
        {
          end: 'reset',
          order: 'cR',
          has: ['XXXX mail'],
        },
      ),
    },
    { 'no-log': {}, vlan: {} },
  ),
  {
    id: 'w402-masked-commands-until-421',
    title: 'EHLO, then NOOP, then AUTH arrive as X; the appliance says 421 for too many bad commands',
    esa: { bad_limit: 2 },
    device: inPath({ side: 0, match: 'EHLO', with: 'XXXX' }, { side: 0, match: 'AUTH', with: 'XXXX' }, { side: 0, match: 'HELP', with: 'XXXX' }),
    sessions: one(
      [greet, ehlo, say('AUTH PLAIN AHVzZXIAcGFzcw=='), say('HELP'), until(4)],
      truth('rejected/appliance/banner', {
        accept: ['rejected/appliance/*', 'premature-fin/appliance/*'],
        acceptStage: ['helo', 'auth'],
        interference: ['command-masked'],
        not: ['premature-fin/client/*', 'client-quit/*/*', 'completed/*/*', 'timeout/*/*', 'silent-drop/*/*'],
      }),
      { end: 'own-fin', order: 'sF', has: ['XXXX mail'] },
    ),
  },
  {
    id: 'w403-masked-starttls-command',
    title: "the client's STARTTLS arrives as XXXXXXXX, it goes on in clear and completes",
    esa: { tls: true },
    device: inPath({ side: 0, match: 'STARTTLS', with: 'XXXXXXXX' }),
    sessions: one([greet, ehlo, say('STARTTLS'), mail, rcpt, message, quit], done({ interference: ['command-masked'], ...fine }), {
      end: 'quit',
      has: ['XXXXXXXX'],
    }),
  },
  {
    id: 'w404-masked-starttls-client-fin',
    title: "the client's STARTTLS arrives as XXXXXXXX; it must have TLS and closes",
    esa: { tls: true },
    device: inPath({ side: 0, match: 'STARTTLS', with: 'XXXXXXXX' }),
    sessions: one(
      [greet, ehlo, say('STARTTLS'), pause(0.3), close],
      truth('premature-fin/client/helo', {
        certain: false,
        accept: ['rejected/*/*', 'tls-failure/*/*'],
        acceptStage: ['starttls', 'banner'],
        interference: ['command-masked'],
        not: ['rst/*/*', 'completed/*/*', 'timeout/*/*', 'client-quit/*/*'],
      }),
      { order: 'cF', has: ['XXXXXXXX'] },
    ),
  },
  ...ways(
    {
      id: 'w405-delivery-masked-in-path',
      title: 'delivery: banner and EHLO answer masked in the path, lengths kept; delivered in clear',
      device: inPath(...MASK),
      sessions: delivery({ tls: 'preferred' }, { tls: true }, sent({ ...masked, ...fine }), { end: 'quit', has: ['220 ****', '250-XXXXXXXA'] }),
    },
    { 'no-log': {}, vlan: {}, snap: {} },
  ),
  ...ways(
    {
      id: 'w406-delivery-masked-tls-required',
      title: 'delivery: masked in the path, TLS required: the appliance quits',
      device: inPath(...MASK),
      sessions: delivery({ tls: 'required' }, { tls: true }, noTls(masked), { has: ['250-XXXXXXXA'] }),
    },
    { 'no-log': {}, 'two-points': {} },
  ),
  {
    id: 'w407-delivery-masked-remote-rst',
    title: 'delivery: masked in the path; the server itself resets in the body',
    device: inPath(...MASK),
    sessions: delivery(
      { bytes: 30000, chunk: 900, gap: 0.03 },
      { hooks: [{ at: 'body', bytes: 9000, end: 'rst' }] },
      truth('rst/remote-server/data-body', { interference: ['banner-masked'] }),
      { end: 'reset', order: 'sR' },
    ),
  },
  {
    id: 'w408-delivery-starttls-line-removed',
    title: 'delivery: the STARTTLS line is cut out of the EHLO answer (numbers shift), TLS required: the appliance quits',
    capture: ['esa', 'client'],
    device: inPath(...UNSTARTED),
    sessions: delivery({ tls: 'required' }, { tls: true }, noTls({ interference: ['starttls-stripped', 'sequence-shift'] }), { hasNot: ['STARTTLS'] }),
  },
  {
    id: 'w409-delivery-starttls-removed-later',
    title: 'delivery: the first connection is encrypted, for the second the STARTTLS line has been cut out on the way',
    sameClient: true,
    device: inPath(...UNSTARTED),
    before: [['m', 'device', 'inspect=off']],
    sessions: [
      {
        label: 'd1',
        deliver: { tls: 'required', hold: 0.5 },
        remote: { tls: true },
        truth: sent({ encrypted: true, acceptStage: STAGES, ...fine }),
        expect: { end: 'quit' },
      },
      {
        label: 'd2',
        noRemote: true,
        deliver: { at: 4, tls: 'required' },
        truth: noTls({ interference: ['starttls-stripped'] }),
        expect: { hasNot: ['STARTTLS'] },
      },
    ],
    script: async ({ act, sleep }) => {
      await sleep(3);
      await act([['m', 'device', 'inspect=on']]);
    },
  },
  {
    id: 'w410-inbound-starttls-line-removed',
    title: 'the STARTTLS line is cut out on the way to the client, which quits; both captures and the injection debug log',
    capture: ['esa', 'client'],
    esa: { tls: true, debug: true },
    device: inPath({ side: 1, match: '250 STARTTLS\r\n', with: '' }, { side: 1, match: '250-SIZE 20971520', with: '250 SIZE 20971520' }),
    sessions: one(
      [greet, ehlo, pause(0.2), quit],
      truth('client-quit/client/helo', {
        accept: ['client-quit/client/*'],
        acceptStage: ['quit'],
        interference: ['starttls-stripped', 'sequence-shift'],
        not: ['premature-fin/*/*', 'completed/*/*', 'timeout/*/*', '*/appliance/*'],
      }),
      { end: 'quit', has: ['STARTTLS'] },
    ),
  },

  ...ways(
    {
      id: 'w420-recipient-101-dark',
      title: 'a box drops the connection at the 101st RCPT',
      before: dropFlow('user100@'),
      sessions: one(
        [hundred, put('RCPT TO:<user100@example.net>'), until(13)],
        dark('rcpt', { not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', 'completed/*/*', '*/client/*>=0.7'] }),
        { end: 'timeout', hasNot: ['user100@'] },
      ),
      linger: 2,
      max: 60,
    },
    { 'no-log': {}, snap: { acceptStage: STAGES } },
  ),
  {
    id: 'w421-recipient-101-dropped',
    title: 'a box drops the segment with the 101st RCPT for ever, the client gives up and quits behind the hole',
    timeout: 14,
    before: dropWord('user100@'),
    sessions: one(
      [hundred, put('RCPT TO:<user100@example.net>'), pause(5), put('QUIT'), until(12)],
      dropped('rcpt', { acceptStage: ['mail'], not: ['premature-fin/*/*', 'rst/*/*', 'completed/*/*', '*/client/*>=0.9'], accept: ['client-quit/client/*'] }),
      { hasNot: ['user100@'] },
    ),
    linger: 2,
    max: 60,
  },
  {
    id: 'w422-recipient-101-reset',
    title: 'a box resets both sides at the 101st RCPT',
    inject: strike('user100@'),
    esa: { hooks: [{ at: 'rcpt', nth: 101, delay: 0.3 }] },
    sessions: one([hundred, put('RCPT TO:<user100@example.net>'), until(3)], boxRst('rcpt'), { end: 'reset', order: 'cR', ttl: [0, 63] }),
    max: 60,
  },
  {
    id: 'w423-recipient-101-delivery-dark',
    title: 'delivery: a box drops the connection at the 101st RCPT',
    before: dropFlow('user100@'),
    sessions: delivery({ rcpts: remotes(102) }, {}, dark('rcpt', { accept: ['silent-drop/remote-server/*'] }), { end: 'timeout' }),
    linger: 2,
    max: 60,
  },
  {
    id: 'w424-recipient-101-delivery-reset',
    title: 'delivery: a box resets both sides at the 101st RCPT',
    inject: strike('user100@'),
    sessions: delivery({ rcpts: remotes(102) }, { hooks: [{ at: 'rcpt', nth: 101, delay: 0.4 }] }, boxRst('rcpt'), { end: 'reset', order: 'sR', ttl: [0, 63] }),
    max: 60,
  },
  {
    id: 'w425-recipient-101-appliance-452',
    title: 'the appliance itself refuses the 101st RCPT with 452, the client sends the rest and completes',
    esa: { hooks: [{ at: 'rcpt', nth: 101, reply: '452 #4.5.3 Too many recipients' }] },
    sessions: one([hundred, say('RCPT TO:<user100@example.net>'), message, quit], done(fine), { end: 'quit' }),
    max: 60,
  },
  {
    id: 'w430-header-line-dark',
    title: 'a header line of 1135 octets: the box drops the connection',
    before: dropFlow('X-Long-Header'),
    sessions: one(
      [upToData, body(6000, { first: LONG_HEADER }), { op: 'send', text: '.\r\n', soft: true }, until(13)],
      dark('data-command', { acceptStage: ['data-body'] }),
      { end: 'timeout', hasNot: ['X-Long-Header'] },
    ),
    linger: 2,
  },
  {
    id: 'w431-header-line-dropped',
    title: 'a header line of 1135 octets: the box drops that segment for ever, the rest arrives behind the hole',
    before: dropWord('X-Long-Header'),
    sessions: one(
      [upToData, body(6000, { first: LONG_HEADER }), raw('.\r\n'), until(13)],
      dropped('data-command', { acceptStage: ['data-body', 'data-end'] }),
      { end: 'timeout', hasNot: ['X-Long-Header'] },
    ),
    linger: 2,
  },
  {
    id: 'w432-header-line-reset',
    title: 'a header line of 1135 octets: the box resets both sides after it has passed',
    inject: strike('X-Long-Header'),
    sessions: one(
      [upToData, body(16000, { first: LONG_HEADER, chunk: 900, gap: 0.05, soft: true }), until(3)],
      boxRst('data-body', { acceptStage: ['data-command'] }),
      { end: 'reset', order: 'cR', ttl: [0, 63] },
    ),
  },
  {
    id: 'w433-header-line-delivery-dark',
    title: 'delivery: a header line of 1135 octets, the box drops the connection',
    before: dropFlow('X-Long-Header'),
    sessions: delivery(
      { first: LONG_HEADER, bytes: 6000 },
      {},
      dark('data-body', { acceptStage: ['data-command', 'data-end'], accept: ['silent-drop/remote-server/*'] }),
      { end: 'timeout' },
    ),
    linger: 2,
  },
  {
    id: 'w434-command-513-dark',
    title: 'a MAIL command of more than 512 octets: the box drops the connection',
    before: dropFlow('X-PARAMETER'),
    sessions: one([greet, ehlo, put(LONG_COMMAND), until(13)], dark('helo', { acceptStage: ['mail'] }), { end: 'timeout', hasNot: ['X-PARAMETER'] }),
    linger: 2,
  },
  {
    id: 'w435-command-513-reset',
    title: 'a MAIL command of more than 512 octets: the box resets both sides',
    esa: { hooks: [{ at: 'mail', delay: 0.3 }] },
    inject: strike('X-PARAMETER'),
    sessions: one([greet, ehlo, put(LONG_COMMAND), until(3)], boxRst('mail', { acceptStage: ['helo'] }), { end: 'reset', order: 'cR', ttl: [0, 63] }),
  },

  ...ways(
    {
      id: 'w440-proxy-554-swallow',
      title: "a proxy says 554 to the client in the appliance's name and leaves the appliance waiting; appliance only",
      relay: { cut: { from: 'client', text: '000030 the', do: 'swallow', reply: '554 5.7.1 Virus detected.' } },
      sessions: one(
        [upToData, body(6000, { chunk: 900, gap: 0.05, soft: true }), hear, { ...put('QUIT'), soft: true }, until(12)],
        truth('timeout/appliance/data-body', {
          silent: 'client',
          accept: ['timeout/appliance/*'],
          interference: ['proxy'],
          not: ['premature-fin/*/*', 'client-quit/*/*', 'rst/*/*', 'completed/*/*', '*/middlebox/*>=0.7'],
        }),
        { end: 'timeout', order: 'sF' },
        { hidden: true },
      ),
    },
    { 'no-log': {} },
  ),
  {
    id: 'w441-proxy-541-two-points',
    capture: ['esa', 'client'],
    esa: { debug: true },
    title: "a proxy says 541 to the client in the appliance's name and leaves the appliance waiting; both captures and the injection debug log",
    relay: { cut: { from: 'client', text: '000030 the', do: 'swallow', reply: '541 5.4.1 Content blocked by firewall' } },
    sessions: one(
      [upToData, body(6000, { chunk: 900, gap: 0.05, soft: true }), hear, { ...put('QUIT'), soft: true }, until(12)],
      truth('rejected/middlebox/data-body', {
        accept: ['*/middlebox/*'],
        interference: ['proxy'],
        not: ['*/client/*', 'client-quit/*/*', 'premature-fin/*/*', 'completed/*/*'],
      }),
      { end: 'timeout' },
      { hidden: true },
    ),
  },
  {
    id: 'w442-proxy-250-swallow-two-points',
    capture: ['esa', 'client'],
    title: 'a proxy takes the message with a 250 of its own and never passes the end on; both captures',
    relay: { cut: { from: 'client', text: '\\r\\n\\.\\r\\n', do: 'swallow', reply: '250 ok:  Message accepted for scanning' } },
    sessions: one(
      [upToData, body(3000), raw('.\r\n'), hear, quit],
      truth('timeout/appliance/data-body', {
        certain: false,
        silent: 'client',
        accept: ['*/middlebox/*', 'timeout/appliance/*', 'silent-drop/*/*'],
        acceptStage: ['data-end', 'data-command', 'quit'],
        interference: ['proxy'],
        not: ['premature-fin/*/*', 'rst/*/*', '*/client/*>=0.7'],
      }),
      { end: 'timeout' },
      { hidden: true },
    ),
    max: 40,
  },
  {
    id: 'w443-alg-reset-pipelining',
    title: 'a gateway rejects pipelining: after a segment with three commands it resets both sides',
    esa: { offers: ['PIPELINING'] },
    inject: strike('MAIL FROM.*\\r\\nRCPT', { after: 0.05 }),
    sessions: one([greet, ehlo, raw(burst), pause(1), until(3)], boxRst('data-command', { acceptStage: ['mail', 'rcpt'] }), {
      end: 'reset',
      order: 'cR',
      ttl: [0, 63],
    }),
  },
  {
    id: 'w444-alg-fin-pipelining',
    title: 'a gateway rejects pipelining: after a segment with three commands it closes both sides; appliance only',
    esa: { offers: ['PIPELINING'] },
    relay: { cut: { from: 'client', text: 'MAIL FROM.*\\r\\nRCPT', do: 'fin' } },
    sessions: one(
      [greet, ehlo, raw(burst), pause(1), until(3)],
      truth('premature-fin/client/helo', {
        ...toProxyOrClient,
        interference: ['proxy'],
        not: ['client-quit/*/*', 'rst/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*>=0.8', '*/appliance/*'],
      }),
      { end: 'eof', order: 'cF' },
      { hidden: true },
    ),
  },
  {
    id: 'w445-alg-fin-pipelining-two-points',
    capture: ['esa', 'client'],
    title: 'as w444 with both captures',
    esa: { offers: ['PIPELINING'] },
    relay: { cut: { from: 'client', text: 'MAIL FROM.*\\r\\nRCPT', do: 'fin' } },
    sessions: one(
      [greet, ehlo, raw(burst), pause(1), until(3)],
      truth('premature-fin/middlebox/helo', {
        accept: ['premature-fin/middlebox/*'],
        acceptStage: ['mail', 'rcpt', 'data-command'],
        interference: ['proxy'],
        not: ['*/client/*', 'client-quit/*/*', 'completed/*/*', '*/appliance/*'],
      }),
      { end: 'eof', order: 'cF' },
      { hidden: true },
    ),
  },
  {
    id: 'w446-alg-drops-pipelining',
    title: 'a gateway drops the segment with three commands each time; single commands passed',
    esa: { offers: ['PIPELINING'] },
    before: [['f', 'sh', 'iptables -A FORWARD -p tcp --dport 25 -m string --string "MAIL FROM" --algo bm -m string --string "RCPT TO" --algo bm -j DROP']],
    sessions: one([greet, ehlo, raw(burst), until(13)], dark('helo', { acceptStage: ['mail', 'rcpt', 'data-command'] }), {
      end: 'timeout',
      hasNot: ['MAIL FROM'],
    }),
    linger: 2,
  },
  {
    id: 'w447-host-scanner-replays-then-reset',
    title: "the sender's own scanner plays the dialogue twice (RSET after RCPT), then resets",
    sessions: one(
      [upToRcpt, say('RSET'), ehlo, mail, rcpt, pause(0.3), rst],
      truth('rst/client/rcpt', { not: ['client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*', '*/middlebox/*'] }),
      { end: 'reset', order: 'cR' },
    ),
  },
  {
    id: 'w448-host-scanner-replays-then-message',
    title: "the sender's own scanner plays the dialogue twice, then the message is accepted and the client leaves without QUIT",
    sessions: one(
      [upToRcpt, say('RSET'), mail, rcpt, message, pause(0.3), close],
      truth('premature-fin/client/idle-after-message', { accept: ['completed/*/*'], not: ['client-quit/*/*', 'rst/*/*', 'timeout/*/*', '*/middlebox/*'] }),
      { end: 'eof', order: 'cF' },
    ),
  },
  {
    id: 'w449-delivery-proxy-421-fin',
    title: 'delivery through a proxy that says 421 at RCPT and closes: to the appliance it is the server',
    relay: outwards(null, { from: 'client', text: 'RCPT TO', do: 'fin', reply: '421 4.3.2 service closing' }),
    sessions: delivery(
      {},
      {},
      truth('rejected/remote-server/rcpt', {
        certain: false,
        accept: ['rejected/*/*', 'premature-fin/remote-server/*'],
        interference: ['proxy'],
        not: ['completed/*/*', 'timeout/*/*', 'silent-drop/*/*', '*/middlebox/*>=0.8', '*/appliance/*'],
      }),
      {},
    ),
  },
  {
    id: 'w450-delivery-proxy-421-two-points',
    capture: ['esa', 'client'],
    title: "as w449 with the server's capture: it never said so",
    relay: outwards(null, { from: 'client', text: 'RCPT TO', do: 'fin', reply: '421 4.3.2 service closing' }),
    sessions: delivery(
      {},
      {},
      truth('rejected/middlebox/rcpt', {
        accept: ['rejected/middlebox/*', 'premature-fin/middlebox/*'],
        acceptStage: ['mail'],
        interference: ['proxy'],
        not: ['completed/*/*', '*/remote-server/*', '*/appliance/*'],
      }),
      {},
    ),
  },
  {
    id: 'w451-delivery-starttls-blocked',
    title: "delivery: the appliance's STARTTLS is answered by a proxy with 500, TLS preferred: delivered in clear",
    relay: outwards([{ from: 'client', match: 'STARTTLS', with: 'XXXXXXXX' }]),
    sessions: delivery(
      { tls: 'preferred' },
      { tls: true },
      sent({ ...fine, not: ['silent-drop/*/*', 'rst/*/*', 'premature-fin/*/*', 'timeout/*/*', 'tls-failure/*/*'] }),
      { end: 'quit' },
    ),
  },
  {
    id: 'w452-inbound-dot-split-then-hang',
    title: 'end of data split over two packets, the second never arrives: a box of the old kind',
    before: rules('ip length 43 tcp dport 25 drop', 'ip length 55 tcp dport 25 drop'),
    sessions: one([upToData, body(2000), pause(0.2), raw('.\r\n'), until(13)], dark('data-body', { acceptStage: ['data-end'] }), { end: 'timeout' }),
    linger: 2,
  },
  {
    id: 'w460-proxy-550-for-250-two-points',
    capture: ['esa', 'client'],
    title: "a proxy turns the appliance's 250 to the recipient into 550; the client quits; both captures",
    relay: { rewrites: [{ from: 'server', match: '250 recipient <rcpt@example.net> ok', with: '550 5.7.1 recipient not wanted here' }] },
    sessions: one(
      [greet, ehlo, mail, rcpt, pause(0.2), quit],
      truth('rejected/middlebox/rcpt', {
        certain: false,
        accept: ['client-quit/client/*', 'client-quit/middlebox/*', 'rejected/middlebox/*'],
        interference: ['proxy'],
        not: ['rejected/appliance/*', 'premature-fin/*/*', 'completed/*/*', 'timeout/*/*'],
      }),
      { end: 'quit', hasNot: ['550 5.7.1'] },
      { hidden: true },
    ),
  },
  {
    id: 'w461-proxy-421-fin-two-points',
    capture: ['esa', 'client'],
    title: "a proxy says 421 to the client in the appliance's name and closes both sides; both captures",
    relay: { cut: { from: 'client', text: 'RCPT TO', do: 'fin', reply: '421 4.7.0 policy violation' } },
    sessions: one(
      [greet, ehlo, mail, put('RCPT TO:<rcpt@example.net>'), until(4)],
      truth('rejected/middlebox/mail', {
        accept: ['rejected/middlebox/*', 'premature-fin/middlebox/*'],
        acceptStage: ['rcpt'],
        interference: ['proxy'],
        not: ['*/client/*', '*/appliance/*', 'completed/*/*', 'client-quit/*/*'],
      }),
      { end: 'eof', order: 'cF', hasNot: ['421 4.7.0'] },
      { hidden: true },
    ),
  },
  {
    id: 'w462-delivery-proxy-554-dot-two-points',
    capture: ['esa', 'client'],
    title: 'delivery: a proxy answers the body with 554 and closes both sides; the server never said so; both captures',
    relay: outwards(null, { from: 'client', text: '000020 outbound', do: 'fin', after: 0.3, reply: '554 5.7.1 virus found' }),
    sessions: delivery(
      { bytes: 6000 },
      {},
      truth('rejected/middlebox/data-end', {
        accept: ['rejected/middlebox/*', 'premature-fin/middlebox/*'],
        acceptStage: ['data-body', 'data-command'],
        interference: ['proxy'],
        not: ['*/remote-server/*', 'completed/*/*', 'timeout/*/*'],
      }),
      {},
    ),
  },
  {
    id: 'w463-delivery-proxy-reset-two-points',
    capture: ['esa', 'client'],
    title: 'delivery: a proxy resets both sides in the body; both captures',
    relay: outwards(null, { from: 'client', text: '000020 outbound', do: 'rst', after: 0.1 }),
    sessions: delivery(
      { bytes: 20000, chunk: 900, gap: 0.04 },
      {},
      truth('rst/middlebox/data-body', {
        accept: ['rst/middlebox/*'],
        interference: ['proxy'],
        not: ['*/remote-server/*', '*/appliance/*', 'completed/*/*', 'premature-fin/*/*'],
      }),
      { order: 'sR' },
    ),
  },
  {
    id: 'w464-delivery-server-421-two-points',
    capture: ['esa', 'client'],
    title: 'delivery: the server itself says 421 to RCPT and closes; both captures show it',
    sessions: delivery(
      {},
      { hooks: [{ at: 'rcpt', reply: '421 4.3.2 service closing', end: 'fin' }] },
      truth('rejected/remote-server/rcpt', { accept: ['rejected/remote-server/*'], not: ['*/middlebox/*', 'completed/*/*', '*/appliance/*', 'timeout/*/*'] }),
      { has: ['421 4.3.2'] },
    ),
  },
];
