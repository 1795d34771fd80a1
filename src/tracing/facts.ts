import type { LogEntry } from '../model/log-entry.ts';
import type { LogLine, MailLog, MessageHistory } from '../model/maillog.ts';
import { SECOND_US } from '../model/units.ts';

/** Clocks are set back by an hour in autumn; what steps back further was joined in another order. */
const MOST_SET_BACK_US = 3600 * SECOND_US;

/** One line of a history with what it says; null for a line in no known shape. */
export interface Fact {
  readonly line: LogLine;
  readonly entry: LogEntry | null;
}

/** A message with all that its lines say, in their order: that of the log, but for files that were joined in another one; read when it is looked at. */
export class TracedMid {
  readonly history: MessageHistory;
  readonly #log: MailLog;
  #facts: readonly Fact[] | null = null;
  #telling: readonly Fact[] | null = null;

  constructor(log: MailLog, history: MessageHistory) {
    this.#log = log;
    this.history = history;
  }

  get facts(): readonly Fact[] {
    return (this.#facts ??= this.#readOn(this.#telling ?? []));
  }

  /** All lines; those that were read already need not be read again. */
  #readOn(read: readonly Fact[]): Fact[] {
    let at = 0;
    return inOrder(this.history.lines).map((line) => {
      const known = read[at];
      if (!known || !isSameLine(known.line, line)) return { line, entry: this.#log.entryOf(line) };
      at++;
      return known;
    });
  }

  /** Those that decide what became of it, or join it with another MID. */
  get telling(): readonly Fact[] {
    return (this.#telling ??= factsOf(this.#log, inOrder(this.history.telling)));
  }
}

function inOrder(lines: readonly LogLine[]): readonly LogLine[] {
  let lastUs = Number.NEGATIVE_INFINITY;
  for (const { atUs } of lines) {
    if (atUs < lastUs - MOST_SET_BACK_US) return lines.toSorted((a, b) => a.atUs - b.atUs);
    if (atUs > lastUs) lastUs = atUs;
  }
  return lines;
}

function isSameLine(a: LogLine, b: LogLine): boolean {
  if (a.atUs !== b.atUs) return false;
  const [one, other] = [a.ref, b.ref];
  return one.line === other.line && one.input === other.input;
}

export function factsOf(log: MailLog, lines: readonly LogLine[]): Fact[] {
  return lines.map((line) => ({ line, entry: log.entryOf(line) }));
}

/** Names a line across all logs. */
export function lineKey({ ref }: LogLine): string {
  return `${ref.input}:${ref.line}`;
}

/** `0`, or `0, 1 and 2`. */
export function joinWords(words: readonly (string | number)[]): string {
  if (words.length < 2) return String(words[0] ?? '');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
