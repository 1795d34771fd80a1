import type { EpochUs } from '../../model/units.ts';
import { SECOND_US } from '../../model/units.ts';

/** Limits of what is kept of unfinished packets; beyond them the oldest is given up. */
const FRAGMENT_BUDGET = {
  packets: 512,
  octets: 8 * 1024 * 1024,
  /** Fragments of one packet: mail paths cut a packet into a few. */
  parts: 1024,
  /** Hosts wait 60 seconds at most (RFC 8200, 4.5; RFC 1122, 3.3.2), measured in packet time. */
  ageUs: 60 * SECOND_US,
} as const;

/** An IP packet is 65,535 octets at most; a fragment beyond is the "ping of death". */
const MAX_PACKET_OCTETS = 65_535;

/** A fragment, described in its window. */
export interface Fragment {
  /** Protocol of the content. */
  readonly protocol: number;
  readonly family: 4 | 6;
  readonly addressAt: number;
  /** IPv4 or IPv6 header, needed again in front of the whole. */
  readonly headerAt: number;
  readonly headerLength: number;
  readonly identification: number;
  /** Place of the content in the whole packet. */
  readonly offset: number;
  readonly more: boolean;
  readonly contentAt: number;
  /** On the wire and in the file. */
  readonly length: number;
  readonly captured: number;
  readonly macAt: number;
  readonly atUs: EpochUs;
}

/** A packet put together. Owned. */
export interface WholePacket {
  readonly bytes: Uint8Array;
  /** Offset of the six octets of the MAC address, -1 without. */
  readonly macAt: number;
  readonly headerAt: number;
  readonly headerLength: number;
  /** Octets from here on are in the file up to `capturedEnd`, on the wire up to the end of `bytes`. */
  readonly contentAt: number;
  readonly capturedEnd: number;
  readonly protocol: number;
}

interface Unfinished {
  readonly firstUs: EpochUs;
  readonly parts: { offset: number; octets: Uint8Array; length: number }[];
  header: Uint8Array | null;
  mac: Uint8Array | null;
  protocol: number;
  /** Octets held, and as many as they were on the wire. */
  octets: number;
  wireOctets: number;
  /** Length of the whole, -1 until the last fragment is there. */
  total: number;
}

const MAC_OCTETS = 6;

/** Puts fragments together; of octets that come twice the first stand (as in the streams). */
export class FragmentStore {
  readonly #unfinished = new Map<string, Unfinished>();
  readonly #onGivenUp: (reason: 'budget' | 'age') => void;
  #octets = 0;

  constructor(onGivenUp: (reason: 'budget' | 'age') => void) {
    this.#onGivenUp = onGivenUp;
  }

  /** Packets still waiting for a fragment. */
  get size(): number {
    return this.#unfinished.size;
  }

  /** Takes a copy of the fragment; gives the packet when it is the last missing one, null before, 'impossible' when it cannot belong to any packet. */
  add(bytes: Uint8Array, fragment: Fragment): WholePacket | 'impossible' | null {
    const { offset, length, more } = fragment;
    if (length === 0 || offset + length > MAX_PACKET_OCTETS || (more && length % 8 !== 0)) return 'impossible';
    this.#dropOld(fragment.atUs);
    const key = keyOf(bytes, fragment);
    const entry = this.#unfinished.get(key) ?? this.#begin(key, fragment);
    if (offset === 0 && !entry.header) {
      entry.header = bytes.slice(fragment.headerAt, fragment.headerAt + fragment.headerLength);
      entry.mac = fragment.macAt < 0 ? null : bytes.slice(fragment.macAt, fragment.macAt + MAC_OCTETS);
      entry.protocol = fragment.protocol;
    }
    if (!more && entry.total < 0) entry.total = offset + length;
    entry.parts.push({ offset, octets: bytes.slice(fragment.contentAt, fragment.contentAt + fragment.captured), length });
    entry.octets += fragment.captured;
    entry.wireOctets += length;
    this.#octets += fragment.captured;
    const whole = assemble(entry);
    if (whole) this.#forget(key, entry);
    else if (entry.parts.length >= FRAGMENT_BUDGET.parts) this.#giveUp(key, entry);
    this.#dropExcess();
    return whole;
  }

  #begin(key: string, fragment: Fragment): Unfinished {
    const entry: Unfinished = { firstUs: fragment.atUs, parts: [], header: null, mac: null, protocol: fragment.protocol, octets: 0, wireOctets: 0, total: -1 };
    this.#unfinished.set(key, entry);
    return entry;
  }

  #forget(key: string, entry: Unfinished): void {
    this.#unfinished.delete(key);
    this.#octets -= entry.octets;
  }

  #giveUp(key: string, entry: Unfinished): void {
    this.#forget(key, entry);
    this.#onGivenUp('budget');
  }

  /** A map keeps the order of insertion: the oldest come first. */
  #dropOld(nowUs: EpochUs): void {
    for (const [key, entry] of this.#unfinished) {
      if (nowUs - entry.firstUs <= FRAGMENT_BUDGET.ageUs) return;
      this.#forget(key, entry);
      this.#onGivenUp('age');
    }
  }

  #dropExcess(): void {
    for (const [key, entry] of this.#unfinished) {
      if (this.#unfinished.size <= FRAGMENT_BUDGET.packets && this.#octets <= FRAGMENT_BUDGET.octets) return;
      this.#giveUp(key, entry);
    }
  }
}

function keyOf(bytes: Uint8Array, fragment: Fragment): string {
  const { family, addressAt, identification, protocol } = fragment;
  const addresses = Buffer.from(bytes.buffer, bytes.byteOffset + addressAt, family === 4 ? 8 : 32).toString('latin1');
  // The protocol is part of the key in IPv4 only (RFC 791, 3.2); in IPv6 later fragments may name another one.
  return `${family}|${identification}|${family === 4 ? protocol : ''}|${addresses}`;
}

/** The whole packet once no octet is missing. */
function assemble(entry: Unfinished): WholePacket | null {
  const { header, total, mac } = entry;
  if (!header || total < 0 || entry.wireOctets < total) return null;
  let covered = 0;
  for (const part of [...entry.parts].sort((a, b) => a.offset - b.offset)) {
    if (part.offset > covered) return null;
    covered = Math.max(covered, part.offset + part.length);
  }
  if (covered < total) return null;
  const headerAt = MAC_OCTETS;
  const contentAt = headerAt + header.length;
  const bytes = new Uint8Array(contentAt + total);
  if (mac) bytes.set(mac, 0);
  bytes.set(header, headerAt);
  // Written from the last to the first, so that what came first stands.
  let captured = total;
  for (const { offset, octets, length } of entry.parts.toReversed()) {
    if (offset >= total) continue;
    bytes.set(octets.subarray(0, total - offset), contentAt + offset);
    if (octets.length < length) captured = Math.min(captured, offset + octets.length);
  }
  return { bytes, macAt: mac ? 0 : -1, headerAt, headerLength: header.length, contentAt, capturedEnd: contentAt + captured, protocol: entry.protocol };
}
