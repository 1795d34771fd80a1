import type { AnomalyCounter, AnomalyKind } from '../model/anomaly.ts';
import type { CaptureSummary } from '../model/packet.ts';
import { LONGEST_SILENCE_US } from '../model/settings.ts';
import type { EpochUs } from '../model/units.ts';
import { AddressWatch } from './address-watch.ts';

/** Comments beyond this number are not kept: some tools write one on every packet. */
const MAX_COMMENTS = 200;

/** An interface as the file describes it. */
export interface InterfaceFacts {
  readonly linkNumber: number;
  readonly name: string | null;
  /** 0: no limit. */
  readonly snapLength: number;
}

const UNKNOWN_INTERFACE: InterfaceFacts = { linkNumber: 0, name: null, snapLength: 0 };

/** What is counted while one file is read. Public fields, because they are touched for every packet. */
export class Tally {
  readonly input: number;
  readonly addresses = new AddressWatch();
  packets = 0;
  /** Number of the last packet as Wireshark shows it: records that are no packets are numbered there as well. */
  frames = 0;
  segments = 0;
  firstUs: EpochUs = Number.POSITIVE_INFINITY;
  lastUs: EpochUs = Number.NEGATIVE_INFINITY;
  /** Time of the last packet in file order. */
  previousUs: EpochUs = Number.NEGATIVE_INFINITY;
  /** Packets stored only in part, and the longest stored length among them. */
  cut = 0;
  longestCut = 0;
  icmp = false;
  fragments = false;
  udp = false;
  otherPorts = false;
  arp = false;
  readonly #anomalies = new Map<AnomalyKind, { count: number; readonly where: string; readonly detail: string }>();
  readonly #linkTypes = new Set<string>();
  readonly #interfaces = new Map<number, InterfaceFacts>();
  /** Packets that follow came from an interface that does not belong to this source. */
  passesOver = false;
  readonly #only: string | null;
  readonly #comments: string[] = [];
  readonly #dropsByInterface = new Map<number, number>();
  #dropsBetweenPackets: number | null = null;

  /** `only`: name of the interfaces whose packets count; null for all. */
  constructor(input: number, only: string | null = null) {
    this.input = input;
    this.#only = only;
  }

  /** Counts an anomaly at the current packet. */
  count(kind: AnomalyKind, times = 1): void {
    const known = this.#anomalies.get(kind);
    if (known) known.count += times;
    else this.#anomalies.set(kind, { count: times, where: `packet ${this.frames}`, detail: '' });
  }

  /** Counts an anomaly somewhere else; place and detail are kept from the first of its kind. */
  note(kind: AnomalyKind, where: string, times = 1, detail = ''): void {
    const known = this.#anomalies.get(kind);
    if (known) known.count += times;
    else this.#anomalies.set(kind, { count: times, where, detail });
  }

  noteLinkType(name: string): void {
    this.#linkTypes.add(name);
  }

  /** The packets that follow came from this interface. */
  noteInterface(id: number, facts: InterfaceFacts): void {
    this.passesOver = this.#only !== null && facts.name !== this.#only;
    if (!this.passesOver) this.#interfaces.set(id, facts);
  }

  interfaceOf(id: number): InterfaceFacts {
    return this.#interfaces.get(id) ?? UNKNOWN_INTERFACE;
  }

  /** The file says when it was captured from an interface: it may have run on without any packet. */
  noteRunning(name: string | null, fromUs: EpochUs, toUs: EpochUs): void {
    if (this.#only !== null && name !== this.#only) return;
    if (!(fromUs > this.firstUs - LONGEST_SILENCE_US && toUs < this.lastUs + LONGEST_SILENCE_US)) return;
    this.firstUs = Math.min(this.firstUs, fromUs);
    this.lastUs = Math.max(this.lastUs, toUs);
  }

  noteComment(comment: string): void {
    if (comment !== '' && this.#comments.length < MAX_COMMENTS) this.#comments.push(comment);
  }

  /** A counter of an interface, as its statistics give it: the last one stands. */
  noteDropsOf(interfaceId: number, name: string | null, drops: number): void {
    if (this.#only === null || name === this.#only) this.#dropsByInterface.set(interfaceId, drops);
  }

  /** Packets lost since the packet before. */
  noteDropsBetween(drops: number): void {
    this.#dropsBetweenPackets = (this.#dropsBetweenPackets ?? 0) + drops;
  }

  #reportedDrops(): number | null {
    if (this.#dropsByInterface.size === 0) return this.#dropsBetweenPackets;
    let sum = 0;
    for (const drops of this.#dropsByInterface.values()) sum += drops;
    return Math.max(sum, this.#dropsBetweenPackets ?? 0);
  }

  /** Closes the account. Only now do the anomalies reach the source's counter, so that a file that is read twice tells them once. */
  summarise(format: string, anomalies: AnomalyCounter): CaptureSummary {
    for (const [kind, { count, where, detail }] of this.#anomalies) anomalies.note(kind, where, count, detail);
    if (this.cut > 0) anomalies.note('snap-length', 'file', this.cut, `at most ${this.longestCut} octets of a packet`);
    const drops = this.#reportedDrops();
    if (drops !== null && drops > 0) anomalies.note('capture-drops', 'file', drops);
    return {
      packets: this.packets,
      segments: this.segments,
      firstUs: Number.isFinite(this.firstUs) ? this.firstUs : null,
      lastUs: this.lastUs > 0 ? this.lastUs : null,
      format,
      linkTypes: [...this.#linkTypes],
      snapLength: this.cut > 0 ? this.longestCut : null,
      reportedDrops: drops,
      comments: this.#comments,
      contains: {
        icmp: this.icmp,
        fragments: this.fragments,
        udp: this.udp,
        otherPorts: this.otherPorts,
        arp: this.arp,
        commonAddress: this.addresses.commonAddress(),
        onlyPair: this.addresses.onlyPair(),
        interfaces: this.#interfaces.size,
      },
    };
  }
}
