import { NumberColumn } from './number-column.ts';
import { NumberIndex } from './number-index.ts';

/** Numbers by texts of which only a hash is kept, about 16 octets each: what is found may stand for another text, and has to be compared. */
export class TextIndex {
  readonly #index = new NumberIndex(() => new NumberColumn(4));

  add(text: string, value: number): void {
    this.#index.add(hashOf(text), value);
  }

  /** In the order in which they were added. */
  find(text: string): number[] {
    return this.#index.find(hashOf(text)).toReversed();
  }
}

/** FNV-1a, of 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // The low bits choose the place: let the high ones have a say.
  return (hash ^ (hash >>> 15)) >>> 0;
}
