import { describe, expect, test } from 'vitest';
import { surveyPeers } from '../../src/diagnosis/index.ts';
import type { Judgement, PeerSurvey } from '../../src/model/judgement.ts';
import { TCP_ACK, TCP_CWR, TCP_ECE, TCP_PSH, TCP_RST, TCP_SYN } from '../../src/model/packet.ts';
import { synOptions, timestamps, type Wire } from '../support/segments.ts';
import { envelope, greet, inData, message, record, trial } from '../support/trial.ts';

const SECOND = 1_000_000;
/** The appliance is the client: a delivery. */
const DELIVERY = { client: { ip: '192.0.2.25', ttl: 64 }, server: { ip: '203.0.113.80', ttl: 50 } };

function kinds({ evidence }: Judgement): string[] {
  return evidence.map(({ kind }) => kind);
}

/** What many sessions together show, each played from a network of its own. */
function survey(count: number, story: (wire: Wire, i: number) => unknown, ends: (i: number) => object = () => ({})): PeerSurvey {
  const sessions = Array.from({ length: count }, (_, i) => record([(wire) => story(wire, i)], { client: { ip: `203.${i}.113.9`, ...ends(i) } }).sessions);
  return surveyPeers(sessions.flat().map((captured) => ({ captured, direction: 'inbound' as const })));
}

/** The body's first octets, then nothing of it arrives any more while the client's numbers go on. */
function stalls(wire: Wire): Wire {
  inData(wire)
    .client(TCP_PSH | TCP_ACK, { text: `Subject: x\r\n\r\n${'a'.repeat(500)}` })
    .server(TCP_ACK);
  for (let i = 0; i < 4; i++) wire.wait(SECOND).client(TCP_ACK, { seq: wire.next[0] + 900 });
  return wire.wait(10 * SECOND);
}

describe('what only several sessions show', () => {
  test('three tries of one message stop at the same octet, other mail passes: its content', async () => {
    const { sessions } = record([stalls, stalls, stalls, message]);
    const told = surveyPeers(sessions.map((captured) => ({ captured, direction: 'inbound' as const })));
    const judged = await trial(stalls, { survey: told, runsOnSeconds: 20 });
    expect([judged.verdict.cause, judged.verdict.actor, judged.verdict.actorConfidence, judged.verdict.mechanism]).toEqual([
      'silent-drop',
      'middlebox',
      'moderate',
      'drops-content',
    ]);
    expect(kinds(judged)).toContain('stops-at-same-octet');
  });

  test('two tries are not enough, and tries that stop elsewhere speak against it', async () => {
    const twice = surveyPeers(record([stalls, stalls]).sessions.map((captured) => ({ captured, direction: 'inbound' as const })));
    expect((await trial(stalls, { survey: twice, runsOnSeconds: 20 })).verdict.actor).toBe('undetermined');
    const further = (wire: Wire) =>
      inData(wire)
        .client(TCP_PSH | TCP_ACK, { text: `Subject: x\r\n\r\n${'a'.repeat(1400)}` })
        .client(TCP_PSH | TCP_ACK, { text: 'b'.repeat(1400) });
    const mixed = surveyPeers(record([stalls, stalls, stalls, further]).sessions.map((captured) => ({ captured, direction: 'inbound' as const })));
    expect(kinds(await trial(stalls, { survey: mixed }))).not.toContain('stops-at-same-octet');
  });

  test('resets of unrelated clients with one TTL: a box on the part of the path that they share', async () => {
    const forged = (wire: Wire) => envelope(wire).client(TCP_RST, { seq: wire.next[0], window: 0, ipId: 0, ttl: 62 });
    const told = survey(4, forged, (i) => ({ ttl: 40 + i }));
    const judged = await trial(forged, { survey: told, client: { ttl: 41 } });
    expect(kinds(judged)).toContain('rst-alike-elsewhere');
    expect([judged.verdict.actor, judged.verdict.actorConfidence]).toEqual(['middlebox', 'strong']);
    const few = survey(2, forged, (i) => ({ ttl: 40 + i }));
    expect(kinds(await trial(forged, { survey: few, client: { ttl: 41 } }))).not.toContain('rst-alike-elsewhere');
  });

  test('STARTTLS is offered to twenty networks and nobody uses it', async () => {
    const offered = (wire: Wire) =>
      wire.handshake().answers('220 esa').says('EHLO a.example.org').answers('250-esa\r\n250-8BITMIME\r\n250-SIZE 1\r\n250 STARTTLS');
    expect(kinds(await trial(offered, { survey: survey(20, offered) }))).toContain('starttls-never-used');
    expect(kinds(await trial(offered, { survey: survey(19, offered) }))).not.toContain('starttls-never-used');
  });

  test('all clients give their address for a name', async () => {
    const nameless = (wire: Wire, i: number) => wire.handshake().answers('220 esa').says(`HELO [203.${i}.113.9]`).answers('250 esa');
    const judged = await trial((wire) => greet(wire), { survey: survey(12, nameless) });
    expect(judged.interference.map(({ kind }) => kind)).toContain('proxy');
  });

  test('the remote server offered STARTTLS before', async () => {
    const greeted = (offer: string) => (wire: Wire) => wire.handshake().answers('220 mx').says('EHLO esa').answers(`250-mx\r\n250-SIZE 9\r\n250 ${offer}`);
    const before = record([greeted('STARTTLS')], DELIVERY).sessions;
    const told = surveyPeers(before.map((captured) => ({ captured, direction: 'outbound' as const })));
    const judged = await trial(greeted('PIPELINING'), { ...DELIVERY, survey: told });
    expect(judged.interference.map(({ kind }) => kind)).toContain('starttls-stripped');
    expect((await trial(greeted('STARTTLS'), { ...DELIVERY, survey: told })).interference).toEqual([]);
  });
});

