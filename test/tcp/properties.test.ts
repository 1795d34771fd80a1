import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TCP_ACK, TCP_PSH } from '../../src/model/packet.ts';
import type { TcpConnection } from '../../src/model/tcp.ts';
import { type Heard, listen, play, Wire } from '../support/segments.ts';

const DATA = TCP_PSH | TCP_ACK;

/** Octet `n` (from 1) of a stream that tells its own positions. */
const octetAt = (n: number): number => (Math.imul(n, 2_654_435_761) >>> 11) & 0xff;
const stretch = (from: number, length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => octetAt(from + i));

/** Pieces that cover 1 to `total`, some twice and overlapping, in any order. */
const pieces = fc.integer({ min: 1, max: 400 }).chain((total) =>
  fc
    .tuple(
      fc.uniqueArray(fc.integer({ min: 2, max: total + 1 }), { maxLength: 20 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: total }), fc.integer({ min: 1, max: 60 })), { maxLength: 12 }),
    )
    .chain(([cuts, extra]) => {
      const edges = [1, ...cuts.toSorted((a, b) => a - b).filter((cut) => cut <= total), total + 1];
      const cover = edges.slice(0, -1).map((from, i) => ({ from, length: (edges[i + 1] ?? from) - from }));
      const more = extra.map(([from, length]) => ({ from, length: Math.min(length, total + 1 - from) }));
      return fc.shuffledSubarray([...cover, ...more], { minLength: cover.length + more.length }).map((order) => ({ total, order }));
    }),
);

describe('any order, repetition and cutting of the same octets', () => {
  test('gives the same stream, at any initial number', () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 0, max: 0xffff_ffff }), ({ total, order }, isn) => {
        const { heard, connection } = play(
          (wire) => {
            wire.handshake();
            for (const { from, length } of order) if (length > 0) wire.client(DATA, { seq: from, text: stretch(from, length) });
          },
          {},
          { client: { isn } },
        );
        expect(Uint8Array.from(heard.octetsOf[0])).toEqual(stretch(1, total));
        expect(connection.gaps).toEqual([]);
        expect(connection.originator).toMatchObject({ octets: total, contiguousTo: total + 1, sentTo: total + 1 });
      }),
      { numRuns: 400 },
    );
  });

  test('and so does a capture of that direction alone', () => {
    fc.assert(
      fc.property(pieces, ({ total, order }) => {
        const { heard } = play((wire) => {
          wire.next[0] = 1;
          wire.client(TCP_ACK, { seq: 1 });
          for (const { from, length } of order) if (length > 0) wire.client(DATA, { seq: from, text: stretch(from, length) });
        });
        expect(Uint8Array.from(heard.octetsOf[0])).toEqual(stretch(1, total));
      }),
      { numRuns: 200 },
    );
  });
});

const anything = fc.record({
  side: fc.constantFrom<0 | 1>(0, 1),
  flags: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(TCP_ACK, DATA) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 63 }) }),
  seq: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: -5, max: 300 }) }, { weight: 1, arbitrary: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) }),
  ack: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: -5, max: 300 }) }, { weight: 1, arbitrary: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) }),
  length: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 80 })),
  captured: fc.option(fc.integer({ min: 0, max: 80 }), { nil: undefined }),
  window: fc.constantFrom(0, 1, 500, 65_535),
  options: fc.oneof(fc.constant([]), fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 })),
  afterUs: fc.constantFrom(0, 3, 1_000, 2_000_000, 200_000_000, -5_000),
  ipId: fc.constantFrom(0, 1, 2, 3),
});

/** Octets and gaps together: one segment moves a stream on by half of the number space at most (RFC 9293, 3.4). */
function checkPositions(heard: Heard, { segments }: TcpConnection): void {
  const furthest = 2 ** 31 * (segments.length + segments.dropped + 1);
  for (const side of [0, 1] as const) {
    const told = heard.octetsOf[side].length + heard.gaps.filter((gap) => gap.side === side).reduce((sum, gap) => sum + gap.length, 0);
    expect(told).toBeLessThanOrEqual(furthest);
    expect(heard.fins.filter((one) => one === side).length).toBeLessThanOrEqual(1);
  }
}

describe('any segments at all', () => {
  test('never throw, every connection comes out once, its log is complete', () => {
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 60 }), fc.integer({ min: 0, max: 0xffff_ffff }), fc.boolean(), (segments, isn, small) => {
        const { tracker, sealed, opened } = listen(small ? { heldOctetsPerDirection: 300, segmentRows: 6, recentRows: 4, importantRows: 3, gaps: 2 } : {});
        const wire = new Wire(tracker, { isn }, { isn: 0xffff_fff0 });
        for (const { side, flags, length, ...fields } of segments) {
          const text = stretch(Math.max(1, fields.seq), length);
          const { captured, ...rest } = fields;
          wire[side === 0 ? 'client' : 'server'](flags, { ...rest, ...(captured === undefined ? {} : { captured }), text });
        }
        tracker.finish();
        expect(sealed).toHaveLength(opened.length);
        let logged = 0;
        for (const { connection, heard } of sealed) {
          checkPositions(heard, connection);
          const rows = [...connection.segments];
          logged += rows.length + connection.segments.dropped + connection.duplicateFrames;
          expect(rows.map(({ index }) => index)).toEqual(rows.map((_, i) => i));
          for (const gap of connection.gaps) expect(gap.length).toBeGreaterThan(0);
          for (const index of [...connection.originator.rsts, ...connection.responder.rsts]) expect(index).toBeLessThan(connection.segments.length);
        }
        expect(logged).toBe(segments.length);
      }),
      { numRuns: 500 },
    );
  });

  test('an octet is never told twice: positions and contents agree', () => {
    const step = fc.record({
      seq: fc.integer({ min: 1, max: 200 }),
      length: fc.integer({ min: 0, max: 60 }),
      ack: fc.integer({ min: 0, max: 260 }),
      byServer: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        let position = 1;
        const { heard } = play((wire) => {
          wire.handshake();
          for (const { seq, length, ack, byServer } of steps) {
            if (byServer) wire.server(TCP_ACK, { seq: 1, ack });
            else wire.client(DATA, { seq, ack: 1, text: stretch(seq, length) });
          }
        });
        let octets = 0;
        for (const event of heard.order) {
          if (event.side !== 0) continue;
          if (event.gap > 0) position += event.gap;
          else {
            const part = heard.octetsOf[0].slice(octets, octets + event.octets);
            expect(Uint8Array.from(part)).toEqual(stretch(position, event.octets));
            octets += event.octets;
            position += event.octets;
          }
        }
      }),
      { numRuns: 400 },
    );
  });
});
