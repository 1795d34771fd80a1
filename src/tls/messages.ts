import type { ArrivalView } from '../model/tcp.ts';

/** HandshakeType (IANA, TLS HandshakeType). */
export const MessageType = {
  helloRequest: 0,
  clientHello: 1,
  serverHello: 2,
  newSessionTicket: 4,
  endOfEarlyData: 5,
  encryptedExtensions: 8,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
  certificateStatus: 22,
  keyUpdate: 24,
  compressedCertificate: 25,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(MessageType).map(([name, type]) => [type, `${name.charAt(0).toUpperCase()}${name.slice(1)}`]),
);

/** Name of a message as the RFCs write it. */
export function messageName(type: number): string {
  return NAMES.get(type) ?? `message ${type}`;
}

/** Longer messages are passed over. */
const MESSAGE_OCTETS = 64 * 1024;

/** Hears of one side's handshake messages (RFC 8446, 4). */
export interface MessageSink {
  /** The header of a message has come; whether its body is wanted. */
  begins(type: number, length: number, at: ArrivalView): boolean;
  /** A wanted body; shorter than told where the rest is not in the file. It is the receiver's own. */
  message(type: number, body: Uint8Array, isWhole: boolean): void;
}

/** Cuts the handshake of one side into its messages, wherever records cut it. */
export class MessageReader {
  readonly #sink: MessageSink;
  #header: number[] = [];
  #left = 0;
  #wanted: { readonly type: number; readonly body: Uint8Array; have: number } | null = null;

  constructor(sink: MessageSink) {
    this.#sink = sink;
  }

  feed(bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    let i = start;
    while (i < end) {
      if (this.#header.length < 4) {
        this.#header.push(bytes[i++] ?? 0);
        if (this.#header.length === 4) this.#begin(at);
        continue;
      }
      const n = Math.min(this.#left, end - i);
      const wanted = this.#wanted;
      if (wanted) {
        wanted.body.set(bytes.subarray(i, i + n), wanted.have);
        wanted.have += n;
      }
      this.#left -= n;
      i += n;
      if (this.#left === 0) this.#close();
    }
  }

  #begin(at: ArrivalView): void {
    const [type = 0, a = 0, b = 0, c = 0] = this.#header;
    const length = (a << 16) | (b << 8) | c;
    this.#left = length;
    const isWanted = this.#sink.begins(type, length, at) && length <= MESSAGE_OCTETS;
    this.#wanted = isWanted ? { type, body: new Uint8Array(length), have: 0 } : null;
    if (length === 0) this.#close();
  }

  #close(): void {
    this.#header = [];
    this.#handOver();
  }

  #handOver(): void {
    const wanted = this.#wanted;
    this.#wanted = null;
    if (wanted) this.#sink.message(wanted.type, wanted.body.subarray(0, wanted.have), wanted.have === wanted.body.length);
  }

  /** Octets that are not in the file: what is there of a body is handed over, and the rest of the message passed over. */
  missing(length: number): void {
    this.finish();
    this.#left = Math.max(0, this.#left - length);
    if (this.#left === 0) this.#header = [];
  }

  /** The stream ends, perhaps within a message. */
  finish(): void {
    this.#handOver();
  }
}
