import { partitionPoint } from '../model/bisect.ts';
import type { Speech, Utterance } from '../model/speech.ts';
import type { Side } from '../model/units.ts';
import { concealLine, saysAuth } from './conceal-lines.ts';
import { overwrite } from './overwrite.ts';

const LF = 10;

/** An utterance with the octets that may be shown in its place; null: none. */
interface Concealed {
  readonly said: Utterance;
  readonly shown: Uint8Array | null;
}

/** What stands for words that may be shown; everything keeps its length. */
export interface Rewriter {
  /** Null: it is not understood, and must be overwritten. */
  said(octets: Uint8Array, kind: 'line' | 'header', fromClient: boolean): Uint8Array | null;
  /** TLS of one side without a gap, in the pieces in which it came; null for those that must be overwritten. `isBeginning`: nothing is missing in front of it. */
  tls(pieces: readonly Uint8Array[], isBeginning: boolean): readonly (Uint8Array | null)[];
}

/** What of a connection's words may leave the house: its lines and headers, not its bodies and credentials. */
export class Concealment {
  readonly #sides: readonly [readonly Concealed[], readonly Concealed[]];
  readonly #client: Side;

  readonly #rewriter: Rewriter | null;

  /** Without a rewriter what may be shown stays as it is. */
  constructor(speech: Speech, rewriter: Rewriter | null = null) {
    const { client, utterances } = speech;
    this.#client = client;
    this.#rewriter = rewriter;
    const authenticates = utterances[client].some((said) => said.kind === 'credentials' || (said.kind === 'line' && saysAuth(said)));
    const side = (index: Side): Concealed[] => {
      const shown = utterances[index].map((said) => ({ said, shown: showing(said, index === client, authenticates, rewriter !== null) }));
      return rewriter ? rewritten(shown, index === client, rewriter) : shown;
    };
    this.#sides = [side(0), side(1)];
  }

  /**
   * Overwrites in `bytes` from `at` to `end`, which begin at `seq` of the side's stream, what may not be shown: also octets that were never
   * read (unless they are replies), and those that differ from what was read there. Returns how many were.
   */
  apply(bytes: Uint8Array, at: number, end: number, side: Side, seq: number): number {
    let changed = 0;
    let next = at;
    for (const { said, shown } of overlapping(this.#sides[side], seq, seq + end - at)) {
      const from = Math.max(at, at + said.from - seq);
      const to = Math.min(end, at + said.to - seq);
      changed += this.#hideUnread(bytes, next, from, side);
      if (shown && said.octets) changed += show(bytes, from, to, said.octets, shown, seq + (from - at) - said.from);
      else changed += said.kind === 'unknown' ? this.#hideUnread(bytes, from, to, side) : overwrite(bytes, from, to);
      next = to;
    }
    return changed + this.#hideUnread(bytes, next, end, side);
  }

  /** Octets that came too late or behind a loss. Replies among them show how the server saw the end. */
  #hideUnread(bytes: Uint8Array, from: number, to: number, side: Side): number {
    if (to <= from || side === this.#client || !isReplies(bytes.subarray(from, to))) return overwrite(bytes, from, to);
    if (this.#rewriter === null) return 0;
    bytes.set(rewriteLines(bytes.slice(from, to), this.#rewriter), from);
    return to - from;
  }
}

function rewritten(shown: readonly Concealed[], fromClient: boolean, rewriter: Rewriter): Concealed[] {
  const pieces = rewrittenTls(shown, rewriter);
  return shown.map(({ said, shown: octets }) => {
    if (!octets) return { said, shown: null };
    if (said.kind === 'tls') return { said, shown: pieces.get(said) ?? null };
    return { said, shown: said.kind === 'line' || said.kind === 'header' ? rewriter.said(octets, said.kind, fromClient) : null };
  });
}

/** Runs of TLS, each without a gap. */
function rewrittenTls(shown: readonly Concealed[], rewriter: Rewriter): Map<Utterance, Uint8Array | null> {
  const tls = shown.filter(({ said, shown: octets }) => said.kind === 'tls' && octets);
  const pieces = new Map<Utterance, Uint8Array | null>();
  for (let from = 0; from < tls.length; ) {
    let to = from + 1;
    while (to < tls.length && tls[to]?.said.from === tls[to - 1]?.said.to) to++;
    const run = tls.slice(from, to);
    const written = rewriter.tls(
      run.map(({ shown: octets }) => octets ?? new Uint8Array(0)),
      from === 0,
    );
    run.forEach(({ said }, index) => void pieces.set(said, written[index] ?? null));
    from = to;
  }
  return pieces;
}

/** Replies that nobody read, line by line. */
function rewriteLines(octets: Uint8Array, rewriter: Rewriter): Uint8Array {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < octets.length; ) {
    const end = octets.indexOf(LF, at) + 1 || octets.length;
    const line = octets.slice(at, end);
    const shown = rewriter.said(line, 'line', false);
    if (!shown) overwrite(line, 0, line.length);
    lines.push(shown ?? line);
    at = end;
  }
  return Buffer.concat(lines);
}

function showing(said: Utterance, fromClient: boolean, authenticates: boolean, isRewritten: boolean): Uint8Array | null {
  if (said.kind === 'header') return said.octets;
  if (said.kind === 'line') return concealLine(said, fromClient, authenticates);
  return said.kind === 'tls' && said.octets && (isRewritten || !isText(said.octets)) ? said.octets : null;
}

/** Lines that all are replies, a challenge (which may repeat a secret) not among them. */
function isReplies(octets: Uint8Array): boolean {
  const text = Buffer.from(octets).toString('latin1');
  return isText(octets) && text.endsWith('\n') && text.split('\n', MOST_LINES).every((line) => line === '' || /^[245]\d\d[ -]/.test(line));
}

const MOST_LINES = 1000;

/** Text among TLS records: somebody went on in clear. */
function isText(octets: Uint8Array): boolean {
  return octets.every((octet) => (octet >= 0x20 && octet < 0x7f) || octet === 13 || octet === 10 || octet === 9);
}

/** Puts what may be shown in place of what was said, octet by octet; returns how many changed. */
function show(bytes: Uint8Array, from: number, to: number, said: Uint8Array, shown: Uint8Array, offset: number): number {
  for (let i = 0; i < to - from; i++) if (bytes[from + i] !== said[offset + i]) return overwrite(bytes, from, to);
  let changed = 0;
  for (let i = 0; i < to - from; i++) {
    const octet = shown[offset + i] ?? 0;
    if (bytes[from + i] !== octet) changed++;
    bytes[from + i] = octet;
  }
  return changed;
}

/** Those that share an octet with the stretch, in order. */
function overlapping(sorted: readonly Concealed[], from: number, to: number): Concealed[] {
  const found: Concealed[] = [];
  for (let at = partitionPoint(sorted.length, (place) => (sorted[place]?.said.to ?? 0) <= from); at < sorted.length; at++) {
    const entry = sorted[at];
    if (!entry || entry.said.from >= to) break;
    found.push(entry);
  }
  return found;
}
