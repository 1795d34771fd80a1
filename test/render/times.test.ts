import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { showSeconds } from '../../src/render/times.ts';

describe('amounts of time', () => {
  test.each([
    [419.6, '7 min 0 s'],
    [-419.6, '-7 min 0 s'],
    [0.9997, '1.0 s'],
    [119.97, '2 min 0 s'],
    [7199.6, '2 h 0 min'],
    [10_799, '3 h 0 min'],
    [312.2, '5 min 12 s'],
  ])('%d seconds are shown as %s', (seconds, shown) => {
    expect(showSeconds(seconds)).toBe(shown);
  });

  test('no part is ever 60', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (seconds) => !/\b(?:60(?:\.0)?) (?:s|min)\b/.test(showSeconds(seconds)) || seconds < 120),
    );
  });
});
