import type { LinePlaces } from '../model/maillog.ts';
import { AddressMap, HardwareMap } from './addresses.ts';
import { FrameDisguise } from './frame.ts';
import { Keyed } from './keyed.ts';
import { LeakSearch } from './leaks.ts';
import { LogDisguise } from './log.ts';
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

/** What is known of the shapes of the log's lines. */
export interface LogShapes {
  /** Their fixed words. */
  readonly words: ReadonlySet<string>;
  /** Null for a line in no known shape. */
  readonly placesOf: (text: string) => LinePlaces | null;
}

/** One key's pseudonyms, over captures and logs alike. */
export class Disguise {
  readonly #addresses: AddressMap;
  readonly #hardware: HardwareMap;
  readonly #words: WordMap;
  readonly #keeps: (word: string) => boolean;
  readonly #text: TextDisguise;
  readonly #log: LogDisguise;
  readonly speech: SpeechDisguise;
  readonly frames: FrameDisguise;

  /** `shapes`: their words stay besides the vocabulary's. `hasCutWords`: packets were stored only up to the snap length. */
  constructor(key: Uint8Array, shapes: LogShapes, hasCutWords: boolean) {
    const keyed = new Keyed(key);
    this.#keeps = (word) => VOCABULARY.has(word) || shapes.words.has(word);
    this.#addresses = new AddressMap(keyed);
    this.#hardware = new HardwareMap(keyed);
    this.#words = new WordMap(keyed, this.#keeps, hasCutWords);
    this.#text = new TextDisguise(this.#addresses, this.#words, this.#keeps);
    this.speech = new SpeechDisguise(this.#text);
    this.#log = new LogDisguise(this.#text, this.speech, shapes.placesOf);
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
        return head + (line === '' ? '' : this.#log.line(octets));
      })
      .join('\n');
  }

  /** Looks for the originals; but for those that are pseudonyms of others, too, as short names may be, and those made of words and numbers that stay. */
  search(): LeakSearch {
    const names = [...this.#text.names].filter((name) => !this.#text.open.has(name) && !this.#words.mayStandFor(name)).map((name) => name.toLowerCase());
    return new LeakSearch({
      names: names.filter((name) => /[^a-z ]/.test(name) || !name.split(/ +/).every((word) => this.#keeps(word))),
      addresses: this.#addresses.replaced.keys(),
      hardware: this.#hardware.replaced.keys(),
    });
  }

  /** What stands for something else must not be an original itself, or nobody could tell them apart. */
  get clashes(): boolean {
    return [...this.#addresses.replaced.values()].some((address) => this.#addresses.replaced.has(address));
  }
}
