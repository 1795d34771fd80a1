import type { ComparisonCertainty, Sender } from '../model/comparison.ts';
import { packetOf } from '../model/tcp.ts';
import { findAltered } from './altered.ts';
import { findAnswers } from './answers.ts';
import { coverageOf, missedNearReceiver, missedNearSender } from './completeness.ts';
import type { DraftFinding } from './draft.ts';
import { type Leg, type LegEnd, absentAt, endsOf } from './leg.ts';
import { type Packet, isBareAck, isData, isFin, isRst, isSyn } from './packets.ts';
import { usualTtl } from './path.ts';
import { certaintyOfInjection, certaintyOfLoss, goesOnAfter } from './certainty.ts';
import { type EndNames, type Wording, describeOctets, describePacket, wordingOf } from './words.ts';

/** Everything that happened to the session between two points, in order of time. */
export function listFindings(leg: Leg, names: EndNames): DraftFinding[] {
  const found = [
    ...findInjected(leg, 'client', names),
    ...findInjected(leg, 'server', names),
    ...findSwallowed(leg, 'client', names),
    ...findSwallowed(leg, 'server', names),
    ...findAltered(leg, names),
    ...findAnswers(leg, names),
  ];
  return found.sort((a, b) => a.atUs - b.atUs);
}

/** Packets at the receiver's point that never passed the sender's. */
function findInjected(leg: Leg, sender: Sender, names: EndNames): DraftFinding[] {
  const { near, far } = endsOf(leg, sender);
  if (!near.point.captured || !far.point.captured) return [];
  const absent = absentAt(leg, sender, 'near').filter((packet) => !isBareAck(packet) && !isSyn(packet));
  const missed = new Set(missedNearSender(near.packets, absent, usualTtl(far.point.captured, sender)));
  const isCopy = copiesOf(near.packets, sender);
  const wording = wordingOf(far.point.captured.dialogue);
  const groups: Packet[][] = [];
  for (const packet of absent) {
    if (missed.has(packet) || isAnswered(leg, packet) || isRelayed(leg, packet, near)) continue;
    // A further copy of what passed: the path or a capture repeated or lost one.
    if (isCopy(packet)) continue;
    const last = groups.at(-1)?.at(-1);
    if (last && isRst(last) && isRst(packet) && packet.atUs - last.atUs < TOGETHER_US) groups.at(-1)?.push(packet);
    else groups.push([packet]);
  }
  return groups.map((packets) => describeInjection(leg, packets, sender, names, wording));
}

/** Whether a point holds what a packet carries in some other packet of the same sender: all of its octets, and its FIN. */
function copiesOf(packets: readonly Packet[], sender: Sender): (packet: Packet) => boolean {
  const covered = coverageOf(packets, sender);
  const fins = new Set(packets.filter((packet) => packet.sender === sender && isFin(packet)).map((packet) => packet.to));
  return (packet) => !isRst(packet) && covered.has(packet.from, packet.to) && (!isFin(packet) || fins.has(packet.to));
}

const TOGETHER_US = 1_000_000;

/** A proxy passes on the farewell that it was told. */
function isRelayed(leg: Leg, packet: Packet, { packets }: LegEnd): boolean {
  return (
    leg.mode === 'proxy' &&
    packets.some(
      (own) =>
        own.sender === packet.sender && own.atUs <= packet.atUs + leg.tightUs && (isRst(packet) ? isRst(own) : isFin(packet) && (isFin(own) || isRst(own))),
    )
  );
}

/** Words that a proxy says in another's name are told as answers. */
function isAnswered(leg: Leg, packet: Packet): boolean {
  return leg.mode === 'proxy' && isData(packet);
}

function describeInjection(leg: Leg, packets: readonly Packet[], sender: Sender, names: EndNames, wording: Wording): DraftFinding {
  const [first] = packets as [Packet, ...Packet[]];
  const { near, far } = endsOf(leg, sender);
  const certainty = strongest(packets.map((packet) => certaintyOfInjection(leg, packet)));
  const receiver = names[sender === 'client' ? 'server' : 'client'];
  const what = isRst(first)
    ? packets.length === 1
      ? 'a RST'
      : `${packets.length} RSTs`
    : isFin(first)
      ? isData(first)
        ? `a FIN with ${describeOctets(first.segment.length)}`
        : 'a FIN'
      : `${describeOctets(first.segment.length)} ("${wording.isSecret(first) ? '***' : (wording.said(first) ?? 'data')}")`;
  const goesOn = goesOnAfter(near.packets, first, leg.slackUs);
  const afterwards = goesOn > 0 ? `; ${names[sender]} went on sending afterwards (${goesOn} packet${goesOn === 1 ? '' : 's'})` : '';
  const doubt =
    certainty !== 'open'
      ? ''
      : leg.mode === 'proxy'
        ? `; whether the proxy made it or passed it on cannot be told from the capture at ${near.point.name}`
        : near.certificate.state === 'complete' && first.atUs <= near.certificate.lastUs + leg.slackUs
          ? `; but it looks like a packet of ${names[sender]} in every field, so one packet lost by the capture at ${near.point.name} would look the same`
          : `; but ${limitOf(near)}, so it may only lack it`;
  return {
    kind: 'injected',
    certainty,
    sender,
    atUs: first.atUs,
    statement: `${what} in the name of ${names[sender]} was captured at ${far.point.name} on its way to ${receiver}, but not at ${near.point.name}${afterwards}${doubt}`,
    packets: packets.map(({ segment }) => packetOf(segment)),
    octets: isRst(first) || first.segment.length === 0 ? null : octetsOf(first, wording),
  };
}

