/** What servers say when they close; patterns to tolerate wording, not texts to match exactly. */
interface ClosingText {
  readonly pattern: RegExp;
  readonly means: 'timeout';
  readonly source: string;
}

const CLOSING_TEXTS: readonly ClosingText[] = [
  {
    pattern: /tim(?:ed|e)[ -]?out|timeout|idle|inactiv/i,
    means: 'timeout',
    source: 'AsyncOS "Timed out waiting for successful message injection" (guide 10.0); Exchange 4.4.1; Postfix 4.4.2; Exim',
  },
  { pattern: /exceeded (?:allowable|maximum) connection time|maximum connection time/i, means: 'timeout', source: 'AsyncOS total time limit (guide 10.0)' },
  { pattern: /too long without|no (?:activity|data|command)/i, means: 'timeout', source: 'wording of several servers' },
];

/** Whether a closing reply says that its sender gave up waiting. */
export function saysTimeout(text: string): boolean {
  return CLOSING_TEXTS.some((entry) => entry.pattern.test(text));
}
