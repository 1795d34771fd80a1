import type { SpeechKind, SpeechObserver } from '../model/smtp.ts';
import type { Side } from '../model/units.ts';
import type { ClientMode } from './client-mode.ts';

/** What the client's octets are, by how they are read. */
const OF_CLIENT: Readonly<Record<ClientMode, SpeechKind>> = {
  commands: 'line',
  uncertain: 'line',
  offered: 'line',
  body: 'message',
  chunk: 'message',
  challenge: 'credentials',
  'tls-expected': 'line',
  tls: 'tls',
  lost: 'unknown',
};

/** `before` and `after`: how the client's octets were read when these were taken up, and behind them. */
export function speechOf(before: ClientMode, after: ClientMode): SpeechKind {
  // The octet that shows what follows belongs to it already.
  return OF_CLIENT[after === 'tls' || (before === 'offered' && after === 'body') ? after : before];
}

/** Tells an observer what the octets of one side are. Octets that are read within the reading of others, because they were held back or follow TLS, are not told twice. */
export class SpeechLog {
  readonly #observer: SpeechObserver | null;
  readonly #side: Side;
  #depth = 0;

  constructor(observer: SpeechObserver | null, side: Side) {
    this.#observer = observer;
    this.#side = side;
  }

  enter(): void {
    this.#depth++;
  }

  leave(): void {
    this.#depth--;
  }

  tell(length: number, kind: SpeechKind): void {
    if (this.#depth === 1 && length > 0) this.#observer?.(this.#side, length, kind);
  }
}
