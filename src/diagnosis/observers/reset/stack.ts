import { packetOf, type Segment } from '../../../model/tcp.ts';
import { saw, type Observation } from '../../observation.ts';
import { shapeOf } from '../../reset-shape.ts';
import type { ResetObserver, ResetView } from './observer.ts';

/** A step of the identification up to this is the next packet of a counting host, with some sent elsewhere in between. */
const NEXT = 8;
/** Beyond this it is another counter. */
const FAR = 64;

/** Whether the RST continues the numbering and the clock of its named sender's other packets. */
export const stack: ResetObserver = {
  name: 'stack',
  blindWhen: ['IPv6, which has no identification', 'identifications that are no counter', 'a bare RST, which has neither time stamps nor a number of its own'],
  observe(view) {
    const { rst, before, named } = view;
    const step = stepTo(view);
    const follows = step !== null && step >= 1 && step <= NEXT;
    const clock = rst.tsVal >= 0 && before.some((segment) => segment.tsVal >= 0 && ((rst.tsVal - segment.tsVal) | 0) >= 0);
    const shape = shapeOf(rst);
    const signs: Observation[] = [...lacksTimestamps(view, follows)];
    if (follows || (shape === 'active' && clock)) {
      signs.push(saw('rst-continues-stack', { by: named, ipIdStep: follows ? step : null, timestamps: clock }, [...before.slice(-1), rst].map(packetOf)));
    } else if (shape === 'active') signs.push(saw('rst-active-shape', { by: named }, [packetOf(rst)]));
    else if (shape === 'reactive') signs.push(saw('rst-reactive-shape', { by: named }, [packetOf(rst)]));
    const last = before.at(-1);
    if (step !== null && step > FAR && last)
      signs.push(saw('rst-ip-id-breaks', { by: named, ipId: rst.ipId, expected: (last.ipId + 1) & 0xffff }, [packetOf(last), packetOf(rst)]));
    return signs;
  },
};

/** Distance of identifications to the packet before, where these are a counter; 0 in the RST is no information (Linux without a socket). */
function stepTo({ rst, before }: ResetView): number | null {
  const last = before.at(-1);
  return last && rst.ipId > 0 && last.ipId > 0 && isCounter(before) ? (rst.ipId - last.ipId) & 0xffff : null;
}

/** RFC 7323 asks for time stamps in every segment but a RST; a live Linux socket puts them there too. */
function lacksTimestamps({ scene, rst, before, named }: ResetView, follows: boolean): Observation[] {
  const used = scene.endpoint(rst.side).syn?.timestamps === true || before.slice(-3).some((segment) => segment.tsVal >= 0);
  if (!used || rst.tsVal >= 0 || shapeOf(rst) === 'reactive') return [];
  return [saw(isCounter(before) && !follows ? 'rst-foreign-to-socket' : 'rst-lacks-timestamps', { by: named }, [packetOf(rst)])];
}

/** The sender numbers its packets one by one: only then does a jump mean anything. */
export function isCounter(before: readonly Segment[]): boolean {
  const ids = before.filter((segment) => segment.ipId > 0);
  let small = 0;
  for (let i = 1; i < ids.length; i++) {
    const step = ((ids[i]?.ipId ?? 0) - (ids[i - 1]?.ipId ?? 0)) & 0xffff;
    if (step >= 1 && step <= 16) small++;
  }
  return ids.length >= 4 && small >= (ids.length - 1) * 0.9;
}
