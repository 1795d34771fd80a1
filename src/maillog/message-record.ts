import type { LogLine, LogRecipient, MessageHistory, MessageRelation } from '../model/maillog.ts';
import type { ApplianceState } from './appliance-state.ts';
import type { DeliveryAttempt } from './delivery-record.ts';
import type { MessageEntry, OtherLogEntry } from './entry.ts';
import type { InjectionRecord } from './injection-record.ts';
import { type LineId, NO_LINE } from './line-table.ts';
import { HistoryLines, type LineStore, MAX_HISTORY_LINES } from './store.ts';

interface RecipientRecord {
  readonly rid: number | null;
  readonly address: string;
  readonly rejectedBy: string | null;
  readonly line: LineId;
}

interface RelationRecord {
  readonly relation: MessageRelation;
  readonly to: number;
  readonly by: string | null;
  readonly line: LineId;
}

/** A message on its way to a quarantine on another box. */
interface HandOver {
  readonly line: LineId;
  readonly dcid: number | null;
  readonly remoteIp: string | null;
}

/** A message history while it grows. Lines are named by number and shown on demand. */
export class MessageRecord extends HistoryLines implements MessageHistory {
  readonly #appliance: ApplianceState;
  readonly mid: number;
  readonly order: number;
  icid: number | null = null;
  /** The connection it came in on. */
  injection: InjectionRecord | null = null;
  #started: LineId = NO_LINE;
  sender: string | null = null;
  #recipients: RecipientRecord[] | null = null;
  messageId: string | null = null;
  subject: string | null = null;
  #octets = -1;
  #ready: LineId = NO_LINE;
  #abortedHow: 'receiving' | 'by-sender' | 'policy' = 'receiving';
  #abortedBy: string | null = null;
  #aborted: LineId = NO_LINE;
  #finishedHow: 'done' | 'aborted' = 'done';
  #finished: LineId = NO_LINE;
  #relations: RelationRecord[] | null = null;
  #handedOver: HandOver | null = null;
  /** Delivery attempts that await a response line, which names no DCID. */
  attempts: DeliveryAttempt[] | null = null;

  constructor(store: LineStore, appliance: ApplianceState, mid: number, line: LineId, order: number) {
    super(store, line);
    this.#appliance = appliance;
    this.mid = mid;
    this.order = order;
  }

  get state(): ApplianceState {
    return this.#appliance;
  }

  get appliance(): string {
    return this.#appliance.key;
  }

  get isStarted(): boolean {
    return this.#started !== NO_LINE;
  }

  /** Its octets are in, or will never be. */
  get isReceived(): boolean {
    return this.#ready !== NO_LINE || this.#finished !== NO_LINE;
  }

  get isFinished(): boolean {
    return this.#finished !== NO_LINE;
  }

  get started(): LogLine | null {
    return this.lineOrNull(this.#started);
  }

  get recipients(): readonly LogRecipient[] {
    return (this.#recipients ?? []).map(({ rid, address, rejectedBy, line }) => ({ rid, address, rejectedBy, line: this.line(line) }));
  }

  get ready(): MessageHistory['ready'] {
    return this.#ready === NO_LINE ? null : { octets: this.#octets, line: this.line(this.#ready) };
  }

  get aborted(): MessageHistory['aborted'] {
    return this.#aborted === NO_LINE ? null : { how: this.#abortedHow, by: this.#abortedBy, line: this.line(this.#aborted) };
  }

  get finished(): MessageHistory['finished'] {
    return this.#finished === NO_LINE ? null : { how: this.#finishedHow, line: this.line(this.#finished) };
  }

  get relations(): MessageHistory['relations'] {
    return (this.#relations ?? []).map(({ relation, to, by, line }) => ({ relation, to, by, line: this.line(line) }));
  }

  get handedOver(): MessageHistory['handedOver'] {
    return this.#handedOver === null ? null : { ...this.#handedOver, line: this.line(this.#handedOver.line) };
  }

  /** It goes to a quarantine on another box; told by the line that says so first, and by the connection once that is known. */
  handOver(line: LineId, dcid: number | null, remoteIp: string | null): void {
    const known = this.#handedOver;
    if (known === null || (known.dcid === null && dcid !== null)) this.#handedOver = { line: known?.line ?? line, dcid, remoteIp };
  }

  /** An edge to a newer message. */
  relate(relation: MessageRelation, to: number, by: string | null, line: LineId): void {
    const edge = { relation, to, by, line };
    if (this.#relations === null) this.#relations = [edge];
    else if (this.#relations.length < MAX_HISTORY_LINES) this.#relations.push(edge);
  }

  /** What a line of the message itself says. */
  apply(entry: MessageEntry, line: LineId): void {
    switch (entry.kind) {
      case 'mid-start':
        this.#started = line;
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
        this.#octets = entry.octets;
        this.#ready = line;
        this.sender ??= entry.from;
        return;
      case 'mid-aborted':
        this.#abortedHow = entry.how;
        this.#abortedBy = entry.by;
        this.#aborted = line;
        return;
      case 'mid-finished':
        this.#finishedHow = entry.how;
        this.#finished = line;
        return;
      case 'mid-queued':
      case 'mid-relation':
      case 'mid-policy':
      case 'mid-helo':
      case 'mid-incoming-relay':
      case 'mid-scan':
        return;
    }
  }

  /** One event that sums up the whole message: it tells only what no line of its own does. */
  consolidate(entry: Extract<OtherLogEntry, { kind: 'consolidated' }>, line: LineId): void {
    this.sender ??= entry.sender;
    this.subject ??= entry.subject;
    this.messageId ??= entry.messageId;
    if (this.#recipients === null) for (const address of entry.recipients) this.#recipient({ rid: null, address, rejectedBy: null, line });
  }

  #recipient(recipient: RecipientRecord): void {
    if (this.#recipients === null) this.#recipients = [recipient];
    else if (this.#recipients.length < MAX_HISTORY_LINES) this.#recipients.push(recipient);
  }
}
