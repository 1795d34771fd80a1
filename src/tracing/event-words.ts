import type { LogEntry } from '../model/log-entry.ts';
import type { LogLine, MessageRelation } from '../model/maillog.ts';
import { joinWords } from './facts.ts';
import { sayDuration, sayReply } from './words.ts';

/** What a line is called in the table of events, and what it says there. */
export interface EventWords {
  readonly kind: string;
  readonly text: string;
}

/** Names recipients by their numbers. */
export type NameRids = (rids: readonly number[]) => string;

/** What is told may need the line's text, which is made when it is asked for. */
type Words<K extends LogEntry['kind']> = (entry: Extract<LogEntry, { readonly kind: K }>, line: LogLine, nameRids: NameRids) => EventWords | null;

const RELATIONS: Readonly<Record<MessageRelation, (from: number, to: number) => string>> = {
  split: (from, to) => `MID ${from} was split, creating MID ${to}`,
  rewritten: (from, to) => `MID ${from} was rewritten to MID ${to}`,
  generated: (from, to) => `MID ${to} was generated from MID ${from}`,
  bounce: (from, to) => `MID ${to} was generated to bounce MID ${from} to its sender`,
  reinjected: (from, to) => `MID ${from} was reinjected as MID ${to}`,
  'released-as': (from, to) => `MID ${from} was released as MID ${to}`,
};

/** More addresses than a sentence bears. */
const MOST_NAMED = 3;

/** `ann@example.com`, where the message's lines name the address; `RID 0 and 2` where they do not. */
export function namerOf(addresses: ReadonlyMap<number, string>): NameRids {
  return (rids) => {
    const named = rids.flatMap((rid) => addresses.get(rid) ?? []);
    if (named.length < rids.length || named.length === 0) return `RID ${joinWords(rids)}`;
    return joinWords(named.length > MOST_NAMED ? [...named.slice(0, MOST_NAMED), `${named.length - MOST_NAMED} more`] : named);
  };
}

function also(text: string | null, lead = ' '): string {
  return text === null || text === '' ? '' : `${lead}${text}`;
}

/** The text of a line behind its MID: what scanners and others say in their own words. */
function behindMid(text: string): string {
  return text.replace(/^MID \d+ /, '');
}

