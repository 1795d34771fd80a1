import type { Stage } from '../model/smtp.ts';

/** What a reply answers, told without its command: a verb, or `.` for the end of data. */
export type Meaning = 'HELO' | 'MAIL' | 'RCPT' | '.' | 'RSET';

interface Sign {
  readonly meaning: Meaning;
  /** In the text of a positive reply, enhanced code included. */
  readonly sign: RegExp;
  readonly source: string;
}

/** The first that fits holds. Texts are free (RFC 5321, 4.2), but few servers leave out what they took. */
const SIGNS: readonly Sign[] = [
  { meaning: 'RSET', sign: /\b(?:reset|resetting|flushed)\b/i, source: 'AsyncOS, Exim, Exchange, sendmail, OpenSMTPD; Gmail, qmail' },
  {
    meaning: '.',
    sign: /^ok:\s+message \d+ accepted|\bqueued\b|\baccepted for delivery|\bid=/i,
    source: 'AsyncOS, Postfix, Exchange, sendmail, OpenSMTPD, Exim',
  },
  { meaning: 'MAIL', sign: /^2\.1\.0\s/, source: 'Postfix, Exchange, sendmail, Gmail' },
  { meaning: 'RCPT', sign: /^2\.1\.5\s/, source: 'RFC 3463, 3.2: destination address valid' },
  { meaning: 'MAIL', sign: /\bsender\b/i, source: 'AsyncOS, Exchange, sendmail' },
  { meaning: 'RCPT', sign: /\brecipient\b/i, source: 'AsyncOS, Exchange, sendmail, OpenSMTPD' },
];

/** What comes next in a session that goes its usual way (RFC 5321, 3.3); a refusal answers it too, for its text tells of reasons. */
export function expectedAt(stage: Stage, transactionOpen: boolean): Meaning {
  if (stage === 'connect' || stage === 'banner') return 'HELO';
  if (stage === 'data-command') return '.';
  return transactionOpen && (stage === 'mail' || stage === 'rcpt') ? 'RCPT' : 'MAIL';
}

/** What a positive reply answers: what its text tells where it does, else what comes next. */
export function meaningOf(text: string, expected: Meaning): Meaning {
  if (expected === 'HELO' || expected === '.') return expected;
  return SIGNS.find(({ sign }) => sign.test(text))?.meaning ?? expected;
}
