/** Reads a microsecond pcap with pcap-parser, a reader that shares nothing with ours: the oracle of the capture tests. */
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';

interface LibraryPacket {
  readonly header: {
    readonly timestampSeconds: number;
    readonly timestampMicroseconds: number;
    readonly capturedLength: number;
    readonly originalLength: number;
  };
  readonly data: Buffer;
}

interface LibraryParser {
  on(event: 'packet', listener: (packet: LibraryPacket) => void): LibraryParser;
  on(event: 'end', listener: () => void): LibraryParser;
  on(event: 'error', listener: (error: Error) => void): LibraryParser;
}

export interface LibraryRecord {
  readonly number: number;
  readonly atUs: number;
  readonly capturedLength: number;
  readonly originalLength: number;
  /** In hexadecimal. */
  readonly octets: string;
}

const library: { parse(input: Readable): LibraryParser } = createRequire(import.meta.url)('pcap-parser');

export async function readWithLibrary(stream: Readable): Promise<LibraryRecord[]> {
  const records: LibraryRecord[] = [];
  await new Promise<void>((resolve, reject) => {
    library
      .parse(stream)
      .on('packet', ({ header, data }) => {
        const { timestampSeconds, timestampMicroseconds, capturedLength, originalLength } = header;
        records.push({
          number: records.length + 1,
          atUs: timestampSeconds * 1e6 + timestampMicroseconds,
          capturedLength,
          originalLength,
          octets: data.toString('hex'),
        });
      })
      .on('end', resolve)
      .on('error', reject);
  });
  return records;
}
