import { exactly, joined, leastOf, type Lengths, oneOf, within } from './lengths.ts';
import type { Lines } from './lines.ts';
import type { Known } from './known.ts';
import { type AskedWord, idleStage, NO_BODY, type State } from './state.ts';

/** A line that the client may say next. */
export interface Line {
  readonly word: AskedWord;
  /** Its share among all that the client may say here. */
  readonly share: number;
  readonly lengths: Lengths;
  readonly address: string | null;
  /** The same for every state that this line is offered to. */
  readonly next: (state: State) => State;
}

/** Several lines in one record. */
export interface Group {
  readonly lines: readonly Line[];
  readonly share: number;
  readonly lengths: Lengths;
  /** Where the lines lead. */
  readonly state: State;
}

/** DATA, QUIT, RSET and NOOP with their line end: all of one length. */
const FOUR_LETTERS = exactly(6);
const AUTH = oneOf([0.3, exactly(12)], [0.7, within([15, 60, 0.8], [61, 400, 0.2])]);
const AUTH_ANSWER = within([4, 60, 0.85], [61, 300, 0.15]);
const BDAT = within([8, 17, 0.6], [18, 22, 0.4]);
/** Commands in one record at most: more are not told apart by a sum. */
const MOST_IN_GROUP = 8;
/** Ways to go on that are followed when a record holds several lines. */
const MOST_BEGUN = 2;
const LEAST_SHARE = 1e-5;
const GROUPED = new Set<AskedWord>(['RSET', 'MAIL', 'RCPT', 'DATA']);
const NOTHING = exactly(0);

/** What the client of one session may say at each place, worked out once for each. */
export class Commands {
  readonly #known: Known;
  readonly #lines: Lines;
  readonly #at = new Map<string, readonly Line[]>();
  readonly #groups = new Map<string, Group[][]>();

  constructor(known: Known, lines: Lines) {
    this.#known = known;
    this.#lines = lines;
  }

  at(state: State): readonly Line[] {
    const key = placeKey(state);
    const known = this.#at.get(key) ?? [...this.#list(state)];
    this.#at.set(key, known);
    return known;
  }

  /** Groups of at least two lines that can be as short as `most` octets (RFC 2920): MAIL with its recipients, recipients with DATA. */
  *groupsAt(state: State, most: number): Generator<Group> {
    const key = placeKey(state);
    let levels = this.#groups.get(key);
    if (!levels) {
      levels = [[{ lines: [], share: 1, lengths: NOTHING, state }]];
      this.#groups.set(key, levels);
    }
    for (let size = 1; size <= MOST_IN_GROUP; size++) {
      const level = levels[size] ?? this.#longer(levels[size - 1] ?? [], size);
      levels[size] = level;
      let shortest = Infinity;
      for (const group of level) {
        const least = leastOf(group.lengths);
        shortest = Math.min(shortest, least);
        if (size > 1 && least <= most) yield group;
      }
      if (shortest > most) return;
    }
  }

