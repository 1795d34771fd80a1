import type { Segment } from '../../../model/tcp.ts';
import type { Actor } from '../../../model/report.ts';
import type { Scene } from '../../case.ts';
import type { Observation } from '../../observation.ts';

/** A RST with what its named sender had sent before it. */
export interface ResetView {
  readonly scene: Scene;
  readonly rst: Segment;
  /** Segments of the same side before it, RSTs left out. */
  readonly before: readonly Segment[];
  /** Last segment of the other side before it: what it may answer. */
  readonly trigger: Segment | null;
  /** Whose address it carries. */
  readonly named: Actor;
}

/** Looks at one RST for one kind of sign. Says nothing where it is blind. */
export interface ResetObserver {
  readonly name: string;
  /** What makes it abstain. */
  readonly blindWhen: readonly string[];
  observe(view: ResetView): readonly Observation[];
}

/** A sender's habit counts from this many packets on. */
export const MIN_BASELINE = 4;
