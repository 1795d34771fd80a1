import type { EntryKind, LogEntry } from '../entry.ts';

export type EntryOf<K extends EntryKind> = Extract<LogEntry, { readonly kind: K }>;

/** The named groups of a match. */
export class Fields {
  readonly #groups: Readonly<Record<string, string | undefined>>;

  constructor(groups: Readonly<Record<string, string | undefined>>) {
    this.#groups = groups;
  }

  has(name: string): boolean {
    return this.#groups[name] !== undefined;
  }

  /** Empty where the group took no part. */
  text(name: string): string {
    return this.#groups[name] ?? '';
  }

  optional(name: string): string | null {
    return this.#groups[name] ?? null;
  }

  number(name: string): number {
    return Number(this.#groups[name] ?? Number.NaN);
  }

  optionalNumber(name: string): number | null {
    const text = this.#groups[name];
    return text === undefined ? null : Number(text);
  }

  /** `0, 1, 2` */
  numbers(name: string): number[] {
    return (this.#groups[name] ?? '').split(',').flatMap((part) => (/^\s*\d+\s*$/.test(part) ? [Number(part)] : []));
  }
}

/** One shape of line. The table of all shapes tests itself: each sample gives its entry and fits no other shape. */
export interface LogPattern {
  readonly kind: EntryKind;
  /** Key of dispatch as `headOf` computes it: the first word, or `MID # word` where a number follows MID, ICID, DCID. */
  readonly heads: readonly string[];
  readonly regex: RegExp;
  /** The tail is free text, so that anything pasted behind it would fit too. */
  readonly open: boolean;
  read(field: Fields): LogEntry;
  readonly samples: readonly { readonly line: string; readonly gives: LogEntry }[];
}

/** An entry of the table, checked to give what its kind promises. */
export function shape<K extends EntryKind>(pattern: {
  readonly kind: K;
  readonly heads: readonly string[];
  readonly regex: RegExp;
  readonly open?: true;
  read(field: Fields): EntryOf<NoInfer<K>>;
  readonly samples: readonly { readonly line: string; readonly gives: EntryOf<NoInfer<K>> }[];
}): LogPattern {
  return { ...pattern, open: pattern.open ?? false };
}

/** Words behind which a number stands that is no part of the shape. */
const NUMBERED = new Set(['MID', 'ICID', 'DCID', 'Message']);

/** What a text is dispatched on. */
export function headOf(text: string): string {
  const first = text.indexOf(' ');
  if (first < 0) return text;
  const word = text.slice(0, first);
  if (!NUMBERED.has(word)) return word;
  let at = first + 1;
  while (isDigit(text.charCodeAt(at))) at++;
  if (at === first + 1) return word;
  while (text.charCodeAt(at) === 32) at++;
  const end = text.indexOf(' ', at);
  return `${word} # ${text.slice(at, end < 0 ? undefined : end)}`;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
