import type { SourceReader } from '../model/source.ts';

/** The first octets of what the reader gives, at most `limit`; closes it. */
export async function readHead(reader: SourceReader, limit: number): Promise<Uint8Array> {
  const head = new Uint8Array(limit);
  let length = 0;
  try {
    while (length < limit) {
      const count = await reader.read(head, length, limit - length);
      if (count === 0) break;
      length += count;
    }
  } finally {
    await reader.close();
  }
  return head.subarray(0, length);
}
