import { packetOf } from '../model/tcp.ts';
import { type Match, sameOctets } from './align.ts';
import type { DraftFinding } from './draft.ts';
import type { Leg } from './leg.ts';
import type { Packet } from './packets.ts';
import { type EndNames, type Wording, wordingOf } from './words.ts';

/** More packets than this are not told one by one. */
const MOST_TOLD = 12;

/** The same place in the stream with other octets. */
export function findAltered(leg: Leg, names: EndNames): DraftFinding[] {
  const wording = wordingsOf(leg);
  if (!wording) return [];
  const found: DraftFinding[] = [];
  let more = 0;
  for (const sender of ['client', 'server'] as const) {
    let encrypted = false;
    for (const match of leg.alignments[sender].matches) {
      if (!isAltered(match)) continue;
      const [first] = match.left;
      if (!first) continue;
      const inTls = leg.mode === 'proxy' && wording.left.isEncrypted(first);
      if (inTls && encrypted) continue;
      encrypted ||= inTls;
      if (found.length >= MOST_TOLD) {
        more++;
        continue;
      }
      const octets = inTls ? null : differingOctets(match, wording);
      found.push({
        kind: 'altered',
        certainty: 'proven',
        sender,
        atUs: (sender === 'client' ? first.atUs : match.right[0]?.atUs) ?? first.atUs,
        statement: inTls
          ? `the octets of TLS differ from here on: TLS ends at the proxy and begins anew behind it`
          : `words of ${names[sender]} were changed between ${leg.left.point.name} and ${leg.right.point.name}`,
        packets: [...match.left, ...match.right].map(({ segment }) => packetOf(segment)),
        octets,
      });
    }
  }
  const last = found.at(-1);
  if (last && more > 0) found[found.length - 1] = { ...last, statement: `${last.statement}; ${more} further packets were changed` };
  return found;
}

function wordingsOf({ left, right }: Leg): { left: Wording; right: Wording } | null {
  if (!left.point.captured || !right.point.captured) return null;
  return { left: wordingOf(left.point.captured.dialogue), right: wordingOf(right.point.captured.dialogue) };
}

/** Both points have the octets, and they differ. A group is compared where it is whole on either side. */
export function isAltered({ left, right }: Match): boolean {
  const [a, b] = [joined(left), joined(right)];
  if (!a || !b) return false;
  const isWhole = left[0]?.from === right[0]?.from && left.at(-1)?.to === right.at(-1)?.to;
  if (!isWhole) return false;
  return !sameOctets(a, b) || (left.length === 1 && right.length === 1 && left[0]?.segment.length !== right[0]?.segment.length);
}

/** Octets of packets that follow one another; null where some are not at hand, or were cut by the snap length in between. */
function joined(packets: readonly Packet[]): Uint8Array | null {
  const [first] = packets;
  if (packets.length === 1) return first?.octets ?? null;
  const parts: Uint8Array[] = [];
  let next = first?.from ?? 0;
  for (const packet of packets) {
    if (packet.from !== next || !packet.octets || packet.octets.length !== packet.segment.length) return null;
    parts.push(packet.octets);
    next = packet.to;
  }
  return Buffer.concat(parts);
}

/** Octets shown around a difference. */
const AROUND = 24;
const LONGEST = 160;

function differingOctets({ left, right }: Match, wording: { left: Wording; right: Wording }): DraftFinding['octets'] {
  const [a, b] = [joined(left), joined(right)];
  if (!a || !b) return null;
  if (left.some((packet) => wording.left.isSecret(packet)) || right.some((packet) => wording.right.isSecret(packet))) return { left: '***', right: '***' };
  const shared = Math.min(a.length, b.length);
  let from = 0;
  while (from < shared && a[from] === b[from]) from++;
  let tail = 0;
  while (tail < shared - from && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const start = Math.max(0, from - AROUND);
  const show = (octets: Uint8Array) => {
    const end = Math.min(octets.length, octets.length - tail + AROUND, start + LONGEST);
    return `${start > 0 ? '…' : ''}${Buffer.from(octets.subarray(start, end)).toString('latin1')}${end < octets.length ? '…' : ''}`;
  };
  return { left: show(a), right: show(b) };
}
