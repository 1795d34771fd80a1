import type { AnomalySeverity } from './anomaly.ts';
import type { LineRef, PacketRef } from './evidence.ts';
import type { RecordList } from './record-list.ts';
import type { Stage } from './smtp.ts';

export const SCHEMA_VERSION = 1;

/** The contract's causes, in order of precedence. */
export const CAUSES = [
  'refused',
  'tls-failure',
  'timeout',
  'silent-drop',
  'rejected',
  'completed',
  'client-quit',
  'rst',
  'premature-fin',
  'still-open',
  'undetermined',
] as const;
export type Cause = (typeof CAUSES)[number];

export const ACTORS = ['client', 'appliance', 'middlebox', 'remote-server', 'network', 'undetermined'] as const;
export type Actor = (typeof ACTORS)[number];

/** By the odds against the best rival, lowest first. */
export const CONFIDENCES = ['undetermined', 'limited', 'moderate', 'strong', 'proven'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

export type Impact = 'message-lost' | 'duplicate-likely' | 'none' | 'unknown';

/** How far the attribution reaches: that there was a signal, its address, the stack that sent it, the box, its function, its configuration. */
export type Rung = 'signal' | 'address' | 'stack' | 'box' | 'function' | 'configuration';

export interface ReportAnomaly {
  readonly kind: string;
  readonly severity: AnomalySeverity;
  readonly count: number;
  readonly where: string;
  readonly meaning: string;
}

export interface ReportInput {
  readonly path: string;
  readonly kind: string;
  readonly format: string;
  readonly vantage: string | null;
  readonly bytes: number;
  readonly packets: number | null;
  readonly lines: number | null;
  readonly first: string | null;
  readonly last: string | null;
  readonly cannotContain: readonly string[];
  readonly anomalies: readonly ReportAnomaly[];
}

export interface ReportClock {
  readonly logOffsetSeconds: number;
  readonly uncertaintySeconds: number;
  readonly timeZone: string | null;
  readonly timeZoneBasis: string;
  readonly basis: string;
  readonly pairs: number;
}

export interface ReportStream {
  readonly input: number;
  readonly clientIp: string;
  readonly clientPort: number;
  readonly serverIp: string;
  readonly serverPort: number;
  readonly packets: number;
  readonly connState: string;
  readonly history: string;
}

export interface ReportAlternative {
  readonly cause: Cause;
  readonly actor: Actor;
  readonly confidence: Confidence;
  readonly whatWouldDecide: string;
}

/** Another reading that was weighed. */
export interface ReportHypothesis {
  readonly cause: Cause;
  readonly actor: Actor;
  /** What is supposed to have happened, in one word of the table of mechanisms. */
  readonly mechanism: string;
  /** Decimal logarithm of the odds of the verdict against it. */
  readonly log10Odds: number;
}

export interface ReportVerdict {
  readonly cause: Cause;
  readonly causeConfidence: Confidence;
  readonly actor: Actor;
  readonly actorConfidence: Confidence;
  /** The lower of the two. */
  readonly confidence: Confidence;
  readonly stage: Stage;
  readonly statement: string;
  readonly silentSide: 'client' | 'appliance' | 'remote-server' | null;
  readonly rung: Rung | null;
  /** What is supposed to have happened, in one word of the table of mechanisms, and in a sentence. */
  readonly mechanism: string;
  readonly function: string;
  /** Readings that the same facts also allow, and what would tell them apart. */
  readonly alternatives: readonly ReportAlternative[];
  /** Readings that were weighed against the verdict, the most likely one first. */
  readonly hypotheses: readonly ReportHypothesis[];
}

export interface ReportEvidence {
  readonly kind: string;
  readonly side: 'for' | 'against' | 'neutral';
  readonly weight: number;
  readonly statement: string;
  readonly packets: readonly PacketRef[];
  readonly lines: readonly LineRef[];
}

export interface ReportTransaction {
  readonly mid: number | null;
  readonly outcome: 'accepted' | 'aborted' | 'rejected' | 'withdrawn' | 'unknown';
  readonly stage: Stage;
  readonly recipients: number;
  readonly octets: number | null;
}

/** One certificate as sent; `problems` as of the time of the capture. */
export interface ReportCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  readonly problems: readonly ('not-yet-valid' | 'expired' | 'self-signed')[];
}

