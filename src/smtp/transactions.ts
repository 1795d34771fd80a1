import type { SmtpTransaction } from '../model/smtp.ts';
import type { BoundedList } from './bounded-list.ts';
import { HeaderReader } from './header-reader.ts';

/** A transaction in the making. Events are named by ordinals; -1 where an event was not seen. */
export interface OpenTransaction {
  reversePath: string;
  mail: number;
  recipients: { forwardPath: string; command: number; code: number | null }[];
  data: number | null;
  octets: number;
  ended: boolean;
  header: HeaderReader;
  /** Code and ordinal of the last refusal of a recipient. */
  lastRefusal: number | null;
  finalReply: number | null;
  outcome: SmtpTransaction['outcome'];
  withdrawnBy: number | null;
  acceptedMid: number | null;
}

/** Follows the transactions of a session (RFC 5321, 3.3 and 4.1.4). */
export class TransactionLedger {
  readonly #all: BoundedList<OpenTransaction>;
  readonly #recipientLimit: number;
  #current: OpenTransaction | null = null;
  /** Open while a second MAIL waits for its reply: most servers refuse it (nested MAIL), and then this one goes on. */
  #suspended: OpenTransaction | null = null;

  constructor(all: BoundedList<OpenTransaction>, recipientLimit: number) {
    this.#all = all;
    this.#recipientLimit = recipientLimit;
  }

  /** The transaction that further commands belong to; it may be over. */
  get current(): OpenTransaction | null {
    return this.#current;
  }

  /** Begun, and neither answered for good nor withdrawn. */
  get isOpen(): boolean {
    return this.#current?.outcome === 'open';
  }

  begin(mail: number, reversePath: string): OpenTransaction {
    if (this.#current?.outcome === 'open' && !this.#current.ended) this.#suspended = this.#current;
    const transaction: OpenTransaction = {
      reversePath,
      mail,
      recipients: [],
      data: null,
      octets: 0,
      ended: false,
      header: new HeaderReader(),
      lastRefusal: null,
      finalReply: null,
      outcome: 'open',
      withdrawnBy: null,
      acceptedMid: null,
    };
    this.#current = transaction;
    this.#all.add(transaction);
    return transaction;
  }

  /** The transaction that a RCPT or DATA belongs to: the current one, opened again where only its DATA was refused; null where there is none. */
  resume(): OpenTransaction | null {
    const current = this.#current;
    if (!current || current.ended || current.outcome === 'withdrawn' || current.outcome === 'accepted') return null;
    if (current.outcome === 'rejected' && current.recipients.length === 0) return null;
    current.outcome = 'open';
    current.finalReply = null;
    return current;
  }

  /** Index of the new recipient, or -1 beyond the budget. */
  addRecipient(transaction: OpenTransaction, forwardPath: string, command: number): number {
    if (transaction.recipients.length >= this.#recipientLimit) return -1;
    return transaction.recipients.push({ forwardPath, command, code: null }) - 1;
  }

  mailAnswered(transaction: OpenTransaction, code: number, reply: number): void {
    const suspended = this.#suspended;
    if (code < 400) {
      if (suspended?.outcome === 'open') withdraw(suspended, transaction.mail);
      this.#suspended = null;
      return;
    }
    reject(transaction, reply);
    if (!suspended) return;
    suspended.recipients.push(...transaction.recipients.splice(0));
    if (this.#current === transaction) this.#current = suspended;
    this.#suspended = null;
  }

  recipientAnswered(transaction: OpenTransaction, recipient: number, code: number, reply: number): void {
    const entry = transaction.recipients[recipient] ?? this.#suspended?.recipients[recipient] ?? this.#current?.recipients[recipient];
    if (entry) entry.code = code;
    if (code >= 400) transaction.lastRefusal = reply;
  }

  /** A new HELO that was accepted withdraws what was open when it was said. */
  withdrawOne(transaction: OpenTransaction, by: number): void {
    if (transaction.outcome === 'open' && !transaction.ended) withdraw(transaction, by);
  }

  /** RSET, QUIT or the start of TLS. What the client has already handed over entirely cannot be withdrawn. */
  withdraw(by: number): void {
    for (const transaction of [this.#suspended, this.#current]) if (transaction?.outcome === 'open' && !transaction.ended) withdraw(transaction, by);
    this.#suspended = null;
  }

  /** What became of those that nothing ended. */
  settle(): void {
    for (const transaction of this.#all.toArray()) {
      if (transaction.outcome === 'open' && !transaction.ended && allRefused(transaction)) reject(transaction, transaction.lastRefusal);
    }
  }
}

export function reject(transaction: OpenTransaction, reply: number | null): void {
  transaction.outcome = 'rejected';
  transaction.finalReply = reply;
}

/** Every recipient was answered, and none accepted. */
function allRefused(transaction: OpenTransaction): boolean {
  return transaction.recipients.length > 0 && transaction.recipients.every(({ code }) => code !== null && code >= 400);
}

function withdraw(transaction: OpenTransaction, by: number): void {
  if (allRefused(transaction)) {
    reject(transaction, transaction.lastRefusal);
    return;
  }
  transaction.outcome = 'withdrawn';
  transaction.withdrawnBy = by;
}

/** The sealed form; `position` turns ordinals into event indexes, null for events that were not kept. */
export function sealTransaction(open: OpenTransaction, position: (ordinal: number) => number | null): SmtpTransaction {
  const place = (ordinal: number | null): number | null => (ordinal === null ? null : position(ordinal));
  return {
    reversePath: open.reversePath,
    mail: position(open.mail) ?? -1,
    recipients: open.recipients.map(({ forwardPath, command, code }) => ({ forwardPath, command: position(command) ?? -1, code })),
    data: place(open.data),
    octets: open.octets,
    ended: open.ended,
    header: open.header.fields(),
    longestHeaderLine: open.header.longestLine,
    finalReply: place(open.finalReply),
    outcome: open.outcome,
    withdrawnBy: place(open.withdrawnBy),
    acceptedMid: open.acceptedMid,
  };
}
