import type { Moment } from '../model/evidence.ts';
import { mayBeginRecord } from '../model/tls.ts';
import { type ArrivalView, momentOf } from '../model/tcp.ts';

/** RFC 8446, 5.2 allows 2^14 + 256, RFC 5246 2^14 + 2048. */
const RECORD_LIMIT = 16_384 + 2_048;

/** Hears of one side's records. `bytes` is borrowed. */
export interface RecordSink {
  record(type: number, length: number, at: Moment): void;
  fragment(bytes: Uint8Array, start: number, end: number, at: ArrivalView): void;
  /** Octets of the current record that are not in the file. */
  missing(length: number): void;
  /** What comes is no TLS record; nothing more is read as one. `from` is where it starts in `bytes`. */
  invalid(bytes: Uint8Array, from: number, end: number, at: ArrivalView): void;
}

/** Whether these five octets are a record's header (RFC 8446, 5.1). */
function isRecordHeader(header: Uint8Array): boolean {
  const length = ((header[3] ?? 0) << 8) | (header[4] ?? 0);
  return mayBeginRecord(header[0]) && header[1] === 3 && (header[2] ?? 9) <= 4 && length <= RECORD_LIMIT;
}

/** Cuts one side's octets into TLS records, wherever the stream is cut. */
export class RecordReader {
  readonly #sink: RecordSink;
  readonly #header = new Uint8Array(5);
  #have = 0;
  #remaining = 0;
  #headerAt: Moment | null = null;
  #first = true;
  /** After a loss the borders are unknown until a segment begins like a record. */
  #lost = false;

  constructor(sink: RecordSink) {
    this.#sink = sink;
  }

  feed(bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    if (this.#lost) {
      if (end - start < 3 || !mayBeginRecord(bytes[start]) || bytes[start + 1] !== 3 || (bytes[start + 2] ?? 9) > 4) return;
      this.#lost = false;
    }
    let i = start;
    while (i < end) {
      if (this.#remaining > 0) {
        const n = Math.min(this.#remaining, end - i);
        this.#remaining -= n;
        this.#sink.fragment(bytes, i, i + n, at);
        i += n;
        continue;
      }
      if (this.#have === 0) this.#headerAt = momentOf(at);
      this.#header[this.#have++] = bytes[i++] ?? 0;
      if (this.#have < 5) continue;
      this.#have = 0;
      if (!this.#begin()) {
        this.#sink.invalid(this.#header, 0, 5, at);
        if (i < end) this.#sink.invalid(bytes, i, end, at);
        return;
      }
    }
  }

  #begin(): boolean {
    const header = this.#header;
    const at = this.#headerAt;
    const first = this.#first;
    this.#first = false;
    if (!at) return false;
    if (isRecordHeader(header)) {
      this.#remaining = ((header[3] ?? 0) << 8) | (header[4] ?? 0);
      this.#sink.record(header[0] ?? 0, this.#remaining, at);
      return true;
    }
    // The ClientHello of SSL 2.0 (RFC 5246, E.2), as very old clients send it: two octets of length, type 1.
    if (first && (header[0] ?? 0) >= 0x80 && header[2] === 1) {
      this.#remaining = ((((header[0] ?? 0) & 0x7f) << 8) | (header[1] ?? 0)) - 3;
      this.#sink.record(0, this.#remaining, at);
      return this.#remaining > 0;
    }
    return false;
  }

  gap(length: number): void {
    if (this.#lost) return;
    if (this.#have === 0 && this.#remaining > 0 && length <= this.#remaining) {
      this.#remaining -= length;
      this.#sink.missing(length);
      return;
    }
    // A header of which the rest is missing still tells its type.
    if (this.#have > 0 && this.#headerAt && mayBeginRecord(this.#header[0])) this.#sink.record(this.#header[0] ?? 0, -1, this.#headerAt);
    this.#have = 0;
    this.#remaining = 0;
    this.#lost = true;
  }
}
