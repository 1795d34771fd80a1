import { carriesSecret, verbInfo } from './verbs.ts';
import { HIDDEN, hideLogin, hideResponse, looksEncoded, readsAsAuth, readsAsResponse } from './credentials.ts';

/** A command line taken apart; nothing secret is left in it. */
export interface CommandWords {
  /** Upper case where known, else the first word as sent. */
  readonly verb: string;
  readonly argument: string;
  readonly known: boolean;
  /** What was taken out, to be forgotten as soon as possible; empty normally. */
  readonly hidden: string;
}

/**
 * Reads a line as a command. `inAuth`: an AUTH exchange was seen or may be hidden in a gap, so a word in base64 that is no known
 * verb is taken for a credential. Cisco's inspection masks verbs (`XXXX`): those are commands that are not known.
 */
export function readCommand(line: string, inAuth: boolean): CommandWords {
  const text = line.trim();
  const space = text.search(/\s|$/);
  const word = text.slice(0, space);
  const rest = text.slice(space).trim();
  const upper = word.toUpperCase();
  if (upper === 'AUTH') {
    const argument = hideResponse(rest);
    return { verb: upper, argument, known: true, hidden: argument.includes(HIDDEN) ? rest : '' };
  }
  if (upper.startsWith('AUTH') || upper.includes('\0'))
    return { verb: upper.startsWith('AUTH') ? 'AUTH' : HIDDEN, argument: HIDDEN, known: false, hidden: text };
  if (carriesSecret(upper)) return { verb: upper, argument: rest === '' ? '' : HIDDEN, known: verbInfo(upper) !== null, hidden: rest };
  const open = verbInfo(upper) && upper !== 'XCLIENT' && upper !== 'XFORWARD' ? rest : hideLogin(rest);
  const login = open === rest ? '' : rest;
  if (verbInfo(upper)) return { verb: upper, argument: open, known: true, hidden: login };
  if (readsAsAuth(rest)) return { verb: word, argument: hideResponse(rest), known: false, hidden: rest };
  if (looksEncoded(text) || (inAuth && readsAsResponse(text))) return { verb: HIDDEN, argument: '', known: false, hidden: text };
  return { verb: word, argument: open, known: false, hidden: login };
}

/** The path of MAIL or RCPT without its angle brackets: empty for the null reverse-path. `FROM:`/`TO:` may be missing or misspelt. */
export function pathOf(argument: string): string {
  const colon = argument.indexOf(':');
  const rest = argument.slice(colon + 1).trim();
  if (!rest.startsWith('<')) return rest.split(/\s/, 1)[0] ?? '';
  let quoted = false;
  for (let i = 1; i < rest.length; i++) {
    const octet = rest[i];
    if (octet === '\\' && quoted) i++;
    else if (octet === '"') quoted = !quoted;
    else if (octet === '>' && !quoted) return rest.slice(1, i);
  }
  return rest.slice(1).split(/\s/, 1)[0] ?? '';
}