describe('what the handshake tells of the path', () => {
  test('the SYN came from nearer than all later packets', async () => {
    const judged = await trial((wire) => {
      wire
        .client(TCP_SYN, { options: synOptions(), ttl: 63 })
        .server(TCP_SYN | TCP_ACK, { options: synOptions() })
        .client(TCP_ACK);
      return wire
        .answers('220 esa')
        .says('EHLO a')
        .answers('250 esa')
        .says('NOOP')
        .answers('250 ok')
        .says('NOOP')
        .answers('250 ok')
        .says('NOOP')
        .reset(0, { window: 512 });
    });
    expect(kinds(judged)).toContain('handshake-from-elsewhere');
    expect(judged.verdict.actor).toBe('client');
  });

  test('SYNs that ask for ECN are not answered, a plain one is', async () => {
    const ecn = TCP_SYN | TCP_ECE | TCP_CWR;
    const judged = await trial((wire) =>
      wire
        .client(ecn, { options: synOptions() })
        .wait(SECOND)
        .client(TCP_SYN, { options: synOptions(), seq: 0 })
        .server(TCP_SYN | TCP_ACK, { options: synOptions() })
        .client(TCP_ACK)
        .answers('220 esa'),
    );
    expect(kinds(judged)).toContain('ecn-unanswered');
  });

  test('a SYN that asks for ECN and is answered shows nothing', async () => {
    const judged = await trial((wire) =>
      wire
        .client(TCP_SYN | TCP_ECE | TCP_CWR, { options: synOptions() })
        .server(TCP_SYN | TCP_ACK | TCP_ECE, { options: synOptions() })
        .client(TCP_ACK)
        .answers('220 esa'),
    );
    expect(kinds(judged)).not.toContain('ecn-unanswered');
  });

  test('a sender that always stops where the window ends without its scale', async () => {
    const judged = await trial((wire) => {
      inData(wire);
      for (let i = 0; i < 6; i++) wire.server(TCP_ACK, { window: 700 }).client(TCP_PSH | TCP_ACK, { text: 'a'.repeat(700) });
      return wire.server(TCP_ACK, { window: 700 });
    });
    expect(judged.interference.map(({ kind }) => kind)).toContain('option-stripped');
  });

  test('what vanished begins behind the window without its scale', async () => {
    const judged = await trial(
      (wire) => {
        inData(wire).server(TCP_ACK, { window: 5000 });
        for (let i = 0; i < 3; i++) wire.client(TCP_PSH | TCP_ACK, { text: 'a'.repeat(1460) });
        const arrived = wire.next[0];
        for (let i = 0; i < 4; i++) wire.wait(SECOND).client(TCP_ACK, { seq: arrived + 1460 });
        return wire;
      },
      { runsOnSeconds: 20 },
    );
    expect(judged.verdict.cause).toBe('silent-drop');
    expect(judged.verdict.mechanism).toBe('drops-unscaled');
  });
});

