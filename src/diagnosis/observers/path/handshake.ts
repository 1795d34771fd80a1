import { TCP_CWR, TCP_ECE } from '../../../model/packet.ts';
import { packetOf, type Segment } from '../../../model/tcp.ts';
import { otherSide, type Side } from '../../../model/units.ts';
import { isAck, isData, isRst, isSyn, type Scene } from '../../case.ts';
import { party } from '../../finding.ts';
import { saw } from '../../observation.ts';
import { NOTHING, type PathObserver, type Sighting } from './observer.ts';

/** Packets after the SYN that make a place certain. */
const MIN_LATER = 4;

/** The SYN came from another place than everything after it: a device opened the connection for its client, then stepped aside. */
export const handshakeElsewhere: PathObserver = {
  name: 'handshake-elsewhere',
  blindWhen: ['captures that begin after the SYN', 'hop counts that alternate (equal-cost paths)', 'fewer than four later packets'],
  observe(view) {
    const { scene } = view;
    const side = scene.roles.client;
    if (side === scene.ownSide) return NOTHING;
    let syn: Segment | null = null;
    let next: Segment | null = null;
    let later = 0;
    for (const segment of scene.segments) {
      if (segment.side !== side || isRst(segment)) continue;
      if (syn === null) {
        if (!isSyn(segment)) return NOTHING;
        syn = segment;
        continue;
      }
      next ??= segment;
      if (segment.ttl === syn.ttl || segment.ttl !== next.ttl) return NOTHING;
      later++;
    }
    if (!syn || !next || later < MIN_LATER) return NOTHING;
    const data = { by: party(view, side), synTtl: syn.ttl, usualTtl: next.ttl };
    return [{ observation: saw('handshake-from-elsewhere', data, [syn, next].map(packetOf)), interference: null }];
  },
};

/** Time stamps count at most so fast (RFC 7323, 5.4: between 1 ms and 1 s a tick), and packets may wait this long. */
const MAX_TICKS_PER_SECOND = 1000;
const SLACK_TICKS = 2000;

/** The clock of the SYN is not the clock of what follows. */
export const handshakeOtherClock: PathObserver = {
  name: 'handshake-other-clock',
  blindWhen: ['captures that begin after the SYN', 'connections without time stamps', 'stacks that draw a new offset after the handshake'],
  observe(view) {
    const { scene } = view;
    const side = scene.roles.client;
    if (side === scene.ownSide) return NOTHING;
    const [syn, next, after] = firstWithStamps(scene, side);
    if (!syn || !isSyn(syn) || !next || !after || isSyn(next)) return NOTHING;
    const ticks = (next.tsVal - syn.tsVal) | 0;
    const most = ((next.atUs - syn.atUs) / 1e6) * MAX_TICKS_PER_SECOND + SLACK_TICKS;
    if (ticks >= -SLACK_TICKS && ticks <= most) return NOTHING;
    const data = { by: party(view, side), seconds: Math.abs(ticks) / MAX_TICKS_PER_SECOND };
    return [{ observation: saw('handshake-other-clock', data, [syn, next].map(packetOf)), interference: null }];
  },
};

/** The first three segments of a side that carry time stamps. */
function firstWithStamps({ segments }: Scene, side: Side): Segment[] {
  const found: Segment[] = [];
  for (const segment of segments) {
    if (segment.side !== side || segment.tsVal < 0 || isRst(segment)) continue;
    found.push(segment);
    if (found.length === 3) break;
  }
  return found;
}

/** SYNs that ask for ECN (RFC 3168, 6.1.1) die, and one without them is answered; or none is. */
export const ecnUnanswered: PathObserver = {
  name: 'ecn-unanswered',
  blindWhen: ['captures that begin after the SYN'],
  observe(view) {
    const asking = view.scene.syns.filter((segment) => !isAck(segment) && asksForEcn(segment));
    const [first] = asking;
    if (!first) return NOTHING;
    const plain = view.scene.syns.find((segment) => !isAck(segment) && !asksForEcn(segment));
    const answered = view.scene.syns.find(isAck);
    if ((answered && (!plain || answered.index < plain.index)) || (!plain && asking.length < MIN_ASKED)) return NOTHING;
    const data = { by: party(view, first.side), count: asking.length, plainAnswered: plain !== undefined && answered !== undefined };
    return [{ observation: saw('ecn-unanswered', data, asking.slice(0, 4).map(packetOf)), interference: null }];
  },
};

const MIN_ASKED = 2;

function asksForEcn({ flags }: Segment): boolean {
  return (flags & TCP_ECE) !== 0 && (flags & TCP_CWR) !== 0;
}

/** Times that a sender must have stopped at the edge of the unscaled window. */
const MIN_STOPS = 5;

/** A sender that always stops where the window would end without its scale: it was never told the scale. */
export const unscaledWindow: PathObserver = {
  name: 'unscaled-window',
  blindWhen: ['captures that begin after the SYN', 'senders of short messages', 'windows that are small even with their scale'],
  observe(view) {
    const found: Sighting[] = [];
    for (const side of [0, 1] as const) {
      const receiver = view.scene.endpoint(otherSide(side)).syn;
      const scale = receiver?.windowScale ?? 0;
      if (scale === 0 || side === view.scene.ownSide || view.scene.endpoint(side).syn?.windowScale == null) continue;
      const stops = stopsAtEdge(view.scene, side);
      const [first] = stops;
      if (first && stops.length >= MIN_STOPS)
        found.push({
          observation: saw('window-taken-unscaled', { by: party(view, side), window: first.window, scale }, [packetOf(first.segment)]),
          interference: 'option-stripped',
        });
    }
    return found;
  },
};

/** Segments that fill the unscaled window to the octet; none where any segment goes beyond it. */
function stopsAtEdge({ segments }: Scene, side: Side): { segment: Segment; window: number }[] {
  const stops: { segment: Segment; window: number }[] = [];
  let edge: number | null = null;
  let window = 0;
  for (const segment of segments) {
    if (segment.side !== side) {
      if (isRst(segment) || isSyn(segment)) continue;
      edge = segment.ack + segment.window;
      window = segment.window;
    } else if (isData(segment) && edge !== null) {
      const end = segment.seq + segment.length;
      if (end > edge) return [];
      if (end === edge) stops.push({ segment, window });
    }
  }
  return stops;
}
