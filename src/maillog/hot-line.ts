import type { EntryKind } from './entry.ts';

/** Kinds of lines that are told without a regular expression. */
export type HotKind = Extract<
  EntryKind,
  | 'mid-start'
  | 'mid-from'
  | 'mid-to'
  | 'mid-to-rejected'
  | 'mid-message-id'
  | 'mid-subject'
  | 'mid-ready'
  | 'mid-queued'
  | 'mid-policy'
  | 'mid-scan'
  | 'mid-helo'
  | 'mid-aborted'
  | 'mid-finished'
  | 'mid-response'
  | 'icid-open'
  | 'icid-policy'
  | 'icid-tls'
  | 'icid-lost'
  | 'icid-close'
  | 'dcid-open'
  | 'dcid-tls'
  | 'dcid-start'
  | 'dcid-done'
  | 'dcid-close'
>;

/** What was recognised of a line: numbers, and where its texts stand. Filled again for each line, so that a line costs no memory. */
export class HotLine {
  mid = 0;
  icid = 0;
  dcid = 0;
  /** RID, size, port. */
  number = 0;
  /** A word out of few: `ACCEPT`, `done`, `yes`. */
  word = '';
  /** Places of its texts, in the order in which they stand in the line. */
  a = 0;
  aEnd = 0;
  b = 0;
  bEnd = 0;
  c = 0;
  cEnd = 0;
  d = 0;
  dEnd = 0;
}
