import type { SmtpCommand, SmtpDataEvent } from '../model/smtp.ts';
import type { EpochUs } from '../model/units.ts';
import type { OpenTransaction } from './transactions.ts';
import { verbInfo } from './verbs.ts';

/** Something said that the server has yet to answer. */
export interface Unanswered {
  /** The verb; `.` for the end of data, `?` for what the server read as command lines although it was meant otherwise. */
  verb: string;
  readonly known: boolean;
  /** Ordinal of the event that the reply answers; -1 where there is none. */
  event: number;
  readonly command: { -readonly [K in keyof SmtpCommand]: SmtpCommand[K] } | null;
  /** End of data or of a chunk that the same reply answers. */
  data: { -readonly [K in keyof SmtpDataEvent]: SmtpDataEvent[K] } | null;
  readonly transaction: OpenTransaction | null;
  /** Index of the recipient, for RCPT. */
  readonly recipient: number;
  /** Replies still to come: one, but one a recipient at the end of data in LMTP (RFC 2033, 4.2), and one a line for `?`. */
  repliesLeft: number;
  readonly atUs: EpochUs;
}

/** Codes that only certain verbs get; every other 2xx is a general yes. */
const SPECIAL: ReadonlySet<number> = new Set([220, 221, 235]);

/** Whether a code may answer what waits. */
export function fits(entry: Unanswered, code: number): boolean {
  if (code >= 400) return true;
  const info = verbInfo(entry.verb);
  if (!info) return entry.verb === '.' ? code >= 200 && code < 300 && !SPECIAL.has(code) : true;
  if (info.codes?.includes(code)) return true;
  return code < 300 && !SPECIAL.has(code) && info.onlyCodes !== true;
}

/** Whether the code is meant for this verb and hardly any other. */
function isMeantFor(entry: Unanswered, code: number): boolean {
  return code < 400 && verbInfo(entry.verb)?.codes?.includes(code) === true;
}

/** Commands in the order in which the server must answer them (RFC 2920, 3.1). */
export class ReplyQueue {
  readonly #limit: number;
  #entries: Unanswered[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#entries.length;
  }

  get oldest(): Unanswered | undefined {
    return this.#entries[0];
  }

  push(entry: Unanswered): void {
    this.#entries.push(entry);
    if (this.#entries.length > 2 * this.#limit) this.#entries = this.#entries.slice(this.#limit);
  }

  /**
   * Takes the entry that a reply with this code answers, or null. Entries before it lost their replies: they are dropped.
   * A code that fits the oldest answers it; one that is meant for a later verb (354, 221 …) answers that.
   */
  match(code: number): Unanswered | null {
    const oldest = this.#entries[0];
    if (!oldest) return null;
    let index = 0;
    if (!fits(oldest, code)) {
      index = this.#entries.findIndex((entry) => isMeantFor(entry, code));
      if (index < 0) return null;
    }
    const entry = this.#entries[index] ?? null;
    if (!entry) return null;
    entry.repliesLeft--;
    this.#entries.splice(0, entry.repliesLeft > 0 ? index : index + 1);
    return entry;
  }

  /** The replies to everything so far are lost: the client went on, so it had them. */
  clear(): void {
    this.#entries.length = 0;
  }

  keepOnly(verb: string): void {
    this.#entries = this.#entries.filter((entry) => entry.verb === verb);
  }

  /** What waits, oldest first. */
  get waiting(): readonly Unanswered[] {
    return this.#entries;
  }

  find(verb: string): Unanswered | undefined {
    return this.#entries.find((entry) => entry.verb === verb);
  }

  includes(verb: string): boolean {
    return this.#entries.some((entry) => entry.verb === verb);
  }

  /** Puts `entry` in place of the first entry for which `isMeant` holds, or at the front. */
  replace(isMeant: (entry: Unanswered) => boolean, entry: Unanswered): void {
    const index = this.#entries.findIndex(isMeant);
    if (index < 0) this.#entries.unshift(entry);
    else this.#entries[index] = entry;
  }
}
