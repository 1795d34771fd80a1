import type { Moment } from '../model/evidence.ts';
import type { SmtpDialogue, Stage, StageChange } from '../model/smtp.ts';
import type { EpochUs } from '../model/units.ts';
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

/** The step that a session had reached at a moment: `connect` before its first octet. */
export function stageAt(dialogue: Pick<SmtpDialogue, 'stages'>, atUs: EpochUs): Stage {
  return dialogue.stages.findLast((change) => change.at.atUs <= atUs)?.stage ?? 'connect';
}
