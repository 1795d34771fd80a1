import { type DurationUs, type EpochUs, SECOND_US } from '../model/units.ts';

const NEVER = Number.NEGATIVE_INFINITY;

/**
 * The pace of a session: how long each side kept the other waiting while it was its turn. A pause counts once another word follows
 * the one that ended it, so that a last word after a timer does not pass for the session's habit.
 */
export class Rhythm {
  #lastByClient = false;
  #lastUs: EpochUs = NEVER;
  /** The pause before the last word, which was this side's; 0 where that ended none. */
  #waitedUs: DurationUs = 0;
  longestClientPauseUs: DurationUs = 0;
  longestServerPauseUs: DurationUs = 0;

  /** A side speaks. `inTurn`: the other was waiting for it. */
  word(byClient: boolean, atUs: EpochUs, inTurn: boolean): void {
    if (byClient === this.#lastByClient && atUs - this.#lastUs < SECOND_US) {
      // More of the same word.
      this.#lastUs = Math.max(this.#lastUs, atUs);
      return;
    }
    if (this.#waitedUs > 0) {
      if (this.#lastByClient) this.longestClientPauseUs = Math.max(this.longestClientPauseUs, this.#waitedUs);
      else this.longestServerPauseUs = Math.max(this.longestServerPauseUs, this.#waitedUs);
    }
    this.#lastByClient = byClient;
    this.#waitedUs = inTurn && atUs > this.#lastUs && this.#lastUs !== NEVER ? atUs - this.#lastUs : 0;
    if (atUs > this.#lastUs) this.#lastUs = atUs;
  }

  /** The last word was the end of a wait (421), no part of the rhythm. */
  discard(): void {
    this.#waitedUs = 0;
  }
}
