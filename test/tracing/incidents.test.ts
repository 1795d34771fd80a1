import { describe, expect, test } from 'vitest';
import { nameChain } from '../../src/render/message-words.ts';
import { listConnections } from '../../src/tracing/index.ts';
import { delivered, headerOf, logOf, outcomes, PLAIN_CLOCK, readAll, received, tell } from './stories.ts';

const BOB = 'bob@example.com';
const EVE = 'eve@example.com';

/** The whole stay in the local spam quarantine, up to the release. */
const IN_SPAM_QUARANTINE = [
  ...received(1357, 10152, [BOB]),
  '10:00:01 MID 1357 interim verdict using engine: CASE spam positive',
  '10:00:01 MID 1357 using engine: CASE spam positive',
  '10:00:01 ISQ: Tagging MID 1357 for quarantine',
  '10:00:01 MID 1357 queued for delivery',
  '10:00:02 RPC Delivery start RCID 161 MID 1357 to local IronPort Spam Quarantine',
  '10:00:03 ISQ: Quarantined MID 1357',
  '10:00:03 RPC Message done RCID 161 MID 1357',
  '10:00:03 Message finished MID 1357 done',
  '10:00:09 ICID 10152 close',
];
const RELEASED = [
  '10:05:00 Start MID 1359 ICID 0 (ISQ Released Message)',
  '10:05:00 ISQ: Reinjected MID 1357 as MID 1359',
  '10:05:00 MID 1359 ICID 0 From: <ann@partner.example>',
  `10:05:00 MID 1359 ICID 0 RID 0 To: <${BOB}>`,
  "10:05:00 MID 1359 Subject '[SPAM] Figures 1357'",
  '10:05:00 MID 1359 ready 3000 bytes from <ann@partner.example>',
  '10:05:00 MID 1359 queued for delivery',
  ...delivered(1359, 165, [0], '10:05:00', '10:05:01'),
  '10:05:01 Message finished MID 1359 done',
  '10:05:06 DCID 165 close',
];
const RELEASED_EUQ = [
  '10:05:00 ISQ: Releasing MID [1357] for all',
  '10:05:00 ISQ: Delivering released MID 1357 (skipping work queue)',
  '10:05:00 ISQ: Corpus status: 0',
  `10:05:01 ISQ: Released MID 1357 to ${BOB}`,
  '10:05:01 ISQ: Deleting MID [1357] for all',
  '10:05:01 ISQ: Deleted MID 1357 for all',
];

