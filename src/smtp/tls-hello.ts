import { latin1 } from './line-reader.ts';
import { cipherName, versionName } from './tls-names.ts';

/** What a ClientHello or ServerHello tells in clear (RFC 8446, 4.1). */
export interface Hello {
  /** Highest version offered, or the one chosen. */
  readonly version: number;
  /** Server name of a ClientHello (RFC 6066, 3); null where there is none. */
  readonly sni: string | null;
  /** Suite chosen by a ServerHello; null for a ClientHello. */
  readonly cipher: number | null;
  /** A ServerHello that asks for another ClientHello (RFC 8446, 4.1.4). */
  readonly retry: boolean;
}

const EXTENSION_SERVER_NAME = 0;
const EXTENSION_SUPPORTED_VERSIONS = 43;
/** SHA-256 of "HelloRetryRequest", its first octets: the random of a ServerHello that is a retry request. */
const RETRY_RANDOM: readonly number[] = [0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11];

/** Octets of a message with reads that never leave it. */
class Cursor {
  at = 0;
  readonly #bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  get left(): number {
    return this.#bytes.length - this.at;
  }
  u8(): number {
    return this.#bytes[this.at++] ?? 0;
  }
  u16(): number {
    return (this.u8() << 8) | this.u8();
  }
  take(length: number): Uint8Array {
    const start = Math.min(this.at, this.#bytes.length);
    this.at += length;
    return this.#bytes.subarray(start, Math.min(start + length, this.#bytes.length));
  }
}

/** GREASE values (RFC 8701) stand among the versions and mean nothing. */
function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}

/** Body of a ClientHello (behind type and length); null where it is too short to be one. */
export function readClientHello(body: Uint8Array): Hello | null {
  if (body.length < 38) return null;
  const cursor = new Cursor(body);
  let version = cursor.u16();
  cursor.take(32);
  cursor.take(cursor.u8());
  cursor.take(cursor.u16());
  cursor.take(cursor.u8());
  let sni: string | null = null;
  eachExtension(cursor, (type, content) => {
    if (type === EXTENSION_SERVER_NAME) sni = serverNameOf(content);
    if (type === EXTENSION_SUPPORTED_VERSIONS) {
      const list = new Cursor(content);
      list.u8();
      while (list.left >= 2) {
        const offered = list.u16();
        if (!isGrease(offered) && offered > version && offered < 0x0400) version = offered;
      }
    }
  });
  return { version, sni, cipher: null, retry: false };
}

/** Body of a ServerHello; null where it is too short to be one. */
export function readServerHello(body: Uint8Array): Hello | null {
  if (body.length < 38) return null;
  const cursor = new Cursor(body);
  let version = cursor.u16();
  const random = cursor.take(32);
  cursor.take(cursor.u8());
  const cipher = cursor.u16();
  cursor.u8();
  eachExtension(cursor, (type, content) => {
    if (type === EXTENSION_SUPPORTED_VERSIONS && content.length >= 2) version = ((content[0] ?? 0) << 8) | (content[1] ?? 0);
  });
  return { version, sni: null, cipher, retry: RETRY_RANDOM.every((octet, i) => random[i] === octet) };
}

function eachExtension(cursor: Cursor, see: (type: number, content: Uint8Array) => void): void {
  if (cursor.left < 2) return;
  cursor.u16();
  while (cursor.left >= 4) {
    const type = cursor.u16();
    const length = cursor.u16();
    if (length > cursor.left) return;
    see(type, cursor.take(length));
  }
}

function serverNameOf(content: Uint8Array): string | null {
  const cursor = new Cursor(content);
  cursor.u16();
  while (cursor.left >= 3) {
    const type = cursor.u8();
    const name = cursor.take(cursor.u16());
    if (type === 0) return latin1(name, 0, Math.min(name.length, 255));
  }
  return null;
}

/** What a hello adds to the transcript. */
export function helloText(hello: Hello): string {
  const parts = [versionName(hello.version)];
  if (hello.sni !== null) parts.push(`SNI ${hello.sni}`);
  if (hello.cipher !== null) parts.push(cipherName(hello.cipher));
  if (hello.retry) parts.push('asks for another ClientHello');
  return parts.join(', ');
}
