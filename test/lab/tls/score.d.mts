import type { Inference, InferredRecord } from '../../../src/model/inference.ts';
import type { PlayedSession } from './generate.mjs';

export function nameOf(record: Pick<InferredRecord, 'parts'>): string;

interface Tally {
  readonly right: number;
  readonly wrong: number;
  readonly unknown: number;
}

export class Score {
  readonly records: { readonly right: number; readonly said: number; readonly all: number };
  readonly byConfidence: ReadonlyMap<string, { readonly right: number; readonly all: number }>;
  readonly questions: { readonly quit: Tally; readonly stage: Tally; readonly answered: Tally; readonly notice: Tally };
  readonly sessions: number;
  readonly without: number;
  add(truth: PlayedSession, inference: Inference | null): void;
}
