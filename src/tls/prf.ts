import { createHash, createHmac } from 'node:crypto';

/** P_hash of RFC 5246, 5. */
function expandHmac(hash: string, secret: Uint8Array, seed: Uint8Array, length: number): Buffer {
  const parts: Buffer[] = [];
  let a: Uint8Array = seed;
  for (let have = 0; have < length; ) {
    a = createHmac(hash, secret).update(a).digest();
    const part = createHmac(hash, secret).update(a).update(seed).digest();
    parts.push(part);
    have += part.length;
  }
  return Buffer.concat(parts).subarray(0, length);
}

/** The PRF of TLS 1.0 to 1.2 (RFC 2246, 5; RFC 5246, 5). `hash` counts from TLS 1.2 on. */
export function prf(version: number, hash: string, secret: Uint8Array, label: string, seed: Uint8Array, length: number): Buffer {
  const labelled = Buffer.concat([Buffer.from(label, 'latin1'), seed]);
  if (version >= 0x0303) return expandHmac(hash, secret, labelled, length);
  // The halves share the octet in the middle of an odd length.
  const half = Math.ceil(secret.length / 2);
  const md5 = expandHmac('md5', secret.subarray(0, half), labelled, length);
  const sha1 = expandHmac('sha1', secret.subarray(secret.length - half), labelled, length);
  for (let i = 0; i < length; i++) md5[i] = (md5[i] ?? 0) ^ (sha1[i] ?? 0);
  return md5;
}

/** The hash over the messages of a handshake (RFC 5246, 7.4.9; RFC 2246, 7.4.9; RFC 7627, 3). */
export function handshakeHash(version: number, hash: string, messages: readonly Uint8Array[]): Buffer {
  const digest = (name: string): Buffer => {
    const running = createHash(name);
    for (const message of messages) running.update(message);
    return running.digest();
  };
  return version >= 0x0303 ? digest(hash) : Buffer.concat([digest('md5'), digest('sha1')]);
}

/** HKDF-Expand-Label with an empty context (RFC 8446, 7.1). */
export function expandLabel(hash: string, secret: Uint8Array, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = Buffer.concat([Buffer.from([length >> 8, length & 0xff, name.length]), name, Buffer.from([0])]);
  const parts: Buffer[] = [];
  let part: Buffer = Buffer.alloc(0);
  for (let have = 0, count = 1; have < length; count++, have += part.length) {
    part = createHmac(hash, secret)
      .update(part)
      .update(info)
      .update(Buffer.from([count]))
      .digest();
    parts.push(part);
  }
  return Buffer.concat(parts).subarray(0, length);
}
