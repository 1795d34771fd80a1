import type { Stage } from '../model/smtp.ts';

/** What must stand behind a verb for a line to be taken for a command where nothing else vouches for it (after a gap, in mid-stream). */
type Shape = 'bare' | 'name' | 'from' | 'to' | 'count' | 'mechanism' | 'attributes' | 'bare-or-none' | 'word' | 'proxy';

interface VerbInfo {
  readonly source: string;
  /** The step that it begins, if any. */
  readonly stage: Stage | null;
  readonly shape: Shape;
  /** Codes outside the general 2xx (and besides 4xx and 5xx) that answer it. */
  readonly codes?: readonly number[];
  /** A plain 2xx does not answer it. */
  readonly onlyCodes?: boolean;
  /** Its argument holds credentials. */
  readonly secret?: boolean;
}

/** The commands of SMTP and LMTP that are known by name. */
const VERBS = {
  EHLO: { source: 'RFC 5321, 4.1.1.1', stage: 'helo', shape: 'name' },
  HELO: { source: 'RFC 5321, 4.1.1.1', stage: 'helo', shape: 'name' },
  LHLO: { source: 'RFC 2033, 4.1', stage: 'helo', shape: 'name' },
  MAIL: { source: 'RFC 5321, 4.1.1.2', stage: 'mail', shape: 'from' },
  RCPT: { source: 'RFC 5321, 4.1.1.3', stage: 'rcpt', shape: 'to' },
  DATA: { source: 'RFC 5321, 4.1.1.4', stage: 'data-command', shape: 'bare', codes: [354], onlyCodes: true },
  BDAT: { source: 'RFC 3030, 2', stage: 'data-command', shape: 'count' },
  RSET: { source: 'RFC 5321, 4.1.1.5', stage: null, shape: 'bare' },
  VRFY: { source: 'RFC 5321, 4.1.1.6', stage: null, shape: 'word' },
  EXPN: { source: 'RFC 5321, 4.1.1.7', stage: null, shape: 'word' },
  HELP: { source: 'RFC 5321, 4.1.1.8', stage: null, shape: 'bare-or-none' },
  NOOP: { source: 'RFC 5321, 4.1.1.9', stage: null, shape: 'bare-or-none' },
  QUIT: { source: 'RFC 5321, 4.1.1.10', stage: 'quit', shape: 'bare', codes: [221] },
  STARTTLS: { source: 'RFC 3207, 4', stage: 'starttls', shape: 'bare', codes: [220], onlyCodes: true },
  AUTH: { source: 'RFC 4954, 4', stage: 'auth', shape: 'mechanism', codes: [235, 334], onlyCodes: true },
  ETRN: { source: 'RFC 1985, 5', stage: null, shape: 'word' },
  ATRN: { source: 'RFC 2645, 4', stage: null, shape: 'word' },
  TURN: { source: 'RFC 821, 3.8', stage: null, shape: 'bare' },
  SEND: { source: 'RFC 821, 3.4', stage: 'mail', shape: 'from' },
  SOML: { source: 'RFC 821, 3.4', stage: 'mail', shape: 'from' },
  SAML: { source: 'RFC 821, 3.4', stage: 'mail', shape: 'from' },
  BURL: { source: 'RFC 4468, 3', stage: null, shape: 'word', secret: true },
  XCLIENT: { source: 'Postfix XCLIENT', stage: null, shape: 'attributes', codes: [220] },
  XFORWARD: { source: 'Postfix XFORWARD', stage: null, shape: 'attributes' },
  PROXY: { source: "HAProxy's PROXY protocol, 2.1", stage: null, shape: 'proxy' },
  XEXCH50: { source: 'Microsoft Exchange', stage: null, shape: 'word', codes: [354] },
  'X-ANONYMOUSTLS': { source: 'Microsoft Exchange', stage: null, shape: 'bare', codes: [220] },
} as const satisfies Record<string, VerbInfo>;

