import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Depot } from '../../src/model/octet-store.ts';
import type { PairingResult } from '../../src/model/pairing.ts';
import { pairSessions } from '../../src/pairing/index.ts';
import { BLOCK_OCTETS } from '../../src/vault/block-store.ts';
import { ScratchDepot } from '../../src/vault/index.ts';
import { capture, SITE, writeLog, type Happening, type LogStyle } from '../support/pairing-world.ts';
import { depot } from '../support/depot.ts';

interface Shape {
  readonly client: number;
  readonly gap: number;
  readonly lasts: number;
  readonly encrypted: boolean;
  readonly complete: boolean;
  readonly end: Happening['end'];
  readonly sender: number;
  readonly octets: number;
}

const shapes = (least: number, most: number, gapMost: number, gapLeast = 0): fc.Arbitrary<Shape[]> =>
  fc.array(
    fc.record({
      client: fc.integer({ min: 1, max: 4 }),
      gap: fc.double({ min: gapLeast, max: gapMost, noNaN: true }),
      lasts: fc.double({ min: 0.9, max: 40, noNaN: true }),
      encrypted: fc.boolean(),
      complete: fc.boolean(),
      end: fc.constantFrom('quit' as const, 'fin' as const, 'rst' as const),
      sender: fc.integer({ min: 1, max: 5 }),
      octets: fc.integer({ min: 300, max: 60_000 }),
    }),
    { minLength: least, maxLength: most },
  );

/** Sessions in accepting order with ICIDs and MIDs counted up as an appliance does. */
function unfold(list: readonly Shape[]): Happening[] {
  let at = 30_000.123;
  return list.map((shape, i) => {
    at += shape.gap;
    return {
      icid: 70_000 + i * 2,
      client: `198.51.100.${shape.client}`,
      port: 20_000 + i,
      at,
      lasts: shape.lasts,
      end: shape.end,
      encrypted: shape.encrypted,
      helo: `mx${shape.client}.example.org`,
      sendings: [
        {
          sender: `s${shape.sender}@example.org`,
          recipient: 'r@example.net',
          mid: 900 + i,
          octets: shape.octets,
          at: 0.3,
          takes: 0.3,
          complete: shape.complete,
        },
      ],
    };
  });
}

const icidsByPort = (result: PairingResult): Map<number, number | null> =>
  new Map([...result.sessions].flatMap(({ captured, injection }) => (captured ? [[captured.connection.originator.port, injection?.icid ?? null]] : [])));

function expectNoneWrong(result: PairingResult, happenings: readonly Happening[]): number {
  const truth = new Map(happenings.map((one) => [one.port, one.icid]));
  let right = 0;
  for (const [port, icid] of icidsByPort(result)) {
    if (icid === null) continue;
    expect({ port, icid }).toEqual({ port, icid: truth.get(port) });
    right++;
  }
  return right;
}

const HONEST: LogStyle = { offset: 0.4, utcOffset: 3600 };

test('any offset within a day is recovered when three sessions can be read', () => {
  fc.assert(
    fc.property(shapes(3, 12, 60), fc.double({ min: -86_400, max: 86_400, noNaN: true }), (list, offset) => {
      const happenings = unfold(list.map((shape, i) => (i < 3 ? { ...shape, encrypted: false, complete: true } : shape)));
      const result = pairSessions({
        depot,
        captured: happenings.map((one, i) => capture(one, i)),
        log: writeLog(happenings, { offset, utcOffset: 3600 }),
        site: SITE,
      });
      expect(Math.abs((result.clock.estimate?.logOffsetSeconds ?? NaN) - offset)).toBeLessThan(1);
      expectNoneWrong(result, happenings);
    }),
    { numRuns: 60 },
  );
});

/** One session in ten is left out, by a count that the property varies. */
const thinned = (happenings: readonly Happening[], from: number): Happening[] => happenings.filter((_, i) => (i + from) % 10 !== 0);

test('with a tenth missing on both sides, nothing is joined wrongly', () => {
  fc.assert(
    fc.property(shapes(10, 40, 20, 2), fc.nat(9), fc.nat(9), (list, uncaptured, unlogged) => {
      const happenings = unfold(list);
      const captured = thinned(happenings, uncaptured).map((one, i) => capture(one, i));
      expectNoneWrong(pairSessions({ depot, captured, log: writeLog(thinned(happenings, unlogged), HONEST), site: SITE }), happenings);
    }),
    { numRuns: 100, endOnFailure: true },
  );
});

