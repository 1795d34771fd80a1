import type { MessageHistory } from '../model/maillog.ts';
import type { NumberColumn } from '../model/number-column.ts';
import type { NumberIndex } from '../model/number-index.ts';
import type { Depot } from '../model/octet-store.ts';
import { type CopyEdges, keysOf, originOf } from './copies.ts';
import type { Edge } from './lineage.ts';

/** The same as `Copies` for a log that is read in passing: only who went to a quarantine elsewhere is remembered, by order. */
export class PassingCopies implements CopyEdges {
  /** Orders by what a message has in common with its copy. */
  readonly #handed: NumberIndex;
  /** By order: 1 where it is among them. */
  readonly #noted: NumberColumn;
  /** Orders of copies by the order of the original. */
  readonly #copiesOf: NumberIndex;
  #isEmpty = true;
  byOrder: (order: number) => MessageHistory | null = () => null;

  constructor(archive: Depot) {
    this.#handed = archive.newIndex();
    this.#noted = archive.newColumn(4);
    this.#copiesOf = archive.newIndex();
  }

  /** Remembers those of the messages that went to a quarantine elsewhere. */
  note(messages: Iterable<MessageHistory>): void {
    for (const message of messages) {
      if (message.handedOver === null || this.#noted.get(message.order) > 0) continue;
      this.#isEmpty = false;
      this.#noted.set(message.order, 1);
      for (const key of keysOf(message)) this.#handed.add(hashOf(key), message.order);
    }
  }

  edgesOf(history: MessageHistory): readonly Edge[] {
    if (this.#isEmpty) return [];
    const copies = [...new Set(this.#copiesOf.find(history.order))].flatMap((order) => this.byOrder(order) ?? []);
    return [history, ...copies]
      .flatMap((copy) => this.#edgeTo(copy) ?? [])
      .filter(({ from, to }) => from.order === history.order || to.order === history.order);
  }

  #edgeTo(copy: MessageHistory): Edge | null {
    const keys = new Set(keysOf(copy));
    const orders = new Set([...keys].flatMap((key) => [...this.#handed.find(hashOf(key))]));
    if (orders.size === 0) return null;
    const handed = [...orders]
      .flatMap((order) => (order === copy.order ? [] : (this.byOrder(order) ?? [])))
      .filter((original) => keysOf(original).some((key) => keys.has(key)));
    const edge = originOf(
      copy,
      handed.sort((a, b) => a.first.atUs - b.first.atUs || a.order - b.order),
    );
    if (edge && ![...this.#copiesOf.find(edge.from.order)].includes(copy.order)) this.#copiesOf.add(edge.from.order, copy.order);
    return edge;
  }
}

/** FNV-1a, 32 bits. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
