/** One line of a reply (RFC 5321, 4.2): code, separator, text. */
export interface ReplyLine {
  readonly code: number;
  /** A hyphen follows the code: more lines to come. */
  readonly more: boolean;
  readonly text: string;
}

/**
 * Reads a line as a reply, or null where it is none. Besides blank and hyphen a tab and the asterisk are accepted behind the code:
 * Cisco's inspection masks banners as `220 ****` or `220****`.
 */
export function readReplyLine(line: string): ReplyLine | null {
  const code = codeAt(line);
  if (code === 0) return null;
  const mark = line.charAt(3);
  if (mark === '') return { code, more: false, text: '' };
  if (mark === '*') return { code, more: false, text: line.slice(3) };
  if (mark !== ' ' && mark !== '-' && mark !== '\t') return null;
  return { code, more: mark === '-', text: line.slice(4) };
}

/** 200 to 599, or 0. RFC 5321, 4.2.1 knows second digits up to 5, servers know more (`472`, `571`). */
function codeAt(line: string): number {
  const a = line.charCodeAt(0) - 48;
  const b = line.charCodeAt(1) - 48;
  const c = line.charCodeAt(2) - 48;
  return a >= 2 && a <= 5 && b >= 0 && b <= 9 && c >= 0 && c <= 9 ? a * 100 + b * 10 + c : 0;
}

/** Class, subject and detail at the start of a reply's text (RFC 3463; RFC 2034), also in the form `#5.1.0` of AsyncOS; null where there is none. */
export function enhancedCodeOf(code: number, text: string): string | null {
  const found = /^#?([245]\.\d{1,3}\.\d{1,3})(?=\s|$|:)/.exec(text);
  const value = found?.[1];
  return value !== undefined && value.charCodeAt(0) - 48 === Math.floor(code / 100) ? value : null;
}

/** MID that AsyncOS gives with its final reply (`250 ok:  Message 4711 accepted`), or null. */
export function acceptedMidOf(text: string): number | null {
  const found = /^ok:\s+Message (\d{1,15}) accepted/i.exec(text);
  return found ? Number(found[1]) : null;
}

/** Codes in use (RFC 5321, 4.2.3; RFC 4954; RFC 3463 texts; RFC 7504). A line in prose may begin with three digits; it seldom begins with one of these. */
const CODES_IN_USE: ReadonlySet<number> = new Set([
  211, 214, 220, 221, 235, 250, 251, 252, 253, 334, 354, 421, 432, 450, 451, 452, 453, 454, 455, 458, 459, 500, 501, 502, 503, 504, 521, 523, 524, 525, 530,
  534, 535, 538, 541, 550, 551, 552, 553, 554, 555, 556, 557, 571,
]);

/** Whether a line, seen out of context, reads as a reply. */
export function looksLikeReply(line: string): boolean {
  const reply = readReplyLine(line);
  return reply !== null && CODES_IN_USE.has(reply.code);
}

/** What the session expects next, where a reply's digits are cut. */
export interface ReplyExpectation {
  readonly greeting: boolean;
  readonly quit: boolean;
  readonly data: boolean;
  readonly auth: boolean;
}

/**
 * The likeliest code of a reply of which one or two digits are in the file; 0 where the text is none.
 * Two digits leave little choice among the codes in use; one digit tells success, go-ahead or refusal.
 */
export function codeOfCutReply(text: string, expected: ReplyExpectation): number {
  if (!/^[2-5][0-5]?$/.test(text)) return 0;
  if (text === '22') return expected.quit ? 221 : 220;
  if (text === '23') return 235;
  if (text === '21') return 214;
  if (text === '42') return 421;
  if (text === '35') return 354;
  if (text === '33') return 334;
  if (text.length === 2) return Number(text) * 10;
  if (text === '2') return expected.greeting ? 220 : expected.quit ? 221 : expected.auth ? 235 : 250;
  if (text === '3') return expected.auth && !expected.data ? 334 : 354;
  return text === '4' ? 450 : 550;
}
