import { copy, cutBoth, cutIn, cutOut, dark, dropped, flush, forged, maybeForged, own, pair, rules, ways, STAGES } from './boxes.mjs';
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
  raw,
  rcpt,
  rst,
  signal,
  startTls,
  truth,
  until,
  upToData,
  upToRcpt,
} from './words.mjs';

const flow = { op: 'body', n: 14000, chunk: 900, gap: 0.08, soft: true };
const partly = [upToData, { op: 'body', n: 9000, upto: 6000, chunk: 700, gap: 0.05 }, pause(0.3)];
const text = '000060 the';
const unknown = (stage, more = {}) =>
  truth(`undetermined/undetermined/${stage}`, {
    certain: false,
    accept: ['undetermined/*/*', 'still-open/*/*'],
    not: ['completed/*/*', '*/middlebox/*', 'silent-drop/*/*>=0.7', '*/client/*>=0.8'],
    ...more,
  });
/** the client's socket died unseen, and its host answers the next thing with a genuine reset: a lost FIN, or a box that told the client alone */
const lostOrKilled = (stage, more = {}) =>
  truth(`rst/undetermined/${stage}`, {
    certain: false,
    accept: ['rst/client/*', 'rst/middlebox/*', 'silent-drop/*/*', 'undetermined/*/*', 'premature-fin/client/*', 'timeout/appliance/*'],
    not: ['completed/*/*', 'client-quit/*/*', '*/client/*>=0.9', '*/middlebox/*>=0.9'],
    ...more,
  });
const slowRcpt = { hooks: [{ at: 'rcpt', nth: 2, delay: 2 }] };
const sensorTo = (role, resets, when = { text }) => ({ role, tap: role === 'b' ? 'eth1' : 'eth0', when, resets });