/** Commands of other protocols that are said to mail ports by mistake and carry credentials (POP3, FTP). */
const FOREIGN_SECRETS: readonly string[] = ['USER', 'PASS', 'APOP', 'LOGIN', 'AUTHENTICATE', 'PASSWORD'];

/** Asked several times for each command: a map need not make a name of every text. */
const BY_NAME: ReadonlyMap<string, VerbInfo> = new Map(Object.entries(VERBS));

export function verbInfo(verb: string): VerbInfo | null {
  return BY_NAME.get(verb) ?? null;
}

export function carriesSecret(verb: string): boolean {
  return verbInfo(verb)?.secret === true || FOREIGN_SECRETS.includes(verb);
}

const SHAPES: Record<Shape, RegExp> = {
  bare: /^\s*$/,
  'bare-or-none': /^\s*$/,
  name: /^ +\S{1,255}\s*$/,
  from: /^ +FROM: *<[^<>]*>/i,
  to: /^ +TO: *<[^<>]+>/i,
  count: /^ +\d{1,12}( +LAST)?\s*$/i,
  mechanism: /^ +[A-Z][A-Z0-9_-]{2,19}( \S+)?\s*$/i,
  attributes: /^ +[A-Z]+=\S/i,
  proxy: /^ +(TCP4|TCP6|UNKNOWN)\b/,
  word: /^ +\S{1,320}\s*$/,
};

/** Whether a whole line, seen out of context, reads as a command. `strong` asks for more than a word that may stand in prose. */
export function looksLikeCommand(line: string, strong = false): boolean {
  const space = line.search(/[ \t\r\n]|$/);
  const word = line.slice(0, space).toUpperCase();
  const info = verbInfo(word);
  // A firewall that masks commands writes a capital X over the verb; nothing else vouches for such a line.
  if (!info) return !strong && /^X{4}$/.test(line.slice(0, space)) && space < line.length;
  if (strong && info.shape !== 'from' && info.shape !== 'to' && !(info.shape === 'name' && word !== 'LHLO')) return false;
  return SHAPES[info.shape].test(line.slice(space));
}

const HELD: readonly string[] = ['MAIL FROM:', 'RCPT TO:', 'EHLO ', 'HELO ', 'DATA\r', 'QUIT\r', 'RSET\r', 'NOOP\r', 'QUIT\n', 'RSET\n', 'BDAT ', 'AUTH '];

/** Whether the beginning of a line may yet turn out to be a command. */
export function mayBecomeCommand(prefix: string): boolean {
  const upper = prefix.slice(0, 10).toUpperCase();
  return HELD.some((held) => (upper.length < held.length ? held.startsWith(upper) : upper.startsWith(held)));
}

/** Verbs told by their first two octets, most frequent first (HELP has the length of a bare line). */
const BY_PREFIX: readonly string[] = [
  'EHLO',
  'HELO',
  'HELP',
  'LHLO',
  'MAIL',
  'RCPT',
  'DATA',
  'BDAT',
  'RSET',
  'QUIT',
  'NOOP',
  'STARTTLS',
  'AUTH',
  'VRFY',
  'EXPN',
  'XCLIENT',
];

/**
 * The verb of a line of which only the first octets are in the file; `total` octets are known to have been sent with it.
 * Where fewer than four octets are there, its length must fit as well. Null where that does not tell.
 */
export function verbOfCutLine(text: string, total: number): string | null {
  const word = (/^[A-Za-z-]+/.exec(text)?.[0] ?? '').toUpperCase();
  if (word.length < 2 || (word.length < text.length && !/^[ \t\r]/.test(text.slice(word.length)))) return null;
  if (word.length < text.length || verbInfo(word)) return verbInfo(word) ? word : null;
  for (const verb of BY_PREFIX) {
    if (!verb.startsWith(word)) continue;
    const bare = verbInfo(verb)?.shape === 'bare' || verb === 'HELP' || verb === 'NOOP';
    const fits = bare ? total === verb.length + 2 : total >= verb.length + 4 && total <= 1_000;
    if (fits) return verb;
  }
  return null;
}
