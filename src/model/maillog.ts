import type { LineRef } from './evidence.ts';
import type { LogEntry } from './log-entry.ts';
import type { WallUs } from './units.ts';

/** Which appliance a line belongs to: its serial number, else the syslog host, else empty. IDs are unique only within one. */
export type ApplianceKey = string;

/** One understood line. `text` is the line behind time and level, wrapped pieces joined. */
export interface LogLine {
  readonly ref: LineRef;
  readonly atUs: WallUs;
  readonly text: string;
}

/** How the log says that an injection connection ended; in order of the lines. */
export interface InjectionEnd {
  readonly kind:
    | 'lost'
    | 'lost-early'
    | 'close'
    | 'timeout-no-injection'
    | 'timeout-total'
    | 'killed'
    | 'limit'
    | 'receiving-failed'
    | 'rejected'
    | 'tcp-refused'
    | 'tls-failed'
    | 'tls-required'
    | 'dhap'
    | 'other';
  readonly reason: string | null;
  readonly line: LogLine;
}

/** Everything the log tells of one ICID. */
export interface InjectionHistory {
  readonly appliance: ApplianceKey;
  /** Counted from 1 in the order in which the ICIDs were first mentioned. */
  readonly order: number;
  readonly icid: number;
  /** The `New SMTP ICID` line; null when the log begins after it or it was grepped away. */
  readonly opened: LogLine | null;
  readonly interfaceName: string | null;
  readonly localIp: string | null;
  readonly peerIp: string | null;
  readonly reverseDns: string | null;
  /** ACCEPT, RELAY, REJECT, TCPREFUSE, DELAYED REJECT. */
  readonly policy: { readonly action: string; readonly group: string; readonly match: string | null; readonly score: string | null } | null;
  /** First and last line that mention it (MID lines included). */
  readonly first: LogLine;
  readonly last: LogLine;
  readonly ends: readonly InjectionEnd[];
  readonly lost: LogLine | null;
  readonly closed: LogLine | null;
  readonly tls: {
    readonly ok: boolean;
    readonly protocol: string | null;
    readonly cipher: string | null;
    readonly reason: string | null;
    readonly line: LogLine;
  } | null;
  readonly auth: { readonly ok: boolean; readonly line: LogLine } | null;
  /** HELO name, from the lines that carry it (SDR). */
  readonly heloName: string | null;
  /** In order of appearance. */
  readonly mids: readonly number[];
  /** All its lines, those of its MIDs while receiving included, in file order; at most 2,000. */
  readonly lines: readonly LogLine[];
  /** Lines of the connection itself are there (opened, lost or closed), not only lines of its MIDs. */
  readonly ownLines: boolean;
  /** Injection debug records, when such a log was given. */
  readonly debug: readonly InjectionDebugRecord[];
}

export interface InjectionDebugRecord {
  readonly line: LogLine;
  readonly direction: 'sent' | 'received';
  readonly peer: string;
  /** Escapes undone, credentials removed. */
  readonly text: string;
}

export interface LogRecipient {
  readonly rid: number | null;
  readonly address: string;
  /** RAT, LDAPACCEPT …; null when accepted. */
  readonly rejectedBy: string | null;
  readonly line: LogLine;
}

export type MessageRelation = 'split' | 'rewritten' | 'generated' | 'bounce' | 'reinjected' | 'released-as';

/** Everything the log tells of one MID. */
export interface MessageHistory {
  readonly appliance: ApplianceKey;
  readonly mid: number;
  /** Counted from 1 in the order in which the messages were first mentioned. */
  readonly order: number;
  /** 0: made by the appliance itself (release, bounce, notification). Null when no line tells. */
  readonly icid: number | null;
  readonly started: LogLine | null;
  readonly sender: string | null;
  readonly recipients: readonly LogRecipient[];
  readonly messageId: string | null;
  /** Decoded for display by whoever shows it. */
  readonly subject: string | null;
  /** `ready N bytes`: accepted. */
  readonly ready: { readonly octets: number; readonly line: LogLine } | null;
  readonly aborted: { readonly how: 'receiving' | 'by-sender' | 'policy'; readonly by: string | null; readonly line: LogLine } | null;
  readonly finished: { readonly how: 'done' | 'aborted'; readonly line: LogLine } | null;
  /** The connection it came in on, as that stands in the logs; null for what the appliance made itself. */
  readonly injection: InjectionHistory | null;
  /** How it went to a quarantine on another box (SMA); null where no line tells of that. */
  readonly handedOver: { readonly line: LogLine; readonly dcid: number | null; readonly remoteIp: string | null } | null;
  /** Edges from this MID to others; `to` is the newer MID. */
  readonly relations: readonly { readonly relation: MessageRelation; readonly to: number; readonly by: string | null; readonly line: LogLine }[];
  readonly first: LogLine;
  readonly last: LogLine;
  readonly lines: readonly LogLine[];
  /** Those of its lines that decide what became of it, or join it with another MID. */
  readonly telling: readonly LogLine[];
}

