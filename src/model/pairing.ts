import type { DeliveryHistory, HistoryList, InjectionHistory, MessageHistory } from './maillog.ts';
import type { SmtpDialogue } from './smtp.ts';
import type { TcpConnection } from './tcp.ts';
import type { EpochUs, WallUs } from './units.ts';

/** One captured connection with what was said on it. */
export interface CapturedSession {
  readonly connection: TcpConnection;
  readonly dialogue: SmtpDialogue;
}

/** Captured sessions, each made when it is asked for: asked for twice it may be another object with the same content. */
export interface CapturedList extends Iterable<CapturedSession> {
  readonly length: number;
  at(place: number): CapturedSession | undefined;
}

/** Log clock minus capture clock, both in UTC. Positive: the log's clock is ahead. */
export interface ClockEstimate {
  readonly logOffsetSeconds: number;
  /** Half width of the interval that fits all pairs. */
  readonly uncertaintySeconds: number;
  /** IANA name or `UTC+01:00`; null when unknown. */
  readonly timeZone: string | null;
  readonly timeZoneBasis: string;
  readonly basis: string;
  readonly pairs: number;
  /** Inputs that were aligned. */
  readonly log: number;
  readonly capture: number;
}

/** Turns a log's wall time into the capture's clock: the one place where the two meet. */
export interface ClockMap {
  readonly estimate: ClockEstimate | null;
  /** Start of the second that the stamp names, in the capture's clock. The event lies in [result - uncertainty, result + 1 s + uncertainty]. Null when the clocks cannot be joined. */
  toCapture(wallUs: WallUs, input: number): EpochUs | null;
  /** The same instant in UTC by the log's own clock (zone applied, offset not): for display of log times. */
  toUtc(wallUs: WallUs, input: number): EpochUs;
}

export type PairingConfidence = 'certain' | 'strong' | 'moderate' | 'ambiguous';

/** Which history a captured session belongs to, with the reasons. */
export interface Pair {
  readonly confidence: PairingConfidence;
  /** `address`, `time`, `HELO name`, `MAIL`, `RCPT`, `size`, `Message-ID`, `Subject`, `accepted MID`, one text each. */
  readonly basis: readonly string[];
  readonly rivals: readonly { readonly icid: number | null; readonly dcid: number | null; readonly why: string }[];
}

/** Which connection of the log a session is. */
export interface LoggedConnection {
  readonly kind: 'icid' | 'dcid';
  readonly appliance: string;
  /** The ICID or DCID. */
  readonly id: number;
  /** That of its history. */
  readonly order: number;
}

/** A session as the rest of the tool sees it: captured, logged, or both. */
export interface Session {
  readonly direction: 'inbound' | 'outbound' | 'unknown';
  readonly captured: CapturedSession | null;
  /** When its first packet came, told without unpacking the connection; null where nothing was captured. */
  readonly firstPacketUs: EpochUs | null;
  /** Told without making its history; null where no log has it. */
  readonly logged: LoggedConnection | null;
  readonly injection: InjectionHistory | null;
  readonly delivery: DeliveryHistory | null;
  /** Messages of the history, in order; of a connection with thousands of them each is made when it is asked for. */
  readonly messages: HistoryList<MessageHistory>;
  readonly pair: Pair | null;
}

/** Sessions, each made when it is asked for: asked for twice it may be another object with the same content. */
export interface SessionList extends Iterable<Session> {
  readonly length: number;
  at(place: number): Session | undefined;
  map<U>(change: (session: Session) => U): U[];
  filter(wants: (session: Session) => boolean): SessionList;
  /** Where a session of this list stands in the list of all. */
  placeOf(place: number): number;
}

export interface PairingResult {
  readonly sessions: SessionList;
  readonly clock: ClockMap;
  /** One per pair of sources that had to be aligned. */
  readonly estimates: readonly ClockEstimate[];
  /** Appliance addresses, given or inferred, and how. */
  readonly applianceAddresses: readonly string[];
  readonly applianceBasis: string;
  /** Addresses that speak for many clients (load balancer, source NAT, relay), given or inferred. */
  readonly balancers: readonly string[];
  readonly caveats: readonly string[];
}
