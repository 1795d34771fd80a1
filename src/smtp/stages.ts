import type { Moment } from '../model/evidence.ts';
import type { Stage, StageChange } from '../model/smtp.ts';
import { BoundedList } from './bounded-list.ts';

/** Keeps the steps of a session as they begin. */
export class StageTrack {
  readonly #changes: BoundedList<StageChange>;
  #current: Stage = 'connect';

  constructor(limit: number) {
    this.#changes = new BoundedList(limit);
  }

  get current(): Stage {
    return this.#current;
  }

  reach(stage: Stage, at: Moment): void {
    if (stage === this.#current) return;
    this.#current = stage;
    this.#changes.add({ stage, at });
  }

  toArray(): StageChange[] {
    return this.#changes.toArray();
  }
}