export interface DeliveryProblem {
  readonly kind: 'connection-error' | 'delayed' | 'bounced' | 'possible-delivery' | 'tls-failed' | 'tls-required' | 'killed' | 'other';
  readonly mid: number | null;
  /** `details:` of a connection error (`EOF`, `timeout`, `[Errno 54] …`), else the reply text. */
  readonly details: string | null;
  /** SMTP code; `000` means that no reply came. */
  readonly code: string | null;
  readonly reason: string | null;
  readonly line: LogLine;
}

/** Everything the log tells of one DCID. */
export interface DeliveryHistory {
  readonly appliance: ApplianceKey;
  /** Counted from 1 in the order in which the DCIDs were first mentioned. */
  readonly order: number;
  readonly dcid: number;
  readonly opened: LogLine | null;
  readonly closed: LogLine | null;
  readonly localIp: string | null;
  readonly remoteIp: string | null;
  readonly remotePort: number | null;
  readonly tls: {
    readonly ok: boolean;
    readonly protocol: string | null;
    readonly cipher: string | null;
    readonly reason: string | null;
    readonly line: LogLine;
  } | null;
  readonly mids: readonly number[];
  /** `Delivery start`, `Message done`, `Response` by MID. */
  readonly deliveries: readonly {
    readonly mid: number;
    readonly rids: readonly number[];
    readonly started: LogLine | null;
    readonly done: LogLine | null;
    readonly response: string | null;
    readonly responseLine: LogLine | null;
  }[];
  readonly problems: readonly DeliveryProblem[];
  readonly first: LogLine;
  readonly last: LogLine;
  readonly lines: readonly LogLine[];
}

/** One log file as read. */
export interface LogFileSummary {
  readonly input: number;
  /** `mail_logs`, `euq_logs`, `injection debug`, `domain debug`, `bounce_logs`, `status`, `consolidated events`, `other appliance log`, `unknown text`. */
  readonly kind: string;
  readonly format: string;
  readonly lines: number;
  readonly entries: number;
  readonly unknownLines: number;
  readonly firstUs: WallUs | null;
  readonly lastUs: WallUs | null;
  readonly serials: readonly string[];
  /** `Time offset from UTC` of the header in seconds (east positive); null when no header tells. The last one when several differ. */
  readonly utcOffsetSeconds: number | null;
  /** ICIDs and MIDs of several appliances stand in it. */
  readonly appliances: readonly ApplianceKey[];
}

/** A line of the status log, or of mail_logs before AsyncOS 5.5: counters and load, one a minute. */
export interface StatusSample {
  readonly appliance: ApplianceKey;
  readonly line: LogLine;
  /** `CPULd 21 … ResCon 0 WorkQ 2`: names and values in turn. */
  readonly fields: string;
}

/** Histories, each built when it is asked for. Asked for twice it may be another object with the same content: `order` tells whether it is the same. */
export interface HistoryList<T> extends Iterable<T> {
  readonly length: number;
  at(index: number): T | undefined;
  map<U>(change: (history: T) => U): U[];
}

/** All logs together: histories in order of first appearance by time. */
export interface MailLog {
  readonly files: readonly LogFileSummary[];
  readonly injections: HistoryList<InjectionHistory>;
  readonly messages: HistoryList<MessageHistory>;
  readonly deliveries: HistoryList<DeliveryHistory>;
  readonly statuses: readonly StatusSample[];
  /** Unknown lines kept for `--unknown-lines`, at most 10,000. */
  readonly unknown: readonly { readonly ref: LineRef; readonly text: string }[];
  /** The last use of a MID; with `before`, the last one that had begun by then (numbers are used again after a reset of the counters). */
  message(appliance: ApplianceKey, mid: number, before?: LogLine): MessageHistory | null;
  /** All uses of a MID. */
  uses(appliance: ApplianceKey, mid: number): readonly MessageHistory[];
  /** What a line says, read again from its text; null for a line in no known shape. Histories keep only what sessions need: whoever tells a message's whole way asks for the rest. */
  entryOf(line: LogLine): LogEntry | null;
}

/** A log of which only what still speaks is held: the rest is read again when somebody asks. */
export interface PassingLog {
  /** All that is not at rest. */
  readonly log: MailLog;
  /** A message by its number in the order of all. */
  readonly byOrder: (order: number) => MessageHistory | null;
}

/** What has fallen silent in a log that is read in passing. */
export interface Silence extends PassingLog {
  /** In order of their first mention. */
  readonly messages: readonly MessageHistory[];
  readonly isSilent: (message: MessageHistory) => boolean;
}

/** A stretch of a text. */
export type TextRange = readonly [from: number, to: number];

/** Which parts of a line's text are numbers of the appliance, and which are names that others chose. */
export interface LinePlaces {
  readonly numbers: readonly TextRange[];
  readonly names: readonly TextRange[];
}
