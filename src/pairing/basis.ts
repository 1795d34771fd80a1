/** Words for what agrees, in the order in which they were found. Equal lists are one object: nearly all pairs share a few. */
export class Basis {
  static readonly none = new Basis([]);
  readonly words: readonly string[];
  readonly #longer = new Map<string, Basis>();

  private constructor(words: readonly string[]) {
    this.words = words;
  }

  has(word: string): boolean {
    return this.words.includes(word);
  }

  /** With that word at the end, unless it is there. */
  with(word: string): Basis {
    if (this.has(word)) return this;
    let longer = this.#longer.get(word);
    if (!longer) {
      longer = new Basis([...this.words, word]);
      this.#longer.set(word, longer);
    }
    return longer;
  }
}
