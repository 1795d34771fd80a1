import { type DurationUs, type EpochUs, SECOND_US } from '../model/units.ts';

/**
 * The pace of a session: how long each side kept the other waiting while it was its turn. A pause counts once another word follows
 * the one that ended it, so that a last word after a timer does not pass for the session's habit.
 */
export class Rhythm {
  #lastByClient = false;
  #lastUs: EpochUs | null = null;
  #waiting: { readonly byClient: boolean; readonly us: DurationUs } | null = null;
  longestClientPauseUs: DurationUs = 0;
  longestServerPauseUs: DurationUs = 0;

  /** A side speaks. `inTurn`: the other was waiting for it. */
  word(byClient: boolean, atUs: EpochUs, inTurn: boolean): void {
    if (this.#lastUs !== null && byClient === this.#lastByClient && atUs - this.#lastUs < SECOND_US) {
      // More of the same word.
      this.#lastUs = Math.max(this.#lastUs, atUs);
      return;
    }
    this.#lastByClient = byClient;
    const waiting = this.#waiting;
    if (waiting) {
      if (waiting.byClient) this.longestClientPauseUs = Math.max(this.longestClientPauseUs, waiting.us);
      else this.longestServerPauseUs = Math.max(this.longestServerPauseUs, waiting.us);
    }
    this.#waiting = null;
    if (inTurn && this.#lastUs !== null && atUs > this.#lastUs) this.#waiting = { byClient, us: atUs - this.#lastUs };
    if (this.#lastUs === null || atUs > this.#lastUs) this.#lastUs = atUs;
  }

  /** The last word was the end of a wait (421), no part of the rhythm. */
  discard(): void {
    this.#waiting = null;
  }
}
