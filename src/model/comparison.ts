import type { PacketRef } from './evidence.ts';
import type { Cause, Actor, Confidence, ReportSession } from './report.ts';

/** How the packets of two capture points hang together. */
export type ComparisonMode =
  /** The same packets pass both points, changed or not. */
  | 'same-packets'
  /** Two connections: a box ends one and speaks the words again on another. */
  | 'proxy'
  /** Only one of the two captures holds the connection. */
  | 'one-side';

/** Whose packets: those of the SMTP client or those of the SMTP server. */
export type Sender = 'client' | 'server';

/** How a field of the packets relates between two points. */
export type FieldChange = 'kept' | 'shifted' | 'rewritten' | 'removed' | 'added' | 'absent' | 'unknown';

/** What the path does to the packets of one sender. Left and right as in `ComparedLeg`. */
export interface SenderChange {
  /** TTL at the left minus TTL at the right, the usual values of both; null where either point has no packet of this sender. */
  readonly ttlDifference: number | null;
  /** Wire sequence number at the right minus the one at the left, modulo 2^32: 0 where kept; null where it cannot be told. */
  readonly sequenceShift: number | null;
  readonly ipIds: FieldChange;
  readonly timestamps: FieldChange;
  readonly windows: FieldChange;
  /** Options of SYN or SYN/ACK, kinds in order; null where either is not in its capture. */
  readonly options: { readonly left: string; readonly right: string; readonly changes: readonly string[] } | null;
  readonly segmentation: 'kept' | 'changed';
}

/** What the path between two points does to every packet, as learned from the packets themselves. */
export interface Transformation {
  /** `198.51.100.7:40000` of the SMTP client and of the server at either point. */
  readonly left: { readonly client: string; readonly server: string };
  readonly right: { readonly client: string; readonly server: string };
  readonly client: SenderChange;
  readonly server: SenderChange;
  /** The same in sentences. */
  readonly facts: readonly string[];
}

/** Whether an absence in a capture means that the packet was not there. */
export interface Completeness {
  /** `complete`: nothing tells of a loss · `lossy`: it lacks packets that were there · `partial`: it does not cover the session · `empty`: it holds nothing of it. */
  readonly state: 'complete' | 'lossy' | 'partial' | 'empty';
  /** What says so, one sentence each. */
  readonly facts: readonly string[];
}

export interface ComparedPoint {
  readonly name: string;
  /** Inputs of this point that hold packets of the session. */
  readonly inputs: readonly number[];
  readonly packets: number;
  /** Routers between the SMTP client, the server and this point, as far as TTLs tell; null without packets. */
  readonly hopsFromClient: number | null;
  readonly hopsFromServer: number | null;
  readonly completeness: Completeness;
}

/** `proven`: facts that leave nothing else · `likely`: the rival would be a loss in a capture that shows none · `open`: the captures do not decide. */
export type ComparisonCertainty = 'proven' | 'likely' | 'open';

export type ComparisonFindingKind = 'injected' | 'swallowed' | 'altered' | 'answered';

/** Something that happened between two points. */
export interface ComparisonFinding {
  readonly kind: ComparisonFindingKind;
  readonly certainty: ComparisonCertainty;
  /** In whose name the packets were sent. */
  readonly sender: Sender;
  readonly at: string;
  readonly statement: string;
  readonly packets: readonly PacketRef[];
  /** Octets that differ, credentials hidden; null where there is nothing to show. */
  readonly octets: { readonly left: string | null; readonly right: string | null } | null;
}

export type ComparisonRowKind = 'same' | 'altered' | 'regrouped' | 'injected' | 'swallowed' | 'only-left' | 'only-right';

/** One row of the picture: what was at the left, what the path did, what was at the right. */
export interface ComparisonRow {
  /** ISO 8601 UTC in the right point's clock. */
  readonly at: string;
  /** Seconds since the row before; null in the first. */
  readonly gapSeconds: number | null;
  readonly kind: ComparisonRowKind;
  readonly sender: Sender;
  readonly left: string;
  readonly path: string;
  readonly right: string;
  readonly leftPackets: readonly PacketRef[];
  readonly rightPackets: readonly PacketRef[];
  /** Holds the packet that ended the session. */
  readonly ended: boolean;
}

/** Two neighbouring points of the path; the left one is nearer to the SMTP client. */
export interface ComparedLeg {
  readonly left: string;
  readonly right: string;
  readonly mode: ComparisonMode;
  /** Clock of the right point minus the clock of the left one; null where no packet ties them. */
  readonly clock: { readonly offsetSeconds: number; readonly uncertaintySeconds: number; readonly packets: number } | null;
  readonly transformation: Transformation | null;
  readonly counts: {
    readonly same: number;
    readonly altered: number;
    readonly regrouped: number;
    readonly onlyLeft: number;
    readonly onlyRight: number;
  };
  readonly findings: readonly ComparisonFinding[];
  readonly interference: ReportSession['interference'];
  readonly rows: readonly ComparisonRow[];
}

/** One session as seen at all points that were captured, in the order of the path from the SMTP client to the server. */
export interface SessionComparison {
  readonly session: string;
  readonly leftName: string;
  readonly rightName: string;
  readonly verdict: { readonly cause: Cause; readonly actor: Actor; readonly confidence: Confidence; readonly statement: string };
  readonly points: readonly ComparedPoint[];
  readonly legs: readonly ComparedLeg[];
  readonly caveats: readonly string[];
}
