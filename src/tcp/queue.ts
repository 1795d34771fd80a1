/** First in, first out, without moving what waits: a ring that doubles. */
export class Queue<T> {
  #ring: (T | undefined)[] = Array.from({ length: 16 }, () => undefined);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get first(): T | undefined {
    return this.#length === 0 ? undefined : this.#ring[this.#head];
  }

  push(item: T): void {
    if (this.#length === this.#ring.length) {
      const rest = [...this.#ring.slice(this.#head), ...this.#ring.slice(0, this.#head)];
      this.#ring = [...rest, ...Array.from({ length: rest.length }, () => undefined)];
      this.#head = 0;
    }
    this.#ring[(this.#head + this.#length++) % this.#ring.length] = item;
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#ring.length;
    this.#length--;
    return item;
  }
}
