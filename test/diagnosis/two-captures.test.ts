import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge } from '../../src/diagnosis/index.ts';
import { inferSession } from '../../src/inference/index.ts';
import type { Judgement } from '../../src/model/judgement.ts';
import { TCP_ACK, TCP_FIN } from '../../src/model/packet.ts';
import { pairSessions } from '../../src/pairing/index.ts';
import { matchVantages, offsetBetween } from '../../src/vantage/index.ts';
import { depot } from '../support/depot.ts';
import { SITE } from '../support/pairing-world.ts';
import type { Wire } from '../support/segments.ts';
import { envelope, greet, inData, message } from '../support/trial.ts';
import { type PathOptions, type Raw, travel } from '../vantage/path.ts';

const SECOND = 1_000_000;

/** What the appliance's capture (the right point) tells together with that of the client; null where one of them holds nothing. */
function judgeBoth(story: (wire: Wire) => unknown, options: PathOptions, name = 'client'): Judgement | null {
  const { left, right } = travel(story, { clientTtl: 64, ...options });
  if (!left.captured || !right.captured) return null;
  const site = { ...SITE, applianceAddresses: ['192.0.2.25'] };
  const pairing = pairSessions({ depot, captured: [right.captured], log: null, site });
  const [session] = pairing.sessions;
  if (!session) return null;
  const there = { ...left.captured, connection: { ...left.captured.connection, vantage: name } };
  const offsetUs = offsetBetween(matchVantages([right.captured], [there]));
  const others = [{ name, captured: there, offsetUs, context: left.context }];
  return judge({
    session,
    clock: pairing.clock,
    site,
    capture: right.context,
    log: null,
    others,
    siblings: [],
    survey: null,
    pressed: null,
    infer: () => inferSession(session),
  });
}

function who(judged: Judgement | null): string {
  return `${judged?.verdict.cause} by ${judged?.verdict.actor}`;
}

type Point = 'left' | 'right';

const STORIES: readonly (readonly [string, (wire: Wire) => Wire])[] = [
  ['a FIN of the client', (wire) => envelope(wire).close()],
  [
    'a FIN of the appliance',
    (wire) =>
      envelope(wire)
        .server(TCP_FIN | TCP_ACK)
        .client(TCP_FIN | TCP_ACK)
        .server(TCP_ACK),
  ],
  ['a reset of the client', (wire) => inData(wire).says('Subject: x').server(TCP_ACK).says('more').reset(0)],
  ['a completed session', (wire) => message(wire).says('QUIT').answers('221 esa.example.com').close()],
  [
    'a client that falls silent',
    (wire) =>
      greet(wire)
        .wait(300 * SECOND)
        .answers('421 Timed out waiting for successful message injection, disconnecting.')
        .server(TCP_FIN | TCP_ACK)
        .client(TCP_FIN | TCP_ACK)
        .server(TCP_ACK),
  ],
];

/** Whether a capture lacks a packet that passed it. */
const LACKS: readonly (readonly [string, (raw: Raw, cut: number) => boolean])[] = [
  ['began late', ({ id }, cut) => id < cut],
  ['ended early', ({ id }, cut) => id >= cut],
  ['holds only what the appliance sent', ({ from }) => from === 'client'],
  ['holds only what the client sent', ({ from }) => from === 'server'],
];

describe('a capture that lacks packets makes no device guilty', () => {
  const rows = STORIES.flatMap(([name, story]) =>
    (['left', 'right'] as const).flatMap((point) => LACKS.map(([lack, lacks]) => ({ name, story, point, lack, lacks }))),
  );
  test.each(rows)('$name; at the $point point it $lack', ({ story, point, lacks }) =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: -60 * SECOND, max: 60 * SECOND }), (cut, clockUs) => {
        const misses = (at: Point, raw: Raw) => at === point && lacks(raw, cut);
        for (const name of ['client', 'outside']) expect(judgeBoth(story, { clockUs, misses }, name)?.verdict.actor).not.toBe('middlebox');
      }),
      { numRuns: 25 },
    ),
  );

  test.each(STORIES)("%s; the client's keeps no words", (_, story) => {
    expect(judgeBoth(story, { kept: { left: 0 } })?.verdict.actor).not.toBe('middlebox');
  });

  test('a FIN that passed a point on the way and was lost behind it was sent', () => {
    const lost = (raw: Raw) => (raw.from === 'client' && (raw.flags & TCP_FIN) !== 0 ? null : raw);
    const story = (wire: Wire) =>
      envelope(wire)
        .client(TCP_FIN | TCP_ACK)
        .wait(300 * SECOND)
        .answers('421 Timed out')
        .server(TCP_FIN | TCP_ACK);
    expect(judgeBoth(story, { meddle: lost }, 'outside')?.verdict.actor).not.toBe('middlebox');
  });

  test('two that are whole show who made a FIN', () => {
    const inject: { point: Point; raw: Omit<Raw, 'id'> }[] = [];
    const story = (wire: Wire) => {
      const [seq, ack] = envelope(wire).next;
      const fin = { seq: 1_000_000 + seq, ack: (4_000_000_000 + ack) >>> 0, flags: TCP_FIN | TCP_ACK, window: 500, options: [], payload: new Uint8Array(0) };
      inject.push({ point: 'right', raw: { ...fin, from: 'client', ttl: 61, ipId: 9, atUs: wire.clock.atUs + SECOND / 2 } });
      return wire
        .wait(SECOND)
        .server(TCP_FIN | TCP_ACK, { ack: seq + 1 })
        .says('DATA');
    };
    expect(who(judgeBoth(story, { inject, clockUs: 3 * SECOND }))).toBe('premature-fin by middlebox');
  });
});
