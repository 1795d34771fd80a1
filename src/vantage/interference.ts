import type { PacketRef } from '../model/evidence.ts';
import type { ReportSession } from '../model/report.ts';
import type { SmtpCommand, SmtpDialogue, SmtpReply } from '../model/smtp.ts';
import { packetOf } from '../model/tcp.ts';
import { hidesWords } from '../model/tls.ts';
import { findForgotten } from './idle.ts';
import type { Leg } from './leg.ts';
import { isSyn } from './packets.ts';
import { compareOptions } from './transformation.ts';
import { synOf } from './proxy.ts';
import { wireShift } from './numbering.ts';
import type { EndNames } from './words.ts';

/** Something that a box on the way does to the session, whether or not it ended it; the shape of the report. */
export type InterferenceFact = ReportSession['interference'][number];

/** What the path between two points does to the session, in the contract's kinds. Needs no payloads: the dialogues of both points tell the words. */
export function interferenceOf(leg: Leg, names: EndNames): InterferenceFact[] {
  const [left, right] = [leg.left.point.captured, leg.right.point.captured];
  if (!left || !right) return [];
  return [
    ...proxies(leg),
    ...sequenceShifts(leg, names),
    ...strippedOptions(leg, names),
    ...changedWords(left.dialogue, right.dialogue, leg),
    ...findForgotten(leg),
  ];
}

function between({ left, right }: Leg): string {
  return `between ${left.point.name} and ${right.point.name}`;
}

function proxies(leg: Leg): InterferenceFact[] {
  if (leg.mode !== 'proxy') return [];
  const packets = [leg.left, leg.right].flatMap(({ packets: own }) => own.filter(isSyn).slice(0, 2));
  return [
    {
      kind: 'proxy',
      statement: `a proxy stands ${between(leg)}: ${leg.proxyReasons.join('; ')}`,
      packets: packets.map(({ segment }) => packetOf(segment)),
    },
  ];
}

function sequenceShifts(leg: Leg, names: EndNames): InterferenceFact[] {
  const [left, right] = [leg.left.point.captured, leg.right.point.captured];
  if (leg.mode !== 'same-packets' || !left || !right || !leg.numberings) return [];
  const shifted = (['client', 'server'] as const).flatMap((sender) => {
    const shift = leg.numberings ? wireShift(left, right, sender, leg.numberings[sender]) : null;
    return shift === null || shift === 0 ? [] : [{ sender, shift }];
  });
  if (shifted.length === 0) return [];
  const packets = [leg.left, leg.right].flatMap(({ packets: own }) => own.filter(isSyn).slice(0, 1));
  return [
    {
      kind: 'sequence-shift',
      statement: `${between(leg)} the sequence numbers of ${shifted.map(({ sender, shift }) => `${names[sender]} are shifted by ${shift}`).join(', those of ')}: a box randomises them`,
      packets: packets.map(({ segment }) => packetOf(segment)),
    },
  ];
}

function strippedOptions(leg: Leg, names: EndNames): InterferenceFact[] {
  const [left, right] = [leg.left.point.captured, leg.right.point.captured];
  if (leg.mode !== 'same-packets' || !left || !right) return [];
  return (['client', 'server'] as const).flatMap((sender) => {
    const options = compareOptions(synOf(left, sender), synOf(right, sender));
    if (!options || options.changes.length === 0) return [];
    const syns = [leg.left, leg.right].flatMap(({ packets }) => packets.filter((packet) => packet.sender === sender && isSyn(packet)).slice(0, 1));
    return [
      {
        kind: 'option-stripped',
        statement: `${between(leg)} the options in the handshake of ${names[sender]} are changed: ${options.changes.join('; ')}`,
        packets: syns.map(({ segment }) => packetOf(segment)),
      },
    ];
  });
}

/** Words of the clear part of the session that differ. Left is the client's side: commands travel to the right, replies to the left. */
function changedWords(left: SmtpDialogue, right: SmtpDialogue, leg: Leg): InterferenceFact[] {
  return [...changedBanner(left, right, leg), ...changedCommands(left, right, leg), ...changedCapabilities(left, right, leg)];
}