/** One entry a kind of line; kinds that tell nothing of a message's way are null. */
const WORDS: { readonly [K in LogEntry['kind']]?: Words<K> } = {
  'icid-open': (entry) => ({
    kind: 'connection',
    text: `ICID ${entry.icid} from ${entry.peerIp ?? 'an unknown address'} (${entry.reverseDns ?? 'no name'}) on interface ${entry.interfaceName}${also(entry.localIp)}`,
  }),
  'icid-policy': (entry) => ({
    kind: 'sender-group',
    text: `${entry.action}, sender group ${entry.group}${also(entry.match, ', match ')}${also(entry.score, ', reputation ')}`,
  }),
  'icid-delayed-reject': () => ({ kind: 'sender-group', text: 'rejected by the host access table; the session goes on only to record its recipients' }),
  'icid-tls': (entry) => ({
    kind: 'tls',
    text: entry.ok
      ? `TLS with the client: ${[entry.protocol, entry.cipher].filter((part) => part !== null).join(' ') || 'success'}`
      : `TLS with the client failed${also(entry.reason, ': ')}`,
  }),
  'icid-tls-required': () => ({ kind: 'tls', text: 'TLS was required, but the client did not begin it' }),
  'icid-auth': (entry) => ({ kind: 'auth', text: `authentication ${entry.ok ? 'succeeded' : 'failed'}${also(entry.user, ' for ')}` }),
  'icid-auth-trouble': (entry) => ({ kind: 'auth', text: entry.reason }),
  'icid-complaint': (entry) => ({ kind: 'refused', text: `${entry.about.replaceAll('-', ' ')}: ${entry.detail}` }),
  'icid-lost': (entry) => ({ kind: 'connection-lost', text: `ICID ${entry.icid} lost: the client was gone without QUIT` }),
  'icid-lost-early': (entry) => ({ kind: 'connection-lost', text: `ICID ${entry.icid} lost before any command` }),
  'icid-timeout': (entry) => ({
    kind: 'connection-timeout',
    text: `ICID ${entry.icid} closed by the appliance: ${entry.total ? 'total time limit' : 'no message within the timeout'}`,
  }),
  'icid-killed': (entry) => ({ kind: 'connection-killed', text: `ICID ${entry.icid} killed by the appliance` }),
  'icid-limit': (entry) => ({ kind: 'refused', text: `too many connections of ${entry.peerIp}` }),
  'icid-receiving-failed': (entry) => ({ kind: 'refused', text: `receiving failed: ${entry.reason}` }),
  'icid-close': (entry) => ({ kind: 'connection-closed', text: `ICID ${entry.icid} closed` }),
  'mid-start': (entry) => ({
    kind: 'start',
    text: `MID ${entry.mid} begins ${entry.icid === 0 ? `inside the appliance${also(entry.note === null ? null : `(${entry.note})`)}` : `on ICID ${entry.icid}`}`,
  }),
  'mid-from': (entry) => ({ kind: 'sender', text: `from <${entry.address}>` }),
  'mid-to': (entry) => ({ kind: 'recipient', text: `RID ${entry.rid} to <${entry.address}>` }),
  'mid-to-rejected': (entry) => ({ kind: 'recipient-refused', text: `to <${entry.address}> refused by ${entry.by}` }),
  'mid-system': (entry) => ({ kind: 'start', text: `sent by the appliance itself from <${entry.from}> to ${entry.to}, ${entry.recipients} in all` }),
  'mid-message-id': (entry) => ({ kind: 'message-id', text: `Message-ID ${entry.messageId}` }),
  'mid-subject': (entry) => ({ kind: 'subject', text: `Subject: ${entry.subject}` }),
  'mid-ready': (entry) => ({ kind: 'accepted', text: `accepted, ${entry.octets} octets` }),
  'mid-aborted': (entry) => ({
    kind: 'aborted',
    text: entry.how === 'receiving' ? 'receiving aborted' : entry.how === 'by-sender' ? 'receiving aborted by sender' : (entry.by ?? 'dropped by policy'),
  }),
  'mid-finished': (entry) => ({ kind: 'finished', text: `MID ${entry.mid} finished: ${entry.how}` }),
  'mid-queued': () => ({ kind: 'queued', text: 'queued for delivery' }),
  'mid-relation': (entry) => ({
    kind: entry.relation,
    text: `${RELATIONS[entry.relation](entry.from, entry.to)}${also(entry.by, entry.relation === 'split' ? ' due to a ' : ' by ')}`,
  }),
  'mid-policy': (entry) => ({ kind: 'policy', text: `policy ${entry.policy}${also(entry.table, ', table ')}` }),
  'mid-helo': (_, { text }) => ({ kind: 'scan', text: behindMid(text) }),
  'mid-incoming-relay': (_, { text }) => ({ kind: 'scan', text: behindMid(text) }),
  'mid-scan': (_, { text }) => ({ kind: 'scan', text: behindMid(text) }),
  'spam-quarantine': (entry) => SPAM_QUARANTINE[entry.step](entry.recipient),
  rpc: (entry, line) => RPC[entry.step](entry.rcid, line),
  'quarantine-in': (entry) => ({
    kind: 'quarantined',
    text: `${entry.centralized ? 'handed to the centralised quarantine' : 'put into the quarantine'} "${entry.quarantine}"${also(entry.reason, ': ')}`,
  }),
  'quarantine-out': (entry) => ({
    kind: entry.step.startsWith('released') ? 'released' : 'deleted',
    text: `${entry.step} from ${entry.quarantine === null ? 'all quarantines' : `the quarantine "${entry.quarantine}"`}${also(entry.reason === null ? null : `(${entry.reason})`)}${entry.heldSeconds === null ? '' : `, held ${sayDuration(entry.heldSeconds)}`}`,
  }),
  'dcid-open': (entry) => ({
    kind: 'delivery-connection',
    text: `DCID ${entry.dcid} to ${entry.remoteIp}${entry.remotePort === null ? '' : ` port ${entry.remotePort}`} from interface ${entry.interfaceName}`,
  }),
  'dcid-tls': (entry) => ({
    kind: 'tls',
    text: entry.ok
      ? `DCID ${entry.dcid} TLS: ${[entry.protocol, entry.cipher].filter((part) => part !== null).join(' ') || 'success'}`
      : `DCID ${entry.dcid} TLS failed${also(entry.reason, ': ')}`,
  }),
  'dcid-tls-required': (entry) => ({ kind: 'tls', text: `DCID ${entry.dcid}: TLS was required but could not be negotiated` }),
  'dcid-start': (entry, _, nameRids) => ({
    kind: 'delivery-start',
    text: `delivery over DCID ${entry.dcid} begins for ${nameRids(entry.rids)}${entry.quarantine ? ', to the off-box spam quarantine' : ''}`,
  }),
  'dcid-done': (entry, _, nameRids) => ({
    kind: entry.quarantine ? 'quarantined' : 'delivered',
    text: `DCID ${entry.dcid} ${entry.quarantine ? 'handed it to the off-box quarantine for' : 'delivered it to'} ${nameRids(entry.rids)}`,
  }),
  'mid-response': (entry, _, nameRids) => ({ kind: 'response', text: `${nameRids(entry.rids)}: the receiver answered ${sayReply(entry.response)}` }),
  bounced: (entry, _, nameRids) => ({ kind: 'bounced', text: describeProblem(entry, nameRids) }),
  delayed: (entry, _, nameRids) => ({ kind: 'delayed', text: describeProblem(entry, nameRids) }),
  'double-bounce': (entry) => ({ kind: 'double-bounce', text: `the bounce cannot be delivered: ${entry.reason}` }),
  'mid-pending': (entry, _, nameRids) => ({ kind: 'pending', text: `${nameRids(entry.rids)} waits until ${entry.until} (log time)` }),
  'dcid-connection-error': (entry) => ({
    kind: 'connection-error',
    text: `DCID ${entry.dcid}${also(entry.remoteIp, ' to ')}: ${entry.details ?? 'no details'}${also(entry.reason === null ? null : `(${entry.reason})`)}`,
  }),
  'dcid-possible': (entry, _, nameRids) => ({
    kind: 'possible-delivery',
    text: `DCID ${entry.dcid}: the message was sent to ${nameRids(entry.rids)}, but its end was never answered`,
  }),
  'dcid-close': (entry) => ({ kind: 'connection-closed', text: `DCID ${entry.dcid} closed` }),
  'dcid-killed': (entry) => ({ kind: 'connection-killed', text: `DCID ${entry.dcid}: ${entry.reason}` }),
  'delivery-deleted': (entry, _, nameRids) => ({ kind: 'deleted', text: `deleted from the delivery queue for ${nameRids(entry.rids)}` }),
  consolidated: (entry) => ({
    kind: 'consolidated',
    text: `consolidated event: ${entry.action ?? 'no final action'}${also(entry.actionDetails, ', ')}${also(entry.icid === null ? null : `ICID ${entry.icid}`, ', ')}${also(entry.dcid === null ? null : `DCID ${entry.dcid}`, ', ')}`,
  }),
};

