import { describe, expect, test } from 'vitest';
import type { Judgement } from '../../src/model/judgement.ts';
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from '../../src/model/packet.ts';
import type { SegmentFields, Wire } from '../support/segments.ts';
import { LOGGED_ENVELOPE, LOGGED_OPENING, envelope, greet, inData, logged, message, record, trial } from '../support/trial.ts';

const SECOND = 1_000_000;
const FIN = TCP_FIN | TCP_ACK;
const LOST: SegmentFields = { lost: true };

function who({ verdict }: Judgement): string {
  return `${verdict.cause} by ${verdict.actor}`;
}

/** Nothing but SYN, FIN and RST: what was said is known by its numbers alone. */
function flagsOnly(wire: Wire): Wire {
  return wire
    .client(TCP_SYN)
    .server(TCP_SYN | TCP_ACK)
    .client(TCP_ACK, LOST)
    .answers('220 esa.example.com ESMTP', LOST)
    .says('EHLO mail.example.org', LOST)
    .answers('250 esa.example.com', LOST)
    .wait(SECOND);
}

describe('the filter let nothing in but SYN, FIN and RST', () => {
  test('a RST behind octets refuses nothing', async () => {
    const judged = await trial((wire) => flagsOnly(wire).client(TCP_RST | TCP_ACK));
    expect(judged.verdict.cause).toBe('rst');
    expect(judged.verdict.stage).not.toBe('connect');
  });

  test.each([0, 1] as const)('why side %d closed was said in words that nobody can read', async (side) => {
    const judged = await trial((wire) => {
      flagsOnly(wire).says('QUIT', LOST).answers('221 esa.example.com', LOST);
      return side === 0 ? wire.client(FIN).server(FIN) : wire.server(FIN).client(FIN);
    });
    expect(who(judged)).toBe('undetermined by undetermined');
    expect(judged.verdict.alternatives.map(({ cause }) => cause)).toContain('premature-fin');
  });

  test('that the log has lost the connection excludes a QUIT', async () => {
    const judged = await trial((wire) => flagsOnly(wire).client(FIN).server(FIN), logged(LOGGED_OPENING, 'ICID 5 lost', 'ICID 5 close'));
    expect(who(judged)).toBe('premature-fin by client');
  });

  test('that octets before a FIN never came is the filter, too', async () => {
    const judged = await trial((wire) => {
      const [client] = flagsOnly(wire).server(FIN, { ack: 1 }).next;
      return wire.client(TCP_RST, { seq: client });
    });
    expect(judged.verdict.cause).not.toBe('silent-drop');
  });

  test('the first packet behind the SYN/ACK is no measure of the round trip', () => {
    const { sessions } = record([(wire) => flagsOnly(wire).client(FIN).server(FIN)]);
    expect(sessions[0]?.connection.originatorRttUs).toBeNull();
    expect(sessions[0]?.connection.establishedUs).toBe((sessions[0]?.connection.firstUs ?? 0) + 1_000);
  });
});

describe('a single packet is missing', () => {
  test('the 421: the silence before the FIN still tells', async () => {
    const judged = await trial((wire) =>
      envelope(wire)
        .wait(300 * SECOND)
        .answers('421 Timed out', LOST)
        .server(FIN)
        .client(FIN),
    );
    expect(who(judged)).toBe('timeout by appliance');
  });

  test('the 421, with no silence to tell: it may have been anything', async () => {
    const judged = await trial((wire) => envelope(wire).answers('421 Service not available', LOST).server(FIN).client(FIN));
    expect(who(judged)).toBe('undetermined by undetermined');
  });

  test("the client's FIN: its acknowledgement shows who closed first", async () => {
    const judged = await trial((wire) => envelope(wire).client(FIN, LOST).server(FIN).client(TCP_ACK));
    expect(who(judged)).toBe('premature-fin by client');
  });

  test('what a client heard after a long silence may have been the farewell', async () => {
    const judged = await trial((wire) =>
      inData(wire)
        .wait(30 * SECOND)
        .answers('421 Timed out', LOST)
        .server(FIN, LOST)
        .client(FIN)
        .server(TCP_ACK),
    );
    expect(judged.verdict.confidence).toBe('limited');
  });
});

