import type { Side } from './units.ts';

/**
 * What octets of a connection are: a line of the protocol, a line of a message's header, its body, answers to an AUTH challenge, TLS records;
 * `unknown` where reading stopped.
 */
export type UtteranceKind = 'line' | 'header' | 'body' | 'credentials' | 'tls' | 'unknown';

/** A run of octets of one side. `from` and `to` count as `Segment.seq` does: the first octet is 1. */
export interface Utterance {
  readonly from: number;
  readonly to: number;
  readonly kind: UtteranceKind;
  /** Null for bodies, credentials and what is unknown: these are kept nowhere. */
  readonly octets: Uint8Array | null;
}

/** Everything that was said on one connection, by place: for whoever writes its packets again. */
export interface Speech {
  /** Which TCP side is the SMTP client. */
  readonly client: Side;
  /** By TCP side, in order; what is not covered was never read. */
  readonly utterances: readonly [readonly Utterance[], readonly Utterance[]];
}
