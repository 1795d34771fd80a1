import { createHash } from 'node:crypto';

/** Labels of a key log (draft-ietf-tls-keylogfile) that open records; others are passed over. */
export const SECRET_LABELS = [
  'CLIENT_RANDOM',
  'CLIENT_EARLY_TRAFFIC_SECRET',
  'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
  'SERVER_HANDSHAKE_TRAFFIC_SECRET',
  'CLIENT_TRAFFIC_SECRET_0',
  'SERVER_TRAFFIC_SECRET_0',
] as const;
export type SecretLabel = (typeof SECRET_LABELS)[number];

const MASTER_OCTETS = 48;

/** What is kept of sessions whose master secret is known, so that those that resume them can be read: the latest. */
const SESSIONS_KEPT = 100_000;

/** All that the user gave, and what sessions of the captures gave away because of it. Kept in memory only, and never shown. */
export class Secrets {
  /** By label and the client's random in hexadecimal digits. */
  readonly #byRandom = new Map<string, Uint8Array>();
  /** Pre-master secrets by the first octets of their encrypted form: `RSA` lines. */
  readonly #preMasters = new Map<string, Uint8Array>();
  /** Master secrets by session id or ticket. */
  readonly #masters = new Map<string, Uint8Array>();

  /** Nothing was given. */
  get isEmpty(): boolean {
    return this.#byRandom.size === 0 && this.#preMasters.size === 0 && this.#masters.size === 0;
  }

  /** Secrets of sessions, for telling how much was given. */
  get size(): number {
    return this.#byRandom.size + this.#preMasters.size + this.#masters.size;
  }

  add(label: SecretLabel, random: string, secret: Uint8Array): void {
    this.#byRandom.set(`${label} ${random}`, secret);
  }

  addPreMaster(encryptedStart: string, secret: Uint8Array): void {
    this.#preMasters.set(encryptedStart, secret);
  }

  find(label: SecretLabel, random: Uint8Array): Uint8Array | null {
    return this.#byRandom.get(`${label} ${hex(random)}`) ?? null;
  }

  /** Whether anything belongs to this random. */
  knows(random: Uint8Array): boolean {
    return SECRET_LABELS.some((label) => this.find(label, random) !== null);
  }

  /** `encrypted` is what the ClientKeyExchange holds. */
  preMasterOf(encrypted: Uint8Array): Uint8Array | null {
    return this.#preMasters.get(hex(encrypted.subarray(0, 8))) ?? null;
  }

  get hasPreMasters(): boolean {
    return this.#preMasters.size > 0;
  }

  remember(name: Uint8Array, master: Uint8Array): void {
    if (name.length === 0 || master.length !== MASTER_OCTETS) return;
    const key = keyOf(name);
    this.#masters.delete(key);
    this.#masters.set(key, master);
    if (this.#masters.size > SESSIONS_KEPT) for (const oldest of this.#masters.keys()) if (this.#masters.delete(oldest)) break;
  }

  /** The master secret of the session that an id or a ticket names. */
  masterOf(name: Uint8Array): Uint8Array | null {
    return name.length === 0 ? null : (this.#masters.get(keyOf(name)) ?? null);
  }
}

/** Tickets may be long. */
function keyOf(name: Uint8Array): string {
  return name.length <= 32 ? hex(name) : createHash('sha256').update(name).digest('base64');
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('hex');
}
