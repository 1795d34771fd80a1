import { exactly, oneOf, shareOf, within } from './lengths.ts';
import type { KnownMessage } from './known.ts';
import type { Setting } from './reading.ts';
import type { State } from './state.ts';

/** How well a reading agrees with what came after the last record: who closed, and what the log says of the whole session. */
export function endShare(state: State, setting: Setting): number {
  return closing(state, setting) * counting(state, setting);
}

/** A server closes behind its farewell; before it, it has crashed or been cut off. */
function closing(state: State, { known }: Setting): number {
  if (known.closedBy === null) return state.quit === 'answered' ? 0.3 : 1;
  if (known.closedBy === 'server') return state.notice ? 0.8 : state.quit === 'answered' ? 0.7 : state.quit === 'said' ? 0.2 : 0.04;
  return state.quit === 'no' ? 0.25 : 0.5;
}

/** The log's messages must be those of the reading, no more and no fewer. */
function counting(state: State, { known }: Setting): number {
  const { messages } = known;
  if (messages === null || state.lost) return 1;
  const begun = state.message + (state.open ? 1 : 0);
  const arrived = messages.filter(({ octets, fate }) => octets !== null || fate === 'accepted').length;
  // What the log has accepted may have been answered to nobody.
  const answered = state.accepted === arrived ? 1 : state.ended === arrived ? 0.3 : 0.02;
  const apart = Math.abs(begun - messages.length);
  const same = apart === 0 ? 1 : known.isWhole && known.isAppliance ? 0.03 ** apart : 0.3 ** apart;
  return answered * same * fateShare(state, messages.at(-1));
}

/** `Receiving aborted by sender` is written for QUIT and RSET; `Receiving aborted` where neither came. */
function fateShare(state: State, last: KnownMessage | undefined): number {
  if (last?.fate === 'withdrawn') return state.withdrew ? 1 : 0.03;
  if (last?.fate === 'aborted') return state.withdrew ? 0.05 : 1;
  return 1;
}

/** Factor for a message of this size, where the log says `ready N bytes`: as many octets, or a trace header fewer, and the final dot. */
export function messageShare({ body }: State, message: number, { known }: Setting): number {
  const octets = known.messages?.[message]?.octets ?? null;
  if (octets === null) return 1;
  const near = oneOf(
    [0.5, exactly(octets)],
    [0.2, oneOf([0.5, exactly(octets + 3)], [0.5, exactly(octets - 3)])],
    [0.25, within([Math.max(0, Math.floor(octets * 0.97) - 700), Math.ceil(octets * 1.02) + 64, 1])],
    [0.05, within([0, Math.max(64, octets * 3), 1])],
  );
  // Against any size up to some times the log's.
  const any = within([0, Math.max(64, octets * 3), 1]);
  const [least, most] = body;
  return shareOf(near, least, most) / Math.max(1e-9, shareOf(any, least, most));
}
