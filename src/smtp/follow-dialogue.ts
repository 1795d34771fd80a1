import type { DialogueFollower, SmtpDialogue, SmtpReply, SpeechObserver } from '../model/smtp.ts';
import { MAIL_PORTS } from '../model/settings.ts';
import { type ArrivalView, type StreamGap, type StreamSink, momentOf } from '../model/tcp.ts';
import type { OpenTls, TlsFollower, TlsListener, TlsSummary } from '../model/tls.ts';
import type { Side } from '../model/units.ts';
import { answer } from './answers.ts';
import { DIALOGUE_BUDGET, type DialogueBudget } from './budget.ts';
import { ClientStream } from './client-stream.ts';
import { Conversation } from './conversation.ts';
import type { ConversationReader } from './conversation-reader.ts';
import type { Draft } from './event-list.ts';
import { HeldWords } from './held-words.ts';
import { InsideTls } from './inside-tls.ts';
import type { Unanswered } from './reply-queue.ts';
import { RoleFinder } from './roles.ts';
import { sealDialogue } from './seal.ts';
import { ServerStream } from './server-stream.ts';
import type { TlsDoor } from './tls-door.ts';
import { settleAlone } from './unseen-commands.ts';

export interface DialogueOptions {
  /** The TCP side that is the SMTP client: normally the originator. Null: the file begins in mid-stream, and what is said must tell. */
  readonly clientSide: Side | null;
  /** The port that the client connected to: tells where TLS is expected, and whether a greeting alone makes it SMTP. */
  readonly serverPort: number;
  readonly openTls: OpenTls;
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
  return options.clientSide === null ? new MidStreamFollower(options) : new Follower(options.clientSide, false, options);
}

/** Finds out who is the client, then follows. */
class MidStreamFollower implements DialogueFollower {
  readonly #options: DialogueOptions;
  readonly #finder = new RoleFinder();
  #follower: Follower | null = null;

  constructor(options: DialogueOptions) {
    this.#options = options;
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
    this.#follower = new Follower(client, true, this.#options);
    this.#finder.release(this.#follower);
  }