describe('the spam quarantine', () => {
  test('released: reinjected under a new MID and delivered; with and without euq_logs', async () => {
    for (const files of [[logOf(...IN_SPAM_QUARANTINE, ...RELEASED)], [logOf(...RELEASED_EUQ), logOf(...IN_SPAM_QUARANTINE, ...RELEASED)]]) {
      const [story, ...others] = await tell(files);
      expect(others).toEqual([]);
      expect(story).toMatchObject({ mid: 1357, outcome: 'delivered', subject: 'Figures 1357', messageId: '<figures.1357@partner.example>', octets: 2048 });
      expect(story?.lineage.map(({ mid, relation, from }) => [mid, relation, from])).toEqual([
        [1357, 'origin', null],
        [1359, 'reinjected', 1357],
      ]);
      expect(story?.recipients).toMatchObject([{ rid: 0, address: BOB, outcome: 'delivered', mid: 1359 }]);
      expect(story?.recipients[0]?.why).toContain('2.0.0 Ok: queued as Q165');
      expect(story?.deliveries).toMatchObject([{ dcid: 165, rids: [0], mid: 1359, response: '2.0.0 Ok: queued as Q165', remote: '203.0.113.80:25' }]);
      expect(story?.legs).toContainEqual(expect.objectContaining({ kind: 'quarantine', seconds: 297 }));
      expect(story?.legs.at(-1)).toMatchObject({ kind: 'total', seconds: 301 });
    }
  });

  test('whichever MID of the chain is asked for, it is the same story', async () => {
    const log = logOf(...IN_SPAM_QUARANTINE, ...RELEASED);
    const [asked] = await tell(log, { mid: [1357] });
    expect(asked).toBeDefined();
    expect(await tell(log, { mid: [1359] })).toEqual([asked]);
    expect(await tell(log, { mid: [1359, 1357] })).toEqual([asked]);
    expect(await tell(log, { dcid: [165] })).toEqual([asked]);
    expect(await tell(log, { icid: [10152] })).toEqual([asked]);
  });

  test('still there', async () => {
    const [story] = await tell(logOf(...IN_SPAM_QUARANTINE));
    expect(story && outcomes(story)).toEqual([`${BOB} quarantined 1357`]);
  });

  test('deleted: only euq_logs know', async () => {
    const euq = logOf('18:00:00 ISQ: Deleting MID [1357] for all', '18:00:00 ISQ: Deleted MID 1357 for all');
    const [story] = await tell([euq, logOf(...IN_SPAM_QUARANTINE)]);
    expect(story && outcomes(story)).toEqual([`${BOB} dropped 1357`]);
    expect(story?.recipients[0]?.why).toContain('7 h 59 min after it came in');
  });

  test('deleted, and nothing but euq_logs: the message is known by its number', async () => {
    const [story] = await tell(logOf('18:00:00 ISQ: Deleting MID [1357] for all', '18:00:00 ISQ: Deleted MID 1357 for all'));
    expect(story).toMatchObject({ mid: 1357, outcome: 'dropped', recipients: [] });
  });

  test('released, and nothing but euq_logs: what came of it stands elsewhere, and says so', async () => {
    const [story] = await tell(logOf(...RELEASED_EUQ));
    expect(story?.outcome).toBe('unknown');
    expect(story?.caveats.join()).toContain('mail_logs');
  });

  test('released to one of two, deleted for the other', async () => {
    const [story] = await tell([
      logOf(
        '10:05:00 ISQ: Releasing MID [1357] for bob@example.com',
        `10:05:01 ISQ: Released MID 1357 to ${BOB}`,
        '10:05:01 ISQ: Deleting MID [1357] for bob@example.com',
        '10:05:01 ISQ: Deleted MID 1357 for bob@example.com',
        '19:00:00 ISQ: Deleted MID 1357 for eve@example.com',
      ),
      logOf(...received(1357, 10152, [BOB, EVE]), ...IN_SPAM_QUARANTINE.slice(10), ...RELEASED),
    ]);
    expect(story && outcomes(story)).toEqual([`${BOB} delivered 1359`, `${EVE} dropped 1357`]);
    expect(story?.outcome).toBe('mixed');
  });

  test('off the box, over a DCID: done is not delivered', async () => {
    const [story] = await tell(
      logOf(
        ...received(1357, 10152, [BOB]),
        '10:00:01 ISQ: Tagging MID 1357 for quarantine',
        '10:00:01 MID 1357 queued for delivery',
        '10:00:02 New SMTP DCID 99 interface 192.0.2.25 address 192.0.2.60 port 6025',
        '10:00:02 Delivery start DCID 99 MID 1357 to RID [0] to offbox IronPort Spam Quarantine',
        '10:00:03 Message done DCID 99 MID 1357 to RID [0] (external quarantine)',
        "10:00:03 MID 1357 RID [0] Response 'ok:  Message 77 accepted'",
        '10:00:03 Message finished MID 1357 done',
      ),
    );
    expect(story && outcomes(story)).toEqual([`${BOB} quarantined 1357`]);
    expect(story?.recipients[0]?.why).toContain('DCID 99');
  });
});

