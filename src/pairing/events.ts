import { SECOND_US } from '../model/units.ts';
import type { CapturedTraits, LoggedSession } from './traits.ts';

/** What a log line of a pair reports; how much its time says is in `EVENT_WEIGHTS`. */
export type EventKind = 'open' | 'tls' | 'mail' | 'rcpt' | 'done' | 'broken' | 'close' | 'queued' | 'life';

/**
 * Called with the clock offsets (log minus capture, microseconds) that a log line and its packets allow.
 * `low` comes from the latest moment at which the line can have been written, `high` from the earliest, which is `fromUs` in the capture's clock.
 */
export type OffsetVisitor = (kind: EventKind, low: number, high: number, fromUs: number) => void;

interface EventWeight {
  /** Points when the offset fits. */
  readonly gain: number;
  /** Points lost for each second that the line came later than it should. */
  readonly late: number;
  /** The same for a line that came before what it reports. */
  readonly early: number;
  /** Most points that one line can lose. */
  readonly worst: number;
  /** Weight in the vote for the offset. */
  readonly vote: number;
}

/**
 * Lines that every whole session has gain most: one more line, such as `lost`, must not make a session likelier than its twin without one.
 * A line before its cause contradicts; a late line is only odd (a busy appliance). The line `close` is bookkeeping and may come late
 * (Cisco's note on ICID lines), a reverse lookup may delay the opening line.
 */
export const EVENT_WEIGHTS: Readonly<Record<EventKind, EventWeight>> = {
  open: { gain: 4, late: 2.5, early: 6, worst: 16, vote: 2 },
  tls: { gain: 1, late: 1, early: 3, worst: 6, vote: 1 },
  mail: { gain: 1, late: 1.5, early: 3, worst: 8, vote: 1 },
  rcpt: { gain: 0.5, late: 1, early: 2, worst: 4, vote: 1 },
  done: { gain: 1, late: 1, early: 3, worst: 6, vote: 1 },
  broken: { gain: 0.5, late: 0.7, early: 3, worst: 8, vote: 1 },
  close: { gain: 3, late: 0.3, early: 2, worst: 6, vote: 0.6 },
  queued: { gain: 0.5, late: 0, early: 0, worst: 0, vote: 0.4 },
  life: { gain: 0.5, late: 1.5, early: 3, worst: 8, vote: 0.5 },
};

/** Room for the clock of the capture, the scheduler and a log line that is stamped a moment before its packet leaves. */
const SLACK_US = 0.06 * SECOND_US;
/** A break is noticed and logged within this time. */
const BREAK_NOTICED_US = 1.2 * SECOND_US;
/** The line `close` follows the end within this time, as a rule. */
const CLOSE_US = 2 * SECOND_US;
/** An idle delivery connection is kept for this long (four published examples: 5 s between the last message and the close). */
const DELIVERY_IDLE_US = 6 * SECOND_US;
/** A queue that is not backed up opens its delivery connection within this time. */
const QUEUE_US = 1.2 * SECOND_US;
/** Recipients of one message that are compared by time: the first ones say it all. */
const RECIPIENTS_TIMED = 4;

/** Kinds of lines that an appliance is known to write at once. */
export type PromptKinds = ReadonlySet<EventKind>;
export const NONE_PROMPT: PromptKinds = new Set();
export const ALL_PROMPT: PromptKinds = new Set<EventKind>(['open', 'tls', 'mail', 'rcpt', 'done', 'broken', 'close', 'life']);
/** How late a break or a close is logged by an appliance that is known to be prompt. */
const PROMPT_US = 0.25 * SECOND_US;

/** Visits the offsets that each pair of event and line allows. `alignment` gives for each captured transaction the index of its message, or -1. */
export function visitOffsets(captured: CapturedTraits, logged: LoggedSession, alignment: readonly number[], prompt: PromptKinds, visit: OffsetVisitor): void {
  const note = (kind: EventKind, stampUs: number | null, fromUs: number, toUs: number): void => {
    if (stampUs !== null) visit(kind, stampUs - toUs - SLACK_US, stampUs + SECOND_US - fromUs + SLACK_US, fromUs);
  };
  const inbound = logged.kind === 'icid';
  if (captured.sawOpen) note('open', logged.openedUs, inbound ? captured.open.fromUs : captured.firstUs, captured.open.toUs);
  if (captured.tls) note('tls', logged.tlsUs, captured.tls.fromUs, captured.tls.toUs);
  if (!inbound && captured.sawOpen) note('queued', logged.queuedUs, captured.firstUs - QUEUE_US, captured.firstUs);
  const lifeFromUs = captured.tls?.fromUs ?? captured.open.fromUs;
  const lifeToUs = captured.endUs ?? captured.lastUs;
  const breakUs = prompt.has('broken') ? PROMPT_US : BREAK_NOTICED_US;
  visitMessages(captured, logged, alignment, note, { fromUs: lifeFromUs, toUs: lifeToUs, breakUs });
  visitEnd(captured, logged, note, breakUs, prompt.has('close') ? PROMPT_US : CLOSE_US);
}

