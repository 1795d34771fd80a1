import { createHmac } from 'node:crypto';

/** Numbers that only the holder of the key can foretell: the same for the same key and text. */
export class Keyed {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  octets(kind: string, text: string, turn: number): Uint8Array {
    return createHmac('sha256', this.#key).update(`${kind}\n${turn}\n${text}`, 'latin1').digest();
  }

  /** Below `limit`, which is at most 2^32. */
  number(kind: string, text: string, turn: number, limit: number): number {
    return new DataView(this.octets(kind, text, turn).buffer).getUint32(0) % limit;
  }
}
