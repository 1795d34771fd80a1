import { crc32, createInflateRaw } from 'node:zlib';
import type { InflateRaw } from 'node:zlib';
import type { AnomalyCounter, AnomalyKind } from '../model/anomaly.ts';
import type { SourceReader } from '../model/source.ts';
import { headerLength, TRAILER_OCTETS } from './gzip-member.ts';
import { salvage } from './salvage.ts';

/** Packed octets fed at a time. DEFLATE expands 1032-fold at most, so that one piece never becomes more than 33 MB. */
const PIECE_OCTETS = 32_768;
/** What one piece gave is lost when damage follows in it: pieces begin small and stay a part of what came before. */
const FIRST_PIECE_OCTETS = 256;
const PIECE_SHARE = 8;
/** The inflater hands out what it has whenever so much is full; only what is not handed out is lost at damage. */
const CHUNK_OCTETS = 65_536;

/**
 * Unpacks gzip, members one after another included (RFC 1952, 2.2). A stream that is cut or damaged gives all that
 * could be unpacked before that place, then ends with an anomaly. Headers and checksums are read here and not by the
 * library, which would throw away what it has unpacked last when a checksum or what follows it is wrong. `again` opens the
 * packed octets from the start; where it is null (a pipe), damage inside the data costs some of what lies in front of it.
 */
export function gunzip(packed: SourceReader, anomalies: AnomalyCounter, again: (() => SourceReader) | null = null): SourceReader {
  return new GunzipReader(packed, anomalies, again);
}

class GunzipReader implements SourceReader {
  readonly #packed: SourceReader;
  readonly #anomalies: AnomalyCounter;
  readonly #again: (() => SourceReader) | null;
  readonly #piece = Buffer.alloc(PIECE_OCTETS);
  readonly #unpacked: Buffer[] = [];
  #inflater: InflateRaw | null = null;
  /** The beginning of a header or trailer of which the rest is not read yet. */
  #held: Buffer = Buffer.alloc(0);
  #expects: 'header' | 'body' | 'trailer' = 'header';
  #members = 0;
  /** Packed offset of the member's data. */
  #bodyAt = 0;
  #failed = false;
  #checksum = 0;
  #length = 0;
  #taken = 0;
  #fed = 0;
  #over = false;
  #wake: (() => void) | null = null;

  constructor(packed: SourceReader, anomalies: AnomalyCounter, again: (() => SourceReader) | null) {
    this.#packed = packed;
    this.#anomalies = anomalies;
    this.#again = again;
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
    this.#inflater?.destroy();
    await this.#packed.close();
  }

  async #feed(): Promise<void> {
    const wanted = Math.min(PIECE_OCTETS, Math.max(FIRST_PIECE_OCTETS, this.#fed / PIECE_SHARE) | 0);
    const count = await this.#packed.read(this.#piece, 0, wanted);
    this.#fed += count;
    if (count === 0) {
      if (this.#expects !== 'header' || this.#held.length > 0 || this.#members === 0) this.#note('cut-gzip', `packed offset ${this.#fed}`);
      this.#stop();
      return;
    }
    let rest: Buffer = this.#piece.subarray(0, count);
    while (rest.length > 0 && !this.#over) {
      if (this.#expects === 'body') rest = await this.#inflate(rest);
      else rest = this.#expects === 'header' ? this.#readHeader(rest) : this.#readTrailer(rest);
    }
  }

  /** Takes a header and gives what follows it; holds what is not complete. */
  #readHeader(piece: Buffer): Buffer {
    // Tapes and block devices pad with zeros.
    const padding = this.#held.length === 0 && this.#members > 0 ? piece.findIndex((octet) => octet !== 0) : 0;
    if (padding < 0) return piece.subarray(piece.length);
    const octets = Buffer.concat([this.#held, piece.subarray(padding)]);
    const length = headerLength(octets);
    if (length === null) return this.#hold(octets);
    if (length === 0) {
      if (this.#members > 0) this.#note('trailing-octets', `packed offset ${this.#fed - octets.length}`);
      else this.#note('corrupt-gzip', 'packed offset 0', 'no gzip header');
      this.#stop();
      return octets;
    }
    this.#held = Buffer.alloc(0);
    this.#expects = 'body';
    this.#checksum = 0;
    this.#length = 0;
    this.#bodyAt = this.#fed - (octets.length - length);
    this.#inflater = this.#startInflater();
    return octets.subarray(length);
  }

  /** Takes the checksum and gives what follows it. */
  #readTrailer(piece: Buffer): Buffer {
    const octets = Buffer.concat([this.#held, piece]);
    if (octets.length < TRAILER_OCTETS) return this.#hold(octets);
    this.#held = Buffer.alloc(0);
    this.#expects = 'header';
    this.#members++;
    if (octets.readUInt32LE(0) !== this.#checksum || octets.readUInt32LE(4) !== this.#length >>> 0) {
      this.#note('corrupt-gzip', `packed offset ${this.#fed - octets.length}`, 'the checksum does not fit; all was unpacked, some of it may be wrong');
    }
    return octets.subarray(TRAILER_OCTETS);
  }

  #hold(octets: Buffer): Buffer {
    // A copy: the piece is filled anew by the next read.
    this.#held = Buffer.from(octets);
    return octets.subarray(octets.length);
  }

  /** Feeds the inflater; gives what lies behind the end of the packed data, empty where it goes on. */
  async #inflate(piece: Buffer): Promise<Buffer> {
    const inflater = this.#inflater;
    if (!inflater) return piece.subarray(piece.length);
    const before = inflater.bytesWritten;
    const ended = await new Promise<boolean>((resolve) => {
      this.#wake = () => resolve(true);
      inflater.once('end', this.#wake);
      // At the end of the data the library calls back no more when octets are left over: `end` does.
      inflater.write(piece, () => resolve(false));
    });
    this.#wake = null;
    inflater.removeAllListeners('end');
    if (this.#failed && this.#again) {
      const place = { bodyAt: this.#bodyAt, pieceAt: this.#fed - piece.length, pieceOctets: piece.length, known: this.#length };
      this.#unpacked.push(...(await salvage(this.#again(), place)));
    }
    if (!ended || this.#over) return piece.subarray(piece.length);
    inflater.destroy();
    this.#inflater = null;
    this.#expects = 'trailer';
    return piece.subarray(inflater.bytesWritten - before);
  }

  #startInflater(): InflateRaw {
    const inflater = createInflateRaw({ chunkSize: CHUNK_OCTETS });
    // Listening for `data` (rather than reading on demand) saves what was unpacked in front of an error; back-pressure is kept by feeding piecewise.
    inflater.on('data', (chunk: Buffer) => {
      this.#checksum = crc32(chunk, this.#checksum);
      this.#length += chunk.length;
      this.#unpacked.push(chunk);
    });
    inflater.on('error', (error) => {
      this.#note('corrupt-gzip', `before packed offset ${this.#fed}`, error.message);
      this.#failed = true;
      this.#stop();
    });
    return inflater;
  }

  #stop(): void {
    this.#over = true;
    this.#wake?.();
  }

  /** A file may be opened several times; its damage is one. */
  #note(kind: AnomalyKind, where: string, detail = ''): void {
    if (!this.#anomalies.list().some((anomaly) => anomaly.kind === kind)) this.#anomalies.note(kind, where, 1, detail);
  }
}