/** Why an absence at a point proves little. */
function limitOf({ point, certificate }: LegEnd): string {
  const { state } = certificate;
  if (state === 'lossy') return `the capture at ${point.name} lacks packets`;
  if (state === 'partial') return `the capture at ${point.name} holds only a part of the session`;
  return state === 'empty' ? `the capture at ${point.name} holds nothing of the session` : `the capture at ${point.name} does not run that long`;
}

function octetsOf(packet: Packet, wording: Wording): DraftFinding['octets'] {
  const text = wording.isSecret(packet) ? '***' : packet.octets ? Buffer.from(packet.octets.subarray(0, 120)).toString('latin1') : wording.said(packet);
  return packet.point === 'left' ? { left: text, right: null } : { left: null, right: text };
}

/** Packets at the sender's point that never came to the receiver's. */
function findSwallowed(leg: Leg, sender: Sender, names: EndNames): DraftFinding[] {
  const { near, far } = endsOf(leg, sender);
  if (!near.point.captured) return [];
  const absent = absentAt(leg, sender, 'far').filter((packet) => !isBareAck(packet));
  const hasArrived = copiesOf(far.packets, sender);
  const missed = new Set(missedNearReceiver(far.packets, absent));
  const farHasRst = far.packets.some((packet) => packet.sender === sender && isRst(packet));
  const gone = absent.filter((packet) => {
    if (missed.has(packet)) return false;
    if (isRst(packet)) return !farHasRst && far.point.captured !== null;
    return !hasArrived(packet);
  });
  const wording = wordingOf(near.point.captured.dialogue);
  const isGone = new Set(gone);
  const repeated = absent.filter((packet) => !isGone.has(packet) && !missed.has(packet) && isData(packet));
  const found = [gone.filter((packet) => !isRst(packet)), gone.filter(isRst)]
    .filter((packets) => packets.length > 0)
    .map((packets) => describeLoss(leg, packets, sender, names, wording));
  return repeated.length < FEWEST_LOST || leg.mode === 'proxy' ? found : [...found, describeRepeated(leg, repeated, sender, names)];
}

/** A single packet that is lost and sent again is the internet's daily bread. */
const FEWEST_LOST = 2;

/** Packets that did not arrive, though another copy of their octets did. */
function describeRepeated(leg: Leg, packets: readonly Packet[], sender: Sender, names: EndNames): DraftFinding {
  const [first] = packets as [Packet, ...Packet[]];
  const { near, far } = endsOf(leg, sender);
  return {
    kind: 'swallowed',
    certainty: far.certificate.state === 'complete' ? 'likely' : 'open',
    sender,
    atUs: first.atUs,
    statement: `${packets.length} packets of ${names[sender]} were lost between ${near.point.name} and ${far.point.name}${onlyLarge(packets, far.packets)}; other copies of the same octets arrived`,
    packets: packets.slice(0, MOST_CITED).map(({ segment }) => packetOf(segment)),
    octets: null,
  };
}

/** Whether only packets beyond a size died: what a path with a smaller MTU does. */
function onlyLarge(lost: readonly Packet[], arrived: readonly Packet[]): string {
  const [first] = lost;
  const sizes = lost.filter(isData).map(({ segment }) => segment.length);
  const passed = arrived.filter((packet) => packet.sender === first?.sender).reduce((most, { segment }) => Math.max(most, segment.length), 0);
  const smallest = Math.min(...sizes);
  return sizes.length >= FEWEST_LOST && smallest > passed && smallest >= LARGE
    ? `, only large ones (${smallest} octets and more; the largest that passed has ${passed})`
    : '';
}

const LARGE = 500;

function describeLoss(leg: Leg, packets: readonly Packet[], sender: Sender, names: EndNames, wording: Wording): DraftFinding {
  const [first] = packets as [Packet, ...Packet[]];
  const { near, far } = endsOf(leg, sender);
  const certainty = certaintyOfLoss(leg, packets);
  const copies = new Set(packets.map((packet) => `${packet.from}/${packet.to}`)).size;
  const times = packets.length > copies ? `, ${packets.length} packets with the repetitions` : '';
  const fate = leg.mode === 'proxy' ? 'the proxy kept back what it said' : 'not one copy arrived there';
  const doubt = certainty === 'open' ? `; but ${limitOf(far)}, so it may only lack them` : '';
  const said = wording.isSecret(first) ? '***' : describePacket(first, wording);
  const what = copies === 1 ? `"${said}" of ${names[sender]}${times}` : `from "${said}" on, ${copies} packets of ${names[sender]}${times}`;
  return {
    kind: 'swallowed',
    certainty,
    sender,
    atUs: first.atUs,
    statement: `${what} captured at ${near.point.name} did not come to ${far.point.name}: ${fate}${onlyLarge(packets, far.packets)}${doubt}`,
    packets: packets.slice(0, MOST_CITED).map(({ segment }) => packetOf(segment)),
    octets: isData(first) && !wording.isEncrypted(first) ? octetsOf(first, wording) : null,
  };
}

const MOST_CITED = 20;
const ORDER: readonly ComparisonCertainty[] = ['open', 'likely', 'proven'];

function strongest(certainties: readonly ComparisonCertainty[]): ComparisonCertainty {
  return certainties.reduce((best, next) => (ORDER.indexOf(next) > ORDER.indexOf(best) ? next : best), 'open');
}
