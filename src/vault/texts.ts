import type { OctetReader, OctetWriter } from './octets.ts';

/** Texts that many sessions share (banners, replies, names of hosts) are held once; so many of them, and no longer ones. */
const MOST_SHARED = 8_192;
const LONGEST_SHARED = 256;
/** Texts that were seen once, before they are taken for shared ones. */
const MOST_SEEN = 4_096;

/** Puts texts into octets and gets them back; a text that came before may be only a number. */
export class TextStore {
  readonly #shared: string[];
  readonly #numbers = new Map<string, number>();
  readonly #seen = new Set<string>();

  /** `shared`: the texts by number of another store, whose octets this one is to read. */
  constructor(shared: readonly string[] = []) {
    this.#shared = [...shared];
  }

  get shared(): readonly string[] {
    return this.#shared;
  }

  put(out: OctetWriter, text: string): void {
    const number = this.#numberOf(text);
    if (number >= 0) {
      out.count(number * 2);
      return;
    }
    this.putOwn(out, text);
  }

  /** Puts a text that hardly comes twice, such as an address: it is not looked for among the shared ones. */
  putOwn(out: OctetWriter, text: string): void {
    const { length } = text;
    let isWide = false;
    for (let i = 0; i < length && !isWide; i++) isWide = text.charCodeAt(i) > 0xff;
    out.count(length * 4 + (isWide ? 3 : 1));
    out.reserve(length * 2);
    const { octets } = out;
    let at = out.length;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      octets[at++] = code & 0xff;
      if (isWide) octets[at++] = code >>> 8;
    }
    out.length = at;
  }

  putAll(out: OctetWriter, texts: readonly string[]): void {
    out.count(texts.length);
    for (const text of texts) this.put(out, text);
  }

  getAll(from: OctetReader): readonly string[] {
    return from.list(() => this.get(from));
  }

  get(from: OctetReader): string {
    const head = from.count();
    if ((head & 1) === 0) return this.#shared[head >>> 1] ?? '';
    const isWide = (head & 3) === 3;
    const length = head >>> 2;
    const start = from.at;
    from.at += isWide ? length * 2 : length;
    return from.octets.toString(isWide ? 'utf16le' : 'latin1', start, from.at);
  }

  #numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (text.length > LONGEST_SHARED || this.#shared.length >= MOST_SHARED) return -1;
    if (!this.#seen.has(text)) {
      if (this.#seen.size >= MOST_SEEN) this.#seen.clear();
      this.#seen.add(text);
      return -1;
    }
    this.#seen.delete(text);
    this.#numbers.set(text, this.#shared.length);
    return this.#shared.push(text) - 1;
  }
}
