import type { OctetStore } from '../model/octet-store.ts';
import type { CapturedList, CapturedSession } from '../model/pairing.ts';
import type { SmtpDialogue } from '../model/smtp.ts';
import type { PackedLog, SegmentLog, TcpConnection } from '../model/tcp.ts';
import { ConnectionCodec } from './connection-codec.ts';
import { DialogueCodec } from './dialogue-codec.ts';
import { GrowingColumn } from './growing-column.ts';

export { BlockStore } from './block-store.ts';
export { RecordShelf } from './record-shelf.ts';
export { ScratchArchive } from './scratch-archive.ts';

/** Connections and dialogues that are unpacked at present: who asks for one asks for it several times. */
const UNPACKED = 64;

/** Sessions of which an object is at hand. */
const OBJECTS = 1 << 10;

/** Opens the segments of a connection that are in the store. */
export type OpenLog = (store: OctetStore, log: PackedLog) => SegmentLog;

/**
 * Keeps sealed sessions small until they are judged: connection and dialogue are packed into the store, in memory is where. They are unpacked when
 * somebody asks. What is asked for twice may be another object with the same content.
 */
export class SessionVault {
  readonly #store: OctetStore;
  readonly #openLog: OpenLog;
  readonly #connections = new ConnectionCodec();
  readonly #dialogues = new DialogueCodec();
  readonly #streams = new GrowingColumn((rows) => new Uint32Array(rows));
  readonly #connectionsAt = new GrowingColumn((rows) => new Float64Array(rows));
  readonly #dialoguesAt = new GrowingColumn((rows) => new Float64Array(rows));
  /** Segments that could not be packed. */
  readonly #segments = new Map<number, SegmentLog>();
  readonly #objects: (KeptSession | undefined)[] = [];
  readonly #withConnection: (KeptSession | undefined)[] = [];
  readonly #withDialogue: (KeptSession | undefined)[] = [];
  #nextConnection = 0;
  #nextDialogue = 0;

  constructor(store: OctetStore, openLog: OpenLog) {
    this.#store = store;
    this.#openLog = openLog;
  }

  keep(connection: TcpConnection, dialogue: SmtpDialogue): void {
    const index = this.#streams.length;
    this.#streams.add(connection.stream);
    this.#connectionsAt.add(this.#store.keep(this.#connections.pack(connection)));
    this.#dialoguesAt.add(this.#store.keep(this.#dialogues.pack(dialogue)));
    if (connection.segments.packed === null) this.#segments.set(index, connection.segments);
  }

  /** All of them in the order of their streams. */
  list(): CapturedList {
    const streams = this.#streams;
    const order = new Uint32Array(streams.length).map((_, at) => at).sort((a, b) => streams.get(a) - streams.get(b) || a - b);
    return new KeptSessions(order, (index) => this.#at(index));
  }

  #at(index: number): KeptSession {
    const slot = index & (OBJECTS - 1);
    const known = this.#objects[slot];
    if (known?.index === index) return known;
    const made = new KeptSession(this, index);
    this.#objects[slot] = made;
    return made;
  }

  /** For kept sessions only. */
  unpackConnection(session: KeptSession): TcpConnection {
    this.#withConnection[this.#nextConnection]?.forgetConnection();
    this.#withConnection[this.#nextConnection] = session;
    this.#nextConnection = (this.#nextConnection + 1) % UNPACKED;
    const address = this.#connectionsAt.get(session.index);
    return this.#connections.unpack(this.#store.blockOf(address), this.#store.placeOf(address), (log) => this.#segmentsOf(session.index, log));
  }

  #segmentsOf(index: number, log: PackedLog): SegmentLog {
    return this.#segments.get(index) ?? this.#openLog(this.#store, log);
  }

  /** For kept sessions only. */
  unpackDialogue(session: KeptSession): SmtpDialogue {
    this.#withDialogue[this.#nextDialogue]?.forgetDialogue();
    this.#withDialogue[this.#nextDialogue] = session;
    this.#nextDialogue = (this.#nextDialogue + 1) % UNPACKED;
    const address = this.#dialoguesAt.get(session.index);
    return this.#dialogues.unpack(this.#store.blockOf(address), this.#store.placeOf(address));
  }
}

class KeptSessions implements CapturedList {
  readonly #order: Uint32Array;
  readonly #of: (index: number) => CapturedSession;

  constructor(order: Uint32Array, of: (index: number) => CapturedSession) {
    this.#order = order;
    this.#of = of;
  }

  get length(): number {
    return this.#order.length;
  }

  at(place: number): CapturedSession | undefined {
    const index = this.#order[place];
    return index === undefined ? undefined : this.#of(index);
  }

  *[Symbol.iterator](): Generator<CapturedSession> {
    for (const index of this.#order) yield this.#of(index);
  }
}

class KeptSession implements CapturedSession {
  readonly index: number;
  readonly #vault: SessionVault;
  #connection: TcpConnection | null = null;
  #dialogue: SmtpDialogue | null = null;

  constructor(vault: SessionVault, index: number) {
    this.#vault = vault;
    this.index = index;
  }

  get connection(): TcpConnection {
    return (this.#connection ??= this.#vault.unpackConnection(this));
  }

  get dialogue(): SmtpDialogue {
    return (this.#dialogue ??= this.#vault.unpackDialogue(this));
  }

  forgetConnection(): void {
    this.#connection = null;
  }

  forgetDialogue(): void {
    this.#dialogue = null;
  }
}