/** Pictures with more than one honest reading, and forgeries in the appliance's own name. */
export const DOUBT = [
  {
    id: 'u401-one-sided-kill',
    title: "the box resets the client alone while the appliance works on a RCPT: its 250 meets the client's own reset",
    esa: slowRcpt,
    inject: { when: { text: 'second@', after: 0.4 }, resets: [{ to: 'client', ...own }] },
    sessions: one([upToRcpt, put('RCPT TO:<second@example.net>'), until(4)], lostOrKilled('rcpt'), { order: 'cR', ttl: [0, 61] }),
  },
  {
    id: 'u402-lost-fin',
    title: "the client closes while the appliance works on a RCPT, its FIN is lost: the 250 meets the client's own reset",
    esa: slowRcpt,
    on: { cut: cutIn, heal: flush },
    sessions: one([upToRcpt, put('RCPT TO:<second@example.net>'), pause(0.2), signal('cut'), rst, pause(0.5), signal('heal'), pause(3)], lostOrKilled('rcpt'), {
      order: 'cR',
      ttl: [0, 61],
    }),
  },
  {
    id: 'u403-one-sided-kill-two-points',
    capture: ['esa', 'client'],
    title: 'as u401 with the capture of the client: it was reset first, by nobody at the appliance',
    esa: slowRcpt,
    inject: { when: { text: 'second@', after: 0.4 }, resets: [{ to: 'client', ...own }] },
    sessions: one(
      [upToRcpt, put('RCPT TO:<second@example.net>'), until(4)],
      forged('rcpt', { accept: ['rst/middlebox/*'], not: ['*/client/*>=0.9', '*/appliance/*', 'completed/*/*', 'client-quit/*/*'] }),
      { order: 'cR', client: 'reset' },
    ),
  },
  {
    id: 'u404-client-machine-restarts',
    title: 'the client machine restarts while the appliance works on a RCPT: the 250 meets a host that knows nothing',
    esa: slowRcpt,
    on: {
      dead: [
        ['c', 'nft', 'table inet dead {\n chain o { type filter hook output priority 0\n  tcp dport 25 drop\n }\n}'],
        ['c', 'sh', 'ss -K dport = :25 >/dev/null 2>&1; sleep 0.1'],
        ['c', 'nft', 'flush ruleset'],
      ],
    },
    sessions: one([upToRcpt, put('RCPT TO:<second@example.net>'), pause(0.2), signal('dead'), pause(3)], lostOrKilled('rcpt'), { order: 'cR', ttl: [0, 61] }),
  },
  ...ways(
    {
      id: 'u405-copy-while-idle',
      title: 'perfect copies to both sides while nobody speaks, after an accepted message and a new MAIL',
      inject: { when: { text: 'again@', after: 0.7 }, resets: pair(copy) },
      sessions: one([upToRcpt, message, put('MAIL FROM:<again@client.example>'), hear, until(4)], maybeForged('mail', 'client'), { order: 'cR', ttl: [0, 61] }),
    },
    { 'no-log': { acceptStage: ['idle-after-message'] }, vlan: {} },
  ),
  {
    id: 'u406-copy-ipv6',
    title: 'IPv6: perfect copies to both sides while idle',
    inject: { when: { text: 'RCPT TO', after: 0.7 }, resets: pair({ ...copy, id: 0 }) },
    sessions: one([upToRcpt, until(4)], maybeForged('rcpt', 'client'), { order: 'cR' }, { v6: true }),
  },
  {
    id: 'u407-copy-delivery-idle',
    title: 'delivery: perfect copies to both sides while the server thinks about RCPT',
    inject: { when: { text: 'RCPT TO', from: 'client', after: 0.5 }, resets: pair(copy) },
    sessions: delivery(
      {},
      { hooks: [{ at: 'rcpt', delay: 2 }] },
      maybeForged('rcpt', 'remote-server', { not: ['client-quit/*/*', 'premature-fin/*/*', '*/remote-server/*>=0.9', '*/middlebox/*>=0.9', '*/appliance/*'] }),
      { order: 'sR', ttl: [0, 61] },
    ),
  },
  {
    id: 'u408-path-cut-after-354',
    title: 'the path dies behind the 354, which nobody acknowledged visibly',
    on: { cut: cutBoth },
    esa: { hooks: [{ at: 'data', delay: 0.5 }] },
    sessions: one([upToRcpt, put('DATA'), pause(0.2), signal('cut'), until(14)], dark('data-command', { acceptStage: ['rcpt'] }), {}),
    linger: 1,
    max: 40,
  },
  {
    id: 'u409-client-host-gone-idle',
    title: 'the client machine loses its link while it thinks after RCPT',
    on: { gone: [['c', 'sh', 'ip link set eth0 down']] },
    sessions: one([upToRcpt, signal('gone'), until(14)], dark('rcpt', { accept: ['silent-drop/client/*'] }), { end: 'timeout' }),
    linger: 2,
    max: 40,
  },
  {
    id: 'u410-answers-lost-client-leaves',
    title: "the appliance's packets vanish after RCPT; the client repeats its DATA, then closes",
    timeout: 14,
    on: { cut: cutOut },
    sessions: one(
      [upToRcpt, signal('cut'), put('DATA'), pause(5), close],
      dropped('data-command', {
        acceptStage: ['rcpt'],
        accept: ['timeout/client/*'],
        not: ['client-quit/*/*', 'rst/*/*', 'completed/*/*', '*/appliance/*>=0.7', 'premature-fin/client/*>=0.7'],
      }),
      {},
    ),
    linger: 5,
    max: 50,
  },
  ...ways(
    {
      id: 'u411-capture-ends-in-body',
      title: 'the capture ends in the body, before the client resets; the log has lost',
      edits: { esa: [['endBeforeFlag', 'rst']] },
      sessions: one(
        [partly, rst],
        unknown('data-body', { accept: ['undetermined/*/*', 'still-open/*/*', 'rst/undetermined/*', 'premature-fin/*/*', 'rst/client/*'] }),
        { order: 'cR' },
      ),
    },
    {},
  ),
  {
    id: 'u412-capture-ends-forged',
    title: 'the capture ends before the resets of a box; the log has lost: no word about a box is possible',
    edits: { esa: [['endBeforeFlag', 'rst']] },
    inject: { when: { text }, resets: pair(own) },
    sessions: one(
      [upToData, flow, until(3)],
      unknown('data-body', { accept: ['undetermined/*/*', 'still-open/*/*', 'rst/undetermined/*', 'premature-fin/*/*', 'rst/client/*'] }),
      { order: 'cR' },
    ),
  },
  {
    id: 'u413-log-alone-lost',
    title: 'the capture holds only the handshake, the log has lost: FIN or reset is open',
    edits: { esa: [['endBefore', '220 esa']] },
    sessions: one(
      [partly, close],
      unknown('data-body', { accept: ['undetermined/*/*', 'still-open/*/*', 'rst/undetermined/*', 'premature-fin/*/*', 'rst/client/*'], acceptStage: STAGES }),
      { order: 'cF' },
    ),
  },
  {
    id: 'u414-one-sided-forged-client-continues',
    title: 'only the packets towards the appliance: a reset with the TTL of the box, the client sends on',
    edits: { esa: [['only', 'client']] },
    inject: { when: { text }, resets: [{ to: 'server', ...own }] },
    sessions: one(
      [upToData, flow, until(3)],
      forged('data-body', {
        accept: ['rst/middlebox/*', 'rst/undetermined/*'],
        acceptStage: STAGES,
        not: ['*/client/*>=0.7', '*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*'],
      }),
      { order: 'cR', ttl: [0, 63] },
    ),
  },
  {
    id: 'u415-own-only-own-rst',
    title: "only the appliance's packets: its stack answers nothing any more after the client's reset; the log has lost",
    edits: { esa: [['only', 'server']] },
    sessions: one(
      [partly, rst],
      unknown('data-body', {
        accept: ['undetermined/*/*', 'still-open/*/*', 'rst/*/*', 'premature-fin/client/*', 'premature-fin/undetermined/*'],
        acceptStage: STAGES,
        not: ['completed/*/*', '*/middlebox/*', '*/appliance/*>=0.7'],
      }),
      { order: 'cR' },
    ),
  },
  {
    id: 'u416-forged-fin-copy-client-silent',
    title: "a box closes in the client's name with a perfect copy, the client hears a reset of the box: two ends, no witness",
    inject: {
      when: { text: 'RCPT TO', after: 0.6 },
      resets: [
        { to: 'server', ...copy, flags: 0x11 },
        { to: 'client', ...own },
      ],
    },
    sessions: one(
      [upToRcpt, until(4)],
      truth('premature-fin/client/rcpt', {
        certain: false,
        accept: ['premature-fin/undetermined/*', 'premature-fin/middlebox/*'],
        not: ['rst/appliance/*', 'client-quit/*/*', '*/client/*>=0.9', 'completed/*/*', 'timeout/*/*'],
      }),
      { order: 'cF' },
    ),
  },

  {
    id: 'u420-own-name-reset-seen',
    title: "a sensor resets the client in the appliance's name (TTL 255, on the appliance's link); the appliance knows nothing and talks on",
    esa: slowRcpt,
    inject: sensorTo('e', [{ to: 'client', ...own, ttl: 255 }], { text: 'second@', after: 0.4 }),
    sessions: one(
      [upToRcpt, put('RCPT TO:<second@example.net>'), until(4)],
      forged('rcpt', {
        accept: ['rst/middlebox/*'],
        not: ['*/client/*', '*/appliance/*', 'completed/*/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*'],
      }),
      { order: 'sR', resets: ['s', 'c'] },
    ),
  },
  {
    id: 'u421-own-name-fin-seen',
    title: "a sensor closes to the client in the appliance's name (TTL 255); the appliance's own numbers do not know of that FIN",
    inject: sensorTo('e', [{ to: 'client', ...own, ttl: 255, win: 500, flags: 0x11 }], { text: 'RCPT TO', after: 0.6 }),
    sessions: one(
      [upToRcpt, until(4), close],
      truth('premature-fin/middlebox/rcpt', {
        certain: false,
        accept: ['premature-fin/middlebox/*', 'premature-fin/undetermined/*', 'premature-fin/client/*', 'timeout/*/*', '*/middlebox/*', 'undetermined/*/*'],
        not: ['completed/*/*', 'client-quit/*/*', 'premature-fin/appliance/*>=0.9'],
      }),
      { order: 'sF' },
    ),
    max: 30,
  },
  {
    id: 'u422-own-name-554-seen',
    title: "a sensor says 554 to the client in the appliance's name on the appliance's link; the injection debug log knows nothing of it",
    esa: { debug: true },
    inject: sensorTo('e', [{ to: 'client', ttl: 250, id: 0, win: 'copy', flags: 0x18, ts: true, data: '554 5.7.1 blocked by policy\r\n' }], {
      text: 'RCPT TO',
      after: 0.6,
    }),
    sessions: one(
      [upToRcpt, hear, put('QUIT'), until(12)],
      truth('rejected/middlebox/rcpt', {
        certain: false,
        accept: ['*/middlebox/*', 'timeout/appliance/*', 'undetermined/*/*', 'silent-drop/*/*', 'client-quit/client/*'],
        acceptStage: ['quit'],
        not: ['premature-fin/*/*', 'completed/*/*', 'rejected/appliance/*>=0.9'],
      }),
      {},
    ),
  },
  {
    id: 'u423-own-rst-and-clients-own-rst',
    title: 'both ends reset by themselves within the same moment: the appliance gives up on the body as the client aborts',
    esa: { hooks: [{ at: 'body', bytes: 5000, nth: 1, delay: 0.01, end: 'rst' }] },
    device: { delay: 0.03 },
    sessions: one(
      [upToData, { op: 'body', n: 5400, soft: true }, { op: 'rst' }],
      truth('rst/undetermined/data-body', {
        certain: false,
        accept: ['rst/client/*', 'rst/appliance/*', 'rst/undetermined/*'],
        not: ['*/middlebox/*', 'completed/*/*', 'timeout/*/*', 'silent-drop/*/*'],
      }),
      {},
    ),
  },

  ...ways(
    {
      id: 'u430-phantom-after-own-421',
      title: "the path towards the appliance is dead for a while in the body; the client's answer to the 421 shows how much it had sent",
      on: { cut: rules('tcp dport 25 ip length > 100 drop') },
      sessions: one(
        [upToData, body(4000, { chunk: 1000, gap: 0.1 }), signal('cut'), { op: 'body', n: 3000, head: false, chunk: 1000, gap: 0.2, soft: true }, until(14)],
        dropped('data-body'),
        { end: 'timeout', order: 'sF' },
      ),
      linger: 2,
      max: 40,
    },
    {
      'no-log': {},
      vlan: {},
      snap: { acceptStage: STAGES },
      lossy: { certain: false, accept: ['timeout/appliance/*', 'timeout/undetermined/*', 'undetermined/*/*'] },
    },
  ),
  {
    id: 'u431-phantom-after-own-421-tls',
    title: 'as u430 inside TLS 1.3',
    esa: { tls: true },
    on: { cut: rules('tcp dport 25 ip length > 100 drop') },
    sessions: one(
      [
        greet,
        ehlo,
        startTls(),
        ehlo,
        mail,
        rcpt,
        data,
        body(4000, { chunk: 1000, gap: 0.1 }),
        signal('cut'),
        { op: 'body', n: 3000, head: false, chunk: 1000, gap: 0.2, soft: true },
        until(14),
      ],
      dropped('data-body', { encrypted: true, acceptStage: STAGES }),
      {},
    ),
    linger: 2,
    max: 40,
  },
  {
    id: 'u432-phantom-after-own-fin-delivery',
    title: "delivery: the server's long answers vanish; its acknowledgement of the appliance's FIN shows that it had answered",
    before: rules('tcp sport 25 ip length > 85 drop'),
    sessions: delivery({}, {}, dropped('banner', { acceptStage: ['helo', 'connect'] }), { end: 'timeout' }),
    linger: 2,
  },
  {
    id: 'u433-phantom-reply-to-dot-delivery',
    title: "delivery: the server's 250 to the dot vanishes again and again; its acknowledgement of the appliance's FIN gives it away",
    on: { 'data-end': rules('tcp sport 25 ip length > 75 drop') },
    sessions: delivery({ signal: 'data-end' }, { hooks: [{ at: 'dot', delay: 0.4 }] }, dropped('data-end', { acceptStage: ['data-body'] }), { end: 'timeout' }),
    linger: 2,
    max: 40,
  },
  {
    id: 'u434-no-phantom-client-just-idle',
    title: 'the client stops in the body and acknowledges the 421 exactly: it had sent nothing more',
    sessions: one([upToData, body(4000, { chunk: 1000, gap: 0.1 }), until(14)], truth('timeout/appliance/data-body', { silent: 'client' }), {
      end: 'timeout',
      order: 'sF',
    }),
  },
  {
    id: 'u435-keepalive-is-no-phantom',
    title: 'the client stops in the body, keep-alives flow one number behind, the appliance times out',
    sessions: one(
      [upToData, body(4000, { chunk: 1000, gap: 0.1 }), { op: 'keepalive', s: 1 }, until(14)],
      truth('timeout/appliance/data-body', { silent: 'client' }),
      { end: 'timeout', order: 'sF' },
    ),
  },
  {
    id: 'u436-phantom-in-late-fin',
    title: 'the last part of the body never arrives; after the 421 the client closes too, and its FIN is numbered behind octets that nobody saw',
    before: rules('tcp dport 25 ip length > 700 drop'),
    sessions: one(
      [upToData, body(3000, { chunk: 600, gap: 0.1 }), body(900, { head: false }), until(14)],
      dropped('data-body', { acceptStage: ['data-command'] }),
      { end: 'timeout', order: 'sF' },
    ),
    linger: 2,
    max: 40,
  },
  {
    id: 'u437-phantom-in-late-fin-ipv6',
    title: 'as u436 over IPv6',
    before: rules('tcp dport 25 ip6 length > 700 drop'),
    sessions: one(
      [upToData, body(3000, { chunk: 600, gap: 0.1 }), body(900, { head: false }), until(14)],
      dropped('data-body', { acceptStage: ['data-command'] }),
      { end: 'timeout', order: 'sF' },
      { v6: true },
    ),
    linger: 2,
    max: 40,
  },
  {
    id: 'u438-phantom-envelope',
    title: 'a long RCPT never arrives; the answer to the 421 is numbered behind it',
    before: rules('tcp dport 25 ip length > 200 drop'),
    sessions: one([greet, ehlo, mail, put(`RCPT TO:<${'a'.repeat(200)}@example.net>`), until(14)], dropped('mail', { acceptStage: ['rcpt'] }), {
      end: 'timeout',
    }),
    linger: 2,
  },
  {
    id: 'u439-sent-while-farewell-was-under-way',
    title: 'the client stops in the body; it sends its next part in the very moment of the 421, over a slow path: nothing was missing before',
    device: { delay: 0.1 },
    timeout: 6,
    sessions: one(
      [upToData, body(3000), pause(6.12), { op: 'body', n: 900, head: false, soft: true }, until(4)],
      truth('timeout/appliance/data-body', {
        silent: 'client',
        accept: ['timeout/appliance/*'],
        acceptStage: ['data-command'],
        not: ['silent-drop/*/*', 'premature-fin/*/*', 'client-quit/*/*', 'rst/client/*', '*/middlebox/*'],
      }),
      { end: 'timeout', order: 'sF' },
    ),
    max: 40,
  },
  {
    id: 'u440-lossy-file-quit-before-250',
    title: 'every second segment is missing from the file; the client says QUIT while the appliance scans, the 250 comes afterwards',
    timeout: 20,
    esa: { hooks: [{ at: 'dot', delay: 5 }] },
    edits: { esa: [['lose', { every: 2, side: 'server' }]] },
    sessions: one(
      [upToData, body(3000), raw('.\r\n'), pause(2), put('QUIT'), until(6)],
      truth('client-quit/client/data-end', {
        certain: false,
        accept: ['timeout/client/*', 'completed/*/*'],
        acceptStage: ['quit'],
        not: ['*/middlebox/*', 'silent-drop/*/*', 'rst/*/*', 'premature-fin/*/*'],
      }),
      { end: 'quit' },
    ),
    max: 40,
  },
];
