import { Cursor } from './cursor.ts';
import { cipherName, versionName } from './names.ts';

/** What a ClientHello offers in clear (RFC 8446, 4.1.2; RFC 5246, 7.4.1.2). */
export interface ClientHello {
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  /** Those offered, as on the wire, highest first. */
  readonly versions: readonly number[];
  /** Server name (RFC 6066, 3); null where there is none. */
  readonly sni: string | null;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
  /** Session ticket (RFC 5077, 3.2), empty where none is offered. */
  readonly ticket: Uint8Array;
  /** Says that early data follows (RFC 8446, 4.2.10). */
  readonly earlyData: boolean;
}

/** What a ServerHello chooses in clear. */
export interface ServerHello {
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly version: number;
  readonly suite: number;
  /** It asks for another ClientHello (RFC 8446, 4.1.4). */
  readonly retry: boolean;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
  /** RFC 7301; null for none. TLS 1.3 tells it encrypted. */
  readonly alpn: string | null;
  /** It takes one of the offered pre-shared keys, as of an earlier session. */
  readonly presharedKey: boolean;
}

/** ExtensionType (IANA, TLS ExtensionType Values). */
const Extension = {
  serverName: 0,
  alpn: 16,
  encryptThenMac: 22,
  extendedMasterSecret: 23,
  sessionTicket: 35,
  presharedKey: 41,
  earlyData: 42,
  supportedVersions: 43,
} as const;

/** SHA-256 of "HelloRetryRequest", its first octets: the random of a ServerHello that is a retry request. */
const RETRY_RANDOM: readonly number[] = [0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11];

const RANDOM_OCTETS = 32;
/** Version, random, and the shortest of the rest. */
const LEAST_OCTETS = 38;
const NONE = new Uint8Array(0);

/** GREASE values (RFC 8701) stand among the versions and mean nothing; so do drafts. */
function isVersion(value: number): boolean {
  return value >= 0x0300 && value <= 0x0304;
}

/** Body of a ClientHello (behind type and length); null where it is too short to be one. */
export function readClientHello(body: Uint8Array): ClientHello | null {
  if (body.length < LEAST_OCTETS) return null;
  const cursor = new Cursor(body);
  const version = cursor.u16();
  // Copies: what is kept must not keep the whole message.
  const random = cursor.take(RANDOM_OCTETS).slice();
  const sessionId = cursor.take(cursor.u8()).slice();
  cursor.take(cursor.u16());
  cursor.take(cursor.u8());
  const found = extensionsOf(cursor);
  const sni = found.get(Extension.serverName);
  const listed = found.get(Extension.supportedVersions);
  const versions = listed ? versionsIn(listed) : [];
  if (versions.length === 0) versions.push(version);
  return {
    random,
    sessionId,
    versions: versions.sort((a, b) => b - a),
    sni: sni ? serverNameOf(sni) : null,
    extendedMasterSecret: found.has(Extension.extendedMasterSecret),
    encryptThenMac: found.has(Extension.encryptThenMac),
    ticket: found.get(Extension.sessionTicket)?.slice() ?? NONE,
    earlyData: found.has(Extension.earlyData),
  };
}

/** Body of a ServerHello; null where it is too short to be one. */
export function readServerHello(body: Uint8Array): ServerHello | null {
  if (body.length < LEAST_OCTETS) return null;
  const cursor = new Cursor(body);
  const version = cursor.u16();
  // Copies: what is kept must not keep the whole message.
  const random = cursor.take(RANDOM_OCTETS).slice();
  const sessionId = cursor.take(cursor.u8()).slice();
  const suite = cursor.u16();
  cursor.u8();
  const found = extensionsOf(cursor);
  const chosen = found.get(Extension.supportedVersions);
  return {
    random,
    sessionId,
    version: chosen && chosen.length >= 2 ? new Cursor(chosen).u16() : version,
    suite,
    retry: RETRY_RANDOM.every((octet, i) => random[i] === octet),
    extendedMasterSecret: found.has(Extension.extendedMasterSecret),
    encryptThenMac: found.has(Extension.encryptThenMac),
    alpn: alpnOf(found),
    presharedKey: found.has(Extension.presharedKey),
  };
}

/** Body of EncryptedExtensions (RFC 8446, 4.3.1): what the server agrees to beside its hello. */
export function readEncryptedExtensions(body: Uint8Array): { readonly alpn: string | null; readonly earlyData: boolean } {
  const found = extensionsOf(new Cursor(body));
  return { alpn: alpnOf(found), earlyData: found.has(Extension.earlyData) };
}

/** A hello that holds an extension twice is refused by whoever receives it (RFC 8446, 4.2); the first one is told of here. */
function extensionsOf(cursor: Cursor): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  if (cursor.left < 2) return found;
  cursor.u16();
  while (cursor.left >= 4) {
    const type = cursor.u16();
    const length = cursor.u16();
    if (length > cursor.left) break;
    if (found.has(type)) cursor.skip(length);
    else found.set(type, cursor.take(length));
  }
  return found;
}

function versionsIn(content: Uint8Array): number[] {
  const list = new Cursor(content);
  list.u8();
  const versions: number[] = [];
  while (list.left >= 2) {
    const offered = list.u16();
    if (isVersion(offered)) versions.push(offered);
  }
  return versions;
}

function serverNameOf(content: Uint8Array): string | null {
  const cursor = new Cursor(content);
  cursor.u16();
  while (cursor.left >= 3) {
    const type = cursor.u8();
    const name = cursor.take(cursor.u16());
    if (type === 0) return latin1(name);
  }
  return null;
}

function alpnOf(extensions: ReadonlyMap<number, Uint8Array>): string | null {
  const content = extensions.get(Extension.alpn);
  if (!content || content.length < 3) return null;
  const cursor = new Cursor(content);
  cursor.u16();
  return latin1(cursor.take(cursor.u8()));
}

/** Names are at most 255 octets long. */
function latin1(octets: Uint8Array): string {
  return Buffer.from(octets.subarray(0, 255)).toString('latin1');
}

/** What a ClientHello adds to the transcript. */
export function clientHelloText(hello: ClientHello): string {
  const version = versionName(hello.versions[0] ?? 0);
  return hello.sni === null ? version : `${version}, SNI ${hello.sni}`;
}

/** What a ServerHello adds to the transcript. */
export function serverHelloText(hello: ServerHello): string {
  const parts = [versionName(hello.version), cipherName(hello.suite)];
  if (hello.alpn !== null) parts.push(`ALPN ${hello.alpn}`);
  if (hello.retry) parts.push('asks for another ClientHello');
  return parts.join(', ');
}
