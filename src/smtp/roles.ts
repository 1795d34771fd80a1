import type { ArrivalView, StreamGap, StreamSink } from '../model/tcp.ts';
import type { Side } from '../model/units.ts';
import { otherSide } from '../model/units.ts';
import { HeldWords } from './held-words.ts';
import { latin1 } from './line-reader.ts';
import { looksLikeReply } from './reply-line.ts';
import { looksLikeCommand } from './verbs.ts';

/** First octets of a side that are looked at. */
const HELD_OCTETS = 2_048;
/** What may be held of both sides until it is known who is who. */
const HELD_COST = 8_192;

/**
 * Which role in SMTP these octets, the first of a side, speak for: the server's replies begin with a code in use, the client's commands with
 * a known verb in full form, and the two hellos of TLS are told by their type. Null where they do not tell. Only whole lines count;
 * a reply only as the first, because a message may hold lines that begin with three digits.
 */
export function roleOf(bytes: Uint8Array, start: number, end: number): 'client' | 'server' | null {
  if (bytes[start] === 22 && bytes[start + 1] === 3 && end - start > 5) {
    if (bytes[start + 5] === 1) return 'client';
    if (bytes[start + 5] === 2) return 'server';
  }
  const text = latin1(bytes, start, Math.min(end, start + HELD_OCTETS));
  const lines = text.split('\n').slice(0, -1);
  if (looksLikeReply((lines[0] ?? '').trimEnd())) return 'server';
  return lines.some((line) => looksLikeCommand(line)) ? 'client' : null;
}

const LF = 10;
/** Lines that are neither reply nor command: only a client says this many, in a message. */
const PROSE_LINES = 2;
/** TAB, LF, VT, FF and CR; other control characters stand in what is encrypted or compressed. */
const FIRST_BLANK = 9;
const LAST_BLANK = 13;
const SPACE = 32;

function isProse(words: Uint8Array): boolean {
  let lines = 0;
  for (const octet of words) {
    if (octet < SPACE && (octet < FIRST_BLANK || octet > LAST_BLANK)) return false;
    if (octet === LF) lines++;
  }
  return lines >= PROSE_LINES;
}

/** Holds the first words of a connection that begins in mid-stream until they tell which side is the client. */
export class RoleFinder implements StreamSink {
  readonly #held = new HeldWords();
  readonly #first: [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)];
  #client: Side | null = null;

  /** Null while it is undecided. */
  get client(): Side | null {
    return this.#client;
  }

  octets(side: Side, bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    this.#held.octets(side, bytes, start, end, at);
    const before = this.#first[side];
    if (before.length < HELD_OCTETS) this.#first[side] = Buffer.concat([before, bytes.subarray(start, end)]).subarray(0, HELD_OCTETS);
    const words = this.#first[side];
    const role = roleOf(words, 0, words.length);
    if (role) this.#client = role === 'client' ? side : otherSide(side);
    // Who sends this much without a reply or command among it sends a message. What is encrypted tells nothing: the ports decide.
    else if (isProse(words)) this.#client = side;
    else if (this.#held.cost >= HELD_COST) this.#client = 0;
  }

  gap(side: Side, length: number, why: StreamGap['kind'], at: ArrivalView): void {
    this.#held.gap(side, length, why, at);
    if (this.#held.cost >= 2 * HELD_COST) this.#client ??= 0;
  }

  fin(side: Side, at: ArrivalView): void {
    this.#held.fin(side, at);
  }

  /** Says everything that was held to `to`. */
  release(to: StreamSink): void {
    this.#held.release(to, null);
  }
}
