import type { HistoryList, MessageHistory } from '../model/maillog.ts';
import { MadeList } from '../model/record-list.ts';
import { type Observation, saw } from './observation.ts';

interface Run {
  readonly first: Observation;
  /** Places of the messages that it begins and ends with. */
  readonly from: number;
  to: number;
  count: number;
}

/** Facts that the log tells of message after message. Those of one kind that follow each other weigh as one: the first is held, and tells the others when somebody asks. */
export class FactRuns {
  readonly #messages: HistoryList<MessageHistory>;
  readonly #factOf: (message: MessageHistory) => Observation | null;
  readonly #runs: Run[] = [];
  /** How many facts there are. */
  count = 0;

  constructor(messages: HistoryList<MessageHistory>, factOf: (message: MessageHistory) => Observation | null) {
    this.#messages = messages;
    this.#factOf = factOf;
  }

  /** The next message; `place`: where it stands among all. */
  add(message: MessageHistory, place: number): void {
    const fact = this.#factOf(message);
    if (fact === null) return;
    this.count++;
    const run = this.#runs.at(-1);
    if (run?.first.kind === fact.kind) {
      run.to = place;
      run.count++;
    } else this.#runs.push({ first: fact, from: place, to: place, count: 1 });
  }

  observations(): Observation[] {
    return this.#runs.map((run) => (run.count === 1 ? run.first : this.#withOthers(run)));
  }

  #withOthers({ first, from, to, count }: Run): Observation {
    const others = new MadeList(count - 1, () => this.#factsBetween(from + 1, to));
    return saw(first.kind, first.data, first.packets, first.lines, others);
  }

  *#factsBetween(from: number, to: number): Generator<Observation> {
    for (let place = from; place <= to; place++) {
      const message = this.#messages.at(place);
      const fact = message ? this.#factOf(message) : null;
      if (fact) yield fact;
    }
  }
}
