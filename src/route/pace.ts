/** Set in the count once the leader reads no further. */
const ENDED = 1 << 30;
const COUNT = 0;
const REFUSED = 1;
/** A wake-up may be missed where the leader is gone. */
const LONGEST_WAIT_MS = 200;

/**
 * Keeps the readers of other threads behind the one that leads, chunk by chunk, so that all of them stop at the same place wherever the
 * leader stops. Chunks are counted from the beginning, through further readings.
 */
export class Pace {
  readonly shared: SharedArrayBuffer;
  readonly #cells: Int32Array;

  constructor(shared = new SharedArrayBuffer(8)) {
    this.shared = shared;
    this.#cells = new Int32Array(shared);
  }

  /** The leader has read another chunk. */
  lead(): void {
    Atomics.add(this.#cells, COUNT, 1);
    Atomics.notify(this.#cells, COUNT);
  }

  /** The leader reads no further. */
  end(): void {
    Atomics.or(this.#cells, COUNT, ENDED);
    Atomics.notify(this.#cells, COUNT);
  }

  /** Waits until the leader has read more than `chunks`; false once it has ended with as many. Blocks the thread. */
  mayFollow(chunks: number): boolean {
    for (;;) {
      const led = Atomics.load(this.#cells, COUNT);
      if ((led & ~ENDED) > chunks) return true;
      if (led & ENDED) return false;
      Atomics.wait(this.#cells, COUNT, led, LONGEST_WAIT_MS);
    }
  }

  /** A follower gives up: reading in lanes does not lead to the result of one reader. */
  refuse(): void {
    Atomics.store(this.#cells, REFUSED, 1);
  }

  get refused(): boolean {
    return Atomics.load(this.#cells, REFUSED) === 1;
  }
}
