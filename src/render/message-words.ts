import type { ReportEvent, ReportMessage, ReportRecipient } from '../model/report.ts';
import type { Palette } from './colour.ts';
import { counted, showDay, showTimeOfDay } from './times.ts';

/** The MIDs that carry the message, without copies and bounces. */
function chainOf({ lineage }: Pick<ReportMessage, 'lineage'>): number[] {
  const carried: number[] = [];
  for (const { mid, relation, from } of lineage) {
    if (!carried.includes(mid) && !MADE.has(relation) && (from === null || carried.includes(from))) carried.push(mid);
  }
  return carried;
}

/** `MID 1357 -> 1359`. */
export function nameChain(message: Pick<ReportMessage, 'mid' | 'lineage'>): string {
  const carried = chainOf(message);
  return carried.length > 1 ? carried.slice(0, 4).join(' -> ') + (carried.length > 4 ? ' …' : '') : String(message.mid);
}

/** Relations by which another message was made. */
const MADE: ReadonlySet<string> = new Set(['generated', 'bounce']);

/** `delivered`, or `delivered 2, bounced 1`. */
export function sumOutcomes(message: Pick<ReportMessage, 'recipients' | 'outcome' | 'lineage'>): string {
  if (message.outcome !== 'mixed') return message.outcome;
  const recipients = ownRecipients(message);
  const counts = new Map<string, number>();
  for (const recipient of recipients) counts.set(recipient.outcome, (counts.get(recipient.outcome) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
}

/** Recipients of the message itself, not of a copy or a bounce. */
export function ownRecipients(message: Pick<ReportMessage, 'recipients' | 'lineage'>): readonly ReportRecipient[] {
  const carried = chainOf(message);
  const own = message.recipients.filter(({ mid }) => carried.includes(mid));
  return own.length > 0 ? own : message.recipients;
}

/** The colour that tells how a message fared. */
export function colourOfOutcome(outcome: ReportMessage['outcome'], palette: Palette): (text: string) => string {
  if (outcome === 'delivered') return palette.good;
  return outcome === 'aborted' || outcome === 'bounced' || outcome === 'dropped' ? palette.bad : palette.notable;
}

/** How a recipient is named: by address, else by number. */
export function nameRecipient({ address, rid }: Pick<ReportRecipient, 'address' | 'rid'>): string {
  if (address !== null && address !== '') return address;
  return rid === null ? 'unknown recipient' : `RID ${rid}`;
}

/** `as MID 106` where the message has gone under several. */
type Under = (mid: number | null) => string;

/** The events that make up the story, each as a sentence; null: nothing of note. Other kinds stand in the table only. */
const SENTENCES: Readonly<Record<string, (event: ReportEvent, under: Under, pressed: number) => string | null>> = {
  'connection-lost': ({ text }) => text,
  'connection-timeout': ({ text }) => text,
  scan: ({ text, mid }) => sayFindings(text, mid),
  aborted: ({ text, mid }) => (MADE_BY.test(text) ? `MID ${mid} was ${text[0]?.toLowerCase()}${text.slice(1)}` : `MID ${mid}: ${text}`),
  quarantined: ({ text, mid }, under) => (text.startsWith('DCID') ? `${text}${under(mid)}` : `MID ${mid} was ${text}`),
  released: ({ text, mid }) => `MID ${mid} was ${text}`,
  deleted: ({ text, mid }) => `MID ${mid} was ${text}`,
  split: ({ text }) => text,
  rewritten: ({ text }) => text,
  generated: ({ text }) => text,
  bounce: ({ text }) => text,
  reinjected: ({ text }) => text,
  'released-as': ({ text }) => text,
  delivered: ({ text, mid }, under) => `${text}${under(mid)}`,
  counted: ({ text }) => text,
  response: ({ text }) => text,
  bounced: ({ text, mid }) => `MID ${mid} bounced for ${text}`,
  delayed: ({ text, mid }) => `MID ${mid} was delayed for ${text}`,
  'double-bounce': ({ text }) => text,
  'possible-delivery': ({ text }) => text,
  'connection-error': ({ text }) => `there was a connection error on ${text}`,
  'captured-reply': ({ text }) => text,
  overload: ({ text }, _, pressed) => (pressed > 1 ? `${text} (${pressed} status lines say so)` : text),
};

/** `Dropped by CASE`, `Bounced by content filter …`. */
const MADE_BY = /^(?:dropped|bounced) by /i;

/** What scanners say when they have found something. */
const FINDING =
  /\b(?:positive|suspect|violation|viral|unscannable|encrypted|repaired|marketing|marketing_mail|bulk|bulk_mail|social|social_mail|malicious|fail|softfail|permfail|permerror)\b|Threat Level=|(?:Threat Level|Reputation): (?:Awful|Poor|Tainted|Untrusted|Questionable)/i;
/** The same words where nothing was found, or where the last word is still to come. */
const NO_FINDING = /no violation|negative|interim/i;

function sayFindings(text: string, mid: number | null): string | null {
  const found = text.split('; ').filter((part) => FINDING.test(part) && !NO_FINDING.test(part));
  return found.length === 0 ? null : `scanning MID ${mid} found: ${found.map((part) => part.replace(/^using engine: /, '')).join('; ')}`;
}

/** The story in sentences: how it came in, then what happened to it, with the times in UTC. */
export function tellSentences(message: ReportMessage): string[] {
  const sentences = [tellArrival(message)];
  const manyMids = new Set(message.lineage.map(({ mid }) => mid)).size > 1;
  const under: Under = (mid) => (manyMids && mid !== null ? ` as MID ${mid}` : '');
  let day = showDay(message.first);
  let before = showTimeOfDay(message.first, 0);
  const pressed = message.events.filter(({ kind }) => kind === 'overload').length;
  let isPressed = false;
  for (const event of message.events) {
    // Status lines come every minute.
    if (event.kind === 'overload' && isPressed) continue;
    isPressed ||= event.kind === 'overload';
    const said = SENTENCES[event.kind]?.(event, under, pressed)?.replace(/\.$/, '') ?? null;
    if (said === null) continue;
    const eventDay = showDay(event.at);
    const time = showTimeOfDay(event.at, event.packets.length > 0 ? 3 : 0);
    const when = eventDay === day ? time : `${eventDay} ${time}`;
    day = eventDay;
    const last = sentences.at(-1) ?? '';
    if (event.kind === 'response' && when === before && !last.includes('answered')) {
      const answer = isDelivery(last) ? said.slice(said.indexOf(ANSWERED)) : said;
      sentences[sentences.length - 1] = `${last.slice(0, -1)}; ${answer}.`;
    } else sentences.push(`${when === before ? 'In the same second' : `At ${when}`} ${said}.`);
    before = when;
  }
  return sentences;
}

const ANSWERED = 'the receiver answered';

/** The answer behind it is that of the same recipients. */
function isDelivery(sentence: string): boolean {
  return /^(?:At [\d :-]+|In the same second) DCID \d+ delivered it /.test(sentence);
}

function tellArrival(message: ReportMessage): string {
  const [reception] = message.receptions;
  const own = ownRecipients(message);
  const accepted = own.filter(({ why }) => !why.startsWith('refused at RCPT')).length;
  const refused = own.length - accepted;
  const envelope = [
    ...(message.sender === null ? [] : [`sender <${message.sender}>`]),
    ...(own.length === 0 ? [] : [`${counted(accepted, 'recipient')}${refused > 0 ? ` (${refused} more refused)` : ''}`]),
    ...(message.octets === null ? [] : [counted(message.octets, 'octet')]),
  ].join(', ');
  const told = envelope === '' ? '' : `: ${envelope}`;
  const when = `${showDay(message.first)} ${showTimeOfDay(message.first, 0)}`;
  const start = message.events.find(({ kind, mid }) => kind === 'start' && mid === message.mid);
  if (reception) {
    const client = reception.client === null ? '' : ` from ${reception.client}`;
    return `MID ${message.mid} came in on ICID ${reception.icid}${client}, first line at ${when}${told}.`;
  }
  if (start) return `MID ${message.mid} was made inside the appliance, first line at ${when}${told}.`;
  return `The logs do not show how MID ${message.mid} came in; its first line is of ${when}${told.replace(':', ';')}.`;
}
