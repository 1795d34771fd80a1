import { describe, expect, test } from 'vitest';
import type { Judgement } from '../../src/model/judgement.ts';
import { TCP_ACK, TCP_FIN } from '../../src/model/packet.ts';
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
});