describe('policy, virus and outbreak quarantines', () => {
  const HELD = [...received(1361, 10160, [BOB]), '10:00:01 MID 1361 quarantined to "Policy" (content filter:hold)'];

  test('released by hand: the same MID goes on', async () => {
    const [story] = await tell(
      logOf(
        ...HELD,
        '10:00:30 MID 1361 released from quarantine "Policy" (manual) t=29',
        '10:00:30 MID 1361 released from all quarantines',
        '10:00:30 MID 1361 antivirus negative',
        '10:00:30 MID 1361 queued for delivery',
        ...delivered(1361, 169, [0], '10:00:31', '10:00:32'),
        '10:00:32 Message finished MID 1361 done',
      ),
    );
    expect(story && outcomes(story)).toEqual([`${BOB} delivered 1361`]);
    expect(story?.deliveries).toMatchObject([{ dcid: 169 }]);
    expect(story?.legs).toContainEqual(expect.objectContaining({ kind: 'quarantine', seconds: 29 }));
  });

  test('the excerpt that begins with the release: t= tells how long, and the missing start is said', async () => {
    const [story] = await tell(
      logOf(
        '10:00:30 MID 1361 released from quarantine "Policy" (manual) t=29',
        '10:00:30 MID 1361 released from all quarantines',
        '10:00:30 MID 1361 queued for delivery',
        ...delivered(1361, 169, [0], '10:00:31', '10:00:32'),
        '10:00:32 Message finished MID 1361 done',
      ),
    );
    expect(story && outcomes(story)).toEqual(['RID 0 delivered 1361']);
    expect(story?.legs).toContainEqual(expect.objectContaining({ kind: 'quarantine', seconds: 29 }));
    expect(story?.caveats[0]).toContain('in the middle of MID 1361');
  });

  test('released under a new MID', async () => {
    const [story] = await tell(
      logOf(
        ...HELD,
        '10:09:00 MID 1361 rewritten to 1370 by Policy Quarantine',
        '10:09:00 MID 1370 queued for delivery',
        ...delivered(1370, 170, [0], '10:09:01', '10:09:02'),
      ),
    );
    expect(story?.lineage.map(({ relation }) => relation)).toEqual(['origin', 'released-as']);
    expect(story && outcomes(story)).toEqual([`${BOB} delivered 1370`]);
  });

  test('expired: deleted, or released at the end of its time', async () => {
    const [deleted] = await tell(
      logOf(...HELD, '20:00:01 MID 1361 deleted from quarantine "Policy" (expired) t=36000', '20:00:01 MID 1361 deleted from all quarantines'),
    );
    expect(deleted && outcomes(deleted)).toEqual([`${BOB} dropped 1361`]);
    expect(deleted?.recipients[0]?.why).toContain('"Policy" (expired), 10 h 0 min after it came in');
    const [freed] = await tell(
      logOf(
        ...HELD,
        '20:00:01 MID 1361 released from quarantine "Policy" (expired) t=36000',
        '20:00:01 MID 1361 released from all quarantines',
        ...delivered(1361, 171, [0], '20:00:02', '20:00:03'),
      ),
    );
    expect(freed && outcomes(freed)).toEqual([`${BOB} delivered 1361`]);
  });

  test('held by two: released from one it lies in the other', async () => {
    const [story] = await tell(
      logOf(...HELD, '10:00:01 MID 1361 quarantined to "Virus" (message filter:zip)', '10:20:00 MID 1361 released from quarantine "Policy" (manual) t=1199'),
    );
    expect(story?.recipients).toMatchObject([{ outcome: 'quarantined', why: 'it lies in the quarantine "Virus"' }]);
  });

  test('centralised on the SMA, and back', async () => {
    const handed = [...received(1361, 10160, [BOB]), '10:00:01 MID 1361 enqueued for transfer to centralized quarantine "Policy" (content filter:hold)'];
    const [waiting] = await tell(logOf(...handed));
    expect(waiting?.recipients).toMatchObject([{ outcome: 'quarantined' }]);
    const [back] = await tell(
      logOf(
        ...handed,
        '10:30:00 Start MID 1380 ICID 0',
        '10:30:00 MID 1380 received from the SMA sma.example.com (MID originally 1361) on release from quarantine "Policy"',
        `10:30:00 MID 1380 ICID 0 RID 0 To: <${BOB}>`,
        ...delivered(1380, 172, [0], '10:30:01', '10:30:02'),
      ),
    );
    expect(back && outcomes(back)).toEqual([`${BOB} delivered 1380`]);
  });
});

