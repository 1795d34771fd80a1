import type { EpochUs } from '../model/units.ts';

/** One message of the envelope as the log has it. */
export interface KnownMessage {
  readonly mid: number | null;
  /** Without angle brackets; null where no line tells. */
  readonly sender: string | null;
  readonly recipients: readonly { readonly address: string; readonly refused: boolean }[];
  /** `ready N bytes`: it arrived whole. */
  readonly octets: number | null;
  readonly fate: 'accepted' | 'aborted' | 'withdrawn' | 'unknown';
  /** The receiver's reply to the end of data, without its code. */
  readonly response: string | null;
}

/** What is known of a session beside the records. */
export interface Known {
  readonly begin: 'from-start' | 'starttls';
  /** The client's name, from EHLO in clear or from the log. */
  readonly clientName: string | null;
  /** The greeting in clear, without its code; null where it is not in clear. */
  readonly greeting: string | null;
  /** Octets of the reply to EHLO in clear. */
  readonly clearHelloOctets: number | null;
  readonly pipelining: boolean;
  readonly chunking: boolean;
  /** The server is the appliance. */
  readonly isAppliance: boolean;
  /** Messages in order; null without a log. */
  readonly messages: readonly KnownMessage[] | null;
  /** First and last line of the connection are there: there were no other messages. */
  readonly isWhole: boolean;
  /** Who closed first, as far as TCP shows it; null while nobody did. */
  readonly closedBy: 'client' | 'server' | null;
  readonly closedUs: EpochUs | null;
}
