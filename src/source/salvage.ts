import { createInflateRaw } from 'node:zlib';
import type { SourceReader } from '../model/source.ts';

const PIECE_OCTETS = 32_768;

/** Where a member's packed data begin, and the octets among which damage was met; offsets in the packed file. */
interface DamagedPlace {
  readonly bodyAt: number;
  readonly pieceAt: number;
  readonly pieceOctets: number;
  /** Octets of the member that had been unpacked. */
  readonly known: number;
}

/**
 * What the library unpacked in front of damage and threw away with the error: the member is unpacked once more and the
 * piece with the damage fed octet by octet. Closes the reader. Never rejects for damage.
 */
export async function salvage(packed: SourceReader, { bodyAt, pieceAt, pieceOctets, known }: DamagedPlace): Promise<Buffer[]> {
  const found: Buffer[] = [];
  const inflater = createInflateRaw();
  let unpacked = 0;
  const state = { isOver: false };
  inflater.on('data', (chunk: Buffer) => {
    const fresh = chunk.subarray(Math.min(chunk.length, Math.max(0, known - unpacked)));
    unpacked += chunk.length;
    if (fresh.length > 0) found.push(fresh);
  });
  inflater.on('error', () => {
    state.isOver = true;
  });
  // The library does not call back where the data end within what it was given, as when the file was changed meanwhile.
  const ended = new Promise<void>((resolve) => {
    for (const event of ['end', 'close']) inflater.once(event, () => resolve());
  });
  const feed = (octets: Buffer): Promise<void> => Promise.race([ended, new Promise<void>((resolve) => void inflater.write(octets, () => resolve()))]);
  const buffer = Buffer.alloc(PIECE_OCTETS);
  try {
    let at = 0;
    while (!state.isOver) {
      const border = [bodyAt, pieceAt, pieceAt + pieceOctets].find((offset) => offset > at) ?? at;
      const count = await packed.read(buffer, 0, Math.min(PIECE_OCTETS, border - at));
      if (count === 0) break;
      const step = at < pieceAt ? count : 1;
      if (at >= bodyAt) for (let i = 0; i < count; i += step) await feed(Buffer.from(buffer.subarray(i, i + step)));
      at += count;
    }
  } finally {
    inflater.destroy();
    await packed.close();
  }
  return found;
}
