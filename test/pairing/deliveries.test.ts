import { describe, expect, test } from 'vitest';
import type { DeliveryHistory, LogLine, MessageHistory } from '../../src/model/maillog.ts';
import type { CapturedSession } from '../../src/model/pairing.ts';
import { SECOND_US } from '../../src/model/units.ts';
import { pairSessions } from '../../src/pairing/index.ts';
import { APPLIANCE, capture, DAY_US, deliveryLog, SITE, writeLog, type Happening } from '../support/pairing-world.ts';
import { depot } from '../support/depot.ts';

const REMOTE = '203.0.113.80';
const RESPONSE = '2.0.0 Ok: queued as 4FxT7k9ZQp';

const sending = { sender: 'boss@corp.example', recipient: 'user@remote.example', mid: 4711, octets: 3000, at: 0.2, takes: 0.3, complete: true };
const happening: Happening = {
  icid: 1,
  client: APPLIANCE,
  port: 33_000,
  at: 40_000.2,
  lasts: 6,
  end: 'quit',
  encrypted: false,
  helo: 'esa.example.com',
  sendings: [sending],
};

/** A delivery as captured on the appliance: the builder's client is the appliance, its server the remote host. */
function captureDelivery(response: string): CapturedSession {
  const { connection, dialogue } = capture(happening, 0);
  const events = dialogue.events.map((event) =>
    event.kind === 'reply' && event.lines[0]?.startsWith('ok:  Message') ? { ...event, lines: [response] } : event,
  );
  return { connection: { ...connection, responder: { ...connection.responder, ip: REMOTE } }, dialogue: { ...dialogue, events } };
}

function line(number: number, seconds: number): LogLine {
  return { ref: { input: 1, line: number }, atUs: Math.floor((DAY_US + seconds * SECOND_US) / SECOND_US) * SECOND_US, text: '' };
}

function message(mid: number, sender: string): MessageHistory {
  const first = line(mid, happening.at - 1);
  return {
    appliance: 'SN-1',
    mid,
    icid: 9,
    injection: null,
    handedOver: null,
    started: first,
    sender,
    recipients: [{ rid: 0, address: 'user@remote.example', rejectedBy: null, line: first }],
    messageId: null,
    subject: null,
    ready: null,
    aborted: null,
    finished: null,
    relations: [],
    first,
    last: first,
    lines: [first],
    telling: [],
    order: 0,
  };
}

function delivery(dcid: number, mid: number, response: string, more: Partial<DeliveryHistory> = {}): DeliveryHistory {
  const opened = line(100 + dcid, happening.at + 0.025);
  const done = line(102 + dcid, happening.at + 0.53);
  const closed = line(103 + dcid, happening.at + 6);
  return {
    appliance: 'SN-1',
    order: dcid,
    dcid,
    opened,
    closed,
    localIp: APPLIANCE,
    remoteIp: REMOTE,
    remotePort: 25,
    tls: null,
    mids: [mid],
    deliveries: [{ mid, rids: [0], started: line(101 + dcid, happening.at + 0.1), done, response, responseLine: done }],
    problems: [],
    first: opened,
    last: closed,
    lines: [opened, done, closed],
    ...more,
  };
}

