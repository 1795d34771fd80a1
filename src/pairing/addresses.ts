import type { AddressPolicy } from './likeness.ts';

/** Equal addresses; less for one that speaks for many clients, because any of its sessions has it. */
const SAME = 10;
const SAME_BALANCER = 3;
/** A translation that other pairs have shown. */
const TRANSLATED = 8;
/** Different addresses: content may outvote it. Where many settled pairs show no translation it nearly may not. */
const OTHER = -10;
const OTHER_WITHOUT_TRANSLATION = -30;
/** Settled pairs that must agree before translation is ruled out. */
const ENOUGH_PAIRS = 3;

/** What pairs that content settled tell about the addresses: does the log see the same ones as the capture? */
export class AddressBook implements AddressPolicy {
  readonly #balancers: ReadonlySet<string>;
  readonly #translations = new Map<string, Set<string>>();
  #agreeing = 0;

  constructor(balancers: ReadonlySet<string>) {
    this.#balancers = balancers;
  }

  /** Notes one settled pair. */
  learn(capturedIp: string, loggedIp: string | null): void {
    if (loggedIp === null) return;
    if (capturedIp === loggedIp) {
      this.#agreeing++;
      return;
    }
    const known = this.#translations.get(capturedIp);
    if (known) known.add(loggedIp);
    else this.#translations.set(capturedIp, new Set([loggedIp]));
  }

  weigh(capturedIp: string, loggedIp: string): number {
    if (capturedIp === loggedIp) return this.#balancers.has(capturedIp) ? SAME_BALANCER : SAME;
    if (this.#translations.get(capturedIp)?.has(loggedIp)) return TRANSLATED;
    return this.#translations.size === 0 && this.#agreeing >= ENOUGH_PAIRS ? OTHER_WITHOUT_TRANSLATION : OTHER;
  }

  /** Addresses under which the log knows `capturedIp`, besides itself. */
  aliases(capturedIp: string): readonly string[] {
    return [...(this.#translations.get(capturedIp) ?? [])];
  }

  get translations(): readonly { readonly captured: string; readonly logged: readonly string[] }[] {
    return [...this.#translations].map(([captured, logged]) => ({ captured, logged: [...logged].sort() })).sort((a, b) => (a.captured < b.captured ? -1 : 1));
  }
}
