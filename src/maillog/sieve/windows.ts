import type { Source, SourceReader } from '../../model/source.ts';

/** Reads parts of a file in rising order: from their places where the source allows it, else by going through it from the start. */
export class Windows {
  readonly #source: Source;
  #reader: SourceReader | null = null;
  /** What was read last, for parts that overlap. */
  #held: Buffer = Buffer.alloc(0);
  #heldFrom = 0;
  #at = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  /** The octets from `from` to `to`, fewer at the end of the file. Neither may be less than in the call before. */
  async read(from: number, to: number): Promise<Buffer> {
    const heldTo = this.#heldFrom + this.#held.length;
    if (from >= this.#heldFrom && to <= heldTo) return this.#held.subarray(from - this.#heldFrom, to - this.#heldFrom);
    const window = Buffer.allocUnsafe(Math.max(0, to - from));
    if (this.#source.reread) return window.subarray(0, this.#source.reread(window, from));
    const known = Math.max(0, Math.min(window.length, heldTo - from));
    if (known > 0) this.#held.copy(window, 0, from - this.#heldFrom, from - this.#heldFrom + known);
    const count = known + (await this.#fill(window, known, from + known));
    this.#held = window.subarray(0, count);
    this.#heldFrom = from;
    return this.#held;
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    this.#reader = null;
  }

  async #fill(window: Buffer, offset: number, position: number): Promise<number> {
    this.#reader ??= this.#source.open();
    const scratch = Buffer.allocUnsafe(this.#at < position ? 1 << 18 : 0);
    while (this.#at < position) {
      // oxlint-disable-next-line no-await-in-loop -- one read after the other
      const count = await this.#reader.read(scratch, 0, Math.min(scratch.length, position - this.#at));
      if (count === 0) return 0;
      this.#at += count;
    }
    let at = offset;
    while (at < window.length) {
      // oxlint-disable-next-line no-await-in-loop -- one read after the other
      const count = await this.#reader.read(window, at, window.length - at);
      if (count === 0) break;
      at += count;
      this.#at += count;
    }
    return at - offset;
  }
}
