import type { LogEntry } from '../model/log-entry.ts';
import type { LogLine, MailLog, MessageHistory } from '../model/maillog.ts';

/** One line of a history with what it says; null for a line in no known shape. */
export interface Fact {
  readonly line: LogLine;
  readonly entry: LogEntry | null;
}

/** A message with all that its lines say, in their order; read when it is looked at. */
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
    return (this.#facts ??= factsOf(this.#log, this.history.lines));
  }

  /** Those that decide what became of it, or join it with another MID. */
  get telling(): readonly Fact[] {
    return (this.#telling ??= factsOf(this.#log, this.history.telling));
  }
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
