import type { CaptureSummary } from '../model/packet.ts';
import type { CapturedList } from '../model/pairing.ts';

/** Not one connection shows both of its directions: an asymmetric mirror. */
export function isOneDirection(sessions: CapturedList): boolean {
  for (const { connection } of sessions) if (connection.bothDirections) return false;
  return sessions.length > 0;
}

/** What a capture file cannot contain, worked out from what it does not: the traces of a capture filter. One text each. */
export function cannotContain(summary: CaptureSummary, oneDirection: boolean): string[] {
  const { contains } = summary;
  const limits: string[] = [];
  if (summary.packets === 0) return ['anything: it holds no packet'];
  if (!contains.icmp) limits.push('ICMP: none is in it, so an absent ICMP error proves nothing');
  if (!contains.fragments) limits.push('IP fragments: none is in it; a filter on ports lets no later fragment in');
  if (!contains.otherPorts && !contains.udp && !contains.arp) limits.push('anything but the mail ports');
  if (contains.onlyPair) limits.push('any other pair of addresses');
  else if (contains.commonAddress !== null && !contains.arp) limits.push(`packets without ${contains.commonAddress}`);
  if (oneDirection) limits.push('the other direction: only one is in it');
  if (contains.interfaces === 1 && summary.format.startsWith('pcapng')) limits.push('packets of another interface');
  if (summary.snapLength !== null && summary.snapLength < 1514) limits.push(`octets behind the first ${summary.snapLength} of a packet`);
  return limits;
}
