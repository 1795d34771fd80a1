import type { MessageHistory } from '../model/maillog.ts';
import { type CopyEdges, keysOf, originOf } from './copies.ts';
import type { Edge } from './lineage.ts';

/** The same as `Copies` for a log that is read in passing: only who went to a quarantine elsewhere is remembered, by order. */
export class PassingCopies implements CopyEdges {
  /** By what a message has in common with its copy. */
  readonly #handed = new Map<string, number[]>();
  readonly #noted = new Set<number>();
  readonly #copiesOf = new Map<number, Set<number>>();
  byOrder: (order: number) => MessageHistory | null = () => null;

  /** Remembers those of the messages that went to a quarantine elsewhere. */
  note(messages: readonly MessageHistory[]): void {
    for (const message of messages) {
      if (message.handedOver === null || this.#noted.has(message.order)) continue;
      this.#noted.add(message.order);
      for (const key of keysOf(message)) this.#handed.set(key, [...(this.#handed.get(key) ?? []), message.order]);
    }
  }

  edgesOf(history: MessageHistory): readonly Edge[] {
    if (this.#handed.size === 0) return [];
    const copies = [...(this.#copiesOf.get(history.order) ?? [])].flatMap((order) => this.byOrder(order) ?? []);
    return [history, ...copies].flatMap((copy) => this.#edgeTo(copy) ?? []).filter(({ from, to }) => from === history || to === history);
  }

  #edgeTo(copy: MessageHistory): Edge | null {
    const orders = new Set(keysOf(copy).flatMap((key) => this.#handed.get(key) ?? []));
    if (orders.size === 0) return null;
    const handed = [...orders].flatMap((order) => (order === copy.order ? [] : (this.byOrder(order) ?? [])));
    const edge = originOf(
      copy,
      handed.sort((a, b) => a.first.atUs - b.first.atUs || a.order - b.order),
    );
    if (edge) this.#copiesOf.set(edge.from.order, (this.#copiesOf.get(edge.from.order) ?? new Set<number>()).add(copy.order));
    return edge;
  }
}
