import type { Connection } from './connection.ts';

/** Connections that began with a SYN and have no answer yet, oldest first, linked through themselves. */
export class Unanswered {
  #oldest: Connection | null = null;
  #newest: Connection | null = null;

  get oldest(): Connection | null {
    return this.#oldest;
  }

  add(connection: Connection): void {
    connection.unanswered = true;
    connection.olderAttempt = this.#newest;
    if (this.#newest) this.#newest.newerAttempt = connection;
    else this.#oldest = connection;
    this.#newest = connection;
  }

  remove(connection: Connection): void {
    if (!connection.unanswered) return;
    connection.unanswered = false;
    const { olderAttempt: older, newerAttempt: newer } = connection;
    if (older) older.newerAttempt = newer;
    else this.#oldest = newer;
    if (newer) newer.olderAttempt = older;
    else this.#newest = older;
    connection.olderAttempt = null;
    connection.newerAttempt = null;
  }
}
