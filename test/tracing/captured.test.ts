import { expect, test } from 'vitest';
import type { DeliveryHistory, MailLog } from '../../src/model/maillog.ts';
import type { CapturedSession } from '../../src/model/pairing.ts';
import type { SmtpTransaction } from '../../src/model/smtp.ts';
import type { TracedSession } from '../../src/tracing/index.ts';
import { delivered, logOf, outcomes, received, tell } from './stories.ts';

const BOB = 'bob@example.com';

/** What packets show of a delivery: the one transaction and the final reply, if any. */
function captured(outcome: SmtpTransaction['outcome'], reply: { readonly code: number; readonly text: string } | null): CapturedSession {
  const packet = { input: 0, number: 44 };
  const at = { atUs: Date.UTC(2026, 2, 3, 10, 0, 7) * 1000 + 250_000, packet };
  const events = reply
    ? [
        {
          kind: 'reply',
          code: reply.code,
          enhancedCode: null,
          lines: [reply.text],
          at,
          completedBy: packet,
          complete: true,
          afterGap: false,
          to: null,
          role: 'answer',
        },
      ]
    : [];
  const transaction = {
    reversePath: 'ann@partner.example',
    recipients: [{ forwardPath: BOB, command: 0, code: 250 }],
    ended: true,
    header: { messageId: null, subject: null, from: null, date: null },
    finalReply: reply ? 0 : null,
    outcome,
    acceptedMid: null,
  };
  return { connection: { stream: 3 }, dialogue: { events, transactions: [transaction], tls: null } } as unknown as CapturedSession;
}

function over(dcid: number, session: CapturedSession): (log: MailLog) => TracedSession[] {
  return (log) => {
    const delivery = [...log.deliveries].find((one) => one.dcid === dcid) as DeliveryHistory;
    const statement = 'The receiver reset the connection.';
    const logged = { kind: 'dcid', appliance: delivery.appliance, id: dcid, order: delivery.order } as const;
    return [
      {
        id: `DCID-${dcid}`,
        statement,
        session: { direction: 'outbound', captured: session, firstPacketUs: 0, logged, injection: null, delivery, messages: [], pair: null },
      },
    ];
  };
}

const TIMED_OUT = logOf(
  ...received(1404, 10293, [BOB]),
  '10:00:05 New SMTP DCID 200 interface 192.0.2.25 address 203.0.113.80 port 25',
  '10:00:05 Delivery start DCID 200 MID 1404 to RID [0]',
  '10:05:05 Connection Error: DCID 200 domain: example.com IP: 203.0.113.80 port: 25 details: timeout interface: 192.0.2.25 reason: network error',
  "10:05:05 Delayed: DCID 200 MID 1404 to RID 0 - 4.4.2 - Connection timed out ('000', ['timeout']) []",
);

test('the log says timeout, the capture shows the 250: it is called out', async () => {
  const [story] = await tell(TIMED_OUT, {}, over(200, captured('accepted', { code: 250, text: '2.0.0 Ok: queued' })));
  expect(story?.deliveries).toMatchObject([{ dcid: 200, session: 'DCID-200', contradiction: true }]);
  expect(story?.deliveries[0]?.logView).toContain('connection error: timeout');
  expect(story?.deliveries[0]?.captureView).toContain('the receiver answered "250 2.0.0 Ok: queued"');
  expect(story?.recipients[0]?.outcome).toBe('delayed');
  expect(story?.recipients[0]?.why).toContain('But the capture shows that the receiver took it over DCID 200 (250 2.0.0 Ok: queued, packet 44)');
  expect(story?.events).toContainEqual(
    expect.objectContaining({ kind: 'captured-reply', at: '2026-03-03T10:00:07.250000Z', packets: [{ input: 0, number: 44 }] }),
  );
});

test('log and capture agree that nothing came back: nothing is called out', async () => {
  const [story] = await tell(TIMED_OUT, {}, over(200, captured('open', null)));
  expect(story?.deliveries).toMatchObject([{ contradiction: false }]);
  expect(story?.deliveries[0]?.captureView).toContain('no answer to the end of the message');
  expect(story?.recipients[0]?.why).not.toContain('capture');
});

test('delivered by the log, refused in the packets', async () => {
  const log = logOf(...received(1404, 10293, [BOB]), ...delivered(1404, 200, [0]));
  const [story] = await tell(log, {}, over(200, captured('rejected', { code: 554, text: '5.7.1 no' })));
  expect(story && outcomes(story)).toEqual([`${BOB} delivered 1404`]);
  expect(story?.deliveries).toMatchObject([{ contradiction: true }]);
  expect(story?.recipients[0]?.why).toContain('the receiver refused it over DCID 200 (554 5.7.1 no, packet 44)');
});

test('a stream selects the messages that went over it', async () => {
  const sessions = over(200, captured('open', null));
  expect(await tell(TIMED_OUT, { stream: [3] }, sessions)).toHaveLength(1);
  expect(await tell(TIMED_OUT, { stream: [4] }, sessions)).toHaveLength(0);
});

test('refused for one recipient, taken for the other: the log says the same as the packets', async () => {
  const log = logOf(
    ...received(1404, 10293, [BOB, 'gone@example.com']),
    '10:00:05 New SMTP DCID 200 interface 192.0.2.25 address 203.0.113.80 port 25',
    '10:00:05 Delivery start DCID 200 MID 1404 to RID [0, 1]',
    "10:00:06 Bounced: DCID 200 MID 1404 to RID 1 - 5.1.0 - Unknown address error ('550', ['5.1.1 User unknown']) []",
    '10:00:06 Message done DCID 200 MID 1404 to RID [0]',
    "10:00:06 MID 1404 RID [0] Response '2.0.0 Ok'",
  );
  const [story] = await tell(log, {}, over(200, captured('accepted', { code: 250, text: '2.0.0 Ok' })));
  expect(story?.deliveries).toMatchObject([{ dcid: 200, contradiction: false }]);
  expect(story && outcomes(story)).toEqual([`${BOB} delivered 1404`, 'gone@example.com bounced 1404']);
  expect(story?.recipients.map(({ why }) => why).join()).not.toContain('But the capture');
});

test('possible delivery, and the capture shows the answer: taken once, and the appliance never knew', async () => {
  const log = logOf(
    ...received(1404, 10293, [BOB]),
    '10:00:05 New SMTP DCID 200 interface 192.0.2.25 address 203.0.113.80 port 25',
    '10:00:05 Delivery start DCID 200 MID 1404 to RID [0]',
    '10:05:05 Possible Delivery: DCID 200 MID 1404 to RID [0]',
    '10:05:05 Message done DCID 200 MID 1404 to RID [0]',
  );
  const [story] = await tell(log, {}, over(200, captured('accepted', { code: 250, text: '2.0.0 Ok' })));
  expect(story?.deliveries).toMatchObject([{ contradiction: true }]);
  expect(story?.recipients[0]?.why).toContain('But the capture shows that the receiver took it');
});
