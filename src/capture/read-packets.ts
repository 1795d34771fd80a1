import type { Source } from '../model/source.ts';
import type { EpochUs } from '../model/units.ts';
import { ALONE, Cursor } from './cursor.ts';
import type { PacketReceiver } from './formats/capture-format.ts';
import { Tally } from './tally.ts';

/** One packet record, undissected. `bytes` are borrowed: valid only until the call that got it returns. */
export interface PacketRecordView {
  /** From 1, as Wireshark shows it. */
  readonly number: number;
  readonly atUs: EpochUs;
  readonly capturedLength: number;
  readonly originalLength: number;
  readonly bytes: Uint8Array;
}

/** Reads a capture once more from its start and hands over the packets whose numbers are wanted. Anomalies are not noted again. */
export async function readPackets(source: Source, wanted: ReadonlySet<number>, onPacket: (packet: PacketRecordView) => void): Promise<void> {
  const cursor = new Cursor(source, ALONE);
  try {
    await cursor.decode(new Recorder(wanted, onPacket), Number.POSITIVE_INFINITY);
  } finally {
    await cursor.close();
  }
}

/** Takes packets as the dissector does, but looks into none. */
class Recorder implements PacketReceiver {
  tally = new Tally(0);
  readonly #wanted: ReadonlySet<number>;
  readonly #onPacket: (packet: PacketRecordView) => void;
  #octets: Uint8Array = new Uint8Array(0);

  constructor(wanted: ReadonlySet<number>, onPacket: (packet: PacketRecordView) => void) {
    this.#wanted = wanted;
    this.#onPacket = onPacket;
  }

  switchTo(tally: Tally): void {
    this.tally = tally;
  }

  use(bytes: Uint8Array): void {
    this.#octets = bytes;
  }

  packet(at: number, end: number, wireLength: number, atUs: EpochUs): void {
    const number = ++this.tally.frames;
    if (!this.#wanted.has(number)) return;
    this.#onPacket({ number, atUs, capturedLength: end - at, originalLength: wireLength, bytes: this.#octets.subarray(at, end) });
  }
}

/** Time of a capture's first packet; null when it holds none, or cannot be read twice (a pipe). */
export async function firstPacketUs(source: Source): Promise<EpochUs | null> {
  if (source.once) return null;
  const cursor = new Cursor(source, ALONE);
  try {
    await cursor.peek(new Recorder(new Set(), () => {}));
    return Number.isFinite(cursor.nextUs) ? cursor.nextUs : null;
  } finally {
    await cursor.close();
  }
}

/** Key logs that a capture holds in front of its first packet; none of one that cannot be read twice. */
export async function readKeyLogs(source: Source): Promise<Uint8Array[]> {
  if (source.once) return [];
  const found: Uint8Array[] = [];
  const recorder = new Recorder(new Set(), () => {});
  const cursor = new Cursor(source, ALONE);
  try {
    await cursor.peek(Object.assign(recorder, { keyLog: (octets: Uint8Array) => void found.push(new Uint8Array(octets)) }));
    return found;
  } finally {
    await cursor.close();
  }
}
