import type { Utterance } from '../model/speech.ts';
import { overwrite } from './overwrite.ts';

/** Verbs whose arguments are no secrets (RFC 5321 and its extensions; PROXY and XCLIENT of balancers). */
const OPEN_VERB = /^(?:EHLO|HELO|LHLO|MAIL|RCPT|DATA|BDAT|RSET|NOOP|QUIT|STARTTLS|VRFY|EXPN|HELP|ETRN|TURN|PROXY|XFORWARD|XCLIENT)(?=\s|$)/i;
/** What an XCLIENT may tell besides: the name under which somebody logged in. */
const LOGIN = /(?<=\bLOGIN=)\S+/gi;
/** The verb and its mechanism, which is of one case: what is not may be the secret itself. */
const AUTH = /^(?:AUTH|auth|Auth)(?:[ \t]+(?:[A-Z][A-Z\d_-]{1,19}|[a-z]{4,12})(?=\s))?[ \t]*/;
/** What is left of a verb that a firewall overwrote. */
const MASKED_VERB = /^X{3,}(?=\s|$)/;
const FIELD_NAME = /^[!-9;-~]{1,80}:/;
const REPLY_CODE = /^\d{3}[ -]?/;
/** A word of base64 as no language has one: padded, or with letters of both cases and digits mixed. */
const ENCODED = /[A-Za-z0-9+/]{6,}={0,2}/g;

/** A line with what may be a credential overwritten at equal length; the same octets where it holds none. `authenticates`: AUTH was said on the connection. */
export function concealLine({ octets }: Utterance, fromClient: boolean, authenticates: boolean): Uint8Array | null {
  if (!octets) return null;
  const text = Buffer.from(octets).toString('latin1');
  const hidden = fromClient ? secretsOfCommand(text) : secretsOfReply(text, authenticates);
  if (hidden.length === 0) return octets;
  const concealed = new Uint8Array(octets);
  for (const [from, to] of hidden) overwrite(concealed, from, to);
  return concealed;
}

export function saysAuth({ octets }: Utterance): boolean {
  return octets !== null && /^AUTH\b/i.test(Buffer.from(octets.subarray(0, 5)).toString('latin1'));
}

type Range = readonly [from: number, to: number];

function secretsOfCommand(text: string): Range[] {
  if (OPEN_VERB.test(text)) return rangesOf(text, LOGIN);
  const known = AUTH.exec(text) ?? FIELD_NAME.exec(text);
  if (known) return [[known[0].length, text.length]];
  if (MASKED_VERB.test(text)) return encodedWords(text);
  // Answers to a challenge that was not recognised, and whatever else is no command.
  return text.trim() === '.' || text.trim() === '*' ? [] : [[0, text.length]];
}

function secretsOfReply(text: string, authenticates: boolean): Range[] {
  const code = REPLY_CODE.exec(text)?.[0] ?? '';
  if (code.startsWith('334')) return [[code.length, text.length]];
  return authenticates && /^(?:235|4|5)/.test(code) ? encodedWords(text) : [];
}

function encodedWords(text: string): Range[] {
  return rangesOf(text, ENCODED).filter(([from, to]) => {
    const word = text.slice(from, to);
    return word.endsWith('=') || (/[a-z]/.test(word) && (/[A-Z]/.test(word.slice(1)) || /\d/.test(word)));
  });
}

function rangesOf(text: string, what: RegExp): Range[] {
  return [...text.matchAll(what)].map((found) => [found.index, found.index + found[0].length]);
}
