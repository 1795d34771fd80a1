import { setImmediate } from 'node:timers/promises';
import type { Steps } from '../model/steps.ts';

/** Whatever waits, such as a signal, gets its turn after this time. */
const TURN_MS = 50;

/**
 * Does long work in turns with whatever waits. Rejects when `signal` fires meanwhile; where it had fired before, nothing else is waited for: what was
 * read until then is to be told.
 */
export async function inTurns<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  const givesWay = signal?.aborted !== true;
  for (let until = performance.now() + TURN_MS; ; ) {
    const step = steps.next();
    if (step.done) return step.value;
    if (!givesWay || performance.now() < until) continue;
    // oxlint-disable-next-line no-await-in-loop -- giving way is what this is for
    await setImmediate();
    signal?.throwIfAborted();
    until = performance.now() + TURN_MS;
  }
}
