import type { ComparisonCertainty } from '../model/comparison.ts';
import { SegmentNote } from '../model/tcp.ts';
import type { Certificate } from './completeness.ts';
import type { Leg } from './leg.ts';
import { type Packet, isFin, isRst } from './packets.ts';
import { usualTtl } from './path.ts';

/** A capture that ends no longer than this before a packet counts as running, where the connection had been closed by both ends. */
const LINGERS_US = 60_000_000;

function covers({ firstUs, lastUs }: Certificate, atUs: number, slackUs: number): boolean {
  return atUs >= firstUs - slackUs && atUs <= lastUs + slackUs;
}

/** Packets that a sender still sends, at its own point, in a way that no host does that has sent this packet. */
export function goesOnAfter(near: readonly Packet[], packet: Packet, slackUs: number): number {
  return near.filter((own) => {
    if (own.sender !== packet.sender || own.atUs <= packet.atUs + slackUs || isRst(own)) return false;
    if (isRst(packet)) return true;
    return own.to < packet.to && own.from < packet.to && (own.segment.notes & REPEATS) === 0;
  }).length;
}

const REPEATS = SegmentNote.retransmission | SegmentNote.spuriousRetransmission | SegmentNote.keepAlive | SegmentNote.zeroWindowProbe;

/** How sure it is that a packet at the receiver's point was not sent by the host that it names. */
export function certaintyOfInjection(leg: Leg, packet: Packet): ComparisonCertainty {
  const { near, far } = packet.sender === 'client' ? { near: leg.left, far: leg.right } : { near: leg.right, far: leg.left };
  if (leg.mode === 'proxy') return certaintyBehindProxy(near.packets, near.certificate, packet, leg.tightUs);
  if (goesOnAfter(near.packets, packet, leg.slackUs) > 0) return 'proven';
  if (!covers(near.certificate, packet.atUs, leg.slackUs)) {
    return near.certificate.state === 'complete' && isClosed(near.packets) && packet.atUs - near.certificate.lastUs < LINGERS_US ? 'likely' : 'open';
  }
  const isForeign = far.point.captured !== null && packet.segment.ttl !== usualTtl(far.point.captured, packet.sender);
  if (near.certificate.state !== 'complete') return isForeign && near.certificate.state === 'lossy' ? 'likely' : 'open';
  if (isForeign) return 'proven';
  // Data or a FIN whose sender is not heard of again: nothing contradicts a packet that the capture lost.
  if (!isRst(packet)) return 'open';
  return continues(far.packets, packet) ? 'open' : 'likely';
}

/** What a proxy sends is its own; the question is only whether it passes on what the host behind it did. */
function certaintyBehindProxy(near: readonly Packet[], certificate: Certificate, packet: Packet, slackUs: number): ComparisonCertainty {
  // A FIN that comes out as a RST: the proxy chose how to end, though it may have been told to.
  if (near.some((own) => own.sender === packet.sender && isFin(own) && own.atUs <= packet.atUs + slackUs)) return 'likely';
  if (certificate.state !== 'complete') return 'open';
  return goesOnAfter(near, packet, slackUs) > 0 || covers(certificate, packet.atUs, slackUs) || isClosed(near) ? 'proven' : 'likely';
}

function isClosed(packets: readonly Packet[]): boolean {
  return packets.some(isRst) || (['client', 'server'] as const).every((sender) => packets.some((packet) => packet.sender === sender && isFin(packet)));
}

/** The packet continues the numbering of its named sender's IP packets, with the same TTL: it looks genuine. */
function continues(far: readonly Packet[], packet: Packet): boolean {
  let last: Packet | null = null;
  for (const own of far) if (own.sender === packet.sender && own.segment.index < packet.segment.index && own.segment.ipId > 0) last = own;
  if (!last || packet.segment.ipId <= 0) return false;
  const step = (packet.segment.ipId - last.segment.ipId) & 0xffff;
  return step >= 1 && step <= 16;
}

/** How sure it is that packets of a sender never came to its receiver's point. */
export function certaintyOfLoss(leg: Leg, packets: readonly Packet[]): ComparisonCertainty {
  const [first] = packets;
  if (!first) return 'open';
  const far = first.sender === 'client' ? leg.right : leg.left;
  const covered = packets.filter((packet) => covers(far.certificate, packet.atUs, leg.slackUs));
  if (isRst(first)) {
    const unaware = far.packets.filter((packet) => packet.sender !== first.sender && !isRst(packet) && packet.atUs > first.atUs + leg.slackUs).length;
    if (unaware > 0) return far.certificate.state === 'complete' ? 'proven' : 'likely';
    return 'open';
  }
  if (covered.length === 0) return 'open';
  if (far.certificate.state === 'complete') return covered.length >= 2 ? 'proven' : 'likely';
  if (far.certificate.state === 'empty') return leg.clock !== null && covered.length >= 2 ? 'likely' : 'open';
  return covered.length >= 3 ? 'likely' : 'open';
}
