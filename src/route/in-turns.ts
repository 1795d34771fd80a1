import type { Steps } from '../model/steps.ts';
import { Turns } from '../model/turns.ts';

/**
 * Does long work in turns with whatever waits. Rejects when `signal` fires meanwhile; where it had fired before, nothing else is waited for: what was
 * read until then is to be told.
 */
export async function inTurns<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  const givesWay = signal?.aborted !== true;
  const turns = new Turns();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (!givesWay || !turns.isDue) continue;
    // oxlint-disable-next-line no-await-in-loop -- giving way is what this is for
    await turns.giveWay();
    signal?.throwIfAborted();
  }
}
