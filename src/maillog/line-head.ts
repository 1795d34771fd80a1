import { readStamp, type YearGuess } from './stamps.ts';

/** What stands before a line's own text. */
export interface LineHead {
  readonly seconds: number;
  /** Where the text begins. */
  readonly textAt: number;
  readonly level: string | null;
  /** Syslog host nearest to the appliance; null in the file form. */
  readonly host: string | null;
  /** Syslog tag: the name of the log subscription. */
  readonly tag: string | null;
  readonly yearless: boolean;
  readonly form: 'file' | 'syslog' | 'syslog with own stamp';
  readonly zoneSeconds: number | null;
  /** Where the times of day of its stamps stand, the one that counts last; -1 for one that is not `hh:mm:ss`. */
  readonly timesAt: readonly number[];
}

const LEVELS = /(?:Info|Warning|Critical|Debug|Trace|Alert|Error|Notice|Emergency|Information):(?: {1,2}|$)/y;
/** What `grep -H`, `grep -n`, `rg` and `findstr` put before a line; a name may hold blanks. Bounded, since it is tried on every odd line. */
const FILE_NAME = /^(?:[A-Za-z]:[\\/])?[^:<>|]{1,200}?:(?:\d{1,9}:)?(?=[A-Z<\d])|^\d{1,9}[:-](?=[A-Z<])/;
const PRIORITY = /<\d{1,3}>(?:\d{1,2} )?/y;
const HOST_AND_TAG = / {0,3}(?:(?<host>[A-Za-z0-9][\w.:-]{0,254}) {1,2})??(?<tag>[\w./@-]{1,128})(?:\[\d{1,10}\])?: {1,2}/y;
const HOST_ONLY =
  / {0,3}(?<host>[A-Za-z0-9][\w.:-]{0,254}) {1,2}(?=(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat) [A-Z][a-z]{2} |(?:Info|Warning|Critical|Debug|Trace|Alert):)/y;
/** RFC 5424, 6: APP-NAME PROCID MSGID STRUCTURED-DATA. A colon behind the name makes it the tag of the older form. */
const NEW_SYSLOG =
  / (?<host>\S{1,255}) (?<tag>\S{0,47}[^\s:]) \S{1,128} \S{1,32} (?:-|(?:\[(?:[^\]"]|"(?:[^"\\]|\\.){0,1024}"){0,1024}\]){1,8})(?: \uFEFF?|$)/y;

function levelAtOffset(text: string, at: number): { readonly level: string; readonly end: number } | null {
  LEVELS.lastIndex = at;
  const match = LEVELS.exec(text);
  if (!match) return null;
  return { level: text.slice(at, text.indexOf(':', at)), end: LEVELS.lastIndex };
}

/**
 * Any form of head: file form, RFC 3164 with and without year, RFC 5424, priority, host and tag, several of them before one
 * another, and file names as grep writes them. The stamp nearest to the text is the appliance's own. Null for a line that
 * begins no entry.
 */
export function readHead(line: string, years: YearGuess): LineHead | null {
  const plain = readHeadAt(line, 0, years);
  if (plain) return plain;
  const name = FILE_NAME.exec(line);
  return name ? readHeadAt(line, name[0].length, years) : null;
}

function readHeadAt(line: string, from: number, years: YearGuess): LineHead | null {
  let at = from;
  let found: { seconds: number; yearless: boolean; zoneSeconds: number | null } | null = null;
  let host: string | null = null;
  let tag: string | null = null;
  let level: string | null = null;
  let stamps = 0;
  let prefixed = false;
  const timesAt: number[] = [];
  while (stamps < 3) {
    PRIORITY.lastIndex = at;
    if (PRIORITY.test(line)) {
      at = PRIORITY.lastIndex;
      prefixed = true;
    }
    const blanks = skipBlanks(line, at);
    const stamp = readStamp(line, blanks, years.yearFor);
    if (!stamp) break;
    stamps++;
    found = stamp;
    timesAt.push(stamp.timeAt);
    at = stamp.end;
    level = null;
    const iso = stamp.zoneSeconds !== null;
    const named = iso ? (matchAt(NEW_SYSLOG, line, at) ?? matchAt(HOST_AND_TAG, line, at)) : null;
    const bare = levelAtOffset(line, skipBlanks(line, at));
    if (bare && bare.end > at + 1) {
      level = bare.level;
      at = bare.end;
      break;
    }
    const parts = named ?? matchAt(HOST_AND_TAG, line, at) ?? matchAt(HOST_ONLY, line, at);
    if (!parts) {
      // A stamp with nothing known behind it is a piece of text, such as the time in `pending till`.
      if (stamps === 1 && !prefixed) return null;
      break;
    }
    prefixed = true;
    if (parts.groups['host'] !== undefined && parts.groups['host'] !== '-') host = parts.groups['host'];
    if (parts.groups['tag'] !== undefined) tag = parts.groups['tag'];
    at = parts.end;
    const leveled = levelAtOffset(line, at);
    if (leveled) {
      level = leveled.level;
      at = leveled.end;
      break;
    }
  }
  if (!found) return null;
  const form = !prefixed ? 'file' : stamps > 1 ? 'syslog with own stamp' : 'syslog';
  const { seconds, yearless, zoneSeconds } = found;
  return { seconds, textAt: skipBlanks(line, at), level, host, tag, yearless, form, zoneSeconds, timesAt };
}

function matchAt(pattern: RegExp, line: string, at: number): { readonly groups: Record<string, string | undefined>; readonly end: number } | null {
  pattern.lastIndex = at;
  const match = pattern.exec(line);
  return match ? { groups: match.groups ?? {}, end: pattern.lastIndex } : null;
}

function skipBlanks(line: string, from: number): number {
  let at = from;
  while (line.charCodeAt(at) === 32) at++;
  return at;
}
