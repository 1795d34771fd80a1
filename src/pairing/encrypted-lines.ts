import { overheadOfSession, contentOctets } from '../model/cipher-suites.ts';
import type { SmtpDialogue } from '../model/smtp.ts';
import { ContentType, hidesWords } from '../model/tls.ts';
import type { LoggedSession } from './traits.ts';

/** A record of the client and the first that answered it: least and most octets of what they hold; `asked` is null for what is too long to be a line. */
export interface EncryptedTurn {
  readonly asked: readonly [least: number, most: number] | null;
  readonly answered: readonly [least: number, most: number];
}

/** Envelopes stand at the beginning; this many turns hold more than most sessions have. */
const MOST_TURNS = 24;
/** RFC 5321, 4.5.3.1.4: a command has 512 octets at most, with parameters some more. */
const LONGEST_LINE = 700;
/** What may stand behind the path of MAIL: SIZE, BODY and the like. */
const LONGEST_PARAMETERS = 48;

/** Turns within TLS whose answers are short enough for replies; null where lengths tell nothing. */
export function turnsOf({ tls, client }: SmtpDialogue): readonly EncryptedTurn[] | null {
  const overhead = tls && hidesWords(tls) ? overheadOfSession(tls) : null;
  if (!tls || !overhead) return null;
  const turns: EncryptedTurn[] = [];
  let asked: EncryptedTurn['asked'] = null;
  for (const { side, type, length } of tls.records) {
    if (type !== ContentType.applicationData || turns.length >= MOST_TURNS) continue;
    const octets = length > LONGEST_LINE ? null : contentOctets(overhead, length);
    if (side === client) asked = octets;
    else if (octets) {
      turns.push({ asked, answered: octets });
      asked = null;
    }
  }
  return turns;
}

/** How the envelope of the log fits the turns, by how telling each line is. */
export interface EnvelopeFit {
  readonly found: number;
  readonly missing: number;
  /** All lengths are exact; CBC pads to whole blocks, and many addresses fit. */
  readonly isExact: boolean;
}

const MAIL = 'MAIL FROM:<>\r\n'.length;
const RCPT = 'RCPT TO:<>\r\n'.length;
const DATA = 'DATA\r\n'.length;
const CODE_AND_LINE_END = '250 \r\n'.length;
/** The appliance repeats the address: a command and its reply that agree tell more than one alone. */
const SENDER_OK = '250 sender <> ok\r\n'.length;
const RECIPIENT_OK = '250 recipient <> ok\r\n'.length;
/** How telling a line is whose length is found: with the appliance's reply; a command of exact length; one that parameters may follow; a response with its queue identifier. */
const TELLS = { repeated: 1, exact: 0.7, open: 0.4, response: 1.5 };
const MOST_RECIPIENTS = 2;

export function fitEnvelope(turns: readonly EncryptedTurn[], { kind, messages }: LoggedSession): EnvelopeFit | null {
  if (turns.length === 0) return null;
  let found = 0;
  let missing = 0;
  const count = (fits: boolean, tells: number): void => {
    if (fits) found += tells;
    else missing += tells;
  };
  for (const { sender, recipients, response } of messages.slice(0, 2)) {
    if (sender !== null && recipients.length > 0 && saidTogether(turns, sender, recipients)) found += TELLS.exact;
    else {
      const mail = sender === null ? null : { least: MAIL + sender.length, most: MAIL + sender.length + LONGEST_PARAMETERS, reply: SENDER_OK + sender.length };
      if (mail) count(isTurn(turns, mail, kind), kind === 'icid' ? TELLS.repeated : TELLS.open);
      for (const { length } of recipients.slice(0, MOST_RECIPIENTS)) {
        count(isTurn(turns, { least: RCPT + length, most: RCPT + length, reply: RECIPIENT_OK + length }, kind), kind === 'icid' ? TELLS.repeated : TELLS.exact);
      }
    }
    if (kind === 'dcid' && response !== null) {
      const octets = response.length + (/^\d{3}[ -]/.test(response) ? 2 : CODE_AND_LINE_END);
      count(
        turns.some(({ answered: [least, most] }) => octets >= least && octets <= most),
        TELLS.response,
      );
    }
  }
  return { found, missing, isExact: turns.every(({ answered: [least, most] }) => least === most) };
}

/** Only the appliance's own wording is known here: a delivery's command is measured alone. */
function isTurn(
  turns: readonly EncryptedTurn[],
  line: { readonly least: number; readonly most: number; readonly reply: number },
  kind: LoggedSession['kind'],
): boolean {
  return turns.some(({ asked, answered }) => {
    const isAsked = asked !== null && line.least <= asked[1] && line.most >= asked[0];
    return isAsked && (kind === 'dcid' || (line.reply >= answered[0] && line.reply <= answered[1]));
  });
}

/** MAIL and its recipients in one record, with DATA or without (RFC 2920). */
function saidTogether(turns: readonly EncryptedTurn[], sender: string, recipients: readonly string[]): boolean {
  const envelope = recipients.reduce((sum, { length }) => sum + RCPT + length, MAIL + sender.length);
  return [envelope, envelope + DATA].some((least) => turns.some(({ asked }) => asked !== null && least <= asked[1] && least + LONGEST_PARAMETERS >= asked[0]));
}