describe('two stacks behind one name', () => {
  const stamped = (wire: Wire, later: number) => {
    wire
      .client(TCP_SYN, { options: [...synOptions(), ...timestamps(1000, 0)] })
      .server(TCP_SYN | TCP_ACK, { options: [...synOptions(), ...timestamps(9, 1000)] })
      .client(TCP_ACK, { options: timestamps(later, 9) })
      .answers('220 esa');
    return wire.says('EHLO a', { options: timestamps(later + 1, 9) }).answers('250 esa');
  };

  test('the time stamps of the SYN are of another clock', async () => {
    expect(kinds(await trial((wire) => stamped(wire, 800_000_000)))).toContain('handshake-other-clock');
    expect(kinds(await trial((wire) => stamped(wire, 1003)))).not.toContain('handshake-other-clock');
  });

  test('the RST comes in another VLAN', async () => {
    const judged = await trial((wire) => envelope(wire).client(TCP_RST, { seq: wire.next[0], window: 0, ipId: 0, vlan: 7 }));
    expect(kinds(judged)).toContain('rst-other-vlan');
    expect(judged.verdict.actor).toBe('undetermined');
  });

  test('a client that used STARTTLS elsewhere talks in clear', async () => {
    const hello = [22, 3, 1, 0, 5, 1, 0, 0, 1, 0];
    const encrypted = record([
      (wire) =>
        greet(wire)
          .says('STARTTLS')
          .answers('220 go')
          .client(TCP_PSH | TCP_ACK, { text: Uint8Array.from(hello) }),
    ]).sessions;
    const told = surveyPeers(encrypted.map((captured) => ({ captured, direction: 'inbound' as const })));
    expect(kinds(await trial(message, { survey: told }))).toContain('tls-given-up');
  });
});