describe('delivery', () => {
  test('bounced: the bounce is part of the story, and goes to the sender', async () => {
    const [story, ...others] = await tell(
      logOf(
        ...received(1404, 10293, [BOB]),
        '10:00:01 MID 1404 queued for delivery',
        '10:00:05 New SMTP DCID 200 interface 192.0.2.25 address 203.0.113.80 port 25',
        '10:00:05 Delivery start DCID 200 MID 1404 to RID [0]',
        "10:00:06 Bounced: DCID 200 MID 1404 to RID 0 - 5.1.0 - Unknown address error ('550', ['5.1.1 no such user']) []",
        '10:00:06 Start MID 1405 ICID 0',
        '10:00:06 MID 1405 was generated for bounce of MID 1404',
        '10:00:06 MID 1405 ICID 0 From: <>',
        '10:00:06 MID 1405 ICID 0 RID 0 To: <ann@partner.example>',
        '10:00:06 Message finished MID 1404 done',
        ...delivered(1405, 201, [0], '10:00:07', '10:00:08'),
        '10:00:08 Message finished MID 1405 done',
      ),
    );
    expect(others).toEqual([]);
    expect(story && outcomes(story)).toEqual([`${BOB} bounced 1404`, 'ann@partner.example delivered 1405']);
    expect(story?.recipients[0]?.why).toContain('550 5.1.1 no such user');
    // What becomes of the bounce is not what became of the message.
    expect(story?.outcome).toBe('bounced');
    expect(story?.lineage.at(-1)).toMatchObject({ mid: 1405, relation: 'bounce', from: 1404 });
    expect(story?.deliveries[0]).toMatchObject({ dcid: 200, response: '550 5.1.1 no such user' });
  });

  test('delayed, then delivered', async () => {
    const lines = [
      ...received(1404, 10293, [BOB]),
      '10:00:01 MID 1404 queued for delivery',
      '10:00:05 Delivery start DCID 200 MID 1404 to RID [0]',
      "10:00:06 Delayed: DCID 200 MID 1404 to RID 0 - 4.2.1 - Mailbox busy ('451', ['4.2.1 try later']) []",
      '10:00:06 Message 1404 to RID [0] pending till Tue Mar  3 10:01:06 2026',
      '10:00:06 DCID 200 close',
    ];
    const [waiting] = await tell(logOf(...lines));
    expect(waiting?.recipients).toMatchObject([{ outcome: 'delayed' }]);
    expect(waiting?.recipients[0]?.why).toContain('next attempt at Tue Mar  3 10:01:06 2026');
    const [story] = await tell(logOf(...lines, ...delivered(1404, 201, [0], '10:01:06', '10:01:07'), '10:01:07 Message finished MID 1404 done'));
    expect(story && outcomes(story)).toEqual([`${BOB} delivered 1404`]);
    expect(story?.recipients[0]?.why).toContain('after one failed attempt');
    expect(story?.deliveries.map(({ dcid, response }) => [dcid, response])).toEqual([
      [200, '451 4.2.1 try later'],
      [201, '2.0.0 Ok: queued as Q201'],
    ]);
    expect(story?.legs).toContainEqual(expect.objectContaining({ kind: 'retry', seconds: 60 }));
  });

  test('two recipients, two ends; a third that was refused', async () => {
    const [story] = await tell(
      logOf(
        ...received(1404, 10293, [BOB, EVE]),
        '10:00:00 MID 1404 ICID 10293 To: <nobody@example.com> Rejected by RAT',
        '10:00:05 Delivery start DCID 200 MID 1404 to RID [0, 1]',
        '10:00:06 Message done DCID 200 MID 1404 to RID [0]',
        "10:00:06 MID 1404 RID [0] Response '2.0.0 Ok'",
        "10:00:06 Bounced: DCID 200 MID 1404 to RID 1 - 5.2.2 - Mailbox full ('552', ['5.2.2 full']) []",
        '10:00:06 Message finished MID 1404 done',
      ),
    );
    expect(story && outcomes(story)).toEqual([`${BOB} delivered 1404`, `${EVE} bounced 1404`, 'nobody@example.com bounced 1404']);
    expect(story?.recipients[2]?.why).toContain('refused at RCPT by RAT');
    expect(story?.outcome).toBe('mixed');
  });

  test('possible delivery: counted as delivered, and it says on what ground', async () => {
    const [story] = await tell(
      logOf(
        ...received(1404, 10293, [BOB]),
        '10:00:05 Delivery start DCID 200 MID 1404 to RID [0]',
        '10:05:05 Possible Delivery: DCID 200 MID 1404 to RID [0]',
        '10:05:05 Message done DCID 200 MID 1404 to RID [0]',
        '10:05:05 Message finished MID 1404 done',
      ),
    );
    expect(story?.recipients).toMatchObject([{ outcome: 'delivered' }]);
    expect(story?.recipients[0]?.why).toContain('never answered');
    const ends = story?.events.filter(({ kind }) => kind === 'possible-delivery' || kind === 'counted' || kind === 'delivered').map(({ text }) => text);
    expect(ends).toEqual([`DCID 200: the message was sent to ${BOB}, but its end was never answered`, 'the appliance counts it as delivered over DCID 200']);
  });

  test('a bounce without any connection; a bounce that bounces', async () => {
    const [story] = await tell(
      logOf(
        ...received(1404, 10293, [BOB]),
        "10:00:06 Bounced: DCID 0 MID 1404 to RID 0 - 5.4.7 - Delivery expired (message too old) ('000', ['timeout']) []",
        '10:00:06 MID 1405 was generated for bounce of MID 1404',
        '10:00:06 MID 1405 ICID 0 RID 0 To: <ann@partner.example>',
        "10:00:07 Double bounce: MID 1405 to RID 0 - 5.1.2 - Bad destination host ('000', ['DNS Hard Error'])",
      ),
    );
    expect(story && outcomes(story)).toEqual([`${BOB} bounced 1404`, 'ann@partner.example dropped 1405']);
    expect(story?.deliveries).toMatchObject([{ dcid: 0, session: null }]);
  });

  test('bounce_logs alone name the recipient', async () => {
    const [story] = await tell(
      logOf(`10:00:06 Bounced: 1404:0 From:<ann@partner.example> To:<${BOB}> Reason: "5.1.0 - Unknown address error" Response: "('550', ['no such user'])"`),
    );
    expect(story && outcomes(story)).toEqual([`${BOB} bounced 1404`]);
  });
});

