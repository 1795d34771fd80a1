import type { ArrivalView } from '../model/tcp.ts';

/** A server takes 16 KiB of early data as a rule; more than this is not held. */
const HELD_OCTETS = 64 * 1024;

/** Early data of TLS 1.3: said before the server tells whether it takes it, and said again by the client where it does not (RFC 8446, 4.2.10). */
export class EarlyWords {
  readonly #say: (bytes: Uint8Array, at: ArrivalView) => void;
  #held: { readonly bytes: Uint8Array; readonly at: ArrivalView }[] = [];
  #octets = 0;
  #taken: boolean | null = null;

  constructor(say: (bytes: Uint8Array, at: ArrivalView) => void) {
    this.#say = say;
  }

  take(bytes: Uint8Array, at: ArrivalView): void {
    if (this.#taken === true) this.#say(bytes, at);
    else if (this.#taken === null && this.#octets < HELD_OCTETS) {
      this.#octets += bytes.length;
      this.#held.push({ bytes: new Uint8Array(bytes), at: { ...at } });
    }
  }

  /** The first word counts. */
  decide(taken: boolean): void {
    if (this.#taken !== null) return;
    this.#taken = taken;
    const held = this.#held;
    this.#held = [];
    if (taken) for (const { bytes, at } of held) this.#say(bytes, at);
  }
}
