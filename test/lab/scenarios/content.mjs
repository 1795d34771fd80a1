import { copy, cutIn, dark, done, dropFlow, dropped, dropWord, forged, maybeForged, own, pair, rejectFlow, sent, ways, STAGES } from './boxes.mjs';
import { body, connect, ehlo, greet, hear, mail, message, pause, put, quit, raw, rcpt, truth, until, upToData, upToRcpt } from './words.mjs';

const bad = (label, at, verdict, expect = {}, size = {}) => ({
  label,
  at,
  steps: [upToData, body(9000, { word: 'FORBIDDEN', line: 60, name: 'order-4711', ...size }), { op: 'send', text: '.\r\n', soft: true }, until(11)],
  truth: verdict,
  expect,
});
const good = (label, at) => ({
  label,
  at,
  steps: [upToRcpt, message, quit],
  truth: done({ not: ['silent-drop/*/*', 'rst/*/*', '*/middlebox/*'] }),
  expect: { end: 'quit' },
});
const again = (verdict, expect, size) => [
  bad('s1', 0, verdict, expect, size),
  good('g1', 2.5),
  bad('s2', 3.6, verdict, expect, size),
  good('g2', 6.1),
  bad('s3', 7.2, verdict, expect, size),
];
const retry = (label, at, verdict, expect, deliver = {}) => ({
  label,
  message: 'same',
  noRemote: label !== 'd1',
  deliver: { at, bytes: 9000, word: true, line: 50, ...deliver },
  remote: {},
  truth: verdict,
  expect,
});
const other = (label, at) => ({
  label,
  noRemote: true,
  deliver: { at, bytes: 7000, hold: 0.5 },
  truth: sent({ not: ['silent-drop/*/*', 'rst/*/*', '*/middlebox/*'] }),
  expect: { end: 'quit' },
});
const retries = (verdict, expect, deliver) => [
  retry('d1', 0, verdict, expect, deliver),
  other('g1', 2.5),
  retry('d2', 3.6, verdict, expect, deliver),
  other('g2', 6.1),
  retry('d3', 7.2, verdict, expect, deliver),
];
const inBody = { acceptStage: ['data-command', 'data-end'] };
const noWord = { end: 'timeout', hasNot: ['FORBIDDEN'] };
const again3 = { sameClient: true, max: 45, linger: 2 };
/** the whole connection goes dark at the same octet in each retry, other messages pass */
const repeated = (more) =>
  dark('data-body', {
    ...inBody,
    not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', 'completed/*/*', '*/client/*>=0.7', '*/remote-server/*>=0.7'],
    ...more,
  });
const strike = (fields, from = 'client') => ({ when: { text: 'FORBIDDEN', from }, again: true, resets: pair(fields) });

/** Boxes that read the message: what they do at a word, each time the same message is tried again. */
export const CONTENT = [
  ...ways(
    {
      id: 's401-word-drop-thrice',
      title: 'one message is tried three times; the segment with a word is dropped each time, other messages of the client pass',
      ...again3,
      before: dropWord('FORBIDDEN'),
      sessions: again(dropped('data-body', inBody), noWord),
    },
    { 'no-log': {}, vlan: {}, snap: { acceptStage: STAGES }, kathmandu: {}, late: {} },
  ),
  ...ways(
    {
      id: 's402-word-flow-dropped-thrice',
      title: 'as s401, but the box drops the whole connection from the word on: nothing comes behind the gap',
      ...again3,
      before: dropFlow('FORBIDDEN'),
      sessions: again(repeated(), noWord),
    },
    { 'no-log': {}, vlan: {} },
  ),
  {
    id: 's403-word-flow-dropped-two-points',
    title: 'as s402 with the capture of the client',
    ...again3,
    capture: ['esa', 'client'],
    before: dropFlow('FORBIDDEN'),
    sessions: again(dropped('data-body', inBody), noWord),
  },
  {
    id: 's404-word-flow-dropped-ipv6',
    title: 'as s402 over IPv6, one retry only',
    before: dropFlow('FORBIDDEN', '', true),
    sessions: [{ ...bad('s1', 0, dark('data-body', inBody), noWord), v6: true }],
    linger: 2,
  },
  {
    id: 's405-word-drop-short-client-quits',
    title: 'the word is in the last segment of the body; the client waits, then says QUIT, which lies behind the hole',
    timeout: 12,
    before: dropWord('FORBIDDEN'),
    sessions: [
      {
        label: 's1',
        steps: [upToData, body(1300, { word: 'FORBIDDEN', line: 9 }), pause(4), put('QUIT'), until(14)],
        truth: dropped('data-body', { acceptStage: ['data-command'], not: ['client-quit/*/*', 'rst/*/*', 'completed/*/*', '*/client/*>=0.7'] }),
        expect: { end: 'timeout', hasNot: ['FORBIDDEN'] },
      },
    ],
    linger: 1,
  },
  ...ways(
    {
      id: 's406-word-reset-thrice',
      title: 'the box resets both sides at the word, three times the same message; others pass',
      ...again3,
      inject: strike(own),
      sessions: again(
        forged('data-body', { acceptStage: ['data-command', 'data-end'] }),
        { end: 'reset', order: 'cR', ttl: [0, 63] },
        { chunk: 800, gap: 0.03, soft: true },
      ),
    },
    { 'no-log': {}, vlan: {}, snap: { acceptStage: STAGES }, outside: {}, doubled: {} },
  ),
  {
    id: 's407-word-reset-copy-thrice',
    title: 'perfect copies of resets at the word, three times the same message; others pass',
    ...again3,
    inject: strike(copy),
    sessions: again(
      maybeForged('data-body', 'client', { acceptStage: ['data-command', 'data-end'] }),
      { end: 'reset', order: 'cR', ttl: [0, 61] },
      {
        n: 2400,
        line: 24,
        chunk: 800,
        gap: 0.2,
        soft: true,
      },
    ),
  },
  {
    id: 's408-word-reject-client-first',
    title: 'from the word on the box answers whoever sends with a reset: the client at once, the appliance when it says 421',
    ...again3,
    before: rejectFlow('FORBIDDEN'),
    sessions: again(
      truth('timeout/appliance/data-body', {
        certain: false,
        silent: 'client',
        accept: [
          'rst/middlebox/*',
          'silent-drop/middlebox/*',
          'timeout/middlebox/*',
          'timeout/undetermined/*',
          'silent-drop/undetermined/*',
          'undetermined/*/*',
        ],
        acceptStage: ['data-command'],
        not: ['client-quit/*/*', 'rst/client/*', 'premature-fin/*/*', '*/client/*>=0.7'],
      }),
      { hasNot: ['FORBIDDEN'] },
    ),
  },
  {
    id: 's409-word-reject-two-points',
    title: 'as s408 with the capture of the client',
    capture: ['esa', 'client'],
    before: rejectFlow('FORBIDDEN'),
    sessions: [
      bad('s1', 0, truth('rst/middlebox/data-body', { accept: ['rst/middlebox/*'], ...inBody, not: ['*/client/*', 'client-quit/*/*', 'premature-fin/*/*'] }), {
        client: 'reset',
      }),
    ],
    linger: 1,
  },
  ...ways(
    {
      id: 's410-delivery-word-drop-thrice',
      title: 'delivery: the segment with a word is dropped in three tries of one message, other messages reach the same server',
      ...again3,
      before: dropWord('FORBIDDEN'),
      sessions: retries(dropped('data-body', { acceptStage: ['data-end', 'data-command'] }), { end: 'timeout' }),
    },
    {
      'no-log': {},
      vlan: {},
      snap: { acceptStage: STAGES },
      'peer-server': { certain: false, acceptStage: STAGES, accept: ['undetermined/*/*', 'timeout/*/*'] },
    },
  ),
  ...ways(
    {
      id: 's411-delivery-word-flow-dropped-thrice',
      title: 'delivery: from the word on nothing passes in either direction, three tries; other messages reach the same server meanwhile',
      ...again3,
      before: dropFlow('FORBIDDEN'),
      sessions: retries(repeated({ acceptStage: ['data-end', 'data-command'] }), { end: 'timeout' }),
    },
    { 'no-log': {}, 'log-off': {} },
  ),
  ...ways(
    {
      id: 's412-delivery-word-reset-thrice',
      title: 'delivery: the box resets both sides at the word, three tries of one message',
      ...again3,
      inject: strike(own),
      sessions: retries(
        forged('data-body', { acceptStage: ['data-end', 'data-command'], not: ['*/remote-server/*', '*/appliance/*', 'completed/*/*', 'premature-fin/*/*'] }),
        { end: 'reset', order: 'sR', ttl: [0, 63] },
        {
          chunk: 800,
          gap: 0.03,
        },
      ),
    },
    { 'no-log': {}, vlan: {}, 'peer-server': { acceptStage: STAGES } },
  ),
  {
    id: 's413-delivery-word-reject-one-side',
    title: 'delivery: from the word on the box answers the appliance with a reset; the server hears nothing',
    before: rejectFlow('FORBIDDEN'),
    sessions: [
      retry(
        'd1',
        0,
        forged('data-body', {
          acceptStage: ['data-end', 'data-command'],
          not: ['*/remote-server/*>=0.9', '*/appliance/*', 'completed/*/*', 'premature-fin/*/*'],
        }),
        {
          end: 'reset',
          order: 'sR',
          ttl: [0, 63],
        },
      ),
    ],
  },
  {
    id: 's414-delivery-word-copy',
    title: 'delivery: perfect copies of resets at the word in one try',
    inject: strike(copy),
    sessions: [
      retry(
        'd1',
        0,
        maybeForged('data-body', 'remote-server', {
          acceptStage: ['data-end', 'data-command'],
          not: ['client-quit/*/*', 'premature-fin/*/*', '*/remote-server/*>=0.9', '*/middlebox/*>=0.9', '*/appliance/*'],
        }),
        { end: 'reset', order: 'sR', ttl: [0, 61] },
        { bytes: 5000, chunk: 800, gap: 0.15 },
      ),
    ],
  },
  {
    id: 's415-word-in-envelope-flow-dropped',
    title: 'a forbidden recipient in the second of two transactions: the connection goes dark after an accepted message',
    before: dropFlow('boss@'),
    sessions: [
      {
        label: 's1',
        steps: [upToRcpt, message, mail, put('RCPT TO:<boss@example.net>'), until(12)],
        truth: dark('mail', { acceptStage: ['rcpt'], not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', '*/client/*>=0.7', '*/middlebox/*>=0.9'] }),
        expect: { end: 'timeout', hasNot: ['boss@'] },
      },
    ],
    linger: 2,
  },
  {
    id: 's416-slow-upload-loss-is-not-content',
    title: 'three stalls at three different places of three messages: the path is bad, not the content',
    sameClient: true,
    on: { cut: cutIn, heal: [['f', 'nft', 'flush ruleset']] },
    timeout: 20,
    sessions: [
      {
        label: 's1',
        steps: [
          upToData,
          body(4000, { chunk: 1000, gap: 0.1 }),
          { op: 'signal', name: 'cut' },
          { op: 'body', n: 3000, head: false, chunk: 1000 },
          pause(2),
          { op: 'signal', name: 'heal' },
          body(2000, { head: false }),
          { op: 'signal', name: 'cut' },
          { op: 'body', n: 1500, head: false },
          pause(1.2),
          { op: 'signal', name: 'heal' },
          raw('.\r\n'),
          hear,
          quit,
        ],
        truth: done({ not: ['silent-drop/*/*', 'rst/*/*', 'premature-fin/*/*', '*/middlebox/*'] }),
        expect: { end: 'quit' },
      },
    ],
    max: 50,
  },
  {
    id: 's417-client-hangs-thrice',
    title: 'a client that hangs at the same place of the same message three times: its own scanner, nothing vanished; others pass',
    sameClient: true,
    max: 45,
    sessions: [0, 1, 2].flatMap((k) => [
      {
        label: `s${k + 1}`,
        at: k * 3.6,
        steps: [connect, hear, ehlo, mail, rcpt, put('DATA'), hear, body(9000, { upto: 4600, name: 'order-4711' }), until(12)],
        truth: truth('timeout/appliance/data-body', {
          silent: 'client',
          certain: false,
          accept: ['silent-drop/undetermined/*', 'timeout/undetermined/*', 'undetermined/*/*', 'silent-drop/middlebox/*', 'silent-drop/network/*'],
          not: ['premature-fin/*/*', 'client-quit/*/*', 'rst/*/*', 'timeout/client/*', '*/middlebox/*>=0.9'],
          note: 'The appliance answered the last octets and nothing shows that more was sent; only a capture at the client separates it from a box that drops the connection.',
        }),
        expect: { end: 'timeout', order: 'sF' },
      },
      ...(k < 2 ? [{ label: `g${k + 1}`, at: k * 3.6 + 2.4, steps: [greet, ehlo, mail, rcpt, message, quit], truth: done(), expect: { end: 'quit' } }] : []),
    ]),
  },
];