const SPAM_QUARANTINE: Readonly<Record<Extract<LogEntry, { kind: 'spam-quarantine' }>['step'], (recipient: string | null) => EventWords>> = {
  tagged: () => ({ kind: 'tagged', text: 'marked for the spam quarantine' }),
  quarantined: () => ({ kind: 'quarantined', text: 'put into the spam quarantine' }),
  releasing: (who) => ({ kind: 'releasing', text: `release from the spam quarantine asked for, for ${who ?? 'all recipients'}` }),
  delivering: () => ({ kind: 'releasing', text: 'the released message skips the work queue' }),
  released: (who) => ({ kind: 'released', text: `released from the spam quarantine${who === null ? '' : ` to ${who}`}` }),
  deleting: (who) => ({ kind: 'deleting', text: `deletion from the spam quarantine begins, for ${who ?? 'all recipients'}` }),
  deleted: (who) => ({ kind: 'deleted', text: `deleted from the spam quarantine for ${who ?? 'all recipients'}` }),
};

const RPC: Readonly<Record<Extract<LogEntry, { kind: 'rpc' }>['step'], (rcid: number, line: LogLine) => EventWords>> = {
  start: (rcid) => ({ kind: 'rpc-start', text: `RCID ${rcid} hands it to the local spam quarantine` }),
  done: (rcid) => ({ kind: 'rpc-done', text: `RCID ${rcid} done` }),
  rejected: (rcid, { text }) => ({ kind: 'rpc-rejected', text: `RCID ${rcid}: ${text}` }),
  trouble: (rcid, { text }) => ({ kind: 'rpc-trouble', text: `RCID ${rcid}: ${text}` }),
};

function describeProblem(entry: Extract<LogEntry, { kind: 'bounced' | 'delayed' }>, nameRids: NameRids): string {
  const over = entry.dcid === null ? '' : entry.dcid === 0 ? ' without a connection' : ` over DCID ${entry.dcid}`;
  const reply =
    entry.reply === null ? '' : entry.code === null || entry.code === '000' ? ` (${entry.reply})` : ` (${sayReply(`${entry.code} ${entry.reply}`)})`;
  return `${entry.to ?? nameRids(entry.rids)}${over}: ${entry.reason ?? 'no reason given'}${reply}`;
}

/** The words of a line; a line in no known shape stands for itself. Null for what tells nothing of a message. */
export function wordsOf(entry: LogEntry | null, line: LogLine, nameRids: NameRids): EventWords | null {
  if (entry === null) return { kind: 'other', text: line.text };
  const words = WORDS[entry.kind] as ((entry: LogEntry, line: LogLine, nameRids: NameRids) => EventWords | null) | undefined;
  return words ? words(entry, line, nameRids) : null;
}
