import type { OctetStore } from '../model/octet-store.ts';
import type { CapturedSession } from '../model/pairing.ts';
import type { SmtpDialogue } from '../model/smtp.ts';
import type { SegmentLog, TcpConnection } from '../model/tcp.ts';
import { ConnectionCodec } from './connection-codec.ts';
import { DialogueCodec } from './dialogue-codec.ts';

export { BlockStore } from './block-store.ts';
export { RecordShelf } from './record-shelf.ts';
export { ScratchArchive } from './scratch-archive.ts';

/** Connections and dialogues that are unpacked at present: who asks for one asks for it several times. */
const UNPACKED = 64;

/**
 * Keeps sealed sessions small until they are judged: connection and dialogue are packed into the store and unpacked when somebody asks.
 * What is asked for twice may be another object with the same content.
 */
export class SessionVault {
  readonly #store: OctetStore;
  readonly #connections = new ConnectionCodec();
  readonly #dialogues = new DialogueCodec();
  readonly #withConnection: (KeptSession | undefined)[] = [];
  readonly #withDialogue: (KeptSession | undefined)[] = [];
  #nextConnection = 0;
  #nextDialogue = 0;

  constructor(store: OctetStore) {
    this.#store = store;
  }

  keep(connection: TcpConnection, dialogue: SmtpDialogue): CapturedSession {
    const connectionAt = this.#store.keep(this.#connections.pack(connection));
    const dialogueAt = this.#store.keep(this.#dialogues.pack(dialogue));
    return new KeptSession(this, connectionAt, dialogueAt, connection.segments);
  }

  /** For kept sessions only. */
  unpackConnection(session: KeptSession, address: number, segments: SegmentLog): TcpConnection {
    this.#withConnection[this.#nextConnection]?.forgetConnection();
    this.#withConnection[this.#nextConnection] = session;
    this.#nextConnection = (this.#nextConnection + 1) % UNPACKED;
    return this.#connections.unpack(this.#store.blockOf(address), this.#store.placeOf(address), segments);
  }

  /** For kept sessions only. */
  unpackDialogue(session: KeptSession, address: number): SmtpDialogue {
    this.#withDialogue[this.#nextDialogue]?.forgetDialogue();
    this.#withDialogue[this.#nextDialogue] = session;
    this.#nextDialogue = (this.#nextDialogue + 1) % UNPACKED;
    return this.#dialogues.unpack(this.#store.blockOf(address), this.#store.placeOf(address));
  }
}

class KeptSession implements CapturedSession {
  readonly #vault: SessionVault;
  readonly #connectionAt: number;
  readonly #dialogueAt: number;
  readonly #segments: SegmentLog;
  #connection: TcpConnection | null = null;
  #dialogue: SmtpDialogue | null = null;

  constructor(vault: SessionVault, connectionAt: number, dialogueAt: number, segments: SegmentLog) {
    this.#vault = vault;
    this.#connectionAt = connectionAt;
    this.#dialogueAt = dialogueAt;
    this.#segments = segments;
  }

  get connection(): TcpConnection {
    return (this.#connection ??= this.#vault.unpackConnection(this, this.#connectionAt, this.#segments));
  }

  get dialogue(): SmtpDialogue {
    return (this.#dialogue ??= this.#vault.unpackDialogue(this, this.#dialogueAt));
  }

  forgetConnection(): void {
    this.#connection = null;
  }

  forgetDialogue(): void {
    this.#dialogue = null;
  }
}
