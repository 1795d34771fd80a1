import type { DeliveryRecord } from './delivery-record.ts';
import type { InjectionRecord } from './injection-record.ts';
import type { MessageRecord } from './message-record.ts';

/** The counters of one appliance. `key` is settled when a header names its serial number, also for lines read before. */
export interface ApplianceState {
  key: string;
  serial: string | null;
  readonly host: string | null;
  readonly injections: Map<number, InjectionRecord>;
  readonly messages: Map<number, MessageRecord>;
  readonly deliveries: Map<number, DeliveryRecord>;
  /** Earlier uses of MIDs that were used again, in order. */
  readonly earlier: Map<number, MessageRecord[]>;
}

export function newAppliance(key: string, serial: string | null, host: string | null): ApplianceState {
  return { key, serial, host, injections: new Map(), messages: new Map(), deliveries: new Map(), earlier: new Map() };
}
