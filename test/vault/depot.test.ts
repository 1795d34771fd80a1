import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ScratchDepot } from '../../src/vault/index.ts';
import type { ScratchFile } from '../../src/vault/scratch-file.ts';

/** Many more pages than stay in memory. */
const SPAN = 400_000;

const PLACES: readonly [string, (() => ScratchFile | null) | undefined][] = [
  ['in a scratch file', undefined],
  ['in memory, where no file can be made', () => null],
  ['in memory, where nothing can be written', () => ({ descriptor: -1, write: () => false, read: () => expect.unreachable('nothing was written') })],
];

describe.each(PLACES)('a depot %s', (_, open) => {
  test.each<[1 | 4 | 8, number]>([
    [1, 255],
    [4, 2 ** 32 - 1],
    [8, Number.MAX_SAFE_INTEGER],
  ])('a column of %i octets a number gives back what was set last, and 0 where nothing was', (octets, max) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(SPAN), fc.nat(max)), { maxLength: 300 }), fc.array(fc.nat(SPAN), { maxLength: 100 }), (sets, others) => {
        const column = new ScratchDepot(undefined, open).newColumn(octets);
        const known = new Map<number, number>();
        for (const [at, value] of sets) {
          column.set(at, value);
          known.set(at, value);
        }
        for (const at of [...known.keys(), ...others]) expect(column.get(at)).toBe(known.get(at) ?? 0);
        expect(column).toHaveLength(Math.max(0, ...[...known.keys()].map((at) => at + 1)));
      }),
      { numRuns: 30 },
    );
  });

  test('a column of what was added is a list; cleared, it begins anew', () => {
    const column = new ScratchDepot(undefined, open).newColumn(8);
    for (const more of [90_000, 40_000]) {
      for (let at = 0; at < more; at++) column.add(at / 4);
      expect([column.length, column.get(more - 1), column.get(more)]).toEqual([more, (more - 1) / 4, 0]);
      expect([...column]).toEqual(Array.from(column.values()));
      expect(column.values()[20_001]).toBe(20_001 / 4);
      column.clear();
      expect([column.length, column.get(0)]).toEqual([0, 0]);
    }
  });

  test('two columns do not write over one another', () => {
    const depot = new ScratchDepot(undefined, open);
    const columns = [depot.newColumn(8), depot.newColumn(4)];
    for (let at = 0; at < SPAN; at++) for (const [i, column] of columns.entries()) column.set(at, at * 2 + i);
    for (let at = SPAN - 1; at >= 0; at -= 97) expect(columns.map((column) => column.get(at))).toEqual([at * 2, at * 2 + 1]);
  });

  test('an index finds all values of a key, the youngest first, however many keys there are', () => {
    const index = new ScratchDepot(undefined, open).newIndex();
    for (let at = 0; at < 60_000; at++) index.add((at * 7919) % 50_000, at);
    for (const key of [0, 1, 7919, 49_999]) {
      const found = index.find(key);
      expect(found).toEqual([...Array(60_000).keys()].filter((at) => (at * 7919) % 50_000 === key).toReversed());
    }
    expect(index.find(2 ** 32 - 1)).toEqual([]);
  });
});
