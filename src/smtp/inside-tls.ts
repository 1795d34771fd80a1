import type { ArrivalView } from '../model/tcp.ts';
import type { Side } from '../model/units.ts';
import { ClientStream } from './client-stream.ts';
import type { Conversation } from './conversation.ts';
import { ServerStream } from './server-stream.ts';

/** What both sides say within TLS, as far as it could be decrypted: a conversation that begins anew (RFC 3207, 4.2), told into the same list of events. */
export class InsideTls {
  readonly #talk: Conversation;
  readonly #client: ClientStream;
  readonly #server: ServerStream;

  constructor(talk: Conversation) {
    this.#talk = talk;
    talk.beginAnew();
    this.#client = new ClientStream(talk, null, null);
    this.#server = new ServerStream(talk, null, null);
  }

  octets(side: Side, bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    this.#speaking(() => {
      if (side === this.#talk.client) {
        this.#server.clientSpeaks();
        this.#client.octets(bytes, start, end, at);
      } else this.#server.octets(bytes, start, end, at);
    });
  }

  gap(side: Side, length: number, at: ArrivalView): void {
    this.#speaking(() => {
      if (side === this.#talk.client) {
        this.#server.clientSpeaks();
        this.#client.gap(length, 'capture', at);
      } else this.#server.gap(length, 'capture', at);
    });
  }

  /** A final reply before the message has an end that could be told. */
  endBody(): void {
    this.#speaking(() => this.#client.endByReply());
  }

  finish(at: ArrivalView): void {
    this.#speaking(() => {
      this.#server.clientSpeaks();
      this.#client.finish(at);
      this.#server.finish(at);
    });
  }

  #speaking(say: () => void): void {
    const { events } = this.#talk;
    const before = events.decrypted;
    events.decrypted = true;
    say();
    events.decrypted = before;
  }
}
