import type { MailLog } from './maillog.ts';
import type { CaptureContext } from './judgement.ts';
import type { ClockMap, PairingResult, Session } from './pairing.ts';
import type { ReportSession, Transcript } from './report.ts';
import type { CaptureSummary } from './packet.ts';
import type { PacketRef } from './evidence.ts';
import type { Source } from './source.ts';
import type { TcpConnection } from './tcp.ts';

/** A vantage point with its captures, to be read once more. */
export interface TakeoutVantage {
  readonly name: string;
  readonly sources: readonly Source[];
  readonly summaries: readonly CaptureSummary[];
  readonly context: CaptureContext | null;
}

/** A session as it is taken out of the inputs: what the report says of it, and where its packets and lines are. */
export interface TakeoutSession {
  readonly report: ReportSession;
  readonly session: Session;
  /** Built when asked for. */
  transcript(): Transcript | null;
  /** The packet that ended it. */
  readonly ending: { readonly packet: PacketRef; readonly words: string } | null;
  /** Its connection at every vantage point that saw it, by the name of the point. */
  readonly connections: ReadonlyMap<string, TcpConnection>;
}

/** What is needed to write sessions out again. */
export interface Takeout {
  readonly sessions: readonly TakeoutSession[];
  readonly vantages: readonly TakeoutVantage[];
  /** Ports on which mail was found: 65,536 entries. */
  readonly ports: Uint8Array;
  readonly log: MailLog | null;
  readonly clock: ClockMap;
  readonly estimates: PairingResult['estimates'];
  readonly applianceAddresses: readonly string[];
}
