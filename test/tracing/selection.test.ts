import { describe, expect, test } from 'vitest';
import { delivered, logOf, received, tell } from './stories.ts';

const LOG = logOf(
  ...received(1404, 10293, ['bob@example.com', 'eve@example.com']),
  ...delivered(1404, 200, [0, 1]),
  '10:00:06 Message finished MID 1404 done',
  '11:00:00 New SMTP ICID 10300 interface Data 1 (192.0.2.25) address 203.0.113.9 reverse dns host unknown verified no',
  '11:00:00 Start MID 1500 ICID 10300',
  '11:00:00 MID 1500 ICID 10300 From: <bob@partner.example>',
  '11:00:00 MID 1500 ICID 10300 RID 0 To: <bob@example.com>',
  "11:00:01 MID 1500 Subject '=?utf-8?q?R=C3=A9union?='",
  "11:00:01 MID 1500 Message-ID '<r1@partner.example>'",
  '11:00:01 Message aborted MID 1500 Receiving aborted',
  '11:00:01 Message finished MID 1500 aborted',
);

async function mids(selection: Parameters<typeof tell>[1]): Promise<number[]> {
  return (await tell(LOG, selection)).map(({ mid }) => mid);
}

describe('what is asked for', () => {
  test.each([
    ['nothing: all, the newest last', {}, [1404, 1500]],
    ['a MID', { mid: [1500] }, [1500]],
    ['two MIDs are alternatives', { mid: [1500, 1404] }, [1404, 1500]],
    ['a part of a sender, in any case', { sender: ['PARTNER'] }, [1404, 1500]],
    ['a sender exactly', { sender: ['ann@partner.example'], exact: true }, [1404]],
    ['a sender exactly, in brackets', { sender: ['<ann@PARTNER.example>'], exact: true }, [1404]],
    ['a part is not the whole', { sender: ['partner'], exact: true }, []],
    ['a recipient', { recipient: ['eve'] }, [1404]],
    ['a decoded subject', { subject: ['réunion'] }, [1500]],
    ['a subject as it was sent', { subject: ['=?utf-8?q?R=C3'] }, [1500]],
    ['a Message-ID without brackets, exactly', { messageId: ['r1@partner.example'], exact: true }, [1500]],
    ['an ICID', { icid: [10300] }, [1500]],
    ['a DCID', { dcid: [200] }, [1404]],
    ['ICID or DCID', { dcid: [200], icid: [10300] }, [1404, 1500]],
    ['a client', { client: ['203.0.113.0/24'] }, [1500]],
    ['different options must all hold', { sender: ['partner'], recipient: ['eve'] }, [1404]],
    ['none of both', { sender: ['bob'], recipient: ['eve'] }, []],
    ['from a time on', { since: Date.UTC(2026, 2, 3, 10, 30) * 1000 }, [1500]],
    ['up to a time', { until: Date.UTC(2026, 2, 3, 10, 30) * 1000 }, [1404]],
    ['the second of a line is a second long', { since: Date.UTC(2026, 2, 3, 10, 0, 6) * 1000 + 500_000, until: Date.UTC(2026, 2, 3, 10, 0, 7) * 1000 }, [1404]],
    ['aborted', { outcomes: ['aborted'] }, [1500]],
    ['delivered, and from ann', { outcomes: ['delivered'], sender: ['ann'] }, [1404]],
    ['an unknown appliance', { serial: ['X'] }, []],
  ] as const)('%s', async (_, selection, expected) => {
    expect(await mids(selection)).toEqual(expected);
  });
});
