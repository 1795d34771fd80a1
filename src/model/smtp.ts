import type { Moment, PacketRef } from './evidence.ts';
import type { StreamSink } from './tcp.ts';
import type { TlsEvent, TlsSummary } from './tls.ts';
import type { DurationUs, EpochUs, Side } from './units.ts';

/** The last step of a session that had begun (the contract's words, in their natural order). */
export const STAGES = [
  'connect',
  'banner',
  'helo',
  'starttls',
  'auth',
  'mail',
  'rcpt',
  'data-command',
  'data-body',
  'data-end',
  'idle-after-message',
  'quit',
] as const;
export type Stage = (typeof STAGES)[number];

/** A command line of the client, credentials removed. */
export interface SmtpCommand {
  readonly kind: 'command';
  /** Upper case; the first word as sent when it is no known verb (`XXXX`). */
  readonly verb: string;
  /** Rest of the line as sent (latin1-decoded, undecoded escapes); `***` in place of credentials. */
  readonly argument: string;
  readonly known: boolean;
  /** Start of the line; the packet that completed it is `completedBy`. */
  readonly at: Moment;
  readonly completedBy: PacketRef;
  /** False: the connection ended before the line did. */
  readonly complete: boolean;
  /** Sent before the reply to an earlier command had been seen. */
  readonly pipelined: boolean;
  /** Came behind a gap: what stands between is unknown, and it may be part of something else. */
  readonly afterGap: boolean;
  /** Octets of the line, terminator included. */
  readonly length: number;
  /** Octets of it that are not in the file (snap length, loss); absent normally. A verb of which only a part is there is the one that part and length fit. */
  readonly missing?: number;
  /** Index in `SmtpDialogue.events` of the reply, or null while it is owed. */
  reply: number | null;
  /** Said within TLS, and decrypted; absent otherwise. */
  readonly decrypted?: true;
}

export interface SmtpReply {
  readonly kind: 'reply';
  /** 0 where the line is no reply at all. */
  readonly code: number;
  /** `4.4.5` or null. */
  readonly enhancedCode: string | null;
  /** Text of each line, without code. At most 40 lines of 1,000 octets are kept. */
  readonly lines: readonly string[];
  readonly at: Moment;
  readonly completedBy: PacketRef;
  readonly complete: boolean;
  readonly afterGap: boolean;
  /** Octets of it that are not in the file; absent normally. Where digits of the code are cut, `code` is the likeliest one. */
  readonly missing?: number;
  /** Index in `events` of the command (or `end-of-data`) that it answers; null for the greeting and for what nobody asked for. */
  readonly to: number | null;
  /** The greeting is a reply to the connection; `unsolicited` came with nothing owed (a 421 at any time). */
  readonly role: 'greeting' | 'answer' | 'unsolicited';
  /** Said within TLS, and decrypted; absent otherwise. */
  readonly decrypted?: true;
}

/** The message itself: `start` with its first octet, `end` with the final dot (or the last octet of the last BDAT chunk). */
export interface SmtpDataEvent {
  readonly kind: 'data-start' | 'data-end' | 'chunk-end';
  readonly at: Moment;
  /** Message octets so far, dots unstuffed, without the final dot. */
  readonly octets: number;
  /** `data-end`, `chunk-end`: index in `events` of the reply, or null while it is owed. */
  reply: number | null;
  /** Said within TLS, and decrypted; absent otherwise. */
  readonly decrypted?: true;
}

/** Text that is no SMTP: binary junk, text before the banner from the client, lines of an overlong kind. */
export interface SmtpOddity {
  readonly kind: 'oddity';
  readonly side: Side;
  readonly what: 'binary' | 'overlong-line' | 'bare-line-feed' | 'before-greeting' | 'after-quit';
  readonly at: Moment;
  readonly text: string;
  /** Said within TLS, and decrypted; absent otherwise. */
  readonly decrypted?: true;
}

export interface SmtpGapEvent {
  readonly kind: 'gap';
  readonly side: Side;
  readonly length: number;
  /** As in `StreamGap.kind`. */
  readonly why: 'capture' | 'network' | 'snap' | 'budget';
  readonly at: Moment;
}

export type DialogueEvent = SmtpCommand | SmtpReply | SmtpDataEvent | TlsEvent | SmtpOddity | SmtpGapEvent;

