import { exactly, joined, leastOf, type Lengths, oneOf, shareOf, within } from './lengths.ts';
import type { ReadPart, RecordView, Setting, Take } from './reading.ts';
import { idleStage, NO_BODY, type Owed, type State } from './state.ts';

/** A reply to one command: its share, its lengths, what it leaves. */
interface Answer {
  readonly share: number;
  readonly lengths: Lengths;
  readonly positive: boolean;
  readonly next: () => State;
}

/** Challenges of AUTH LOGIN and of others (RFC 4954). */
const CHALLENGE = oneOf([0.6, exactly(18)], [0.2, exactly(6)], [0.2, within([5, 120, 1])]);
const HELLO_LINE = within([8, 60, 0.9], [61, 120, 0.1]);
/** NewSessionTicket: some two hundred octets where the ticket holds the session, fewer where it names it. */
const TICKET = within([40, 120, 0.2], [121, 330, 0.7], [331, 2500, 0.1]);
const MOST_IN_ANSWER = 12;
const LONG_SILENCE_US = 4_000_000;

/** All that a record of the server can be. */
export function serverReadings(state: State, record: RecordView, setting: Setting, take: Take): void {
  if (state.closed & 2) return;
  const [least, most] = record.octets;
  if (setting.isTls13 && !state.heard) {
    const again = state.ticket === most ? 0.85 : 0;
    const share = (state.owed.length === 0 ? 0.8 : 0.25) * (again + (1 - again) * shareOf(TICKET, least, most));
    take(share, () => ({ state: { ...state, ticket: most }, parts: [{ ...PLAIN, word: 'NewSessionTicket', message: state.message }] }));
  }
  notices(state, record, setting, take);
  if (state.owed.length > 0) answers({ ...state, heard: true }, record, setting, take);
  else if (setting.lossy) {
    take(0.003 * shareOf(HELLO_LINE, least, most), () => ({
      state: { ...state, heard: true },
      parts: [{ ...PLAIN, word: 'reply', positive: true, message: state.message }],
    }));
  }
}

const NOTHING = exactly(0);
const PLAIN = { to: null, positive: null, address: null } as const;

/** A 421 that nobody asked for, or in place of an answer. */
function notices(state: State, record: RecordView, { lines }: Setting, take: Take): void {
  if (state.notice || state.quit !== 'no') return;
  const chance = state.owed.length > 0 ? 0.004 : record.pauseUs >= LONG_SILENCE_US ? 0.6 : 0.01;
  const share = chance * shareOf(lines.notice, record.octets[0], record.octets[1]);
  take(share, () => ({
    state: { ...state, heard: true, notice: true, place: 'over', owed: [] },
    parts: [{ ...PLAIN, word: 'notice', message: state.message }],
  }));
}

/** Replies to the first of what is owed, or to several at once where commands were sent ahead. */
function answers(state: State, record: RecordView, setting: Setting, take: Take): void {
  const [least, most] = record.octets;
  let front: { state: State; lengths: Lengths; share: number; parts: readonly ReadPart[] }[] = [{ state, lengths: NOTHING, share: 1, parts: [] }];
  for (let size = 1; size <= MOST_IN_ANSWER && front.length > 0; size++) {
    const next: { begun: (typeof front)[number]; owed: Owed; answer: Answer; lengths: Lengths; share: number }[] = [];
    for (const begun of front) {
      const [owed] = begun.state.owed;
      if (!owed) continue;
      for (const answer of answersTo(owed, begun.state, setting)) {
        const share = begun.share * answer.share * (size > 1 ? 0.5 : 1);
        if (share < 1e-6) continue;
        const lengths = size === 1 ? answer.lengths : joined(begun.lengths, answer.lengths);
        const fit = share * shareOf(lengths, least, most);
        take(fit, () => ({ state: answer.next(), parts: [...begun.parts, partOf(owed, answer, begun.state)] }));
        if (begun.state.owed.length > 1 && leastOf(lengths) < most) next.push({ begun, owed, answer, lengths, share });
      }
    }
    front = next
      .sort((a, b) => b.share - a.share)
      .slice(0, 6)
      .map(({ begun, owed, answer, lengths, share }) => ({ state: answer.next(), lengths, share, parts: [...begun.parts, partOf(owed, answer, begun.state)] }));
  }
  const [first] = state.owed;
  // A reply of many lines, one record each.
  if (first?.to === 'EHLO') {
    const share = 0.04 * shareOf(HELLO_LINE, least, most);
    take(share, () => ({ state, parts: [{ ...PLAIN, word: 'reply', to: 'EHLO', positive: true, message: state.message }] }));
  }
}