describe('odd turns of a dialogue', () => {
  test('a transaction is reset and said again', async () => {
    const judged = await trial((wire) => {
      envelope(wire).says('RSET').answers('250 reset').says('MAIL FROM:<sender@example.org>').answers('250 ok');
      return wire.says('RCPT TO:<user@example.com>').answers('250 ok').says('QUIT').answers('221 bye').close();
    });
    expect(kinds(judged)).toContain('dialogue-replayed');
  });

  test('the session breaks off behind pipelined commands', async () => {
    const judged = await trial((wire) =>
      greet(wire)
        .says('MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.com>\r\nDATA')
        .wait(9 * SECOND)
        .reset(0, { window: 512 }),
    );
    expect(kinds(judged)).toContain('cut-after-pipelining');
  });

  test('the final dot in pieces, without an answer', async () => {
    const judged = await trial((wire) =>
      inData(wire)
        .says('Subject: x\r\n\r\nx')
        .client(TCP_PSH | TCP_ACK, { text: '.' })
        .server(TCP_ACK)
        .client(TCP_PSH | TCP_ACK, { text: '\r\n' })
        .server(TCP_ACK)
        .wait(9 * SECOND)
        .reset(0, { window: 512 }),
    );
    expect(kinds(judged)).toContain('end-of-data-split');
  });

  test('a dot in a segment of its own is nothing odd', async () => {
    const judged = await trial((wire) =>
      inData(wire)
        .says('Subject: x\r\n\r\nx')
        .says('.')
        .server(TCP_ACK)
        .wait(9 * SECOND)
        .reset(0, { window: 512 }),
    );
    expect(kinds(judged)).not.toContain('end-of-data-split');
  });

  test('an offer with an argument is the offer', async () => {
    const judged = await trial(
      (wire) => wire.handshake().answers('220 esa').says('EHLO a').answers('250-esa\r\n250-8BITMIME\r\n250-SIZE 10485760\r\n250 XEXCH50 x'),
      {
        vantage: 'client',
        client: { ttl: 64 },
        server: { ttl: 52 },
      },
    );
    expect(kinds(judged)).toContain('capability-unexpected');
    expect(kinds(judged)).not.toContain('capability-missing');
  });

  test('at the client, an answer to EHLO that no AsyncOS gives', async () => {
    const judged = await trial((wire) => wire.handshake().answers('220 esa').says('EHLO a').answers('250-esa\r\n250-DSN\r\n250 X-EXPS LOGIN'), {
      vantage: 'client',
      client: { ttl: 64 },
      server: { ttl: 52 },
    });
    expect(judged.evidence.filter(({ side }) => side === 'neutral').map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['capability-unexpected', 'capability-missing']),
    );
  });
});

describe('silence', () => {
  test('packets vanish from the first one after an hour of quiet', async () => {
    const judged = await trial((wire) => {
      message(wire).wait(3600 * SECOND);
      const at = wire.next[0];
      wire.says('NOOP');
      for (let i = 0; i < 6; i++) wire.wait(2 ** i * SECOND).client(TCP_PSH | TCP_ACK, { text: 'NOOP\r\n', seq: at });
      return wire;
    });
    expect([judged.verdict.cause, judged.verdict.mechanism]).toEqual(['silent-drop', 'forgets']);
    expect(kinds(judged)).toContain('silent-after-idle');
  });

  test('both sides repeat what nobody hears', async () => {
    const judged = await trial((wire) => {
      inData(wire);
      const [client, server] = wire.next;
      for (let i = 0; i < 5; i++)
        wire
          .wait(2 * SECOND)
          .client(TCP_PSH | TCP_ACK, { text: 'a'.repeat(90), seq: client, ack: server })
          .server(TCP_PSH | TCP_ACK, { text: '354 go\r\n', seq: server, ack: client });
      return wire;
    });
    expect(kinds(judged).filter((kind) => kind === 'never-acknowledged')).toHaveLength(2);
  });

  test('a closed window is a debt of its own', async () => {
    const judged = await trial((wire) => {
      inData(wire)
        .client(TCP_PSH | TCP_ACK, { text: 'a'.repeat(900) })
        .server(TCP_ACK, { window: 0 });
      for (let i = 0; i < 5; i++)
        wire
          .wait(20 * SECOND)
          .client(TCP_ACK, { seq: wire.next[0] - 1 })
          .server(TCP_ACK, { window: 0 });
      return wire.wait(200 * SECOND).client(0x11);
    });
    expect(judged.verdict).toMatchObject({ cause: 'timeout', actor: 'client', silentSide: 'appliance' });
    expect(kinds(judged)).toContain('window-closed');
  });

  test('a RST with a class of service that its sender does not use; 0 tells nothing', async () => {
    expect(kinds(await trial((wire) => envelope(wire).reset(0, { window: 512, tos: 0xc0 })))).toContain('rst-tos-differs');
    expect(kinds(await trial((wire) => envelope(wire).reset(0, { window: 512 })))).not.toContain('rst-tos-differs');
  });
});
