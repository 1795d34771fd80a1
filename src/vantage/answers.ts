import { TCP_ACK } from '../model/packet.ts';
import { packetOf } from '../model/tcp.ts';
import type { DraftFinding } from './draft.ts';
import { type Leg, absentAt, endsOf } from './leg.ts';
import { type Packet, isData, isSyn } from './packets.ts';
import { isAnsweredFirst } from './proxy.ts';
import { type EndNames, wordingOf } from './words.ts';

/** What a box said in the name of an end: the handshake, acknowledgements, or words of its own. */
export function findAnswers(leg: Leg, names: EndNames): DraftFinding[] {
  return [...answeredHandshake(leg, names), ...ownWords(leg, names)];
}

function answeredHandshake(leg: Leg, names: EndNames): DraftFinding[] {
  const { left, right, clock } = leg;
  const synAck = left.packets.find((packet) => packet.sender === 'server' && isSyn(packet) && (packet.kind & TCP_ACK) !== 0);
  if (!synAck || !left.point.captured) return [];
  const first = (statement: string, certainty: DraftFinding['certainty']): DraftFinding[] => [
    { kind: 'answered', certainty, sender: 'server', atUs: synAck.atUs, statement, packets: [packetOf(synAck.segment)], octets: null },
  ];
  if (leg.mode === 'proxy') {
    return first(`the handshake was answered in the name of ${names.server}: two connections, not one (${leg.proxyReasons.join('; ')})`, 'proven');
  }
  if (!right.point.captured) {
    if (right.certificate.state !== 'empty' || left.packets.some((packet) => packet.sender === 'server' && isData(packet))) return [];
    return first(`the handshake was answered in the name of ${names.server}, and ${right.point.name} holds nothing of it`, 'open');
  }
  const slackUs = clock && Number.isFinite(clock.uncertaintyUs) ? clock.uncertaintyUs : null;
  if (slackUs === null || right.certificate.state === 'lossy' || !isAnsweredFirst(left.packets, right.packets, slackUs)) return [];
  return first(`the handshake was answered before ${names.server} had answered: a box opens connections in its name (SYN proxy)`, 'likely');
}

/** Words on the far side of a proxy that its near side never heard. */
function ownWords(leg: Leg, names: EndNames): DraftFinding[] {
  if (leg.mode !== 'proxy') return [];
  return (['client', 'server'] as const).flatMap((sender) => {
    const { near, far } = endsOf(leg, sender);
    if (!far.point.captured) return [];
    const wording = wordingOf(far.point.captured.dialogue);
    const own = absentAt(leg, sender, 'near').filter(isData);
    const words = own.filter((packet) => wording.said(packet) !== null && !wording.isEncrypted(packet));
    return words.slice(0, MOST_TOLD).map(
      (packet): DraftFinding => ({
        kind: 'answered',
        certainty: near.certificate.state === 'complete' ? 'proven' : 'open',
        sender,
        atUs: packet.atUs,
        statement: `at ${far.point.name} ${names[sender]} seems to say this, which was never said at ${near.point.name}: the proxy says it`,
        packets: [packetOf(packet.segment)],
        octets: placed(packet, wording.isSecret(packet) ? '***' : (wording.said(packet) ?? '')),
      }),
    );
  });
}

const MOST_TOLD = 12;

function placed(packet: Packet, text: string): DraftFinding['octets'] {
  return packet.point === 'left' ? { left: text, right: null } : { left: null, right: text };
}
