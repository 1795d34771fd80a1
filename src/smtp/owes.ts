import type { DialogueEvent, Owes, SmtpCommand, SmtpDataEvent, SmtpDialogue, SmtpReply } from '../model/smtp.ts';
import type { TlsEvent } from '../model/tls.ts';
import type { EpochUs } from '../model/units.ts';
import { isProxyLine } from './proxy-preface.ts';

/** Whose turn it is when no reply is outstanding. */
type Turn = 'greeting' | 'command' | 'challenge' | 'message' | 'body' | 'client-hello' | 'tls' | 'over';

const CLIENT_OWES: Partial<Record<Turn, string>> = {
  command: 'command',
  challenge: 'response to the challenge',
  message: 'message',
  body: 'rest of the message',
  'client-hello': 'ClientHello',
};

/** What the server has to answer. */
type Asking = SmtpCommand | SmtpDataEvent;

/** BDAT, or the end of a chunk that is not the last: one reply answers both (RFC 3030, 2). */
function isChunk(event: Asking): boolean {
  return event.kind === 'command' ? event.verb === 'BDAT' : event.kind === 'chunk-end';
}

function replyTo(event: Asking): string {
  if (event.kind === 'data-end') return 'reply to the end of data';
  if (event.kind !== 'command') return 'reply to BDAT';
  return `reply to ${event.verb === '***' ? 'AUTH' : event.verb}`;
}

const BOTH_SIDES = 3;

class DebtClock {
  readonly #dialogue: Pick<SmtpDialogue, 'client' | 'events' | 'tls'>;
  #turn: Turn = 'greeting';
  #sinceUs: EpochUs = 0;
  #half: EpochUs | null = null;
  #lastReplyUs: EpochUs = 0;
  #repliesLost = false;
  #tlsOwer: 'client' | 'server' = 'client';
  /** A bit for each side whose last word of the handshake was read. */
  #finished = 0;
  /** What the server has not answered, oldest first, and where it stands among the events. */
  readonly #unanswered: Asking[] = [];
  readonly #places: number[] = [];

  constructor(dialogue: Pick<SmtpDialogue, 'client' | 'events' | 'tls'>) {
    this.#dialogue = dialogue;
    if (dialogue.tls?.begin === 'from-start') this.#turn = 'client-hello';
  }

  see(event: DialogueEvent, index: number): void {
    if (event.kind === 'command') this.#command(event, index);
    else if (event.kind === 'reply') this.#reply(event);
    else if (event.kind === 'gap') this.#repliesLost ||= event.side !== this.#dialogue.client && event.why !== 'network';
    else if (event.kind === 'data-start') {
      this.#clientSpeaks();
      this.#pass('body', event.at.atUs);
    } else if (event.kind === 'data-end' || event.kind === 'chunk-end') {
      this.#forgetChunks();
      this.#await(event, index);
      this.#pass('command', event.at.atUs);
    } else if (event.kind === 'tls') this.#tlsRecord(event);
  }

