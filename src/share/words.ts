import type { Keyed } from './keyed.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const MOST_TURNS = 40;
/**
 * Words of this length with letters and digits, or of both cases, are no names but codes of something, base64 it may be: where their digits and capitals stand
 * would tell whoever guesses it that the guess is right.
 */
const OPAQUE = 12;
const MIXED = /[a-z].*[A-Z]/;

/** Words in place of words: as long, letters for letters and digits for digits, always the same for the same word in any case. */
export class WordMap {
  readonly #keyed: Keyed;
  readonly #isKept: (word: string) => boolean;
  readonly #keepsBeginnings: boolean;
  /** By beginning: which letter stands for each next one. */
  readonly #letters = new Map<string, Map<string, string>>();
  readonly #taken = new Set<string>();
  readonly replaced = new Map<string, string>();

  /**
   * `isKept`: words that are never replaced, and so stand for none. `keepsBeginnings`: words that begin alike do so afterwards, so that one which
   * the snap length cut is still seen to be the beginning of the other.
   */
  constructor(keyed: Keyed, isKept: (word: string) => boolean, keepsBeginnings: boolean) {
    this.#keyed = keyed;
    this.#isKept = isKept;
    this.#keepsBeginnings = keepsBeginnings;
  }

  /** `word`: octets as latin1 characters. */
  replace(word: string): string {
    const key = word.toLowerCase();
    let drawn = this.replaced.get(key);
    if (drawn === undefined) {
      drawn = this.#keepsBeginnings ? this.#drawByLetter(key) : this.#draw(key);
      this.replaced.set(key, drawn);
      this.#taken.add(drawn);
    }
    if (word.length >= OPAQUE && MIXED.test(word)) return drawn;
    return drawn.replace(/./gs, (letter, at: number) => (/[A-Z]/.test(word[at] ?? '') ? letter.toUpperCase() : letter));
  }

  /** Whether all words of `name` stand for others, so that it may be found without being told. */
  mayStandFor(name: string): boolean {
    return (name.toLowerCase().match(/[a-z0-9\x80-\xff]+/g) ?? []).every((word) => this.#taken.has(word));
  }

  /** Of short words, and numbers, there are not enough: two may then stand for one, but none for itself. */
  #draw(key: string): string {
    let drawn = shifted(key);
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      const candidate = this.#drawOnce(key, turn);
      if (candidate === key || this.#isKept(candidate)) continue;
      drawn = candidate;
      if (!this.#taken.has(drawn)) break;
    }
    return drawn;
  }

  #drawByLetter(key: string): string {
    let drawn = '';
    for (let at = 0; at < key.length; at++) {
      const beginning = key.slice(0, at);
      const known = this.#letters.get(beginning) ?? new Map<string, string>();
      this.#letters.set(beginning, known);
      const letter = key[at] ?? '';
      const letters = /\d/.test(letter) ? DIGITS : LETTERS;
      let place = this.#keyed.number('letter', key.slice(0, at + 1), 0, letters.length);
      const taken = new Set(known.values());
      for (let turn = 0; turn < letters.length && known.get(letter) === undefined; turn++) {
        const candidate = letters[place] ?? '';
        if (candidate !== letter && !taken.has(candidate)) known.set(letter, candidate);
        place = (place + 1) % letters.length;
      }
      // More letters beyond ASCII than there are letters to stand for them.
      drawn += known.get(letter) ?? letters[place] ?? '';
    }
    return drawn;
  }

  #drawOnce(key: string, turn: number): string {
    let octets = this.#keyed.octets('word', key, turn);
    const letters: string[] = [];
    for (let at = 0; at < key.length; at++) {
      if (at > 0 && at % octets.length === 0) octets = this.#keyed.octets('word', `${at} ${key}`, turn);
      const octet = octets[at % octets.length] ?? 0;
      letters.push(/\d/.test(key[at] ?? '') ? String(octet % 10) : (LETTERS[octet % LETTERS.length] ?? ''));
    }
    if (key.length >= OPAQUE) this.#shuffle(letters, key, turn);
    return letters.join('');
  }

  /** Fisher and Yates; as many digits as before, elsewhere. */
  #shuffle(letters: string[], key: string, turn: number): void {
    for (let at = letters.length - 1; at > 0; at--) {
      const other = this.#keyed.number('place', `${at} ${key}`, turn, at + 1);
      [letters[at], letters[other]] = [letters[other] ?? '', letters[at] ?? ''];
    }
  }
}

/** Each letter and digit the next one. */
function shifted(key: string): string {
  return key.replace(/./gs, (letter) => {
    const letters = /\d/.test(letter) ? DIGITS : LETTERS;
    return letters[(letters.indexOf(letter) + 1) % letters.length] ?? '';
  });
}
