import { describe, expect, test } from 'vitest';
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from '../../src/model/packet.ts';
import { sentence } from '../../src/diagnosis/wording.ts';
import type { Judgement } from '../../src/model/judgement.ts';
import type { Wire } from '../support/segments.ts';
import { LOGGED_ENVELOPE, envelope, greet, inData, logged, message, trial } from '../support/trial.ts';

function verdict({ verdict: { cause, actor, stage } }: Judgement): string {
  return `${cause} by ${actor} at ${stage}`;
}

const SECOND = 1_000_000;

describe('sessions that end with a word', () => {
  test('a message and QUIT: nothing happened', async () => {
    const judged = await trial((wire) => message(wire).says('QUIT').answers('221 bye').close());
    expect(verdict(judged)).toBe('completed by client at quit');
    expect(judged.impact).toBe('none');
    expect(judged.transactions).toMatchObject([{ mid: 77, outcome: 'accepted' }]);
  });

  test('QUIT after RCPT withdraws the message', async () => {
    const judged = await trial((wire) => envelope(wire).says('QUIT').answers('221 bye').close());
    expect(verdict(judged)).toBe('client-quit by client at rcpt');
    expect(judged.impact).toBe('message-lost');
  });

  test('QUIT without mail', async () => {
    expect(verdict(await trial((wire) => greet(wire).says('QUIT').answers('221 bye').close()))).toBe('client-quit by client at quit');
  });

  test('a RST after QUIT is noise', async () => {
    const judged = await trial((wire) => message(wire).says('QUIT').answers('221 bye').reset());
    expect(verdict(judged)).toBe('completed by client at quit');
    expect(judged.consequences).toHaveLength(1);
  });

  test('a second message withdrawn by QUIT', async () => {
    const judged = await trial((wire) =>
      message(wire)
        .says('MAIL FROM:<a@example.org>')
        .answers('250 ok')
        .says('RCPT TO:<b@example.com>')
        .answers('250 ok')
        .says('QUIT')
        .answers('221 bye')
        .close(),
    );
    expect(verdict(judged)).toBe('client-quit by client at rcpt');
    expect(judged.transactions.map(({ outcome }) => outcome)).toEqual(['accepted', 'withdrawn']);
  });

  test('the greeting is a refusal', async () => {
    expect(
      verdict(
        await trial((wire) =>
          wire
            .handshake()
            .answers('554 no access')
            .server(TCP_FIN | TCP_ACK)
            .client(TCP_FIN | TCP_ACK)
            .server(TCP_ACK),
        ),
      ),
    ).toBe('rejected by appliance at banner');
  });

  test('the message is refused and the client quits', async () => {
    const judged = await trial((wire) => inData(wire).says('Subject: x\r\n\r\nx\r\n.').answers('554 5.7.1 no').says('QUIT').answers('221 bye').close());
    expect(verdict(judged)).toBe('rejected by appliance at data-end');
    expect(judged.impact).toBe('none');
  });

  test('a recipient is refused and the client leaves without QUIT', async () => {
    const judged = await trial((wire) =>
      greet(wire)
        .says('MAIL FROM:<a@example.org>')
        .answers('250 ok')
        .says('RCPT TO:<b@example.com>')
        .answers('550 no such user')
        .client(TCP_FIN | TCP_ACK)
        .server(TCP_FIN | TCP_ACK),
    );
    expect(verdict(judged)).toBe('rejected by appliance at rcpt');
  });

  test('one recipient refused, the message accepted for the other', async () => {
    const judged = await trial((wire) =>
      envelope(wire)
        .says('RCPT TO:<none@example.com>')
        .answers('550 no such user')
        .says('DATA')
        .answers('354 go')
        .says('Subject: x\r\n\r\nx\r\n.')
        .answers('250 ok')
        .says('QUIT')
        .answers('221 bye')
        .close(),
    );
    expect(verdict(judged)).toBe('completed by client at quit');
  });
});