function textOf(reply: SmtpReply): string {
  return `${reply.code} ${reply.lines.join('\n')}`;
}

/** Whole, in both captures: what a capture lacks is no change on the way. */
function isWhole(event: SmtpReply | SmtpCommand): boolean {
  return event.complete && !event.afterGap && event.missing === undefined;
}

function changedBanner(left: SmtpDialogue, right: SmtpDialogue, leg: Leg): InterferenceFact[] {
  const [seen, sent] = [left.greeting, right.greeting];
  if (!seen || !sent || !isWhole(seen) || !isWhole(sent) || textOf(seen) === textOf(sent)) return [];
  const isMasked = /^[*\s]*\*{3}/.test(seen.lines[0] ?? '') || /\*{6}/.test(textOf(seen));
  return [
    {
      kind: isMasked ? 'banner-masked' : 'banner-rewritten',
      statement: `the server greets with "${textOf(sent)}", the client reads "${textOf(seen)}": changed ${between(leg)}`,
      packets: [sent.at.packet, seen.at.packet],
    },
  ];
}

function commandsOf({ events }: SmtpDialogue): SmtpCommand[] {
  return events.filter((event): event is SmtpCommand => event.kind === 'command').filter(isWhole);
}

/** Commands are compared by their order, as long as both points have the same number of octets before them. */
function changedCommands(left: SmtpDialogue, right: SmtpDialogue, leg: Leg): InterferenceFact[] {
  if (left.gaps.client || right.gaps.client) return [];
  const arrived = commandsOf(right);
  const changes: { statement: string; packets: PacketRef[] }[] = [];
  for (const [i, sent] of commandsOf(left).entries()) {
    const got = arrived[i];
    if (!got) break;
    if (sent.verb === got.verb) continue;
    if (!/^X{4,}$/i.test(got.verb) && sent.length !== got.length) break;
    changes.push({ statement: `"${sent.verb}" arrived as "${got.verb}"`, packets: [sent.at.packet, got.at.packet] });
  }
  if (changes.length === 0) return [];
  return [
    {
      kind: 'command-masked',
      statement: `commands were overwritten ${between(leg)}: ${changes.map((change) => change.statement).join(', ')}`,
      packets: changes.flatMap((change) => change.packets),
    },
  ];
}

function ehloReply({ events }: SmtpDialogue): SmtpReply | null {
  const asked = events.findLastIndex((event) => event.kind === 'command' && (event.verb === 'EHLO' || event.verb === 'LHLO'));
  const command = events[asked];
  const reply = command?.kind === 'command' && command.reply !== null ? events[command.reply] : undefined;
  return reply?.kind === 'reply' && isWhole(reply) ? reply : null;
}

function keyword(line: string): string {
  return line.trim().toUpperCase();
}

function changedCapabilities(left: SmtpDialogue, right: SmtpDialogue, leg: Leg): InterferenceFact[] {
  const [seen, sent] = [ehloReply(left), ehloReply(right)];
  if (!seen || !sent || hidesWords(left.tls) || hidesWords(right.tls) || textOf(seen) === textOf(sent)) return [];
  const offered = sent.lines.slice(1).map(keyword);
  const read = new Set(seen.lines.slice(1).map(keyword));
  const gone = offered.filter((line) => !read.has(line));
  if (gone.length === 0) return [];
  const packets = [sent.at.packet, seen.at.packet];
  const facts: InterferenceFact[] = [];
  if (gone.includes('STARTTLS')) {
    facts.push({ kind: 'starttls-stripped', statement: `the server offers STARTTLS, the client does not see the offer: taken out ${between(leg)}`, packets });
  }
  const others = gone.filter((line) => line !== 'STARTTLS');
  if (others.length > 0) {
    facts.push({
      kind: 'capability-masked',
      statement: `the server offers ${others.join(', ')}, the client does not see it: taken out or overwritten ${between(leg)}`,
      packets,
    });
  }
  return facts;
}
