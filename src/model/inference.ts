import type { Moment } from './evidence.ts';
import type { Confidence } from './report.ts';
import type { Owes, Stage } from './smtp.ts';
import type { EpochUs, Side } from './units.ts';

/** What an encrypted record can be: lines of SMTP (RFC 5321), parts of a message, and what TLS says for itself. */
export const INFERRED_WORDS = [
  'EHLO',
  'AUTH',
  'AUTH-answer',
  'MAIL',
  'RCPT',
  'DATA',
  'BDAT',
  'chunk',
  'message',
  'end-of-data',
  'QUIT',
  'RSET',
  'NOOP',
  'greeting',
  'reply',
  'notice',
  'handshake',
  'Finished',
  'NewSessionTicket',
  'close_notify',
  'alert',
] as const;
export type InferredWord = (typeof INFERRED_WORDS)[number];

/** One line of a record, or what stands for it. */
export interface InferredPart {
  readonly word: InferredWord;
  /** `reply`: what it answers. */
  readonly to: InferredWord | null;
  /** `reply`: whether it says yes (2xx, 3xx) or no (4xx, 5xx); null elsewhere. */
  readonly positive: boolean | null;
  /** The words that have just this length, where something else tells them; names and addresses in it come from the log or the clear part. */
  readonly text: string | null;
}

/** What one record most probably was. Never read: told by its length, its place and what is known otherwise. */
export interface InferredRecord {
  readonly side: Side;
  readonly at: Moment;
  /** Content type as in clear. */
  readonly type: number;
  /** In order; empty where nothing fits well enough. */
  readonly parts: readonly InferredPart[];
  /** Least and most octets of its content. */
  readonly octets: readonly [least: number, most: number];
  /** Share of all readings, by their weight, in which it was that. */
  readonly probability: number;
  readonly confidence: Confidence;
}

/** A question about the session, answered by the share of all readings that say yes. */
export interface InferredAnswer {
  readonly answer: 'yes' | 'no' | 'unknown';
  readonly probability: number;
  readonly confidence: Confidence;
}

export interface InferredStage {
  readonly stage: Stage;
  readonly at: Moment;
  readonly probability: number;
  readonly confidence: Confidence;
}

/** What an encrypted session tells without keys. */
export interface Inference {
  /** Records that carry something behind the handshake, in order; those that were only counted are missing. */
  readonly records: readonly InferredRecord[];
  /** Each change of the stage as the records show it, in order; none where nothing is likely enough. */
  readonly stages: readonly InferredStage[];
  /** The stage after the last record; null where none is likely enough. */
  readonly stage: InferredStage | null;
  readonly quit: InferredAnswer;
  /** The record that held QUIT. */
  readonly quitAt: Moment | null;
  /** A message was ended by its final dot, or its last chunk. */
  readonly ended: InferredAnswer;
  /** Every ended message got its reply. */
  readonly answered: InferredAnswer;
  /** QUIT was said with no transaction open and some message accepted. */
  readonly completed: InferredAnswer;
  /** A 421 that nobody asked for. */
  readonly notice: InferredAnswer;
  readonly noticeAt: Moment | null;
  /** Who owes the next word behind each record; records behind which that is not likely enough are left out. */
  readonly debts: readonly Owes[];
  /** Octets of the last message as far as it came, its final dot left out; null where none began. */
  readonly messageOctets: readonly [least: number, most: number] | null;
  /** The log's envelope took part. */
  readonly usedLog: boolean;
  readonly untilUs: EpochUs;
}