describe('deliveries', () => {
  test('are joined by envelope and response', () => {
    const log = deliveryLog([delivery(500, 4711, RESPONSE)], [message(4711, 'boss@corp.example')], 0);
    const [only, ...others] = pairSessions({ depot, captured: [captureDelivery(RESPONSE)], log, site: SITE }).sessions;
    expect(others).toEqual([]);
    expect(only).toMatchObject({ direction: 'outbound', delivery: { dcid: 500 }, pair: { confidence: 'certain' } });
    expect(only?.pair?.basis).toEqual(expect.arrayContaining(['address', 'MAIL', 'RCPT', 'response', 'time']));
  });

  test('two to one host in the same second are told apart by the response', () => {
    const log = deliveryLog(
      [delivery(500, 4711, '2.0.0 Ok: queued as AAAA1111BB'), delivery(501, 4712, RESPONSE)],
      [message(4711, 'boss@corp.example'), message(4712, 'boss@corp.example')],
      0,
    );
    const [first] = pairSessions({ depot, captured: [captureDelivery(RESPONSE)], log, site: SITE }).sessions;
    expect(first?.delivery?.dcid).toBe(501);
  });

  test('an ESA at the other end says its own MID, which is not ours', () => {
    const log = deliveryLog([delivery(500, 4711, 'ok:  Message 77 accepted')], [message(4711, 'boss@corp.example')], 0);
    const captured = captureDelivery('ok:  Message 77 accepted');
    const transactions = captured.dialogue.transactions.map((transaction) => ({ ...transaction, acceptedMid: 77 }));
    const [first] = pairSessions({ depot, captured: [{ ...captured, dialogue: { ...captured.dialogue, transactions } }], log, site: SITE }).sessions;
    expect(first?.delivery?.dcid).toBe(500);
  });

  test('another port is another connection', () => {
    const log = deliveryLog([delivery(500, 4711, RESPONSE, { remotePort: 2525 })], [message(4711, 'x@corp.example')], 0);
    expect(pairSessions({ depot, captured: [captureDelivery('2.0.0 Ok')], log, site: SITE }).sessions.at(0)?.delivery).toBeNull();
  });

  test('DCID 0 is no connection', () => {
    const log = deliveryLog([delivery(0, 4711, RESPONSE)], [message(4711, 'boss@corp.example')], 0);
    expect(pairSessions({ depot, captured: [], log, site: SITE }).sessions).toHaveLength(0);
  });
});

describe('several appliances', () => {
  test('each has its own clock, and IDs do not mix', () => {
    const one = { ...happening, client: '198.51.100.1', icid: 10 };
    const two = { ...happening, client: '198.51.100.2', icid: 10, port: 33_001, at: 40_100.4, sendings: [{ ...sending, sender: 'b@corp.example' }] };
    const first = writeLog([one], { offset: 0.2, utcOffset: 0 });
    const second = writeLog([two], { offset: 30, utcOffset: 0 });
    const messages = second.messages.map((history) => ({ ...history, appliance: 'SN-2' }));
    const log = {
      ...first,
      files: [...first.files, ...second.files.map((file) => ({ ...file, input: 2, serials: ['SN-2'], appliances: ['SN-2'] }))],
      injections: [...first.injections, ...second.injections.map((history) => ({ ...history, appliance: 'SN-2' }))],
      messages: [...first.messages, ...messages],
      message: (appliance: string, mid: number) =>
        appliance === 'SN-2' ? (messages.find((found) => found.mid === mid) ?? null) : first.message(appliance, mid),
    };
    const result = pairSessions({ depot, captured: [capture(one, 0), capture(two, 1)], log, site: SITE });
    expect(result.sessions.map((session) => [session.injection?.appliance, session.injection?.icid])).toEqual([
      ['SN-1', 10],
      ['SN-2', 10],
    ]);
    expect(result.estimates.map((estimate) => Math.round(estimate.logOffsetSeconds)).sort((a, b) => a - b)).toEqual([0, 30]);
  });
});

describe('whose the appliance is', () => {
  const connection = capture({ ...happening, client: '198.51.100.1' }, 0);

  test('the user says so', () => {
    const result = pairSessions({ depot, captured: [connection], log: null, site: { ...SITE, applianceAddresses: ['198.51.100.1'] } });
    expect({ ...result, sessions: [...result.sessions] }).toMatchObject({ applianceBasis: 'given', sessions: [{ direction: 'outbound' }] });
  });

  test('the side whose packets are fresh', () => {
    expect(pairSessions({ depot, captured: [connection], log: null, site: SITE }).applianceAddresses).toEqual([APPLIANCE]);
  });

  test('connections of other vantage points are no sessions', () => {
    const elsewhere = { ...connection, connection: { ...connection.connection, vantage: 'client' } };
    expect(pairSessions({ depot, captured: [connection, elsewhere], log: null, site: SITE }).sessions).toHaveLength(1);
  });
});
