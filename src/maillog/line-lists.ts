import type { LineId } from './line-table.ts';

const PAGE_BITS = 15;
const PAGE_NODES = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_NODES - 1;

interface Page {
  readonly lines: Int32Array;
  readonly next: Int32Array;
}

/** Names a node of the lists. */
export type ListNode = number;
export const END_OF_LIST: ListNode = -1;

/** Lists of lines, one a history, as chains in shared columns: 8 octets an element, where an array of its own would cost several times that. */
export class LineLists {
  readonly #pages: (Page | null)[] = [];
  #count = 0;

  /** Appends behind `tail` (END_OF_LIST begins a list) and gives the new tail. */
  append(tail: ListNode, line: LineId): ListNode {
    const node = this.#count++;
    const at = node & PAGE_MASK;
    if (at === 0) this.#pages.push({ lines: new Int32Array(PAGE_NODES), next: new Int32Array(PAGE_NODES) });
    const page = this.#pages[node >>> PAGE_BITS];
    if (page) {
      page.lines[at] = line;
      page.next[at] = END_OF_LIST;
    }
    const before = tail === END_OF_LIST ? undefined : this.#pages[tail >>> PAGE_BITS];
    if (before) before.next[tail & PAGE_MASK] = node;
    return node;
  }

  /** Nodes that were made so far. */
  get count(): number {
    return this.#count;
  }

  /** Forgets the nodes before `before`: no list may hold one. */
  release(before: ListNode): void {
    this.#pages.fill(null, 0, before >>> PAGE_BITS);
  }

  toArray(head: ListNode): LineId[] {
    const ids: LineId[] = [];
    for (let node = head; node !== END_OF_LIST; ) {
      const page = this.#pages[node >>> PAGE_BITS];
      if (!page) break;
      ids.push(page.lines[node & PAGE_MASK] ?? 0);
      node = page.next[node & PAGE_MASK] ?? END_OF_LIST;
    }
    return ids;
  }
}
