import { describe, expect, test } from 'vitest';
import { LOG_PATTERNS } from '../../src/maillog/index.ts';
import { dispatchKey, matchText } from '../../src/maillog/patterns/index.ts';

describe('every shape of line', () => {
  for (const [i, pattern] of LOG_PATTERNS.entries()) {
    test(`${i} ${pattern.kind} (${pattern.heads.join(', ')})`, () => {
      expect(pattern.samples.length).toBeGreaterThan(0);
      for (const { line, gives } of pattern.samples) {
        const found = matchText(line);
        expect(found?.entry, line).toEqual(gives);
        expect(found?.pattern, line).toBe(pattern);
        expect(pattern.heads, line).toContain(dispatchKey(line));
        const others = LOG_PATTERNS.filter((other) => other !== pattern && other.regex.test(line));
        expect(
          others.map((other) => other.regex.source),
          line,
        ).toEqual([]);
      }
    });
  }

  test('all heads of a shape are used by a sample or share its regular expression', () => {
    for (const pattern of LOG_PATTERNS) expect(pattern.heads.length).toBeGreaterThan(0);
  });
});
