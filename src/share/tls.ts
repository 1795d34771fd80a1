import type { TextDisguise } from './text.ts';

const CHANGE_CIPHER = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION = 23;
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const SERVER_NAME = 0;
const SUPPORTED_VERSIONS = 43;
const MAX_RECORD = 16_384 + 2_048;

/**
 * TLS records of one side (RFC 8446, 5.1) without what they carry: lengths, types, versions, cipher suites and alerts in clear stay; names of servers are replaced,
 * certificates, keys and ciphertext become zeros. What is no record is zeros from there on.
 */
export function disguiseTls(octets: Uint8Array, text: TextDisguise): Uint8Array {
  const out = new Uint8Array(octets.length);
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  let encrypted = false;
  for (let at = 0; at + 5 <= octets.length; ) {
    const type = octets[at] ?? 0;
    const length = view.getUint16(at + 3);
    if (type < CHANGE_CIPHER || type > APPLICATION || octets[at + 1] !== 3 || length > MAX_RECORD) break;
    const bodyAt = at + 5;
    const end = Math.min(octets.length, bodyAt + length);
    out.set(octets.subarray(at, bodyAt), at);
    if (type === CHANGE_CIPHER) {
      encrypted = true;
      out.set(octets.subarray(bodyAt, Math.min(end, bodyAt + 1)), bodyAt);
    } else if (type === ALERT && length === 2) out.set(octets.subarray(bodyAt, end), bodyAt);
    else if (type === HANDSHAKE && !encrypted) copyHandshake(octets.subarray(bodyAt, end), out.subarray(bodyAt, end), text);
    at = bodyAt + length;
  }
  return out;
}

/** Handshake messages of one record; one that goes on in the next record is left at its beginning. */
function copyHandshake(from: Uint8Array, to: Uint8Array, text: TextDisguise): void {
  for (let at = 0; at + 4 <= from.length; ) {
    const length = ((from[at + 1] ?? 0) << 16) | ((from[at + 2] ?? 0) << 8) | (from[at + 3] ?? 0);
    to.set(from.subarray(at, at + 4), at);
    const end = Math.min(from.length, at + 4 + length);
    const type = from[at];
    if (type === CLIENT_HELLO || type === SERVER_HELLO) copyHello(from.subarray(at + 4, end), to.subarray(at + 4, end), type === CLIENT_HELLO, text);
    at += 4 + length;
  }
}

function copyHello(from: Uint8Array, to: Uint8Array, isClient: boolean, text: TextDisguise): void {
  const copy = (at: number, length: number): void => to.set(from.subarray(at, at + length), at);
  const two = (at: number): number => ((from[at] ?? 0) << 8) | (from[at + 1] ?? 0);
  copy(0, 2);
  // The server's random tells a retry (RFC 8446, 4.1.3).
  if (!isClient) copy(2, 32);
  copy(34, 1);
  let at = 35 + (from[34] ?? 0);
  if (isClient) {
    const suites = 2 + two(at);
    copy(at, suites);
    at += suites;
    const methods = 1 + (from[at] ?? 0);
    copy(at, methods);
    at += methods;
  } else {
    copy(at, 3);
    at += 3;
  }
  copy(at, 2);
  for (at += 2; at + 4 <= from.length; ) {
    const length = two(at + 2);
    copy(at, 4);
    const type = two(at);
    if (type === SUPPORTED_VERSIONS) copy(at + 4, length);
    else if (type === SERVER_NAME && length > 5) {
      copy(at + 4, 5);
      const name = Buffer.from(from.subarray(at + 9, at + 4 + length)).toString('latin1');
      to.set(Buffer.from(text.strict(name), 'latin1').subarray(0, name.length), at + 9);
    }
    at += 4 + length;
  }
}