  finish(): SmtpDialogue {
    if (!this.#follower) this.#decide(0);
    return (this.#follower ?? new Follower(0, true, this.#options)).finish();
  }
}

class Follower implements DialogueFollower, ConversationReader, TlsDoor {
  readonly #talk: Conversation;
  readonly #options: DialogueOptions;
  readonly #client: ClientStream;
  readonly #server: ServerStream;
  /** Words of the server that wait for earlier ones of the client. */
  readonly #held = new HeldWords();
  #tls: TlsFollower | null = null;
  #inside: InsideTls | null = null;
  readonly #last: ArrivalView = { atUs: 0, input: 0, packet: 0 };

  constructor(client: Side, midStream: boolean, options: DialogueOptions) {
    this.#options = options;
    this.#talk = new Conversation(client, midStream, options.serverPort === TLS_PORT, options.budget ?? DIALOGUE_BUDGET, this);
    const observer = options.onSpeech ?? null;
    this.#client = new ClientStream(this.#talk, this, observer);
    this.#server = new ServerStream(this.#talk, this, observer);
  }

  current(): TlsFollower | null {
    return this.#tls;
  }

  answer(entry: Unanswered, ordinal: number, reply: Draft<SmtpReply>): void {
    answer(this.#talk, entry, ordinal, reply);
  }

  endBody(): void {
    if (this.#inside) this.#inside.endBody();
    else this.#client.endByReply();
  }

  octets(side: Side, bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    if (end <= start) return;
    if (side === this.#talk.client) {
      this.#release(at);
    } else if (this.#holdsServer()) {
      this.#held.octets(side, bytes, start, end, at);
      return;
    }
    this.#hearOctets(side, bytes, start, end, at);
  }

  gap(side: Side, length: number, kind: StreamGap['kind'], at: ArrivalView): void {
    if (side === this.#talk.client) this.#release(at);
    else if (this.#holdsServer()) {
      this.#held.gap(side, length, kind, at);
      return;
    }
    this.#hearGap(side, length, kind, at);
  }

  /**
   * Once the client's stream had a hole, its later octets may come here after replies that answer them, because the hole had to be settled first.
   * So replies wait until the client speaks again, and are heard in the order of arrival.
   */
  #holdsServer(): boolean {
    if (!this.#talk.gaps.client || this.#isOpaque || this.#talk.mode === 'lost') return false;
    if (this.#held.cost > HELD_COST) this.#release(null);
    return true;
  }

  /** Hears what was held and came before `before`, or all of it. */
  #release(before: ArrivalView | null): void {
    if (this.#held.isEmpty) return;
    const now: StreamSink = {
      octets: (side, bytes, start, end, at) => this.#hearOctets(side, bytes, start, end, at),
      gap: (side, length, kind, at) => this.#hearGap(side, length, kind, at),
      fin: () => undefined,
    };
    this.#held.release(now, before);
  }

  #hearOctets(side: Side, bytes: Uint8Array, start: number, end: number, at: ArrivalView): void {
    this.#copy(at, this.#last);
    const talk = this.#talk;
    if (talk.stages.current === 'connect') talk.stages.reach('banner', momentOf(at));
    if (side === talk.client) {
      talk.clientHeard = true;
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
      this.#talk.clientHeard = true;
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

  /** TLS has begun, and nothing of what it holds could be read yet. */
  get #isOpaque(): boolean {
    return this.#tls !== null && this.#inside === null;
  }

  #isClientsTurn(): boolean {
    const talk = this.#talk;
    if (this.#tls && this.#isOpaque) return this.#tls.lastSide !== talk.client;
    return talk.mode === 'body' || talk.mode === 'chunk' || (talk.queue.length === 0 && (talk.greeting !== null || talk.greetingMissed));
  }

  #isServersTurn(): boolean {
    const talk = this.#talk;
    if (this.#tls && this.#isOpaque) return this.#tls.lastSide !== talk.server;
    return talk.queue.length > 0 && talk.mode !== 'chunk';
  }

  begin(): TlsFollower {
    const talk = this.#talk;
    // Where commands may be missing, only the port can tell how it began.
    const begin: TlsSummary['begin'] = talk.starttlsSaid || (talk.unseenCommands && !talk.tlsAtOnce) ? 'starttls' : 'from-start';
    talk.mode = talk.mode === 'lost' ? 'lost' : 'tls';
    talk.queue.keepOnly('STARTTLS');
    if (begin === 'starttls') talk.stages.reach('starttls', momentOf(this.#last));
    this.#tls ??= this.#options.openTls(talk.client, begin, this.#listener());
    return this.#tls;
  }

  #listener(): TlsListener {
    const { events } = this.#talk;
    return {
      add: (event) => void events.add(event),
      isLast: (event) => events.last() === event,
      leave: (side, bytes, from, end, at) => this.#leaveTls(side, bytes, from, end, at),
      plain: (side, bytes, start, end, at) => this.#readInside().octets(side, bytes, start, end, at),
      plainGap: (side, length, at) => this.#readInside().gap(side, length, at),
    };
  }

  #readInside(): InsideTls {
    if (this.#inside) return this.#inside;
    this.#client.stayInTls();
    this.#inside = new InsideTls(this.#talk);
    return this.#inside;
  }

  /** What follows is no TLS: it is read as text again, and counts where it reads as SMTP. */
  #leaveTls(side: Side, bytes: Uint8Array, from: number, end: number, at: ArrivalView): void {
    const talk = this.#talk;
    const last = talk.events.last();
    if (last?.kind === 'tls' && last.what === 'not-tls' && last.side === side) last.octets += end - from;
    else talk.events.add({ kind: 'tls', side, what: 'not-tls', at: momentOf(at), octets: end - from, text: null });
    if (side === talk.client) {
      if (talk.mode !== 'lost') talk.mode = 'uncertain';
      this.#client.leaveTls();
      this.#client.octets(bytes, from, end, at);
    } else {
      this.#server.leaveTls();
      this.#server.octets(bytes, from, end, at);
    }
  }

  finish(): SmtpDialogue {
    const talk = this.#talk;
    this.#release(null);
    const tls = this.#tls?.finish() ?? null;
    this.#inside?.finish(this.#last);
    this.#server.clientSpeaks();
    this.#client.finish(this.#last);
    this.#server.finish(this.#last);
    settleAlone(talk);
    return sealDialogue(talk, tls, this.#tls?.lastRecordUs ?? 0, this.#isSmtp(tls !== null));
  }

  #isSmtp(hasTls: boolean): boolean {
    const talk = this.#talk;
    if (talk.spokeSmtp) return true;
    const onMailPort = MAIL_PORTS.includes(this.#options.serverPort);
    if (talk.knowsVerbs && onMailPort) return true;
    if (hasTls && (onMailPort || talk.starttlsSaid)) return true;
    const { greeting } = talk;
    if (!greeting) return onMailPort && talk.acceptedAny;
    return onMailPort || greeting.lines.some((line) => /\bE?SMTP\b|\bLMTP\b/i.test(line));
  }
}
