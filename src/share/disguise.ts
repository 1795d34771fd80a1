import { AddressMap, HardwareMap } from './addresses.ts';
import { FrameDisguise } from './frame.ts';
import { Keyed } from './keyed.ts';
import { SpeechDisguise } from './speech.ts';
import { TextDisguise } from './text.ts';
import { VOCABULARY } from './vocabulary.ts';
import { WordMap } from './words.ts';

/** What was replaced, by what stands for it. For whoever holds the key. */
export interface Replaced {
  readonly addresses: ReadonlyMap<string, string>;
  readonly hardware: ReadonlyMap<string, string>;
  readonly words: ReadonlyMap<string, string>;
}

const OPEN_COMMAND = /^(?:EHLO|HELO|LHLO|MAIL|RCPT|DATA|BDAT|RSET|NOOP|QUIT|STARTTLS|VRFY|EXPN|HELP)\b/i;

/** One key's pseudonyms, over captures and logs alike. */
export class Disguise {
  readonly #addresses: AddressMap;
  readonly #hardware: HardwareMap;
  readonly #words: WordMap;
  readonly #text: TextDisguise;
  readonly speech: SpeechDisguise;
  readonly frames: FrameDisguise;

  /** `further`: words that stay besides the vocabulary's. `hasCutWords`: packets were stored only up to the snap length. */
  constructor(key: Uint8Array, further: ReadonlySet<string>, hasCutWords: boolean) {
    const keyed = new Keyed(key);
    const keeps = (word: string): boolean => VOCABULARY.has(word) || further.has(word);
    this.#addresses = new AddressMap(keyed);
    this.#hardware = new HardwareMap(keyed);
    this.#words = new WordMap(keyed, keeps, hasCutWords);
    this.#text = new TextDisguise(this.#addresses, this.#words, keeps);
    this.speech = new SpeechDisguise(this.#text);
    this.frames = new FrameDisguise(this.#addresses, this.#hardware, keyed);
  }

  get replaced(): Replaced {
    return { addresses: this.#addresses.replaced, hardware: this.#hardware.replaced, words: this.#words.replaced };
  }

  /** The address that stands for another; the text itself where it is none. */
  address(text: string): string {
    return this.#addresses.text(text) ?? text;
  }

  /** A log as it is written by `extract`: a stamp, a level, a text. Characters beyond ASCII are read as their octets in UTF-8. */
  log(text: string): string {
    return text
      .split('\n')
      .map((line) => {
        const head = /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} Info: /.exec(line)?.[0] ?? '';
        const octets = Buffer.from(line.slice(head.length), 'utf8').toString('latin1');
        return head + (line === '' ? '' : this.#logText(octets));
      })
      .join('\n');
  }

  /** Of a debug log's words only commands are understood: what else a client said may be its message. */
  #logText(text: string): string {
    const said = /^(Rcvd from )('[^']*')(: ')(.*)(')$/s.exec(text);
    if (!said) return this.#text.prose(text);
    const [, lead = '', peer = '', between = '', words = '', end = ''] = said;
    const shown = OPEN_COMMAND.test(words) ? this.#text.prose(words) : words.replace(/[^\\\s]/g, 'x');
    return lead + this.#text.prose(peer) + between + shown + end;
  }

  /** Originals that still stand in `content`, as a whole, in any case; but for those that are pseudonyms of others, too, as short names may be. */
  leaks(content: Uint8Array): string[] {
    const text = Buffer.from(content.buffer, content.byteOffset, content.length).toString('latin1').toLowerCase();
    const names = [...this.#text.names].filter((name) => !this.#words.mayStandFor(name));
    return [...names, ...this.#addresses.replaced.keys()].filter((name) => standsIn(text, name.toLowerCase()));
  }

  /** What stands for something else must not be an original itself, or nobody could tell them apart. */
  get clashes(): boolean {
    return [...this.#addresses.replaced.values()].some((address) => this.#addresses.replaced.has(address));
  }
}

function standsIn(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!isPart(text[at - 1]) && !isPart(text[at + name.length])) return true;
  }
  return false;
}

/** Part of a longer number or word: what was found is not the name. */
function isPart(character: string | undefined): boolean {
  return character !== undefined && /[a-z0-9]/.test(character);
}
