import { canonicalAddress, inBlock } from '../model/address.ts';
import type { MessageHistory } from '../model/maillog.ts';
import type { Session } from '../model/pairing.ts';
import type { ReportSession } from '../model/report.ts';
import type { Selection } from '../model/settings.ts';
import type { SessionSpan } from './report-session.ts';

/** Whether a session is among those that the user asked for: different options must all hold, repeats of one are alternatives. */
export function isSelected(selection: Selection, session: Session, report: Pick<ReportSession, 'mids' | 'clientIp' | 'serial'>, span: SessionSpan): boolean {
  const { injection, delivery, captured } = session;
  const fits = selection.exact === true ? equals : includes;
  const streams = captured ? [captured.connection.stream] : [];
  return (
    connectionIsSelected(selection, injection?.icid ?? null, delivery?.dcid ?? null) &&
    any(selection.mid, (mid) => report.mids.includes(mid)) &&
    any(selection.client, (block) => clientsOf(session, report.clientIp).some((ip) => inBlock(ip, block))) &&
    any(selection.serial, (serial) => report.serial === serial) &&
    any(selection.stream, (stream) => streams.includes(stream)) &&
    any(selection.sender, (text) => sendersOf(session).some((sender) => fits(sender, text))) &&
    any(selection.recipient, (text) => recipientsOf(session).some((recipient) => fits(recipient, text))) &&
    any(selection.subject, (text) => headersOf(session, 'subject').some((subject) => fits(subject, text))) &&
    any(selection.messageId, (text) => headersOf(session, 'messageId').some((id) => fits(id, text))) &&
    (selection.since === null || (span.endedUs ?? Number.POSITIVE_INFINITY) >= selection.since) &&
    (selection.until === null || (span.openedUs ?? Number.NEGATIVE_INFINITY) <= selection.until)
  );
}

/** ICIDs and DCIDs name connections of two kinds: given both, either may match. */
function connectionIsSelected(selection: Selection, icid: number | null, dcid: number | null): boolean {
  if (selection.icid.length === 0 && selection.dcid.length === 0) return true;
  return (icid !== null && selection.icid.includes(icid)) || (dcid !== null && selection.dcid.includes(dcid));
}

function any<T>(wanted: readonly T[], test: (value: T) => boolean): boolean {
  return wanted.length === 0 || wanted.some(test);
}

function equals(text: string, asked: string): boolean {
  const [a, b] = [text, asked].map((value) => value.toLowerCase().replace(/^<(.*)>$/, '$1'));
  return a === b;
}

function includes(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

function clientsOf(session: Session, clientIp: string | null): string[] {
  const logged = session.injection?.peerIp ?? session.delivery?.remoteIp ?? null;
  return [clientIp, logged].filter((ip): ip is string => ip !== null).map(canonicalAddress);
}

function sendersOf(session: Session): string[] {
  return [
    ...session.messages.map((message) => message.sender ?? ''),
    ...(session.captured?.dialogue.transactions.map((transaction) => transaction.reversePath) ?? []),
  ];
}

function recipientsOf(session: Session): string[] {
  const logged = session.messages.map((message) => message.recipients.map((recipient) => recipient.address)).flat();
  return [
    ...logged,
    ...(session.captured?.dialogue.transactions.flatMap((transaction) => transaction.recipients.map((recipient) => recipient.forwardPath)) ?? []),
  ];
}

function headersOf(session: Session, name: 'subject' | 'messageId'): string[] {
  const logged = session.messages.map((message: MessageHistory) => message[name] ?? '');
  return [...logged, ...(session.captured?.dialogue.transactions.map((transaction) => transaction.header[name] ?? '') ?? [])];
}
