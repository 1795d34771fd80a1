/** What terminals, pagers, mails and web pages put into and around pasted lines. */

/** Colours, and `erase to the end of the line` that grep puts behind each. Whatever else moves a cursor stays in the text, to be shown. */
// oxlint-disable-next-line no-control-regex -- escape sequences of terminals are the matter here
const COLOURS = /\u001b\[[0-9;]{0,20}[mK]/g;
/** What a terminal's transcript has before the first character of a line: it cannot be of the log, whose lines begin with the time. */
// oxlint-disable-next-line no-control-regex -- as above
const LINE_START = /^(?:\u001b\[[0-9;?]{0,20}[ -/]{0,4}[@-~]|\u001b[()][A-Z0-9]|\u001b[=>]|[\u0000-\u0008\u000b-\u001a])+/;
/** Padding and end-of-file marks of old systems. */
// oxlint-disable-next-line no-control-regex -- as above
const LINE_END = /[\r\u0000\u0004\u001a]+$/;
/** The pager blanks its prompt out after a key is pressed; that goes with it. */
const PAGER = /-Press Any Key For More-(?:[\r\b][ \r\b]{0,400})?/gi;
const QUOTE_MARKS = /^(?:[ \t]{0,8}[>|](?: |$))+/;
/** `esa.example.com> `, `(Machine esa.example.com) (SERVICE)> `, `admin@host:~$ `. */
const PROMPT = /^(?:\(Machine [\w.-]{1,200}\)(?: \(\w{1,20}\))?|[\w.-]{1,200}@?[\w.-]{0,200}(?::[\w~/.-]{0,200})?)[>$#] ?/;
const COMMAND = /^(?:grep|egrep|zgrep|rg|tail|cat|less|more|findevent|findstr|sudo|ssh|cd|exit|quit|logconfig)(?: |$)/;
const FENCE = /^(?:`{3,}|~{3,})\s{0,4}\w{0,20}$/;

/** Takes out colours and the pager's prompt; blanks of web pages become plain ones. Control characters of the line itself stay: what is shown escapes them. */
export function cleanText(text: string): string {
  return cleanTail(text.replace(PAGER, '').replace(COLOURS, '').replace(LINE_START, ''));
}

/** The same for what stands behind the head of a line without any mark of terminals. */
export function cleanTail(text: string): string {
  return text.replace(LINE_END, '').replaceAll('\u00a0', ' ').trimEnd();
}

export type CleanLine = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'blank' } | { readonly kind: 'not-log' };

/**
 * The log text of a physical line without quote marks, prompts and pager; `not-log` for code fences and commands. A pager's
 * prompt that stands alone is `pager`-like noise and does not part what it interrupts, hence null.
 */
export function cleanLine(raw: string): CleanLine | null {
  const pager = /-Press Any Key For More-/i.test(raw);
  const clean = cleanText(raw);
  const unquoted = clean.replace(QUOTE_MARKS, '');
  const text = unquoted.trim();
  if (text === '') return pager ? null : { kind: 'blank' };
  if (FENCE.test(text)) return { kind: 'not-log' };
  const prompted = unquoted.length < clean.length;
  if (prompted && COMMAND.test(text)) return { kind: 'not-log' };
  const prompt = PROMPT.exec(text);
  if (!prompt) return { kind: 'text', text };
  const behind = text.slice(prompt[0].length).trim();
  if (behind === '' || COMMAND.test(behind)) return { kind: 'not-log' };
  return { kind: 'text', text: behind };
}
