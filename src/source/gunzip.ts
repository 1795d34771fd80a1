import { createGunzip } from 'node:zlib';
import type { AnomalyCounter } from '../model/anomaly.ts';
import type { SourceReader } from '../model/source.ts';

/** Packed octets fed at a time. DEFLATE expands 1032-fold at most, so that one piece never becomes more than 33 MB. */
const PIECE_OCTETS = 32_768;
/** What one piece gave is lost when damage follows in it: pieces begin small and stay a part of what came before. */
const FIRST_PIECE_OCTETS = 256;
const PIECE_SHARE = 8;

/**
 * Unpacks gzip, members one after another included (RFC 1952, 2.2). A stream that is cut or damaged gives all that
 * could be unpacked before that place, then ends with an anomaly.
 */
export function gunzip(packed: SourceReader, anomalies: AnomalyCounter): SourceReader {
  return new GunzipReader(packed, anomalies);
}

class GunzipReader implements SourceReader {
  readonly #packed: SourceReader;
  readonly #anomalies: AnomalyCounter;
  readonly #inflater = createGunzip({ chunkSize: 131_072 });
  readonly #piece = Buffer.alloc(PIECE_OCTETS);
  readonly #unpacked: Buffer[] = [];
  #taken = 0;
  #fed = 0;
  #over = false;
  #wake: (() => void) | null = null;

  constructor(packed: SourceReader, anomalies: AnomalyCounter) {
    this.#packed = packed;
    this.#anomalies = anomalies;
    // Listening for `data` (rather than reading on demand) saves what was unpacked in front of an error; back-pressure is kept by feeding piecewise.
    this.#inflater.on('data', (chunk: Buffer) => this.#unpacked.push(chunk));
    this.#inflater.on('end', () => this.#stop());
    this.#inflater.on('error', (error: NodeJS.ErrnoException) => this.#fail(error));
  }

  async read(into: Uint8Array, offset: number, length: number): Promise<number> {
    while (this.#unpacked.length === 0) {
      if (this.#over) return 0;
      await this.#feed();
    }
    const chunk = this.#unpacked[0] ?? Buffer.alloc(0);
    const count = Math.min(length, chunk.length - this.#taken);
    into.set(chunk.subarray(this.#taken, this.#taken + count), offset);
    this.#taken += count;
    if (this.#taken === chunk.length) {
      this.#unpacked.shift();
      this.#taken = 0;
    }
    return count;
  }

  async close(): Promise<void> {
    this.#stop();
    this.#inflater.destroy();
    await this.#packed.close();
  }

  async #feed(): Promise<void> {
    const wanted = Math.min(PIECE_OCTETS, Math.max(FIRST_PIECE_OCTETS, this.#fed / PIECE_SHARE) | 0);
    const count = await this.#packed.read(this.#piece, 0, wanted);
    this.#fed += count;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (count === 0) this.#inflater.end();
      else this.#inflater.write(this.#piece.subarray(0, count), () => resolve());
    });
    this.#wake = null;
  }

  #stop(): void {
    this.#over = true;
    this.#wake?.();
  }

  #fail(error: NodeJS.ErrnoException): void {
    const where = `packed offset ${this.#fed}`;
    const kind = error.code === 'Z_BUF_ERROR' ? 'cut-gzip' : 'corrupt-gzip';
    // A file may be opened several times; its damage is one.
    const isKnown = this.#anomalies.list().some((anomaly) => anomaly.kind === kind);
    if (!isKnown) this.#anomalies.note(kind, kind === 'cut-gzip' ? where : `before ${where}`, 1, kind === 'cut-gzip' ? '' : error.message);
    this.#stop();
  }
}
