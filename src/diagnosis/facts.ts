import type { Observation } from './observation.ts';

/** So few are compared one by one: a text for each to be looked up by costs more. */
const FEW = 16;

/** Facts, each once: two rules that saw the same thing in the same place saw one fact. The later word on it stands. */
export class Facts {
  readonly #facts: Observation[] = [];
  /** Their places by what tells them from each other; null while they are few. */
  #places: Map<string, number> | null = null;

  constructor(lists: Iterable<readonly Observation[]>) {
    for (const facts of lists) for (const fact of facts) this.#add(fact);
  }

  get list(): readonly Observation[] {
    return this.#facts;
  }

  has(fact: Observation): boolean {
    return this.#placeOf(fact) >= 0;
  }

  #add(fact: Observation): void {
    const place = this.#placeOf(fact);
    if (place >= 0) this.#facts[place] = fact;
    else {
      this.#places?.set(keyOf(fact), this.#facts.length);
      this.#facts.push(fact);
    }
  }

  #placeOf(fact: Observation): number {
    if (this.#facts.length <= FEW) return this.#facts.findIndex((other) => isSame(fact, other));
    this.#places ??= new Map(this.#facts.map((one, place) => [keyOf(one), place]));
    return this.#places.get(keyOf(fact)) ?? -1;
  }
}

function isSame(one: Observation, other: Observation): boolean {
  if (one.kind !== other.kind) return false;
  const [packet, line] = [one.packets[0], one.lines[0]];
  const [otherPacket, otherLine] = [other.packets[0], other.lines[0]];
  return packet?.number === otherPacket?.number && packet?.input === otherPacket?.input && line?.line === otherLine?.line && line?.input === otherLine?.input;
}

function keyOf({ kind, packets, lines }: Observation): string {
  const [packet] = packets;
  const [line] = lines;
  return `${kind} ${packet?.input}/${packet?.number} ${line?.input}/${line?.line}`;
}
