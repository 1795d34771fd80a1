import type { SegmentView } from '../model/packet.ts';
import type { Source } from '../model/source.ts';
import { ALONE, Cursor } from './cursor.ts';
import { Dissector } from './dissector.ts';

/** Octets from the beginning of a capture that are looked at. */
const LOOKED_AT = 2 << 20;
/** What stands around the payload of a packet: its record's head, Ethernet, IPv4 and TCP without options. */
const HEADER_OCTETS = 16 + 14 + 20 + 20;

/** Which part of a capture is mail, from 0 to 1, by the packets at its beginning. Notes no anomalies; for files that can be opened again. */
export async function mailShare(source: Source, ports: Uint8Array): Promise<number> {
  let octets = 0;
  let mail = 0;
  const cursor = new Cursor(source, { ...ALONE, goesOn: () => octets < LOOKED_AT, onOctets: (count) => void (octets += count) });
  const sink = { segment: ({ payloadCaptured }: SegmentView) => void (mail += payloadCaptured + HEADER_OCTETS), icmp: () => undefined };
  try {
    await cursor.decode(new Dissector(sink, { ports, smtpElsewhere: () => undefined }, cursor.tally, false), Number.POSITIVE_INFINITY);
  } finally {
    await cursor.close();
  }
  return octets === 0 ? 0 : Math.min(1, mail / octets);
}
