import { copy, cutIn, cutOut, done, dropFlow, dropped, dropWord, forged, maybeForged, own, pair, rejectFlow, sent, ways } from './boxes.mjs';
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
  signal,
  truth,
  until,
  upToData,
  upToRcpt,
} from './words.mjs';

const flow = { op: 'body', n: 14000, chunk: 900, gap: 0.08, soft: true };
const flowing = [upToData, flow, until(3)];
const partly = [upToData, { op: 'body', n: 9000, upto: 6000, chunk: 700, gap: 0.05 }, pause(0.3)];
const text = '000060 the';
const strike = (fields) => ({ when: { text }, resets: pair(fields) });
const ownNameForged = {
  accept: ['rst/middlebox/*'],
  acceptStage: ['data-command', 'data-end'],
  not: ['*/client/*', '*/appliance/*', 'client-quit/*/*', 'premature-fin/*/*', 'timeout/*/*'],
};
const gone = { not: ['client-quit/*/*', 'rst/*/*', 'completed/*/*', 'premature-fin/*/*', '*/client/*>=0.9', '*/appliance/*>=0.9'] };

/** The only capture was not taken at the appliance: outside of the firewall, or at the client. */
export const OUTSIDE = [
  ...ways(
    {
      id: 'o401-outside-box-resets',
      esaAt: 'outside',
      title: "only the outside of the firewall was captured: it resets the client in the appliance's name, TTL of the box",
      inject: strike(own),
      sessions: one(flowing, forged('data-body', ownNameForged), { end: 'reset', order: 'sR' }),
    },
    { 'no-log': {}, vlan: {}, snap: { acceptStage: ['rcpt', 'data-command', 'data-end'] } },
  ),
  {
    id: 'o402-outside-box-rejects',
    esaAt: 'outside',
    title: "only the outside was captured: from a word on, the firewall answers the client with resets in the appliance's name",
    before: rejectFlow('FORBIDDEN'),
    sessions: one([upToData, body(9000, { word: 'FORBIDDEN', line: 60 }), until(11)], forged('data-body', ownNameForged), { order: 'sR' }),
  },
  {
    id: 'o403-outside-copy',
    esaAt: 'outside',
    title: 'only the outside was captured: perfect copies to both sides, the picture of a reset by the appliance',
    inject: strike(copy),
    sessions: one(
      flowing,
      maybeForged('data-body', 'appliance', {
        acceptStage: ['data-command', 'data-end'],
        not: ['client-quit/*/*', 'premature-fin/*/*', '*/appliance/*>=0.95', '*/client/*', 'timeout/*/*'],
      }),
      { end: 'reset', order: 'sR' },
    ),
  },
  {
    id: 'o404-outside-appliance-rst',
    esaAt: 'outside',
    title: 'only the outside was captured: the appliance itself resets in the body',
    esa: { hooks: [{ at: 'body', bytes: 4000, end: 'rst' }] },
    sessions: one([upToData, { op: 'body', n: 30000, chunk: 1400, gap: 0.03 }], truth('rst/appliance/data-body'), { end: 'own-rst', order: 'sR' }),
  },
  {
    id: 'o405-outside-client-rst',
    esaAt: 'outside',
    title: 'only the outside was captured: the client resets',
    sessions: one([partly, rst], truth('rst/client/data-body'), { end: 'reset', order: 'cR' }),
  },
  {
    id: 'o406-outside-timeout',
    esaAt: 'outside',
    title: "only the outside was captured: the appliance's timeout after RCPT",
    sessions: one([upToRcpt, until(14)], truth('timeout/appliance/rcpt', { silent: 'client' }), { end: 'timeout', order: 'sF' }),
  },
  {
    id: 'o407-outside-firewall-eats-inbound',
    esaAt: 'outside',
    title: "only the outside was captured: behind it the client's packets vanish in the body and are repeated; the appliance's 421 is answered in vain",
    on: { cut: cutIn },
    sessions: one(
      [upToData, body(4000, { chunk: 1000, gap: 0.1 }), signal('cut'), { op: 'body', n: 3000, head: false, chunk: 1000, gap: 0.2, soft: true }, until(14)],
      dropped('data-body', gone),
      { end: 'timeout' },
    ),
    linger: 3,
    max: 45,
  },
  {
    id: 'o408-outside-firewall-eats-replies',
    esaAt: 'outside',
    title: "only the outside was captured: behind it the appliance's answers vanish; the client repeats its DATA, then closes",
    timeout: 14,
    on: { cut: cutOut },
    sessions: one(
      [upToRcpt, signal('cut'), put('DATA'), pause(6), close],
      dropped('data-command', {
        acceptStage: ['rcpt'],
        accept: ['timeout/client/*'],
        not: ['client-quit/*/*', 'rst/*/*', 'completed/*/*', '*/appliance/*>=0.9'],
      }),
      {},
    ),
    linger: 3,
    max: 45,
  },
  {
    id: 'o409-outside-word-dropped',
    esaAt: 'outside',
    title: 'only the outside was captured: the segment with the word is repeated, what lies behind it is acknowledged selectively',
    before: dropWord('FORBIDDEN'),
    sessions: one(
      [upToData, body(9000, { word: 'FORBIDDEN', line: 60 }), { op: 'send', text: '.\r\n', soft: true }, until(11)],
      dropped('data-body', { acceptStage: ['data-end', 'data-command'], ...gone }),
      { end: 'timeout', has: ['FORBIDDEN'] },
    ),
    linger: 1,
  },
  {
    id: 'o410-outside-complete',
    esaAt: 'outside',
    title: 'only the outside was captured: message and QUIT',
    sessions: one([upToRcpt, message, quit], done({ not: ['rst/*/*', 'premature-fin/*/*', '*/middlebox/*', 'timeout/*/*'] }), { end: 'quit' }),
  },
  ...ways(
    {
      id: 'o420-client-end-box-resets',
      esaAt: 'client',
      title: "only the client's end was captured: a reset in the appliance's name with the TTL of the box",
      inject: strike(own),
      sessions: one(flowing, forged('data-body', ownNameForged), { end: 'reset', order: 'sR' }),
    },
    { 'no-log': {} },
  ),
  {
    id: 'o421-client-end-own-fin',
    esaAt: 'client',
    title: "only the client's end was captured: the client closes after RCPT",
    sessions: one([upToRcpt, pause(0.4), close], truth('premature-fin/client/rcpt'), { end: 'eof', order: 'cF' }),
  },
  {
    id: 'o422-client-end-dark',
    esaAt: 'client',
    title: "only the client's end was captured: from a word on nothing comes back and everything is repeated",
    before: dropFlow('FORBIDDEN'),
    sessions: one(
      [upToData, body(9000, { word: 'FORBIDDEN', line: 60 }), { op: 'send', text: '.\r\n', soft: true }, until(12), close],
      truth('silent-drop/undetermined/data-body', {
        certain: false,
        accept: ['silent-drop/*/*', 'undetermined/*/*', 'timeout/client/*', 'timeout/undetermined/*'],
        acceptStage: ['data-end', 'data-command'],
        ...gone,
      }),
      { end: 'timeout', has: ['FORBIDDEN'] },
    ),
    linger: 1,
  },
  {
    id: 'o423-client-end-appliance-rst',
    esaAt: 'client',
    title: "only the client's end was captured: the appliance itself resets instead of answering the dot",
    esa: { hooks: [{ at: 'dot', delay: 0.5, end: 'rst' }] },
    sessions: one([upToData, body(3000), raw('.\r\n'), hear], truth('rst/appliance/data-end'), { end: 'own-rst', order: 'sR' }),
  },
  {
    id: 'o430-outside-delivery-box-resets',
    esaAt: 'outside',
    title: "delivery, only the outside was captured: the firewall resets the server in the appliance's name, TTL of the box",
    inject: { when: { text: '000060 outbound', from: 'client' }, resets: pair(own) },
    sessions: delivery(
      { bytes: 30000, chunk: 900, gap: 0.04 },
      {},
      forged('data-body', { acceptStage: ['data-command', 'data-end'], not: ['*/remote-server/*', '*/appliance/*', 'completed/*/*', 'premature-fin/*/*'] }),
      { end: 'reset', order: 'cR' },
    ),
  },
  {
    id: 'o431-outside-delivery-remote-rst',
    esaAt: 'outside',
    title: 'delivery, only the outside was captured: the server resets in the body',
    sessions: delivery({ bytes: 30000, chunk: 900, gap: 0.04 }, { hooks: [{ at: 'body', bytes: 9000, end: 'rst' }] }, truth('rst/remote-server/data-body'), {
      end: 'reset',
      order: 'sR',
    }),
  },
  {
    id: 'o432-outside-delivery-ok',
    esaAt: 'outside',
    title: 'delivery, only the outside was captured: delivered',
    sessions: delivery({}, {}, sent({ not: ['rst/*/*', 'premature-fin/*/*', '*/middlebox/*', 'timeout/*/*'] }), { end: 'quit' }),
  },
  {
    id: 'o433-outside-slow-appliance',
    esaAt: 'outside',
    title: 'only the outside was captured: the appliance needs twelve minutes for its answer to the dot, the client leaves after ten',
    timeout: 20,
    esa: { hooks: [{ at: 'dot', delay: 8 }] },
    stretch: { over: 4, to: 600.1 },
    settings: { inbound_timeout_s: 300 },
    sessions: one(
      [greet, ehlo, mail, rcpt, data, body(3000), raw('.\r\n'), pause(5.5), close],
      truth('timeout/client/data-end', {
        silent: 'appliance',
        accept: ['timeout/client/*', 'premature-fin/client/*'],
        not: ['*/middlebox/*', '*/appliance/*', 'silent-drop/*/*'],
      }),
      { order: 'cF' },
    ),
    max: 40,
  },
];
