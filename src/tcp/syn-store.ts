import type { SegmentView } from '../model/packet.ts';
import { MAX_OPTION_OCTETS } from './options.ts';

const MAC_OCTETS = 6;
/** Room for a MAC address and the longest list of options. */
const OCTETS = 48;
const WORDS = 14;
const OLDER = 12;
const NEWER = 13;
const NONE = -1;

/** What is known of an attempt besides its packet. */
export interface Attempt {
  readonly entry: number;
  readonly stream: number;
  /** How many segments had been seen with this one. */
  readonly bornAt: number;
}

/**
 * First SYNs that nothing has followed yet: about 120 octets each in shared arrays, so that a flood of them costs little.
 * As soon as anything follows, `restore` gives the packet back for a connection of its own. Oldest first.
 */
export class SynStore {
  #capacity = 64;
  #octets = new Uint8Array(64 * OCTETS);
  #times = new Float64Array(64);
  #words = new Int32Array(64 * WORDS);
  #used = 0;
  readonly #free: number[] = [];
  #oldest = NONE;
  #newest = NONE;
  readonly #view: SegmentView;

  constructor() {
    const bytes = new Uint8Array(OCTETS);
    this.#view = {
      input: 0,
      packet: 0,
      atUs: 0,
      bytes,
      view: new DataView(bytes.buffer),
      macAt: -1,
      vlan: -1,
      interfaceId: 0,
      family: 4,
      addressAt: -1,
      ttl: 0,
      ipId: -1,
      dontFragment: false,
      tos: 0,
      srcPort: 0,
      dstPort: 0,
      seq: 0,
      ack: 0,
      flags: 0,
      window: 0,
      optionsAt: MAC_OCTETS,
      optionsLength: 0,
      payloadAt: OCTETS,
      payloadLength: 0,
      payloadCaptured: 0,
      checksum: 0,
      checksumState: -1,
    };
  }

  /** Slot of the oldest, or -1. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Keeps a SYN without payload; returns its slot. */
  add(view: SegmentView, attempt: Attempt): number {
    const slot = this.#free.pop() ?? this.#used++;
    if (slot >= this.#capacity) this.#grow();
    const options = Math.max(0, Math.min(view.optionsLength, MAX_OPTION_OCTETS, view.bytes.length - view.optionsAt));
    const octetsAt = slot * OCTETS;
    if (view.macAt >= 0) for (let i = 0; i < MAC_OCTETS; i++) this.#octets[octetsAt + i] = view.bytes[view.macAt + i] ?? 0;
    for (let i = 0; i < options; i++) this.#octets[octetsAt + MAC_OCTETS + i] = view.bytes[view.optionsAt + i] ?? 0;
    this.#times[slot] = view.atUs;
    const words = this.#words;
    let at = slot * WORDS;
    words[at++] = view.input;
    words[at++] = view.packet;
    words[at++] = (view.flags & 0xff) | (options << 8) | (view.macAt >= 0 ? 1 << 16 : 0) | (view.dontFragment ? 1 << 17 : 0) | ((view.checksumState + 1) << 18);
    words[at++] = view.vlan;
    words[at++] = view.interfaceId;
    words[at++] = (view.ttl & 0xff) | ((view.tos & 0xff) << 8);
    words[at++] = view.ipId;
    words[at++] = view.seq;
    words[at++] = view.window | (view.checksum << 16);
    words[at++] = attempt.entry;
    words[at++] = attempt.stream;
    words[at++] = attempt.bornAt | 0;
    words[at++] = this.#newest;
    words[at] = NONE;
    if (this.#newest === NONE) this.#oldest = slot;
    else words[this.#newest * WORDS + NEWER] = slot;
    this.#newest = slot;
    return slot;
  }

  attemptAt(slot: number): Attempt {
    const at = slot * WORDS;
    return { entry: this.#words[at + 9] ?? NONE, stream: this.#words[at + 10] ?? 0, bornAt: (this.#words[at + 11] ?? 0) >>> 0 };
  }

  /** Gives the packet back, without addresses and ports, and frees the slot. Borrowed: valid until the next call. */
  restore(slot: number): SegmentView {
    const view = this.#view;
    const words = this.#words;
    let at = slot * WORDS;
    view.bytes.set(this.#octets.subarray(slot * OCTETS, (slot + 1) * OCTETS));
    view.atUs = this.#times[slot] ?? 0;
    view.input = words[at++] ?? 0;
    view.packet = words[at++] ?? 0;
    const meta = words[at++] ?? 0;
    view.flags = meta & 0xff;
    view.optionsLength = (meta >>> 8) & 0xff;
    view.macAt = meta & (1 << 16) ? 0 : -1;
    view.dontFragment = (meta & (1 << 17)) !== 0;
    const state = ((meta >>> 18) & 3) - 1;
    view.checksumState = state === 1 ? 1 : state === 0 ? 0 : -1;
    view.vlan = words[at++] ?? -1;
    view.interfaceId = words[at++] ?? 0;
    const ttlAndTos = words[at++] ?? 0;
    view.ttl = ttlAndTos & 0xff;
    view.tos = ttlAndTos >>> 8;
    view.ipId = words[at++] ?? -1;
    view.seq = (words[at++] ?? 0) >>> 0;
    const windowAndSum = words[at++] ?? 0;
    view.window = windowAndSum & 0xffff;
    view.checksum = windowAndSum >>> 16;
    this.#unlink(slot);
    return view;
  }

  /** Frees the slot of an attempt that nobody asks for any more. */
  drop(slot: number): void {
    this.#unlink(slot);
  }

  #unlink(slot: number): void {
    const words = this.#words;
    const older = words[slot * WORDS + OLDER] ?? NONE;
    const newer = words[slot * WORDS + NEWER] ?? NONE;
    if (older === NONE) this.#oldest = newer;
    else words[older * WORDS + NEWER] = newer;
    if (newer === NONE) this.#newest = older;
    else words[newer * WORDS + OLDER] = older;
    this.#free.push(slot);
  }

  #grow(): void {
    this.#capacity *= 2;
    const octets = new Uint8Array(this.#capacity * OCTETS);
    octets.set(this.#octets);
    this.#octets = octets;
    const times = new Float64Array(this.#capacity);
    times.set(this.#times);
    this.#times = times;
    const words = new Int32Array(this.#capacity * WORDS);
    words.set(this.#words);
    this.#words = words;
  }
}