describe('premature FIN', () => {
  test.each([
    ['banner', (wire: Parameters<typeof greet>[0]) => wire.handshake().answers('220 esa ESMTP').client(TCP_ACK)],
    ['helo', greet],
    ['rcpt', envelope],
    ['data-command', inData],
    ['data-body', (wire: Parameters<typeof greet>[0]) => inData(wire).says('Subject: half').server(TCP_ACK)],
    ['idle-after-message', message],
  ] as const)('at %s', async (stage, upTo) => {
    const judged = await trial((wire) =>
      upTo(wire)
        .client(TCP_FIN | TCP_ACK)
        .server(TCP_ACK)
        .server(TCP_FIN | TCP_ACK)
        .client(TCP_ACK),
    );
    expect(verdict(judged)).toBe(`premature-fin by client at ${stage}`);
    expect(judged.verdict.actorConfidence).toBe('moderate');
    expect(judged.verdict.alternatives).toMatchObject([{ actor: 'middlebox' }]);
  });

  test('the word QUIT inside the message is no command', async () => {
    expect(
      verdict(
        await trial((wire) =>
          inData(wire)
            .says('QUIT')
            .client(TCP_FIN | TCP_ACK)
            .server(TCP_FIN | TCP_ACK),
        ),
      ),
    ).toBe('premature-fin by client at data-body');
  });

  test('a FIN whose answer is a reset of the late reply stays a FIN', async () => {
    const judged = await trial((wire) =>
      envelope(wire)
        .says('DATA')
        .client(TCP_FIN | TCP_ACK)
        .answers('354 go ahead')
        .client(TCP_RST, { seq: 0, window: 0, ipId: 0 }),
    );
    expect(verdict(judged)).toBe('premature-fin by client at data-command');
  });
});

describe('timeouts', () => {
  test('silent for five minutes, then 421', async () => {
    const judged = await trial((wire) =>
      envelope(wire)
        .wait(300 * SECOND)
        .answers('421 Timed out waiting for successful message injection, disconnecting.')
        .server(TCP_FIN | TCP_ACK)
        .client(TCP_ACK)
        .client(TCP_FIN | TCP_ACK),
    );
    expect(verdict(judged)).toBe('timeout by appliance at rcpt');
    expect(judged.verdict).toMatchObject({ causeConfidence: 'strong', silentSide: 'client' });
    expect(judged.evidence.map(({ kind }) => kind)).toContain('wait-fits-timer');
  });

  test('the client closes with the 421 unread: its RST is a consequence', async () => {
    const judged = await trial((wire) =>
      envelope(wire)
        .wait(300 * SECOND)
        .answers('421 Timed out')
        .server(TCP_FIN | TCP_ACK)
        .client(TCP_ACK)
        .wait(2 * SECOND)
        .reset(),
    );
    expect(verdict(judged)).toBe('timeout by appliance at rcpt');
    expect(judged.consequences.length).toBeGreaterThan(0);
  });

  test('the appliance closes without a word after its timeout', async () => {
    const judged = await trial((wire) =>
      envelope(wire)
        .wait(300 * SECOND)
        .server(TCP_FIN | TCP_ACK)
        .client(TCP_ACK),
    );
    expect(verdict(judged)).toBe('timeout by appliance at rcpt');
  });

  test('a wait of whole seconds that fits no timer is moderate at most, and says what would decide', async () => {
    const judged = await trial((wire) =>
      envelope(wire)
        .wait(8 * SECOND)
        .server(TCP_FIN | TCP_ACK)
        .client(TCP_ACK),
    );
    expect([verdict(judged), judged.verdict.causeConfidence]).toEqual(['timeout by appliance at rcpt', 'moderate']);
    expect(judged.verdict.alternatives).toMatchObject([{ cause: 'premature-fin', actor: 'appliance', confidence: 'limited' }]);
    expect(judged.nextCapture.map(({ where }) => where)).toEqual(['in the configuration of both ends']);
  });

  test('the appliance owes the answer and the client gives up', async () => {
    const judged = await trial((wire) =>
      inData(wire)
        .says('Subject: x\r\n\r\nx\r\n.')
        .server(TCP_ACK)
        .wait(600 * SECOND)
        .client(TCP_FIN | TCP_ACK)
        .server(TCP_ACK),
    );
    expect(verdict(judged)).toBe('timeout by client at data-end');
    expect(judged.verdict.silentSide).toBe('appliance');
  });

  test('the window stays closed until the client leaves: the appliance was the silent side', async () => {
    const judged = await trial((wire) =>
      inData(wire)
        .says('Subject: x')
        .server(TCP_ACK, { window: 0 })
        .wait(120 * SECOND)
        .client(TCP_FIN | TCP_ACK)
        .server(TCP_ACK),
    );
    expect(verdict(judged)).toBe('timeout by client at data-body');
  });

  test('five minutes of another meaning: the client owed the word and closed itself', async () => {
    expect(
      verdict(
        await trial((wire) =>
          envelope(wire)
            .wait(300 * SECOND)
            .client(TCP_FIN | TCP_ACK)
            .server(TCP_FIN | TCP_ACK),
        ),
      ),
    ).toBe('premature-fin by client at rcpt');
  });
});

