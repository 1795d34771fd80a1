import type { DialogueFollower, SpeechKind } from '../model/smtp.ts';
import type { Speech, UtteranceKind } from '../model/speech.ts';
import type { ArrivalView, StreamGap, StreamSink } from '../model/tcp.ts';
import type { Side } from '../model/units.ts';
import { type DialogueOptions, followDialogue } from './follow-dialogue.ts';

const LF = 10;

/** A field of a header, or a line that continues one (RFC 5322, 2.2). */
const FIELD = /^(?:[!-9;-~]{1,80}:|[ \t])/;

/** Octets longer than this without a line end are no line of a protocol. */
const LINE_OCTETS = 16_384;

type Draft = { from: number; to: number; kind: UtteranceKind; octets: Uint8Array | null };

/** What was fed and not told of yet. */
type Pending = { readonly octets: Uint8Array } | { readonly gap: number };

/** One side's stream cut into utterances as the dialogue tells what its octets are. */
class SideMap {
  readonly utterances: Draft[] = [];
  readonly #pending: Pending[] = [];
  #at = 1;
  #inHeader = false;
  /** DATA or the first BDAT was said: a header comes next. Chunks behind a first one continue its message (RFC 3030, 2). */
  #expectsHeader = false;
  #inChunks = false;

  feed(octets: Uint8Array): void {
    this.#pending.push({ octets });
  }

  skip(length: number): void {
    this.#pending.push({ gap: length });
  }

  /** The next `length` octets are `kind`. */
  tell(length: number, kind: SpeechKind): void {
    let left = length;
    while (left > 0) {
      const next = this.#pending.shift();
      if (!next) return;
      if ('gap' in next) {
        this.#at += next.gap;
        this.#inHeader = false;
        continue;
      }
      const piece = next.octets.subarray(0, left);
      if (piece.length < next.octets.length) this.#pending.unshift({ octets: next.octets.subarray(left) });
      left -= piece.length;
      this.#take(piece, kind);
    }
  }

  finish(): void {
    this.tell(Number.POSITIVE_INFINITY, 'unknown');
  }

  #take(octets: Uint8Array, kind: SpeechKind): void {
    if (kind === 'message') {
      if (this.#expectsHeader) this.#inHeader = true;
      this.#expectsHeader = false;
      this.#takeMessage(octets);
      return;
    }
    this.#inHeader = false;
    if (kind === 'line') this.#takeLines(octets, 'line');
    else this.#add(octets, kind);
  }

  #takeMessage(octets: Uint8Array): void {
    let at = 0;
    while (at < octets.length && this.#inHeader) {
      const end = endOfLine(octets, at);
      this.#takeLines(octets.subarray(at, end), 'header');
      at = end;
      const last = this.utterances.at(-1);
      const line = last?.octets ?? new Uint8Array(0);
      const isWhole = line.at(-1) === LF;
      if (last && (isWhole || line.length > 80) && !FIELD.test(latin1(line.subarray(0, 81)))) {
        this.#inHeader = false;
        if (latin1(line).trim() !== '') {
          last.kind = 'body';
          last.octets = null;
        }
      }
    }
    if (at < octets.length) this.#add(octets.subarray(at), 'body');
  }

  #takeLines(octets: Uint8Array, kind: 'line' | 'header'): void {
    for (let at = 0; at < octets.length; ) {
      const end = endOfLine(octets, at);
      const last = this.utterances.at(-1);
      const piece = octets.subarray(at, end);
      if (last?.kind === kind && last.to === this.#at && last.octets && last.octets.at(-1) !== LF && last.octets.length < LINE_OCTETS) {
        last.octets = Buffer.concat([last.octets, piece]);
        this.#at += piece.length;
        last.to = this.#at;
      } else this.#push(piece, kind);
      const line = this.utterances.at(-1)?.octets;
      if (kind === 'line' && line?.at(-1) === LF) this.#noteCommand(latin1(line));
      at = end;
    }
  }

  #noteCommand(line: string): void {
    const [verb, , third] = line.trim().toUpperCase().split(/\s+/);
    if (verb === 'BDAT') {
      this.#expectsHeader = !this.#inChunks;
      this.#inChunks = third !== 'LAST';
      return;
    }
    if (verb === 'DATA') this.#expectsHeader = true;
    if (verb === 'DATA' || verb === 'MAIL' || verb === 'RSET') this.#inChunks = false;
  }

  /** Bodies may be long, so that their pieces are joined; pieces of TLS are kept as they came. */
  #add(octets: Uint8Array, kind: UtteranceKind): void {
    const last = this.utterances.at(-1);
    if (kind === 'tls' || last?.kind !== kind || last.to !== this.#at) {
      this.#push(octets, kind);
      return;
    }
    this.#at += octets.length;
    last.to = this.#at;
  }

  #push(octets: Uint8Array, kind: UtteranceKind): void {
    const isKept = kind === 'line' || kind === 'header' || kind === 'tls';
    this.utterances.push({ from: this.#at, to: this.#at + octets.length, kind, octets: isKept ? new Uint8Array(octets) : null });
    this.#at += octets.length;
  }
}

function endOfLine(octets: Uint8Array, from: number): number {
  const found = octets.indexOf(LF, from);
  return found < 0 ? octets.length : found + 1;
}

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');
}

/** Follows a connection's dialogue once more, and tells where everything was said instead of what. */
export interface SpeechMapper extends StreamSink {
  finish(): Speech;
}

export function mapSpeech(options: DialogueOptions): SpeechMapper {
  const sides: readonly [SideMap, SideMap] = [new SideMap(), new SideMap()];
  const follower: DialogueFollower = followDialogue({ ...options, onSpeech: (side, length, kind) => sides[side].tell(length, kind) });
  return {
    octets(side: Side, bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
      sides[side].feed(new Uint8Array(bytes.subarray(start, end)));
      follower.octets(side, bytes, start, end, at);
    },
    gap(side: Side, length: number, kind: StreamGap['kind'], at: ArrivalView): void {
      sides[side].skip(length);
      follower.gap(side, length, kind, at);
    },
    fin: (side, at) => follower.fin(side, at),
    finish(): Speech {
      const { client } = follower.finish();
      for (const side of sides) side.finish();
      return { client, utterances: [sides[0].utterances, sides[1].utterances] };
    },
  };
}
