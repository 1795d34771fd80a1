import type { Line } from './commands.ts';
import { exactly, longer, oneOf, shareOf, within } from './lengths.ts';
import type { ReadPart, RecordView, Setting, Take } from './reading.ts';
import type { State } from './state.ts';

/** A final dot alone; with the line end before it where the message's last record lacks that. */
const DOT = oneOf([0.85, exactly(3)], [0.15, exactly(5)]);
const DOT_AND_QUIT = longer(DOT, 6);
/** Messages are written in pieces of every size: as long as a buffer, or as what is left. */
const PIECE = oneOf(
  [0.1, exactly(16_384)],
  [0.03, exactly(8192)],
  [0.04, exactly(4096)],
  [0.83, within([1, 2, 0.005], [3, 63, 0.06], [64, 255, 0.135], [256, 1023, 0.25], [1024, 4095, 0.3], [4096, 16_384, 0.25])],
);
const LAST_PIECE = longer(PIECE, 3);
const LAST_PIECE_AND_QUIT = longer(LAST_PIECE, 6);
/** RCPT and DATA. */
const LEAST_GROUP = 20;
/** Chance that a client speaks before it was answered, and that it puts several commands into one record, by whether the server offers PIPELINING. */
const AHEAD = { offered: 0.3, unoffered: 0.006 };
const TOGETHER = 0.3;
/** Chance that an answer is missing where records may be. */
const UNSEEN_ANSWER = 0.05;

/** All that a record of the client can be. */
export function clientReadings(state: State, record: RecordView, setting: Setting, take: Take): void {
  if (state.closed & 1) return;
  const { place } = state;
  if (place === 'over' || place === 'greeting' || place === 'data') return;
  if (place === 'body' || place === 'chunk') {
    messageReadings(state, record, setting, take);
    return;
  }
  const { commands, lossy, known } = setting;
  const [least, most] = record.octets;
  const waits = state.owed.length > 0;
  const before = lossy && waits ? { ...state, owed: [] } : state;
  const patience = waits ? (lossy ? UNSEEN_ANSWER : known.pipelining ? AHEAD.offered : AHEAD.unoffered) : 1;
  for (const line of commands.at(before)) {
    take(line.share * patience * shareOf(line.lengths, least, most), () => ({
      state: withPath(line.next(before), line, record),
      parts: [partOf(line, before)],
    }));
  }
  const habit = patience * (known.pipelining ? TOGETHER : 0);
  if (habit === 0 || most < LEAST_GROUP || place === 'hello' || place === 'auth') return;
  for (const { lines, share, lengths } of commands.groupsAt(before, most)) {
    take(habit * share * shareOf(lengths, least, most), () => {
      const parts: ReadPart[] = [];
      let next = before;
      for (const line of lines) {
        parts.push(partOf(line, next));
        next = line.next(next);
      }
      return { state: next, parts };
    });
  }
}

/** Octets in front of and behind the path. */
const AROUND_PATH: Partial<Record<Line['word'], number>> = { MAIL: 'MAIL FROM:<>\r\n'.length, RCPT: 'RCPT TO:<>\r\n'.length };

/** A line alone in its record tells how long its address is, which some servers repeat. */
function withPath(state: State, { word, address }: Line, { octets: [least, most] }: RecordView): State {
  const around = AROUND_PATH[word];
  const owed = state.owed.at(-1);
  if (around === undefined || address !== null || !owed) return state;
  return { ...state, owed: [...state.owed.slice(0, -1), { ...owed, path: [Math.max(0, least - around), Math.max(0, most - around)] }] };
}

function partOf({ word, address }: Line, { message }: State): ReadPart {
  return { word, address, message, positive: null, to: null };
}

/** Pieces of the message, its end, and what may follow in the same record. */
function messageReadings(state: State, record: RecordView, { known }: Setting, take: Take): void {
  const [least, most] = record.octets;
  const body: State['body'] = [state.body[0] + least, state.body[1] + most];
  const piece = { word: state.place === 'chunk' ? 'chunk' : 'message', address: null, message: state.message, positive: null, to: null } as const;
  const begun = { ...state, stage: 'data-body', body } as const;
  if (state.place === 'chunk') {
    take(0.9 * shareOf(PIECE, least, most), () => ({ state: begun, parts: [piece] }));
    return;
  }
  const dot = { ...piece, word: 'end-of-data' } as const;
  const quit = { ...piece, word: 'QUIT' } as const;
  const started = state.body[1] > 0;
  const ended: State = {
    ...begun,
    place: 'ready',
    stage: 'data-end',
    ended: state.ended + 1,
    owed: [...state.owed, { to: 'end-of-data', address: null, refused: null, path: null }],
  };
  const left: State = { ...ended, place: 'over', quit: 'said', owed: [...ended.owed, { to: 'QUIT', address: null, refused: null, path: null }] };
  const habit = known.pipelining ? 0.06 : 0.01;
  const alone = started ? 0.45 : 0.01;
  take(0.55 * shareOf(PIECE, least, most), () => ({ state: begun, parts: [piece] }));
  take(0.3 * shareOf(LAST_PIECE, least, most), () => ({ state: shorter(ended, 3), parts: [piece, dot] }));
  take(0.3 * habit * shareOf(LAST_PIECE_AND_QUIT, least, most), () => ({ state: shorter(left, 9), parts: [piece, dot, quit] }));
  take(alone * shareOf(DOT, least, most), () => ({ state: { ...ended, body: state.body }, parts: [dot] }));
  take(alone * habit * shareOf(DOT_AND_QUIT, least, most), () => ({ state: { ...left, body: state.body }, parts: [dot, quit] }));
}

function shorter(state: State, by: number): State {
  return { ...state, body: [Math.max(0, state.body[0] - by), Math.max(0, state.body[1] - by)] };
}