function partOf({ to, address }: Owed, { positive }: Answer, { message }: State): ReadPart {
  return { word: to === 'greeting' ? 'greeting' : 'reply', to, positive, address, message };
}

function* answersTo(owed: Owed, state: State, setting: Setting): Generator<Answer> {
  const { lines } = setting;
  const left = { ...state, owed: state.owed.slice(1) };
  const yes = (share: number, lengths: Lengths, change: Partial<State>): Answer => ({ share, lengths, positive: true, next: () => ({ ...left, ...change }) });
  const no = (share: number, change: Partial<State>): Answer => ({ share, lengths: lines.refusal, positive: false, next: () => ({ ...left, ...change }) });
  const usual = (asked: Parameters<typeof lines.reply>[1]): Lengths =>
    lines.reply(state.server, asked, state.lost ? -1 : state.message, owed.address, owed.path);
  const alone = left.owed.length === 0;
  switch (owed.to) {
    case 'greeting':
      yield yes(0.95, lines.greeting, { place: 'hello', stage: 'banner' });
      yield no(0.05, { place: 'hello', stage: 'banner' });
      break;
    case 'EHLO':
      yield yes(0.98, lines.helloReply, { stage: idleStage(state) });
      yield no(0.02, alone ? { place: 'hello' } : {});
      break;
    case 'AUTH':
    case 'AUTH-answer':
      yield yes(0.45, CHALLENGE, {});
      yield yes(0.45, usual('auth'), { place: 'ready', authed: true });
      yield no(0.1, { place: 'ready' });
      break;
    case 'MAIL': {
      // The log notes a message when its MAIL is accepted.
      const told = setting.known.messages !== null && !state.lost;
      const noted = told && state.message < (setting.known.messages?.length ?? 0);
      const refused = noted ? 0.01 : told && setting.known.isWhole && setting.known.isAppliance ? 0.5 : 0.04;
      yield yes(1 - refused, usual('mail'), { open: true });
      yield no(refused, alone ? { place: 'ready', stage: idleStage(state) } : {});
      break;
    }
    case 'RCPT': {
      const isTold = setting.known.messages !== null && !state.lost && state.message < setting.known.messages.length;
      const refused = owed.refused === null ? (isTold && setting.known.isAppliance ? 0.75 : 0.1) : owed.refused ? 0.97 : 0.01;
      yield yes(1 - refused, usual('rcpt'), { anyAccepted: true });
      yield no(refused, {});
      break;
    }
    case 'DATA': {
      const refused = state.anyAccepted && state.open ? 0.02 : 0.9;
      yield yes(1 - refused, usual('data'), { place: 'body' });
      yield no(refused, state.anyAccepted ? { place: 'rcpt' } : { place: 'ready' });
      break;
    }
    case 'end-of-data': {
      const change = {
        stage: left.place === 'over' ? 'quit' : 'idle-after-message',
        message: state.message + 1,
        open: false,
        named: 0,
        anyAccepted: false,
        body: NO_BODY,
      } as const;
      const fate = state.lost ? undefined : setting.known.messages?.[state.message]?.fate;
      const refused = fate === 'accepted' ? 0.005 : fate === 'aborted' ? 0.5 : 0.05;
      yield yes(1 - refused, usual('end'), { ...change, accepted: state.accepted + 1 });
      yield no(refused, change);
      break;
    }
    case 'BDAT': {
      const change = {
        message: state.message + 1,
        open: false,
        named: 0,
        anyAccepted: false,
        body: NO_BODY,
        stage: 'idle-after-message',
        place: 'ready',
        ended: state.ended + 1,
      } as const;
      yield yes(0.6, usual('end'), { ...change, accepted: state.accepted + 1 });
      yield yes(0.35, usual('noop'), { place: 'rcpt' });
      yield no(0.05, change);
      break;
    }
    case 'QUIT':
      yield yes(1, usual('quit'), { quit: 'answered' });
      break;
    case 'RSET':
      yield yes(0.99, usual('rset'), {});
      yield no(0.01, {});
      break;
    case 'NOOP':
      yield yes(0.97, usual('noop'), {});
      yield no(0.03, {});
  }
}
