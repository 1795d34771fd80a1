import type { ReportMessage } from '../model/report.ts';
import { selectsAll, type Selection } from '../model/settings.ts';
import type { TraceInput } from './input.ts';
import { type Lineage, followLineage } from './lineage.ts';
import { Registry } from './registry.ts';
import { connectionsOf, findCandidates, isSelected } from './select.ts';
import { outcomesOf, tellStory } from './story.ts';

/** ICIDs and DCIDs by their order. */
export interface ConnectionOrders {
  readonly injections: ReadonlySet<number>;
  readonly deliveries: ReadonlySet<number>;
}

/**
 * The stories of the messages that were asked for, in order of their first line. Each is told when the iteration comes to it, and again
 * in the next one: nothing but the log is held.
 */
export class MessageTraces implements Iterable<ReportMessage> {
  readonly #input: TraceInput;
  readonly #selection: Selection;
  readonly #registry: Registry;

  constructor(input: TraceInput, selection: Selection) {
    this.#input = input;
    this.#selection = selection;
    this.#registry = new Registry(input);
  }

  *[Symbol.iterator](): Generator<ReportMessage> {
    const asked = this.#selection.outcomes ?? [];
    for (const lineage of this.#lineages()) {
      if (asked.length > 0) {
        const outcomes = outcomesOf(lineage, this.#registry);
        if (!asked.some((outcome) => outcomes.has(outcome))) continue;
      }
      const story = tellStory(lineage, this.#registry, this.#input);
      if (story) yield story;
    }
  }

  /** The connections of the stories by their order, so that only these need be judged. */
  connections(): ConnectionOrders {
    const found = { injections: new Set<number>(), deliveries: new Set<number>() };
    for (const lineage of this.#lineages()) {
      for (const connection of connectionsOf(lineage, this.#registry)) ('icid' in connection ? found.injections : found.deliveries).add(connection.order);
    }
    return found;
  }

  *#lineages(): Generator<Lineage> {
    const told = new Set<number>();
    const wantsAll = selectsAll(this.#selection);
    for (const candidate of findCandidates(this.#selection, this.#registry, this.#input.decodeHeader)) {
      if (told.delete(candidate.order)) continue;
      const lineage = followLineage(this.#registry, candidate);
      // A story is told where its first MID is met; later ones of it are passed over.
      for (const { history } of lineage.members) if (history.order !== candidate.order) told.add(history.order);
      if (wantsAll || isSelected(this.#selection, lineage, this.#registry, this.#input)) yield lineage;
    }
  }
}
