import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Steps } from '../../src/model/steps.ts';
import { inTurns } from '../../src/route/in-turns.ts';

/** Works until it is told to stop, at most for ten seconds. */
function* untilStopped(isStopped: () => boolean): Steps<'stopped' | 'not heard'> {
  for (const until = performance.now() + 10_000; performance.now() < until; yield) if (isStopped()) return 'stopped';
  return 'not heard';
}

describe('long work in turns', () => {
  test('lets what waits have its turn', async () => {
    let isStopped = false;
    void setTimeout(1).then(() => (isStopped = true));
    expect(await inTurns(untilStopped(() => isStopped))).toBe('stopped');
  });

  test('ends when it is interrupted', async () => {
    const abort = new AbortController();
    void setTimeout(1).then(() => abort.abort(new Error('interrupted')));
    await expect(
      inTurns(
        untilStopped(() => false),
        abort.signal,
      ),
    ).rejects.toThrow('interrupted');
  });

  test('is done to its end, and at once, where the reading was interrupted: what was read is told', async () => {
    let hasWaited = false;
    void setTimeout(1).then(() => (hasWaited = true));
    const until = performance.now() + 120;
    expect(
      await inTurns(
        untilStopped(() => performance.now() > until),
        AbortSignal.abort(),
      ),
    ).toBe('stopped');
    expect(hasWaited).toBe(false);
  });
});
