import type { DialogueFollower, SmtpDialogue, SpeechObserver, TlsSummary } from '../model/smtp.ts';
import { MAIL_PORTS } from '../model/settings.ts';
import type { ArrivalView, StreamGap, StreamSink } from '../model/tcp.ts';
import type { Side } from '../model/units.ts';
import { answer } from './answers.ts';
import { DIALOGUE_BUDGET, type DialogueBudget } from './budget.ts';
import { ClientStream } from './client-stream.ts';
import { Conversation } from './conversation.ts';
import { HeldWords } from './held-words.ts';
import { momentOf } from './moments.ts';
import { RoleFinder } from './roles.ts';
import { sealDialogue } from './seal.ts';
import { ServerStream } from './server-stream.ts';
import { TlsSession } from './tls-session.ts';

export interface DialogueOptions {
  /** The TCP side that is the SMTP client: normally the originator. Null: the file begins in mid-stream, and what is said must tell. */
  readonly clientSide: Side | null;
  /** The port that the client connected to: tells where TLS is expected, and whether a greeting alone makes it SMTP. */
  readonly serverPort: number;
  readonly budget?: DialogueBudget;
  readonly onSpeech?: SpeechObserver;
}

/** Submission inside TLS from the first octet (RFC 8314, 3.3). */
const TLS_PORT = 465;

/** What may wait of a server's words. */
const HELD_COST = 256 * 1024;

/**
 * Follows one connection's octets and tells what was said (RFC 5321 with 2033, 2920, 3030, 3207, 4954). Never throws, whatever the octets;
 * keeps no message bodies and no credentials; memory is bounded by `budget`. Feed it in the order of arrival, then `finish` once.
 */
export function followDialogue(options: DialogueOptions): DialogueFollower {
  const budget = options.budget ?? DIALOGUE_BUDGET;
  const observer = options.onSpeech ?? null;
  if (options.clientSide !== null) return new Follower(options.clientSide, false, options.serverPort, budget, observer);
  return new MidStreamFollower(options.serverPort, budget, observer);
}

/** Finds out who is the client, then follows. */
class MidStreamFollower implements DialogueFollower {
  readonly #serverPort: number;
  readonly #budget: DialogueBudget;
  readonly #observer: SpeechObserver | null;
  readonly #finder = new RoleFinder();
  #follower: Follower | null = null;

  constructor(serverPort: number, budget: DialogueBudget, observer: SpeechObserver | null) {
    this.#serverPort = serverPort;
    this.#budget = budget;
    this.#observer = observer;
  }

  octets(side: Side, bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    if (this.#follower) {
      this.#follower.octets(side, bytes, start, end, at);
      return;
    }
    this.#finder.octets(side, bytes, start, end, at);
    this.#decide(this.#finder.client);
  }

