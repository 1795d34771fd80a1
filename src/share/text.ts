import type { TextRange } from '../model/maillog.ts';
import type { AddressMap } from './addresses.ts';
import { rangesOf } from './ranges.ts';
import type { WordMap } from './words.ts';

/** Everything between blanks, quotes and brackets that may be one name: texts are octets as latin1 characters. */
const CHUNK = /[A-Za-z0-9_\x80-\xff](?:[A-Za-z0-9_.@+\-=/\\!#$%&*^`{|}~?:\x80-\xff]*[A-Za-z0-9_=\x80-\xff])?/g;
const RUN = /[A-Za-z0-9\x80-\xff]+/g;
/** An IPv4 address wherever it stands, also with dashes or leading zeros, as hosts are named after them. */
const QUAD = /(?<!\d|\d[.-])\d{1,3}([.-])\d{1,3}\1\d{1,3}\1\d{1,3}(?!\d|[.-]\d)/;
/** A domain, a host, a file: letters on a side of a dot. */
const DOTTED = /[A-Za-z\x80-\xff-]\.[A-Za-z0-9\x80-\xff]|[0-9]\.[A-Za-z\x80-\xff]/;
/** What firewalls write over words. */
const MASKED = /^(?:X+[A-Z]?|x+)$/;
/** Values that are names, whatever they read like. */
const NAMED = /^(NAME|HELO|LOGIN|IDENT|ENVID|ORCPT|AUTH(?!=(?:LOGIN|PLAIN)))=(.+)$/i;
/** A subject or an attachment in quotes. */
const QUOTED = /\b(?:Subject|[Aa]ttachment) (['"])(.*)\1/s;
/** What stands in angle brackets, line ends excepted, as `354` names them. */
const BRACKETED = /<(?!(?:CR|LF|CRLF)>)[^<>]*(?:>|$)/gi;
const LINE_ENDS = /<(?:CR|LF|CRLF)>/gi;
/** A number of so many digits may be somebody's; a shorter one stands anywhere by chance. */
const TELLING_DIGITS = 7;

interface Part {
  readonly from: number;
  readonly to: number;
  readonly isName: boolean;
}

/** Text without names: addresses, mailboxes, domains, and all words and numbers that are not known to be nobody's, are replaced at equal length. */
export class TextDisguise {
  readonly #addresses: AddressMap;
  readonly #words: WordMap;
  readonly #keeps: (word: string) => boolean;
  /** Names as they stood, each as a whole, and numbers that may be somebody's. */
  readonly names = new Set<string>();
  /** Numbers that stay, where they are understood. */
  readonly open = new Set<string>();

  constructor(addresses: AddressMap, words: WordMap, keeps: (word: string) => boolean) {
    this.#addresses = addresses;
    this.#words = words;
    this.#keeps = keeps;
  }

  /**
   * Prose of a log or a reply; what stands in angle brackets, or is quoted as a subject or an attachment, is a name as a whole, as are the parts in `names`.
   * Of all numbers only those in `numbers` stay.
   */
  prose(text: string, numbers: readonly TextRange[] = [], names: readonly TextRange[] = []): string {
    const parts = [
      ...[...names, ...namesIn(text)].map(([from, to]): Part => ({ from, to, isName: true })),
      ...[...numbers, ...rangesOf(text, LINE_ENDS)].map(([from, to]): Part => ({ from, to, isName: false })),
    ].sort((a, b) => a.from - b.from || b.to - a.to);
    let shown = '';
    let at = 0;
    for (const { from, to, isName } of parts) {
      if (from < at) continue;
      const part = text.slice(from, to);
      shown += this.#chunks(text.slice(at, from)) + (isName ? this.strict(part) : part);
      if (!isName) this.open.add(part);
      at = to;
    }
    return shown + this.#chunks(text.slice(at));
  }

  /** Names only: every word is replaced. */
  strict(text: string): string {
    const whole = text.trim().replace(/^<|>$/g, '');
    if (whole.length > 3 && !/^\d+$/.test(whole)) this.names.add(whole);
    return text.replace(CHUNK, (chunk) => this.#address(chunk) ?? this.#everyRun(chunk));
  }

  #chunks(text: string): string {
    return text.replace(CHUNK, (chunk) => this.#chunk(chunk));
  }

  #chunk(chunk: string): string {
    const address = this.#address(chunk);
    if (address !== null) return address;
    const quad = QUAD.exec(chunk);
    const mapped = quad ? this.#quad(quad[0], quad[1] ?? '') : null;
    if (quad && mapped !== null) return this.#chunks(chunk.slice(0, quad.index)) + mapped + this.#chunks(chunk.slice(quad.index + mapped.length));
    const named = NAMED.exec(chunk);
    if (named) return `${named[1]}=${this.strict(named[2] ?? '')}`;
    if (this.#keeps(chunk.toLowerCase()) || MASKED.test(chunk)) return chunk;
    if (chunk.includes('@') || DOTTED.test(chunk)) {
      this.names.add(chunk);
      return this.#everyRun(chunk);
    }
    return chunk.replace(RUN, (run) => (this.#keeps(run.toLowerCase()) || MASKED.test(run) ? run : this.#word(run)));
  }

  #everyRun(chunk: string): string {
    return chunk.replace(RUN, (run) => this.#word(run));
  }

  #word(run: string): string {
    if (run.length >= TELLING_DIGITS && /^\d+$/.test(run)) this.names.add(run);
    return this.#words.replace(run);
  }

  #quad(text: string, separator: string): string | null {
    const parts = text.split(separator);
    const drawn = this.#addresses.text(parts.map(Number).join('.'))?.split('.');
    return drawn ? parts.map((part, place) => (drawn[place] ?? '').padStart(part.length, '0')).join(separator) : null;
  }

  /** Also behind a tag: `IPv6:2001:db8::1`, `ADDR=192.0.2.1`, `192.0.2.1:25`, `192.0.2.0/24`. */
  #address(chunk: string): string | null {
    const found = /^((?:IPv6:|ADDR=|DESTADDR=)?)([0-9A-Fa-f:.]+?)((?:\/\d{1,3})?)$/i.exec(chunk);
    const plain = found ? this.#addresses.text(found[2] ?? '') : null;
    if (found && plain !== null) return `${found[1]}${plain}${found[3]}`;
    const withPort = /^(\d{1,3}(?:\.\d{1,3}){3})(:\d{1,5})$/.exec(chunk);
    const bare = withPort ? this.#addresses.text(withPort[1] ?? '') : null;
    return bare === null ? null : `${bare}${withPort?.[2]}`;
  }
}

function namesIn(text: string): TextRange[] {
  const quoted = QUOTED.exec(text);
  const end = quoted ? quoted.index + quoted[0].length - 1 : 0;
  return [...(quoted ? [[end - (quoted[2]?.length ?? 0), end] as const] : []), ...rangesOf(text, BRACKETED)];
}
