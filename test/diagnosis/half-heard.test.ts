import { describe, expect, test } from 'vitest';
import type { Judgement } from '../../src/model/judgement.ts';
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST } from '../../src/model/packet.ts';
import type { Wire } from '../support/segments.ts';
import { LOGGED_ENVELOPE, LOGGED_OPENING, envelope, greet, inData, logged, message, trial } from '../support/trial.ts';

const SECOND = 1_000_000;
const FIN = TCP_FIN | TCP_ACK;

type Story = (wire: Wire) => Wire;

/** Each closes and acknowledges, as stacks do. */
const clientCloses: Story = (wire) => wire.client(FIN).server(TCP_ACK).server(FIN).client(TCP_ACK);
const serverCloses: Story = (wire) => wire.server(FIN).client(TCP_ACK).client(FIN).server(TCP_ACK);
const quits: Story = (wire) => serverCloses(wire.says('QUIT').answers('221 bye').client(TCP_ACK));
const says421: Story = (wire) => serverCloses(wire.answers('421 4.4.2 closing').client(TCP_ACK));
/** What it said and its FIN are acknowledged together. */
const says421AtOnce: Story = (wire) => wire.answers('421 4.4.2 closing').server(FIN).client(FIN).server(TCP_ACK);

function told({ verdict: { cause, actor, stage, confidence } }: Judgement): string {
  return `${cause} by ${actor} at ${stage}, ${confidence}`;
}

/** What both sides show, then what the client's packets alone do, then the server's. */
const STORIES: readonly (readonly [name: string, story: Story, both: string, client: string, server: string])[] = [
  [
    'a message and QUIT',
    (wire) => quits(message(wire)),
    'completed by client at quit, strong',
    'completed by client at quit, limited',
    'completed by client at quit, moderate',
  ],
  [
    'QUIT after RCPT',
    (wire) => quits(envelope(wire)),
    'client-quit by client at rcpt, strong',
    'client-quit by client at rcpt, moderate',
    'client-quit by client at rcpt, moderate',
  ],
  [
    'RSET and QUIT',
    (wire) => quits(envelope(wire).says('RSET').answers('250 reset').client(TCP_ACK)),
    'client-quit by client at quit, strong',
    'client-quit by client at quit, moderate',
    'client-quit by client at quit, moderate',
  ],
  [
    'a refused message and QUIT',
    (wire) => quits(inData(wire).says('Subject: x\r\n\r\nx\r\n.').answers('554 5.7.1 no').client(TCP_ACK)),
    'rejected by appliance at data-end, strong',
    'completed by client at quit, limited',
    'rejected by appliance at data-end, moderate',
  ],
  [
    'QUIT is all that the client says',
    (wire) => quits(wire.handshake().answers('220 esa ESMTP').client(TCP_ACK)),
    'client-quit by client at quit, strong',
    'client-quit by client at quit, limited',
    'client-quit by client at quit, moderate',
  ],
  [
    'the client closes after the greeting',
    (wire) => clientCloses(wire.handshake().answers('220 esa ESMTP').client(TCP_ACK)),
    'premature-fin by client at banner, moderate',
    'premature-fin by client at banner, moderate',
    'premature-fin by client at banner, moderate',
  ],
  [
    'the client closes after RCPT',
    (wire) => clientCloses(envelope(wire)),
    'premature-fin by client at rcpt, moderate',
    'premature-fin by client at rcpt, moderate',
    'premature-fin by client at rcpt, moderate',
  ],
  [
    'the client closes after DATA',
    (wire) => clientCloses(inData(wire)),
    'premature-fin by client at data-command, moderate',
    'premature-fin by client at data-command, moderate',
    'premature-fin by client at data-command, moderate',
  ],
  [
    'the client closes in the message, with its last octets',
    (wire) =>
      inData(wire)
        .client(FIN | TCP_PSH, { text: 'Subject: half' })
        .server(FIN)
        .client(TCP_ACK),
    'premature-fin by client at data-body, moderate',
    'premature-fin by client at data-body, moderate',
    'premature-fin by client at data-body, limited',
  ],
  [
    'the client closes after its message',
    (wire) => clientCloses(message(wire)),
    'premature-fin by client at idle-after-message, moderate',
    'premature-fin by client at idle-after-message, moderate',
    'premature-fin by client at idle-after-message, moderate',
  ],
  [
    'silence after EHLO, then 421',
    (wire) => says421(greet(wire).wait(300 * SECOND)),
    'timeout by appliance at helo, moderate',
    'timeout by appliance at helo, moderate',
    'timeout by appliance at helo, moderate',
  ],
  [
    'silence after a message, then 421 and FIN in one go',
    (wire) => says421AtOnce(message(wire).wait(300 * SECOND)),
    'timeout by appliance at idle-after-message, moderate',
    'timeout by appliance at idle-after-message, moderate',
    'timeout by appliance at idle-after-message, moderate',
  ],
  [
    'silence in the message, then a FIN without a word',
    (wire) =>
      serverCloses(
        inData(wire)
          .says('Subject: half')
          .server(TCP_ACK)
          .wait(300 * SECOND),
      ),
    'timeout by appliance at data-body, strong',
    'timeout by appliance at data-body, moderate',
    'timeout by appliance at data-body, moderate',
  ],
  [
    'no answer to the message, and the client gives up',
    (wire) =>
      clientCloses(
        inData(wire)
          .says('Subject: x\r\n\r\nx\r\n.')
          .server(TCP_ACK)
          .wait(600 * SECOND),
      ),
    'timeout by client at data-end, moderate',
    'timeout by client at data-end, moderate',
    'premature-fin by client at data-body, moderate',
  ],
  [
    'a greeting that refuses',
    (wire) => wire.handshake().answers('554 no access').server(FIN).client(FIN).server(TCP_ACK),
    'rejected by appliance at banner, strong',
    'rejected by appliance at banner, limited',
    'rejected by appliance at banner, moderate',
  ],
  [
    '421 in answer to MAIL',
    (wire) => says421AtOnce(greet(wire).says('MAIL FROM:<a@example.org>')),
    'rejected by appliance at mail, strong',
    'rejected by appliance at mail, limited',
    'rejected by appliance at helo, moderate',
  ],
  [
    'the server closes after RCPT without a word',
    (wire) => serverCloses(envelope(wire).wait(1.5 * SECOND)),
    'premature-fin by appliance at rcpt, strong',
    'premature-fin by appliance at rcpt, moderate',
    'premature-fin by appliance at rcpt, moderate',
  ],
];

