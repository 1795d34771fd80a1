import { describe, expect, test } from 'vitest';
import { delivered, logOf, outcomes, received, tell } from './stories.ts';

/** MID 71 goes to the spam quarantine on 192.0.2.60 and lies there. */
const HANDED_OVER = [
  ...received(71, 11, ['bob@example.com', 'dave@example.com']),
  '10:00:04 MID 71 queued for delivery',
  '10:00:05 New SMTP DCID 31 interface 192.0.2.25 address 192.0.2.60 port 6025',
  '10:00:05 Delivery start DCID 31 MID 71 to RID [0, 1] to offbox IronPort Spam Quarantine',
  '10:00:06 Message done DCID 31 MID 71 to RID [0, 1] (external quarantine)',
  '10:00:06 Message finished MID 71 done',
];

interface Copy {
  readonly from?: string;
  readonly to?: string;
  readonly messageId?: string | null;
  readonly subject?: string;
  readonly address?: string;
}

/** MID 90 comes in over ICID 19 from the SMA. */
function copy({
  from = 'ann@partner.example',
  to = 'bob@example.com',
  messageId = 'figures.71@partner.example',
  subject = 'Figures 71',
  address = '192.0.2.60',
}: Copy = {}): string[] {
  return [
    `12:00:00 New SMTP ICID 19 interface Data 1 (192.0.2.25) address ${address} reverse dns host unknown verified no`,
    '12:00:00 ICID 19 RELAY SG RELAYLIST match 192.0.2.60 SBRS rfc1918',
    '12:00:00 Start MID 90 ICID 19',
    `12:00:00 MID 90 ICID 19 From: <${from}>`,
    `12:00:00 MID 90 ICID 19 RID 0 To: <${to}>`,
    ...(messageId === null ? [] : [`12:00:00 MID 90 Message-ID '<${messageId}>'`]),
    `12:00:00 MID 90 Subject '${subject}'`,
    '12:00:00 MID 90 ready 2048 bytes from <ann@partner.example>',
    '12:00:00 MID 90 queued for delivery',
    ...delivered(90, 39, [0], '12:00:01', '12:00:02'),
    '12:00:02 Message finished MID 90 done',
  ];
}

async function edgeOf(lines: readonly string[]): Promise<unknown> {
  const [story, other] = await tell(logOf(...lines), { mid: [71] });
  expect(other).toBeUndefined();
  return story?.lineage.map(({ mid, relation, confidence }) => `${mid} ${relation} ${confidence}`);
}

describe('a message that comes back from a quarantine on another box', () => {
  test('is one story: who was released has it, the other one has not', async () => {
    const stories = await tell(logOf(...HANDED_OVER, ...copy()));
    expect(stories.map(outcomes)).toEqual([['bob@example.com delivered 90', 'dave@example.com quarantined 71']]);
    const [story] = stories;
    expect(story?.lineage[1]).toMatchObject({
      mid: 90,
      relation: 'released-as',
      from: 71,
      by: 'the quarantine at 192.0.2.60',
      confidence: 'strong',
      evidence: 'the same Message-ID, it came from 192.0.2.60, to which the original went, the same sender, no other recipients, the same subject',
    });
    expect(story?.legs.find(({ kind }) => kind === 'quarantine')).toMatchObject({ mid: 71, seconds: 7194 });
    expect(story?.events.filter(({ kind }) => kind === 'released-as')).toHaveLength(1);
    expect(story?.caveats).toEqual([]);
  });

  test('told by a line, nothing is inferred', async () => {
    const line = '12:00:00 MID 90 received from the SMA sma.example.com (MID originally 71) on release from Policy quarantine';
    expect(await edgeOf([...HANDED_OVER, ...copy(), line])).toEqual(['71 origin proven', '90 released-as proven']);
  });

  test('whichever of the two is asked for', async () => {
    expect((await tell(logOf(...HANDED_OVER, ...copy()), { mid: [90] })).map(({ mid }) => mid)).toEqual([71]);
  });

  test.each<[string, Copy, string[]]>([
    ['no Message-ID in the log', { messageId: null }, ['71 origin proven', '90 released-as moderate']],
    ['nothing but the Message-ID and the address', { from: 'srs=ann@relay.example', to: 'list@example.com' }, ['71 origin proven', '90 released-as moderate']],
    ['another Message-ID', { messageId: 'other@partner.example' }, ['71 origin proven']],
    ['another subject and no Message-ID', { messageId: null, subject: 'Minutes' }, ['71 origin proven']],
    ['sent again by who sent it first', { address: '198.51.100.7' }, ['71 origin proven']],
    ['the same from elsewhere', { address: '203.0.113.99' }, ['71 origin proven']],
  ])('%s', async (_, change, lineage) => {
    expect(await edgeOf([...HANDED_OVER, ...copy(change)])).toEqual(lineage);
  });

  test('a policy quarantine by its port alone: the connection delivers nothing', async () => {
    const lines = HANDED_OVER.map((line) =>
      line.replace('6025', '7025').replace(' to offbox IronPort Spam Quarantine', '').replace(' (external quarantine)', ''),
    );
    const [story] = await tell(logOf(...lines));
    expect(story?.recipients.map(({ outcome }) => outcome)).toEqual(['quarantined', 'quarantined']);
    expect(await edgeOf([...lines, ...copy()])).toEqual(['71 origin proven', '90 released-as strong']);
  });

  test('a centralised quarantine of which no connection is logged: by Message-ID and envelope, with less certainty', async () => {
    const lines = [...received(71, 11, ['bob@example.com']), '10:00:04 MID 71 enqueued for transfer to centralized quarantine "Policy" (content filter:hold)'];
    expect(await edgeOf([...lines, ...copy()])).toEqual(['71 origin proven', '90 released-as limited']);
    expect(await edgeOf([...lines, ...copy({ address: '198.51.100.7' })])).toEqual(['71 origin proven']);
  });

  test('several copies, one for each recipient released', async () => {
    const second = copy({ to: 'dave@example.com' }).map((line) =>
      line
        .replaceAll(' 90', ' 91')
        .replaceAll(/ICID 19/g, 'ICID 20')
        .replaceAll(' 39', ' 40')
        .replace('12:', '13:'),
    );
    const stories = await tell(logOf(...HANDED_OVER, ...copy(), ...second));
    expect(stories.map(outcomes)).toEqual([['bob@example.com delivered 90', 'dave@example.com delivered 91']]);
  });
});