interface Life {
  readonly fromUs: number;
  readonly toUs: number;
  /** Within which a break is logged. */
  readonly breakUs: number;
}

type Note = (kind: EventKind, stampUs: number | null, fromUs: number, toUs: number) => void;

function visitMessages(captured: CapturedTraits, logged: LoggedSession, alignment: readonly number[], note: Note, life: Life): void {
  const { fromUs, toUs, breakUs } = life;
  const inbound = logged.kind === 'icid';
  for (const [k, talk] of captured.talks.entries()) {
    const message = logged.messages[alignment[k] ?? -1];
    if (!message) continue;
    // A delivery is started before its MAIL is on the wire: between the end of what came before and the reply to MAIL.
    const before = captured.talks[k - 1]?.dataEnd?.fromUs ?? captured.open.fromUs;
    if (talk.mail) note('mail', message.startUs, inbound ? talk.mail.fromUs : Math.min(before, talk.mail.fromUs), talk.mail.toUs);
    if (inbound) {
      for (let r = 0; r < Math.min(RECIPIENTS_TIMED, message.rcptUs.length); r++) {
        const at = talk.recipients.findIndex(({ text }) => text === message.recipients[r]);
        const span = talk.rcpts[at];
        if (span) note('rcpt', message.rcptUs[r] ?? null, span.fromUs, span.toUs);
      }
    }
    const endedUs = talk.withdrawnUs ?? captured.endUs;
    const noticedUs = talk.withdrawnUs ?? captured.endNoticedUs;
    if (inbound && endedUs !== null) note('broken', message.abortedUs, endedUs, (noticedUs ?? endedUs) + breakUs);
    if (talk.dataEnd) note('done', message.doneUs, inbound ? talk.dataEnd.fromUs : talk.dataEnd.toUs, talk.dataEnd.toUs + (inbound ? 0 : breakUs));
  }
  if (captured.talks.length > 0 || logged.messages.length === 0) return;
  // Nothing readable: its messages must at least lie inside the session's life.
  note('life', logged.messages[0]?.startUs ?? null, fromUs, toUs);
  const last = logged.messages.at(-1);
  if (last && last.doneUs !== null) note('life', last.doneUs, fromUs, toUs + breakUs);
  if (last && captured.endUs !== null) note('broken', last.abortedUs, captured.endUs, captured.endUs + breakUs);
}

function visitEnd(captured: CapturedTraits, logged: LoggedSession, note: Note, breakUs: number, closeUs: number): void {
  const { endUs, endNoticedUs } = captured;
  if (endUs === null || endNoticedUs === null) {
    // The file stops first, or the connection just fell silent: its end comes after all that was seen.
    if (logged.kind === 'dcid' && !captured.accepted) note('broken', logged.brokenUs, captured.firstUs, captured.lastUs + 130 * SECOND_US);
    return;
  }
  const inbound = logged.kind === 'icid';
  const brokenFromUs = inbound ? endUs : Math.min(endUs, firstRefusal(captured, endUs));
  note('broken', logged.brokenUs, brokenFromUs, (inbound ? endNoticedUs : Math.max(endUs, captured.lastUs)) + breakUs);
  note('close', logged.closedUs, endUs, Math.max(endUs, captured.lastUs) + (inbound ? closeUs : DELIVERY_IDLE_US));
}

/** A delivery's trouble is logged with the reply that refused it, before the connection is closed. */
function firstRefusal(captured: CapturedTraits, endUs: number): number {
  if (captured.greetingCode !== null && captured.greetingCode >= 400) return captured.open.toUs;
  return captured.talks[0]?.mail?.fromUs ?? endUs;
}
