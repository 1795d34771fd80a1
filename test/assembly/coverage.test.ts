import { expect, test } from 'vitest';
import { describeCoverage } from '../../src/assembly/index.ts';
import type { CaptureContext, LogContext } from '../../src/model/judgement.ts';

const at = (seconds: number): number => 1_795_283_728_000_000 + seconds * 1_000_000;
const capture = (first: number, last: number) => ({ firstUs: at(first), lastUs: at(last) }) as CaptureContext;
const log = (first: number, last: number) => ({ firstUs: at(first), lastUs: at(last) }) as LogContext;

test('a log whose only second begins before the capture does is of the same time', () => {
  expect(describeCoverage(capture(0.019, 0.53), log(-0.327, -0.327))).toEqual([]);
});

test.each([
  [capture(0, 60), log(-7200, -3600)],
  [capture(0, 60), log(3600, 7200)],
])('an hour apart they have no time in common', (captured, logged) => {
  expect(describeCoverage(captured, logged)).toEqual([expect.stringContaining('no time in common')]);
});

test('without a log, or a log without a time, there is nothing to say', () => {
  expect(describeCoverage(capture(0, 1), null)).toEqual([]);
  expect(describeCoverage(null, log(0, 1))).toEqual([]);
});
