import { canonicalAddress } from '../model/address.ts';

/** An address that greets with so many names is no single client. */
const MANY_NAMES = 5;
/** Either it carries this share of the sessions, or it has far more names than any host: a busy client with odd names is none. */
const NOTABLE_SHARE = 0.05;
const FAR_TOO_MANY_NAMES = 20;
/** Names remembered for one address; more change nothing. */
const NAMES_KEPT = 64;

interface Caller {
  readonly names: Set<string>;
  sessions: number;
  /** Gives the client's address itself (XCLIENT, the PROXY protocol). */
  forwards: boolean;
}

/** Who called, by address, and under which names. */
export class Callers {
  readonly #callers = new Map<string, Caller>();
  #sessions = 0;

  /** `name`: null where it greeted with none, or it cannot be read. */
  note(ip: string, name: string | null, forwards: boolean): void {
    const caller = this.#callerAt(ip);
    caller.sessions++;
    this.#sessions++;
    if (name !== null && caller.names.size < NAMES_KEPT) caller.names.add(name);
    if (forwards) caller.forwards = true;
  }

  #callerAt(ip: string): Caller {
    let caller = this.#callers.get(ip);
    if (!caller) {
      caller = { names: new Set(), sessions: 0, forwards: false };
      this.#callers.set(ip, caller);
    }
    return caller;
  }

  /** Takes over those of another list whose address fits. */
  join(other: Callers, fits: (ip: string) => boolean): void {
    for (const [ip, { names, sessions, forwards }] of other.#callers) {
      if (!fits(ip)) continue;
      const caller = this.#callerAt(ip);
      caller.sessions += sessions;
      this.#sessions += sessions;
      for (const name of names) if (caller.names.size < NAMES_KEPT) caller.names.add(name);
      if (forwards) caller.forwards = true;
    }
  }

  /** Those that speak for many clients. */
  balancers(): string[] {
    return [...this.#callers].filter(([, caller]) => isBalancer(caller, this.#sessions)).map(([ip]) => ip);
  }
}

function isBalancer(caller: Caller, total: number): boolean {
  if (caller.forwards) return true;
  if (caller.names.size >= FAR_TOO_MANY_NAMES) return true;
  return caller.names.size >= MANY_NAMES && caller.sessions >= total * NOTABLE_SHARE;
}

/** Addresses that speak for many clients: load balancers, source translation, relays. Topology, never a cause. `callers`: as captured, and by the names in the log. */
export function findBalancers(given: readonly string[], callers: readonly Callers[]): string[] {
  return [...new Set([...given.map(canonicalAddress), ...callers.flatMap((one) => one.balancers())])].sort();
}
