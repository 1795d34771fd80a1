import { type CipherGCMTypes, type CipherCCMTypes, createDecipheriv, createHmac, getCiphers } from 'node:crypto';
import type { CipherSuite } from '../model/cipher-suites.ts';

/** One record as it stands in the stream. */
export interface SealedRecord {
  readonly type: number;
  /** Of its header, as on the wire. */
  readonly version: number;
  /** Behind the header. Borrowed. */
  readonly body: Uint8Array;
}

/** What a record held, verified. */
export interface OpenedRecord {
  readonly type: number;
  readonly content: Uint8Array;
}

/** Opens records of one side under one key. */
export interface Opener {
  /** Null where it does not verify with this sequence number. */
  open(record: SealedRecord, sequence: number): OpenedRecord | null;
  /** The record has gone by, opened or not; null: records are missing in front of the next one. */
  passed(record: SealedRecord | null): void;
  /** The number that a record names itself by, counted up from record to record as a rule; null where it has none. */
  nonceOf(record: SealedRecord): bigint | null;
}

/** What belongs to one side of TLS 1.0 to 1.2 (RFC 5246, 6.3). */
export interface WriteKeys {
  readonly macKey: Uint8Array;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

/** Octets of the part of the nonce that is not sent: GCM, CCM (RFC 5288, 3; RFC 6655, 3), and all of it for ChaCha20 and TLS 1.3. */
export const IMPLICIT_NONCE_OCTETS = { short: 4, full: 12 } as const;
const EXPLICIT_NONCE_OCTETS = 8;

let available: ReadonlySet<string> | null = null;

/** OpenSSL's name of a cipher; null where this Node.js has none: RC4. */
function cipherOf({ cipher, mode }: CipherSuite): string | null {
  if (mode === 'chacha') return 'chacha20-poly1305';
  const name = cipher.startsWith('3DES') ? 'des-ede3-cbc' : cipher.toLowerCase().replaceAll('_', '-').replace(/-8$/, '');
  available ??= new Set(getCiphers());
  return available.has(name) || name === 'null' ? name : null;
}

/** Whether records of the suite can be opened at all. */
export function canOpen(suite: CipherSuite, version: number): boolean {
  return version >= 0x0301 && cipherOf(suite) !== null && version >= 0x0304 === (suite.keyExchange === 'TLS13');
}

export function openerOf12(suite: CipherSuite, version: number, keys: WriteKeys, encryptThenMac: boolean): Opener {
  const name = cipherOf(suite) ?? 'null';
  if (suite.mode === 'cbc') return new CbcOpener(suite, version, name, keys, encryptThenMac);
  return suite.mode === 'stream' ? new NullOpener(suite, keys) : new AeadOpener(suite, name, keys.key, keys.iv, false);
}

export function openerOf13(suite: CipherSuite, key: Uint8Array, iv: Uint8Array): Opener {
  return new AeadOpener(suite, cipherOf(suite) ?? 'null', key, iv, true);
}

/** What is authenticated beside the content (RFC 5246, 6.2.3.1 and 6.2.3.3). */
function headerOf({ type, version }: SealedRecord, sequence: number, length: number): Buffer {
  const header = Buffer.allocUnsafe(13);
  header.writeUInt32BE(Math.floor(sequence / 2 ** 32), 0);
  header.writeUInt32BE(sequence % 2 ** 32, 4);
  header[8] = type;
  header.writeUInt16BE(version, 9);
  header.writeUInt16BE(length, 11);
  return header;
}

class AeadOpener implements Opener {
  readonly #name: string;
  readonly #isCcm: boolean;
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array;
  readonly #tagOctets: 8 | 16;
  readonly #is13: boolean;
  readonly #explicit: number;

  constructor({ mode }: CipherSuite, name: string, key: Uint8Array, iv: Uint8Array, is13: boolean) {
    this.#name = name;
    this.#isCcm = mode === 'ccm' || mode === 'ccm8';
    this.#key = key;
    this.#iv = iv;
    this.#tagOctets = mode === 'ccm8' ? 8 : 16;
    this.#is13 = is13;
    this.#explicit = is13 || mode === 'chacha' ? 0 : EXPLICIT_NONCE_OCTETS;
  }

