/** A set of small numbers, a bit each. */
export class Bits {
  #octets = new Uint8Array(64);

  add(number: number): void {
    const at = number >>> 3;
    if (at >= this.#octets.length) {
      const larger = new Uint8Array(Math.max(at + 1, this.#octets.length * 2));
      larger.set(this.#octets);
      this.#octets = larger;
    }
    this.#octets[at] = (this.#octets[at] ?? 0) | (1 << (number & 7));
  }

  has(number: number): boolean {
    return ((this.#octets[number >>> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }
}
