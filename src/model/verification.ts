import type { PacketRef } from './evidence.ts';
import type { Actor, Cause } from './report.ts';

/**
 * Two independent readers on one packet: `same`: time, lengths and octets agree · `different`: they do not ·
 * `not-applicable`: the second reader cannot read this file, or not this part of it.
 */
export type ReadingResult = 'same' | 'different' | 'not-applicable';

export interface VerifiedPacket extends PacketRef {
  readonly result: ReadingResult;
  /** Captured octets as our reader has them; null when it could not read the packet again. */
  readonly octets: number | null;
  /** What differs, or why it does not apply; null for `same`. */
  readonly why: string | null;
}

/** A session's verdict and the packets that it cites. */
export interface VerifiedVerdict {
  readonly session: string;
  readonly icid: number | null;
  readonly dcid: number | null;
  readonly cause: Cause;
  readonly actor: Actor;
  readonly result: ReadingResult;
  /** In order of input and number, each once. */
  readonly packets: readonly VerifiedPacket[];
}

export interface VerifiedInput {
  readonly input: number;
  readonly path: string;
  readonly format: string;
  readonly applicable: boolean;
  /** Why not; null where it is. */
  readonly why: string | null;
}

/** What `verify` found out. */
export interface Verification {
  /** Captures only. */
  readonly inputs: readonly VerifiedInput[];
  readonly verdicts: readonly VerifiedVerdict[];
  /** Distinct packets by result. */
  readonly packets: { readonly same: number; readonly different: number; readonly notApplicable: number };
}
