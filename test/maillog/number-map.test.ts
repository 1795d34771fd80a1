import { array, assert, integer, nat, oneof, property, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NumberMap } from '../../src/maillog/number-map.ts';

describe('numbers by numbers', () => {
  test('are found as in a map, runs of them and scattered ones', () => {
    const key = oneof(nat(5000), integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
    assert(
      property(array(tuple(key, integer({ min: 1, max: 2 ** 32 - 1 })), { maxLength: 300 }), (entries) => {
        const numbers = new NumberMap();
        for (const [at, value] of entries) numbers.set(at, value);
        for (const [at, value] of new Map(entries)) expect(numbers.get(at)).toBe(value);
        expect(numbers.get(5001)).toBe(new Map(entries).get(5001) ?? 0);
      }),
    );
  });

  test('a long run', () => {
    const numbers = new NumberMap();
    for (let at = 0; at < 100_000; at++) numbers.set(7_000_000 + at, at + 1);
    for (let at = 0; at < 100_000; at++) expect(numbers.get(7_000_000 + at)).toBe(at + 1);
  });
});
