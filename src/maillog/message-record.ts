import type { LogLine, LogRecipient, MessageHistory, MessageRelation } from '../model/maillog.ts';
import type { ApplianceState } from './appliance-state.ts';
import type { MessageEntry, OtherLogEntry } from './entry.ts';
import type { InjectionRecord } from './injection-record.ts';
import { type LineId, NO_LINE } from './line-table.ts';
import { HistoryLines, type LineStore, MAX_HISTORY_LINES, type PackedLines } from './store.ts';

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

/** A delivery attempt that awaits a response line, which names no DCID: the connection, and the place among its attempts. */
export interface AwaitedResponse {
  readonly delivery: number;
  readonly place: number;
}

/** As it lies on a shelf. */
export type PackedMessage = readonly [
  lines: PackedLines,
  marks: readonly [started: LineId, ready: LineId, aborted: LineId, finished: LineId],
  icid: number | null,
  injection: number,
  texts: readonly (string | null)[],
  recipients: readonly RecipientRecord[] | null,
  octets: number,
  abortedHow: AbortedHow,
  finishedHow: FinishedHow,
  isLeft: boolean,
  relations: readonly RelationRecord[] | null,
  handedOver: HandOver | null,
  awaited: readonly AwaitedResponse[] | null,
];

type AbortedHow = 'receiving' | 'by-sender' | 'policy';
type FinishedHow = 'done' | 'aborted';

/** A message history while it grows. Lines are named by number and shown on demand. */
export class MessageRecord extends HistoryLines implements MessageHistory {
  readonly mid: number;
  icid: number | null = null;
  #injection: InjectionRecord | null = null;
  /** The order of that; 0 where it is on no shelf, or there is none. */
  injectionOrder = 0;
  /** It is received, and its connection over: later lines are no longer the connection's. */
  isLeft = false;
  #started: LineId = NO_LINE;
  sender: string | null = null;
  #recipients: RecipientRecord[] | null = null;
  messageId: string | null = null;
  subject: string | null = null;
  #octets = -1;
  #ready: LineId = NO_LINE;
  #abortedHow: AbortedHow = 'receiving';
  #abortedBy: string | null = null;
  #aborted: LineId = NO_LINE;
  #finishedHow: FinishedHow = 'done';
  #finished: LineId = NO_LINE;
  #relations: RelationRecord[] | null = null;
  #handedOver: HandOver | null = null;
  /** Its delivery attempts. */
  awaited: AwaitedResponse[] | null = null;

  constructor(store: LineStore, appliance: ApplianceState, mid: number, line: LineId, order: number) {
    super(store, appliance, order, line);
    this.mid = mid;
  }

  static unpack(store: LineStore, order: number, packed: PackedMessage): MessageRecord | null {
    const [lines, marks, icid, injection, texts, recipients, octets, abortedHow, finishedHow, isLeft, relations, handedOver, awaited] = packed;
    const [index, mid, first] = lines;
    const appliance = store.appliances[index];
    if (!appliance) return null;
    const record = new MessageRecord(store, appliance, mid, first, order);
    record.unpackLines(lines);
    [record.#started, record.#ready, record.#aborted, record.#finished] = marks;
    record.icid = icid;
    record.injectionOrder = injection;
    [record.sender = null, record.messageId = null, record.subject = null, record.#abortedBy = null] = texts;
    record.#recipients = recipients && [...recipients];
    record.#octets = octets;
    record.#abortedHow = abortedHow;
    record.#finishedHow = finishedHow;
    record.isLeft = isLeft;
    record.#relations = relations && [...relations];
    record.#handedOver = handedOver;
    record.awaited = awaited && [...awaited];
    return record;
  }

  pack(): PackedMessage {
    return [
      this.packLines(this.mid),
      [this.#started, this.#ready, this.#aborted, this.#finished],
      this.icid,
      this.injectionOrder,
      [this.sender, this.messageId, this.subject, this.#abortedBy],
      this.#recipients,
      this.#octets,
      this.#abortedHow,
      this.#finishedHow,
      this.isLeft,
      this.#relations,
      this.#handedOver,
      this.awaited,
    ];
  }

  /** The connection it came in on. */
  get injection(): InjectionRecord | null {
    return this.#injection ?? (this.injectionOrder === 0 ? null : this.store.injection(this.injectionOrder));
  }

  /** A connection that is on no shelf. */
  set injection(injection: InjectionRecord | null) {
    this.#injection = injection;
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

  /** The name with which its sending server greeted. */
  greet(name: string | null): void {
    const { injection } = this;
    if (injection) injection.heloName ??= name;
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
