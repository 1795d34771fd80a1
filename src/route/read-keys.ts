import { readFileSync } from 'node:fs';
import { readKeyLogs } from '../capture/index.ts';
import type { KeySources } from '../model/settings.ts';
import type { Source } from '../model/source.ts';
import { UserError } from '../model/user-error.ts';
import { type KeyFailure, type KeyRing, readKeyLog, readRsaKey, RsaKeys, Secrets } from '../tls/index.ts';

/** Keys for reading, and what is odd about where they came from. */
export interface GivenKeys {
  /** Null where nothing is to be opened. */
  readonly ring: KeyRing | null;
  readonly caveats: readonly string[];
}

/** Reads what the user names, key logs among the inputs, and those that captures hold in front of their packets. Throws a `UserError` for what cannot be used. */
export async function readKeys(given: KeySources | null, sources: readonly Source[]): Promise<GivenKeys> {
  if (given === null) return { ring: null, caveats: [] };
  const { keyLogs, rsaKeys, askPassword } = given;
  const secrets = new Secrets();
  const caveats: string[] = [];
  for (const path of keyLogs) {
    const { secrets: found, strange } = readKeyLog(readOctets(path, '--keylog').toString('latin1'), secrets);
    if (found === 0)
      caveats.push(`${path} holds no secret of a TLS session: expected are lines as in an NSS key log (CLIENT_RANDOM, CLIENT_TRAFFIC_SECRET_0).`);
    else if (strange > 0) caveats.push(`${path}: ${strange} lines are none of a key log and were passed over.`);
  }
  for (const source of sources) {
    if (source.kind === 'keys') takeKeyLog(await readWhole(source), secrets);
    if (source.kind === 'capture' && source.format.startsWith('pcapng')) for (const octets of await readKeyLogs(source)) takeKeyLog(octets, secrets);
  }
  const keys = [];
  let password: string | null = null;
  for (const path of rsaKeys) {
    const octets = readOctets(path, '--rsa-key');
    let key = readRsaKey(octets, null);
    if (key === 'needs-password' && askPassword) key = readRsaKey(octets, (password ??= await askPassword()));
    if (typeof key === 'string') throw unusable(path, key);
    keys.push(key);
  }
  return { ring: { secrets, rsa: new RsaKeys(keys) }, caveats };
}

/** Key logs are small beside captures; what is beyond this is not read. */
const KEY_LOG_OCTETS = 256 * 1024 * 1024;

async function readWhole(source: Source): Promise<Uint8Array> {
  const reader = source.open();
  const pieces: Buffer[] = [];
  try {
    for (let have = 0; have < KEY_LOG_OCTETS; ) {
      const piece = Buffer.alloc(64 * 1024);
      const count = await reader.read(piece, 0, piece.length);
      if (count === 0) break;
      pieces.push(piece.subarray(0, count));
      have += count;
    }
  } finally {
    await reader.close();
  }
  return Buffer.concat(pieces);
}

/** Whether anything of it was not known before. */
export function takeKeyLog(octets: Uint8Array, secrets: Secrets): boolean {
  const before = secrets.size;
  readKeyLog(Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1'), secrets);
  return secrets.size > before;
}

function readOctets(path: string, option: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be opened';
    throw new UserError('unreadable', `${option} ${path}: cannot be read (${why})`, 'name a file that this user may read');
  }
}

const HINTS: Readonly<Record<KeyFailure, readonly [what: string, hint: string]>> = {
  'needs-password': ['the key is encrypted', 'add --rsa-key-password: it asks for the password, or reads it from standard input where there is no terminal'],
  'wrong-password': ['the password does not open the key', 'try again'],
  'not-rsa': ['the key is none for RSA', 'only the key exchange of RSA can be opened later; for everything else a key log is needed (--keylog)'],
  unreadable: ['this is no private key', 'expected is PEM or DER, PKCS#1 or PKCS#8: openssl pkey -in FILE -text says what it is'],
};

function unusable(path: string, failure: KeyFailure): UserError {
  const [what, hint] = HINTS[failure];
  return new UserError('unreadable', `--rsa-key ${path}: ${what}`, hint);
}