/** RFC 5321, 3.3: from MAIL to the end of data, or to what withdrew it. */
export interface SmtpTransaction {
  /** Without angle brackets, empty for the null reverse-path; also empty where MAIL was not seen and no reply repeats its path. */
  readonly reversePath: string;
  /** Event index of MAIL; -1 where it was not seen (the capture began later, or it fell into a gap). */
  readonly mail: number;
  /** `command` is the event index of RCPT, -1 where it was not seen. */
  readonly recipients: readonly { readonly forwardPath: string; readonly command: number; readonly code: number | null }[];
  /** Event index of DATA or the first BDAT; null when it was not reached. */
  readonly data: number | null;
  /** Octets of the message that arrived. */
  readonly octets: number;
  /** The end of data arrived. */
  readonly ended: boolean;
  /** The headers that name the message, undecoded; null when they did not arrive or cannot be read. */
  readonly header: { readonly messageId: string | null; readonly subject: string | null; readonly from: string | null; readonly date: string | null };
  /** Longest header line in octets, for inspection limits. */
  readonly longestHeaderLine: number;
  /** The final reply to the end of data, or the refusal of MAIL, RCPT (all) or DATA that ended it; event index. */
  readonly finalReply: number | null;
  /** `rejected`: a 4xx/5xx to MAIL, to every RCPT, to DATA or to the end of data. `withdrawn`: RSET, a new HELO or QUIT. */
  readonly outcome: 'accepted' | 'rejected' | 'withdrawn' | 'open';
  /** Event index of what withdrew it; of the reply where the command is not in the file, and null where that was QUIT. */
  readonly withdrawnBy: number | null;
  /** MID from `250 ok:  Message N accepted`; null in other texts. */
  readonly acceptedMid: number | null;
}

export interface StageChange {
  readonly stage: Stage;
  readonly at: Moment;
}

/** Who owes the next word: the client a command or more data, the server a reply; null when nothing is owed (before anything, after the end). */
export interface Owes {
  readonly side: 'client' | 'server' | null;
  /** Since when: the moment that created the debt. */
  readonly sinceUs: EpochUs;
  /** What is owed, in words of SMTP: `greeting`, `reply to RCPT`, `command`, `rest of the message`, `reply to the end of data`. */
  readonly what: string;
}

/** What was said on one connection. Owned; no message bodies, no credentials. */
export interface SmtpDialogue {
  /** Which TCP side is the SMTP client. */
  readonly client: Side;
  /** Something in it is SMTP (a greeting, a known verb) or TLS where TLS is expected. */
  readonly isSmtp: boolean;
  readonly events: readonly DialogueEvent[];
  /** Events beyond the budget that were counted but not kept. */
  readonly eventsDropped: number;
  readonly greeting: SmtpReply | null;
  /** Argument of the last EHLO, HELO or LHLO. */
  readonly heloName: string | null;
  readonly esmtp: boolean;
  /** Keywords of the last EHLO reply, in order, as sent. */
  readonly capabilities: readonly string[];
  readonly transactions: readonly SmtpTransaction[];
  readonly stages: readonly StageChange[];
  readonly tls: TlsSummary | null;
  /** STARTTLS was sent and refused; the session went on in clear. */
  readonly starttlsRefused: boolean;
  /** Event index of QUIT, or null. */
  readonly quit: number | null;
  /** Event index of an AUTH that succeeded. */
  readonly authenticated: boolean;
  /** Names given by XCLIENT or PROXY, when a balancer speaks for the client: `ADDR=…`. */
  readonly xclient: string | null;
  /** State of the debt at the end of the capture. */
  readonly owes: Owes;
  /** Longest of the client's silences between its words, and of the server's delays, before the last word: the session's rhythm. */
  readonly longestClientPauseUs: DurationUs;
  readonly longestServerPauseUs: DurationUs;
  /** Some octets of a side are missing, by side of the dialogue. */
  readonly gaps: { readonly client: boolean; readonly server: boolean };
}

/** What octets of a stream are, for whoever must not show all of them: lines of the protocol, the message, answers to an AUTH challenge, TLS; `unknown` where reading stopped. */
export type SpeechKind = 'line' | 'message' | 'credentials' | 'tls' | 'unknown';

/** Told of every run of octets in the order of its side's stream, gaps excepted; together they cover all that was fed. */
export type SpeechObserver = (side: Side, length: number, kind: SpeechKind) => void;

/** Follows one connection. `finish` seals the dialogue; nothing may be fed after it. */
export interface DialogueFollower extends StreamSink {
  finish(): SmtpDialogue;
}

/**
 * The stage that had begun at a time (inclusive); `connect` before the first change. Where the packet is given, a change in the same file is later
 * only if it stands behind it, too: clocks are set back while they record.
 */
export function stageAt(dialogue: Pick<SmtpDialogue, 'stages'>, atUs: EpochUs, packet: PacketRef | null = null): Stage {
  let stage: Stage = 'connect';
  for (const { at, stage: next } of dialogue.stages) {
    if (at.atUs > atUs && (at.packet.input !== packet?.input || at.packet.number > packet.number)) break;
    stage = next;
  }
  return stage;
}
