import { packetOf } from '../../../model/tcp.ts';
import { isProgress } from '../../case.ts';
import { saw } from '../../observation.ts';
import { idleDevice } from '../../timers.ts';
import { NOTHING, type PathObserver } from './observer.ts';

/** A pause is idle from here on; the longest pause before it must have been survived. */
const MIN_IDLE_SECONDS = 3;

/** The first packet after the session's longest pause was answered by a RST from elsewhere, or the reset came out of that pause: lost state. */
export const idleExpiry: PathObserver = {
  name: 'idle-expiry',
  blindWhen: ['sessions without a long pause', 'a device that forgets silently: see the facts on silence after a pause'],
  observe(view) {
    const { ending, scene } = view;
    const rst = scene.rsts.find((segment) => segment.side !== scene.ownSide);
    if (!rst || !ending || !isForeignPlace(scene.segments, rst.index)) return NOTHING;
    const words = scene.segments.filter((segment) => segment.index < rst.index && isProgress(segment));
    const last = words.at(-1);
    if (!last) return NOTHING;
    const trigger = rst.atUs - last.atUs < 1_000_000 ? words.at(-2) : last;
    const idleSeconds = trigger ? ((rst.atUs - last.atUs < 1_000_000 ? last.atUs : rst.atUs) - trigger.atUs) / 1e6 : 0;
    if (idleSeconds < MIN_IDLE_SECONDS || idleSeconds < (view.wait?.rhythmSeconds ?? 0) * 3) return NOTHING;
    return [
      {
        observation: saw('idle-expired', { seconds: idleSeconds, device: idleDevice(idleSeconds) }, [packetOf(last), packetOf(rst)]),
        interference: 'idle-expiry',
      },
    ];
  },
};

/** The RST has another TTL than the packets of its side before it. */
function isForeignPlace(segments: readonly { readonly side: number; readonly ttl: number; readonly index: number }[], index: number): boolean {
  const rst = segments.find((segment) => segment.index === index);
  const before = rst ? segments.filter((segment) => segment.side === rst.side && segment.index < index) : [];
  return rst !== undefined && before.length > 0 && before.every((segment) => segment.ttl !== rst.ttl);
}
