import type { HistoryList, InjectionDebugRecord } from '../model/maillog.ts';
import type { Depot } from '../model/octet-store.ts';
import type { ApplianceState, Counters } from './appliance-state.ts';
import { DeliveryRecord, type PackedDelivery } from './delivery-record.ts';
import { HistoryTable, Numbers } from './history-table.ts';
import { InjectionRecord, type PackedInjection } from './injection-record.ts';
import type { LineId, LineTable } from './line-table.ts';
import { MessageRecord, type PackedMessage } from './message-record.ts';
import type { LineStore } from './store.ts';

/** A history of which nothing was heard for so many lines is put away, until somebody asks or a line names it. */
export const ROUND_LINES = 8_192;

export interface HistoriesOptions {
  /** Takes what memory need not hold. */
  readonly depot?: Depot;
  /** Instead of `ROUND_LINES`. */
  readonly roundLines?: number;
  /** Messages that have fallen silent can be put away there. */
  readonly archive?: Depot;
}

/** Histories that are not at rest. */
export interface Awake {
  readonly injections: InjectionRecord[];
  readonly messages: MessageRecord[];
  readonly deliveries: DeliveryRecord[];
}

export interface GrowingList<R> extends HistoryList<R> {
  push(record: R): unknown;
}

/** All histories of a log by kind, and how they find each other. */
export class HistoryTables implements LineStore {
  readonly table: LineTable;
  readonly appliances: ApplianceState[] = [];
  readonly debug = new Map<number, InjectionDebugRecord[]>();
  readonly injections: HistoryTable<InjectionRecord, PackedInjection>;
  readonly messages: HistoryTable<MessageRecord, PackedMessage>;
  readonly deliveries: HistoryTable<DeliveryRecord, PackedDelivery>;

  constructor(table: LineTable, depot: Depot | null) {
    this.table = table;
    this.injections = new HistoryTable(depot, (order, packed) => InjectionRecord.unpack(this, order, packed));
    this.messages = new HistoryTable(depot, (order, packed) => MessageRecord.unpack(this, order, packed));
    this.deliveries = new HistoryTable(depot, (order, packed) => DeliveryRecord.unpack(this, order, packed));
  }

  newCounters(): Counters {
    return { injections: new Numbers(this.injections), messages: new Numbers(this.messages), deliveries: new Numbers(this.deliveries), earlier: new Map() };
  }

  injection(order: number): InjectionRecord | null {
    return this.injections.of(order);
  }

  /** Of the uses of a MID the last one that had begun by `beforeUs`; the first of all where none had. */
  usedBy(appliance: ApplianceState, mid: number, youngest: MessageRecord | null, beforeUs: number): MessageRecord | null {
    const earlier = appliance.earlier.get(mid);
    if (youngest === null || !earlier || youngest.first.atUs <= beforeUs) return youngest;
    const uses = this.messages.all(earlier);
    return uses.findLast(({ first }) => first.atUs <= beforeUs) ?? uses[0] ?? youngest;
  }

  /** All uses of a MID, in order. */
  uses(appliance: ApplianceState, mid: number): MessageRecord[] {
    const youngest = appliance.messages.get(mid);
    return this.messages.all([...(appliance.earlier.get(mid) ?? []), ...(youngest ? [youngest.order] : [])]);
  }

  /** Puts away what was last heard of before the line. */
  putAway(before: LineId): void {
    this.injections.putAway(before);
    this.messages.putAway(before);
    this.deliveries.putAway(before);
  }

  /** All is read. */
  close(): void {
    this.injections.close();
    this.messages.close();
    this.deliveries.close();
  }
}
