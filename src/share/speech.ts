import type { TextDisguise } from './text.ts';
import { disguiseTls } from './tls.ts';
import { HEADER_FIELDS } from './vocabulary.ts';

const CR = 13;
const LF = 10;
const FILLER = 0x78;

const NAMING = /^(?:EHLO|HELO|LHLO|VRFY|EXPN)$/i;
const PLAIN = /^(?:MAIL|RCPT|DATA|BDAT|RSET|NOOP|QUIT|STARTTLS|HELP|ETRN|TURN|AUTH|PROXY|XCLIENT|XFORWARD)$/i;
const MASKED = /^X{3,}$/;
/** Fields by which a message is recognised: their names are replaced one for one. */
const NAMED_FIELDS = /^(?:Subject|Message-ID|From|To|Cc|Sender|Reply-To|Return-Path)$/i;

/** What was said, without names; everything keeps its length. What is not understood is cut. */
export class SpeechDisguise {
  readonly #text: TextDisguise;

  constructor(text: TextDisguise) {
    this.#text = text;
  }

  said(octets: Uint8Array, kind: 'line' | 'header', fromClient: boolean): Uint8Array {
    const text = Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');
    const end = text.search(/[\r\n]*$/);
    const line = text.slice(0, end);
    const shown = kind === 'header' ? this.#header(line) : fromClient ? this.#command(line) : this.#reply(line);
    // A text that did not keep its length would move all that follows.
    return shown === null || shown.length !== line.length ? cut(octets) : Buffer.from(shown + text.slice(end), 'latin1');
  }

  tls(pieces: readonly Uint8Array[], isBeginning: boolean): Uint8Array[] {
    const all = disguiseTls(Buffer.concat(pieces), this.#text, isBeginning);
    let at = 0;
    return pieces.map(({ length }) => all.subarray(at, (at += length)));
  }

  #command(line: string): string | null {
    if (line === '.' || line === '*' || line.trim() === '') return line;
    const [verb = ''] = /^\S*/.exec(line) ?? [];
    const rest = line.slice(verb.length);
    if (NAMING.test(verb) || MASKED.test(verb)) return verb + this.#text.strict(rest);
    return PLAIN.test(verb) ? verb + this.#text.prose(rest) : null;
  }

  #reply(line: string): string | null {
    const code = /^\d{3}(?:[ -]|$)/.exec(line)?.[0];
    return code === undefined ? null : code + this.#text.prose(line.slice(code.length));
  }

  #header(line: string): string | null {
    if (line === '') return line;
    const field = /^([!-9;-~]+)(:\s*)(.*)$/s.exec(line);
    if (!field) return /^[ \t]/.test(line) ? `${line[0]}${'x'.repeat(line.length - 1)}` : null;
    const [, name = '', colon = '', value = ''] = field;
    if (NAMED_FIELDS.test(name)) return `${name}${colon}${this.#text.strict(value)}`;
    if (/^Date$/i.test(name)) return line;
    const shown = HEADER_FIELDS.has(name.toLowerCase()) ? name : `X-${'x'.repeat(name.length)}`.slice(0, name.length);
    return `${shown}${colon}${'x'.repeat(value.length)}`;
  }
}

/** Overwritten, but for what ends lines. */
function cut(octets: Uint8Array): Uint8Array {
  return octets.map((octet) => (octet === CR || octet === LF ? octet : FILLER));
}
