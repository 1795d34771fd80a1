import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestOverlap, IntervalSet } from '../../src/pairing/intervals.ts';

test('a majority is not moved by a few wrong intervals', () => {
  const set = new IntervalSet();
  set.add(0, 10, 1);
  set.add(4, 12, 1);
  set.add(6, 20, 1);
  set.add(100, 101, 1);
  expect(bestOverlap(set)).toEqual({ low: 6, high: 10, weight: 3 });
});

test('between equal majorities the one nearest to what is preferred wins', () => {
  const set = new IntervalSet();
  set.add(-50, -40, 1);
  set.add(30, 35, 1);
  expect(bestOverlap(set, 0)?.low).toBe(30);
  expect(bestOverlap(set, -60)?.low).toBe(-50);
});

test('nothing in, nothing out; an interval the wrong way round is none', () => {
  const set = new IntervalSet();
  set.add(5, 4, 1);
  expect(bestOverlap(set)).toBeNull();
});

test('the weight is that of the intervals that hold the stretch, and no point has more', () => {
  const intervals = fc.array(
    fc.record({ low: fc.integer({ min: -30, max: 30 }), length: fc.integer({ min: 0, max: 20 }), weight: fc.integer({ min: 1, max: 3 }) }),
    {
      minLength: 1,
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(intervals, (list) => {
      const set = new IntervalSet();
      for (const { low, length, weight } of list) set.add(low, low + length, weight);
      const at = (point: number): number => list.reduce((sum, one) => sum + (one.low <= point && point <= one.low + one.length ? one.weight : 0), 0);
      const best = bestOverlap(set);
      expect(best?.weight).toBe(at(best?.low ?? NaN));
      expect(best?.weight).toBe(at(best?.high ?? NaN));
      for (let point = -30; point <= 50; point++) expect(at(point)).toBeLessThanOrEqual(best?.weight ?? 0);
    }),
  );
});
