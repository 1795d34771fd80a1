import type { DialogueFollower, SmtpDialogue } from '../model/smtp.ts';
import type { ArrivalView, StreamGap, StreamSink } from '../model/tcp.ts';
import type { Side } from '../model/units.ts';

/** A dialogue that was packed. */
export interface KeptDialogue {
  readonly address: number;
  readonly isSmtp: boolean;
}

const NOT_YET: KeptDialogue = { address: -1, isSmtp: false };
const BOTH_SIDES = 3;

/**
 * Puts a dialogue away as soon as both sides have said that they say no more: a connection is remembered for minutes after its end, and what it
 * takes to follow a dialogue is many times what it leaves. What stands behind both FINs is heard by nobody.
 */
export class KeptStream implements StreamSink {
  readonly #keep: (dialogue: SmtpDialogue) => KeptDialogue;
  readonly #mayRest: () => boolean;
  #follower: DialogueFollower | null;
  #kept = NOT_YET;
  /** A bit for each side whose FIN was reached. */
  #ended = 0;

  /** `mayRest`: whether another follower would hear the same now. */
  constructor(follower: DialogueFollower, keep: (dialogue: SmtpDialogue) => KeptDialogue, mayRest: () => boolean) {
    this.#follower = follower;
    this.#keep = keep;
    this.#mayRest = mayRest;
  }

  octets(side: Side, bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    this.#follower?.octets(side, bytes, start, end, at);
  }

  gap(side: Side, length: number, kind: StreamGap['kind'], at: ArrivalView): void {
    this.#follower?.gap(side, length, kind, at);
  }

  fin(side: Side, at: ArrivalView): void {
    this.#follower?.fin(side, at);
    this.#ended |= 1 << side;
    if (this.#ended === BOTH_SIDES) this.finish();
  }

  rest(): boolean {
    if (!this.#mayRest()) return false;
    this.finish();
    return true;
  }

  finish(): KeptDialogue {
    const follower = this.#follower;
    if (!follower) return this.#kept;
    this.#follower = null;
    this.#kept = this.#keep(follower.finish());
    return this.#kept;
  }
}
