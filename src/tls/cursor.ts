/** Octets of a message with reads that never leave it: behind the end everything is 0 or empty. */
export class Cursor {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  u8(): number {
    return this.#bytes[this.at++] ?? 0;
  }

  u16(): number {
    return (this.u8() << 8) | this.u8();
  }

  u24(): number {
    return (this.u16() << 8) | this.u8();
  }

  skip(length: number): void {
    this.at += length;
  }

  take(length: number): Uint8Array {
    const start = Math.min(this.at, this.#bytes.length);
    this.at += length;
    return this.#bytes.subarray(start, Math.min(start + length, this.#bytes.length));
  }
}
