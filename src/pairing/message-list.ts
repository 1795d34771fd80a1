import type { DeliveryHistory, HistoryList, InjectionHistory, MailLog, MessageHistory } from '../model/maillog.ts';
import { isLong } from '../model/record-list.ts';

/** The messages of a connection, in order, as far as the log tells of them. */
export function messagesOf({ appliance, mids, last }: InjectionHistory | DeliveryHistory, log: MailLog | null): HistoryList<MessageHistory> {
  const find = (mid: number): MessageHistory | null => log?.message(appliance, mid, last) ?? null;
  if (isLong(mids.length)) return new FoundMessages(mids, find);
  return mids.map(find).filter((found) => found !== null);
}

/** Messages that are found anew with each walk over them. */
class FoundMessages implements HistoryList<MessageHistory> {
  readonly #mids: readonly number[];
  readonly #find: (mid: number) => MessageHistory | null;

  constructor(mids: readonly number[], find: (mid: number) => MessageHistory | null) {
    this.#mids = mids.filter((mid) => find(mid) !== null);
    this.#find = find;
  }

  get length(): number {
    return this.#mids.length;
  }

  at(index: number): MessageHistory | undefined {
    const mid = this.#mids.at(index);
    return mid === undefined ? undefined : (this.#find(mid) ?? undefined);
  }

  *[Symbol.iterator](): Generator<MessageHistory> {
    for (const mid of this.#mids) {
      const message = this.#find(mid);
      if (message) yield message;
    }
  }

  map<U>(change: (message: MessageHistory) => U): U[] {
    return Array.from(this, change);
  }
}
