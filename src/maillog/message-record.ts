import type { LogRecipient, MessageHistory } from '../model/maillog.ts';
import { type ApplianceState, MAX_HISTORY_LINES } from './appliance-state.ts';
import type { DeliveryAttempt } from './delivery-record.ts';
import type { MessageEntry } from './entry.ts';
import type { InjectionRecord } from './injection-record.ts';
import type { Line } from './line.ts';

/** A message history while it grows. */
export class MessageRecord implements MessageHistory {
  readonly #appliance: ApplianceState;
  readonly mid: number;
  icid: number | null = null;
  /** The connection it came in on, while its lines belong to that too. */
  injection: InjectionRecord | null = null;
  started: Line | null = null;
  sender: string | null = null;
  readonly recipients: LogRecipient[] = [];
  messageId: string | null = null;
  subject: string | null = null;
  ready: MessageHistory['ready'] = null;
  aborted: MessageHistory['aborted'] = null;
  finished: MessageHistory['finished'] = null;
  queued = false;
  readonly relations: { relation: MessageHistory['relations'][number]['relation']; to: number; by: string | null; line: Line }[] = [];
  readonly first: Line;
  last: Line;
  readonly lines: Line[] = [];
  /** Delivery attempts that await a response line, which names no DCID. */
  attempts: DeliveryAttempt[] | null = null;

  constructor(appliance: ApplianceState, mid: number, line: Line) {
    this.#appliance = appliance;
    this.mid = mid;
    this.first = line;
    this.last = line;
  }

  get appliance(): string {
    return this.#appliance.key;
  }

  add(line: Line): void {
    this.last = line;
    if (this.lines.length < MAX_HISTORY_LINES) this.lines.push(line);
  }

  /** What a line of the message itself says. Edges between messages are told to the older one by `relate`. */
  apply(entry: MessageEntry, line: Line): void {
    switch (entry.kind) {
      case 'mid-start':
        this.started = line;
        return;
      case 'mid-from':
        this.sender = entry.address;
        return;
      case 'mid-to':
        this.#recipient({ rid: entry.rid, address: entry.address, rejectedBy: null, line });
        return;
      case 'mid-to-rejected':
        this.#recipient({ rid: null, address: entry.address, rejectedBy: entry.by, line });
        return;
      case 'mid-system':
        this.sender = entry.from;
        this.#recipient({ rid: null, address: entry.to, rejectedBy: null, line });
        return;
      case 'mid-message-id':
        this.messageId = entry.messageId;
        return;
      case 'mid-subject':
        this.subject = entry.subject;
        return;
      case 'mid-ready':
        this.ready = { octets: entry.octets, line };
        this.sender ??= entry.from;
        return;
      case 'mid-aborted':
        this.aborted = { how: entry.how, by: entry.by, line };
        return;
      case 'mid-finished':
        this.finished = { how: entry.how, line };
        return;
      case 'mid-queued':
        this.queued = true;
        return;
      case 'mid-relation':
      case 'mid-policy':
      case 'mid-helo':
      case 'mid-incoming-relay':
      case 'mid-scan':
        return;
    }
  }

  #recipient(recipient: LogRecipient): void {
    if (this.recipients.length < MAX_HISTORY_LINES) this.recipients.push(recipient);
  }
}