describe('splits, rewrites and copies', () => {
  test('a split: each recipient is followed under its own MID', async () => {
    const [story, ...others] = await tell(
      logOf(
        ...received(1404, 10293, [BOB, EVE]),
        '10:00:01 MID 1404 was split creating MID 1405 due to a per-recipient policy Board Members in the inbound table',
        `10:00:01 MID 1405 ICID 0 RID 0 To: <${EVE}>`,
        '10:00:02 MID 1405 quarantined to "Policy" (content filter:hold)',
        ...delivered(1404, 200, [0]),
        '10:00:06 Message finished MID 1404 done',
      ),
    );
    expect(others).toEqual([]);
    expect(story && outcomes(story)).toEqual([`${BOB} delivered 1404`, `${EVE} quarantined 1405`]);
  });

  test('a split whose parts name nobody: numbers tell, where they can', async () => {
    const parts = [
      ...received(1404, 10293, [BOB, EVE]),
      '10:00:01 MID 1404 was split creating MID 1405 due to a per-recipient policy A in the inbound table',
      '10:00:01 MID 1404 was split creating MID 1406 due to a per-recipient policy B in the inbound table',
      '10:00:01 Message finished MID 1404 done',
    ];
    const [story] = await tell(
      logOf(...parts, ...delivered(1405, 200, [0]), "10:00:06 Bounced: DCID 201 MID 1406 to RID 1 - 5.1.0 - Unknown address error ('550', ['no']) []"),
    );
    expect(story && outcomes(story)).toEqual([`${BOB} delivered 1405`, `${EVE} bounced 1406`]);
    const [dropped] = await tell(logOf(...parts, '10:00:02 Message aborted MID 1405 Dropped by CASE', '10:00:02 MID 1406 quarantined to "Policy" (x)'));
    expect(dropped && outcomes(dropped)).toEqual([`${BOB} unknown 1404`, `${EVE} unknown 1404`]);
    expect(dropped?.recipients[0]?.why).toContain('MID 1405 and 1406');
  });

  test('rewritten to another recipient, with a copy to the archive', async () => {
    const [story] = await tell(
      logOf(
        ...received(1404, 10293, [BOB]),
        "10:00:01 MID 1404 rewritten to MID 1405 by alt-rcpt-to-filter filter 'away'",
        '10:00:01 MID 1405 ICID 0 RID 0 To: <deputy@example.com>',
        '10:00:01 Start MID 1406 ICID 0',
        "10:00:01 MID 1406 was generated based on MID 1404 by bcc filter 'archive'",
        '10:00:01 MID 1406 ICID 0 RID 0 To: <archive@example.com>',
        '10:00:01 Message finished MID 1404 done',
        ...delivered(1405, 200, [0]),
        ...delivered(1406, 201, [0]),
      ),
    );
    expect(story && outcomes(story)).toEqual([`${BOB} delivered 1405`, 'archive@example.com delivered 1406']);
    expect(story?.lineage.map(({ mid, relation, from }) => [mid, relation, from])).toEqual([
      [1404, 'origin', null],
      [1405, 'rewritten', 1404],
      [1406, 'generated', 1404],
    ]);
  });

  test('dropped by a filter, bounced by a policy', async () => {
    const [dropped] = await tell(
      logOf(
        ...received(1404, 10293, [BOB]),
        "10:00:01 Message aborted MID 1404 Dropped by content filter 'no-macros' in the inbound table",
        '10:00:01 Message finished MID 1404 aborted',
      ),
    );
    expect(dropped && outcomes(dropped)).toEqual([`${BOB} dropped 1404`]);
    expect(dropped?.recipients[0]?.why).toContain('no-macros');
    const [bounced] = await tell(logOf(...received(1404, 10293, [BOB]), '10:00:01 MID 1404 was bounced by policy Board Members in the inbound table'));
    expect(bounced && outcomes(bounced)).toEqual([`${BOB} bounced 1404`]);
  });
});

