import type { CapturedSession } from '../model/pairing.ts';
import type { SmtpDialogue } from '../model/smtp.ts';
import type { TcpConnection } from '../model/tcp.ts';
import { DialogueCodec } from './dialogue-codec.ts';

const BLOCK_OCTETS = 1 << 18;
/** Dialogues that are unpacked at present: who asks for one asks for it several times. */
const UNPACKED = 64;

/**
 * Keeps sealed sessions small until they are judged: what was said is packed into shared blocks of octets and unpacked when somebody asks.
 * A dialogue that is asked for twice may be another object with the same content.
 */
export class SessionVault {
  readonly #codec = new DialogueCodec();
  #block: Buffer = Buffer.alloc(0);
  #used = 0;
  readonly #unpacked: KeptSession[] = [];

  keep(connection: TcpConnection, dialogue: SmtpDialogue): CapturedSession {
    const packed = this.#codec.pack(dialogue);
    if (this.#used + packed.length > this.#block.length) {
      this.#block = Buffer.allocUnsafeSlow(Math.max(BLOCK_OCTETS, packed.length));
      this.#used = 0;
    }
    this.#block.set(packed, this.#used);
    const kept = new KeptSession(this, connection, this.#block, this.#used);
    this.#used += packed.length;
    return kept;
  }

  /** For kept sessions only. */
  unpack(session: KeptSession, block: Buffer, at: number): SmtpDialogue {
    this.#unpacked.push(session);
    if (this.#unpacked.length > UNPACKED) this.#unpacked.shift()?.forget();
    return this.#codec.unpack(block, at);
  }
}

class KeptSession implements CapturedSession {
  readonly connection: TcpConnection;
  readonly #vault: SessionVault;
  readonly #block: Buffer;
  readonly #at: number;
  #dialogue: SmtpDialogue | null = null;

  constructor(vault: SessionVault, connection: TcpConnection, block: Buffer, at: number) {
    this.#vault = vault;
    this.connection = connection;
    this.#block = block;
    this.#at = at;
  }

  get dialogue(): SmtpDialogue {
    return (this.#dialogue ??= this.#vault.unpack(this, this.#block, this.#at));
  }

  forget(): void {
    this.#dialogue = null;
  }
}
