import type { InferredWord } from '../model/inference.ts';
import type { Stage } from '../model/smtp.ts';

/** Where the client stands: what it may say next without waiting. */
export type Place = 'greeting' | 'hello' | 'ready' | 'auth' | 'mail' | 'rcpt' | 'data' | 'body' | 'chunk' | 'over';

/** What is answered by a reply. */
export type AskedWord = Extract<
  InferredWord,
  'greeting' | 'EHLO' | 'AUTH' | 'AUTH-answer' | 'MAIL' | 'RCPT' | 'DATA' | 'BDAT' | 'end-of-data' | 'QUIT' | 'RSET' | 'NOOP'
>;

/** A reply that is outstanding. */
export interface Owed {
  readonly to: AskedWord;
  /** RCPT: the address, where the log names it, and whether the log has it refused. */
  readonly address: string | null;
  readonly refused: boolean | null;
  /** Octets of the path that it named, as far as the record's length tells them; null where the address is known, or other lines were in the record. */
  readonly path: readonly [least: number, most: number] | null;
}

/** One reading of a session up to some record. */
export interface State {
  /** Index in `SERVERS`. */
  readonly server: number;
  readonly place: Place;
  readonly stage: Stage;
  readonly owed: readonly Owed[];
  /** Index of the envelope: transactions that got so far that the log has them. */
  readonly message: number;
  /** MAIL of the current transaction was accepted. */
  readonly open: boolean;
  /** Recipients of the log's envelope that were named, and whether any was accepted. */
  readonly named: number;
  readonly anyAccepted: boolean;
  /** Octets of the current message: least and most. */
  readonly body: readonly [least: number, most: number];
  /** Messages ended, and messages accepted. */
  readonly ended: number;
  readonly accepted: number;
  readonly quit: 'no' | 'said' | 'answered';
  /** QUIT or RSET withdrew a transaction. */
  readonly withdrew: boolean;
  readonly notice: boolean;
  readonly authed: boolean;
  /** The server has said something within TLS: no more tickets. */
  readonly heard: boolean;
  /** Octets of the last ticket; 0 for none. */
  readonly ticket: number;
  /** Closed by: bit 1 the client, bit 2 the server. */
  readonly closed: number;
  /** Records are missing before this: envelopes can no longer be told apart. */
  readonly lost: boolean;
}

export const NO_BODY: State['body'] = [0, 0];

export function firstState(server: number, greeted: boolean): State {
  return {
    server,
    place: greeted ? 'hello' : 'greeting',
    stage: greeted ? 'starttls' : 'connect',
    owed: greeted ? [] : [{ to: 'greeting', address: null, refused: null, path: null }],
    message: 0,
    open: false,
    named: 0,
    anyAccepted: false,
    body: NO_BODY,
    ended: 0,
    accepted: 0,
    quit: 'no',
    withdrew: false,
    notice: false,
    authed: false,
    heard: false,
    ticket: 0,
    closed: 0,
    lost: false,
  };
}

/** Readings that go on alike have the same key. */
export function keyOf(state: State): string {
  const owed = state.owed.map(({ to, address, path }) => `${to}${address ?? path?.[1] ?? ''}`).join(',');
  const flags =
    bit(state.open, 0) |
    bit(state.anyAccepted, 1) |
    bit(state.withdrew, 2) |
    bit(state.notice, 3) |
    bit(state.authed, 4) |
    bit(state.heard, 5) |
    bit(state.lost, 6) |
    (state.closed << 7);
  return `${state.server} ${state.place} ${state.stage} ${owed} ${state.message} ${state.named} ${state.body[1]} ${state.ended} ${state.accepted} ${state.quit} ${flags} ${state.ticket}`;
}

function bit(value: boolean, place: number): number {
  return value ? 1 << place : 0;
}

/** The step that a session returns to when a transaction is over or withdrawn. */
export function idleStage(state: Pick<State, 'accepted' | 'ended'>): Stage {
  return state.accepted > 0 ? 'idle-after-message' : 'helo';
}
