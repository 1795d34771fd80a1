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
 * certificates, keys and ciphertext become zeros. What is no record is zeros from there on. `isBeginning`: nothing was missed in front of them; of handshakes
 * behind a loss nothing is shown.
 */
export function disguiseTls(octets: Uint8Array, text: TextDisguise, isBeginning = true): Uint8Array {
  const out = new Uint8Array(octets.length);
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const handshake = new HandshakeCopy(text);
  let isOpen = isBeginning;
  for (let at = 0; at + 5 <= octets.length; ) {
    const type = octets[at] ?? 0;
    const length = view.getUint16(at + 3);
    if (type < CHANGE_CIPHER || type > APPLICATION || octets[at + 1] !== 3 || length > MAX_RECORD) break;
    const bodyAt = at + 5;
    const end = Math.min(octets.length, bodyAt + length);
    out.set(octets.subarray(at, bodyAt), at);
    if (type === CHANGE_CIPHER) {
      isOpen = false;
      out.set(octets.subarray(bodyAt, Math.min(end, bodyAt + 1)), bodyAt);
    } else if (type === ALERT && length === 2) out.set(octets.subarray(bodyAt, end), bodyAt);
    else if (type === HANDSHAKE && isOpen) handshake.copy(octets.subarray(bodyAt, end), out.subarray(bodyAt, end));
    at = bodyAt + length;
  }
  return out;
}

/** Handshake messages, record by record; of one that goes on in the next record only its head is shown. */
class HandshakeCopy {
  readonly #text: TextDisguise;
  /** Octets of a message that the next record begins with. */
  #owed = 0;

  constructor(text: TextDisguise) {
    this.#text = text;
  }

  copy(from: Uint8Array, to: Uint8Array): void {
    let at = this.#owed;
    for (; at + 4 <= from.length; ) {
      const length = ((from[at + 1] ?? 0) << 16) | ((from[at + 2] ?? 0) << 8) | (from[at + 3] ?? 0);
      to.set(from.subarray(at, at + 4), at);
      const type = from[at];
      const end = at + 4 + length;
      if ((type === CLIENT_HELLO || type === SERVER_HELLO) && end <= from.length)
        copyHello(from.subarray(at + 4, end), to.subarray(at + 4, end), type === CLIENT_HELLO, this.#text);
      at = end;
    }
    // A head that is cut in two leaves it open where the next message begins.
    this.#owed = at >= from.length ? at - from.length : Number.POSITIVE_INFINITY;
  }
}

/** Parts of a hello that are as long as they say; null where they do not fit, and nothing of it is understood. */
interface HelloParts {
  /** Versions, suites and methods. */
  readonly open: readonly (readonly [from: number, to: number])[];
  readonly extensionsAt: number;
}

function two(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
}

function partsOf(hello: Uint8Array, isClient: boolean): HelloParts | null {
  // The server's random tells a retry (RFC 8446, 4.1.3).
  const open: [number, number][] = [isClient ? [0, 2] : [0, 34], [34, 35]];
  const chosenAt = 35 + (hello[34] ?? 0);
  let at = chosenAt + 3;
  if (isClient) {
    const methodsAt = chosenAt + 2 + two(hello, chosenAt);
    at = methodsAt + 1 + (hello[methodsAt] ?? 0);
  }
  const extensions = at + 2 <= hello.length ? two(hello, at) : 0;
  const end = at + (at < hello.length ? 2 + extensions : 0);
  if (end !== hello.length) return null;
  open.push([chosenAt, Math.min(end, at + 2)]);
  return { open, extensionsAt: at + 2 };
}

function copyHello(from: Uint8Array, to: Uint8Array, isClient: boolean, text: TextDisguise): void {
  const parts = partsOf(from, isClient);
  if (!parts) return;
  for (const [start, end] of parts.open) to.set(from.subarray(start, end), start);
  for (let at = parts.extensionsAt; at + 4 <= from.length; ) {
    const type = two(from, at);
    const end = at + 4 + two(from, at + 2);
    to.set(from.subarray(at, at + 4), at);
    if (end > from.length) return;
    if (type === SUPPORTED_VERSIONS) to.set(from.subarray(at + 4, end), at + 4);
    else if (type === SERVER_NAME && end > at + 9) {
      to.set(from.subarray(at + 4, at + 9), at + 4);
      const name = Buffer.from(from.subarray(at + 9, end)).toString('latin1');
      to.set(Buffer.from(text.strict(name), 'latin1').subarray(0, name.length), at + 9);
    }
    at = end;
  }
}