describe('one direction is in the file', () => {
  test.each(STORIES)('%s', async (_, story, both, client, server) => {
    expect(told(await trial(story))).toBe(both);
    expect(told(await trial(story, { only: 0 }))).toBe(client);
    expect(told(await trial(story, { only: 1 }))).toBe(server);
  });

  test('whether the message was accepted is not claimed', async () => {
    const judged = await trial((wire) => quits(message(wire)), { only: 0 });
    expect(judged.verdict.statement).toBe('The client ended the session with QUIT after its message; whether that was accepted is not in the inputs.');
    expect(judged.transactions).toMatchObject([{ outcome: 'unknown' }]);
    expect(judged.impact).toBe('unknown');
  });

  test('six octets before the FIN are missing: they may have been QUIT', async () => {
    const judged = await trial((wire) => clientCloses(envelope(wire).client(TCP_PSH | TCP_ACK, { text: 'QUIT\r\n', lost: true })), { only: 0 });
    expect(told(judged)).toBe('undetermined by undetermined at rcpt, undetermined');
    expect(judged.verdict.alternatives.map(({ cause }) => cause)).toEqual(['completed', 'premature-fin']);
  });

  test('what the client answers with a RST was said after its FIN: the server had not closed before', async () => {
    const judged = await trial((wire) => envelope(wire).says('DATA').answers('354 go').client(TCP_ACK).client(FIN).answers('421 bye').reset(), { only: 0 });
    expect(told(judged)).toBe('premature-fin by client at data-command, moderate');
  });

  test.each([
    [
      'client',
      'premature-fin by client at data-body, moderate',
      (wire: Wire) => inData(wire).says('Subject: half').client(FIN, { lost: true }).server(FIN).client(TCP_ACK),
    ],
    [
      'client, who said nothing,',
      'premature-fin by client at banner, moderate',
      (wire: Wire) => wire.handshake().answers('220 esa ESMTP').client(TCP_ACK).client(FIN, { lost: true }).server(FIN).client(TCP_ACK),
    ],
    [
      'server',
      'timeout by appliance at rcpt, moderate',
      (wire: Wire) =>
        envelope(wire)
          .wait(300 * SECOND)
          .server(FIN, { lost: true })
          .client(FIN)
          .server(TCP_ACK),
    ],
  ])('the FIN of the %s alone is missing, and is acknowledged together with what it said', async (_, expected, story) => {
    expect(told(await trial(story))).toBe(expected);
  });

  test('a FIN that acknowledges octets which the file lacks may answer one', async () => {
    const judged = await trial((wire) =>
      inData(wire)
        .says('Subject: half')
        .client(FIN | TCP_PSH, { text: 'and more', lost: true })
        .server(FIN)
        .client(TCP_ACK),
    );
    expect(told(judged)).toBe('premature-fin by appliance at data-body, limited');
  });

  test.each([
    ['without a log', undefined, 'client-quit by client at quit, limited'],
    [
      'with the log',
      [LOGGED_OPENING, 'ICID 5 REJECT SG BLACKLIST match 198.51.100.7 SBRS not enabled', 'ICID 5 close'],
      'rejected by appliance at banner, moderate',
    ],
  ])('the greeting is lost, and QUIT answers it: %s', async (_, lines, expected) => {
    const judged = await trial((wire) => quits(wire.handshake().answers('554 no access', { lost: true }).client(TCP_ACK)), lines ? logged(...lines) : {});
    expect(told(judged)).toBe(expected);
  });

  test('the appliance no longer knows the connection, and nothing in the file had closed it', async () => {
    const story = (wire: Wire) => inData(wire).says('Subject: half').server(TCP_RST, { window: 0, ipId: 0 });
    expect(told(await trial(story))).toBe('rst by appliance at data-body, moderate');
    expect(told(await trial(story, logged(...LOGGED_ENVELOPE, 'ICID 5 lost')))).toBe('rst by appliance at data-body, limited');
  });

  test('the FIN is repeated and never answered: the server had not closed before', async () => {
    const judged = await trial(
      (wire) =>
        envelope(wire)
          .client(FIN)
          .wait(SECOND)
          .client(FIN, { seq: wire.next[0] - 1 }),
      { only: 0 },
    );
    expect(told(judged)).toBe('premature-fin by client at rcpt, moderate');
  });
});
