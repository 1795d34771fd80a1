import { constants, createPrivateKey, type KeyObject, privateDecrypt } from 'node:crypto';

const PRE_MASTER_OCTETS = 48;

/** Why a private key cannot be used. */
export type KeyFailure = 'needs-password' | 'wrong-password' | 'not-rsa' | 'unreadable';

/** A private key as PEM or DER, PKCS#1 or PKCS#8; its content is never told. */
export function readRsaKey(octets: Uint8Array, password: string | null): KeyObject | KeyFailure {
  const text = Buffer.from(octets).toString('latin1');
  const isPem = text.includes('-----BEGIN');
  const isEncrypted = isPem ? /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text) : null;
  if (isEncrypted === true && password === null) return 'needs-password';
  const passphrase = password === null ? {} : { passphrase: password };
  const key = Buffer.from(octets);
  const forms = isPem
    ? [() => createPrivateKey({ key, format: 'pem', ...passphrase })]
    : [() => createPrivateKey({ key, format: 'der', type: 'pkcs8', ...passphrase }), () => createPrivateKey({ key, format: 'der', type: 'pkcs1' })];
  for (const read of forms) {
    try {
      const found = read();
      return found.asymmetricKeyType === 'rsa' ? found : 'not-rsa';
    } catch (error) {
      if (!isPem && password === null && asksForPassword(error)) return 'needs-password';
    }
  }
  return isEncrypted === true ? 'wrong-password' : 'unreadable';
}

function asksForPassword(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MISSING_PASSPHRASE';
}

/** Private keys of servers, tried in turn. */
export class RsaKeys {
  readonly #keys: readonly KeyObject[];

  constructor(keys: readonly KeyObject[]) {
    this.#keys = keys;
  }

  get isEmpty(): boolean {
    return this.#keys.length === 0;
  }

  /**
   * The pre-master secret (RFC 5246, 7.4.7.1) of every key under which the octets are one. The padding is taken off here, because Node.js
   * refuses to: what it fears are answers that tell an attacker who chooses the octets whether the padding fits. Nobody is answered.
   */
  decrypt(encrypted: Uint8Array): Buffer[] {
    return this.#keys.flatMap((key) => {
      const size = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
      if (encrypted.length !== size) return [];
      try {
        const plain = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, encrypted);
        // RFC 8017, 7.2.2: 0, 2, at least eight octets that are not 0, 0, the message.
        const border = plain.indexOf(0, 2);
        const isPadded = plain[0] === 0 && plain[1] === 2 && border >= 10;
        return isPadded && plain.length - border - 1 === PRE_MASTER_OCTETS ? [plain.subarray(border + 1)] : [];
      } catch {
        // Not below the modulus of this key.
        return [];
      }
    });
  }
}