  open(record: SealedRecord, sequence: number): OpenedRecord | null {
    const { body, type } = record;
    const length = body.length - this.#explicit - this.#tagOctets;
    if (length < 0 || (this.#is13 && length < 1)) return null;
    const content = this.#decrypt(record, sequence, length);
    if (!content) return null;
    if (!this.#is13) return { type, content };
    // The content type stands behind the content, and zeros behind it (RFC 8446, 5.4).
    let end = content.length - 1;
    while (end >= 0 && content[end] === 0) end--;
    return end < 0 ? null : { type: content[end] ?? 0, content: content.subarray(0, end) };
  }

  #decrypt(record: SealedRecord, sequence: number, length: number): Buffer | null {
    const { body } = record;
    const from = this.#explicit;
    const nonce = this.#nonce(body, sequence);
    const aad = this.#is13
      ? Buffer.from([record.type, record.version >> 8, record.version & 0xff, body.length >> 8, body.length & 0xff])
      : headerOf(record, sequence, length);
    const options = { authTagLength: this.#tagOctets };
    const decipher = this.#isCcm
      ? createDecipheriv(this.#name as CipherCCMTypes, this.#key, nonce, options)
      : createDecipheriv(this.#name as CipherGCMTypes, this.#key, nonce, options);
    try {
      decipher.setAuthTag(body.subarray(from + length));
      decipher.setAAD(aad, { plaintextLength: length });
      const content = decipher.update(body.subarray(from, from + length));
      decipher.final();
      return content;
    } catch {
      // The tag does not fit.
      return null;
    }
  }

  #nonce(body: Uint8Array, sequence: number): Uint8Array {
    if (this.#explicit > 0) return Buffer.concat([this.#iv, body.subarray(0, this.#explicit)]);
    const nonce = Buffer.from(this.#iv);
    const low = sequence % 2 ** 32;
    const high = Math.floor(sequence / 2 ** 32);
    for (let i = 0; i < 4; i++) {
      const at = nonce.length - 1 - i;
      nonce[at] = (nonce[at] ?? 0) ^ ((low >>> (8 * i)) & 0xff);
      nonce[at - 4] = (nonce[at - 4] ?? 0) ^ ((high >>> (8 * i)) & 0xff);
    }
    return nonce;
  }

  passed(): void {}

  nonceOf({ body }: SealedRecord): bigint | null {
    return this.#explicit > 0 && body.length >= this.#explicit ? Buffer.from(body.buffer, body.byteOffset, body.length).readBigUInt64BE(0) : null;
  }
}

/** MAC then encrypt (RFC 5246, 6.2.3.2), or encrypt then MAC (RFC 7366). */
class CbcOpener implements Opener {
  readonly #suite: CipherSuite;
  readonly #name: string;
  readonly #keys: WriteKeys;
  readonly #encryptThenMac: boolean;
  readonly #hasVector: boolean;
  /** TLS 1.0 takes the last block of the record before as vector; null while that is not in the file. */
  #vector: Uint8Array | null;

  constructor(suite: CipherSuite, version: number, name: string, keys: WriteKeys, encryptThenMac: boolean) {
    this.#suite = suite;
    this.#name = name;
    this.#keys = keys;
    this.#encryptThenMac = encryptThenMac;
    this.#hasVector = version >= 0x0302;
    this.#vector = keys.iv;
  }

  open(record: SealedRecord, sequence: number): OpenedRecord | null {
    const { macOctets, blockOctets } = this.#suite;
    const { body, type } = record;
    const sealedEnd = this.#encryptThenMac ? body.length - macOctets : body.length;
    const from = this.#hasVector ? blockOctets : 0;
    const vector = this.#hasVector ? body.subarray(0, blockOctets) : this.#vector;
    const octets = sealedEnd - from;
    if (!vector || octets < blockOctets || octets % blockOctets !== 0) return null;
    const sealed = body.subarray(0, sealedEnd);
    if (this.#encryptThenMac && !this.#isMac(record, sequence, sealed, body.subarray(sealedEnd))) return null;
    const decipher = createDecipheriv(this.#name, this.#keys.key, vector).setAutoPadding(false);
    const plain = Buffer.concat([decipher.update(sealed.subarray(from)), decipher.final()]);
    const padding = (plain[plain.length - 1] ?? 0) + 1;
    if (padding > plain.length) return null;
    for (let i = plain.length - padding; i < plain.length; i++) if (plain[i] !== padding - 1) return null;
    const end = plain.length - padding;
    if (this.#encryptThenMac) return { type, content: plain.subarray(0, end) };
    if (end < macOctets) return null;
    const content = plain.subarray(0, end - macOctets);
    return this.#isMac(record, sequence, content, plain.subarray(end - macOctets, end)) ? { type, content } : null;
  }

  #isMac(record: SealedRecord, sequence: number, octets: Uint8Array, mac: Uint8Array): boolean {
    return macOf(this.#suite, this.#keys, record, sequence, octets).equals(mac);
  }

  passed(record: SealedRecord | null): void {
    if (this.#hasVector) return;
    const end = record ? record.body.length - (this.#encryptThenMac ? this.#suite.macOctets : 0) : 0;
    const from = end - this.#suite.blockOctets;
    this.#vector = record && from >= 0 ? new Uint8Array(record.body.subarray(from, end)) : null;
  }

  nonceOf(): null {
    return null;
  }
}

/** Suites that only authenticate. */
class NullOpener implements Opener {
  readonly #suite: CipherSuite;
  readonly #keys: WriteKeys;

  constructor(suite: CipherSuite, keys: WriteKeys) {
    this.#suite = suite;
    this.#keys = keys;
  }

  open(record: SealedRecord, sequence: number): OpenedRecord | null {
    const end = record.body.length - this.#suite.macOctets;
    if (end < 0) return null;
    const content = record.body.subarray(0, end);
    return macOf(this.#suite, this.#keys, record, sequence, content).equals(record.body.subarray(end)) ? { type: record.type, content } : null;
  }

  passed(): void {}

  nonceOf(): null {
    return null;
  }
}

function macOf(suite: CipherSuite, keys: WriteKeys, record: SealedRecord, sequence: number, octets: Uint8Array): Buffer {
  return createHmac(suite.mac ?? 'sha256', keys.macKey)
    .update(headerOf(record, sequence, octets.length))
    .update(octets)
    .digest();
}
