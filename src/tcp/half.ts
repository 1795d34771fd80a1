import type { SynOptions, TcpEndpoint } from '../model/tcp.ts';
import type { EpochUs } from '../model/units.ts';
import type { HeldOctets } from './held-octets.ts';
import type { RecentOctets } from './recent-octets.ts';

/** A FIN as seen: `reached` once the octets before it are complete. */
export interface FinSeen {
  readonly ordinal: number;
  readonly atUs: EpochUs;
  readonly input: number;
  readonly packet: number;
  readonly seq: number;
}

/** An acknowledgement of octets that the file does not show (yet). */
export interface UnseenAck {
  readonly to: number;
  readonly sinceUs: EpochUs;
  /** The acknowledging segments, as far as they are few. */
  readonly ordinals: number[];
  /** The sender was seen to stand before `to` afterwards: it never sent those octets. */
  contradicted: boolean;
}

/** One direction of a connection: what one end sent, and what is known of its receiver. All numbers are relative and unwrapped. */
export class Half {
  /** Wire number that is relative 0; settled once `baseKnown`. */
  base = 0;
  baseKnown = false;
  isn: number | null = null;
  syn: SynOptions | null = null;
  /** Its first SYN is in the log. */
  synLogged = false;
  state: TcpEndpoint['state'] = 'inactive';
  previousState: TcpEndpoint['state'] = 'inactive';

  packets = 0;
  octets = 0;
  /** Next octet that the receiver waits for, as far as the file shows. */
  contiguousTo = 0;
  sentTo = 0;
  /** Highest acknowledgement by the other end, -1 before the first. */
  ackedTo = -1;
  /** Ordinals of its last segment, and of the last one that brought something new. */
  lastOrdinal = -1;
  grewAt = -1;
  fin: FinSeen | null = null;
  finReached = false;
  /** Set at the end, when a hole before the FIN was given up as lost. */
  finBeyondHole = false;
  readonly rsts: number[] = [];

  /** Octets behind a hole, or waiting for a hole of the other direction to be settled. */
  held: HeldOctets | null = null;
  recent: RecentOctets | null = null;
  /** Set while its receiver's acknowledgement of unseen octets is unsettled. */
  unseenAck: UnseenAck | null = null;
  /** Acknowledgements up to here spoke of octets that this end never sent. */
  disownedTo = -1;
  /** Delivery waits because this end has acknowledged octets of the other that may still turn up. */
  stalled = false;
  /** This end's acceptable RST ended the connection: what it sends afterwards reaches nobody, unless it is acknowledged. */
  muted = false;
  /** Its last acknowledgement before it was muted. */
  mutedAck = -1;

  /** What this end last announced and acknowledged, to tell duplicate acknowledgements and window updates. */
  lastWindow = -1;
  lastAck = -1;
  /** Shift of this end's windows: -1 while not known. */
  windowScale = -1;
  /** This end was sent something unacceptable, which it may answer with a challenge ACK until then. */
  challengedUntilUs = 0;

  lastMac = -1;
  lastMacIndex = -1;
  /** Shortest lag seen between a frame and its copy; 0 before the first. */
  copies = 0;
  copyLagUs = 0;

  /** Zeek's history: letters seen, and last numbers of SYN, FIN and RST. */
  historySeen = 0;
  historySyn = -1;
  historyFin = -1;
  historyRst = -1;
  badChecksums = 0;
  gapCount = 0;
  retransmissions = 0;
  zeroWindows = 0;
}

/** Settles which wire number is relative 0; `first` is then the next octet of the stream (1). */
export function setBase(half: Half, base: number): void {
  half.base = base >>> 0;
  half.baseKnown = true;
  half.contiguousTo = 1;
  half.sentTo = Math.max(half.sentTo, 1);
}

/** Relative number of a wire number of this direction: the one nearest to what the receiver waits for. */
export function relative(half: Half, wire: number): number {
  return half.contiguousTo + ((wire - (half.base + half.contiguousTo)) | 0);
}

/** How far octets have arrived without a hole, handed on or not; a FIN counts one. */
export function arrivedTo(half: Half): number {
  let to = half.contiguousTo;
  const pieces = half.held?.pieces;
  if (pieces) {
    for (const piece of pieces) {
      if (piece.from > to) break;
      to = Math.max(to, piece.to);
    }
  }
  return half.fin && !half.finReached && half.fin.seq === to ? to + 1 : to;
}
