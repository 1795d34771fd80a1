import { describe, expect, test } from 'vitest';
import type { Judgement } from '../../src/model/judgement.ts';
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST } from '../../src/model/packet.ts';
import { CERTIFICATE, CHANGE_CIPHER, alert, clientHello, record, serverHello } from '../smtp/tls-octets.ts';
import type { Wire } from '../support/segments.ts';
import { LOGGED_ENVELOPE, greet, logged, trial } from '../support/trial.ts';

const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
const GCM_12 = 0xc030;
const GCM_13 = 0x1302;

const said = ({ evidence }: Judgement, kind: string): string | undefined => [...evidence].find((fact) => fact.kind === kind)?.statement;
const says = (wire: Wire, octets: Buffer): Wire => wire.client(TCP_PSH | TCP_ACK, { text: new Uint8Array(octets) });
const answers = (wire: Wire, octets: Buffer): Wire => wire.server(TCP_PSH | TCP_ACK, { text: new Uint8Array(octets) });

function asked(wire: Wire): Wire {
  return greet(wire).says('STARTTLS').answers('220 Go ahead with TLS');
}

const hello = (wire: Wire): Wire => says(asked(wire), record(HANDSHAKE, clientHello('esa.example.net', [0x0304])));
const answered = (wire: Wire, suite: number, is13 = false): Wire => answers(hello(wire), record(HANDSHAKE, serverHello(suite, is13)));

describe('an alert', () => {
  test('says at which step it came, and what it usually means', async () => {
    const judged = await trial((wire) => says(answers(answered(wire, GCM_12), record(HANDSHAKE, CERTIFICATE)), alert(2, 48)).client(TCP_FIN | TCP_ACK));
    expect(`${judged.verdict.cause} by ${judged.verdict.actor}`).toBe('tls-failure by client');
    expect(said(judged, 'tls-alert')).toBe(
      "the client sent the TLS alert unknown_ca after the server's certificate (certificate: who issued the other side's certificate is not trusted, or part of the chain was not sent)",
    );
  });

  test('of the server in answer to the ClientHello', async () => {
    const judged = await trial((wire) => answers(hello(wire), alert(2, 70)).server(TCP_FIN | TCP_ACK));
    expect(`${judged.verdict.cause} by ${judged.verdict.actor}`).toBe('tls-failure by appliance');
    expect(said(judged, 'tls-alert')).toContain('after the ClientHello, before a ServerHello (version: ');
  });

  test('that TLS 1.3 hides is told by its size before the Finished, and is no more than moderate', async () => {
    const judged = await trial((wire) => {
      const flight = answers(answered(wire, GCM_13, true), record(APPLICATION_DATA, 1200));
      return says(says(flight, CHANGE_CIPHER), record(APPLICATION_DATA, 19)).client(TCP_FIN | TCP_ACK);
    });
    expect(judged.verdict).toMatchObject({ cause: 'tls-failure', actor: 'client', causeConfidence: 'moderate' });
    expect(said(judged, 'tls-hidden-alert')).toContain("after the server's certificate");
  });
});

describe('a handshake that is cut off', () => {
  test('by a reset is a reset, and its step is said', async () => {
    const judged = await trial((wire) => answered(wire, GCM_12).client(TCP_RST | TCP_ACK));
    expect(judged.verdict.cause).toBe('rst');
    expect(said(judged, 'tls-handshake-cut')).toBe('the TLS handshake was cut off after the ServerHello, without an alert (a RST came)');
  });

  test('a reset inside TLS is told at the step that the verdict names', async () => {
    const finished = (wire: Wire): Wire => {
      const keyed = says(says(answers(answered(wire, GCM_12), record(HANDSHAKE, CERTIFICATE)), CHANGE_CIPHER), record(HANDSHAKE, 40));
      return answers(answers(keyed, CHANGE_CIPHER), record(HANDSHAKE, 40));
    };
    const judged = await trial(
      (wire) => {
        let dialogue = finished(wire);
        for (const [asks, answer] of [
          [45, 90],
          [56, 60],
          [52, 61],
        ] as const)
          dialogue = answers(says(dialogue, record(APPLICATION_DATA, asks)), record(APPLICATION_DATA, answer));
        return dialogue.client(TCP_RST | TCP_ACK);
      },
      logged(...LOGGED_ENVELOPE, 'ICID 5 lost', 'Message aborted MID 77 Receiving aborted', 'Message finished MID 77 aborted', 'ICID 5 close'),
    );
    expect(judged.verdict).toMatchObject({ cause: 'rst', stage: 'rcpt' });
    expect(said(judged, 'rst-first')).toContain('ended the connection after RCPT;');
  });

  test('by silence after the ClientHello', async () => {
    const judged = await trial((wire) => hello(wire), { runsOnSeconds: 60 });
    expect(said(judged, 'tls-handshake-cut')).toContain('after the ClientHello, before a ServerHello, without an alert (nothing more came)');
  });
});

describe('the farewell within TLS', () => {
  const FINISHED = Buffer.concat([CHANGE_CIPHER, record(HANDSHAKE, 40)]);
  const CLOSE = record(21, 26);
  /** Handshake and an envelope, all said in TLS 1.2. */
  const spoken = (wire: Wire): Wire => {
    const keyed = answers(says(answers(answered(wire, GCM_12), record(HANDSHAKE, CERTIFICATE)), FINISHED), FINISHED);
    for (const [mine, theirs] of [[51, 82] as const, [60, 64] as const, [55, 66] as const]) {
      answers(says(keyed, record(APPLICATION_DATA, mine)), record(APPLICATION_DATA, theirs));
    }
    return keyed;
  };
  /** Some octets to a segment. */
  const inPieces = (octets: Buffer, size: number): Buffer[] =>
    Array.from({ length: Math.ceil(octets.length / size) }, (_, i) => octets.subarray(i * size, (i + 1) * size));

  test.each([100, 20, 3])('a close alert in segments of %i octets is the word of its sender', async (size) => {
    const judged = await trial((wire) =>
      inPieces(CLOSE, size)
        .reduce(says, spoken(wire))
        .client(TCP_FIN | TCP_ACK),
    );
    expect(`${judged.verdict.cause} by ${judged.verdict.actor}`).toBe('premature-fin by client');
    expect(judged.verdict.actorConfidence).toBe('moderate');
  });

  test.each([200, 30, 3])('a notice after five minutes in segments of %i octets tells who gave up', async (size) => {
    const judged = await trial((wire) => {
      spoken(wire).wait(300_000_000);
      return inPieces(Buffer.concat([record(APPLICATION_DATA, 98), CLOSE]), size)
        .reduce(answers, wire)
        .server(TCP_FIN | TCP_ACK);
    });
    expect(`${judged.verdict.cause} by ${judged.verdict.actor}`).toBe('timeout by appliance');
  });
});

describe('STARTTLS', () => {
  test('that is refused keeps its answer', async () => {
    const judged = await trial((wire) =>
      greet(wire).says('STARTTLS').answers('454 TLS not available due to a temporary reason').says('QUIT').answers('221 esa'),
    );
    expect(said(judged, 'starttls-refused')).toBe('the appliance refused STARTTLS with 454 "TLS not available due to a temporary reason"');
  });

  test('that is followed by words in clear', async () => {
    const judged = await trial((wire) => asked(wire).says('MAIL FROM:<a@client.example>').answers('250 sender <a@client.example> ok'));
    expect(said(judged, 'starttls-answered-in-clear')).toBe('after the 220 to STARTTLS the client went on in clear');
  });
});
