import { dark, done, dropFlow, forged, maybeForged, own, copy, pair, ways, STAGES } from './boxes.mjs';
import {
  body,
  close,
  connect,
  data,
  delivery,
  dot,
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
  shut,
  startTls,
  truth,
  until,
  upToRcpt,
} from './words.mjs';

const tls = { tls: true };
const tls13 = { tls: true, tls_min: '1.3' };
const hidden = { encrypted: true, acceptStage: STAGES };
const nobody = ['*/middlebox/*', 'completed/*/*', 'silent-drop/*/*', 'timeout/*/*'];
const visit = (label, at, steps, verdict, expect = {}) => ({ label, at, steps, truth: verdict, expect });
const shortFin = (more = {}) =>
  truth('premature-fin/client/banner', { accept: ['refused/client/*', 'client-quit/client/*'], not: [...nobody, 'rst/*/*', '*/appliance/*'], ...more });
const shortRst = (more = {}) => truth('rst/client/banner', { accept: ['refused/client/*'], not: [...nobody, 'premature-fin/*/*', '*/appliance/*'], ...more });
const rejected = (stage, more = {}) =>
  truth(`rejected/appliance/${stage}`, {
    accept: ['client-quit/client/*', 'premature-fin/client/*', 'rst/client/*'],
    not: ['*/middlebox/*', 'silent-drop/*/*', 'completed/*/*'],
    ...more,
  });
const sniReset = { when: { text: 'esa\\.example\\.net', from: 'client' }, resets: pair(own) };
const inTls = [greet, ehlo, startTls(), ehlo, mail, rcpt];
const tlsFail = (who, more = {}) => truth(`tls-failure/${who}/starttls`, { accept: [`tls-failure/${who}/*`], ...more });