test('of few pairs, one whose opening line is late does not make late lines usual', () => {
  const rows: [client: number, gap: number, lasts: number, encrypted: boolean, complete: boolean, end: Happening['end']][] = [
    [1, 2.549, 10.334, false, false, 'quit'],
    [1, 10.213, 0.9, false, false, 'fin'],
    [2, 5.847, 12.299, true, false, 'rst'],
    [4, 2.981, 12.269, true, true, 'rst'],
    [4, 20.0, 4.068, false, false, 'fin'],
    [2, 3.335, 0.9, true, false, 'rst'],
    [2, 2.022, 1.346, false, false, 'quit'],
    [1, 4.474, 40.0, true, true, 'quit'],
    [4, 4.643, 0.9, true, false, 'fin'],
    [2, 11.66, 15.296, true, true, 'fin'],
    [1, 6.748, 2.649, true, false, 'rst'],
    [1, 2.72, 0.9, true, false, 'quit'],
    [3, 3.794, 8.587, true, true, 'rst'],
    [2, 6.836, 0.9, false, false, 'rst'],
  ];
  const happenings = unfold(
    rows.map(([client, gap, lasts, encrypted, complete, end]) => ({ client, gap, lasts, encrypted, complete, end, sender: client, octets: 5000 })),
  );
  // The log lacks sessions 0 and 10, the capture 1 and 11: the captured 10 and the logged 11 are of one client, 2.7 s apart.
  const captured = thinned(happenings, 9).map((one, i) => capture(one, i));
  const result = pairSessions({ depot, captured, log: writeLog(thinned(happenings, 0), HONEST), site: SITE });
  expect(expectNoneWrong(result, happenings)).toBe(10);
});

test('in a crowd of encrypted sessions of one client with a tenth missing on one side, nothing is joined wrongly', () => {
  fc.assert(
    fc.property(shapes(10, 40, 1.5, 0.05), fc.nat(9), fc.boolean(), (list, from, inLog) => {
      const happenings = unfold(list.map((shape) => ({ ...shape, client: 1, encrypted: true })));
      const captured = (inLog ? happenings : thinned(happenings, from)).map((one, i) => capture(one, i));
      expectNoneWrong(pairSessions({ depot, captured, log: writeLog(inLog ? thinned(happenings, from) : happenings, HONEST), site: SITE }), happenings);
    }),
    { numRuns: 100, endOnFailure: true },
  );
});

test('a day with enough to read is joined nearly whole', () => {
  fc.assert(
    fc.property(shapes(30, 40, 30, 0.2), (list) => {
      const happenings = unfold(list.map((shape) => ({ ...shape, encrypted: false, complete: true })));
      const result = pairSessions({ depot, captured: happenings.map((one, i) => capture(one, i)), log: writeLog(happenings, HONEST), site: SITE });
      expect(expectNoneWrong(result, happenings)).toBeGreaterThanOrEqual(happenings.length * 0.95);
    }),
    { numRuns: 20 },
  );
});

test('the order in which things are given does not matter', () => {
  fc.assert(
    fc.property(shapes(4, 20, 3), fc.infiniteStream(fc.nat()), (list, seeds) => {
      const happenings = unfold(list.map((shape) => ({ ...shape, client: 1 })));
      const captured = happenings.map((one, i) => capture(one, i));
      const log = writeLog(happenings, HONEST);
      const shuffle = <T>(items: readonly T[]): T[] =>
        items
          .map((item) => ({ item, key: seeds.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ item }) => item);
      const straight = pairSessions({ depot, captured, log, site: SITE });
      const mixed = pairSessions({ depot, captured: shuffle(captured), log: { ...log, injections: shuffle([...log.injections]) }, site: SITE });
      expect(icidsByPort(mixed)).toEqual(icidsByPort(straight));
      expect(mixed.clock.estimate).toEqual(straight.clock.estimate);
      expect(mixed.sessions.map((one) => [one.injection?.icid, one.pair])).toEqual(straight.sessions.map((one) => [one.injection?.icid, one.pair]));
    }),
    { numRuns: 40 },
  );
});

/** Hands back what was put on it: as if every session's details stayed at hand. */
const newShelf: Depot['newShelf'] = <T>() => {
  const records: T[] = [];
  return {
    keep: (record: T) => records.push(record) - 1,
    get: (address) => {
      const record = records[address];
      if (record === undefined) throw new Error('nothing was kept there');
      return record;
    },
  };
};

const unpacked: Depot = { store: depot.store, newShelf, newColumn: depot.newColumn, newIndex: depot.newIndex };

test('nothing changes when details are packed and most of them lie in a file', () => {
  fc.assert(
    fc.property(shapes(4, 40, 3), fc.boolean(), (list, oneClient) => {
      const happenings = unfold(list.map((shape) => (oneClient ? { ...shape, client: 1 } : shape)));
      const captured = happenings.map((one, i) => capture(one, i));
      const log = writeLog(happenings, HONEST);
      const full = new ScratchDepot(2 * BLOCK_OCTETS);
      // What was there before fills the store, so that the file is in use.
      for (let i = 0; i < 10; i++) full.store.keep(Buffer.alloc(BLOCK_OCTETS - 300 * list.length));
      const plain = pairSessions({ captured, log, site: SITE, depot: unpacked });
      const packed = pairSessions({ captured, log, site: SITE, depot: full });
      expect({ ...packed, clock: packed.clock.estimate }).toEqual({ ...plain, clock: plain.clock.estimate });
    }),
    { numRuns: 60 },
  );
});
