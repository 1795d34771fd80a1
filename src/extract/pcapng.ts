import type { EpochUs } from '../model/units.ts';

/** Block types and options of draft-ietf-opsawg-pcapng. */
const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const INTERFACE_DESCRIPTION = 1;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;
const OPT_COMMENT = 1;
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_DESCRIPTION = 3;
const IF_TSRESOL = 9;
const ISB_STARTTIME = 2;
const ISB_ENDTIME = 3;
const ISB_IFDROP = 5;

/** Nanoseconds: no source is finer. */
const RESOLUTION = 9;
const MAX_OPTION_OCTETS = 65_535;

interface Option {
  readonly code: number;
  readonly value: Uint8Array;
}

/** An interface as it is to be described. */
export interface WrittenInterface {
  readonly linkNumber: number;
  /** The vantage point. */
  readonly name: string;
  readonly description: string;
  /** 0: no limit. */
  readonly snapLength: number;
}

export interface WrittenPacket {
  readonly interfaceId: number;
  readonly atUs: EpochUs;
  readonly bytes: Uint8Array;
  readonly wireLength: number;
  readonly comments: readonly string[];
}

/** When packets were captured from an interface, and how many were lost meanwhile; null where that is not known. */
export interface WrittenStatistics {
  readonly interfaceId: number;
  readonly firstUs: EpochUs;
  readonly lastUs: EpochUs;
  readonly drops: number | null;
}

/** Writes one section of pcapng, block by block. */
export class PcapngWriter {
  readonly #write: (octets: Uint8Array) => void;
  #interfaces = 0;

  constructor(write: (octets: Uint8Array) => void, application: string, comments: readonly string[]) {
    this.#write = write;
    const head = new Uint8Array(16);
    const view = new DataView(head.buffer);
    view.setUint32(0, BYTE_ORDER, true);
    view.setUint16(4, 1, true);
    // Section length: not known beforehand.
    view.setBigInt64(8, -1n, true);
    this.#block(SECTION_HEADER, [head], [...comments.map(comment), { code: SHB_USERAPPL, value: Buffer.from(application) }]);
  }

  /** Returns the number by which packets name it. */
  addInterface({ linkNumber, name, description, snapLength }: WrittenInterface): number {
    const head = new Uint8Array(8);
    const view = new DataView(head.buffer);
    view.setUint16(0, linkNumber, true);
    view.setUint32(4, snapLength, true);
    this.#block(
      INTERFACE_DESCRIPTION,
      [head],
      [
        { code: IF_NAME, value: Buffer.from(name) },
        { code: IF_DESCRIPTION, value: Buffer.from(description) },
        { code: IF_TSRESOL, value: Uint8Array.of(RESOLUTION) },
      ],
    );
    return this.#interfaces++;
  }

  addPacket({ interfaceId, atUs, bytes, wireLength, comments }: WrittenPacket): void {
    const head = new Uint8Array(20);
    const view = new DataView(head.buffer);
    view.setUint32(0, interfaceId, true);
    setStamp(view, 4, atUs);
    view.setUint32(12, bytes.length, true);
    view.setUint32(16, wireLength, true);
    this.#block(ENHANCED_PACKET, [head, bytes], comments.map(comment));
  }

  addStatistics({ interfaceId, firstUs, lastUs, drops }: WrittenStatistics): void {
    const head = new Uint8Array(12);
    const view = new DataView(head.buffer);
    view.setUint32(0, interfaceId, true);
    setStamp(view, 4, lastUs);
    const options = [
      { code: ISB_STARTTIME, value: stampOf(firstUs) },
      { code: ISB_ENDTIME, value: stampOf(lastUs) },
    ];
    this.#block(INTERFACE_STATISTICS, [head], drops === null ? options : [...options, { code: ISB_IFDROP, value: counterOf(drops) }]);
  }

  #block(type: number, parts: readonly Uint8Array[], options: readonly Option[]): void {
    const pieces = [...parts.map(padded), ...encodeOptions(options)];
    const length = 12 + pieces.reduce((sum, piece) => sum + piece.length, 0);
    const ends = new Uint8Array(12);
    const view = new DataView(ends.buffer);
    view.setUint32(0, type, true);
    view.setUint32(4, length, true);
    view.setUint32(8, length, true);
    this.#write(Buffer.concat([ends.subarray(0, 8), ...pieces, ends.subarray(8)]));
  }
}

function comment(text: string): Option {
  return { code: OPT_COMMENT, value: Buffer.from(text) };
}

function encodeOptions(options: readonly Option[]): Uint8Array[] {
  if (options.length === 0) return [];
  const pieces = options.flatMap(({ code, value }) => {
    const fitting = value.subarray(0, MAX_OPTION_OCTETS);
    const head = new Uint8Array(4);
    const view = new DataView(head.buffer);
    view.setUint16(0, code, true);
    view.setUint16(2, fitting.length, true);
    return [head, padded(fitting)];
  });
  return [...pieces, new Uint8Array(4)];
}

/** Blocks and options end on 32 bits. */
function padded(octets: Uint8Array): Uint8Array {
  const rest = octets.length & 3;
  return rest === 0 ? octets : Buffer.concat([octets, new Uint8Array(4 - rest)]);
}

/** A stamp as two words, the upper one first. */
function setStamp(view: DataView, at: number, atUs: EpochUs): void {
  const wholeUs = Math.floor(atUs);
  const nanoseconds = BigInt(wholeUs) * 1000n + BigInt(Math.round((atUs - wholeUs) * 1000));
  view.setUint32(at, Number(nanoseconds >> 32n), true);
  view.setUint32(at + 4, Number(nanoseconds & 0xffffffffn), true);
}

function stampOf(atUs: EpochUs): Uint8Array {
  const octets = new Uint8Array(8);
  setStamp(new DataView(octets.buffer), 0, atUs);
  return octets;
}

function counterOf(count: number): Uint8Array {
  const octets = new Uint8Array(8);
  new DataView(octets.buffer).setBigUint64(0, BigInt(count), true);
  return octets;
}
