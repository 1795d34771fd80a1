import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ScratchArchive } from '../../src/vault/index.ts';
import type { ScratchFile } from '../../src/vault/scratch-file.ts';

/** Many more pages than stay in memory. */
const SPAN = 400_000;

const PLACES: readonly [string, (() => ScratchFile | null) | undefined][] = [
  ['in a scratch file', undefined],
  ['in memory, where no file can be made', () => null],
  ['in memory, where nothing can be written', () => ({ descriptor: -1, write: () => false, read: () => expect.unreachable('nothing was written') })],
];

describe.each(PLACES)('an archive %s', (_, open) => {
  test.each<[4 | 8, number]>([
    [4, 2 ** 32 - 1],
    [8, Number.MAX_SAFE_INTEGER],
  ])('a column of %i octets a number gives back what was set last, and 0 where nothing was', (octets, max) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(SPAN), fc.nat(max)), { maxLength: 300 }), fc.array(fc.nat(SPAN), { maxLength: 100 }), (sets, others) => {
        const column = new ScratchArchive(open).column(octets);
        const known = new Map<number, number>();
        for (const [at, value] of sets) {
          column.set(at, value);
          known.set(at, value);
        }
        for (const at of [...known.keys(), ...others]) expect(column.get(at)).toBe(known.get(at) ?? 0);
      }),
      { numRuns: 30 },
    );
  });

  test('two columns do not write over one another', () => {
    const archive = new ScratchArchive(open);
    const columns = [archive.column(8), archive.column(4)];
    for (let at = 0; at < SPAN; at++) for (const [i, column] of columns.entries()) column.set(at, at * 2 + i);
    for (let at = SPAN - 1; at >= 0; at -= 97) expect(columns.map((column) => column.get(at))).toEqual([at * 2, at * 2 + 1]);
  });

  test('an index finds all values of a key, the youngest first, however many keys there are', () => {
    const index = new ScratchArchive(open).index();
    for (let at = 0; at < 60_000; at++) index.add((at * 7919) % 50_000, at);
    for (const key of [0, 1, 7919, 49_999]) {
      const found = index.find(key);
      expect(found).toEqual([...Array(60_000).keys()].filter((at) => (at * 7919) % 50_000 === key).toReversed());
    }
    expect(index.find(2 ** 32 - 1)).toEqual([]);
  });
});
