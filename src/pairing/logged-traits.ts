import { canonicalAddress } from '../model/address.ts';
import type { DeliveryHistory, InjectionHistory, LogLine, MailLog, MessageHistory } from '../model/maillog.ts';
import type { EpochUs } from '../model/units.ts';
import { MOST_MESSAGES, normaliseMessageId, normalisePath, normaliseText, type LoggedMessage, type LoggedSession } from './traits.ts';

/** Gives the instant of a log line by the log's own clock. */
export type LineClock = (line: LogLine) => EpochUs;

/** Actions of the host access table that end the connection at the banner. `DELAYED REJECT` lets the session run on. */
const REFUSING_ACTIONS: ReadonlySet<string> = new Set(['REJECT', 'TCPREFUSE']);

/** Reduces an injection connection to what can be compared with a capture. `place`: where it stands in the log's list. */
export function describeInjection(history: InjectionHistory, place: number, log: MailLog, at: LineClock): Omit<LoggedSession, 'index'> {
  const described: LoggedMessage[] = [];
  for (const message of comparedMessages(history, log)) described.push(describeReceived(message, at));
  const end = history.ends.find((candidate) => candidate.kind !== 'close');
  const broken = history.lost ?? end?.line ?? null;
  return {
    kind: 'icid',
    id: history.icid,
    appliance: history.appliance,
    place,
    order: history.order,
    input: history.first.ref.input,
    peerIp: addressOf(history.peerIp),
    peerPort: null,
    localIp: addressOf(history.localIp),
    openedUs: atOrNull(history.opened, at),
    brokenUs: atOrNull(broken, at),
    closedUs: atOrNull(history.closed, at),
    lost: history.lost !== null,
    firstUs: at(history.first),
    lastUs: at(history.last),
    tlsUs: history.tls ? at(history.tls.line) : null,
    tlsOk: history.tls?.ok ?? null,
    acceptedInClear: acceptsInClear(history, described),
    heloName: normaliseText(history.heloName)?.toLowerCase() ?? null,
    refused: history.policy !== null && REFUSING_ACTIONS.has(history.policy.action.toUpperCase()),
    whole: history.opened !== null && (history.closed !== null || history.ends.length > 0),
    queuedUs: null,
    messages: described,
  };
}

/** Reduces a delivery connection to what can be compared with a capture. */
export function describeDelivery(history: DeliveryHistory, place: number, log: MailLog, at: LineClock): Omit<LoggedSession, 'index'> {
  const described: LoggedMessage[] = [];
  let queuedUs: EpochUs | null = null;
  for (const message of comparedMessages(history, log)) {
    if (described.length === 0) queuedUs = lastLineBefore(message, history.first, at);
    described.push(describeDelivered(message, history, at));
  }
  const problem = history.problems.find((candidate) => candidate.kind !== 'tls-failed') ?? null;
  return {
    kind: 'dcid',
    id: history.dcid,
    appliance: history.appliance,
    place,
    order: history.order,
    input: history.first.ref.input,
    peerIp: addressOf(history.remoteIp),
    peerPort: history.remotePort,
    localIp: addressOf(history.localIp),
    openedUs: atOrNull(history.opened, at),
    brokenUs: atOrNull(problem?.line ?? null, at),
    closedUs: atOrNull(history.closed, at),
    lost: false,
    firstUs: at(history.first),
    lastUs: at(history.last),
    tlsUs: history.tls ? at(history.tls.line) : null,
    tlsOk: history.tls?.ok ?? null,
    acceptedInClear: acceptsInClear(history, described),
    heloName: null,
    refused: false,
    whole: history.opened !== null && history.closed !== null,
    queuedUs,
    messages: described,
  };
}

/** Those that are compared, one after the other. */
function* comparedMessages({ appliance, mids, last }: InjectionHistory | DeliveryHistory, log: MailLog): Generator<MessageHistory> {
  for (const mid of mids.slice(0, MOST_MESSAGES)) {
    const message = log.message(appliance, mid, last);
    if (message) yield message;
  }
}

function acceptsInClear({ tls }: InjectionHistory | DeliveryHistory, messages: readonly LoggedMessage[]): boolean {
  return tls?.ok !== true && messages.some((message) => message.doneUs !== null);
}

function describeReceived(message: MessageHistory, at: LineClock): LoggedMessage {
  return {
    mid: message.mid,
    sender: message.sender === null ? null : normalisePath(message.sender),
    recipients: message.recipients.map((recipient) => normalisePath(recipient.address)),
    messageId: normaliseMessageId(message.messageId),
    subject: normaliseText(message.subject),
    octets: message.ready?.octets ?? null,
    startUs: atOrNull(message.started, at),
    rcptUs: message.recipients.map((recipient) => at(recipient.line)),
    doneUs: message.ready ? at(message.ready.line) : null,
    abortedUs: message.aborted && message.aborted.how !== 'policy' ? at(message.aborted.line) : null,
    abortedBySender: message.aborted?.how === 'by-sender',
    response: null,
  };
}

function describeDelivered(message: MessageHistory, history: DeliveryHistory, at: LineClock): LoggedMessage {
  const delivery = history.deliveries.find((candidate) => candidate.mid === message.mid);
  const rids = new Set(delivery?.rids ?? []);
  const mine = rids.size === 0 ? message.recipients : message.recipients.filter((recipient) => recipient.rid === null || rids.has(recipient.rid));
  return {
    mid: message.mid,
    sender: message.sender === null ? null : normalisePath(message.sender),
    recipients: mine.map((recipient) => normalisePath(recipient.address)),
    messageId: normaliseMessageId(message.messageId),
    subject: normaliseText(message.subject),
    // The appliance adds and removes headers before it delivers: its size on the wire is another one.
    octets: null,
    startUs: atOrNull(delivery?.started ?? null, at),
    rcptUs: [],
    doneUs: atOrNull(delivery?.done ?? delivery?.responseLine ?? null, at),
    abortedUs: null,
    abortedBySender: false,
    response: normaliseText(delivery?.response ?? null),
  };
}

/** The last line of a message before its delivery began. */
function lastLineBefore(message: MessageHistory, delivery: LogLine, at: LineClock): EpochUs | null {
  let found: LogLine | null = null;
  for (const line of message.lines) {
    if (line.ref.input === delivery.ref.input && line.ref.line >= delivery.ref.line) break;
    found = line;
  }
  return atOrNull(found, at);
}

function atOrNull(line: LogLine | null, at: LineClock): EpochUs | null {
  return line ? at(line) : null;
}

function addressOf(text: string | null): string | null {
  return text === null ? null : canonicalAddress(text);
}
