/** Texts that many sessions share, such as addresses, by number: 0 is none. */
export class SharedTexts {
  readonly #texts: (string | null)[] = [null];
  readonly #numbers = new Map<string, number>();

  numberOf(text: string | null): number {
    if (text === null) return 0;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#texts.push(text) - 1;
    this.#numbers.set(text, number);
    return number;
  }

  /** Null where it was never met. */
  find(text: string): number | null {
    return this.#numbers.get(text) ?? null;
  }

  of(number: number): string | null {
    return this.#texts[number] ?? null;
  }
}