describe('interrupted receptions', () => {
  const BEGUN = received(1404, 10293, [BOB]).slice(0, 5);

  test.each([
    ['lost', ['10:00:36 ICID 10293 lost', '10:00:36 Message aborted MID 1404 Receiving aborted'], 'lost: the client was gone'],
    ['by sender', ['10:00:36 Message aborted MID 1404 Receiving aborted by sender'], 'receiving aborted by sender'],
    [
      'timeout',
      [
        '10:05:00 Message aborted MID 1404 Receiving aborted',
        '10:05:00 ICID 10293 disconnected address 198.51.100.7, no messages injected within timeout period',
      ],
      'no message within the timeout',
    ],
  ])('%s', async (_, lines, logView) => {
    const [story] = await tell(logOf(...BEGUN, ...lines, '10:05:00 Message finished MID 1404 aborted', '10:05:00 ICID 10293 close'));
    expect(story && outcomes(story)).toEqual([`${BOB} aborted 1404`]);
    expect(story?.receptions[0]?.logView).toContain(logView);
  });

  test('aborted before any recipient', async () => {
    const [story] = await tell(logOf(...BEGUN.slice(0, 4), '10:00:36 Message aborted MID 1404 Receiving aborted'));
    expect(story).toMatchObject({ outcome: 'aborted', recipients: [] });
  });
});

describe('borders of the log', () => {
  test('it ends while the message waits', async () => {
    const [story] = await tell(logOf(...received(1404, 10293, [BOB]), '10:00:01 MID 1404 queued for delivery', '10:00:13 ICID 10293 close'));
    expect(story?.recipients).toMatchObject([{ outcome: 'unknown', why: 'the log ends 12 s after its last line, while it waited for delivery' }]);
    expect(story?.caveats).toContainEqual(expect.stringContaining('not finished where the log ends'));
  });

  test('it ends in the middle of an attempt', async () => {
    const [story] = await tell(logOf(...received(1404, 10293, [BOB]), '10:00:05 Delivery start DCID 200 MID 1404 to RID [0]'));
    expect(story?.recipients[0]?.why).toBe('the log ends with its last line, in the middle of the attempt over DCID 200');
  });

  test('it begins too late', async () => {
    const [story] = await tell(
      logOf(
        ...headerOf('10:00:00', '564D-1'),
        '10:00:00 MID 1404 queued for delivery',
        '10:00:01 Start MID 1500 ICID 11000',
        ...delivered(1404, 200, [0]),
        '10:00:06 Message finished MID 1404 done',
      ),
      { mid: [1404] },
    );
    expect(story?.outcome).toBe('delivered');
    expect(story?.caveats).toEqual([expect.stringContaining('the log begins too late for MID 1404')]);
  });

  test('a line is missing: finished, and nobody says how', async () => {
    const [story] = await tell(logOf(...received(1404, 10293, [BOB]), '10:00:01 MID 1404 queued for delivery', '10:00:09 Message finished MID 1404 done'));
    expect(story?.recipients).toMatchObject([{ outcome: 'unknown' }]);
    expect(story?.recipients[0]?.why).toMatch(/a line is missing.*last seen while it waited for delivery/);
  });

  test('silent for hours while the log goes on', async () => {
    const [story] = await tell(logOf(...received(1404, 10293, [BOB]), '18:00:00 Start MID 1900 ICID 12000'), { mid: [1404] });
    expect(story?.recipients[0]?.why).toContain('a line is missing, or it still waits: its last line stands 8 h 0 min before the end of the log');
  });
});

describe('files that were joined in another order', () => {
  const night = [...received(1404, 10293, [BOB], '01:30:00'), '01:30:01 MID 1404 quarantined to "Policy" (content filter:hold)', '01:30:02 ICID 10293 close'];
  const morning = ['09:00:00 MID 1404 released from quarantine "Policy" (manual) t=26999', ...delivered(1404, 200, [0], '09:00:01', '09:00:02')];

  test('the later part first: the times tell what came last', async () => {
    const [story] = await tell(logOf(...morning, ...night));
    expect(story && outcomes(story)).toEqual([`${BOB} delivered 1404`]);
    expect(story?.events.map(({ kind }) => kind).filter((kind) => kind === 'quarantined' || kind === 'delivered')).toEqual(['quarantined', 'delivered']);
  });

  test('a clock that is set back by an hour: the order of the lines tells', async () => {
    const summer = night.map((line) => line.replace('01:30', '02:50'));
    const [story] = await tell(logOf(...summer, ...morning.map((line) => line.replace('09:00', '02:05'))));
    expect(story && outcomes(story)).toEqual([`${BOB} delivered 1404`]);
  });
});

