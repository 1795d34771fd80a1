import { truth } from './words.mjs';

/** Rules of the firewall's forward chain, as orders of a scenario. */
export const rules = (...lines) => [
  [
    'f',
    'nft',
    `table inet lab {
 chain f { type filter hook forward priority 0
${lines.map((line) => `  ${line}`).join('\n')}
 }
}`,
  ],
];
export const flush = [['f', 'nft', 'flush ruleset']];
export const cutBoth = rules('tcp dport 25 drop', 'tcp sport 25 drop');
export const cutIn = rules('tcp dport 25 drop');
export const cutOut = rules('tcp sport 25 drop');

const chain = (lines) => [['f', 'sh', ['set -e', ...lines].join('\n')]];
const match = (word, more, six) => `${six ? 'ip6tables' : 'iptables'} -A FORWARD -p tcp ${more} -m string --string ${JSON.stringify(word)} --algo bm`;
/** The segment that holds the word is dropped, each time it is sent; all else passes. */
export const dropWord = (word, more = '', six = false) => chain([`${match(word, more, six)} -j DROP`]);
/** From the word on, nothing of the connection passes in either direction: a box that drops the connection. */
export const dropFlow = (word, more = '', six = false) =>
  chain([`${match(word, more, six)} -j CONNMARK --set-mark 19`, `${six ? 'ip6tables' : 'iptables'} -A FORWARD -m connmark --mark 19 -j DROP`]);
/** From the word on, whoever sends is answered with a reset. */
export const rejectFlow = (word, more = '') =>
  chain([
    `${match(word, more)} -j CONNMARK --set-mark 19`,
    'iptables -A FORWARD -p tcp -m connmark --mark 19 -m conntrack ! --ctstate NEW -j REJECT --reject-with tcp-reset',
  ]);
/** A firewall that forgets an idle connection after some seconds; what it does with the packets that follow is said by the verdict of nftables. */
export const forgetful = (verdict = 'drop', seconds = 3) => [
  ...rules(`ct state invalid meta l4proto tcp ${verdict}`, 'ct state established,related accept', 'tcp flags syn / syn,ack accept'),
  ['f', 'sh', `sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_established=${seconds} net.netfilter.nf_conntrack_tcp_loose=0`],
];

/** Fields of a reset that a box makes of its own, and of a perfect copy. */
export const own = { ttl: 64, id: 0, win: 0 };
export const copy = { ttl: 'copy', id: 'copy', ts: true, ts_step: 4, win: 'copy' };
export const pair = (fields) => [
  { to: 'server', ...fields },
  { to: 'client', ...fields },
];

const lost = ['silent-drop/middlebox/*', 'silent-drop/network/*', 'silent-drop/undetermined/*'];
export const done = (more = {}) => truth('completed/client/quit', { accept: ['completed/*/*'], ...more });
export const sent = (more = {}) => truth('completed/appliance/quit', { accept: ['completed/*/*'], ...more });
/** The capture proves that packets vanished. */
export const dropped = (stage, { accept = [], ...more } = {}) =>
  truth(`silent-drop/middlebox/${stage}`, {
    accept: [...lost, ...accept],
    not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', 'completed/*/*', '*/client/*>=0.7', '*/remote-server/*>=0.7', 'timeout/client/*'],
    ...more,
  });
/** Nothing comes any more, and one capture cannot tell why; the timeout of the side that waited is the literal reading. */
export const dark = (stage, { accept = [], ...more } = {}) =>
  truth(`silent-drop/undetermined/${stage}`, {
    certain: false,
    accept: [...lost, 'undetermined/*/*', 'timeout/undetermined/*', 'timeout/appliance/*', ...accept],
    not: ['client-quit/*/*', 'premature-fin/*/*', 'rst/*/*', 'completed/*/*', '*/client/*>=0.7', '*/remote-server/*>=0.7', '*/middlebox/*>=0.9'],
    ...more,
  });
/** A reset that a box made. */
export const forged = (stage, more = {}) => truth(`rst/middlebox/${stage}`, more);
/** A reset that looks like the visible peer's and may be its own or a copy. */
export const maybeForged = (stage, peer, more = {}) =>
  truth(`rst/undetermined/${stage}`, {
    certain: false,
    accept: [`rst/${peer}/*`, 'rst/middlebox/*'],
    not: ['client-quit/*/*', 'premature-fin/*/*', `*/${peer}/*>=0.9`, '*/middlebox/*>=0.9', '*/appliance/*', 'timeout/*/*'],
    ...more,
  });
export const waited = (stage, silent, more = {}) =>
  truth(`timeout/appliance/${stage}`, {
    silent,
    accept: ['timeout/appliance/*'],
    not: ['completed/*/*', 'silent-drop/*/*', '*/middlebox/*', 'premature-fin/*/*', 'rst/*/*'],
    ...more,
  });

const EDITS = {
  vlan: { edits: { esa: [['vlan', 312]] } },
  snap: { edits: { esa: [['snap', 90]] } },
  'no-log': { log: { none: true } },
  lossy: { edits: { esa: [['lose', { every: 6 }]] } },
  late: { edits: { esa: [['skip', 8]] } },
  peer: { edits: { esa: [['only', 'client']] } },
  'peer-server': { edits: { esa: [['only', 'server']] } },
  doubled: { edits: { esa: [['duplicate', 8]] } },
  kathmandu: { log: { zone: 'Asia/Kathmandu', offset: 0 } },
  'log-off': { log: { offset: 1263 } },
  'two-points': { capture: ['esa', 'client'] },
  outside: { capture: ['esa', 'outside'] },
  link: { esaAt: 'link' },
};

/** The scenario, and the same incident recorded or cut in other ways: `{vlan: {}, snap: {acceptStage: [...]}}` says what the way changes in each label. */
export const ways = (scenario, list) => [
  scenario,
  ...Object.entries(list).map(([way, change]) => ({
    ...scenario,
    ...EDITS[way],
    id: `${scenario.id}-${way}`,
    title: `${scenario.title}; ${way}`,
    sessions: scenario.sessions.map((s) => ({
      ...s,
      truth: { ...s.truth, ...change, accept: [...s.truth.accept, ...(change.accept ?? [])], mustNot: change.not ?? s.truth.mustNot },
      ...(change.expect ? { expect: change.expect } : {}),
    })),
  })),
];
export const STAGES = ['banner', 'helo', 'starttls', 'mail', 'rcpt', 'data-command', 'data-body', 'data-end', 'idle-after-message', 'quit'];
