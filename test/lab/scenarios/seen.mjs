import {
  FIN,
  RST,
  close,
  data,
  ehlo,
  flow,
  greet,
  hear,
  mail,
  message,
  pause,
  put,
  quit,
  rcpt,
  rst,
  startTls,
  truth,
  until,
  upToData,
  upToRcpt,
} from './words.mjs';

const box = { ttl: 64, id: 0, win: 0 };
const both = [
  { to: 'server', ...box },
  { to: 'client', ...box },
];
const partOfBody = [upToData, { op: 'body', n: 9000, upto: 6000, chunk: 1000, gap: 0.05 }, pause(0.3)];

const play = (name, verdict, session, scene = {}) => ({ name, verdict, session, scene });

/** Incidents that are seen in several ways. */
const PLAYS = [
  play('fin-rcpt', 'premature-fin/client/rcpt', { steps: [upToRcpt, pause(0.4), close], expect: FIN }),
  play('rst-body', 'rst/client/data-body', { steps: [partOfBody, rst], expect: RST }),
  play('quit-rcpt', 'client-quit/client/rcpt', { steps: [upToRcpt, pause(0.3), quit], expect: { end: 'quit' } }),
  play('complete', 'completed/client/quit', { steps: [upToRcpt, message, quit], expect: { end: 'quit' } }),
  play('timeout-rcpt', 'timeout/appliance/rcpt', { steps: [upToRcpt, until(14)], expect: { end: 'timeout', order: 'sF' } }),
  play('timeout-body', 'timeout/appliance/data-body', { steps: [partOfBody, until(14)], expect: { end: 'timeout', order: 'sF' } }),
  play(
    'appliance-rst',
    'rst/appliance/rcpt',
    { steps: [upToRcpt, pause(0.1), put('RCPT TO:<second@example.net>'), hear], expect: { end: 'own-rst' } },
    { esa: { hooks: [{ at: 'rcpt', nth: 2, delay: 0.3, end: 'rst' }] } },
  ),
  play(
    'rejected-dot',
    'rejected/appliance/data-end',
    { steps: [upToRcpt, data, flow, put('.'), hear, quit], expect: { end: 'quit' } },
    { esa: { hooks: [{ at: 'dot', reply: '554 #5.3.0 message rejected by content filter' }] } },
  ),
  play(
    'forged-body',
    'rst/middlebox/data-body',
    { steps: [upToData, flow, until(3)], expect: { end: 'reset', order: 'cR', ttl: [0, 63] } },
    { inject: { when: { text: '000060 the' }, resets: both } },
  ),
  play(
    'reject-354',
    'rst/middlebox/data-command',
    { steps: [upToRcpt, put('DATA'), until(4)], expect: { end: 'reset', order: 'cR', ttl: [0, 63] } },
    { before: [['f', 'sh', 'iptables -I FORWARD -p tcp --sport 25 -m string --string "354 go" --algo bm -j REJECT --reject-with tcp-reset']] },
  ),
  play(
    'tls-quit',
    'client-quit/client/rcpt',
    { steps: [greet, ehlo, startTls(), ehlo, mail, rcpt, pause(0.3), quit], expect: { end: 'quit' }, tls: true },
    { esa: { tls: true } },
  ),
  play('delivery-rst', 'rst/remote-server/data-body', {
    deliver: { bytes: 40000, chunk: 1400, gap: 0.02 },
    remote: { hooks: [{ at: 'body', bytes: 12000, end: 'rst' }] },
    expect: { end: 'reset', order: 'sR' },
  }),
  play('delivery-ok', 'completed/appliance/quit', { deliver: {}, remote: {}, expect: { end: 'quit' } }),
  play('delivery-timeout', 'timeout/appliance/data-end', { deliver: {}, remote: { hooks: [{ at: 'dot', end: 'stop' }] }, expect: { end: 'timeout' } }),
  play(
    'delivery-forged',
    'rst/middlebox/data-body',
    { deliver: { bytes: 40000, chunk: 1400, gap: 0.03 }, remote: {}, expect: { end: 'reset', order: 'sR', ttl: [0, 63] } },
    { inject: { when: { text: '000100 outbound', from: 'client' }, resets: both } },
  ),
];
const WAYS = [
  ['peer-only', 'only the packets of the other side'],
  ['own-only', "only the appliance's packets"],
  ['late', 'the first eleven packets are missing'],
  ['snap68', 'snap length 68'],
  ['lossy-file', 'every fifth segment is missing from the file'],
  ['doubled', 'frames doubled and neighbours exchanged, cooked capture'],
  ['no-log', 'no log'],
  ['log-off', 'log 47 minutes off'],
];
const ALL = ['banner', 'helo', 'starttls', 'mail', 'rcpt', 'data-command', 'data-body', 'data-end', 'idle-after-message', 'quit'];

