import { describe, expect, test } from 'vitest';
import { TCP_ACK, TCP_PSH, TCP_RST } from '../../src/model/packet.ts';
import type { Judgement } from '../../src/model/judgement.ts';
import { timestamps, type Wire } from '../support/segments.ts';
import { envelope, inData, message, trial } from '../support/trial.ts';

function who({ verdict }: Judgement): string {
  return `${verdict.cause} by ${verdict.actor} (${verdict.actorConfidence})`;
}

const BARE = { seq: 0, window: 0, ipId: 0 };

/** A RST of a host that knows no connection, or of a box that writes the same. */
function bareReset(wire: Wire, ttl: number): Wire {
  return wire.client(TCP_RST, { ...BARE, seq: wire.next[0], ttl });
}

describe('who made the reset', () => {
  test('a live socket aborts: the visible peer, and no more than moderate from one side', async () => {
    expect(who(await trial((wire) => envelope(wire).reset(0, { window: 512 })))).toBe('rst by client (moderate)');
  });

  test('neither window 0 nor IP identification 0 is a sign of a firewall', async () => {
    const judged = await trial((wire) => bareReset(envelope(wire).says('DATA').answers('354 go'), 52));
    expect(judged.verdict.actor).not.toBe('middlebox');
  });

  test('fewer hops than everything else of the client', async () => {
    const judged = await trial((wire) => bareReset(envelope(wire), 62));
    expect(who(judged)).toBe('rst by middlebox (moderate)');
    expect(judged.evidence.map(({ kind }) => kind)).toContain('rst-hops-differ');
  });

  test('the client goes on after "its" reset: proof', async () => {
    const judged = await trial((wire) => {
      const at = envelope(wire).says('DATA').next[0] - 6;
      bareReset(wire.answers('354 go'), 62)
        .wait(300_000)
        .client(TCP_PSH | TCP_ACK, { text: 'DATA\r\n', seq: at });
      return wire.server(TCP_RST, { window: 0 });
    });
    expect(who(judged)).toBe('rst by middlebox (proven)');
    expect(judged.consequences.some(({ statement }) => statement.includes('address of the appliance'))).toBe(true);
  });

  test('the route changed before: all later packets, the RST among them, have the other hop count', async () => {
    const judged = await trial((wire) => {
      envelope(wire);
      for (let i = 0; i < 5; i++) wire.says('NOOP', { ttl: 49 }).answers('250 ok');
      return wire.reset(0, { ttl: 49, window: 512 });
    });
    expect(judged.verdict.actor).toBe('client');
  });

  test('hop counts that alternate from packet to packet tell nothing', async () => {
    const judged = await trial((wire) => {
      envelope(wire);
      for (let i = 0; i < 6; i++) wire.says('NOOP', { ttl: 52 + (i % 2) }).answers('250 ok');
      return wire.reset(0, { ttl: 51, window: 512 });
    });
    expect(judged.verdict.actor).not.toBe('middlebox');
  });

  test('the stack of the client from another hop count: nobody is named', async () => {
    const stamped = (value: number) => ({ options: timestamps(value, 1) });
    const judged = await trial((wire) => {
      envelope(wire);
      for (let i = 0; i < 5; i++) wire.says('NOOP', stamped(1000 + i)).answers('250 ok');
      return wire.reset(0, { ttl: 50, window: 512, ...stamped(1100) });
    });
    expect(judged.verdict.actor).toBe('undetermined');
  });

  test('a reset that misses the sequence number ends nothing; the session completes', async () => {
    const judged = await trial((wire) => {
      message(wire).client(TCP_RST, { seq: 5, window: 0, ttl: 62 });
      return wire.says('QUIT').answers('221 bye').close();
    });
    expect(judged.verdict.cause).toBe('completed');
    expect(judged.interference).toMatchObject([{ kind: 'stray-rst' }]);
  });

  test('the appliance resets', async () => {
    expect(who(await trial((wire) => inData(wire).says('Subject: x').reset(1)))).toBe('rst by appliance (strong)');
  });
});
