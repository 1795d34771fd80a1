import type { AddressMap } from './addresses.ts';
import type { WordMap } from './words.ts';

/** Everything between blanks, quotes and brackets that may be one name: texts are octets as latin1 characters. */
const CHUNK = /[A-Za-z0-9_\x80-\xff](?:[A-Za-z0-9_.@+\-=/\\!#$%&*^`{|}~?:\x80-\xff]*[A-Za-z0-9_=\x80-\xff])?/g;
const RUN = /[A-Za-z0-9\x80-\xff]+/g;
/** An IPv4 address wherever it stands, also with dashes or leading zeros, as hosts are named after them. */
const QUAD = /(?<!\d|\d[.-])\d{1,3}([.-])\d{1,3}\1\d{1,3}\1\d{1,3}(?!\d|[.-]\d)/;
/** An IPv4 address as one number. */
const DECIMAL = /(?<!\d)\d{8,10}(?!\d)/g;
/** Numbers, times, versions, codes: no letter in them. */
const NUMERIC = /^[\d.:,+\-/]+$/;
/** A domain, a host, a file: letters on a side of a dot. */
const DOTTED = /[A-Za-z\x80-\xff-]\.[A-Za-z0-9\x80-\xff]|[0-9]\.[A-Za-z\x80-\xff]/;
/** What firewalls write over words. */
const MASKED = /^(?:X+[A-Z]?|x+)$/;
/** Values that are names, whatever they read like. */
const NAMED = /^(NAME|HELO|LOGIN|ENVID|ORCPT)=(.+)$/i;

/** Text without names: addresses, mailboxes, domains and all words that the vocabulary does not hold are replaced at equal length. */
export class TextDisguise {
  readonly #addresses: AddressMap;
  readonly #words: WordMap;
  readonly #keeps: (word: string) => boolean;
  /** Names as they stood, each as a whole. */
  readonly names = new Set<string>();

  constructor(addresses: AddressMap, words: WordMap, keeps: (word: string) => boolean) {
    this.#addresses = addresses;
    this.#words = words;
    this.#keeps = keeps;
  }

  /** Prose of a log or a reply; what stands in angle brackets, or is quoted as a subject or an attachment, is a name as a whole. */
  prose(text: string): string {
    const subject = /^(.*?\b(?:Subject|[Aa]ttachment) )(['"])(.*)\2(.*)$/s.exec(text);
    if (subject) return `${this.prose(subject[1] ?? '')}${subject[2]}${this.strict(subject[3] ?? '')}${subject[2]}${this.prose(subject[4] ?? '')}`;
    return text
      .split(/(<[^<>]*(?:>|$))/)
      .map((part) => (part.startsWith('<') ? this.strict(part) : this.#chunks(part)))
      .join('');
  }

  /** Names only: every word is replaced. */
  strict(text: string): string {
    const whole = text.trim().replace(/^<|>$/g, '');
    if (whole.length > 3) this.names.add(whole);
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
    if (NUMERIC.test(chunk) || this.#keeps(chunk.toLowerCase()) || MASKED.test(chunk)) return this.#numbers(chunk);
    if (chunk.includes('@') || DOTTED.test(chunk)) {
      this.names.add(chunk);
      return this.#everyRun(chunk);
    }
    return chunk.replace(RUN, (run) =>
      /^\d+$/.test(run) || this.#keeps(run.toLowerCase()) || MASKED.test(run) ? this.#numbers(run) : this.#words.replace(run),
    );
  }

  #everyRun(chunk: string): string {
    return chunk.replace(RUN, (run) => this.#words.replace(run));
  }

  /** Numbers stay, but for an address as one. */
  #numbers(text: string): string {
    return text.replace(DECIMAL, (number) => (this.#addresses.isKnown(Number(number)) ? this.#words.replace(number) : number));
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
