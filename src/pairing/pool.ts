import type { AcceptOrder } from './accept-order.ts';
import { LEAST_POINTS, worth, type Candidate } from './candidates.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';

/** A pair that was settled on, and by how many points it beats the best other way. */
export interface Decision {
  readonly candidate: Candidate;
  readonly margin: number;
  /** Candidates that fit as well but for the order of accepting: that alone decided against them. */
  readonly outOrdered: readonly Candidate[];
}

/** The candidates that are still open. */
export class Pool {
  readonly #byCaptured = new Map<CapturedTraits, readonly Candidate[]>();
  readonly #byLogged = new Map<LoggedSession, Candidate[]>();

  constructor(lists: readonly (readonly Candidate[])[]) {
    for (const list of lists) {
      const [first] = list;
      if (!first) continue;
      this.#byCaptured.set(first.captured, list);
      for (const candidate of list) {
        const known = this.#byLogged.get(candidate.logged);
        if (known) known.push(candidate);
        else this.#byLogged.set(candidate.logged, [candidate]);
      }
    }
  }

  /** Takes every pair that beats its rivals on both sides by `margin`; what it frees may make others plain, so it looks again at those. */
  takePlain(margin: number, decisions: Decision[]): void {
    let waiting = [...this.#byCaptured.keys()];
    while (waiting.length > 0) {
      const again = new Set<CapturedTraits>();
      for (const captured of waiting) {
        const decision = this.#plainOf(captured, margin);
        if (!decision) continue;
        decisions.push(decision);
        for (const other of this.#byLogged.get(decision.candidate.logged) ?? []) if (other.captured !== captured) again.add(other.captured);
        for (const other of this.#byCaptured.get(captured) ?? []) for (const rival of this.#byLogged.get(other.logged) ?? []) again.add(rival.captured);
        this.#byCaptured.delete(captured);
        this.#byLogged.delete(decision.candidate.logged);
      }
      waiting = [...again].filter((captured) => this.#byCaptured.has(captured));
    }
  }

  #plainOf(captured: CapturedTraits, margin: number): Decision | null {
    const open = this.#openOf(captured).sort((a, b) => worth(b) - worth(a));
    const [best, second] = open;
    if (!best || worth(best) < LEAST_POINTS) return null;
    let rival = second ? worth(second) : -Infinity;
    for (const other of this.#byLogged.get(best.logged) ?? []) {
      if (other !== best && this.#byCaptured.has(other.captured)) rival = Math.max(rival, worth(other));
    }
    const ahead = worth(best) - rival;
    return ahead >= margin ? { candidate: best, margin: ahead, outOrdered: [] } : null;
  }

  #openOf(captured: CapturedTraits): Candidate[] {
    return (this.#byCaptured.get(captured) ?? []).filter((candidate) => this.#byLogged.has(candidate.logged));
  }

  addOrder(order: AcceptOrder): void {
    for (const list of this.#byCaptured.values()) for (const candidate of list) candidate.orderPoints = order.weigh(candidate.captured, candidate.logged);
  }

  /** Sessions that hang together by open candidates, group by group. */
  *groups(): Generator<Candidate[]> {
    const seen = new Set<CapturedTraits>();
    for (const start of this.#byCaptured.keys()) {
      if (seen.has(start)) continue;
      seen.add(start);
      const group: Candidate[] = [];
      const queue = [start];
      for (let captured = queue.pop(); captured; captured = queue.pop()) {
        for (const candidate of this.#openOf(captured)) {
          if (worth(candidate) < LEAST_POINTS) continue;
          group.push(candidate);
          for (const other of this.#byLogged.get(candidate.logged) ?? []) {
            if (seen.has(other.captured) || !this.#byCaptured.has(other.captured)) continue;
            seen.add(other.captured);
            queue.push(other.captured);
          }
        }
      }
      if (group.length > 0) yield group;
    }
  }
}
