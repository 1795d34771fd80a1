import type { ComparisonFinding } from '../model/comparison.ts';
import type { EpochUs } from '../model/units.ts';

/** A finding before its time is written out; times are of the right point's clock. */
export interface DraftFinding extends Omit<ComparisonFinding, 'at'> {
  readonly atUs: EpochUs;
}
