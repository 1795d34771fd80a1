import type { MessageHistory, PassingLog, Silence } from '../model/maillog.ts';
import type { NumberColumn } from '../model/number-column.ts';
import type { Depot } from '../model/octet-store.ts';
import { type MessageList, RECIPIENT_OUTCOMES, type RecipientOutcome, type ReportMessage } from '../model/report.ts';
import type { Selection } from '../model/settings.ts';
import { SECOND_US } from '../model/units.ts';
import type { TraceInput } from './input.ts';
import { type Lineage, followLineage } from './lineage.ts';
import { PassingCopies } from './passing-copies.ts';
import { Registry } from './registry.ts';
import { cheapTest, isSelected } from './select.ts';
import { outcomesOf, sumUp, tellStory } from './story.ts';

/**
 * Counts the stories of a log that is read in passing: each when the last of its messages has fallen silent, and anew when one of them speaks
 * again. Of a story only its outcomes, its place in the order and the message to find it by are kept.
 */
export class PassingStories {
  readonly #decodeHeader: (text: string) => string;
  readonly #copies: PassingCopies;
  /** The story of a message, by the message's order; stories count from 1. */
  readonly #storyOf: NumberColumn;
  /** A bit for each outcome; 0: not selected, or told anew. */
  readonly #outcomes: NumberColumn;
  readonly #seconds: NumberColumn;
  readonly #candidate: NumberColumn;
  #count = 0;

  constructor(decodeHeader: (text: string) => string, archive: Depot) {
    this.#decodeHeader = decodeHeader;
    this.#copies = new PassingCopies(archive);
    this.#storyOf = archive.newColumn(4);
    this.#outcomes = archive.newColumn(4);
    this.#seconds = archive.newColumn(8);
    this.#candidate = archive.newColumn(4);
  }

  /** Tells what has fallen silent. */
  settle(silence: Silence, selection: Selection, clock: TraceInput['clock']): void {
    const input = { log: silence.log, sessions: [], clock, decodeHeader: this.#decodeHeader };
    const registry = this.#registryOf(silence, input);
    const seen = new Set<number>();
    for (const message of silence.messages) {
      if (seen.has(message.order)) continue;
      const lineage = followLineage(registry, message);
      for (const { history } of lineage.members) seen.add(history.order);
      if (lineage.members.every(({ history }) => silence.isSilent(history))) this.#tell(lineage, selection, registry, input);
    }
  }

  #registryOf({ log, byOrder }: PassingLog, input: TraceInput): Registry {
    this.#copies.byOrder = byOrder;
    this.#copies.note(log.messages);
    return new Registry(input, this.#copies);
  }

  /** The stories of these messages, in place of those that were told of them before. */
  #tell(whole: Lineage, selection: Selection, registry: Registry, input: TraceInput): void {
    const histories = whole.members.map(({ history }) => history).sort(byFirstLine);
    for (const { order } of histories) {
      const story = this.#storyOf.get(order);
      if (story === 0) continue;
      this.#outcomes.set(story, 0);
      this.#storyOf.set(order, 0);
    }
    const test = cheapTest(selection, registry, this.#decodeHeader);
    const told = new Set<number>();
    for (const candidate of histories) {
      if ((test !== null && !test(candidate)) || told.has(candidate.order)) continue;
      const lineage = whole.cut ? followLineage(registry, candidate) : whole;
      for (const { history } of lineage.members) told.add(history.order);
      if (isSelected(selection, lineage, registry, input)) this.#add(candidate, lineage, selection.outcomes ?? [], registry);
    }
  }

  #add(candidate: MessageHistory, lineage: Lineage, asked: readonly RecipientOutcome[], registry: Registry): void {
    const outcomes = outcomesOf(lineage, registry);
    if (asked.length > 0 && !asked.some((outcome) => outcomes.has(outcome))) return;
    const story = ++this.#count;
    let bits = 0;
    for (const outcome of outcomes) bits |= 1 << RECIPIENT_OUTCOMES.indexOf(outcome);
    this.#outcomes.set(story, bits);
    this.#seconds.set(story, candidate.first.atUs / SECOND_US);
    this.#candidate.set(story, candidate.order);
    for (const { history } of lineage.members) this.#storyOf.set(history.order, story);
  }

  /** All stories counted, the newest told. */
  list(passing: PassingLog, clock: TraceInput['clock'], most: number): MessageList {
    const outcomes = new Map<ReportMessage['outcome'], number>();
    let count = 0;
    for (let story = 1; story <= this.#count; story++) {
      const bits = this.#outcomes.get(story);
      if (bits === 0) continue;
      count++;
      const outcome = sumUp(new Set(RECIPIENT_OUTCOMES.filter((_, at) => (bits & (1 << at)) !== 0)));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    const input = { log: passing.log, sessions: [], clock, decodeHeader: this.#decodeHeader };
    const registry = this.#registryOf(passing, input);
    const newest = this.#newest(most).flatMap((order) => {
      const candidate = passing.byOrder(order);
      return candidate ? (tellStory(followLineage(registry, candidate), registry, input) ?? []) : [];
    });
    return { count, outcomes, newest };
  }

  /** Messages to find the newest stories by, the newest last. */
  #newest(most: number): number[] {
    const found: { readonly seconds: number; readonly order: number }[] = [];
    for (let story = this.#count; story > 0; story--) {
      if (this.#outcomes.get(story) === 0) continue;
      const one = { seconds: this.#seconds.get(story), order: this.#candidate.get(story) };
      const oldest = found[0];
      if (found.length === most && oldest && isBefore(one, oldest)) continue;
      const at = found.findIndex((other) => isBefore(one, other));
      found.splice(at < 0 ? found.length : at, 0, one);
      if (found.length > most) found.shift();
    }
    return found.map(({ order }) => order);
  }
}

interface Placed {
  readonly seconds: number;
  readonly order: number;
}

function isBefore(a: Placed, b: Placed): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.order < b.order);
}

function byFirstLine(a: MessageHistory, b: MessageHistory): number {
  return a.first.atUs - b.first.atUs || a.order - b.order;
}