  gap(side: Side, length: number, kind: StreamGap['kind'], at: ArrivalView): void {
    if (this.#follower) this.#follower.gap(side, length, kind, at);
    else {
      this.#finder.gap(side, length, kind, at);
      this.#decide(this.#finder.client);
    }
  }

  fin(side: Side, at: ArrivalView): void {
    (this.#follower ?? this.#finder).fin(side, at);
  }

  #decide(client: Side | null): void {
    if (client === null) return;
    this.#follower = new Follower(client, true, this.#serverPort, this.#budget, this.#observer);
    this.#finder.release(this.#follower);
  }

  finish(): SmtpDialogue {
    if (!this.#follower) this.#decide(0);
    return (this.#follower ?? new Follower(0, true, this.#serverPort, this.#budget, this.#observer)).finish();
  }
}

class Follower implements DialogueFollower {
  readonly #talk: Conversation;
  readonly #serverPort: number;
  readonly #client: ClientStream;
  readonly #server: ServerStream;
  /** Words of the server that wait for earlier ones of the client. */
  readonly #held = new HeldWords();
  readonly #now: StreamSink;
  #tls: TlsSession | null = null;
  readonly #last: ArrivalView = { atUs: 0, input: 0, packet: 0 };

  constructor(client: Side, midStream: boolean, serverPort: number, budget: DialogueBudget, observer: SpeechObserver | null) {
    this.#serverPort = serverPort;
    this.#talk = new Conversation(client, midStream, serverPort === TLS_PORT, budget);
    const tls = (): TlsSession | null => this.#tls;
    const beginTls = (): TlsSession => this.#beginTls();
    this.#client = new ClientStream(this.#talk, tls, beginTls, observer);
    this.#server = new ServerStream(this.#talk, tls, beginTls, observer);
    this.#talk.onLateCommand = (entry, ordinal, reply) => answer(this.#talk, entry, ordinal, reply);
    this.#now = {
      octets: (side, bytes, start, end, at) => this.#hearOctets(side, bytes, start, end, at),
      gap: (side, length, kind, at) => this.#hearGap(side, length, kind, at),
      fin: () => undefined,
    };
    this.#talk.endBody = () => this.#client.endByReply();
  }

  octets(side: Side, bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    if (end <= start) return;
    if (side === this.#talk.client) {
      if (!this.#held.isEmpty) this.#held.release(this.#now, at);
    } else if (this.#holdsServer()) {
      this.#held.octets(side, bytes, start, end, at);
      return;
    }
    this.#now.octets(side, bytes, start, end, at);
  }

  gap(side: Side, length: number, kind: StreamGap['kind'], at: ArrivalView): void {
    if (side === this.#talk.client) this.#held.release(this.#now, at);
    else if (this.#holdsServer()) {
      this.#held.gap(side, length, kind, at);
      return;
    }
    this.#now.gap(side, length, kind, at);
  }

  /**
   * Once the client's stream had a hole, its later octets may come here after replies that answer them, because the hole had to be settled first.
   * So replies wait until the client speaks again, and are heard in the order of arrival.
   */
  #holdsServer(): boolean {
    if (!this.#talk.gaps.client || this.#tls || this.#talk.mode === 'lost') return false;
    if (this.#held.cost > HELD_COST) this.#held.release(this.#now, null);
    return true;
  }

  #hearOctets(side: Side, bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    this.#copy(at, this.#last);
    const talk = this.#talk;
    if (talk.stages.current === 'connect') talk.stages.reach('banner', momentOf(at));
    if (side === talk.client) {
      this.#server.clientSpeaks();
      talk.rhythm.word(true, at.atUs, this.#isClientsTurn());
      this.#copy(at, talk.lastClient);
      this.#client.octets(bytes, start, end, at);
    } else {
      talk.serverHeard = true;
      talk.rhythm.word(false, at.atUs, this.#isServersTurn());
      this.#server.octets(bytes, start, end, at);
    }
  }

  #hearGap(side: Side, length: number, kind: StreamGap['kind'], at: ArrivalView): void {
    this.#copy(at, this.#last);
    if (side === this.#talk.client) {
      this.#server.clientSpeaks();
      this.#copy(at, this.#talk.lastClient);
      this.#client.gap(length, kind, at);
    } else this.#server.gap(length, kind, at);
  }

  fin(_side: Side, at: ArrivalView): void {
    this.#copy(at, this.#last);
  }

  #copy(at: ArrivalView, to: ArrivalView): void {
    to.atUs = at.atUs;
    to.input = at.input;
    to.packet = at.packet;
  }

  #isClientsTurn(): boolean {
    const talk = this.#talk;
    if (this.#tls) return this.#tls.lastSide !== talk.client;
    return talk.mode === 'body' || talk.mode === 'chunk' || (talk.queue.length === 0 && (talk.greeting !== null || talk.greetingMissed));
  }

  #isServersTurn(): boolean {
    const talk = this.#talk;
    if (this.#tls) return this.#tls.lastSide !== talk.server;
    return talk.queue.length > 0 && talk.mode !== 'chunk';
  }

  #beginTls(): TlsSession {
    const talk = this.#talk;
    // Where commands may be missing, only the port can tell how it began.
    const begin: TlsSummary['begin'] = talk.starttlsSaid || (talk.unseenCommands && !talk.tlsAtOnce) ? 'starttls' : 'from-start';
    talk.mode = talk.mode === 'lost' ? 'lost' : 'tls';
    talk.queue.keepOnly('STARTTLS');
    if (begin === 'starttls') talk.stages.reach('starttls', momentOf(this.#last));
    this.#tls ??= new TlsSession(
      talk.client,
      begin,
      { add: (event) => void talk.events.add(event), isLast: (event) => talk.events.last() === event },
      (side, bytes, from, end, at) => this.#leaveTls(side, bytes, from, end, at),
    );
    return this.#tls;
  }

  /** What follows is no TLS: it is read as text again, and counts where it reads as SMTP. */
  #leaveTls(side: Side, bytes: Uint8Array, from: number, end: number, at: ArrivalView): void {
    const talk = this.#talk;
    const last = talk.events.last();
    if (last?.kind === 'tls' && last.what === 'not-tls' && last.side === side) last.octets += end - from;
    else talk.events.add({ kind: 'tls', side, what: 'not-tls', at: momentOf(at), octets: end - from, text: null });
    if (side === talk.client) {
      if (talk.mode === 'tls') talk.mode = 'uncertain';
      this.#client.leaveTls();
      this.#client.octets(bytes, from, end, at);
    } else {
      this.#server.leaveTls();
      this.#server.octets(bytes, from, end, at);
    }
  }

  finish(): SmtpDialogue {
    const talk = this.#talk;
    this.#held.release(this.#now, null);
    this.#server.clientSpeaks();
    this.#client.finish(this.#last);
    this.#server.finish(this.#last);
    const tls = this.#tls?.finish() ?? null;
    return sealDialogue(talk, tls, this.#tls?.lastRecordUs ?? 0, this.#isSmtp(tls !== null));
  }

  #isSmtp(hasTls: boolean): boolean {
    const talk = this.#talk;
    if (talk.spokeSmtp) return true;
    const onMailPort = MAIL_PORTS.includes(this.#serverPort);
    if (talk.knowsVerbs && onMailPort) return true;
    if (hasTls && (onMailPort || talk.starttlsSaid)) return true;
    const { greeting } = talk;
    if (!greeting) return onMailPort && talk.acceptedAny;
    return onMailPort || greeting.lines.some((line) => /\bE?SMTP\b|\bLMTP\b/i.test(line));
  }
}
