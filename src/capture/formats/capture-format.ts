import type { EpochUs } from '../../model/units.ts';
import type { LinkType } from '../links/link-type.ts';
import type { Tally } from '../tally.ts';
import type { Window } from '../window.ts';

/**
 * Why a decoder stopped. `more`: it needs octets behind the window's end (at the end of the file: there is nothing left to decode) ·
 * `paused`: the next packet is later than asked for, see `nextUs` · `foreign`: another capture begins at the window's start.
 */
export type DecodeStatus = 'more' | 'paused' | 'foreign';

/** Where packets go. */
export interface PacketReceiver {
  /** The account of the file that is read now. */
  readonly tally: Tally;
  /** Further packets belong to this file. */
  switchTo(tally: Tally): void;
  /** Says in which octets the next packets lie. */
  use(bytes: Uint8Array, view: DataView): void;
  /** One packet: its frame lies from `at` to `end`, and was `wireLength` octets long. `link` null: it cannot be looked into. */
  packet(at: number, end: number, wireLength: number, atUs: EpochUs, link: LinkType | null, interfaceId: number): void;
  /** A TLS key log that the file holds. Borrowed. */
  keyLog?(octets: Uint8Array): void;
}

/** Decodes one capture. Owns no input: it consumes from the window and keeps nothing of it between calls. */
export interface Decoder {
  /** Time of the packet in front of which it paused. */
  readonly nextUs: EpochUs;
  /**
   * Gives packets up to `untilUs` to the receiver. What it decides never depends on how the file came in pieces:
   * it looks ahead only as far as the window reaches, or asks for more.
   */
  decode(window: Window, receiver: PacketReceiver, untilUs: EpochUs): DecodeStatus;
}

/** A format of capture files. */
export interface CaptureFormat {
  readonly name: string;
  /** Octets that `matches` and `begin` need to see, unless the file ends before. */
  readonly headOctets: number;
  /** Whether a capture of this format begins at `at`; `end` is the end of what is known. */
  matches(view: DataView, at: number, end: number): boolean;
  /** Reads the file header at the window's start and moves behind it. Null: the file ends within the header. */
  begin(window: Window, receiver: PacketReceiver): Decoder | null;
}
