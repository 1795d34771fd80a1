import { describe, expect, test } from 'vitest';
import type { Judgement } from '../../src/model/judgement.ts';
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST } from '../../src/model/packet.ts';
import type { Wire } from '../support/segments.ts';
import { envelope, inData, message, trial } from '../support/trial.ts';

const SECOND = 1_000_000;

function who({ verdict }: Judgement): string {
  return `${verdict.cause} by ${verdict.actor}`;
}

/** The appliance waits for the rest of the message for five minutes, says so, and closes. */
function timesOut(wire: Wire): Wire {
  return inData(wire)
    .client(TCP_PSH | TCP_ACK, { text: 'Subject: x\r\n' })
    .server(TCP_ACK)
    .wait(300 * SECOND)
    .answers('421 Timed out waiting for successful message injection, disconnecting.')
    .server(TCP_FIN | TCP_ACK);
}

describe('what the answer to a farewell tells', () => {
  test('it is numbered beyond all that arrived: the client had been talking, unheard', async () => {
    const judged = await trial((wire) => {
      const arrived = timesOut(wire).next[0];
      return wire.client(TCP_ACK, { seq: arrived + 2000 }).client(TCP_FIN | TCP_ACK, { seq: arrived + 2000 });
    });
    expect(who(judged)).toBe('silent-drop by undetermined');
    expect(judged.verdict.hypotheses.map(({ cause }) => cause)).toContain('timeout');
  });

  test('it is numbered far beyond what the file lost before: a lost packet is no excuse for all of them', async () => {
    const judged = await trial((wire) => {
      const lines = (count: number) => 'x: 12345678901234567890\r\n'.repeat(count);
      inData(wire)
        .client(TCP_PSH | TCP_ACK, { text: lines(20), lost: true })
        .server(TCP_ACK)
        .client(TCP_PSH | TCP_ACK, { text: lines(20) })
        .server(TCP_ACK);
      const arrived = wire
        .wait(300 * SECOND)
        .answers('421 Timed out waiting for successful message injection, disconnecting.')
        .server(TCP_FIN | TCP_ACK).next[0];
      return wire.client(TCP_ACK, { seq: arrived + 20_000 }).client(TCP_FIN | TCP_ACK, { seq: arrived + 20_000 });
    });
    expect(who(judged)).toBe('silent-drop by undetermined');
  });

  test('it is numbered as expected: the client was silent', async () => {
    expect(
      who(
        await trial((wire) =>
          timesOut(wire)
            .client(TCP_ACK)
            .client(TCP_FIN | TCP_ACK),
        ),
      ),
    ).toBe('timeout by appliance');
  });

  test('a keep-alive, one below, is no octet', async () => {
    const judged = await trial((wire) => {
      const arrived = timesOut(wire).next[0];
      return wire.client(TCP_ACK, { seq: arrived - 1 }).client(TCP_FIN | TCP_ACK, { seq: arrived });
    });
    expect(who(judged)).toBe('timeout by appliance');
  });

  test('octets that crossed the farewell arrive after it: nothing vanished', async () => {
    const judged = await trial((wire) => {
      const arrived = timesOut(wire).next[0];
      return wire.client(TCP_ACK, { seq: arrived + 7 }).client(TCP_PSH | TCP_ACK, { seq: arrived, text: 'x: 12\r\n' });
    });
    expect(who(judged)).toBe('timeout by appliance');
  });
});

describe('a file that has a packet and what it answers the other way round', () => {
  test('the FIN that is acknowledged came first', async () => {
    const judged = await trial((wire) => {
      const [seq, ack] = envelope(wire).next;
      return wire
        .server(TCP_FIN | TCP_ACK, { ack: seq + 1 })
        .client(TCP_FIN | TCP_ACK, { ack, afterUs: 90 })
        .client(TCP_ACK);
    });
    expect(who(judged)).toBe('premature-fin by client');
    expect(judged.verdict.actorConfidence).toBe('moderate');
  });

  test('the QUIT that is acknowledged came before the FIN', async () => {
    const judged = await trial((wire) => {
      const [seq, ack] = message(wire).next;
      wire.server(TCP_FIN | TCP_PSH | TCP_ACK, { text: '221 bye\r\n', ack: seq + 6 });
      return wire.says('QUIT', { ack, afterUs: 90 }).client(TCP_FIN | TCP_ACK);
    });
    expect(who(judged)).toBe('completed by client');
  });
});

describe('packets in the name of the appliance', () => {
  test('its own reset stays its own', async () => {
    expect(who(await trial((wire) => envelope(wire).reset(1, { window: 512 })))).toBe('rst by appliance');
  });

  test('the appliance talks on after "its" reset: the file is from its link, and a box sent it', async () => {
    const judged = await trial((wire) => {
      envelope(wire).server(TCP_RST, { seq: wire.next[1], window: 0, ipId: 0, ttl: 255 });
      return wire.says('DATA').answers('354 go').wait(SECOND).answers('421 bye');
    });
    expect(who(judged)).toBe('rst by middlebox');
    expect(judged.verdict.actorConfidence).toBe('proven');
    expect(judged.verdict.alternatives).toEqual([]);
  });

  test('its packets have passed routers: the file was not taken on it, and its reset is judged like any', async () => {
    const judged = await trial((wire) => envelope(wire).server(TCP_RST, { seq: wire.next[1], window: 0, ipId: 0, ttl: 64 }), { server: { ttl: 61 } });
    expect(who(judged)).toBe('rst by middlebox');
  });
});

describe('what to pull from the firewall', () => {
  test('address and port stand in the command; a proven client needs none', async () => {
    const forged = await trial((wire) => envelope(wire).client(TCP_RST, { seq: wire.next[0], window: 0, ipId: 0, ttl: 62 }));
    expect(forged.nextCapture.map(({ command }) => command).join('\n')).toContain('198.51.100.7/40000');
    expect(forged.evidence.map(({ kind }) => kind)).toContain('genuine-reset');
    const quit = await trial((wire) => envelope(wire).says('QUIT').answers('221 bye').close());
    expect(quit.nextCapture).toEqual([]);
  });
});

describe('a RST that ended nothing', () => {
  test('its receiver talks on, and the session completes', async () => {
    const judged = await trial((wire) => {
      envelope(wire).client(TCP_RST, { seq: wire.next[0], window: 0, ipId: 0, ttl: 62 }).wait(200_000).says('DATA').answers('354 go');
      return wire.says('Subject: x\r\n\r\nx\r\n.').answers('250 ok').wait(100_000).says('QUIT').answers('221 bye').close();
    });
    expect(who(judged)).toBe('completed by client');
    expect(judged.interference.map(({ kind }) => kind)).toContain('stray-rst');
  });

  test('its receiver only resets what comes later: it was taken', async () => {
    const judged = await trial((wire) => {
      envelope(wire).client(TCP_RST, { seq: wire.next[0], window: 0, ipId: 0, ttl: 62 }).wait(200_000).says('DATA');
      return wire.server(TCP_RST, { seq: wire.next[1], window: 0, ipId: 0 });
    });
    expect(who(judged)).toBe('rst by middlebox');
  });

  test('a QUIT from another place than all before it is not surely the client’s', async () => {
    const judged = await trial((wire) => envelope(wire).says('QUIT', { ttl: 62 }).answers('221 bye').close());
    expect(judged.verdict).toMatchObject({ cause: 'client-quit', actor: 'client', actorConfidence: 'limited' });
    expect(judged.verdict.alternatives.map(({ actor }) => actor)).toEqual(['middlebox']);
  });
});
