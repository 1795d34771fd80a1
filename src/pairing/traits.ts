import type { CapturedSession } from '../model/pairing.ts';
import type { EncryptedTurn } from './encrypted-lines.ts';
import type { EpochUs } from '../model/units.ts';

/** The kind of identifier that a log session goes by: ICID for what the appliance accepts, DCID for what it opens. */
export type HistoryKind = 'icid' | 'dcid';

/** When a log line about something must have been written, in the capture's clock: not before the cause, not after the visible effect. */
export interface Span {
  readonly fromUs: EpochUs;
  readonly toUs: EpochUs;
}

/** A text from the wire; not `whole` where the snap length or a gap cut it. */
export interface CapturedText {
  readonly text: string;
  readonly whole: boolean;
}

/** One mail transaction as captured, reduced to what a log can be compared with. Texts are normalised. */
export interface CapturedTalk {
  readonly sender: CapturedText;
  readonly recipients: readonly CapturedText[];
  /** The appliance or server said 2xx to MAIL. */
  readonly mailAccepted: boolean;
  /** Null where the command is not in the file. */
  readonly mail: Span | null;
  readonly rcpts: readonly (Span | null)[];
  /** End of data; null when it was not reached. */
  readonly dataEnd: Span | null;
  /** Octets of the whole message; null when it did not arrive whole or the file lacks some. */
  readonly octets: number | null;
  readonly messageId: string | null;
  readonly subject: string | null;
  readonly acceptedMid: number | null;
  /** Text of the final reply, without code. */
  readonly finalText: string | null;
  readonly finalCode: number | null;
  /** RSET, a new HELO or QUIT took it back at this moment. */
  readonly withdrawnUs: EpochUs | null;
}

/** Traits of many sessions, each made when it is asked for. Asked for twice they may be another object: `index` tells whether it is the same session. */
export interface TraitsList<T> extends Iterable<T> {
  readonly length: number;
  /** `place`: of the list. */
  at(place: number): T;
}

/** What pairing needs to know of one captured connection. */
export interface CapturedTraits {
  /** Names it among all captured ones. */
  readonly index: number;
  readonly session: CapturedSession;
  readonly direction: 'inbound' | 'outbound' | 'unknown';
  /** TCP client and server. */
  readonly originatorIp: string;
  readonly responderIp: string;
  readonly responderPort: number;
  readonly sawOpen: boolean;
  /** An application can have got the connection: the handshake was completed or data flowed. */
  readonly accepted: boolean;
  readonly firstUs: EpochUs;
  /** Handshake completed, else the first packet: ICIDs are issued in this order. */
  readonly acceptUs: EpochUs;
  /** `New SMTP ICID` is written within. */
  readonly open: Span;
  readonly lastUs: EpochUs;
  /** First thing that ends the session: QUIT, 421, FIN, RST; null when the file shows none. */
  readonly endUs: EpochUs | null;
  /** When the appliance can have noticed that end at the latest: it may have been busy with a command, whose reply comes after the end. */
  readonly endNoticedUs: EpochUs | null;
  readonly quitUs: EpochUs | null;
  readonly quitAnswered: boolean;
  readonly heloName: CapturedText | null;
  readonly greetingCode: number | null;
  /** Everything the client said can be read: what is not there was not said. */
  readonly readable: boolean;
  readonly tls: Span | null;
  readonly tlsEstablished: boolean;
  /** Octets inside TLS that the client sent; null without TLS or with gaps. */
  readonly encryptedOctets: number | null;
  /** Short turns inside TLS by their lengths; null without TLS, or where lengths tell nothing. */
  readonly encryptedTurns: readonly EncryptedTurn[] | null;
  readonly talks: readonly CapturedTalk[];
  /** A talk has what names one message in the world: a MID in its reply, or a Message-ID. */
  readonly namesMessages: boolean;
}

/** So many messages of a log session are compared; more are one client's stream, which its first messages tell from any other. */
export const MOST_MESSAGES = 5_000;

/** One message of a log session. Times in UTC by the log's own clock, starts of their seconds. */
export interface LoggedMessage {
  readonly mid: number;
  readonly sender: string | null;
  readonly recipients: readonly string[];
  readonly messageId: string | null;
  readonly subject: string | null;
  readonly octets: number | null;
  /** `Start MID` or the `From:` line; `Delivery start` in a delivery. */
  readonly startUs: EpochUs | null;
  readonly rcptUs: readonly EpochUs[];
  /** `ready`; `Message done` in a delivery. */
  readonly doneUs: EpochUs | null;
  readonly abortedUs: EpochUs | null;
  readonly abortedBySender: boolean;
  readonly response: string | null;
}

/** What pairing needs to know of one ICID or DCID. Times in UTC by the log's own clock, starts of their seconds. */
export interface LoggedSession {
  /** Names it among all of the logs. */
  readonly index: number;
  readonly kind: HistoryKind;
  readonly id: number;
  readonly appliance: string;
  /** Its place among the ICIDs or DCIDs of the log. */
  readonly place: number;
  /** That of its history. */
  readonly order: number;
  /** Log input of its first line. */
  readonly input: number;
  readonly peerIp: string | null;
  readonly peerPort: number | null;
  readonly localIp: string | null;
  readonly openedUs: EpochUs | null;
  /** `lost`, a time limit, a delivery's problem: the line that is written when the connection breaks. */
  readonly brokenUs: EpochUs | null;
  readonly closedUs: EpochUs | null;
  readonly lost: boolean;
  readonly firstUs: EpochUs;
  readonly lastUs: EpochUs;
  readonly tlsUs: EpochUs | null;
  readonly tlsOk: boolean | null;
  /** It accepted a message and did not encrypt: a capture shows the MID. */
  readonly acceptedInClear: boolean;
  readonly heloName: string | null;
  /** The policy refuses the connection at once. */
  readonly refused: boolean;
  /** First and last line of the connection are there: what is not in it did not happen. */
  readonly whole: boolean;
  /** Deliveries: when its first message was ready to go; the connection is opened soon after. */
  readonly queuedUs: EpochUs | null;
  /** At most `MOST_MESSAGES`. */
  readonly messages: readonly LoggedMessage[];
}

/** An envelope address as compared: no angle brackets, source route or parameters, lower case. Empty for the null reverse-path. */
export function normalisePath(path: string): string {
  const open = path.indexOf('<');
  const close = open < 0 ? -1 : path.indexOf('>', open);
  let bare = open < 0 ? path.trim() : path.slice(open + 1, close < 0 ? undefined : close).trim();
  if (open < 0) {
    const blank = bare.indexOf(' ');
    if (blank >= 0) bare = bare.slice(0, blank);
  }
  if (bare.startsWith('@')) bare = bare.slice(bare.indexOf(':') + 1);
  return bare.toLowerCase();
}

/** A Message-ID as compared: no angle brackets or blanks. Null when nothing is left. */
export function normaliseMessageId(text: string | null): string | null {
  const bare = text?.replace(/[<>\s]/g, '') ?? '';
  return bare === '' ? null : bare;
}

/** Running text as compared: blanks folded, ends trimmed. Null when nothing is left. */
export function normaliseText(text: string | null): string | null {
  const bare = text?.replace(/\s+/g, ' ').trim() ?? '';
  return bare === '' ? null : bare;
}
