/** What one dialogue may keep. Each limit says what degrades when it is reached; counting and judging go on beyond it. */
export interface DialogueBudget {
  /** Events kept: the first half and the latest; those between are counted in `eventsDropped` and references to them become null (-1 where null is not allowed). */
  readonly events: number;
  /** Transactions kept, the first half and the latest; the same for stage changes (six times as many). */
  readonly transactions: number;
  /** Recipients kept of one transaction: the first ones. */
  readonly recipients: number;
  /** Octets kept of a command or reply line; RFC 5321, 4.5.3.1 asks for 512, RFC 4954 for 12,288 in AUTH (never kept). Beyond: cut, with an oddity. */
  readonly lineOctets: number;
  /** Commands that wait for a reply, as in a capture of one direction: the oldest are given up. */
  readonly unanswered: number;
}

export const DIALOGUE_BUDGET: DialogueBudget = {
  events: 20_000,
  transactions: 4_000,
  recipients: 5_000,
  lineOctets: 4_096,
  unanswered: 5_000,
};

/** Lines and octets of one reply that are kept. */
export const REPLY_LINES = 40;
export const REPLY_LINE_OCTETS = 1_000;
/** Octets kept of a header field's value. */
export const HEADER_VALUE_OCTETS = 2_000;
/** Octets kept of the text of an oddity. */
export const ODDITY_OCTETS = 200;
/** Where commands are expected again after a gap: this much text without one is a message. */
export const PROSE_OCTETS = 1_000;
