import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readHotShape } from '../../src/maillog/hot-shapes.ts';
import { LOG_PATTERNS } from '../../src/maillog/index.ts';
import { matchText } from '../../src/maillog/patterns/index.ts';
import { SAMPLE_LOG } from './sample-log.ts';

const lines = [...LOG_PATTERNS.flatMap((pattern) => pattern.samples.map(({ line }) => line)), ...SAMPLE_LOG.map((line) => line.slice(31))];

/** The quick reader stands in for the table, so it may refuse but never differ. */
function expectSame(line: string): void {
  const quick = readHotShape(line, 0, line.length);
  if (quick !== null) expect(quick, line).toEqual(matchText(line)?.entry);
  const within = readHotShape(`junk ${line} junk`, 5, 5 + line.length);
  expect(within, line).toEqual(quick);
}

describe('shapes read by hand', () => {
  test('give what the table gives', () => {
    for (const line of lines) expectSame(line);
  });

  test('also when a character is lost, added or changed', () => {
    const property = fc.property(
      fc.constantFrom(...lines),
      fc.nat(),
      fc.nat({ max: 2 }),
      fc.constantFrom(...' \t()[]<>:\'"\\0159.aZ,-é'.split('')),
      (line, place, cut, character) => {
        const at = place % (line.length + 1);
        expectSame((line.slice(0, at) + (cut < 2 ? character : '') + line.slice(at + Math.min(cut, 1))).trim());
      },
    );
    fc.assert(property, { numRuns: 5000 });
  });

  test('cover the bulk of a log', () => {
    const known = SAMPLE_LOG.filter((line) => readHotShape(line, 31, line.length) !== null);
    expect(known.length / SAMPLE_LOG.length).toBeGreaterThan(0.65);
  });
});
