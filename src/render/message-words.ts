import type { ReportEvent, ReportMessage, ReportRecipient } from '../model/report.ts';
import type { Palette } from './colour.ts';
import { counted, showDay, showTimeOfDay } from './times.ts';

/** `MID 1357 -> 1359`: the chain that carries the message, without copies and bounces. */
export function nameChain(message: Pick<ReportMessage, 'mid' | 'lineage'>): string {
  // What became of a copy or a bounce is no part of the chain.
  const carried: number[] = [];
  for (const { mid, relation, from } of message.lineage) {
    if (!carried.includes(mid) && !MADE.has(relation) && (from === null || carried.includes(from))) carried.push(mid);
  }
  return carried.length > 1 ? carried.slice(0, 4).join(' -> ') + (carried.length > 4 ? ' …' : '') : String(message.mid);
}

/** Relations by which another message was made. */
const MADE: ReadonlySet<string> = new Set(['generated', 'bounce']);

/** `delivered`, or `delivered 2, bounced 1`. */
export function sumOutcomes({ recipients, outcome }: Pick<ReportMessage, 'recipients' | 'outcome'>): string {
  if (outcome !== 'mixed') return outcome;
  const counts = new Map<string, number>();
  for (const recipient of recipients) counts.set(recipient.outcome, (counts.get(recipient.outcome) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
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

/** The events that make up the story, each as a sentence. Other kinds stand in the table only. */
const SENTENCES: Readonly<Record<string, (event: ReportEvent) => string>> = {
  'connection-lost': ({ text }) => text,
  'connection-timeout': ({ text }) => text,
  aborted: ({ text, mid }) => `MID ${mid}: ${text}`,
  quarantined: ({ text, mid }) => (text.startsWith('DCID') ? `${text} (MID ${mid})` : `MID ${mid} was ${text}`),
  released: ({ text, mid }) => `MID ${mid} was ${text}`,
  deleted: ({ text, mid }) => `MID ${mid} was ${text}`,
  split: ({ text }) => text,
  rewritten: ({ text }) => text,
  generated: ({ text }) => text,
  bounce: ({ text }) => text,
  reinjected: ({ text }) => text,
  'released-as': ({ text }) => text,
  delivered: ({ text, mid }) => `${text} (MID ${mid})`,
  response: ({ text }) => text,
  bounced: ({ text, mid }) => `MID ${mid} bounced: ${text}`,
  delayed: ({ text, mid }) => `MID ${mid} was delayed: ${text}`,
  'double-bounce': ({ text }) => text,
  'possible-delivery': ({ text }) => text,
  'connection-error': ({ text }) => `connection error on ${text}`,
  'captured-reply': ({ text }) => text,
  overload: ({ text }) => text,
};

/** The story in sentences: how it came in, then what happened to it, with the times in UTC. */
export function tellSentences(message: ReportMessage): string[] {
  const sentences = [tellArrival(message)];
  let day = showDay(message.first);
  let before = '';
  for (const event of message.events) {
    const say = SENTENCES[event.kind];
    if (!say) continue;
    const eventDay = showDay(event.at);
    const time = showTimeOfDay(event.at, event.packets.length > 0 ? 3 : 0);
    const when = eventDay === day ? time : `${eventDay} ${time}`;
    day = eventDay;
    const said = say(event).replace(/\.$/, '');
    const last = sentences.at(-1) ?? '';
    if (event.kind === 'response' && when === before && !last.includes('answered')) sentences[sentences.length - 1] = `${last.slice(0, -1)}; ${said}.`;
    else sentences.push(`${when === before ? 'In the same second' : `At ${when}`} ${said}.`);
    before = when;
  }
  return sentences;
}

function tellArrival(message: ReportMessage): string {
  const [reception] = message.receptions;
  const accepted = message.recipients.filter(({ why }) => !why.startsWith('refused at RCPT')).length;
  const refused = message.recipients.length - accepted;
  const envelope = [
    message.sender === null ? '' : ` from <${message.sender}>`,
    message.recipients.length === 0 ? '' : ` for ${counted(accepted, 'recipient')}${refused > 0 ? ` (${refused} more refused)` : ''}`,
    message.octets === null ? '' : `, ${counted(message.octets, 'octet')}`,
  ].join('');
  const when = `${showDay(message.first)} ${showTimeOfDay(message.first, 0)}`;
  const start = message.events.find(({ kind, mid }) => kind === 'start' && mid === message.mid);
  if (reception)
    return `MID ${message.mid} came in on ICID ${reception.icid}${reception.client === null ? '' : ` from ${reception.client}`}${envelope}; first line at ${when}.`;
  if (start) return `MID ${message.mid} was made inside the appliance${envelope}; first line at ${when}.`;
  return `The logs do not show how MID ${message.mid} came in${envelope}; its first line is of ${when}.`;
}
