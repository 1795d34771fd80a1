import { partitionPoint } from '../model/bisect.ts';
import { type EpochUs, SECOND_US } from '../model/units.ts';
import { countTo } from './traits-list.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';

/** ICIDs run in the order of accepting, but several listeners may hand them out at the same moment. */
const JITTER_US = 0.3 * SECOND_US;
/** More inversions than this among certain pairs: the order says nothing here. */
const MOST_INVERSIONS = 0.03;
const FEWEST_ANCHORS = 3;
/** Points for lying between the neighbouring ICIDs when they are less than so far apart. */
const BRACKETS = [
  { withinUs: 1 * SECOND_US, points: 3 },
  { withinUs: 5 * SECOND_US, points: 1.5 },
] as const;
const OUTSIDE = -4;

/** What the order of ICIDs, known from certain pairs, says about when another ICID was accepted. */
export class AcceptOrder {
  readonly #ids: Float64Array;
  readonly #times: Float64Array;
  /** Places in both, in order of the IDs. */
  readonly #ordered: Uint32Array;
  readonly #usable: boolean;

  /** Certain pairs: `ids` are those of the log, `times` when they were accepted by the capture. */
  constructor(ids: Float64Array, times: Float64Array) {
    this.#ids = ids;
    this.#times = times;
    this.#ordered = countTo(ids.length).sort((a, b) => (ids[a] ?? 0) - (ids[b] ?? 0) || (times[a] ?? 0) - (times[b] ?? 0));
    let inversions = 0;
    for (let i = 1; i < ids.length; i++) if ((this.#timeAt(i) ?? 0) < (this.#timeAt(i - 1) ?? 0) - JITTER_US) inversions++;
    this.#usable = ids.length >= FEWEST_ANCHORS && inversions <= ids.length * MOST_INVERSIONS;
  }

  #timeAt(place: number): EpochUs | undefined {
    return this.#times[this.#ordered[place] ?? -1];
  }

  /** Points for taking `captured` as the session of that ICID; 0 where the order tells nothing. */
  weigh(captured: CapturedTraits, logged: LoggedSession): number {
    if (!this.#usable || logged.kind !== 'icid' || !captured.sawOpen) return 0;
    const at = partitionPoint(this.#ids.length, (place) => (this.#ids[this.#ordered[place] ?? 0] ?? 0) < logged.id);
    // Two neighbours on each side, so that a single pair out of order misleads nobody.
    const fromUs = Math.min(this.#timeAt(at - 1) ?? -Infinity, this.#timeAt(at - 2) ?? Infinity);
    const toUs = Math.max(this.#timeAt(at) ?? Infinity, this.#timeAt(at + 1) ?? -Infinity);
    if (captured.acceptUs < fromUs - JITTER_US || captured.firstUs > toUs + JITTER_US) return OUTSIDE;
    const width = toUs - fromUs;
    return BRACKETS.find((bracket) => width <= bracket.withinUs)?.points ?? 0;
  }
}

/** Whether two captured sessions were accepted in an order that is beyond doubt: -1 the first one earlier, 1 later, 0 unclear. */
export function acceptedBefore(a: CapturedTraits, b: CapturedTraits): -1 | 0 | 1 {
  if (!a.sawOpen || !b.sawOpen) return 0;
  const apart = a.acceptUs - b.acceptUs;
  // The kernel queues connections when the handshake is complete, but a server may count them from the first SYN: both must agree.
  if (Math.abs(apart) < CLEARLY_US || Math.sign(apart) !== Math.sign(a.firstUs - b.firstUs)) return 0;
  return apart < 0 ? -1 : 1;
}

const CLEARLY_US = 2_000;
