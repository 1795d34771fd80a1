import { type CipherSuite, suiteOf } from '../model/cipher-suites.ts';
import type { TlsObstacle } from '../model/tls.ts';
import type { ClientHello, ServerHello } from './hello.ts';
import { MessageType } from './messages.ts';
import { expandLabel, handshakeHash, prf } from './prf.ts';
import { canOpen, IMPLICIT_NONCE_OCTETS, type Opener, openerOf12, openerOf13 } from './protection.ts';
import type { RsaKeys } from './rsa-keys.ts';
import type { SecretLabel, Secrets } from './secrets.ts';
import type { KeyChain } from './unsealer.ts';

/** Everything that was given to read with. */
export interface KeyRing {
  readonly secrets: Secrets;
  readonly rsa: RsaKeys;
}

/** Whether there is anything that could open TLS. */
export function holdsKeys(ring: KeyRing | null): ring is KeyRing {
  return ring !== null && !(ring.secrets.isEmpty && ring.rsa.isEmpty);
}

/** What both hellos agree on. */
export interface Agreement {
  readonly offer: ClientHello;
  readonly choice: ServerHello;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
}

const MASTER_OCTETS = 48;
/** Handshakes longer than this are not kept for the hash of the extended master secret. */
const HANDSHAKE_OCTETS = 256 * 1024;

/** Suites under which early data may come before a ServerHello names one: by the hash's length. */
const EARLY_SUITES: Readonly<Record<number, readonly number[]>> = { 32: [0x1301, 0x1303, 0x1304, 0x1305], 48: [0x1302] };
/** The client's chain begins with so many guesses. */
export const EARLY_KEYS = 4;

/** Finds the keys of one connection among what was given. */
export class SessionKeys {
  readonly #ring: KeyRing;
  /** Messages of the handshake in order, for the extended master secret; only where an RSA key could ask for them. */
  #messages: Uint8Array[] = [];
  #messageOctets = 0;
  #encryptedPreMaster: Uint8Array | null = null;
  #master: Uint8Array | null = null;
  /** Why no keys were found. */
  obstacle: TlsObstacle | null = null;

  constructor(ring: KeyRing) {
    this.#ring = ring;
  }

  /** Whether every message of the handshake is wanted whole. */
  get wantsMessages(): boolean {
    return !this.#ring.rsa.isEmpty || this.#ring.secrets.hasPreMasters;
  }

