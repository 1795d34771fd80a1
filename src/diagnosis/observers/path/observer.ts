import type { CaseView } from '../../finding.ts';
import type { Observation } from '../../observation.ts';

/** What a device in between did besides, in the contract's words. */
export type InterferenceKind =
  | 'banner-masked'
  | 'command-masked'
  | 'starttls-stripped'
  | 'capability-masked'
  | 'sequence-shift'
  | 'option-stripped'
  | 'proxy'
  | 'idle-expiry'
  | 'stray-rst'
  | 'banner-rewritten';

/** A trace of something between the ends. It tells that a device is there; whether it ended the session is another question. */
export interface Sighting {
  readonly observation: Observation;
  /** Null: worth telling, but no interference by itself. */
  readonly interference: InterferenceKind | null;
}

/** What is seen of most traces in most sessions. */
export const NOTHING: readonly Sighting[] = [];

/** Looks at one session for one kind of trace. */
export interface PathObserver {
  readonly name: string;
  /** What makes it abstain. */
  readonly blindWhen: readonly string[];
  observe(view: CaseView): readonly Sighting[];
}
