import { canonicalAddress, inBlock } from '../model/address.ts';
import type { LogEntry } from '../model/log-entry.ts';
import type { DeliveryHistory, InjectionHistory, MailLog, MessageHistory } from '../model/maillog.ts';
import type { Selection } from '../model/settings.ts';
import { type TraceInput, instantOf } from './input.ts';
import type { Lineage } from './lineage.ts';
import type { Registry } from './registry.ts';

/** Whether a text is what was asked for: contained in it or, if so wished, equal to it; case never matters. */
function fits(text: string, asked: string, exact: boolean): boolean {
  const [a, b] = [text.toLowerCase(), asked.toLowerCase()];
  return exact ? a === b || a === b.replace(/^<(.*)>$/, '$1') || a === `<${b}>` : a.includes(b);
}

function anyFits(asked: readonly string[], values: readonly (string | null)[], exact: boolean): boolean {
  return asked.length === 0 || values.some((value) => value !== null && asked.some((text) => fits(value, text, exact)));
}

/** Messages by which a story may be asked for: those that meet a condition that their own words decide. All of them where only times were given. */
export function* findCandidates(selection: Selection, registry: Registry, decodeHeader: (text: string) => string): Generator<MessageHistory> {
  const { log } = registry;
  const test = cheapTest(selection, registry, decodeHeader);
  if (test === null) {
    yield* log.messages;
    return;
  }
  for (const message of log.messages) if (test(message)) yield message;
}

/** The condition that fewest messages meet, tried on each alone. Null where none was given. */
export function cheapTest(selection: Selection, registry: Registry, decodeHeader: (text: string) => string): ((message: MessageHistory) => boolean) | null {
  const exact = selection.exact === true;
  if (selection.mid.length > 0) return ({ mid }) => selection.mid.includes(mid);
  if (selection.messageId.length > 0) return ({ messageId }) => anyFits(selection.messageId, [messageId], exact);
  if (selection.icid.length > 0 || selection.dcid.length > 0) {
    const over = midsOverDcids(selection.dcid, registry.log);
    return ({ icid, mid, appliance }) => (icid !== null && selection.icid.includes(icid)) || over.has(`${appliance} ${mid}`);
  }
  if (selection.sender.length > 0) return ({ sender }) => anyFits(selection.sender, [sender], exact);
  if (selection.recipient.length > 0) return (message) => anyFits(selection.recipient, addressesOf(message), exact);
  if (selection.subject.length > 0) return ({ subject }) => anyFits(selection.subject, [subject, subject === null ? null : decodeHeader(subject)], exact);
  return null;
}

function midsOverDcids(dcids: readonly number[], log: MailLog): Set<string> {
  const found = new Set<string>();
  if (dcids.length === 0) return found;
  for (const delivery of log.deliveries) {
    if (dcids.includes(delivery.dcid)) for (const mid of delivery.mids) found.add(`${delivery.appliance} ${mid}`);
  }
  return found;
}

function addressesOf(message: MessageHistory): string[] {
  return message.recipients.map(({ address }) => address);
}

/** Whether a story meets all conditions: different options must all hold, somewhere in it; repeats of one are alternatives. */
export function isSelected(selection: Selection, lineage: Lineage, registry: Registry, { clock, decodeHeader }: TraceInput): boolean {
  const histories = lineage.members.map(({ history }) => history);
  const exact = selection.exact === true;
  const { mid, sender, recipient, subject, messageId, serial, since, until } = selection;
  return (
    (mid.length === 0 || histories.some((one) => mid.includes(one.mid))) &&
    connectionsFit(selection, lineage) &&
    histories.some((one) => anyFits(sender, [one.sender], exact)) &&
    histories.some((one) => recipient.length === 0 || anyFits(recipient, addressesOf(one), exact)) &&
    histories.some((one) => subject.length === 0 || (one.subject !== null && anyFits(subject, [one.subject, decodeHeader(one.subject)], exact))) &&
    histories.some((one) => anyFits(messageId, [one.messageId], exact)) &&
    (serial.length === 0 || histories.some(({ appliance }) => serial.includes(appliance))) &&
    clientsFit(selection, histories) &&
    streamsFit(selection, lineage, registry) &&
    (since === null || histories.some(({ last }) => instantOf(clock, last) + SECOND >= since)) &&
    (until === null || histories.some(({ first }) => instantOf(clock, first) <= until))
  );
}

/** The second that a stamp names. */
const SECOND = 999_999;

/** ICIDs and DCIDs name connections of two kinds: given both, either may match. */
function connectionsFit({ icid, dcid }: Selection, lineage: Lineage): boolean {
  if (icid.length === 0 && dcid.length === 0) return true;
  return lineage.members.some(
    ({ history, telling }) => (history.icid !== null && icid.includes(history.icid)) || telling.some(({ entry }) => dcid.includes(dcidOf(entry))),
  );
}

function dcidOf(entry: LogEntry | null): number {
  return entry !== null && 'dcid' in entry && entry.dcid !== null ? entry.dcid : -1;
}

function clientsFit({ client }: Selection, histories: readonly MessageHistory[]): boolean {
  if (client.length === 0) return true;
  return histories.some(({ injection }) => {
    const peer = injection?.peerIp ?? null;
    return peer !== null && client.some((block) => inBlock(canonicalAddress(peer), block));
  });
}

function streamsFit({ stream }: Selection, lineage: Lineage, registry: Registry): boolean {
  if (stream.length === 0) return true;
  return connectionsOf(lineage, registry).some((history) => {
    const captured = registry.session(history)?.session.captured;
    return captured !== null && captured !== undefined && stream.includes(captured.connection.stream);
  });
}

/** The connections of a story: those that its MIDs came in on and those that they went out over; some of them several times. */
export function connectionsOf(lineage: Lineage, registry: Registry): (InjectionHistory | DeliveryHistory)[] {
  const found: (InjectionHistory | DeliveryHistory)[] = [];
  for (const { history, telling } of lineage.members) {
    if (history.injection) found.push(history.injection);
    const dcids = new Map(telling.flatMap(({ entry, line }) => (dcidOf(entry) > 0 ? [[dcidOf(entry), line] as const] : [])));
    for (const [dcid, line] of dcids) {
      const delivery = registry.delivery(history.appliance, dcid, line);
      if (delivery) found.push(delivery);
    }
  }
  return found;
}
