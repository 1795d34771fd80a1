import type { CapturedSession } from '../model/pairing.ts';
import type { SynOptions } from '../model/tcp.ts';
import type { Sender } from '../model/comparison.ts';
import { TCP_ACK, TCP_SYN } from '../model/packet.ts';
import type { ClockOffset } from './clock.ts';
import { type Packet, isRst, isSyn } from './packets.ts';
import { sideOf } from './path.ts';
import { type Traits, keepsIpIds, keepsTimestamps } from './traits.ts';

/** Why two views are taken for two connections with a proxy between them; empty: the same packets pass both points. */
export function findProxy(
  left: { readonly session: CapturedSession; readonly packets: readonly Packet[] },
  right: { readonly session: CapturedSession; readonly packets: readonly Packet[] },
  traits: Readonly<Record<Sender, Traits>>,
  clock: ClockOffset | null,
): string[] {
  const both = [traits.client, traits.server];
  if (both.some((one) => keepsIpIds(one) || (keepsTimestamps(one) && one.timestampShift === 0))) return [];
  const reasons: string[] = [];
  const slackUs = clock && Number.isFinite(clock.uncertaintyUs) ? clock.uncertaintyUs : null;
  if (slackUs !== null && isAnsweredFirst(left.packets, right.packets, slackUs)) {
    reasons.push('the client had its SYN/ACK before the server had sent one');
  }
  // One shift for all time stamps is a box that modulates them, unless somebody else shook hands.
  if (reasons.length === 0 && both.some((one) => keepsTimestamps(one) && one.timestamps.share === 1)) return [];
  const added = addedOptions(synOf(left.session, 'client'), synOf(right.session, 'client'));
  if (added.length > 0) reasons.push(`the SYN that reaches the server offers ${added.join(', ')}, which the client did not`);
  if (both.some((one) => one.timestamps.samples >= 4 && one.timestamps.share < 0.5)) reasons.push('the time stamps come from another clock');
  const early = slackUs === null ? 0 : countEarlyAcks(left.packets, right.packets, slackUs);
  if (early >= 3) reasons.push(`${early} times octets of the client were acknowledged before they had reached the far side`);
  return reasons;
}

export function synOf(session: CapturedSession, sender: Sender): SynOptions | null {
  return sideOf(session, sender) === 0 ? session.connection.originator.syn : session.connection.responder.syn;
}

function hasOption({ layout }: SynOptions, kind: string): boolean {
  return layout.split(',').includes(kind);
}

/** A box may take options away, never put in what a host did not offer. */
function addedOptions(left: SynOptions | null, right: SynOptions | null): string[] {
  if (!left || !right) return [];
  return ADDABLE.filter(([kind]) => hasOption(right, kind) && !hasOption(left, kind)).map(([, name]) => name);
}

/** The segment size is left out: boxes that clamp it put it in where it is missing. */
const ADDABLE = [
  ['sack', 'SACK'],
  ['ts', 'time stamps'],
  ['ws', 'window scaling'],
] as const;

/** A packet needs some time to pass; what is closer than this may be the clocks. */
const LEAST_US = 200;

function isSynAck(packet: Packet): boolean {
  return packet.sender === 'server' && isSyn(packet) && (packet.kind & (TCP_SYN | TCP_ACK)) === (TCP_SYN | TCP_ACK);
}

/** The first SYN/ACK at the left came before the first at the right left the server. */
export function isAnsweredFirst(left: readonly Packet[], right: readonly Packet[], slackUs: number): boolean {
  const [here, there] = [left.find(isSynAck), right.find(isSynAck)];
  return here !== undefined && there !== undefined && here.atUs < there.atUs - slackUs - LEAST_US;
}

/** How often octets of the client are acknowledged at the left before they were seen at the right. */
function countEarlyAcks(left: readonly Packet[], right: readonly Packet[], slackUs: number): number {
  const arrivals = right.filter((packet) => packet.sender === 'client' && packet.to > 1 && !isRst(packet)).sort((a, b) => a.to - b.to);
  let count = 0;
  let at = 0;
  let acked = 1;
  for (const packet of left) {
    if (packet.sender !== 'server' || isSyn(packet) || isRst(packet) || packet.ack <= acked) continue;
    acked = packet.ack;
    while ((arrivals[at]?.to ?? Number.POSITIVE_INFINITY) < acked) at++;
    const arrival = arrivals[at];
    // Where the right capture lacks the packet, a later one says nothing of when it came.
    if (arrival && arrival.from < acked && packet.atUs < arrival.atUs - slackUs - LEAST_US) count++;
  }
  return count;
}