  #longer(groups: readonly Group[], size: number): Group[] {
    const begun = groups
      .filter(({ lines }) => lines.at(-1)?.word !== 'DATA')
      .sort((a, b) => b.share - a.share)
      .slice(0, MOST_BEGUN);
    const found: Group[] = [];
    for (const group of begun) {
      for (const line of this.at(group.state)) {
        if (!GROUPED.has(line.word) || (line.word === 'MAIL' && size > 2)) continue;
        const share = group.share * line.share;
        if (share < LEAST_SHARE) continue;
        found.push({ lines: [...group.lines, line], share, lengths: joined(group.lengths, line.lengths), state: line.next(group.state) });
      }
    }
    return found;
  }

  *#list(state: State): Generator<Line> {
    const lines = this.#lines;
    const mail = (share: number): Line => {
      const address = state.lost ? null : (this.#known.messages?.[state.message]?.sender ?? null);
      return line('MAIL', share, lines.mail(state.lost ? -1 : state.message), (from) => ({ ...from, place: 'mail', stage: 'mail' }), address);
    };
    switch (state.place) {
      case 'hello':
        yield line('EHLO', 0.93, lines.hello, (from) => ({ ...from, place: 'ready' }));
        yield mail(0.02);
        yield line('QUIT', 0.03, FOUR_LETTERS, quit);
        yield line('NOOP', 0.01, FOUR_LETTERS, same);
        break;
      case 'ready': {
        const more = this.#expectsMore(state);
        yield mail(more);
        yield line('QUIT', 0.9 - more, FOUR_LETTERS, quit);
        yield line('RSET', 0.05, FOUR_LETTERS, same);
        yield line('NOOP', 0.02, FOUR_LETTERS, same);
        if (!state.authed) yield line('AUTH', state.accepted > 0 ? 0.002 : 0.08, AUTH, (from) => ({ ...from, place: 'auth', stage: 'auth' }));
        yield line('EHLO', 0.015, lines.hello, same);
        break;
      }
      case 'auth':
        yield line('AUTH-answer', 0.97, AUTH_ANSWER, same);
        yield line('QUIT', 0.02, FOUR_LETTERS, quit);
        break;
      case 'mail':
      case 'rcpt':
        yield* this.#recipients(state);
        if (state.place === 'rcpt') {
          yield line('DATA', this.#dataShare(state), FOUR_LETTERS, (from) => ({ ...from, place: 'data', stage: 'data-command' }));
          if (this.#known.chunking) yield line('BDAT', 0.25, BDAT, (from) => ({ ...from, place: 'chunk', stage: 'data-body', body: NO_BODY }));
        }
        yield line('QUIT', 0.06, FOUR_LETTERS, withdraw);
        yield line('RSET', 0.05, FOUR_LETTERS, reset);
        yield line('NOOP', 0.005, FOUR_LETTERS, same);
        break;
      case 'greeting':
      case 'data':
      case 'body':
      case 'chunk':
      case 'over':
        break;
    }
  }

  *#recipients(state: State): Generator<Line> {
    const told = this.#told(state);
    const next = told?.[state.named] ?? null;
    const rcpt = (share: number, address: string | null, refused: boolean | null): Line =>
      line(
        'RCPT',
        share,
        this.#lines.rcpt(address),
        (from) => ({ ...from, place: 'rcpt', stage: 'rcpt', named: from.named + (address === null ? 0 : 1) }),
        address,
        refused,
      );
    if (next) {
      yield rcpt(0.82, next.address, next.refused);
      // Recipients that were refused before the log took note of them.
      yield rcpt(0.05, null, null);
    } else yield rcpt(told !== null && told.length > 0 ? 0.05 : state.place === 'mail' ? 0.88 : 0.3, null, null);
  }

  #told(state: State): readonly { readonly address: string; readonly refused: boolean }[] | null {
    return state.lost ? null : (this.#known.messages?.[state.message]?.recipients ?? null);
  }

  #dataShare(state: State): number {
    const told = this.#told(state);
    if (told === null || told.length === 0) return 0.55;
    return state.named < told.length ? 0.04 : 0.8;
  }

  /** Chance of another message, here and now. */
  #expectsMore(state: State): number {
    const { messages, isWhole } = this.#known;
    if (messages !== null && !state.lost) {
      if (state.message < messages.length) return 0.85;
      if (isWhole) return 0.06;
    }
    return state.ended === 0 ? 0.75 : 0.22;
  }
}

/** All that decides what may be said next. */
function placeKey({ place, message, named, ended, accepted, authed, lost }: State): string {
  return `${place} ${message} ${named} ${ended > 0} ${accepted > 0} ${authed} ${lost}`;
}

function line(
  word: AskedWord,
  share: number,
  lengths: Lengths,
  change: (state: State) => State,
  address: string | null = null,
  refused: boolean | null = null,
): Line {
  const owed = { to: word, address, refused, path: null };
  return { word, share, lengths, address, next: (state) => ({ ...change(state), owed: [...state.owed, owed] }) };
}

const same = (state: State): State => state;
const quit = (state: State): State => ({ ...state, place: 'over', quit: 'said', stage: 'quit' });
/** QUIT within a transaction is named after the step that it interrupts. */
const withdraw = (state: State): State => ({ ...state, place: 'over', quit: 'said', withdrew: state.withdrew || state.open });
const reset = (state: State): State => ({
  ...state,
  place: 'ready',
  stage: idleStage(state),
  message: state.message + (state.open ? 1 : 0),
  open: false,
  named: 0,
  anyAccepted: false,
  body: NO_BODY,
  withdrew: state.withdrew || state.open,
});
