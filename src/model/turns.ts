import { setImmediate } from 'node:timers/promises';

/** Whatever waits, such as Ctrl-C or a timer, gets its turn after this time. */
const TURN_MS = 50;

/** Tells long work when it is time to give way. */
export class Turns {
  #untilMs = performance.now() + TURN_MS;

  get isDue(): boolean {
    return performance.now() >= this.#untilMs;
  }

  /** Lets everything else that waits have its turn. */
  async giveWay(): Promise<void> {
    await setImmediate();
    this.#untilMs = performance.now() + TURN_MS;
  }
}