function see(way, outbound) {
  const peer = outbound ? 'server' : 'client';
  const own = outbound ? 'client' : 'server';
  if (way === 'peer-only') return { edits: { esa: [['only', peer]] } };
  if (way === 'own-only') return { edits: { esa: [['only', own]] } };
  if (way === 'late') return { edits: { esa: [['skip', 11]] } };
  if (way === 'snap68') return { edits: { esa: [['snap', 68]] } };
  if (way === 'lossy-file') return { edits: { esa: [['lose', { every: 5 }]] } };
  if (way === 'doubled')
    return {
      edits: {
        esa: [
          ['swap', 7],
          ['duplicate', 6],
          ['cooked', true],
        ],
      },
      form: 'pcap',
    };
  if (way === 'no-log') return { log: { none: true } };
  return { log: { offset: 2820 } };
}

/** The same incidents, seen through worse windows. */
export const SEEN = PLAYS.flatMap(({ name, verdict, session, scene }, i) =>
  WAYS.map(([way, words], j) => {
    const [cause, actor, stage] = verdict.split('/');
    const outbound = Boolean(session.deliver);
    const blind = way === 'peer-only' || way === 'own-only';
    const { steps, deliver, remote, expect, tls } = session;
    const hidden = tls && (way === 'no-log' || blind);
    const accept = [
      ...(cause === 'completed' ? ['completed/*/*'] : []),
      ...(cause === 'rejected' ? ['client-quit/client/*', 'rejected/*/*'] : []),
      ...(cause === 'rst' && actor === 'middlebox' && (blind || way === 'late' || way === 'lossy-file') ? ['rst/undetermined/*'] : []),
      ...(blind ? ['undetermined/*/*', `${cause}/undetermined/*`, 'still-open/*/*'] : []),
      ...(blind && actor === 'client' && cause !== 'completed' ? ['premature-fin/client/*', 'rst/client/*'] : []),
      ...(hidden ? ['premature-fin/*/*', 'undetermined/*/*', 'client-quit/*/*', 'completed/*/*'] : []),
      ...(way === 'own-only' && actor === 'middlebox' ? ['rst/client/*', 'rst/remote-server/*', 'silent-drop/*/*', 'premature-fin/*/*', 'timeout/*/*'] : []),
      ...(name === 'delivery-timeout' && way === 'own-only' ? ['silent-drop/*/*'] : []),
    ];
    const nobody = ['client', 'appliance', 'remote-server', 'middlebox'].filter((a) => a !== actor && !(outbound && a === 'client'));
    const not = [
      ...(hidden ? [] : nobody.map((a) => `*/${a}/*${blind || cause === 'rejected' || cause === 'completed' ? '>=0.7' : ''}`)),
      ...(cause === 'completed' || hidden ? ['*/middlebox/*'] : ['completed/*/*']),
    ].filter(
      (n) =>
        !(cause === 'rejected' && n.startsWith('*/client')) &&
        !(cause === 'completed' && n.startsWith('*/client')) &&
        !(way === 'own-only' && actor === 'middlebox' && !n.startsWith('completed') && !n.startsWith('*/appliance')),
    );
    return {
      id: `n${String(i + 1).padStart(2, '0')}${j + 1}-${name}-${way}`,
      title: `${name}: ${words}`,
      ...scene,
      ...see(way, outbound),
      sessions: [
        {
          label: outbound ? 'd1' : 's1',
          ...(outbound ? { deliver, remote } : { steps }),
          truth: truth(verdict, {
            accept,
            acceptStage: blind || hidden || ['snap68', 'late', 'lossy-file', 'no-log'].includes(way) || tls ? ALL.filter((s) => s !== stage) : [],
            certain: !blind && !hidden,
            not,
            ...(tls ? { encrypted: true } : {}),
          }),
          expect,
        },
      ],
    };
  }),
);
