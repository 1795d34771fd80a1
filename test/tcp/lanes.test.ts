import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SegmentView, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../src/model/packet.ts';
import type { TcpConnection } from '../../src/model/tcp.ts';
import { type TcpBudget, trackConnections } from '../../src/tcp/index.ts';
import { BlockStore } from '../../src/vault/index.ts';
import { Clock, Heard, segmentView, Wire } from '../support/segments.ts';

/** Trackers for each of so many lanes; what they seal, as one tracker would number it. */
class Lanes {
  readonly #births: number[][] = [];
  readonly #sealed: { readonly lane: number; readonly connection: TcpConnection; readonly heard: Heard }[] = [];
  readonly #trackers;

  constructor(count: number, budget: Partial<TcpBudget> = {}) {
    this.#trackers = Array.from({ length: count }, (_, index) => {
      const births: number[] = [];
      this.#births.push(births);
      return trackConnections({
        vantage: 'appliance',
        store: new BlockStore(),
        serverPorts: new Uint8Array(65_536).fill(1, 25, 26),
        openStream: (info) => new Heard(info),
        onConnection: (connection, heard) => this.#sealed.push({ lane: index, connection, heard: heard as Heard }),
        budget,
        lane: { index, of: count, born: (at) => births.push(at) },
      });
    });
  }

  segment(view: SegmentView): void {
    for (const tracker of this.#trackers) tracker.segment(view);
  }

  icmp(): void {
    throw new Error('nothing sends one');
  }

  get strained(): boolean {
    return this.#trackers.some((tracker) => tracker.strained);
  }

  /** Indexes of the lanes that were given a connection. */
  lanesWithConnections(): number[] {
    return this.#births.flatMap((births, lane) => (births.length > 0 ? lane : []));
  }

  finish(): unknown[] {
    for (const tracker of this.#trackers) tracker.finish();
    const order = this.#births
      .flatMap((births, lane) => births.map((at, stream) => ({ at, lane, stream })))
      .toSorted((a, b) => a.at - b.at || a.stream - b.stream);
    const numbered = this.#sealed.map(({ lane, connection, heard }) => ({
      ...connection,
      stream: order.findIndex((born) => born.lane === lane && born.stream === connection.stream),
      segments: Array.from(connection.segments),
      heard: heard.events,
    }));
    return numbered.toSorted((a, b) => a.stream - b.stream);
  }
}

const steps = fc.array(
  fc.record({
    wire: fc.nat({ max: 7 }),
    does: fc.constantFrom('handshake', 'says', 'answers', 'close', 'reset', 'syn', 'again', 'late'),
    afterUs: fc.constantFrom(10, 1_000, 2_000_000, 140_000_000),
  }),
  { minLength: 5, maxLength: 60 },
);

/** Some clients on few ports, IPv4 and IPv6, each doing what it is told whether that makes sense or not. */
function playAll(sink: Lanes, told: readonly { readonly wire: number; readonly does: string; readonly afterUs: number }[]): unknown[] {
  const clock = new Clock();
  const wires = Array.from({ length: 8 }, (_, at) =>
    at % 4 === 3
      ? new Wire(sink, { ip: '2001:db8::7', port: 40_000 + at }, { ip: '2001:db8::25' }, clock)
      : new Wire(sink, { ip: `198.51.100.${at}`, port: 40_000 + at }, {}, clock),
  );
  let isn = 7;
  for (const { wire, does, afterUs } of told) {
    const own = wires[wire];
    if (!own) continue;
    clock.atUs += afterUs;
    if (does === 'handshake') own.handshake();
    else if (does === 'says') own.says('NOOP');
    else if (does === 'answers') own.answers('250 ok');
    else if (does === 'close') own.close();
    else if (does === 'reset') own.reset(wire % 2 === 0 ? 0 : 1);
    else if (does === 'syn') own.client(TCP_SYN, { seq: 0 });
    else if (does === 'again') new Wire(sink, { ...own.ends[0], isn: (isn += 400_000_000) >>> 0 }, own.ends[1], clock).client(TCP_SYN);
    else own.server(TCP_ACK | (wire % 2 === 0 ? TCP_FIN : TCP_RST));
  }
  return sink.finish();
}

describe('several trackers, each with its share of the connections', () => {
  test('seal what one tracker seals, under the same numbers', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 2, max: 4 }), (told, count) => {
        expect(playAll(new Lanes(count), told)).toEqual(playAll(new Lanes(1), told));
      }),
      { numRuns: 300 },
    );
  });

  test('say when a limit over all connections was reached, where they would not', () => {
    const tight = new Lanes(2, { openConnections: 3 });
    playAll(
      tight,
      Array.from({ length: 8 }, (_, wire) => ({ wire, does: 'syn', afterUs: 10 })),
    );
    expect(tight.strained).toBe(true);
    const wide = new Lanes(2);
    playAll(wide, [{ wire: 0, does: 'handshake', afterUs: 10 }]);
    expect(wide.strained).toBe(false);
  });

  test('share what is common among clients about evenly', () => {
    const counts = [0, 0];
    for (let port = 1_024; port < 3_024; port++) {
      const seen = new Lanes(2);
      const view = segmentView({
        source: { ip: '198.51.100.7', port },
        destination: { ip: '192.0.2.25', port: 25 },
        flags: TCP_SYN,
        seq: 1,
        ack: 0,
        payload: new Uint8Array(0),
        fields: {},
        atUs: 1,
        packet: 1,
      });
      seen.segment(view);
      for (const lane of seen.lanesWithConnections()) counts[lane] = (counts[lane] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(800);
  });
});