/** Short visits, bad manners, and what can be known of sessions in TLS. */
export const VISITS = [
  {
    id: 'h401-probe-fin-at-once',
    title: 'health check: connects and closes at once, the banner not yet sent; four times',
    sameClient: true,
    esa: { hooks: [{ at: 'banner', delay: 0.4 }] },
    sessions: [0, 1, 2, 3].map((k) => visit(`s${k + 1}`, k * 1.2, [connect, close], shortFin(), { order: 'cF' })),
  },
  {
    id: 'h402-probe-rst-at-once',
    title: 'health check: connects and resets at once; three times, a real message between',
    sameClient: true,
    sessions: [
      ...[0, 1, 2].map((k) => visit(`s${k + 1}`, k * 1.5, [connect, rst], shortRst(), { order: 'cR' })),
      visit('g1', 0.7, [upToRcpt, message, quit], done({ not: ['rst/*/*', 'premature-fin/*/*', '*/middlebox/*'] }), { end: 'quit' }),
    ],
  },
  {
    id: 'h403-probe-banner-then-rst',
    title: 'health check: reads the banner and resets; no log',
    log: { none: true },
    sessions: one([greet, pause(0.1), rst], truth('rst/client/banner', { not: [...nobody, 'premature-fin/*/*', '*/appliance/*'] }), { order: 'cR' }),
  },
  {
    id: 'h404-probe-quit-no-wait',
    title: 'QUIT before the banner was read, closes without waiting for 221',
    esa: { hooks: [{ at: 'banner', delay: 0.3 }] },
    sessions: one(
      [connect, put('QUIT'), pause(0.1), close],
      truth('client-quit/client/banner', {
        accept: ['client-quit/client/*', 'premature-fin/client/banner'],
        acceptStage: ['quit', 'connect'],
        not: [...nobody, 'rst/*/*', '*/appliance/*'],
      }),
      { order: 'cF' },
    ),
  },
  {
    id: 'h405-half-open-scan-thrice',
    title: 'half-open scan of one port, three times from three ports',
    log: { none: true },
    sessions: [0, 1, 2].map((k) =>
      visit(
        `s${k + 1}`,
        k * 0.6,
        [{ op: 'rawsyn', sport: 41000 + k }, pause(1)],
        truth('refused/client/connect', {
          accept: ['refused/client/*', 'rst/client/*'],
          acceptStage: ['banner'],
          not: [...nobody, 'premature-fin/*/*', '*/appliance/*'],
        }),
        { order: 'cR' },
      ),
    ),
    sameClient: true,
  },
  ...ways(
    {
      id: 'h406-http-on-25',
      title: 'a browser on port 25: GET, header lines; the appliance answers 500 and at last 421',
      esa: { bad_limit: 3 },
      sessions: one(
        [greet, raw('GET / HTTP/1.1\r\nHost: 192.0.2.25:25\r\nUser-Agent: probe\r\nAccept: */*\r\nConnection: close\r\n\r\n'), until(3)],
        rejected('banner', {
          accept: ['rejected/appliance/*', 'premature-fin/appliance/*'],
          acceptStage: STAGES,
          not: ['*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'timeout/*/*', '*/client/*>=0.7'],
        }),
        { end: 'own-fin', order: 'sF' },
      ),
    },
    { 'no-log': {} },
  ),
  {
    id: 'h407-client-hello-on-25',
    title: 'a client that starts TLS without STARTTLS: its hello is not understood, it closes',
    timeout: 8,
    sessions: one(
      [connect, { op: 'tls', soft: true, timeout: 3 }, close],
      truth('premature-fin/client/banner', {
        certain: false,
        accept: ['rst/client/*', 'tls-failure/*/*', 'timeout/client/*', 'rejected/appliance/*', 'client-quit/client/*'],
        acceptStage: STAGES,
        not: ['*/middlebox/*', 'completed/*/*', 'silent-drop/*/*'],
      }),
      {},
    ),
  },
  {
    id: 'h408-binary-garbage',
    title: 'binary octets instead of commands, then FIN',
    sessions: one(
      [greet, raw('\u0000\u0001\u0002\u00ff\u00fe\u0016\u0003\u0001'), pause(0.4), close],
      truth('premature-fin/client/banner', {
        accept: ['rejected/appliance/*'],
        acceptStage: STAGES,
        not: ['*/middlebox/*', 'completed/*/*', 'silent-drop/*/*', 'rst/*/*', 'timeout/*/*'],
      }),
      { order: 'cF' },
    ),
  },
  {
    id: 'h409-half-close-after-dot',
    title: 'half-close behind the final dot: the 250 is read, all is well but for the missing QUIT',
    sessions: one(
      [upToRcpt, data, body(3000), raw('.\r\n'), shut, hear, pause(0.3)],
      truth('premature-fin/client/data-end', {
        accept: ['completed/*/*', 'premature-fin/client/*', 'timeout/client/*'],
        acceptStage: ['idle-after-message'],
        not: ['*/middlebox/*', 'silent-drop/*/*', 'rst/*/*', 'client-quit/*/*'],
      }),
      { order: 'cF' },
    ),
  },
  {
    id: 'h410-fin-after-550',
    title: 'recipient refused with 550, the client closes without QUIT',
    esa: { bad_rcpts: ['rcpt@'] },
    sessions: one([greet, ehlo, mail, rcpt, pause(0.2), close], rejected('rcpt'), { order: 'cF' }),
  },
  {
    id: 'h411-rst-after-554-dot',
    title: 'message refused with 554, the client resets',
    esa: { hooks: [{ at: 'dot', reply: '554 #5.7.1 message refused' }] },
    sessions: one([upToRcpt, data, body(2000), dot, pause(0.2), rst], rejected('data-end', { acceptStage: ['idle-after-message', 'helo'] }), { order: 'cR' }),
  },
  {
    id: 'h412-fin-after-250',
    title: 'message accepted, FIN without QUIT; no log',
    log: { none: true },
    sessions: one(
      [upToRcpt, message, pause(0.3), close],
      truth('premature-fin/client/idle-after-message', { accept: ['completed/*/*'], not: ['rst/*/*', 'timeout/*/*', '*/middlebox/*', 'client-quit/*/*'] }),
      { order: 'cF' },
    ),
  },
  {
    id: 'h413-quit-fin-no-221',
    title: 'QUIT and FIN in one breath after the message: the 221 meets a reset',
    sessions: one(
      [upToRcpt, message, { op: 'cork', v: 1 }, put('QUIT'), close],
      done({ not: ['rst/*/*', 'premature-fin/*/*', '*/middlebox/*', 'timeout/*/*'] }),
      {},
    ),
  },
  {
    id: 'h414-port-scan-fin-after-syn',
    title: 'a full connect scan, then a client that says only NOOP and waits for the timeout',
    sameClient: true,
    esa: { hooks: [{ at: 'banner', icid_index: 0, delay: 0.4 }] },
    sessions: [
      visit('s1', 0, [connect, close], shortFin(), { order: 'cF' }),
      visit('s2', 0.8, [greet, say('NOOP'), until(14)], truth('timeout/appliance/banner', { silent: 'client' }), { end: 'timeout', order: 'sF' }),
    ],
  },
  {
    id: 'h415-rset-storm-then-quit',
    title: 'thirty RSETs and NOOPs, then QUIT: no message ever begun',
    sessions: one(
      [greet, ehlo, Array.from({ length: 15 }, () => [say('RSET'), say('NOOP')]), quit],
      truth('client-quit/client/helo', {
        accept: ['client-quit/client/*'],
        acceptStage: ['quit'],
        not: ['*/middlebox/*', 'completed/*/*', 'premature-fin/*/*', 'timeout/*/*'],
      }),
      { end: 'quit' },
    ),
  },

  ...ways(
    {
      id: 'x401-sni-reset',
      title: 'the box resets both sides when it reads the server name in the ClientHello',
      esa: tls,
      inject: sniReset,
      sessions: one(
        [greet, ehlo, put('STARTTLS'), hear, { op: 'tls' }, until(3)],
        forged('starttls', {
          accept: ['rst/middlebox/*', 'tls-failure/middlebox/*'],
          not: ['*/client/*', '*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*'],
        }),
        { order: 'cR', ttl: [0, 63] },
      ),
    },
    { 'no-log': {}, vlan: {} },
  ),
  {
    id: 'x402-sni-reset-copy',
    title: 'as x401 with perfect copies: the client might have done so itself',
    esa: tls,
    device: { delay: 0.02 },
    inject: { when: { text: 'esa\\.example\\.net', from: 'client' }, resets: pair(copy) },
    sessions: one(
      [greet, ehlo, put('STARTTLS'), hear, { op: 'tls' }, until(3)],
      maybeForged('starttls', 'client', {
        accept: ['rst/client/*', 'rst/middlebox/*', 'tls-failure/*/*'],
        not: ['client-quit/*/*', 'premature-fin/*/*', '*/client/*>=0.9', '*/middlebox/*>=0.9', 'timeout/*/*', 'completed/*/*'],
      }),
      { order: 'cR' },
    ),
  },
  {
    id: 'x403-sni-dropped',
    title: 'the box drops the connection when it reads the server name in the ClientHello: the appliance waits for the hello',
    esa: tls,
    before: dropFlow('esa.example.net', '--dport 25'),
    sessions: one(
      [greet, ehlo, put('STARTTLS'), hear, { op: 'tls' }, until(3)],
      dark('starttls', { accept: ['tls-failure/appliance/*', 'tls-failure/undetermined/*'] }),
      {},
    ),
    linger: 2,
    max: 40,
  },
  {
    id: 'x404-sni-reset-delivery',
    title: "delivery: the box resets both sides when it reads the server's name in the appliance's ClientHello",
    inject: { when: { text: 'mx1\\.remote\\.example', from: 'client' }, resets: pair(own) },
    sessions: delivery(
      { tls: 'required' },
      { tls: true },
      forged('starttls', {
        accept: ['rst/middlebox/*', 'tls-failure/middlebox/*'],
        not: ['*/remote-server/*', '*/appliance/*', 'completed/*/*', 'client-quit/*/*', 'timeout/*/*'],
      }),
      { order: 'sR', ttl: [0, 63] },
    ),
  },
  {
    id: 'x405-tls13-fin-rcpt-log',
    title: 'TLS 1.3: FIN after RCPT, the log has lost',
    esa: tls13,
    sessions: one(
      [inTls, pause(0.4), close],
      truth('premature-fin/client/rcpt', { ...hidden, not: ['rst/*/*', 'timeout/*/*', 'completed/*/*', '*/middlebox/*', 'client-quit/*/*'] }),
      { order: 'cF' },
    ),
  },
  {
    id: 'x406-tls13-rst-dot-log',
    title: 'TLS 1.3: reset while the appliance scans',
    esa: { ...tls13, hooks: [{ at: 'dot', delay: 2 }] },
    sessions: one(
      [inTls, data, body(3000), raw('.\r\n'), pause(0.5), rst],
      truth('rst/client/data-end', { ...hidden, not: ['premature-fin/*/*', 'completed/*/*', '*/middlebox/*>=0.7', 'client-quit/*/*', 'timeout/appliance/*'] }),
      { order: 'cR' },
    ),
  },
  {
    id: 'x407-tls13-quit-no-log',
    title: 'TLS 1.3: QUIT after the message, no log: nothing of it can be read',
    esa: tls13,
    log: { none: true },
    sessions: one(
      [inTls, message, quit],
      truth('undetermined/undetermined/starttls', {
        ...hidden,
        certain: false,
        accept: ['undetermined/*/*', 'completed/*/*', 'premature-fin/*/*', 'client-quit/*/*'],
        not: ['rst/*/*', '*/middlebox/*', 'silent-drop/*/*', 'timeout/*/*>=0.7'],
      }),
      { end: 'quit' },
    ),
  },
  {
    id: 'x408-tls13-timeout-no-log',
    title: 'TLS 1.3: silent after RCPT until the appliance speaks one more time and closes; no log',
    esa: tls13,
    log: { none: true },
    sessions: one(
      [inTls, until(14)],
      truth('timeout/appliance/rcpt', {
        ...hidden,
        certain: false,
        silent: 'client',
        accept: ['timeout/appliance/*', 'undetermined/*/*', 'premature-fin/appliance/*'],
        not: ['rst/*/*', '*/middlebox/*', 'silent-drop/*/*', 'completed/*/*', 'premature-fin/client/*>=0.9'],
      }),
      { end: 'timeout' },
    ),
  },
  {
    id: 'x409-tls13-delivery-fin-body',
    title: 'TLS 1.3 delivery: the server closes in the body',
    sessions: delivery(
      { tls: 'preferred', bytes: 60000, chunk: 1400, gap: 0.03 },
      { tls: true, hooks: [{ at: 'body', bytes: 9000, end: 'fin' }] },
      truth('premature-fin/remote-server/data-body', {
        ...hidden,
        accept: ['rst/remote-server/*'],
        not: ['*/appliance/*', 'completed/*/*', 'timeout/*/*', '*/middlebox/*>=0.7'],
      }),
      {},
    ),
  },
  {
    id: 'x410-tls13-delivery-421-dot',
    title: 'TLS 1.3 delivery: 421 to the dot, only the log can tell',
    sessions: delivery(
      { tls: 'preferred' },
      { tls: true, hooks: [{ at: 'dot', reply: '421 4.3.0 try later', end: 'fin' }] },
      truth('rejected/remote-server/data-end', {
        ...hidden,
        accept: ['rejected/remote-server/*', 'client-quit/appliance/*'],
        not: ['*/appliance/rcpt', 'completed/*/*', 'timeout/*/*', '*/middlebox/*'],
      }),
      {},
    ),
  },
  {
    id: 'x411-tls13-delivery-ok-no-log',
    title: 'TLS 1.3 delivery, all well, no log',
    log: { none: true },
    sessions: delivery(
      { tls: 'required' },
      { tls: true },
      truth('undetermined/undetermined/starttls', {
        ...hidden,
        certain: false,
        accept: ['undetermined/*/*', 'completed/*/*', 'premature-fin/*/*', 'client-quit/*/*'],
        not: ['rst/*/*', '*/middlebox/*', 'silent-drop/*/*', 'timeout/*/*>=0.7'],
      }),
      { end: 'quit' },
    ),
  },
  {
    id: 'x412-tls-box-resets-body-log',
    title: 'TLS 1.3: the box resets both sides in the body, two captures',
    capture: ['esa', 'client'],
    esa: tls13,
    inject: { when: { text: 'STARTTLS', from: 'client', after: 1.2 }, resets: pair(copy) },
    sessions: one(
      [inTls, data, { op: 'body', n: 60000, chunk: 900, gap: 0.08, soft: true }, until(3)],
      forged('data-body', {
        ...hidden,
        accept: ['rst/middlebox/*'],
        not: ['*/client/*', '*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*'],
      }),
      { order: 'cR' },
    ),
  },
  {
    id: 'x413-tls-client-alert-12',
    title: 'TLS 1.2: the client refuses the certificate with an alert and resets',
    esa: { ...tls, tls_max: '1.2' },
    sessions: one(
      [greet, ehlo, say('STARTTLS'), { op: 'tls', verify: true, soft: true }, rst],
      tlsFail('client', { not: ['*/middlebox/*', 'completed/*/*', 'client-quit/*/*', 'timeout/*/*', '*/appliance/*'] }),
      {},
    ),
  },
  {
    id: 'x414-tls-server-alert-delivery',
    title: 'delivery: the server answers the hello with an alert (TLS 1.3 only), then the appliance closes',
    sessions: delivery(
      { tls: 'required', tls_max: '1.2' },
      { tls: true, tls_min: '1.3' },
      tlsFail('remote-server', { not: ['*/middlebox/*', 'completed/*/*', 'client-quit/*/*', 'timeout/*/*', 'rst/*/*'] }),
      {},
    ),
  },
  {
    id: 'x415-tls-handshake-hangs-at-server',
    title: 'delivery: the server says 220 to STARTTLS and never answers the hello',
    sessions: delivery(
      { tls: 'required' },
      {
        tls: true,
        no_tls: true,
        hooks: [
          { at: 'other', end: 'stop' },
          { at: 'starttls', reply: '220 2.0.0 Ready', end: 'stop', for: 20 },
        ],
      },
      truth('timeout/appliance/starttls', {
        silent: 'remote-server',
        accept: ['tls-failure/appliance/*', 'tls-failure/remote-server/*', 'timeout/appliance/*'],
        not: ['*/middlebox/*', 'completed/*/*', 'silent-drop/*/*', 'client-quit/*/*'],
      }),
      {},
    ),
    max: 40,
  },
  ...['fin', 'rst'].map((how, k) => ({
    id: `x42${k}-tls-${how}-before-late-250`,
    title: `TLS 1.2: ${how} half a second after the dot, the appliance accepts two seconds later`,
    esa: { ...tls, tls_max: '1.2', hooks: [{ at: 'dot', delay: 2.5 }] },
    sessions: one(
      [inTls, data, body(3000), raw('.\r\n'), pause(0.5), how === 'fin' ? close : rst],
      truth(`${how === 'fin' ? 'premature-fin' : 'rst'}/client/data-end`, {
        ...hidden,
        accept: ['timeout/client/data-end'],
        not: ['completed/*/*', '*/middlebox/*>=0.7', 'client-quit/*/*', 'timeout/appliance/*', 'tls-failure/*/*'],
      }),
      { order: how === 'fin' ? 'cF' : 'cR' },
    ),
  })),
  {
    id: 'x422-tls13-rst-after-quit',
    title: 'TLS 1.3: message accepted, QUIT, reset instead of FIN: the log closes cleanly',
    esa: tls13,
    sessions: one([inTls, message, put('QUIT'), hear, rst], done({ ...hidden, not: ['rst/*/*>=0.9', 'premature-fin/*/*', 'timeout/*/*', '*/middlebox/*'] }), {
      end: 'quit',
    }),
  },
  {
    id: 'x423-tls13-rst-idle-after-message',
    title: 'TLS 1.3: message accepted, reset without QUIT',
    esa: tls13,
    sessions: one(
      [inTls, message, pause(0.6), rst],
      truth('rst/client/idle-after-message', {
        ...hidden,
        accept: ['completed/*/*', 'rst/client/*'],
        not: ['premature-fin/*/*', 'timeout/*/*', '*/middlebox/*>=0.7', 'client-quit/*/*', 'tls-failure/*/*'],
      }),
      { order: 'cR' },
    ),
  },
];
