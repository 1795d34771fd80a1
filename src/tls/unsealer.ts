import type { OpenedRecord, Opener, SealedRecord } from './protection.ts';

/** Sequence numbers tried behind a gap whose records could not be counted. */
const MOST_TRIES = 1_024;
/** The same under keys that are not in use yet: a change of keys that fell into the gap lies close to its end. */
const MOST_TRIES_AHEAD = 32;
/** Records in a row that do not open, after which the rest is given up. */
const MOST_FAILURES = 16;
/** Keys in a row that are tried beside the present one: those of early data are guesses, and a change of keys may have fallen into a gap. */
const KEYS_AHEAD = 6;

/** The keys of one side in the order in which they come into use; null where the secret for one is not known, or not yet. */
export type KeyChain = (index: number) => Opener | null;

/** What was opened, and how many records in front of it are known to be missing. */
export interface Unsealed extends OpenedRecord {
  readonly missing: number;
}

/** Opens one side's records in order: finds the key, and behind gaps the sequence number, by what verifies. */
export class Unsealer {
  readonly #keys: KeyChain;
  #index = 0;
  #sequence = 0;
  /** At most so many records are missing in front of the next one. */
  #slack = 0;
  #nonce: bigint | null = null;
  #failures = 0;

  constructor(keys: KeyChain) {
    this.#keys = keys;
  }

  /** Which of the chain's keys opened the last record. */
  get keyIndex(): number {
    return this.#index;
  }

  /** Too many records in a row did not open: no more are tried. */
  get hasGivenUp(): boolean {
    return this.#failures >= MOST_FAILURES;
  }

  /** The records of a gap could not be counted, and no number fits. */
  get isLost(): boolean {
    return this.#slack > 0;
  }

  open(record: SealedRecord): Unsealed | null {
    if (this.hasGivenUp) return null;
    const found = this.#tryPresent(record) ?? this.#tryNext(record);
    if (!found) {
      this.#failures++;
      this.#keys(this.#index)?.passed(record);
      this.#sequence++;
      return null;
    }
    this.#failures = 0;
    this.#slack = 0;
    const opener = this.#keys(this.#index);
    opener?.passed(record);
    this.#nonce = opener?.nonceOf(record) ?? null;
    return found;
  }

  #tryPresent(record: SealedRecord): Unsealed | null {
    const opener = this.#keys(this.#index);
    if (!opener) return null;
    const hint = this.#hint(opener, record);
    if (hint !== null) {
      const opened = opener.open(record, this.#sequence + hint);
      if (opened) return this.#settle(this.#index, this.#sequence + hint, opened, hint);
    }
    for (let skipped = 0; skipped <= this.#slack; skipped++) {
      const opened = opener.open(record, this.#sequence + skipped);
      if (opened) return this.#settle(this.#index, this.#sequence + skipped, opened, skipped);
    }
    return null;
  }

  /** By how much the record's own number runs ahead of the one before, as senders count it. */
  #hint(opener: Opener, record: SealedRecord): number | null {
    if (this.#slack === 0 || this.#nonce === null) return null;
    const nonce = opener.nonceOf(record);
    const skipped = nonce === null ? 0n : nonce - this.#nonce - 1n;
    return skipped > 0n && skipped < 1n << 32n ? Number(skipped) : null;
  }

  #tryNext(record: SealedRecord): Unsealed | null {
    for (let ahead = 1; ahead <= KEYS_AHEAD; ahead++) {
      const opener = this.#keys(this.#index + ahead);
      if (!opener) continue;
      for (let sequence = 0; sequence <= Math.min(this.#slack, MOST_TRIES_AHEAD); sequence++) {
        const opened = opener.open(record, sequence);
        if (opened) return this.#settle(this.#index + ahead, sequence, opened, sequence);
      }
    }
    return null;
  }

  #settle(index: number, sequence: number, opened: OpenedRecord, missing: number): Unsealed {
    this.#index = index;
    this.#sequence = sequence + 1;
    return { type: opened.type, content: opened.content, missing };
  }

  /** A message said that the next key is used from here on. */
  advance(): void {
    this.#index++;
    this.#sequence = 0;
    this.#nonce = null;
  }

  /** One record is there in part, or its length is known and its octets are not. */
  missed(): void {
    this.#sequence++;
    this.#keys(this.#index)?.passed(null);
  }

  /** At most so many records are missing. */
  lost(records: number): void {
    this.#slack = Math.min(MOST_TRIES, this.#slack + records);
    this.#keys(this.#index)?.passed(null);
  }
}
