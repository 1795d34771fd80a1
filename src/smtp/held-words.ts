import type { ArrivalView, StreamGap, StreamSink } from '../model/tcp.ts';
import type { Side } from '../model/units.ts';

type Held =
  | { readonly kind: 'octets'; readonly side: Side; readonly bytes: Uint8Array; readonly at: ArrivalView }
  | { readonly kind: 'gap'; readonly side: Side; readonly length: number; readonly why: StreamGap['kind']; readonly at: ArrivalView }
  | { readonly kind: 'fin'; readonly side: Side; readonly at: ArrivalView };

/** Keeps copies of what was said, to be said later in the same order. */
export class HeldWords implements StreamSink {
  #held: Held[] = [];
  #octets = 0;

  /** Octets held, with a charge for each piece. */
  get cost(): number {
    return this.#octets + 64 * this.#held.length;
  }

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  octets(side: Side, bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    // Not `slice`: that of a Buffer shares its memory.
    this.#held.push({ kind: 'octets', side, bytes: new Uint8Array(bytes.subarray(start, end)), at: { ...at } });
    this.#octets += end - start;
  }

  gap(side: Side, length: number, why: StreamGap['kind'], at: ArrivalView): void {
    this.#held.push({ kind: 'gap', side, length, why, at: { ...at } });
  }

  fin(side: Side, at: ArrivalView): void {
    this.#held.push({ kind: 'fin', side, at: { ...at } });
  }

  /** Says what arrived before `before`, or all, to `to`. */
  release(to: StreamSink, before: ArrivalView | null): void {
    let count = 0;
    for (const held of this.#held) {
      if (before && !isEarlier(held.at, before)) break;
      count++;
    }
    const due = this.#held.slice(0, count);
    this.#held = this.#held.slice(count);
    for (const held of due) {
      if (held.kind === 'octets') {
        this.#octets -= held.bytes.length;
        to.octets(held.side, held.bytes, 0, held.bytes.length, held.at);
      } else if (held.kind === 'gap') to.gap(held.side, held.length, held.why, held.at);
      else to.fin(held.side, held.at);
    }
  }
}

function isEarlier(a: ArrivalView, b: ArrivalView): boolean {
  return a.input === b.input ? a.packet < b.packet : a.atUs < b.atUs;
}
