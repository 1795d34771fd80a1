import type { LineRef, PacketRef } from '../model/evidence.ts';
import type { JudgeInput } from '../model/judgement.ts';
import type { Actor, Cause, Confidence, Rung } from '../model/report.ts';
import type { Stage } from '../model/smtp.ts';
import type { Segment } from '../model/tcp.ts';
import type { EpochUs, Side } from '../model/units.ts';
import type { Scene } from './case.ts';
import { usualMechanism, type MechanismName } from './hypotheses.ts';
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

/** A hypothesis that the verdict was weighed against, with the odds (log10) of the verdict over it. */
export interface Rival {
  readonly cause: Cause;
  readonly actor: Actor;
  readonly mechanism: MechanismName;
  readonly log10Odds: number;
}

/** A conclusion: who, what, how sure, and the facts for and against. No prose. */
export interface Finding {
  readonly cause: Cause;
  /** At most this: what equal pictures and the inputs' gaps leave. The sum of the facts may lower it. */
  readonly causeConfidence: Confidence;
  readonly actor: Actor;
  readonly actorConfidence: Confidence;
  readonly mechanism: MechanismName;
  readonly stage: Stage;
  readonly silentSide: Actor | null;
  readonly rung: Rung | null;
  readonly support: readonly Observation[];
  readonly against: readonly Observation[];
  readonly alternatives: readonly Alternative[];
  readonly rivals: readonly Rival[];
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

/** One reading of a session; null where it does not apply. */
export interface Rule {
  readonly name: string;
  /** Where it applies, the readings behind it in the table do not exist: what they rest on is not in the file, or means something else. */
  readonly settles?: true;
  conclude(view: CaseView): Finding | null;
}

/** The finding with some of its fields changed. Field by field, because a spread would make another hidden class each, for all who read it. */
export function revise(finding: Finding, changes: Partial<Finding>): Finding {
  return {
    cause: changes.cause ?? finding.cause,
    causeConfidence: changes.causeConfidence ?? finding.causeConfidence,
    actor: changes.actor ?? finding.actor,
    actorConfidence: changes.actorConfidence ?? finding.actorConfidence,
    mechanism: changes.mechanism ?? finding.mechanism,
    stage: changes.stage ?? finding.stage,
    silentSide: changes.silentSide === undefined ? finding.silentSide : changes.silentSide,
    rung: changes.rung === undefined ? finding.rung : changes.rung,
    support: changes.support ?? finding.support,
    against: changes.against ?? finding.against,
    alternatives: changes.alternatives ?? finding.alternatives,
    rivals: changes.rivals ?? finding.rivals,
    decidedUs: changes.decidedUs === undefined ? finding.decidedUs : changes.decidedUs,
    packet: changes.packet === undefined ? finding.packet : changes.packet,
    line: changes.line === undefined ? finding.line : changes.line,
  };
}

/** A finding at the view's ending, with what most rules share filled in. */
export function conclude(view: CaseView, finding: Pick<Finding, 'cause' | 'causeConfidence' | 'actor' | 'actorConfidence'> & Partial<Finding>): Finding {
  return {
    cause: finding.cause,
    causeConfidence: finding.causeConfidence,
    actor: finding.actor,
    actorConfidence: finding.actorConfidence,
    mechanism: finding.mechanism ?? usualMechanism(finding.cause, finding.actor),
    stage: finding.stage ?? view.stage,
    silentSide: finding.silentSide ?? null,
    rung: finding.rung ?? null,
    support: finding.support ?? [],
    against: finding.against ?? [],
    alternatives: finding.alternatives ?? [],
    rivals: finding.rivals ?? [],
    decidedUs: finding.decidedUs === undefined ? (view.ending?.atUs ?? null) : finding.decidedUs,
    packet: finding.packet === undefined ? (view.ending?.packet ?? null) : finding.packet,
    line: finding.line ?? null,
  };
}

/** What the paired log tells, of the kinds named; empty without a log. */
export function logFacts(view: CaseView, ...kinds: readonly ObservationKind[]): Observation[] {
  return view.log?.observations.filter((fact) => kinds.includes(fact.kind)) ?? [];
}

/** The capture that shows what the server said, whoever that is. */
export function serverCapture(server: Actor): DecidingEvidence {
  return server === 'appliance' ? 'appliance-capture' : 'remote-capture';
}

/** The party of a side, by the session's roles. */
export function party(view: CaseView, side: Side): Actor {
  return view.scene.roles.party(side);
}