/** TLS of a captured session. */
export interface ReportTls {
  readonly version: string | null;
  readonly offeredVersions: readonly string[];
  /** IANA's name; the number of one that is not known. */
  readonly suite: string | null;
  readonly serverName: string | null;
  readonly alpn: string | null;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
  readonly resumed: boolean | null;
  readonly established: boolean;
  /** Whether what the records hold was read. */
  readonly content: 'opaque' | 'decrypted' | 'partly';
  readonly alert: {
    readonly by: 'client' | 'server';
    readonly level: 'warning' | 'fatal';
    readonly name: string;
    readonly at: string;
    readonly packet: PacketRef;
  } | null;
  /** The end entity first, as sent. */
  readonly serverCertificates: readonly ReportCertificate[];
  readonly clientCertificates: readonly ReportCertificate[];
}

export interface ReportSession {
  readonly id: string;
  readonly direction: 'inbound' | 'outbound' | 'unknown';
  readonly serial: string | null;
  readonly icid: number | null;
  readonly dcid: number | null;
  readonly mids: readonly number[];
  readonly streams: readonly ReportStream[];
  readonly clientIp: string | null;
  readonly clientPort: number | null;
  readonly serverIp: string | null;
  readonly serverPort: number | null;
  readonly opened: string | null;
  readonly decided: string | null;
  readonly ended: string | null;
  readonly timeUncertaintySeconds: number;
  readonly encrypted: 'none' | 'from-start' | 'starttls';
  /** Null where the packets show none. */
  readonly tls: ReportTls | null;
  readonly pairing: {
    readonly confidence: string;
    readonly basis: readonly string[];
    readonly rivals: readonly { readonly icid?: number; readonly dcid?: number; readonly why: string }[];
  } | null;
  readonly transactions: RecordList<ReportTransaction>;
  readonly impact: Impact;
  readonly verdict: ReportVerdict;
  readonly evidence: RecordList<ReportEvidence>;
  readonly consequences: readonly { readonly statement: string; readonly packets: readonly PacketRef[] }[];
  readonly interference: readonly { readonly kind: string; readonly statement: string; readonly packets: readonly PacketRef[] }[];
  readonly nextCapture: readonly { readonly where: string; readonly why: string; readonly command: string }[];
  readonly caveats: readonly string[];
}

/** What became of a message for one recipient. `unknown` says in `why` whether the log ends, begins too late, or lacks a line. */
export const RECIPIENT_OUTCOMES = ['delivered', 'bounced', 'delayed', 'quarantined', 'dropped', 'aborted', 'unknown'] as const;
export type RecipientOutcome = (typeof RECIPIENT_OUTCOMES)[number];

export interface ReportRecipient {
  readonly rid: number | null;
  /** Null where the log names the recipient by its number only. */
  readonly address: string | null;
  readonly outcome: RecipientOutcome;
  readonly why: string;
  /** The MID under which its way ended, or goes on. */
  readonly mid: number;
  readonly lines: readonly LineRef[];
}

/** One MID of a message's story. The origin has the relation `origin` and no `from`. */
export interface ReportLineage {
  readonly mid: number;
  readonly relation: string;
  readonly line: LineRef;
  readonly from: number | null;
  readonly by: string | null;
  /** How sure the edge is: proven where a line of the log says it. */
  readonly confidence: Confidence;
  /** What speaks for an edge that no line tells; null for the others. */
  readonly evidence: string | null;
}

export interface ReportEvent {
  readonly at: string;
  readonly kind: string;
  readonly text: string;
  readonly lines: readonly LineRef[];
  /** The MID that the event belongs to; null for connections. */
  readonly mid: number | null;
  readonly packets: readonly PacketRef[];
}

/** One connection that a message came in on. */
export interface ReportReception {
  readonly icid: number;
  readonly mid: number;
  readonly client: string | null;
  readonly session: string | null;
  /** How the log says that the connection ended. */
  readonly logView: string;
  /** What the packets show of it; null without a capture. */
  readonly captureView: string | null;
}