describe('harm', () => {
  const whole = (wire: Wire) => inData(wire).says('Subject: x\r\n\r\nx\r\n.');

  test('accepted, but the client had left before the answer: it will send again', async () => {
    const judged = await trial((wire) =>
      whole(wire)
        .server(TCP_ACK)
        .client(TCP_FIN | TCP_ACK)
        .server(TCP_ACK)
        .answers('250 ok:  Message 77 accepted')
        .client(TCP_RST, { window: 0, ipId: 0 }),
    );
    expect(judged.impact).toBe('duplicate-likely');
  });

  test('an answer that never came is not told as an acceptance', () => {
    expect(sentence('accepted-unheard', { by: 'client', known: true })).toBe('the message was accepted, but the client had left before the answer');
    expect(sentence('accepted-unheard', { by: 'appliance', known: false })).toMatch(/^the whole message went out, and its answer is missing/);
  });

  test('all of it arrived and no answer is in the capture: nobody can tell', async () => {
    expect((await trial((wire) => whole(wire).server(TCP_ACK).reset())).impact).toBe('unknown');
  });

  test('half of it arrived: lost', async () => {
    expect((await trial((wire) => inData(wire).says('Subject: half').server(TCP_ACK).reset())).impact).toBe('message-lost');
  });
});

describe('packets that vanish', () => {
  test('a hole that is never filled', async () => {
    const judged = await trial((wire) => {
      const ack = inData(wire).says('Subject: x').next[0];
      wire
        .server(TCP_ACK)
        .says('lost in between', { lost: true })
        .says('this one arrives')
        .server(TCP_ACK, { ack })
        .wait(300 * SECOND);
      return wire.answers('421 Timed out', { ack });
    });
    expect(verdict(judged)).toBe('silent-drop by undetermined at data-body');
    expect([...judged.evidence][0]).toMatchObject({ kind: 'hole-never-filled', side: 'for' });
  });

  test('what the appliance says is repeated and never acknowledged', async () => {
    const judged = await trial(
      (wire) => {
        const at = envelope(wire).says('DATA').next[1];
        wire.answers('354 go ahead');
        for (const seconds of [0.3, 0.6, 1.2, 2.4, 4.8]) wire.wait(seconds * SECOND).server(TCP_PSH | TCP_ACK, { text: '354 go ahead\r\n', seq: at });
      },
      { runsOnSeconds: 60 },
    );
    expect(verdict(judged)).toBe('silent-drop by undetermined at data-command');
    expect(judged.verdict.silentSide).toBe('client');
  });

  test('a SYN that nobody answers', async () => {
    const judged = await trial((wire) =>
      wire
        .client(TCP_SYN)
        .wait(SECOND)
        .client(TCP_SYN, { seq: 0 })
        .wait(2 * SECOND)
        .client(TCP_SYN, { seq: 0 }),
    );
    expect(verdict(judged)).toBe('silent-drop by undetermined at connect');
  });

  test('a SYN that is refused', async () => {
    expect(verdict(await trial((wire) => wire.client(TCP_SYN).server(TCP_RST | TCP_ACK, { seq: 0 })))).toBe('refused by appliance at connect');
  });

  test('an ICMP error names the box', async () => {
    const quoted = { srcIp: '192.0.2.25', srcPort: 25, dstIp: '198.51.100.7', dstPort: 40_000, seq: null };
    const judged = await trial((wire) => envelope(wire), {
      icmp: [
        {
          input: 0,
          packet: 99,
          atUs: 1_700_000_000_900_000,
          fromIp: '203.0.113.1',
          toIp: '192.0.2.25',
          ttl: 63,
          family: 4,
          type: 3,
          code: 13,
          mtu: null,
          quoted,
        },
      ],
    });
    expect(verdict(judged)).toBe('silent-drop by middlebox at rcpt');
    expect([...judged.evidence][0]?.statement).toContain('203.0.113.1');
  });
});

describe('open ends', () => {
  test('the capture stops while the session is alive', async () => {
    expect(verdict(await trial(envelope))).toBe('still-open by undetermined at rcpt');
  });

  test('the log knows how it ended', async () => {
    const judged = await trial(
      envelope,
      logged(...LOGGED_ENVELOPE, 'Message aborted MID 77 Receiving aborted by sender', 'Message finished MID 77 aborted', 'ICID 5 close'),
    );
    expect(verdict(judged)).toBe('client-quit by client at rcpt');
    expect(judged.verdict.confidence).toBe('moderate');
  });
});
