import type { SegmentView } from '../model/packet.ts';
import type { Source } from '../model/source.ts';
import { ALONE, Cursor } from './cursor.ts';
import { Dissector } from './dissector.ts';

/** Octets from the beginning of a capture that are looked at. */
const LOOKED_AT = 2 << 20;
/** What stands around the payload of a packet: its record's head, Ethernet, IPv4 and TCP without options. */
const HEADER_OCTETS = 16 + 14 + 20 + 20;

/**
 * Which part of a capture is mail that so many lanes can share evenly, from 0 to 1, by the packets at its beginning: none where one connection is
 * all there is. Notes no anomalies; for files that can be opened again.
 */
export async function mailShare(source: Source, ports: Uint8Array, lanes: number, laneOf: (view: SegmentView, lanes: number) => number): Promise<number> {
  let octets = 0;
  const mail = new Float64Array(lanes);
  const cursor = new Cursor(source, { ...ALONE, goesOn: () => octets < LOOKED_AT, onOctets: (count) => void (octets += count) });
  const segment = (view: SegmentView): void => {
    const lane = laneOf(view, lanes);
    mail[lane] = (mail[lane] ?? 0) + view.payloadCaptured + HEADER_OCTETS;
  };
  try {
    await cursor.decode(
      new Dissector({ segment, icmp: () => undefined }, { ports, smtpElsewhere: () => undefined }, cursor.tally, false),
      Number.POSITIVE_INFINITY,
    );
  } finally {
    await cursor.close();
  }
  return octets === 0 ? 0 : Math.min(1, (lanes * Math.min(...mail)) / octets);
}
