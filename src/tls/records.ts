import type { Moment } from '../model/evidence.ts';
import { type ArrivalView, momentOf } from '../model/tcp.ts';
import { ContentType, mayBeginRecord } from '../model/tls.ts';

/** RFC 8446, 5.2 allows 2^14 + 256, RFC 5246 2^14 + 2048. */
const RECORD_LIMIT = 16_384 + 2_048;
export const HEADER_OCTETS = 5;
/** Searched for within segments, only records of this version are believed: that of every record of application data since TLS 1.2. */
const SEARCHED_VERSION = 0x0303;

/** Hears of one side's records. `bytes` is borrowed. */
export interface RecordSink {
  /** A header came. `length` is -1 where only its first octets are in the file. */
  record(type: number, version: number, length: number, at: Moment): void;
  fragment(bytes: Uint8Array, start: number, end: number, at: ArrivalView): void;
  /** Octets of the current record that are not in the file. */
  missing(length: number): void;
  /** The current record is over. */
  ended(at: ArrivalView): void;
  /** Where records begin is not known from here on, and the current one will not end. */
  lost(): void;
  /** It is known again: `octets` of the stream were passed over, the current record's included. */
  found(octets: number, at: ArrivalView): void;
  /** Whether a record that begins in the middle of a segment would be told from chance. */
  readonly recognises: boolean;
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
  readonly #header = new Uint8Array(HEADER_OCTETS);
  #have = 0;
  #length = 0;
  #remaining = 0;
  #headerAt: Moment | null = null;
  #first = true;
  /** After a loss the borders are unknown until a segment begins like a record. */
  #lost = false;
  #lostOctets = 0;
  /** The borders were found again, and no record has ended since then where another began. */
  #unsure = false;

  constructor(sink: RecordSink) {
    this.#sink = sink;
  }

  feed(bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    let i = start;
    while (i < end) {
      if (this.#lost) {
        const from = i;
        i = this.#search(bytes, i, end);
        this.#lostOctets += i - from;
        if (i >= end) return;
        this.#lost = false;
        this.#unsure = true;
        this.#sink.found(this.#lostOctets, at);
      }
      if (this.#remaining > 0) {
        const n = Math.min(this.#remaining, end - i);
        this.#remaining -= n;
        this.#sink.fragment(bytes, i, i + n, at);
        i += n;
        if (this.#remaining === 0) this.#sink.ended(at);
        continue;
      }
      if (this.#have === 0) this.#headerAt = momentOf(at);
      this.#header[this.#have++] = bytes[i++] ?? 0;
      if (this.#have < HEADER_OCTETS) continue;
      this.#have = 0;
      if (this.#begin(at)) continue;
      if (this.#unsure) {
        this.#lose(HEADER_OCTETS);
        continue;
      }
      this.#sink.invalid(this.#header, 0, HEADER_OCTETS, at);
      if (i < end) this.#sink.invalid(bytes, i, end, at);
      return;
    }
  }

  /** Where a record seems to begin; `end` where none does. */
  #search(bytes: Uint8Array, start: number, end: number): number {
    if (end - start >= 3 && mayBeginRecord(bytes[start]) && bytes[start + 1] === 3 && (bytes[start + 2] ?? 9) <= 4) return start;
    if (!this.#sink.recognises) return end;
    for (
      let at = bytes.indexOf(ContentType.applicationData, start);
      at >= 0 && at + HEADER_OCTETS <= end;
      at = bytes.indexOf(ContentType.applicationData, at + 1)
    ) {
      const version = ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
      const length = ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0);
      if (version === SEARCHED_VERSION && length <= RECORD_LIMIT) return at;
    }
    return end;
  }

  #begin(arrival: ArrivalView): boolean {
    const header = this.#header;
    const at = this.#headerAt;
    const first = this.#first;
    this.#first = false;
    if (!at) return false;
    if (isRecordHeader(header)) {
      this.#begun(header[0] ?? 0, ((header[1] ?? 0) << 8) | (header[2] ?? 0), ((header[3] ?? 0) << 8) | (header[4] ?? 0), at, arrival);
      return true;
    }
    // The ClientHello of SSL 2.0 (RFC 5246, E.2), as very old clients send it: two octets of length, type 1.
    const length = ((((header[0] ?? 0) & 0x7f) << 8) | (header[1] ?? 0)) - 3;
    if (!first || (header[0] ?? 0) < 0x80 || header[2] !== 1 || length <= 0) return false;
    this.#begun(0, 0x0200, length, at, arrival);
    return true;
  }

  #begun(type: number, version: number, length: number, at: Moment, arrival: ArrivalView): void {
    this.#unsure = this.#unsure && this.#lostOctets > 0;
    this.#lostOctets = 0;
    this.#length = length;
    this.#remaining = length;
    this.#sink.record(type, version, length, at);
    if (length === 0) this.#sink.ended(arrival);
  }

  gap(length: number, at: ArrivalView): void {
    if (this.#lost) {
      this.#lostOctets += length;
      return;
    }
    if (this.#have === 0 && this.#remaining > 0 && length <= this.#remaining) {
      this.#remaining -= length;
      this.#sink.missing(length);
      if (this.#remaining === 0) this.#sink.ended(at);
      return;
    }
    // A header of which the rest is missing still tells its type.
    if (this.#have > 0 && this.#headerAt && mayBeginRecord(this.#header[0])) this.#sink.record(this.#header[0] ?? 0, 0, -1, this.#headerAt);
    const begun = this.#have > 0 ? this.#have : this.#remaining > 0 ? this.#length + HEADER_OCTETS - this.#remaining : 0;
    this.#lose(begun + length);
  }

  #lose(octets: number): void {
    this.#have = 0;
    this.#remaining = 0;
    this.#lost = true;
    this.#lostOctets = octets;
    this.#sink.lost();
  }
}
