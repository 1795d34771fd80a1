import type { LineRef, PacketRef } from '../model/evidence.ts';
import type { JudgeInput } from '../model/judgement.ts';
import type { Actor, Cause, Confidence, Rung } from '../model/report.ts';
import type { Stage } from '../model/smtp.ts';
import type { Segment } from '../model/tcp.ts';
import type { EpochUs, Side } from '../model/units.ts';
import type { Scene } from './case.ts';
import type { LogView } from './log-view.ts';
import type { Observation, ObservationKind } from './observation.ts';
import type { Signal } from './signals.ts';
import type { Wait } from './waiting.ts';

export interface Alternative {
  readonly cause: Cause;
  readonly actor: Actor;
  readonly confidence: Confidence;
  /** Key of a sentence in the wording. */
  readonly decidedBy: DecidingEvidence;
}

/** What would tell two readings apart. */
export type DecidingEvidence =
  | 'client-capture'
  | 'both-sides-of-firewall'
  | 'longer-capture'
  | 'appliance-capture'
  | 'full-snap'
  | 'injection-debug'
  | 'remote-capture'
  | 'known-timers';

/** A conclusion: who, what, how sure, and the facts for and against. No prose. */
export interface Finding {
  readonly cause: Cause;
  readonly causeConfidence: Confidence;
  readonly actor: Actor;
  readonly actorConfidence: Confidence;
  readonly stage: Stage;
  readonly silentSide: Actor | null;
  readonly rung: Rung | null;
  readonly support: readonly Observation[];
  readonly against: readonly Observation[];
  readonly alternatives: readonly Alternative[];
  readonly decidedUs: EpochUs | null;
  readonly packet: PacketRef | null;
  readonly line: LineRef | null;
}

/** A captured session with everything the rules ask about. */
export interface CaseView {
  readonly input: JudgeInput;
  readonly scene: Scene;
  readonly signals: readonly Signal[];
  /** RSTs that had no effect. */
  readonly strays: readonly Segment[];
  /** First effective signal; null when the session is open at the end of the capture. */
  readonly ending: Signal | null;
  /** Debt at the ending, or at the end of the capture. */
  readonly wait: Wait | null;
  readonly log: LogView | null;
  /** The step that had begun when the session ended. */
  readonly stage: Stage;
}

/** One reading of a session; null where it does not apply. The first rule of the table that applies wins. */
export interface Rule {
  readonly name: string;
  conclude(view: CaseView): Finding | null;
}

/** A finding at the view's ending, with what most rules share filled in. */
export function conclude(view: CaseView, finding: Pick<Finding, 'cause' | 'causeConfidence' | 'actor' | 'actorConfidence'> & Partial<Finding>): Finding {
  return {
    stage: view.stage,
    silentSide: null,
    rung: null,
    support: [],
    against: [],
    alternatives: [],
    decidedUs: view.ending?.atUs ?? null,
    packet: view.ending?.packet ?? null,
    line: null,
    ...finding,
  };
}

/** What the paired log tells, of the kinds named; empty without a log. */
export function logFacts(view: CaseView, ...kinds: readonly ObservationKind[]): Observation[] {
  return view.log?.observations.filter((fact) => kinds.includes(fact.kind)) ?? [];
}

/** The party of a side, by the session's roles. */
export function party(view: CaseView, side: Side): Actor {
  return view.scene.roles.party(side);
}