describe('numbers that are used twice', () => {
  test('after a reset of the counters', async () => {
    const first = logOf(
      ...headerOf('10:00:00', '564D-1'),
      ...received(7, 3, [BOB]),
      ...delivered(7, 5, [0]),
      '10:00:06 Message finished MID 7 done',
      '10:00:07 DCID 5 close',
    );
    const second = logOf(
      ...headerOf('15:00:00', '564D-1'),
      ...received(7, 3, [EVE], '15:00:00'),
      "15:00:06 Bounced: DCID 5 MID 7 to RID 0 - 5.1.0 - Unknown address error ('550', ['no']) []",
      '15:00:06 Message finished MID 7 done',
    );
    const stories = await tell([first, second], { mid: [7] });
    expect(stories.map(outcomes)).toEqual([[`${BOB} delivered 7`], [`${EVE} bounced 7`]]);
    expect(stories.map(({ deliveries }) => deliveries.map(({ response }) => response))).toEqual([['2.0.0 Ok: queued as Q5'], ['550 no']]);
    const [late, ...others] = await tell([first, second], { mid: [7], since: Date.UTC(2026, 2, 3, 14) * 1000 });
    expect(late && outcomes(late)).toEqual([`${EVE} bounced 7`]);
    expect(others).toEqual([]);
  });

  test('by two appliances', async () => {
    const one = logOf(...headerOf('10:00:00', '564D-1'), ...received(7, 3, [BOB]), ...delivered(7, 5, [0]));
    const two = logOf(...headerOf('10:00:00', '564D-2'), ...received(7, 3, [EVE]), '10:00:03 MID 7 quarantined to "Policy" (x)');
    const stories = await tell([one, two], { mid: [7] });
    expect(new Set(stories.map(({ serial }) => serial))).toEqual(new Set(['564D-1', '564D-2']));
    expect(stories).toHaveLength(2);
    const [second, ...others] = await tell([one, two], { mid: [7], serial: ['564D-2'] });
    expect(second && outcomes(second)).toEqual([`${EVE} quarantined 7`]);
    expect(others).toEqual([]);
  });
});

