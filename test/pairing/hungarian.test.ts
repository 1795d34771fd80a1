import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { assign, FORBIDDEN } from '../../src/pairing/hungarian.ts';

/** All ways to give each row its own column. */
function* everyWay(rows: number, columns: number, taken: number[] = []): Generator<number[]> {
  if (taken.length === rows) {
    yield taken;
    return;
  }
  for (let column = 0; column < columns; column++) if (!taken.includes(column)) yield* everyWay(rows, columns, [...taken, column]);
}

const matrices = fc.record({ rows: fc.integer({ min: 1, max: 4 }), more: fc.integer({ min: 0, max: 2 }) }).chain(({ rows, more }) =>
  fc.record({
    rows: fc.constant(rows),
    columns: fc.constant(rows + more),
    cost: fc.array(fc.oneof({ weight: 5, arbitrary: fc.integer({ min: -20, max: 20 }) }, { weight: 1, arbitrary: fc.constant(FORBIDDEN) }), {
      minLength: rows * (rows + more),
      maxLength: rows * (rows + more),
    }),
  }),
);

test('no other assignment is cheaper', () => {
  fc.assert(
    fc.property(matrices, ({ rows, columns, cost }) => {
      const price = (way: ArrayLike<number>): number => Array.from(way).reduce((sum, column, row) => sum + (cost[row * columns + column] ?? 0), 0);
      const solved = assign(Float64Array.from(cost), rows, columns);
      expect(new Set(solved).size).toBe(rows);
      expect(price(solved)).toBeCloseTo(Math.min(...[...everyWay(rows, columns)].map(price)), 6);
    }),
    { numRuns: 300 },
  );
});
