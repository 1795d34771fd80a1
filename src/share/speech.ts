import { isDateField, numbersOfReply } from './numbers.ts';
import { rangesOf } from './ranges.ts';
import type { TextDisguise } from './text.ts';
import { disguiseTls } from './tls.ts';
import { HEADER_FIELDS } from './vocabulary.ts';

const NAMING = /^(?:EHLO|HELO|LHLO|VRFY|EXPN|ETRN)$/i;
const PATH = /^(?:MAIL|RCPT)$/i;
/** Commands whose arguments are words and numbers of the protocol (RFC 3030, RFC 4954; PROXY and XCLIENT of balancers): which numbers stay. */
const NUMBERED: readonly (readonly [verb: RegExp, numbers: RegExp | null])[] = [
  [/^BDAT$/i, /(?<=^\s+)\d{1,12}(?=(?:\s+LAST)?\s*$)/gi],
  [/^PROXY$/i, /(?<=^\s+TCP[46] \S+ \S+(?: \d{1,5})? )\d{1,5}(?=\s|$)/gi],
  [/^(?:XCLIENT|XFORWARD)$/i, /(?<=\b(?:PORT|DESTPORT)=)\d{1,5}(?=\s|$)/gi],
  [/^AUTH$/i, null],
];
/** Commands without an argument; what stands there all the same is nobody's business. */
const BARE = /^(?:DATA|RSET|NOOP|QUIT|STARTTLS|HELP|TURN)$/i;
const MASKED = /^X{3,}$/;
/** `FROM:` or `TO:`, as sloppy as they come, the path, and the parameters behind it. */
const MAILBOX = /^(\s*(?:(?:FROM|TO)(?![^\s:<]))?\s*:?\s*)(<[^<>]*>?|"(?:[^"\\]|\\.)*"?\S*|\S*)(.*)$/is;
/** Parameters whose values name nobody (RFC 1870, 6152, 3461, 6531, 8689). */
const OPEN_PARAMETER = /^(?:SIZE=\d{1,20}|BODY=(?:7BIT|8BITMIME|BINARYMIME)|RET=(?:FULL|HDRS)|NOTIFY=(?:NEVER|SUCCESS|FAILURE|DELAY|,)+|SMTPUTF8|REQUIRETLS)$/i;
/** A code, cut off by the snap length or masked by a firewall as the case may be (`220****`). */
const REPLY_CODE = /^(?:[2-5]\d\d(?:[ \t-]|(?=\*)|$)|[2-5][0-5]?$)/;
/** Fields by which a message is recognised: their names are replaced one for one. */
const NAMED_FIELDS = /^(?:Subject|Message-ID|From|To|Cc|Sender|Reply-To|Return-Path)$/i;

/** What was said, without names; everything keeps its length. What is not understood is cut. */
export class SpeechDisguise {
  readonly #text: TextDisguise;

  constructor(text: TextDisguise) {
    this.#text = text;
  }

  /** Null: it is not understood. */
  said(octets: Uint8Array, kind: 'line' | 'header', fromClient: boolean): Uint8Array | null {
    const text = Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');
    const end = text.search(/[\r\n]*$/);
    const line = text.slice(0, end);
    const shown = kind === 'header' ? this.#header(line) : fromClient ? this.command(line) : this.reply(line);
    // A text that did not keep its length would move all that follows.
    return shown === null || shown.length !== line.length ? null : Buffer.from(shown + text.slice(end), 'latin1');
  }

  tls(pieces: readonly Uint8Array[], isBeginning: boolean): (Uint8Array | null)[] {
    return disguiseTls(pieces, this.#text, isBeginning);
  }

  /** A client's line without its end; null where it is no command that is understood. */
  command(line: string): string | null {
    if (line === '.' || line === '*' || line.trim() === '') return line;
    const [verb = ''] = /^\S*/.exec(line) ?? [];
    const rest = line.slice(verb.length);
    if (PATH.test(verb)) return verb + this.#mailbox(rest);
    if (NAMING.test(verb) || MASKED.test(verb) || BARE.test(verb)) return verb + this.#text.strict(rest);
    const numbers = NUMBERED.find(([known]) => known.test(verb))?.[1];
    return numbers === undefined ? null : verb + this.#text.prose(rest, numbers ? rangesOf(rest, numbers) : []);
  }

  /** A server's line without its end; null where it is no reply. */
  reply(line: string): string | null {
    const code = REPLY_CODE.exec(line)?.[0];
    if (code === undefined) return null;
    const text = line.slice(code.length);
    return code + this.#text.prose(text, numbersOfReply(text));
  }

  #mailbox(rest: string): string {
    const [, lead = '', path = '', parameters = ''] = MAILBOX.exec(rest) ?? [];
    return lead + this.#text.strict(path) + parameters.replace(/\S+/g, (parameter) => this.#parameter(parameter));
  }

  #parameter(parameter: string): string {
    if (OPEN_PARAMETER.test(parameter)) return parameter;
    const keyword = /^[A-Za-z][A-Za-z0-9-]{0,15}=/.exec(parameter)?.[0] ?? '';
    return this.#text.prose(keyword) + this.#text.strict(parameter.slice(keyword.length));
  }

  #header(line: string): string | null {
    if (line === '') return line;
    const field = /^([!-9;-~]+)(:\s*)(.*)$/s.exec(line);
    if (!field) return /^[ \t]/.test(line) ? `${line[0]}${'x'.repeat(line.length - 1)}` : null;
    const [, name = '', colon = '', value = ''] = field;
    if (NAMED_FIELDS.test(name)) return `${name}${colon}${this.#text.strict(value)}`;
    if (/^Date$/i.test(name) && isDateField(value)) return line;
    const shown = HEADER_FIELDS.has(name.toLowerCase()) ? name : `X-${'x'.repeat(name.length)}`.slice(0, name.length);
    return `${shown}${colon}${'x'.repeat(value.length)}`;
  }
}
