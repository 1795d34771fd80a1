/**
 * Credentials in log lines: the appliance repeats commands that it does not know or understand, and a firewall that masks AUTH makes
 * it know neither AUTH nor the lines of its exchange. Prefers to hide too much.
 */
export const HIDDEN = '***';

/** SASL mechanisms (IANA registry and the customary ones). */
const MECHANISM =
  /^(?:PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|NTLM|GSSAPI|GSS-SPNEGO|EXTERNAL|ANONYMOUS|X?OAUTH2?|OAUTHBEARER|KERBEROS_V4|SCRAM-[A-Z\d-]{1,20}|OTP|SKEY|SECURID|SRP|MSN)$/i;
/** Verbs whose arguments are known to be harmless (RFC 5321 and its extensions). */
export const OPEN_VERB =
  /^(?:EHLO|HELO|LHLO|MAIL|RCPT|DATA|BDAT|RSET|NOOP|QUIT|STARTTLS|VRFY|EXPN|HELP|ETRN|ATRN|TURN|SEND|SOML|SAML|XFORWARD|PROXY|GET|POST|HEAD|PUT|OPTIONS|CONNECT)(?=\s|$)/i;
/** Commands of other protocols that carry credentials, and BURL (RFC 4468). */
const SECRET_VERB = /^(?:USER|PASS|APOP|LOGIN|AUTHENTICATE|PASSWORD|BURL)$/i;
/** What is an honest mistyped verb or a masked one: letters of one case, not too many. */
const PLAIN_WORD = /^(?:[A-Z][A-Z-]{0,15}|[a-z]{1,16}|[A-Z][a-z]{1,15}|X+)$/;

/** What stands behind a masked EHLO, MAIL or RCPT: a name, an address literal, a path. */
const NAME = /^(?:[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}\.?|\[[\w.:]{1,60}\]|\S{0,10}<\S{0,320}>|(?:FROM|TO):\S{0,320})$/i;

/** A command as a client said it, without what may be a credential; the text itself where nothing is. */
export function hideInCommand(command: string): string {
  if (OPEN_VERB.test(command) || command === '' || command === '*') return command;
  const words = command.split(/(\s+)/);
  const [first = '', blank = '', second = ''] = words;
  if (/AUTH/i.test(first) && !SECRET_VERB.test(first)) {
    if (!/^X?AUTH$/i.test(first)) return HIDDEN;
    if (second === '') return command;
    if (!MECHANISM.test(second)) return `${first}${blank}${HIDDEN}`;
    return words.slice(3).join('').trim() === '' ? command : `${first}${blank}${second} ${HIDDEN}`;
  }
  if (SECRET_VERB.test(first)) return second === '' ? command : `${first} ${HIDDEN}`;
  if (second === '') return isHarmless(first) ? command : HIDDEN;
  if (MECHANISM.test(second)) return words.slice(3).join('').trim() === '' ? command : `${first}${blank}${second} ${HIDDEN}`;
  const isMasked = /^X+$/.test(first);
  return words
    .map((word, i) => {
      if (i === 0) return looksEncoded(word) ? HIDDEN : word;
      if (isMasked && i === 2 && words.length === 3) return isHarmless(word) || NAME.test(word) ? word : HIDDEN;
      return looksEncoded(word) ? HIDDEN : word.replace(/^(LOGIN=).+/i, `$1${HIDDEN}`);
    })
    .join('');
}

/** A lone word that can be shown: a verb, a header's name, octets that are no text at all (TLS, written as escapes). */
function isHarmless(word: string): boolean {
  return PLAIN_WORD.test(word) || /^[A-Za-z-]{1,60}:$/.test(word) || /^\\x[0-9a-f]{2}/.test(word) || word.startsWith(HIDDEN);
}

/** One word of base64: padded, or of mixed letters and digits as no word of a language is. */
function looksEncoded(word: string): boolean {
  if (!/^[A-Za-z0-9+/]{6,}={0,2}$/.test(word) || PLAIN_WORD.test(word) || /^\d+$/.test(word)) return false;
  return word.endsWith('=') || (/[a-z]/.test(word) && (/[A-Z]/.test(word.slice(1)) || /\d/.test(word)));
}

/** Every word of base64 hidden, for what a server repeats. */
export function hideEncoded(text: string): string {
  return text.replace(/[A-Za-z0-9+/]{6,}={0,2}/g, (word) => (looksEncoded(word) ? HIDDEN : word));
}

/** Lines that may show a command with credentials hold one of these; most lines end here. */
const SUSPECT = /command|auth|xxx/i;
/** What the log puts before a command that it repeats. */
const REPEATED = /\bcommand(?:: {0,3}| {1,3}(?=['"]))/i;
/** AUTH, or its masked form, anywhere in a line, with a mechanism and something behind. */
const AUTH_ANYWHERE = /(\bX?AUTH[ \t=]+|\bX{3,}[ \t]+)([A-Za-z][\w-]{1,24})([ \t]+)([^\s'"\\]+)/gi;
/** AUTH with its mechanism left out or run together with what follows. */
const AUTH_TIGHT = /(\bAUTH[ \t]?)([A-Za-z0-9+/]{10,}={0,2})/g;

/** Whether a text must be looked at closely. */
export function mayShowCredentials(text: string): boolean {
  return SUSPECT.test(text);
}

/** The text of a log line without credentials; the text itself where it shows none. */
export function hideCredentials(text: string): string {
  if (!SUSPECT.test(text) || /^MID \d+ (?:Subject|Message-ID) /.test(text)) return text;
  const anywhere = text
    .replace(AUTH_ANYWHERE, (all, verb: string, mechanism: string, blank: string) => (MECHANISM.test(mechanism) ? `${verb}${mechanism}${blank}${HIDDEN}` : all))
    .replace(AUTH_TIGHT, (all, verb: string, word: string) =>
      looksEncoded(word) || looksEncoded(word.replace(MECHANISM_HEAD, '')) ? `${verb}${HIDDEN}` : all,
    );
  const found = REPEATED.exec(anywhere);
  if (!found) return anywhere;
  const at = found.index + found[0].length;
  const [, open = '', command = '', close = ''] = /^(['"<]?)([\s\S]*?)((?:\\r|\\n|\\015|\\012|['">\s]){0,8})$/.exec(anywhere.slice(at)) ?? [];
  const clean = hideInCommand(command.replace(/\\t/g, ' '));
  return clean.includes(HIDDEN) ? `${anywhere.slice(0, at)}${open}${clean}${close}` : anywhere;
}

const MECHANISM_HEAD = /^(?:PLAIN|LOGIN|CRAM-MD5|NTLM|XOAUTH2)/i;
