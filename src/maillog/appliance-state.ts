import type { DeliveryRecord } from './delivery-record.ts';
import type { InjectionRecord } from './injection-record.ts';
import type { MessageRecord } from './message-record.ts';

/** Histories by the number that a log names them by; a Map is one. */
export interface ByNumber<R> {
  get(number: number): R | undefined;
  set(number: number, record: R): unknown;
  delete(number: number): unknown;
  has(number: number): boolean;
}

/** The counters of one appliance. `key` is settled when a header names its serial number, also for lines read before. */
export interface ApplianceState extends Counters {
  key: string;
  serial: string | null;
  readonly host: string | null;
}

/** Which histories the numbers mean at present. */
export interface Counters {
  readonly injections: ByNumber<InjectionRecord>;
  readonly messages: ByNumber<MessageRecord>;
  readonly deliveries: ByNumber<DeliveryRecord>;
  /** Earlier uses of MIDs that were used again, in order. */
  readonly earlier: Map<number, number[]>;
}
