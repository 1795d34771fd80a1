import type { OctetStore } from '../model/octet-store.ts';
import type { Source, SourceReader } from '../model/source.ts';

/** Octets of a record; the last ones of an input are held until there are as many. */
const PIECE_OCTETS = 1 << 16;

/** Makes a packed or piped input one that can be read again from any place: what it gives is kept in `records`. A pipe can then be opened several times. */
export function spool(source: Source, records: OctetStore): Source {
  let current: Spool | null = null;
  const { once, ...known } = source;
  return {
    ...known,
    get bytes() {
      return source.bytes;
    },
    reread: (into, position) => current?.copy(into, 0, into.length, position) ?? 0,
    open: () => {
      if (current === null || (once !== true && !current.ended)) current = new Spool(source.open(), records);
      return readerOf(current, once === true);
    },
  };
}

class Spool {
  readonly reader: SourceReader;
  readonly #records: OctetStore;
  readonly #addresses: number[] = [];
  #piece: Buffer = Buffer.allocUnsafeSlow(PIECE_OCTETS);
  #held = 0;
  ended = false;

  constructor(reader: SourceReader, records: OctetStore) {
    this.reader = reader;
    this.#records = records;
  }

  get count(): number {
    return this.#addresses.length * PIECE_OCTETS + this.#held;
  }

  async readOn(): Promise<void> {
    const read = await this.reader.read(this.#piece, this.#held, PIECE_OCTETS - this.#held);
    this.#held += read;
    if (read === 0) {
      this.ended = true;
      this.#piece = Buffer.from(this.#piece.subarray(0, this.#held));
      await this.reader.close();
    } else if (this.#held === PIECE_OCTETS) {
      this.#addresses.push(this.#records.keep(this.#piece));
      this.#held = 0;
    }
  }

  /** Of what was read so far. */
  copy(into: Uint8Array, offset: number, length: number, position: number): number {
    let done = 0;
    while (done < length && position + done < this.count) {
      const at = position + done;
      const address = this.#addresses[Math.floor(at / PIECE_OCTETS)];
      const from = at % PIECE_OCTETS;
      const count = Math.min(length - done, (address === undefined ? this.#held : PIECE_OCTETS) - from);
      const octets = address === undefined ? this.#piece : this.#records.blockOf(address);
      const start = from + (address === undefined ? 0 : this.#records.placeOf(address));
      into.set(octets.subarray(start, start + count), offset + done);
      done += count;
    }
    return done;
  }
}

/** `staysOpen`: a pipe is not given up when one of its readers is closed. */
function readerOf(spooled: Spool, staysOpen: boolean): SourceReader {
  let position = 0;
  return {
    read: async (into, offset, length) => {
      // oxlint-disable-next-line no-await-in-loop -- one piece after the other
      while (position >= spooled.count && !spooled.ended) await spooled.readOn();
      const count = spooled.copy(into, offset, length, position);
      position += count;
      return count;
    },
    close: async () => {
      if (!staysOpen && !spooled.ended) await spooled.reader.close();
    },
  };
}
