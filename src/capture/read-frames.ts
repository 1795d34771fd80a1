import type { FrameLayer, FrameView } from '../model/frame.ts';
import type { Source } from '../model/source.ts';
import type { EpochUs } from '../model/units.ts';
import { takeApart } from './anatomy.ts';
import { ALONE, Cursor } from './cursor.ts';
import type { PacketReceiver } from './formats/capture-format.ts';
import type { LinkType } from './links/link-type.ts';
import { mergeByTime } from './merge.ts';
import { Tally } from './tally.ts';

/**
 * Reads the captures of one vantage point once more and hands over every frame as it is stored, in the order in which `readCaptures` reads them.
 * Frames of a link type that cannot be read are passed over; anomalies are not noted again.
 */
export async function readFrames(sources: readonly Source[], onFrame: (frame: FrameView) => void): Promise<void> {
  const cursors = sources.map((source) => new Cursor(source, { ...ALONE, files: sources.length }));
  try {
    await mergeByTime(cursors, new FrameReceiver(onFrame));
  } finally {
    await Promise.all(cursors.map((cursor) => cursor.close()));
  }
}

class FrameReceiver implements PacketReceiver {
  tally = new Tally(0);
  readonly #onFrame: (frame: FrameView) => void;
  #octets: Uint8Array = new Uint8Array(0);

  constructor(onFrame: (frame: FrameView) => void) {
    this.#onFrame = onFrame;
  }

  switchTo(tally: Tally): void {
    this.tally = tally;
  }

  use(bytes: Uint8Array): void {
    this.#octets = bytes;
  }

  packet(at: number, end: number, wireLength: number, atUs: EpochUs, link: LinkType | null, interfaceId: number): void {
    const { tally } = this;
    const number = ++tally.frames;
    if (tally.passesOver || link === null) return;
    const bytes = this.#octets.subarray(at, end);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const { networkAt, layers }: { networkAt: number; layers: readonly FrameLayer[] } = takeApart(bytes, view, wireLength, link);
    const { linkNumber, name, snapLength } = tally.interfaceOf(interfaceId);
    this.#onFrame({
      input: tally.input,
      number,
      atUs,
      wireLength,
      bytes,
      view,
      linkNumber,
      interfaceId,
      interfaceName: name,
      snapLength,
      networkAt,
      layers,
    });
  }
}