describe('only one direction is in the file', () => {
  test('221 tells of the QUIT, and an answer to the message of its end', async () => {
    const judged = await trial((wire) => {
      wire.server(TCP_SYN | TCP_ACK, { seq: 0, ack: 1 });
      for (const line of ['220 mx.example.com', '250 mx.example.com', '250 2.1.0 Ok', '250 2.1.5 Ok', '354 go', '250 2.0.0 queued', '221 bye'])
        wire.client(TCP_PSH | TCP_ACK, { text: 'x'.repeat(20), ...LOST }).answers(line);
      return wire.client(FIN, LOST).server(FIN);
    });
    expect(judged.verdict.cause).toBe('completed');
  });

  test('the client said QUIT when its message had been answered, whatever the answer was', async () => {
    const judged = await trial((wire) => {
      wire
        .client(TCP_SYN)
        .server(TCP_SYN | TCP_ACK, LOST)
        .client(TCP_ACK);
      for (const line of ['EHLO mail.example.org', 'MAIL FROM:<a@example.org>', 'RCPT TO:<b@example.com>', 'DATA', 'Subject: x\r\n\r\nx\r\n.'])
        wire.says(line).answers('250 what is not in the file', LOST);
      return wire.says('QUIT').server(FIN, LOST).client(FIN);
    });
    expect(judged.verdict).toMatchObject({ cause: 'completed', confidence: 'limited' });
  });

  test('a refusal of what is not in the file, and a reset behind it', async () => {
    const judged = await trial((wire) => {
      wire.server(TCP_SYN | TCP_ACK, { seq: 0, ack: 1 });
      for (const line of ['220 mx.example.com', '250 mx.example.com', '250 2.1.0 Ok', '250 2.1.5 Ok', '354 go', '554 5.7.1 spam'])
        wire.client(TCP_PSH | TCP_ACK, { text: 'x'.repeat(20), ...LOST }).answers(line);
      return wire.reset(1);
    });
    expect(judged.verdict.cause).toBe('rejected');
  });

  test('the answer to a message is lost, and the client had heard it before its QUIT', async () => {
    const judged = await trial((wire) => inData(wire).says('Subject: x\r\n\r\nx\r\n.').answers('250 queued', LOST).says('QUIT').answers('221 bye').close());
    expect(judged.verdict).toMatchObject({ cause: 'completed', confidence: 'limited' });
  });

  test('records of TLS hold ends of lines, too: their sender is no client for that', async () => {
    const record = new Uint8Array(200).fill(10);
    record.set([23, 3, 3, 0, 195]);
    const judged = await trial((wire) =>
      wire
        .server(TCP_PSH | TCP_ACK, { seq: 1, ack: 1, text: record })
        .client(TCP_PSH | TCP_ACK, { seq: 1, text: record })
        .reset(0),
    );
    expect(judged.verdict.actor).toBe('client');
  });
});

describe('TLS that never came about', () => {
  const begun = (wire: Wire) => greet(wire).says('STARTTLS').answers('220 Go ahead').client(TCP_ACK);

  test('nobody speaks after the go-ahead: the appliance gives up', async () => {
    const hello = new Uint8Array([22, 3, 1, 0, 6, 1, 0, 0, 2, 3, 3]);
    const judged = await trial((wire) =>
      begun(wire)
        .client(TCP_PSH | TCP_ACK, { text: hello })
        .server(TCP_PSH | TCP_ACK, { text: new Uint8Array([22, 3, 3, 0, 6, 2, 0, 0, 2, 3, 3]) })
        .client(TCP_ACK)
        .wait(300 * SECOND)
        .server(FIN)
        .client(FIN),
    );
    expect(who(judged)).toBe('timeout by appliance');
  });

  test('the client left before STARTTLS was answered: there was no handshake to fail', async () => {
    const judged = await trial(
      (wire) =>
        greet(wire)
          .says('STARTTLS')
          .wait(6 * SECOND)
          .says('QUIT')
          .client(FIN)
          .answers('220 Go ahead')
          .server(FIN),
      logged(LOGGED_OPENING, "+6 ICID 5 TLS failed: (336151576, 'closed before the handshake')", '+6 ICID 5 close'),
    );
    expect(judged.verdict.cause).not.toBe('tls-failure');
  });
});

describe('what was refused, and what was withdrawn', () => {
  test('RSET behind a refusal does not move the step that was refused', async () => {
    const judged = await trial((wire) =>
      message(wire)
        .says('MAIL FROM:<sender@example.org>')
        .answers('250 sender <sender@example.org> ok')
        .says('RCPT TO:<ghost@example.com>')
        .answers('550 #5.1.0 Address rejected.')
        .says('RSET')
        .answers('250 reset')
        .says('QUIT')
        .answers('221 bye')
        .close(),
    );
    expect(judged.verdict).toMatchObject({ cause: 'rejected', stage: 'rcpt' });
  });

  test('the log says "by sender" of a RSET, and "lost" behind it: that was no QUIT', async () => {
    const judged = await trial(
      envelope,
      logged(
        ...LOGGED_ENVELOPE,
        '+1 Message aborted MID 77 Receiving aborted by sender',
        '+1 Message finished MID 77 aborted',
        '+1 ICID 5 lost',
        '+1 ICID 5 close',
      ),
    );
    expect(who(judged)).toBe('undetermined by client');
  });
});
