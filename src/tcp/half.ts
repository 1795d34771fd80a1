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

/** Octets that were acknowledged but are not in the file (yet). */
export interface UnseenAck {
  /** The acknowledgements that reach further than those before, oldest first. */
  readonly acks: AckSeen[];
  /** The acknowledging segments that were noted, as far as they are few. */
  readonly noted: number[];
  /** The sender was seen to stand behind them: it sent those octets. */
  confirmed: boolean;
  /** The sender was seen to stand before them afterwards: it never sent them. */
  contradicted: boolean;
}

interface AckSeen {
  readonly to: number;
  readonly atUs: EpochUs;
  readonly input: number;
  readonly packet: number;
  readonly ordinal: number;
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
  /** Times of its last segment, and of the last one that brought something new. */
  lastUs = -1;
  grewUs = -1;
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
  /** This end's acceptable RST ended the connection: what it sends afterwards reaches nobody, unless it is acknowledged. */
  muted = false;
  /** Its last acknowledgement before it was muted. */
  mutedAck = -1;
  /** Where the RST stood: its ordinal, and the end of what had arrived before it. */
  mutedFrom = -1;
  mutedTo = -1;
  /** The last RST that lay inside the window, until its place is filled. */
  looseReset: { readonly ordinal: number; readonly seq: number; readonly atUs: EpochUs } | null = null;

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

/** Relative number of a wire number of this direction: the one nearest to what its receiver is known to have. */
export function relative(half: Half, wire: number): number {
  const near = half.ackedTo > half.contiguousTo ? half.ackedTo : half.contiguousTo;
  return near + ((wire - (half.base + near)) | 0);
}

/** How far octets have arrived without a hole, handed on or not; a FIN counts one. */
export function arrivedTo(half: Half): number {
  const to = half.held?.reachFrom(half.contiguousTo) ?? half.contiguousTo;
  return half.fin && !half.finReached && half.fin.seq === to ? to + 1 : to;
}
