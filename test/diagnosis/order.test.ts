import { describe, expect, test } from 'vitest';
import type { Judgement } from '../../src/model/judgement.ts';
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_SYN } from '../../src/model/packet.ts';
import type { SegmentFields, Wire } from '../support/segments.ts';
import { envelope, inData, record, trial } from '../support/trial.ts';

const SECOND = 1_000_000;
const FIN = TCP_FIN | TCP_ACK;
const LOST: SegmentFields = { lost: true };

function who({ verdict }: Judgement): string {
  return `${verdict.cause} by ${verdict.actor}`;
}

describe('one direction is stamped later than the other', () => {
  test('a FIN that acknowledges a FIN came after it', async () => {
    const judged = await trial((wire) => {
      const [client, server] = envelope(wire).next;
      return wire.server(FIN, { ack: client + 1 }).client(FIN, { ack: server });
    });
    expect(who(judged)).toBe('premature-fin by client');
  });

  test('a FIN that acknowledges the QUIT came after it', async () => {
    const judged = await trial((wire) => {
      const [client, server] = envelope(wire).next;
      return wire.server(FIN, { ack: client + 6 }).says('QUIT', { ack: server });
    });
    expect(who(judged)).toBe('client-quit by client');
  });

  test('all that the client said is stamped later than its answers: each answer is told behind what it answers', async () => {
    const judged = await trial((wire) => {
      const words = ['EHLO mail.example.org', 'MAIL FROM:<a@example.org>', 'RCPT TO:<b@example.com>', 'BDAT 4 LAST\r\nx\r\n', 'QUIT'];
      const replies = ['220 mx.example.com ESMTP', '250 mx.example.com', '250 ok', '250 ok', '250 queued', '221 bye'];
      const said = words.map((word) => word.length + 2).map((_, i, sizes) => sizes.slice(0, i).reduce((sum, size) => sum + size, 1));
      wire.server(TCP_SYN | TCP_ACK, { ack: 1, afterUs: 100 });
      for (const [i, reply] of replies.entries()) wire.answers(reply, { ack: said[i] ?? (said.at(-1) ?? 1) + 6, afterUs: 100 });
      wire.client(TCP_SYN, { seq: 0 });
      for (const word of words) wire.client(TCP_PSH | TCP_ACK, { text: `${word}\r\n`, afterUs: 100 });
      return wire.close();
    });
    expect(who(judged)).toBe('completed by client');
  });

  test('an alert that the appliance had acknowledged when it closed came before', async () => {
    const judged = await trial((wire) => {
      const [client, server] = envelope(wire).says('STARTTLS').answers('220 Go ahead').next;
      const alert = new Uint8Array([21, 3, 3, 0, 2, 2, 48]);
      const hello = new Uint8Array([22, 3, 3, 0, 6, 1, 0, 0, 2, 3, 3]);
      wire.client(TCP_PSH | TCP_ACK, { text: hello }).server(TCP_PSH | TCP_ACK, { text: new Uint8Array([22, 3, 3, 0, 6, 2, 0, 0, 2, 3, 3]) });
      wire.server(FIN, { ack: client + hello.length + alert.length });
      return wire.client(TCP_PSH | TCP_ACK, { text: alert, ack: server + 11 });
    });
    expect(who(judged)).toBe('tls-failure by client');
  });

  test('where each acknowledges the other the stamps decide', async () => {
    const judged = await trial((wire) => {
      const [client] = envelope(wire).next;
      return wire.server(FIN, { ack: client + 1 }).client(FIN);
    });
    expect(who(judged)).toBe('premature-fin by appliance');
  });
});

describe('two capture points', () => {
  const elsewhere = (story: (wire: Wire) => unknown) => {
    const [captured] = record([story], { vantage: 'client', client: { ttl: 64 }, server: { ttl: 61 } }).sessions;
    return [
      { name: 'client', captured: captured ?? null, offsetUs: 0, context: { firstUs: 0, lastUs: Number.MAX_SAFE_INTEGER, reportedDrops: 0, snapLength: null } },
    ];
  };

  test('a proxy died: either end answers a FIN that the other never sent', async () => {
    const judged = await trial((wire) => inData(wire).says('Subject: x').client(FIN).server(FIN), {
      others: elsewhere((wire) => inData(wire).says('Subject: x').server(FIN).client(FIN)),
    });
    expect(who(judged)).toBe('premature-fin by middlebox');
  });

  test('a file that lost packets does not show that the appliance did not send them', async () => {
    const farewell = '421 Timed out waiting for successful message injection, disconnecting.';
    const judged = await trial(
      (wire) =>
        inData(wire)
          .wait(300 * SECOND)
          .answers(farewell, LOST)
          .server(FIN, LOST)
          .client(FIN)
          .server(TCP_ACK),
      {
        others: elsewhere((wire) =>
          inData(wire)
            .wait(300 * SECOND)
            .answers(farewell)
            .server(FIN)
            .client(FIN)
            .server(TCP_ACK),
        ),
      },
    );
    expect(judged.verdict.actor).not.toBe('middlebox');
  });

  test('a file that ends before does not show that the appliance did not send them', async () => {
    const farewell = '421 Timed out waiting for successful message injection, disconnecting.';
    const judged = await trial((wire) => inData(wire), {
      others: elsewhere((wire) =>
        inData(wire)
          .wait(300 * SECOND)
          .answers(farewell)
          .server(FIN)
          .client(FIN)
          .server(TCP_ACK),
      ),
    });
    expect(judged.verdict.actor).not.toBe('middlebox');
  });

  test("a file without the appliance's packets does not show what it never said", async () => {
    const oneSided = (wire: Wire) => {
      wire
        .client(TCP_SYN)
        .server(TCP_SYN | TCP_ACK, LOST)
        .client(TCP_ACK)
        .answers('220 esa.example.com ESMTP', LOST);
      wire.says('EHLO mail.example.org').answers('250 esa.example.com', LOST).says('MAIL FROM:<a@example.org>');
      return wire.answers('550 #5.1.0 Address rejected.', LOST).says('QUIT').answers('221 bye', LOST).client(FIN).server(FIN, LOST);
    };
    const whole = (wire: Wire) => {
      wire.handshake().answers('220 esa.example.com ESMTP').says('EHLO mail.example.org').answers('250 esa.example.com');
      return wire.says('MAIL FROM:<a@example.org>').answers('550 #5.1.0 Address rejected.').says('QUIT').answers('221 bye').client(FIN).server(FIN);
    };
    expect((await trial(oneSided, { others: elsewhere(whole) })).verdict.actor).not.toBe('middlebox');
  });
});