  #await(event: Asking, index: number): void {
    this.#unanswered.push(event);
    this.#places.push(index);
  }

  /** What stands up to `place` among the events is answered. */
  #answer(place: number): void {
    while (this.#places.length > 0 && (this.#places[0] ?? 0) <= place) {
      this.#places.shift();
      this.#unanswered.shift();
    }
  }

  #forgetAll(): void {
    this.#unanswered.length = 0;
    this.#places.length = 0;
  }

  #forgetChunks(): void {
    for (let i = this.#unanswered.length - 1; i >= 0; i--) {
      const event = this.#unanswered[i];
      if (!event || !isChunk(event)) continue;
      this.#unanswered.splice(i, 1);
      this.#places.splice(i, 1);
    }
  }

  #tlsRecord(event: TlsEvent): void {
    // What TLS says for itself between words that were read makes no debt.
    if (event.decrypted && event.what === 'handshake' && this.#finished === BOTH_SIDES) return;
    this.#forgetAll();
    if (event.what === 'not-tls') {
      this.#pass('command', event.at.atUs);
      return;
    }
    this.#tlsOwer = event.side === this.#dialogue.client ? 'server' : 'client';
    const ends =
      event.what === 'encrypted-alert' || (event.what === 'alert' && !(event.text?.startsWith('warning') === true && event.text !== 'warning close_notify'));
    this.#pass(ends ? 'over' : 'tls', event.at.atUs);
    if (event.decrypted && event.text?.includes('Finished')) this.#finished |= 1 << event.side;
    if (this.#finished === BOTH_SIDES && this.#turn === 'tls') this.#pass(this.#dialogue.tls?.begin === 'from-start' ? 'greeting' : 'command', event.at.atUs);
  }

  /** What the client says after the server has taken its leave creates no debt. */
  #pass(turn: Turn, atUs: EpochUs): void {
    if (this.#turn === 'over') return;
    this.#turn = turn;
    this.#sinceUs = atUs;
    this.#half = null;
  }

  /** The client goes on, so replies that a gap may have swallowed had reached it. */
  #clientSpeaks(): void {
    if (this.#repliesLost) this.#forgetAll();
    this.#repliesLost = false;
  }

  #command(event: SmtpCommand, index: number): void {
    if (!event.complete) {
      this.#half = event.at.atUs;
      return;
    }
    this.#clientSpeaks();
    if (isProxyLine(event) || this.#turn === 'over') return;
    this.#await(event, index);
    const hasChunk = event.verb === 'BDAT' && /^[0-9]*[1-9]/.test(event.argument);
    // A client that goes on has heard a greeting that the file lacks.
    if (this.#turn !== 'greeting' || event.afterGap || this.#unanswered.length > 1) this.#pass(hasChunk ? 'body' : 'command', event.at.atUs);
  }

  #reply(event: SmtpReply): void {
    if (!event.complete) return;
    this.#lastReplyUs = event.at.atUs;
    const to = event.to;
    if (to !== null) this.#answer(to);
    const asked = to === null ? undefined : this.#dialogue.events[to];
    const verb = asked?.kind === 'command' ? asked.verb : null;
    if (event.code === 421 || (event.code === 221 && event.role === 'answer') || (verb === 'QUIT' && event.code < 400)) {
      this.#forgetAll();
      this.#pass('over', event.at.atUs);
      return;
    }
    if (event.code === 0) return;
    if (this.#turn === 'over') this.#turn = 'command';
    if (event.code === 354) this.#pass(this.#hasEndOfData() ? 'command' : this.#turn === 'body' ? 'body' : 'message', event.at.atUs);
    else if (event.code === 334) this.#pass('challenge', event.at.atUs);
    else if (event.code === 220 && verb === 'STARTTLS' && this.#turn !== 'tls') this.#pass('client-hello', event.at.atUs);
    else if (this.#turn === 'greeting' || this.#turn === 'challenge' || this.#turn === 'command' || (this.#turn === 'tls' && event.decrypted))
      this.#pass('command', event.at.atUs);
    else if (this.#turn === 'body' && verb === 'DATA' && event.code >= 400) this.#pass('command', event.at.atUs);
  }

  #hasEndOfData(): boolean {
    return this.#unanswered.some(({ kind }) => kind === 'data-end');
  }

  result(): Owes {
    const oldest = this.#unanswered[0];
    // While a chunk is on its way its BDAT needs no reply yet.
    const chunkOnItsWay = this.#turn === 'body' && oldest !== undefined && isChunk(oldest);
    if (this.#turn === 'over') return { side: null, sinceUs: this.#sinceUs, what: 'nothing' };
    if (this.#turn === 'tls') return { side: this.#tlsOwer, sinceUs: this.#sinceUs, what: 'next TLS record' };
    if (this.#turn === 'greeting') return { side: 'server', sinceUs: this.#sinceUs, what: 'greeting' };
    if (oldest && !chunkOnItsWay) return { side: 'server', sinceUs: Math.max(oldest.at.atUs, this.#lastReplyUs), what: replyTo(oldest) };
    if (this.#half !== null) return { side: 'client', sinceUs: this.#half, what: 'rest of the command' };
    return { side: 'client', sinceUs: this.#sinceUs, what: CLIENT_OWES[this.#turn] ?? 'command' };
  }
}

/**
 * Who owed the next word at a moment, told from the events alone. Before the first event the server owes its greeting since the
 * connection was established (`sinceUs` 0), the client its ClientHello where TLS begins at once. Inside TLS the side that did not
 * send the last record is taken to owe the next: a guess, because lines and acknowledgements of TLS cannot be told apart.
 * Since when the rest of a message is owed is told as its first octet here; `SmtpDialogue.owes` knows its last one.
 */
export function owesAt(dialogue: Pick<SmtpDialogue, 'client' | 'events' | 'tls'>, atUs: EpochUs): Owes {
  const clock = new DebtClock(dialogue);
  const { events } = dialogue;
  for (let index = 0; index < events.length; index++) {
    const event = events[index];
    if (event && event.at.atUs <= atUs) clock.see(event, index);
  }
  return clock.result();
}
