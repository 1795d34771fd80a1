import type { NumberColumn } from '../model/number-column.ts';
import type { Depot, OctetStore } from '../model/octet-store.ts';
import type { CapturedList, CapturedSession } from '../model/pairing.ts';
import type { DialogueFollower, SmtpDialogue } from '../model/smtp.ts';
import type { PackedLog, SegmentLog, TcpConnection } from '../model/tcp.ts';
import { ConnectionCodec } from './connection-codec.ts';
import { DialogueCodec } from './dialogue-codec.ts';
import { type KeptDialogue, KeptStream } from './kept-stream.ts';
import { TextStore } from './texts.ts';

/** Connections and dialogues that are unpacked at present: who asks for one asks for it several times. */
const UNPACKED = 64;

/** Sessions of which an object is at hand. */
const OBJECTS = 1 << 10;

/** Opens the segments of a connection that are in the store. */
export type OpenLog = (store: OctetStore, log: PackedLog) => SegmentLog;

/** Sessions whose store was written out: what another thread needs to read them from there. */
export interface WrittenSessions {
  readonly streams: Float64Array;
  readonly connectionsAt: Float64Array;
  readonly dialoguesAt: Float64Array;
  readonly connectionTexts: readonly string[];
  readonly dialogueTexts: readonly string[];
}

/**
 * Keeps sealed sessions small until they are judged: connection and dialogue are packed into the store, in memory is where. They are unpacked when
 * somebody asks. What is asked for twice may be another object with the same content.
 */
export class SessionVault {
  readonly #store: OctetStore;
  readonly #openLog: OpenLog;
  readonly #connectionTexts: TextStore;
  readonly #dialogueTexts: TextStore;
  readonly #connections: ConnectionCodec;
  readonly #dialogues: DialogueCodec;
  readonly #streams: NumberColumn;
  readonly #connectionsAt: NumberColumn;
  readonly #dialoguesAt: NumberColumn;
  /** Segments that could not be packed. */
  readonly #segments = new Map<number, SegmentLog>();
  readonly #objects: (KeptSession | undefined)[] = [];
  readonly #withConnection: (KeptSession | undefined)[] = [];
  readonly #withDialogue: (KeptSession | undefined)[] = [];
  #nextConnection = 0;
  #nextDialogue = 0;

  readonly #keepDialogue = (dialogue: SmtpDialogue): KeptDialogue => ({
    address: this.#store.keep(this.#dialogues.pack(dialogue)),
    isSmtp: dialogue.isSmtp,
  });

  /** `written`: the sessions that the store holds already. */
  constructor({ store, newColumn }: Pick<Depot, 'store' | 'newColumn'>, openLog: OpenLog, written: WrittenSessions | null = null) {
    this.#store = store;
    this.#streams = newColumn(4);
    this.#connectionsAt = newColumn(8);
    this.#dialoguesAt = newColumn(8);
    this.#openLog = openLog;
    this.#connectionTexts = new TextStore(written?.connectionTexts);
    this.#dialogueTexts = new TextStore(written?.dialogueTexts);
    this.#connections = new ConnectionCodec(this.#connectionTexts);
    this.#dialogues = new DialogueCodec(this.#dialogueTexts);
    written?.streams.forEach((stream, index) => {
      this.#streams.add(stream);
      this.#connectionsAt.add(written.connectionsAt[index] ?? 0);
      this.#dialoguesAt.add(written.dialoguesAt[index] ?? 0);
    });
  }

  /** What tells another thread where they are, once their store is written out; null where segments of one are not in the store. */
  written(): WrittenSessions | null {
    if (this.#segments.size > 0) return null;
    return {
      streams: this.#streams.values(),
      connectionsAt: this.#connectionsAt.values(),
      dialoguesAt: this.#dialoguesAt.values(),
      connectionTexts: this.#connectionTexts.shared,
      dialogueTexts: this.#dialogueTexts.shared,
    };
  }

  /** Calls its streams by other numbers from now on: those at their own. */
  renumber(streams: Uint32Array): void {
    this.#connections.streams = streams;
  }

  get length(): number {
    return this.#streams.length;
  }

  streamAt(index: number): number {
    const stream = this.#streams.get(index);
    return this.#connections.streams?.[stream] ?? stream;
  }

  /** Hands a stream to its follower, and puts the dialogue away when it is over, or rests; `mayRest`: whether another follower would hear the same now. */
  listen(follower: DialogueFollower, mayRest: () => boolean): KeptStream {
    return new KeptStream(follower, this.#keepDialogue, mayRest);
  }

  keep(connection: TcpConnection, dialogue: KeptDialogue): void {
    const index = this.#streams.length;
    this.#streams.add(connection.stream);
    this.#connectionsAt.add(this.#store.keep(this.#connections.pack(connection)));
    this.#dialoguesAt.add(dialogue.address);
    if (connection.segments.packed === null) this.#segments.set(index, connection.segments);
  }

  at(index: number): CapturedSession {
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
    return this.#dialogues.unpack(this.#store, this.#dialoguesAt.get(session.index));
  }
}

/** The sessions of all vaults in the order of their streams. */
export function joinVaults(vaults: readonly SessionVault[]): CapturedList {
  const streams = new Uint32Array(vaults.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const vault of vaults) for (let index = 0; index < vault.length; index++) streams[filled++] = vault.streamAt(index);
  const order = streams.map((_, at) => at).sort((a, b) => (streams[a] ?? 0) - (streams[b] ?? 0) || a - b);
  return new KeptSessions(order, (at) => {
    let index = at;
    for (const vault of vaults) {
      if (index < vault.length) return vault.at(index);
      index -= vault.length;
    }
    throw new RangeError(`there is no session ${at}`);
  });
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
