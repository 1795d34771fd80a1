import type { EpochUs } from './units.ts';

/** A packet in a capture: `number` counts from 1 in the file, as Wireshark shows it; `input` indexes the report's inputs. */
export interface PacketRef {
  readonly input: number;
  readonly number: number;
}

/** A line of a log file, from 1. */
export interface LineRef {
  readonly input: number;
  readonly line: number;
}

/** When something was captured, and in which packet. */
export interface Moment {
  readonly atUs: EpochUs;
  readonly packet: PacketRef;
}
