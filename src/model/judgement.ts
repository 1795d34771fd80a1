import type { LogLine } from './maillog.ts';
import type { Inference } from './inference.ts';
import type { LineRef, PacketRef } from './evidence.ts';
import type { CapturedSession, ClockMap, Session } from './pairing.ts';
import type { RecordList } from './record-list.ts';
import type { Impact, ReportEvidence, ReportSession, ReportTransaction, ReportVerdict } from './report.ts';
import type { Site } from './settings.ts';
import type { Pressure } from './status-line.ts';
import type { EpochUs } from './units.ts';

/** How far the captures of one vantage point reach, and how whole they are. */
export interface CaptureContext {
  readonly firstUs: EpochUs;
  readonly lastUs: EpochUs;
  /** Packets that the capturing host itself reports as dropped; 0 where it reports none or nothing. */
  readonly reportedDrops: number;
  readonly snapLength: number | null;
}

/** Time that the logs cover, in the capture's clock; null where the clocks cannot be joined. */
export interface LogContext {
  readonly firstUs: EpochUs | null;
  readonly lastUs: EpochUs | null;
}

/** The same connection as captured at another point of the path. */
export interface OtherVantage {
  readonly name: string;
  /** Null: that capture covers the time but holds nothing of this connection. */
  readonly captured: CapturedSession | null;
  /** Add to a time of that capture to get the appliance capture's clock. */
  readonly offsetUs: number;
  readonly context: CaptureContext;
}

/** What all connections together tell of the path: evidence that no single one has. */
export interface PeerSurvey {
  /** Distinct networks (/16, or /32 in IPv6) that clients came from. */
  readonly networks: number;
  /** All of them are equally near and open alike: one box speaks for many peers. */
  readonly oneBox: { readonly hops: number; readonly ttl: number } | null;
  /** Handshakes are answered far sooner than first words, everywhere: TCP ends nearby. Looked for only where there is one box. */
  readonly answersNearby: boolean;
  /** Octets at which messages stopped short, by envelope; only envelopes that stopped more than once. */
  readonly stops: ReadonlyMap<string, readonly number[]>;
  /** Clients of whom some message was accepted. */
  readonly passed: ReadonlySet<string>;
  /** Number of networks whose RSTs came with this TTL, unlike their other packets. */
  readonly foreignResets: ReadonlyMap<number, number>;
  /** Remote servers that were seen to offer STARTTLS. */
  readonly tlsServers: ReadonlySet<string>;
  /** Clients that used STARTTLS. */
  readonly tlsClients: ReadonlySet<string>;
  /** Client networks that were offered STARTTLS, and how many sessions used TLS. */
  readonly starttls: { readonly networks: number; readonly used: number };
  /** Client networks that gave a HELO name, and how many of the names were just the client's address. */
  readonly heloNames: { readonly networks: number; readonly literals: number };
}

export interface JudgeInput {
  readonly session: Session;
  readonly clock: ClockMap;
  readonly site: Site;
  readonly capture: CaptureContext | null;
  readonly log: LogContext | null;
  readonly others: readonly OtherVantage[];
  /** Connections to the same server that begin without a SYN: one of them may be this one, moved to another port by a translator. */
  readonly siblings: readonly CapturedSession[];
  readonly survey: PeerSurvey | null;
  /** The appliance was under pressure about the session's end, by its status log. */
  readonly pressed: (Pressure & { readonly line: LogLine }) | null;
  /** What encrypted records tell without keys, worked out when it is asked for; null where there is nothing to infer. */
  readonly infer: () => Inference | null;
}

/** What the diagnosis says of one session: parts of the report, prose included, that no renderer has to interpret. */
export interface Judgement {
  readonly verdict: ReportVerdict;
  readonly impact: Impact;
  readonly transactions: RecordList<ReportTransaction>;
  readonly evidence: RecordList<ReportEvidence>;
  readonly consequences: ReportSession['consequences'];
  readonly interference: ReportSession['interference'];
  readonly nextCapture: ReportSession['nextCapture'];
  readonly caveats: readonly string[];
  /** The moment that made the end inevitable, in the capture's clock. */
  readonly decidedUs: EpochUs | null;
  /** The packet or line that ended it, with a short text for the transcript's marked row. */
  readonly ending: { readonly packet: PacketRef | null; readonly line: LineRef | null; readonly words: string } | null;
}
