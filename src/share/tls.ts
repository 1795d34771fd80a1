import type { TextDisguise } from './text.ts';

const CHANGE_CIPHER = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const HEARTBEAT = 24;
/** Octets of a record's head. */
const HEAD = 5;
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const SERVER_NAME = 0;
const SUPPORTED_VERSIONS = 43;
/** What a server that wants another hello says instead of a random number (RFC 8446, 4.1.3). */
const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
const MAX_RECORD = 16_384 + 2_048;

/**
 * TLS records of one side (RFC 8446, 5.1), in the pieces in which they came, without what they carry: lengths, types, versions, cipher suites and alerts in clear
 * stay; names of servers are replaced, certificates, keys and ciphertext become zeros. Where no record is, nothing is shown: zeros, or null for a whole piece of text.
 * `isBeginning`: nothing was missed in front of them; behind a loss nothing is shown of handshakes, and records begin again with a piece that begins like one.
 */
export function disguiseTls(pieces: readonly Uint8Array[], text: TextDisguise, isBeginning = true): (Uint8Array | null)[] {
  const octets = Buffer.concat(pieces);
  const out = new Uint8Array(octets.length);
  const handshake = new HandshakeCopy(text);
  const starts: number[] = [];
  let length = 0;
  for (const octetsOf of pieces) {
    starts.push(length);
    length += octetsOf.length;
  }
  let isOpen = isBeginning;
  /** Pieces in which no record was read, and the first of those not looked at yet. */
  const unread = new Set<number>();
  let piece = 0;
  for (let at = 0; at < octets.length; ) {
    const head = headAt(octets, at);
    if (head?.isRecord) {
      const bodyAt = at + HEAD;
      const end = Math.min(octets.length, bodyAt + head.length);
      out.set(octets.subarray(at, bodyAt), at);
      const [from, to] = [octets.subarray(bodyAt, end), out.subarray(bodyAt, end)];
      if (head.type === CHANGE_CIPHER) {
        isOpen = false;
        to.set(from.subarray(0, 1));
      } else if (head.type === ALERT && head.length === 2) to.set(from);
      else if (head.type === HANDSHAKE && isOpen) handshake.copy(from, to);
      at = end;
      continue;
    }
    // The head of a record that is too long is none, but is read as the attempt that it is.
    if (head) out.set(octets.subarray(at, at + HEAD), at);
    const from = head ? at + HEAD : at;
    while (piece < starts.length && (starts[piece] ?? 0) < from) piece++;
    for (; piece < starts.length; piece++) {
      const start = starts[piece] ?? 0;
      if (!isBeginning && start > at && headAt(octets, start)) break;
      unread.add(piece);
    }
    at = starts[piece] ?? octets.length;
  }
  return pieces.map((octetsOf, index) => {
    const from = starts[index] ?? 0;
    return unread.has(index) && isText(octetsOf) ? null : out.subarray(from, from + octetsOf.length);
  });
}

/** What stands at `at`, if it begins like a record; null where it does not. */
function headAt(octets: Uint8Array, at: number): { readonly type: number; readonly length: number; readonly isRecord: boolean } | null {
  const type = octets[at] ?? 0;
  if (at + HEAD > octets.length || type < CHANGE_CIPHER || type > HEARTBEAT || octets[at + 1] !== 3 || (octets[at + 2] ?? 9) > 4) return null;
  const length = two(octets, at + 3);
  return { type, length, isRecord: length <= MAX_RECORD };
}

/** Somebody went on in clear. */
function isText(octets: Uint8Array): boolean {
  return octets.every((octet) => (octet >= 0x20 && octet < 0x7f) || octet === 13 || octet === 10 || octet === 9);
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
  const isRetry = !isClient && RETRY.every((octet, at) => hello[2 + at] === octet);
  const open: [number, number][] = [
    [0, isRetry ? 34 : 2],
    [34, 35],
  ];
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