/** One attempt to hand a message on. DCID 0 is no connection: the appliance gave up by itself. */
export interface ReportDelivery {
  readonly dcid: number;
  readonly rids: readonly number[];
  readonly response: string | null;
  readonly session: string | null;
  readonly mid: number;
  readonly started: string | null;
  readonly ended: string | null;
  readonly interface: string | null;
  readonly remote: string | null;
  readonly tls: string | null;
  readonly logView: string;
  readonly captureView: string | null;
  /** Log and capture disagree on whether the receiver took the message. */
  readonly contradiction: boolean;
}

/** How long a part of the way took, by whole seconds of the log. */
export interface ReportLeg {
  readonly kind: 'connecting' | 'receiving' | 'scanning' | 'quarantine' | 'queue' | 'delivery' | 'retry' | 'total';
  readonly mid: number;
  readonly from: string;
  readonly to: string;
  readonly seconds: number;
}

/** The whole way of one message: all MIDs of its chain are one story. */
export interface ReportMessage {
  /** The oldest MID of the chain that the logs show. */
  readonly mid: number;
  readonly serial: string | null;
  readonly lineage: readonly ReportLineage[];
  readonly sender: string | null;
  readonly subject: string | null;
  readonly messageId: string | null;
  readonly recipients: readonly ReportRecipient[];
  readonly events: readonly ReportEvent[];
  readonly deliveries: readonly ReportDelivery[];
  readonly receptions: readonly ReportReception[];
  readonly legs: readonly ReportLeg[];
  /** The outcome that all recipients share; `mixed` where they differ. */
  readonly outcome: RecipientOutcome | 'mixed';
  readonly octets: number | null;
  readonly first: string;
  readonly last: string;
  /** Where the files cut the story. */
  readonly caveats: readonly string[];
}

/** Rows of a table for people; what is beyond is counted. */
export const LISTED_ROWS = 200;

/** Messages counted by their outcome, the newest of them told. */
export interface MessageList {
  readonly count: number;
  readonly outcomes: ReadonlyMap<ReportMessage['outcome'], number>;
  /** In order of their first line. */
  readonly newest: readonly ReportMessage[];
}

/** A connection as the log tells of it. */
export interface ReportConnection {
  readonly icid: number | null;
  readonly dcid: number | null;
  readonly serial: string | null;
  readonly localIp: string | null;
  readonly remoteIp: string | null;
  readonly opened: string | null;
  readonly closed: string | null;
  readonly first: string;
  readonly last: string;
  readonly mids: readonly number[];
  /** One word: `closed`, `lost`, `timeout`, `rejected` … */
  readonly ending: string;
  readonly logView: string;
  readonly lines: readonly LineRef[];
}

/** The document of `--json`. Every renderer reads only this. */
export interface Report {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly tool: { readonly name: string; readonly version: string };
  readonly inputs: readonly ReportInput[];
  readonly clock: ReportClock | null;
  readonly clocks: readonly (ReportClock & { readonly log: number; readonly capture: number })[];
  /** Judged as they are asked for, so that a report of a long capture need not be held. */
  readonly sessions: RecordList<ReportSession>;
  /** Told one after the other as they are asked for: a log may hold millions. */
  readonly messages: Iterable<ReportMessage>;
  readonly caveats: readonly string[];
}

/** One row of the side-by-side transcript; prepared here so that every renderer shows the same. */
export interface TranscriptRow {
  /** ISO 8601 UTC in the capture's clock; null for a log line whose clock could not be joined. */
  readonly at: string | null;
  /** Seconds since the row before; null in the first. */
  readonly gapSeconds: number | null;
  readonly client: string;
  readonly packets: string;
  readonly appliance: string;
  readonly log: string;
  readonly refs: readonly PacketRef[];
  readonly lines: readonly LineRef[];
  /** How what a side said came to be known: read in clear, or under TLS with the keys; `inferred` from what records show without keys, and never certain. */
  readonly basis: 'read' | 'decrypted' | 'inferred';
  /** How sure an inferred row is; null for the others. */
  readonly confidence: Confidence | null;
  /** This row ended the session: said in words by the renderer. */
  readonly ended: boolean;
  /** After the end: a consequence. */
  readonly after: boolean;
}

export interface Transcript {
  readonly session: string;
  readonly title: string;
  /** Column heads: who is on the left and on the right. */
  readonly leftName: string;
  readonly rightName: string;
  /** Words for the row that ended the session (`<== ended here: …`); null where no row is marked. */
  readonly endedWords: string | null;
  readonly rows: readonly TranscriptRow[];
}