describe('other logs', () => {
  const CEF =
    '10:00:09 CEF:0|Cisco|C100V|15.0.0-104|ESA_CONSOLIDATED_LOG_EVENT|Consolidated Log Event|5|ESAMID=1404 ESAICID=10293 ESADCID=200 act=DELIVERED suser=<ann@partner.example> duser=bob@example.com;eve@example.com msg=Figures cs4=<f.1@partner.example>';

  test('a consolidated event alone tells the whole message in one line', async () => {
    const [story] = await tell(logOf(CEF));
    expect(story).toMatchObject({ mid: 1404, sender: 'ann@partner.example', subject: 'Figures', messageId: '<f.1@partner.example>', outcome: 'delivered' });
    expect(story && outcomes(story)).toEqual([`${BOB} delivered 1404`, `${EVE} delivered 1404`]);
    expect(story?.deliveries).toMatchObject([{ dcid: 200 }]);
    expect(story?.receptions).toMatchObject([{ icid: 10293 }]);
  });

  test('whom it came from stands in it, too', async () => {
    const [story] = await tell(
      logOf(
        '10:00:00 CEF:0|Cisco|C100V|15.0.0-104|ESA_CONSOLIDATED_LOG_EVENT|Consolidated Log Event|5|ESAMID=7 ESAICID=8 act=DELIVERED sourceAddress=198.51.100.7',
      ),
    );
    expect(story?.receptions).toMatchObject([{ icid: 8, client: '198.51.100.7' }]);
  });

  test('beside mail_logs it says nothing against them', async () => {
    const [story] = await tell(
      logOf(
        ...received(1404, 10293, [BOB, EVE]),
        ...delivered(1404, 200, [0]),
        "10:00:06 Bounced: DCID 200 MID 1404 to RID 1 - 5.2.2 - Mailbox full ('552', ['full']) []",
        CEF,
      ),
    );
    expect(story && outcomes(story)).toEqual([`${BOB} delivered 1404`, `${EVE} bounced 1404`]);
    expect(story?.deliveries.map(({ rids }) => rids)).toEqual([[0], [1]]);
  });

  test('numbers used again after a reset: each connection has the use of its MID that came in on it', async () => {
    const log = await readAll(
      logOf(
        '10:00:00 Start MID 5 ICID 7',
        '10:00:01 Message finished MID 5 done',
        ...received(5, 7, [BOB], '18:00:00'),
        '18:00:40 Message aborted MID 5 Receiving aborted',
      ),
    );
    const views = [...listConnections({ log, clock: PLAIN_CLOCK })].map(({ report }) => report.logView);
    expect(views).toEqual(['no line tells how it ended', 'no line tells how it ended; receiving aborted']);
    const [first, second] = log.injections;
    expect(first && log.message('', 5, first.last)?.aborted).toBeNull();
    expect(second && log.message('', 5, second.last)?.aborted?.how).toBe('receiving');
  });

  test('what only a consolidated event tells is not cut by the borders of the log', async () => {
    const [story] = await tell(logOf(CEF));
    expect(story?.caveats).toEqual(['MID 1404 is known from a consolidated event only, which sums up its way: no line tells the steps']);
  });

  test('one attempt with two ends keeps the answer of the one that was taken, and a bounce of the other is no part of the chain', async () => {
    const [story] = await tell(
      logOf(
        ...received(1404, 10293, [BOB, EVE]),
        '10:00:05 Delivery start DCID 200 MID 1404 to RID [0, 1]',
        "10:00:06 Bounced: DCID 200 MID 1404 to RID 1 - 5.2.2 - Mailbox full ('552', ['full']) []",
        '10:00:06 Message done DCID 200 MID 1404 to RID [0]',
        "10:00:06 MID 1404 RID [0] Response '2.0.0 Ok'",
        '10:00:06 MID 1405 generated for bounce of MID 1404',
        '10:00:07 MID 1405 rewritten to MID 1406 by add-footer filter',
      ),
    );
    expect(story?.deliveries).toMatchObject([{ dcid: 200, response: '2.0.0 Ok' }]);
    expect(story?.deliveries[0]?.logView).toContain('the receiver answered "2.0.0 Ok"');
    expect(story && nameChain(story)).toBe('1404');
  });

  test('a status log shows that the appliance was overloaded while the message waited', async () => {
    const status = logOf(
      '09:59:00 Status: CPULd 99 ResCon 80 WorkQ 9000 CrtMID 1400',
      '10:00:03 Status: CPULd 99 DskIO 0 RAMUtil 9 CrtMID 1404 CrtICID 1 CrtDCID 1 CrtCncIn 3 ResCon 60 WorkQ 5300',
      '10:00:04 Status: CPULd 2 DskIO 0 RAMUtil 9 CrtMID 1404 CrtICID 1 CrtDCID 1 CrtCncIn 3 ResCon 0 WorkQ 2',
    );
    const [story] = await tell([status, logOf(...received(1404, 10293, [BOB]), ...delivered(1404, 200, [0]))]);
    expect(story?.events.filter(({ kind }) => kind === 'overload')).toMatchObject([
      { text: 'the appliance is busy: resource conservation 60, 5300 messages in the work queue', lines: [{ input: 0, line: 2 }] },
    ]);
  });

  test('a status log shows when a message came in whose start no log has', async () => {
    const status = (time: string, mid: number) => `${time} Status: CPULd 9 CrtMID ${mid} CrtICID 11 CrtDCID 3 ResCon 0 WorkQ 0`;
    const statuses = logOf(status('08:00:00', 1390), status('08:01:00', 1402), status('08:02:00', 1409), status('10:00:00', 1500));
    const late = logOf(...delivered(1404, 200, [0]), '10:00:06 Message finished MID 1404 done');
    const [story] = await tell([late, statuses], { mid: [1404] });
    expect(story?.caveats).toContain(
      'status lines show that MID 1404 was given between 2026-03-03 08:01:00 and 2026-03-03 08:02:00 UTC: the logs of that time have its start',
    );
    const [known] = await tell([logOf(...received(1404, 10293, [BOB])), statuses], { mid: [1404] });
    expect(known?.caveats.join()).not.toContain('status lines');
  });

  test('and when a connection was opened whose opening no log has', async () => {
    const status = (time: string, icid: number) => `${time} Status: CPULd 9 CrtMID 9 CrtICID ${icid} CrtDCID 3 ResCon 0 WorkQ 0`;
    const statuses = logOf(status('09:58:00', 10200), status('09:59:00', 10300), status('10:00:00', 10310));
    const [, ...late] = received(1404, 10293, [BOB]);
    const [story] = await tell([logOf(...late), statuses], { mid: [1404] });
    expect(story?.caveats).toContain(
      'status lines show that ICID 10293 was given between 2026-03-03 09:58:00 and 2026-03-03 09:59:00 UTC: the logs of that time have its start',
    );
  });

  test('what an SMA released comes in again: the Message-ID points to it', async () => {
    const again = received(1500, 10400, [BOB], '12:00:00').map((line) => line.replace('figures.1500', 'figures.1357'));
    const [story] = await tell(logOf(...received(1357, 10152, [BOB]), '10:00:03 Message done DCID 99 MID 1357 to RID [0] (external quarantine)', ...again), {
      mid: [1357],
    });
    expect(story?.outcome).toBe('quarantined');
    expect(story?.caveats.join()).toContain('MID 1500 has the same Message-ID');
  });
});
