const PAGE_ROWS = 1 << 18;
const MAX_OFFSET = 2 ** 32;

interface Page {
  readonly ids: Uint32Array;
  /** Where each stands, counted from `base`. */
  readonly at: Uint32Array;
  readonly base: number;
  count: number;
}

/** Numbers and where in the file they stand, in the order of the file: 8 octets each. */
export class IdColumn {
  readonly #pages: Page[] = [];
  #page: Page | null = null;
  count = 0;

  /** `id` modulo 2^32; `at` octets from the beginning of the file. */
  add(id: number, at: number): void {
    let page = this.#page;
    if (page === null || page.count === PAGE_ROWS || at - page.base >= MAX_OFFSET) {
      page = { ids: new Uint32Array(PAGE_ROWS), at: new Uint32Array(PAGE_ROWS), base: at, count: 0 };
      this.#page = page;
      this.#pages.push(page);
    }
    const row = page.count++;
    page.ids[row] = id;
    page.at[row] = at - page.base;
    this.count++;
  }

  /** Where these numbers stand, in order; `most` of them at most. */
  find(ids: ReadonlySet<number>, most: number): number[] {
    const found: number[] = [];
    if (ids.size === 0) return found;
    const wanted = new Set([...ids].map((id) => id % MAX_OFFSET));
    // Nearly all numbers end here: most of the sixteen low bits are of no wanted number.
    const lows = new Uint8Array(1 << 16);
    for (const id of wanted) lows[id & 0xffff] = 1;
    for (const { ids, at, base, count } of this.#pages) {
      for (let row = 0; row < count; row++) {
        const id = ids[row] ?? 0;
        if (lows[id & 0xffff] === 0 || !wanted.has(id)) continue;
        if (found.length === most) return found;
        found.push(base + (at[row] ?? 0));
      }
    }
    return found;
  }
}
