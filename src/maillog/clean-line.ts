/** What terminals, pagers, mails and web pages put into and around pasted lines. */

// oxlint-disable-next-line no-control-regex -- escape sequences of terminals are the matter here
const TERMINAL = /\u001b\[[0-9;?]{0,20}[ -/]{0,4}[@-~]|\u001b[@-_]|[^\b]\u0008|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;
/** The pager blanks its prompt out after a key is pressed; that goes with it. */
const PAGER = /-Press Any Key For More-(?:\r {0,200}\r?)?/gi;
const QUOTE_MARKS = /^(?:[ \t]{0,8}[>|](?: |$))+/;
/** `esa.example.com> `, `(Machine esa.example.com) (SERVICE)> `, `admin@host:~$ `. */
const PROMPT = /^(?:\(Machine [\w.-]{1,200}\)(?: \(\w{1,20}\))?|[\w.-]{1,200}@?[\w.-]{0,200}(?::[\w~/.-]{0,200})?)[>$#] ?/;
const COMMAND = /^(?:grep|egrep|zgrep|rg|tail|cat|less|more|findevent|findstr|sudo|ssh|cd|exit|quit|logconfig)(?: |$)/;
const FENCE = /^(?:`{3,}|~{3,})\s{0,4}\w{0,20}$/;

/** Takes out escape sequences, control characters and the pager's prompt; blanks of web pages become plain ones. */
export function cleanText(text: string): string {
  return text.replace(PAGER, '').replace(TERMINAL, '').replaceAll('\u00a0', ' ').trimEnd();
}

export type CleanLine = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'blank' } | { readonly kind: 'not-log' };

/**
 * The log text of a physical line without quote marks, prompts and pager; `not-log` for code fences and commands. A pager's
 * prompt that stands alone is `pager`-like noise and does not part what it interrupts, hence null.
 */
export function cleanLine(raw: string): CleanLine | null {
  const pager = /-Press Any Key For More-/i.test(raw);
  const clean = cleanText(raw.replace(PAGER, '').replaceAll('\r', ''));
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