  /** A whole message of the handshake, of either side, in order of arrival. */
  hear(type: number, body: Uint8Array, agreement: Agreement | null): void {
    if (type === MessageType.clientHello) {
      this.#messages = [];
      this.#messageOctets = 0;
      this.#encryptedPreMaster = null;
      this.#master = null;
    }
    if (type === MessageType.newSessionTicket && agreement && agreement.choice.version < 0x0304 && this.#master && body.length > 6) {
      this.#ring.secrets.remember(body.subarray(6), this.#master);
    }
    if (!this.wantsMessages || this.#encryptedPreMaster !== null || type === 0) return;
    this.#messageOctets += body.length + 4;
    if (this.#messageOctets > HANDSHAKE_OCTETS) return;
    this.#messages.push(Uint8Array.from([type, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff]), body);
    // Its length stands in front of it (RFC 5246, 7.4.7.1).
    if (type === MessageType.clientKeyExchange && body.length > 2) this.#encryptedPreMaster = body.subarray(2);
  }

  /** Keys of one side. */
  chainOf(agreement: Agreement, byClient: boolean): KeyChain | null {
    const { offer, choice } = agreement;
    const suite = suiteOf(choice.suite);
    if (!suite || !canOpen(suite, choice.version)) {
      this.obstacle ??= 'unknown-suite';
      return null;
    }
    if (choice.version >= 0x0304) return this.#chainOf13(suite, offer, byClient);
    const master = (this.#master ??= this.#findMaster(suite, agreement));
    this.#messages = [];
    if (!master) {
      this.obstacle ??= this.#whyNot(suite, offer);
      return null;
    }
    if (choice.sessionId.length > 0) this.#ring.secrets.remember(choice.sessionId, master);
    const opener = openerOf12(suite, choice.version, writeKeys(suite, agreement, master, byClient), agreement.encryptThenMac);
    return (index) => (index === 0 ? opener : null);
  }

  #whyNot(suite: CipherSuite, offer: ClientHello): TlsObstacle {
    const { rsa, secrets } = this.#ring;
    if (secrets.knows(offer.random)) return 'wrong-secret';
    if (rsa.isEmpty) return 'no-secret';
    return suite.keyExchange === 'RSA' ? 'no-secret' : 'forward-secrecy';
  }

  #findMaster(suite: CipherSuite, agreement: Agreement): Uint8Array | null {
    const { offer, choice } = agreement;
    const { secrets, rsa } = this.#ring;
    const logged = secrets.find('CLIENT_RANDOM', offer.random);
    if (logged?.length === MASTER_OCTETS) return logged;
    const encrypted = this.#encryptedPreMaster;
    if (encrypted) {
      const given = secrets.preMasterOf(encrypted);
      const preMaster = given ?? (suite.keyExchange === 'RSA' ? rsa.decrypt(encrypted)[0] : undefined);
      return preMaster ? this.#masterFrom(preMaster, suite, agreement) : null;
    }
    const isSame = choice.sessionId.length > 0 && Buffer.compare(choice.sessionId, offer.sessionId) === 0;
    return (isSame ? secrets.masterOf(choice.sessionId) : null) ?? secrets.masterOf(offer.ticket);
  }

  /** RFC 5246, 8.1; RFC 7627, 4. */
  #masterFrom(preMaster: Uint8Array, suite: CipherSuite, { offer, choice, extendedMasterSecret }: Agreement): Uint8Array | null {
    const { version } = choice;
    if (!extendedMasterSecret) return prf(version, suite.prf, preMaster, 'master secret', Buffer.concat([offer.random, choice.random]), MASTER_OCTETS);
    if (this.#messageOctets > HANDSHAKE_OCTETS) return null;
    const seed = handshakeHash(version, suite.prf, this.#messages);
    return prf(version, suite.prf, preMaster, 'extended master secret', seed, MASTER_OCTETS);
  }

  /** Keys of early data before anything is agreed on (RFC 8446, 4.2.10): guesses by the secret's length. */
  earlyChain(offer: ClientHello): KeyChain | null {
    return this.#find('CLIENT_EARLY_TRAFFIC_SECRET', offer) ? (index) => this.#earlyOpener(offer, index) : null;
  }

  readonly #early = new Map<number, Opener | null>();

  #earlyOpener(offer: ClientHello, index: number): Opener | null {
    const known = this.#early.get(index);
    if (known !== undefined) return known;
    const secret = this.#find('CLIENT_EARLY_TRAFFIC_SECRET', offer);
    const suite = suiteOf(EARLY_SUITES[secret?.length ?? 0]?.[index] ?? 0);
    const opener = secret && suite ? openerFrom(suite, secret) : null;
    this.#early.set(index, opener);
    return opener;
  }

  /** Early data (the client's only), the handshake, application data, and each update of its keys. */
  #chainOf13(suite: CipherSuite, offer: ClientHello, byClient: boolean): KeyChain | null {
    const handshake = this.#find(byClient ? 'CLIENT_HANDSHAKE_TRAFFIC_SECRET' : 'SERVER_HANDSHAKE_TRAFFIC_SECRET', offer);
    const traffic = this.#find(byClient ? 'CLIENT_TRAFFIC_SECRET_0' : 'SERVER_TRAFFIC_SECRET_0', offer);
    if (!handshake || !traffic) this.obstacle ??= this.#ring.secrets.knows(offer.random) ? 'one-side' : this.#whyNot(suite, offer);
    if (!handshake && !traffic) return null;
    const openers: (Opener | null)[] = [handshake ? openerFrom(suite, handshake) : null];
    let last = traffic;
    const first = byClient ? EARLY_KEYS : 0;
    return (index) => {
      if (index < first) return this.#earlyOpener(offer, index);
      while (openers.length <= index - first) {
        openers.push(last ? openerFrom(suite, last) : null);
        // RFC 8446, 7.2.
        last = last ? expandLabel(suite.prf, last, 'traffic upd', last.length) : null;
      }
      return openers[index - first] ?? null;
    };
  }

  #find(label: SecretLabel, offer: ClientHello): Uint8Array | null {
    return this.#ring.secrets.find(label, offer.random);
  }
}

/** RFC 8446, 7.3. */
function openerFrom(suite: CipherSuite, secret: Uint8Array): Opener {
  return openerOf13(suite, expandLabel(suite.prf, secret, 'key', suite.keyOctets), expandLabel(suite.prf, secret, 'iv', IMPLICIT_NONCE_OCTETS.full));
}

/** RFC 5246, 6.3: two MAC keys, two keys, two vectors, the client's first. */
function writeKeys(suite: CipherSuite, { offer, choice }: Agreement, master: Uint8Array, byClient: boolean): { macKey: Buffer; key: Buffer; iv: Buffer } {
  const { keyOctets, macOctets, mode, blockOctets } = suite;
  const ivOctets = mode === 'cbc' ? blockOctets : mode === 'stream' ? 0 : mode === 'chacha' ? IMPLICIT_NONCE_OCTETS.full : IMPLICIT_NONCE_OCTETS.short;
  const seed = Buffer.concat([choice.random, offer.random]);
  const block = prf(choice.version, suite.prf, master, 'key expansion', seed, 2 * (macOctets + keyOctets + ivOctets));
  const part = (from: number, length: number): Buffer => {
    const at = from + (byClient ? 0 : length);
    return block.subarray(at, at + length);
  };
  return { macKey: part(0, macOctets), key: part(2 * macOctets, keyOctets), iv: part(2 * (macOctets + keyOctets), ivOctets) };
}
