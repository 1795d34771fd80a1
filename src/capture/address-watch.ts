import { formatAddress } from '../model/address.ts';

/**
 * Watches whether one address is an end of every packet, and whether all run between the same two: the traces of a `host` filter.
 * Costs two comparisons a packet until it is certain that neither holds, then `watching` is false and nothing needs to be asked.
 */
export class AddressWatch {
  watching = true;
  #packets = 0;
  #family: 4 | 6 = 4;
  /** The two ends of the first packet, as words of 32 bits. */
  readonly #first = new Int32Array(4);
  readonly #second = new Int32Array(4);
  #firstInAll = true;
  #secondInAll = true;
  #pairInAll = true;

  /** Takes the addresses of a packet; source at `at`, destination behind it. */
  take(view: DataView, at: number, family: 4 | 6): void {
    if (family === 4 && this.#family === 4 && this.#packets > 0) {
      this.#takeShort(view.getInt32(at), view.getInt32(at + 4));
      return;
    }
    const words = family === 4 ? 1 : 4;
    if (this.#packets++ === 0) {
      this.#family = family;
      for (let i = 0; i < words; i++) {
        this.#first[i] = view.getInt32(at + 4 * i);
        this.#second[i] = view.getInt32(at + 4 * (words + i));
      }
      return;
    }
    const sameFamily = family === this.#family;
    this.#judge(sameFamily ? endsAt(view, at, words, this.#first) : 0, sameFamily ? endsAt(view, at, words, this.#second) : 0);
  }

  /** Addresses of one word each: this is asked for every packet of a capture that one host's traffic fills. */
  #takeShort(source: number, destination: number): void {
    const [first, second] = [this.#first[0], this.#second[0]];
    this.#judge((source === first ? 1 : 0) | (destination === first ? 2 : 0), (source === second ? 1 : 0) | (destination === second ? 2 : 0));
  }

  /** What the two ends of the first packet are in this one: bit 1 its source, bit 2 its destination. */
  #judge(first: number, second: number): void {
    if (first === 0) this.#firstInAll = false;
    if (second === 0) this.#secondInAll = false;
    if (first === 0 || second === 0 || (first | second) !== 3) this.#pairInAll = false;
    this.watching = this.#firstInAll || this.#secondInAll;
  }

  /** Text of the address that is an end of every packet; of two such the one that received the first packet. */
  commonAddress(): string | null {
    if (this.#packets === 0) return null;
    const words = this.#secondInAll ? this.#second : this.#firstInAll ? this.#first : null;
    if (!words) return null;
    const octets = new Uint8Array(16);
    const view = new DataView(octets.buffer);
    words.forEach((word, i) => view.setInt32(4 * i, word));
    return formatAddress(octets, 0, this.#family);
  }

  onlyPair(): boolean {
    return this.#packets > 0 && this.#pairInAll;
  }
}

/** Bit 1: it is the source, bit 2: it is the destination. */
function endsAt(view: DataView, at: number, words: number, address: Int32Array): number {
  let ends = 3;
  for (let i = 0; i < words; i++) {
    const word = address[i];
    if (view.getInt32(at + 4 * i) !== word) ends &= 2;
    if (view.getInt32(at + 4 * (words + i)) !== word) ends &= 1;
  }
  return ends;
}
