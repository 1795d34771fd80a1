import type { Sender } from '../model/comparison.ts';
import type { PacketRef } from '../model/evidence.ts';
import { TCP_ACK } from '../model/packet.ts';
import type { DialogueEvent, SmtpDialogue } from '../model/smtp.ts';
import { SegmentNote, packetOf } from '../model/tcp.ts';
import { type Packet, isData, isFin, isRst, isSyn } from './packets.ts';

/** What a point's dialogue says of its packets: readable words without credentials. */
export interface Wording {
  /** What the packet says in SMTP; null where it says nothing of its own (a piece of a message, a bare acknowledgement). */
  said(packet: Packet): string | null;
  /** Its octets may hold credentials and must not be shown. */
  isSecret(packet: Packet): boolean;
  /** It belongs to TLS. */
  isEncrypted(packet: Packet): boolean;
}

const LONGEST = 160;

export function wordingOf(dialogue: SmtpDialogue): Wording {
  const texts = new Map<string, string>();
  for (const event of dialogue.events) {
    const text = textOf(event);
    if (text === null) continue;
    const key = nameOf(event.at.packet);
    const before = texts.get(key);
    texts.set(key, before === undefined ? text : `${before} | ${text}`);
  }
  const secrets = secretSpans(dialogue);
  const tlsUs = dialogue.events.find((event) => event.kind === 'tls')?.at.atUs ?? Number.POSITIVE_INFINITY;
  return {
    said: ({ segment }) => texts.get(nameOf(packetOf(segment))) ?? null,
    isSecret: ({ segment }) => secrets.some(({ fromUs, toUs }) => segment.atUs >= fromUs && segment.atUs <= toUs),
    isEncrypted: ({ segment }) => segment.atUs >= tlsUs,
  };
}

function nameOf({ input, number }: PacketRef): string {
  return `${input}/${number}`;
}

function textOf(event: DialogueEvent): string | null {
  switch (event.kind) {
    case 'command':
      return cut(`${event.verb} ${event.argument}`.trim());
    case 'reply':
      return cut(`${event.code === 0 ? '' : event.code} ${event.lines.map((line) => line.trim()).join(' / ')}`.trim());
    case 'data-end':
      return 'end of the message';
    case 'tls':
      return event.what === 'application-data' ? null : `TLS ${event.what}${event.text === null ? '' : ` ${event.text}`}`;
    case 'oddity':
      return cut(event.text);
    case 'data-start':
    case 'chunk-end':
    case 'gap':
      break;
  }
  return null;
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

/** From an AUTH command, or anything whose argument was hidden, to its final answer. */
function secretSpans({ events }: SmtpDialogue): { fromUs: number; toUs: number }[] {
  return events.flatMap((event) => {
    if (event.kind !== 'command' || (event.verb !== 'AUTH' && !event.argument.includes('***') && event.verb !== '***')) return [];
    const answer = event.reply === null ? undefined : events[event.reply];
    const after = events.find((other) => other.kind === 'reply' && other.code !== 334 && other.at.atUs >= (answer?.at.atUs ?? event.at.atUs));
    return [{ fromUs: event.at.atUs, toUs: after?.at.atUs ?? Number.POSITIVE_INFINITY }];
  });
}

/** A packet in a few words, whatever it carries. */
export function describePacket(packet: Packet, wording: Wording | null): string {
  const { segment } = packet;
  if (isRst(packet)) return `RST at ${packet.from}`;
  if (isSyn(packet)) return (packet.kind & TCP_ACK) === 0 ? 'SYN' : 'SYN/ACK';
  const said = wording?.said(packet) ?? null;
  const parts = said === null ? (isData(packet) ? [describeOctets(segment.length)] : []) : [said];
  if (isFin(packet)) parts.push('FIN');
  if (parts.length === 0) parts.push((segment.notes & SegmentNote.keepAlive) !== 0 ? 'keep-alive' : `ACK ${packet.ack}`);
  if (segment.notes & (SegmentNote.retransmission | SegmentNote.spuriousRetransmission)) parts.push('(again)');
  return parts.join(' + ').replace(' + (again)', ' (again)');
}

export function describeOctets(count: number): string {
  return `${String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',')} octet${count === 1 ? '' : 's'}`;
}

/** What the two ends are called, by the direction of the session. */
export type EndNames = Readonly<Record<Sender, string>>;
