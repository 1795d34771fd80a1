import { createReadStream } from 'node:fs';
import { parse } from 'pcap-parser';
import { type Fingerprint, fingerprint } from './record.ts';

/**
 * Reads a classic capture with `pcap-parser`, a reader that shares no code with ours, and keeps the fingerprints of the wanted packets.
 * It stops behind the last one. Packets that it never reaches are absent from the result. Rejects when the file cannot be read.
 */
export function readIndependently(path: string, wanted: ReadonlySet<number>): Promise<Map<number, Fingerprint>> {
  const lastWanted = Math.max(0, ...wanted);
  return new Promise((resolve, reject) => {
    const found = new Map<number, Fingerprint>();
    const stream = createReadStream(path);
    let number = 0;
    parse(stream)
      .on('packet', ({ header, data }) => {
        number++;
        if (wanted.has(number)) {
          const atUs = header.timestampSeconds * 1_000_000 + header.timestampMicroseconds;
          found.set(number, fingerprint({ atUs, capturedLength: header.capturedLength, originalLength: header.originalLength, bytes: data }));
        }
        if (number === lastWanted) {
          stream.destroy();
          resolve(found);
        }
      })
      .on('end', () => resolve(found))
      .on('error', reject);
  });
}
