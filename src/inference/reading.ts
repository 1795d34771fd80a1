import type { Moment } from '../model/evidence.ts';
import type { InferredWord } from '../model/inference.ts';
import type { DurationUs } from '../model/units.ts';
import type { Commands } from './commands.ts';
import type { Known } from './known.ts';
import type { Lines } from './lines.ts';
import type { State } from './state.ts';

/** A record as the readings see it. */
export interface RecordView {
  readonly by: 'client' | 'server';
  readonly at: Moment;
  readonly type: number;
  /** Least and most octets of its content. */
  readonly octets: readonly [least: number, most: number];
  /** Since the record before it. */
  readonly pauseUs: DurationUs;
  /** An alert by its type, or by its size in TLS 1.3. */
  readonly isAlert: 'surely' | 'likely' | 'no';
  /** Records between the one before and this are not known. */
  readonly behindGap: boolean;
}

export interface ReadPart {
  readonly word: InferredWord;
  readonly to: InferredWord | null;
  readonly positive: boolean | null;
  readonly address: string | null;
  readonly message: number;
}

/** One thing that a record can be, and what follows from it. */
export interface Reading {
  readonly state: State;
  readonly parts: readonly ReadPart[];
}

/** Takes what a record can be: how likely that is, length and place together, and the reading, made only where that is likely enough. */
export type Take = (share: number, make: () => Reading) => void;

/** What all readings of a session have in common. */
export interface Setting {
  readonly known: Known;
  readonly lines: Lines;
  readonly commands: Commands;
  readonly isTls13: boolean;
  /** Octets of the stream are missing: a record may have gone unseen. */
  readonly lossy: boolean;
}
