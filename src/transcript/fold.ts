import type { EpochUs } from '../model/units.ts';
import { octets } from './dialogue-rows.ts';
import { type DraftRow, newRow } from './draft.ts';

/** What repeats and is shown as one row: its words for one and for many. */
export type FoldKind =
  | 'syn-again'
  | 'syn-ack-again'
  | 'again'
  | 'fin-again'
  | 'keep-alive'
  | 'zero-window'
  | 'zero-window-probe'
  | 'window-open'
  | 'conflict'
  | 'challenge-ack'
  | 'body'
  | 'data'
  | 'data-behind-hole'
  | 'data-after-end'
  | 'gap-capture'
  | 'gap-unknown'
  | 'gap-network'
  | 'gap-snap'
  | 'gap-budget';

interface Fold {
  readonly row: DraftRow;
  readonly kind: FoldKind;
  readonly fromClient: boolean;
  count: number;
  octets: number;
}

export interface FoldItem {
  readonly kind: FoldKind;
  readonly fromClient: boolean;
  readonly atUs: EpochUs;
  readonly input: number;
  readonly packet: number;
  readonly octets: number;
}

/** A longer pause inside a burst of data is a fact worth a row of its own. */
const BURST_PAUSE_US = 1_000_000;
const BURSTS: ReadonlySet<FoldKind> = new Set<FoldKind>(['body', 'data', 'data-behind-hole', 'data-after-end']);
/** Packets remembered by a folded row; the count goes on. */
const MOST_REFS = 10_000;

/**
 * Folds what repeats. Several folds are open side by side (both ends may retransmit at once); `close` ends them all when the session makes progress,
 * so that what happened before and after a word of the dialogue never shares a row.
 */
export class Folder {
  readonly #open = new Map<string, Fold>();
  readonly #rows: DraftRow[] = [];

  add(item: FoldItem): void {
    const key = `${item.kind} ${String(item.fromClient)}`;
    let fold = this.#open.get(key);
    if (fold && BURSTS.has(item.kind) && item.atUs - fold.row.lastUs > BURST_PAUSE_US) {
      finish(fold);
      fold = undefined;
    }
    if (!fold) {
      fold = { row: newRow(BURSTS.has(item.kind) ? 'data' : 'event', item.atUs, []), kind: item.kind, fromClient: item.fromClient, count: 0, octets: 0 };
      this.#open.set(key, fold);
      this.#rows.push(fold.row);
    }
    fold.count++;
    fold.octets += item.octets;
    fold.row.lastUs = Math.max(fold.row.lastUs, item.atUs);
    const last = fold.row.refs.at(-1);
    if (!last || last.input !== item.input || last.number !== item.packet) {
      if (fold.row.refs.length >= MOST_REFS) fold.row.refs.pop();
      fold.row.refs.push({ input: item.input, number: item.packet });
    }
  }

  close(): void {
    for (const fold of this.#open.values()) finish(fold);
    this.#open.clear();
  }

  /** All rows, those still open finished. */
  rows(): DraftRow[] {
    this.close();
    return this.#rows;
  }
}

interface FoldedWords {
  /** Middle column. */
  readonly event: string;
  /** In the column of the side that sent it. */
  readonly said?: string;
}

/** How often and for how long, as words behind an event: empty for a single one. */
interface Repetition {
  readonly often: string;
  readonly packets: string;
  /** Octets of all together. */
  readonly amount: string;
}

const WORDS: Readonly<Record<FoldKind, (repetition: Repetition) => FoldedWords>> = {
  'syn-again': ({ often }) => ({ event: `SYN again${often}` }),
  'syn-ack-again': ({ often }) => ({ event: `SYN/ACK again${often}` }),
  again: ({ often, amount }) => ({ event: `sent again${often} (${amount})` }),
  'fin-again': ({ often }) => ({ event: `FIN again${often}` }),
  'keep-alive': ({ often }) => ({ event: `keep-alive${often}` }),
  'zero-window': ({ often }) => ({ event: `window 0: can take no more${often}` }),
  'zero-window-probe': ({ often }) => ({ event: `asks whether the window is open${often}` }),
  'window-open': () => ({ event: 'window open again' }),
  conflict: ({ often }) => ({ event: `same place, other octets${often}: somebody altered the stream` }),
  'challenge-ack': ({ often }) => ({ event: `challenge ACK${often}` }),
  body: ({ packets, amount }) => ({ event: packets, said: `(message, ${amount})` }),
  data: ({ packets, amount }) => ({ event: packets, said: `(data, ${amount})` }),
  'data-behind-hole': ({ packets, amount }) => ({ event: `${packets} behind a hole`, said: `(${amount} that cannot be delivered)` }),
  'data-after-end': ({ packets, amount }) => ({ event: `${packets} after the end`, said: `(data, ${amount})` }),
  'gap-capture': ({ amount }) => ({ event: `${amount} not in the file, yet acknowledged: they arrived` }),
  'gap-unknown': ({ amount }) => ({ event: `${amount} not in the file` }),
  'gap-network': ({ amount }) => ({ event: `${amount} missing: never reached the receiver` }),
  'gap-snap': ({ amount }) => ({ event: `${amount} cut off by the snap length` }),
  'gap-budget': ({ amount }) => ({ event: `${amount} given up: too much out of order` }),
};

function finish({ row, kind, fromClient, count, octets: total }: Fold): void {
  const seconds = (row.lastUs - row.atUs) / 1_000_000;
  const { event, said } = WORDS[kind]({
    often: count === 1 ? '' : ` ${count} times in ${seconds.toFixed(seconds < 10 ? 3 : 1)} s`,
    packets: count === 1 ? '1 packet' : `${count} packets${seconds >= 0.1 ? ` in ${seconds.toFixed(1)} s` : ''}`,
    amount: octets(total),
  });
  row.packets = `${fromClient ? '->' : '<-'} ${event}`;
  if (said === undefined) return;
  if (fromClient) row.client = said;
  else row.appliance = said;
}
